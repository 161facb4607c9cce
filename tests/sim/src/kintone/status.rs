//! Process management: the first assignee of a record, and the actions that move it on.

use serde_json::{Value, json};

use super::edit::Edit;
use super::error::{ApiError, ApiResult};
use super::params::PARAMETER_REQUIRED;
use super::world::World;
use super::{catalogue, select};
use crate::form::{FieldType, Form};
use crate::record::{Fields, Record};

/// How much a status change by the API adds to the revision.
const REVISIONS_PER_CHANGE: u64 = 2;

/// Gives a new record the assignee of the first status.
pub fn assign_first(world: &World, app: u64, form: &Form, creator: &Value, fields: &mut Fields) {
    let Some(first) = form.statuses.first() else { return };
    let Some(field) = form.first_of(FieldType::StatusAssignee) else { return };
    let Some(app) = world.apps.get(&app) else { return };
    let assignees = match state(&app.live.states, first) {
        Some(state) => candidates(world, &state["assignee"], creator),
        None => Vec::new(),
    };
    fields.insert(field.code.clone(), assignees.into());
}

/// What is asked of one record.
#[derive(Debug)]
pub struct Action {
    /// The record.
    pub id: u64,
    /// The action's name.
    pub action: String,
    /// The next assignee's login.
    pub assignee: Option<String>,
    /// The revision to check against.
    pub revision: Option<u64>,
}

/// Runs an action on a record and returns the new revision.
pub fn run(edit: &mut Edit<'_>, asked: &Action) -> ApiResult<u64> {
    let app = edit.world.app(edit.app)?;
    let form = app.form.clone();
    if !form.has_process() {
        return Err(catalogue::PROCESS_OFF);
    }
    let record = app.records().get(&asked.id).ok_or_else(|| catalogue::no_record(asked.id))?.clone();
    edit.check_revision(&record, asked.revision)?;
    let (Some(status_field), Some(assignee_field)) =
        (form.first_of(FieldType::Status), form.first_of(FieldType::StatusAssignee))
    else {
        return Err(catalogue::PROCESS_OFF);
    };
    let current = record.text(&status_field.code).unwrap_or_default().to_owned();
    let target = target_of(edit, &record, &current, &asked.action)?;
    check_assignee(edit, &record, &assignee_field.code)?;
    let next = next_assignees(edit, &record, &target, asked.assignee.as_deref())?;
    let mut record = record;
    let revision = record.revision + REVISIONS_PER_CHANGE;
    record.revision = revision;
    record.fields.insert(status_field.code.clone(), target.into());
    record.fields.insert(assignee_field.code.clone(), next.into());
    edit.store_stamped(record);
    Ok(revision)
}

/// Sets the assignees of a record and returns the new revision.
pub fn set_assignees(edit: &mut Edit<'_>, id: u64, logins: &[String], revision: Option<u64>) -> ApiResult<u64> {
    let app = edit.world.app(edit.app)?;
    let form = app.form.clone();
    if !form.has_process() {
        return Err(catalogue::PROCESS_OFF);
    }
    let mut record = app.records().get(&id).ok_or_else(|| catalogue::no_record(id))?.clone();
    edit.check_revision(&record, revision)?;
    let assignees: Vec<Value> = logins.iter().map(|login| edit.world.entity(login)).collect();
    if let Some(field) = form.first_of(FieldType::StatusAssignee) {
        record.fields.insert(field.code.clone(), assignees.into());
    }
    record.revision += 1;
    let revision = record.revision;
    edit.store_stamped(record);
    Ok(revision)
}

/// The status to which the action leads from the current one, where its condition holds for the record.
fn target_of(edit: &Edit<'_>, record: &Record, current: &str, name: &str) -> ApiResult<String> {
    let app = edit.world.app(edit.app)?;
    let actions = app.live.actions.as_array().map_or(&[][..], Vec::as_slice);
    actions
        .iter()
        .filter(|action| action["name"] == name && action["from"] == current)
        .find(|action| {
            let condition = action["filterCond"].as_str().unwrap_or("");
            select::holds(edit.world, edit.scope, app, condition, record)
        })
        .and_then(|action| action["to"].as_str())
        .map(str::to_owned)
        .ok_or(catalogue::STATUS_NOT_POSSIBLE)
}

/// Where a record has assignees, only they may act. Writes by token act as the administrator.
fn check_assignee(edit: &Edit<'_>, record: &Record, code: &str) -> ApiResult<()> {
    let Some(login) = edit.scope.login() else { return Ok(()) };
    let assignees = record.rows(code);
    if assignees.is_empty() || assignees.iter().any(|assignee| assignee["code"] == login) {
        Ok(())
    } else {
        Err(catalogue::NOT_ASSIGNEE)
    }
}

fn next_assignees(edit: &Edit<'_>, record: &Record, target: &str, named: Option<&str>) -> ApiResult<Vec<Value>> {
    let app = edit.world.app(edit.app)?;
    let Some(state) = state(&app.live.states, target) else { return Ok(Vec::new()) };
    let creator = app.form.first_of(FieldType::Creator).and_then(|field| record.value(&field.code)).cloned();
    let candidates = candidates(edit.world, &state["assignee"], &creator.unwrap_or(Value::Null));
    match (state["assignee"]["type"].as_str(), named) {
        (_, Some(login)) => Ok(vec![edit.world.entity(login)]),
        (Some("ALL" | "ANY"), None) => Ok(candidates),
        (_, None) if candidates.is_empty() => Ok(Vec::new()),
        (_, None) => Err(ApiError::invalid_at("assignee", PARAMETER_REQUIRED)),
    }
}

fn state<'s>(states: &'s Value, name: &str) -> Option<&'s Value> {
    let states = states.as_object()?;
    states.get(name).or_else(|| states.values().find(|state| state["name"] == name))
}

/// The people that a state's assignee setting names: users by code, the creator by field.
fn candidates(world: &World, assignee: &Value, creator: &Value) -> Vec<Value> {
    // A state without the setting means: one person, the creator.
    let Some(entities) = assignee.get("entities").and_then(Value::as_array) else {
        return if creator.is_null() { Vec::new() } else { vec![creator.clone()] };
    };
    entities
        .iter()
        .filter_map(|entry| {
            let entity = entry.get("entity").unwrap_or(entry);
            match entity["type"].as_str() {
                Some("FIELD_ENTITY" | "CREATOR") => Some(creator.clone()).filter(|creator| !creator.is_null()),
                _ => Some(world.entity(entity["code"].as_str()?)),
            }
        })
        .collect()
}

/// Process management as `app/status.json` tells it.
pub fn tell(settings: &super::settings::Settings) -> Value {
    let on = settings.form.has_process();
    json!({
        "enable": on,
        "states": if settings.states.is_null() { Value::Null } else { settings.states.clone() },
        "actions": settings.actions,
        "revision": settings.revision.to_string(),
    })
}
