//! The ways to targets: a webhook, a record of a kintone app, a topic of SNS.

use std::sync::Arc;

use model::notice::{Target, Told, Way};
use model::ports::{Credential, Messenger, Recorder, Topics, Vault};
use serde_json::Value as Json;

/// What sends notices.
#[derive(Clone)]
pub struct Senders {
    /// URLs of webhooks and credentials of apps, below `notify/`.
    pub vault: Arc<dyn Vault>,
    /// Webhooks.
    pub messenger: Arc<dyn Messenger>,
    /// Records of kintone apps.
    pub recorder: Arc<dyn Recorder>,
    /// Topics of SNS; `None` where there is no SNS.
    pub topics: Option<Arc<dyn Topics>>,
}

impl Senders {
    /// Sends a notice to a target. The error holds no secret.
    pub async fn send(&self, target: &Target, told: &Told<'_>) -> Result<(), String> {
        match &target.way {
            Way::Slack { credential } => self.post(credential, &told.slack()).await,
            Way::Teams { credential } => self.post(credential, &told.teams()).await,
            Way::Kintone(place) => {
                let credential = self.credential(&place.credential).await?;
                self.recorder.record(place, &credential, told).await.map_err(|e| e.to_string())
            }
            Way::Sns { topic } => {
                let topics = self.topics.as_ref().ok_or("there is no SNS here; set AWS_ENDPOINT_URL_SNS")?;
                topics.publish(topic, &told.subject(), &told.text()).await.map_err(|e| e.to_string())
            }
        }
    }

    async fn post(&self, credential: &str, body: &Json) -> Result<(), String> {
        let Credential::Webhook { url } = self.credential(credential).await? else {
            return Err("the vault holds no URL of a webhook".into());
        };
        self.messenger.post(&url, body).await.map_err(|e| e.to_string())
    }

    async fn credential(&self, name: &str) -> Result<Credential, String> {
        self.vault.credential(name).await.map_err(|e| e.to_string())
    }
}
