//! Credentials in Secrets Manager, one secret each, as the JSON of `model::ports::Credential`.

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::DisplayErrorContext;
use model::ports::{Credential, Vault, VaultError};

/// A [`Vault`] in Secrets Manager.
#[derive(Clone)]
pub struct SecretsVault {
    client: Client,
    prefix: String,
}

impl SecretsVault {
    /// Secrets whose names are `prefix` and the credential's name. The role reaches no others.
    pub fn new(client: Client, prefix: impl Into<String>) -> Self {
        Self { client, prefix: prefix.into() }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[async_trait]
impl Vault for SecretsVault {
    async fn credential(&self, name: &str) -> Result<Credential, VaultError> {
        let answer = self.client.get_secret_value().secret_id(self.name(name)).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(e) if e.as_service_error().is_some_and(|e| e.is_resource_not_found_exception()) => {
                return Err(VaultError::Missing(name.to_owned()));
            }
            Err(e) => return Err(VaultError::Unavailable(DisplayErrorContext(&e).to_string())),
        };
        // serde's message may quote the text, so it is dropped.
        let text = answer.secret_string().unwrap_or_default();
        serde_json::from_str(text).map_err(|_| VaultError::Malformed(name.to_owned()))
    }

    async fn put(&self, name: &str, credential: &Credential) -> Result<(), VaultError> {
        let text = serde_json::to_string(credential).map_err(|_| VaultError::Malformed(name.to_owned()))?;
        let put = self.client.put_secret_value().secret_id(self.name(name)).secret_string(&text).send().await;
        let Err(error) = put else { return Ok(()) };
        if !error.as_service_error().is_some_and(|e| e.is_resource_not_found_exception()) {
            return Err(VaultError::Unavailable(DisplayErrorContext(&error).to_string()));
        }
        let made = self.client.create_secret().name(self.name(name)).secret_string(&text).send().await;
        made.map(|_| ()).map_err(|e| VaultError::Unavailable(DisplayErrorContext(&e).to_string()))
    }
}
