//! Status and assignees of records.

use serde_json::{Value, json};

use super::Answer;
use super::write::RECORDS_AT_MOST;
use crate::kintone::catalogue::BAD_JSON;
use crate::kintone::changes::Changes;
use crate::kintone::edit::Edit;
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::notices;
use crate::kintone::params::Params;
use crate::kintone::scope::Scope;
use crate::kintone::status::{self, Action};
use crate::kintone::text::Text;
use crate::kintone::world::World;
use crate::spec::{Right, WebhookEvent};

/// The most assignees of a record.
const ASSIGNEES_AT_MOST: usize = 100;

const WRONG_COUNT: Text = Text::fixed(
    "一度に1件から100件までのレコードのステータスを更新できます。",
    "Between 1 and 100 records can be updated at one time.",
);
const TOO_MANY_ASSIGNEES: Text =
    Text::fixed("作業者は100人まで指定できます。", "A maximum of 100 assignees can be specified.");

/// `PUT record/status.json`.
pub fn status(world: &mut World, changes: &mut Changes, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "id", "action"])?;
    let app = params.id("app")?;
    scope.allow_records(world, app, Right::Edit)?;
    let asked = action(params)?;
    let revision = status::run(&mut Edit::begin(world, changes, scope, app)?, &asked)?;
    notices::record(world, scope, changes, app, asked.id, WebhookEvent::UpdateStatus);
    Ok(json!({ "revision": revision.to_string() }).into())
}

/// `PUT records/status.json`.
pub fn statuses(world: &mut World, changes: &mut Changes, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "records"])?;
    let app = params.id("app")?;
    scope.allow_records(world, app, Right::Edit)?;
    let records = params.list("records")?.unwrap_or_default();
    if !(1..=RECORDS_AT_MOST).contains(&records.len()) {
        return Err(ApiError::invalid_at("records", WRONG_COUNT));
    }
    let mut edit = Edit::begin(world, changes, scope, app)?;
    let mut told = Vec::with_capacity(records.len());
    for record in records {
        let params = Params::from_value(record)?;
        params.require(&["id", "action"])?;
        let asked = action(&params)?;
        let revision = status::run(&mut edit, &asked)?;
        told.push(json!({ "id": asked.id.to_string(), "revision": revision.to_string() }));
    }
    Ok(json!({ "records": told }).into())
}

/// `PUT record/assignees.json`.
pub fn assignees(world: &mut World, changes: &mut Changes, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    params.require(&["app", "id", "assignees"])?;
    let (app, id) = (params.id("app")?, params.id("id")?);
    scope.allow_records(world, app, Right::Edit)?;
    let named = params.list("assignees")?.unwrap_or_default();
    if named.len() > ASSIGNEES_AT_MOST {
        return Err(ApiError::invalid_at("assignees", TOO_MANY_ASSIGNEES));
    }
    let logins = named.iter().map(|login| login.as_str().map(str::to_owned).ok_or(BAD_JSON));
    let logins = logins.collect::<ApiResult<Vec<_>>>()?;
    let mut edit = Edit::begin(world, changes, scope, app)?;
    let revision = status::set_assignees(&mut edit, id, &logins, params.revision()?)?;
    Ok(json!({ "revision": revision.to_string() }).into())
}

fn action(params: &Params) -> ApiResult<Action> {
    Ok(Action {
        id: params.id("id")?,
        action: params.get("action").and_then(Value::as_str).ok_or(BAD_JSON)?.to_owned(),
        assignee: params.text("assignee")?,
        revision: params.revision()?,
    })
}
