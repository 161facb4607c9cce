//! The way to a unit's kintone: its connection and its credential, as the stored unit names them.

use connect::kintone::{Connection, Credential, Kintone, Secret};
use model::catalogue::{self, Code};
use model::ports::{Credential as Stored, Login};
use model::unit::{self, Unit};

use crate::Deps;

/// A unit's kintone.
pub struct Outside {
    /// The client.
    pub kintone: Kintone,
}

/// Why there is no way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OutsideError(pub String);

impl OutsideError {
    /// Its entry in the catalogue.
    pub fn code(&self) -> Code {
        catalogue::CONNECTION_INVALID
    }
}

impl Outside {
    /// Opens it. Makes no call yet.
    pub async fn open(deps: &Deps, unit: &Unit) -> Result<Self, OutsideError> {
        let stored = deps.ledger.connection(&unit.domain, &unit.connection).await;
        let stored = stored.map_err(|e| OutsideError(e.to_string()))?;
        let stored = stored.ok_or_else(|| OutsideError(format!("no connection named {:?}", unit.connection)))?;
        let credential = deps.vault.credential(&stored.credential).await.map_err(|e| OutsideError(e.to_string()))?;
        let kintone = deps.connector.open(connection(&stored, &credential));
        Ok(Self { kintone: kintone.map_err(|e| OutsideError(e.to_string()))? })
    }
}

/// A stored connection with its credential, as the client takes it.
pub fn connection(stored: &unit::Connection, credential: &Stored) -> Connection {
    let (who, basic) = match credential {
        Stored::Tokens { tokens, basic } => {
            (Credential::ApiTokens(tokens.iter().map(|t| Secret::new(t.clone())).collect()), basic)
        }
        Stored::Password { login, basic } => (Credential::password(login.name.clone(), login.password.clone()), basic),
    };
    let mut connection = Connection::new(stored.base_url.clone(), who);
    if let Some(space) = stored.guest_space {
        connection = connection.in_guest_space(space);
    }
    if let Some(Login { name, password }) = basic {
        connection = connection.with_basic(name.clone(), password.clone());
    }
    connection
}
