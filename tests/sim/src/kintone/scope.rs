//! Who calls, from where and when: what a call's work needs to know besides its parameters.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::app::App;
use super::catalogue;
use super::error::ApiResult;
use super::world::World;
use crate::spec::Right;

/// The caller, after authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A user by password.
    User(String),
    /// API tokens.
    Tokens(Vec<String>),
}

/// The circumstances of a call.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Who calls.
    pub caller: Caller,
    /// The guest space of the path.
    pub guest_space: Option<u64>,
    /// The simulator's time.
    pub now: Timestamp,
    /// Whether the call acts on single records and so tells webhooks; parts of a bulkRequest never do.
    pub tells_webhooks: bool,
}

/// The time zone of callers that have set none.
pub fn default_zone() -> TimeZone {
    TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC)
}

impl Scope {
    /// Fails unless the app can be reached by this path and the caller holds one of the rights in it.
    pub fn allow<'w>(&self, world: &'w World, app: u64, any_of: &[Right]) -> ApiResult<&'w App> {
        let held = world.app(app)?;
        self.check_path(held)?;
        match &self.caller {
            Caller::User(login) => {
                if !any_of.iter().any(|right| world.user_may(login, app, *right)) {
                    return Err(catalogue::NO_PRIVILEGE);
                }
            }
            Caller::Tokens(tokens) => {
                let token = tokens.iter().filter_map(|token| world.tokens.get(token)).find(|token| token.app == app);
                let token = token.filter(|_| held.deployed).ok_or(catalogue::BAD_TOKEN)?;
                if !any_of.iter().any(|right| token.rights.contains(right)) {
                    return Err(catalogue::TOKEN_LACKS_RIGHT);
                }
            }
        }
        Ok(held)
    }

    /// The same for work on records, which an app has only once it was deployed.
    pub fn allow_records<'w>(&self, world: &'w World, app: u64, right: Right) -> ApiResult<&'w App> {
        let held = self.allow(world, app, &[right])?;
        if held.deployed { Ok(held) } else { Err(catalogue::no_app(app)) }
    }

    /// Whether the caller holds a right, without failing.
    pub fn may(&self, world: &World, app: u64, right: Right) -> bool {
        self.allow(world, app, &[right]).is_ok()
    }

    fn check_path(&self, app: &App) -> ApiResult<()> {
        match (app.guest_space, self.guest_space) {
            (None, None) => Ok(()),
            (Some(_), None) => Err(catalogue::GUEST_PATH_NEEDED),
            (lies_in, asked) if lies_in == asked => Ok(()),
            _ => Err(catalogue::NO_PRIVILEGE),
        }
    }

    /// The login of a user, none for tokens.
    pub fn login(&self) -> Option<&str> {
        match &self.caller {
            Caller::User(login) => Some(login),
            Caller::Tokens(_) => None,
        }
    }

    /// The caller as records tell it. Writes by token are shown as the administrator's.
    pub fn person(&self, world: &World) -> Value {
        self.login()
            .map_or_else(|| json!({ "code": "Administrator", "name": "Administrator" }), |login| world.entity(login))
    }

    /// The caller's time zone.
    pub fn zone(&self, world: &World) -> TimeZone {
        self.login()
            .and_then(|login| world.users.get(login)?.zone.as_deref())
            .and_then(|name| TimeZone::get(name).ok())
            .unwrap_or_else(default_zone)
    }
}
