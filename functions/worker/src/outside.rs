//! The way to a unit's kintone: its connection and its credential, as the stored unit names them.

use connect::kintone::{Connection, Kintone};
use model::ports::{Credential as Stored, VaultError};
use model::unit::{self, Unit};

use crate::Deps;

/// A unit's kintone.
pub struct Outside {
    /// The client.
    pub kintone: Kintone,
}

/// Why there is no way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutsideError {
    /// Somebody has to mend the connection or its credential.
    #[error("{0}")]
    Invalid(String),
    /// The store or the vault does not answer at this moment.
    #[error("{0}")]
    Later(String),
}

impl From<VaultError> for OutsideError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Unavailable(_) => Self::Later(error.to_string()),
            VaultError::Missing(_) | VaultError::Malformed(_) => Self::Invalid(error.to_string()),
        }
    }
}

impl Outside {
    /// Opens it. Makes no call yet.
    pub async fn open(deps: &Deps, unit: &Unit) -> Result<Self, OutsideError> {
        let stored = deps.ledger.connection(&unit.domain, &unit.connection).await;
        let stored = stored.map_err(|e| OutsideError::Later(e.to_string()))?;
        let unknown = || OutsideError::Invalid(format!("no connection named {:?}", unit.connection));
        let stored = stored.ok_or_else(unknown)?;
        let credential = deps.vault.credential(&stored.credential).await?;
        let kintone = deps.connector.open(connection(&stored, &credential));
        Ok(Self { kintone: kintone.map_err(|e| OutsideError::Invalid(e.to_string()))? })
    }
}

/// A stored connection with its credential, as the client takes it.
pub fn connection(stored: &unit::Connection, credential: &Stored) -> Connection {
    Connection::stored(&stored.base_url, stored.guest_space, credential)
}
