//! The other ports: nudges and credentials.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::ids::UnitId;
use crate::notice::{RecordPlace, Told};

/// A nudge: "look at this unit". It carries no truth; a lost, late or doubled one changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Nudge {
    /// Version of this form: 1.
    pub v: u8,
    /// The domain of the unit.
    pub domain: String,
    /// The unit.
    pub unit: UnitId,
    /// Whether to look at the domain's scheduled runs instead; the unit is then one that fell due.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scheduled: bool,
}

impl Nudge {
    /// A nudge for a unit.
    pub fn new(domain: impl Into<String>, unit: UnitId) -> Self {
        Self { v: 1, domain: domain.into(), unit, scheduled: false }
    }

    /// A nudge for the scheduled runs of a domain.
    pub fn scheduled(domain: impl Into<String>, unit: UnitId) -> Self {
        Self { scheduled: true, ..Self::new(domain, unit) }
    }

    /// Nudges of one group are handled one at a time, in order: those of a unit, and those of a domain's scheduled runs.
    pub fn group(&self) -> String {
        if self.scheduled { format!("schedule#{}", self.domain) } else { self.unit.to_string() }
    }
}

/// Why a nudge was not sent. The sweep sends it later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue does not take the nudge: {0}")]
pub struct NudgeError(pub String);

/// Sends nudges. Nudges of one [group](Nudge::group) are handled one at a time, in order.
#[async_trait]
pub trait Nudges: Send + Sync {
    /// Sends one, under a fresh deduplication id.
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError>;
}

/// A queue whose received messages can be hidden for a while: what parking and renewing need of it.
#[async_trait]
pub trait Hide: Send + Sync {
    /// Hides a received message for `length` from now. A failure is logged: the message comes back all the same, only earlier.
    async fn hide(&self, handle: &str, length: Duration);
}

/// What opens a kintone domain. Prints as `***`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credential {
    /// API tokens: one per app, at most nine in a request.
    Tokens {
        /// The tokens.
        tokens: Vec<String>,
        /// Basic authentication in front.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basic: Option<Login>,
    },
    /// A login name and its password.
    Password {
        /// Who.
        login: Login,
        /// Basic authentication in front.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basic: Option<Login>,
    },
    /// The URL of a webhook that notices are sent to: who knows it can write there. It opens no kintone.
    Webhook {
        /// The URL.
        url: String,
    },
}

/// A name and a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Why a credential is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is none of that name.
    #[error("no credential named {0:?}")]
    Missing(String),
    /// It does not have the expected form; the text never holds the secret.
    #[error("the credential named {0:?} cannot be read")]
    Malformed(String),
    /// The vault does not answer.
    #[error("the vault does not answer: {0}")]
    Unavailable(String),
}

/// Why a message was not delivered. The text does not hold the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is not delivered: {0}")]
pub struct MessageError(pub String);

/// Sends messages to webhooks.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Posts JSON; anything but a success is an error.
    async fn post(&self, url: &str, body: &serde_json::Value) -> Result<(), MessageError>;
}

/// Writes notices as records of a kintone app.
#[async_trait]
pub trait Recorder: Send + Sync {
    /// Writes the record, or finds that it is there already. Takes what the app's form has now.
    async fn record(&self, place: &RecordPlace, credential: &Credential, told: &Told<'_>) -> Result<(), MessageError>;
}

/// Publishes messages on topics of SNS.
#[async_trait]
pub trait Topics: Send + Sync {
    /// Publishes a message. The subject is up to 100 characters of printable ASCII.
    async fn publish(&self, topic: &str, subject: &str, message: &str) -> Result<(), MessageError>;
}

/// Keeps credentials. Only the worker (and the administrator's tools) hold this port.
#[async_trait]
pub trait Vault: Send + Sync {
    /// The credential of that name.
    async fn credential(&self, name: &str) -> Result<Credential, VaultError>;

    /// Stores or replaces it.
    async fn put(&self, name: &str, credential: &Credential) -> Result<(), VaultError>;
}
