//! What tests and people tell the simulator: apps, tokens, users, webhooks, in the form of the control endpoint's JSON
//! and of the Rust handle alike.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An app to be made, at once deployed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AppSpec {
    /// The name; empty gives `App N`.
    pub name: String,
    /// The id; the next free one where absent.
    pub id: Option<u64>,
    /// The app code, which prefixes record numbers.
    pub code: Option<String>,
    /// The guest space that the app lies in; a normal app where absent.
    pub guest_space: Option<u64>,
    /// The language of the default codes of system fields: `ja` (the default) or `en`.
    pub lang: Option<String>,
    /// The fields, as kintone's `properties`: code to `{"type", "label", ...}`.
    pub fields: Map<String, Value>,
    /// `{"digits","decimalPlaces","roundingMode"}`; kintone's defaults (16, 4, HALF_EVEN) where absent.
    pub number_precision: Option<Value>,
    /// Process management, as kintone's `app/status.json`: `{"enable","states","actions"}`; off where absent.
    pub process: Option<Value>,
}

impl AppSpec {
    /// An app of that name without fields.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds a field by its `properties` entry, for example `json!({"type": "NUMBER", "unique": true})`.
    #[must_use]
    pub fn field(mut self, code: &str, properties: Value) -> Self {
        self.fields.insert(code.to_owned(), properties);
        self
    }
}

/// What a token or a user may do in an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Read records.
    View,
    /// Add records.
    Add,
    /// Change records.
    Edit,
    /// Delete records.
    Delete,
    /// Manage the app's settings.
    Admin,
}

/// All rights.
pub const ALL_RIGHTS: [Right; 5] = [Right::View, Right::Add, Right::Edit, Right::Delete, Right::Admin];

/// An API token to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenSpec {
    /// The app that the token belongs to.
    pub app: u64,
    /// Its rights.
    pub rights: Vec<Right>,
    /// The token itself; 40 random characters where absent.
    #[serde(default)]
    pub token: Option<String>,
}

/// A user to be made. Users have every right in every app unless `rights` says otherwise.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserSpec {
    /// The login name, which is the user's code.
    pub login: String,
    /// The password; a user without one cannot log in, but can be named in records.
    #[serde(default)]
    pub password: Option<String>,
    /// The display name; the login where absent.
    #[serde(default)]
    pub name: Option<String>,
    /// The time zone, for example `America/New_York`; `Asia/Tokyo` where absent.
    #[serde(default)]
    pub zone: Option<String>,
    /// The code of the organization that `PRIMARY_ORGANIZATION()` stands for.
    #[serde(default)]
    pub organization: Option<String>,
    /// Rights by app id; absent means all rights everywhere, an app that is not listed none.
    #[serde(default)]
    pub rights: Option<std::collections::BTreeMap<u64, Vec<Right>>>,
}

impl UserSpec {
    /// A user with a password and every right.
    pub fn new(login: &str, password: &str) -> Self {
        Self { login: login.to_owned(), password: Some(password.to_owned()), ..Self::default() }
    }
}

/// An event that a webhook can report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WebhookEvent {
    /// A record was added.
    AddRecord,
    /// A record was changed.
    UpdateRecord,
    /// A record was deleted.
    DeleteRecord,
    /// A record's status was changed.
    UpdateStatus,
    /// A comment was written.
    AddRecordComment,
}

/// All events.
pub const ALL_EVENTS: [WebhookEvent; 5] = [
    WebhookEvent::AddRecord,
    WebhookEvent::UpdateRecord,
    WebhookEvent::DeleteRecord,
    WebhookEvent::UpdateStatus,
    WebhookEvent::AddRecordComment,
];

/// A webhook of an app.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookSpec {
    /// The app.
    pub app: u64,
    /// Where to send to.
    pub url: String,
    /// What to send; all events where absent.
    #[serde(default = "every_event")]
    pub events: Vec<WebhookEvent>,
}

fn every_event() -> Vec<WebhookEvent> {
    ALL_EVENTS.to_vec()
}

/// How the ids of generated records lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdPattern {
    /// One after the other.
    #[default]
    Dense,
    /// In runs and gaps of random length, as deletions leave them; of `idStep` ids one is filled on average.
    Sparse,
}

/// Records to be generated, quickly and many. In every text of the template `{n}` becomes the running number from 1,
/// `{id}` the record's id, `{n%7}` the running number modulo 7 and `{r100}` a pseudo-random number below 100.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Generate {
    /// The app.
    pub app: u64,
    /// How many records.
    pub count: u64,
    /// How the ids lie.
    #[serde(default)]
    pub ids: IdPattern,
    /// The mean distance of ids: with `dense` the exact one. 0 counts as 1 (`dense`) or 10 (`sparse`).
    #[serde(default)]
    pub id_step: u64,
    /// Seeds gaps and random numbers: one seed, one result.
    #[serde(default)]
    pub seed: u64,
    /// A record in kintone's write shape (`{code: {"value": ...}}`), stored as it stands without rules being checked.
    #[serde(default)]
    pub template: Map<String, Value>,
}
