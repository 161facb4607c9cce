//! The domain's users, organisations and groups (`/v1/users.json` and the like): for those who log in, not for API tokens.

use serde_json::{Value, json};

use super::Answer;
use crate::kintone::catalogue::NO_PRIVILEGE;
use crate::kintone::error::ApiResult;
use crate::kintone::params::Params;
use crate::kintone::route::Op;
use crate::kintone::scope::{Caller, Scope};
use crate::kintone::world::World;

/// Members of one answer at most, and without a size.
const MOST: u64 = 100;

/// A page of members.
pub fn list(world: &World, scope: &Scope, op: Op, params: &Params) -> ApiResult<Answer> {
    if !matches!(scope.caller, Caller::User(_)) {
        return Err(NO_PRIVILEGE);
    }
    let (name, all): (&str, Vec<Value>) = match op {
        Op::GetUsers => {
            let user = |(index, login): (usize, &String)| {
                let valid = !world.disabled_users.contains(login);
                json!({ "id": (index + 1).to_string(), "code": login, "name": world.entity(login)["name"], "valid": valid })
            };
            ("users", world.users.keys().enumerate().map(user).collect())
        }
        Op::GetOrganizations => ("organizations", codes(world.organizations.iter())),
        _ => ("groups", codes(world.groups.iter())),
    };
    let (offset, size) = (params.count("offset", 0)?, params.count("size", MOST)?.min(MOST));
    let page: Vec<Value> = all.into_iter().skip(offset as usize).take(size as usize).collect();
    Ok(json!({ name: page }).into())
}

fn codes<'a>(codes: impl Iterator<Item = &'a String>) -> Vec<Value> {
    codes
        .enumerate()
        .map(|(index, code)| json!({ "id": (index + 1).to_string(), "code": code, "name": code }))
        .collect()
}
