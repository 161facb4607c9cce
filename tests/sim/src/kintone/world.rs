//! Everything that the simulated domain holds. One lock guards it, held for the work of a call and never while waiting.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::app::App;
use super::catalogue;
use super::cursors::Cursors;
use super::error::ApiResult;
use super::files::Files;
use crate::spec::{Right, TokenSpec, UserSpec, WebhookSpec};
use crate::switches::Switches;

/// The state of the domain.
#[derive(Debug, Default)]
pub struct World {
    /// Where the domain is reached, for the addresses in webhooks.
    pub base_url: String,
    /// Apps by id.
    pub apps: BTreeMap<u64, App>,
    /// API tokens by their text.
    pub tokens: HashMap<String, TokenSpec>,
    /// Users by login.
    pub users: BTreeMap<String, UserSpec>,
    /// Logins of users who are switched off.
    pub disabled_users: BTreeSet<String>,
    /// Codes of organisations.
    pub organizations: BTreeSet<String>,
    /// Codes of groups.
    pub groups: BTreeSet<String>,
    /// User and password of Basic authentication in front of everything.
    pub basic: Option<(String, String)>,
    /// Live cursors.
    pub cursors: Cursors,
    /// Uploaded and attached files.
    pub files: Files,
    /// Webhooks, in the order in which they were made.
    pub webhooks: Vec<WebhookSpec>,
    /// The switches.
    pub switches: Switches,
    /// The last id given to a table's row: one sequence over the domain.
    pub last_row: u64,
    /// The last app id given.
    pub last_app: u64,
}

impl World {
    /// The app of that id, deployed or not.
    pub fn app(&self, id: u64) -> ApiResult<&App> {
        self.apps.get(&id).ok_or_else(|| catalogue::no_app(id))
    }

    /// The app of that id, to be changed.
    pub fn app_mut(&mut self, id: u64) -> ApiResult<&mut App> {
        self.apps.get_mut(&id).ok_or_else(|| catalogue::no_app(id))
    }

    /// Takes the next app id.
    pub fn next_app(&mut self) -> u64 {
        self.last_app += 1;
        self.last_app
    }

    /// Takes the next row id.
    pub fn next_row(&mut self) -> u64 {
        self.last_row += 1;
        self.last_row
    }

    /// A user as records tell it: `{"code","name"}`; an unknown code is its own name.
    pub fn entity(&self, code: &str) -> Value {
        let name = self.users.get(code).and_then(|user| user.name.as_deref()).unwrap_or(code);
        json!({ "code": code, "name": name })
    }

    /// Whether a user holds a right in an app.
    pub fn user_may(&self, login: &str, app: u64, right: Right) -> bool {
        let Some(user) = self.users.get(login) else { return false };
        user.rights.as_ref().is_none_or(|rights| rights.get(&app).is_some_and(|held| held.contains(&right)))
    }
}
