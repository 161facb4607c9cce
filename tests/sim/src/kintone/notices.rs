//! The payloads of webhooks.

use serde_json::{Map, Value, json};

use super::app::Comment;
use super::changes::Changes;
use super::render;
use super::scope::Scope;
use super::values::temporal::to_second;
use super::world::World;
use crate::form::FieldType;
use crate::record::Record;
use crate::spec::WebhookEvent;
use crate::webhook::Notice;

/// Notes that a record was added or changed, or its status.
pub fn record(world: &World, scope: &Scope, changes: &mut Changes, app: u64, id: u64, event: WebhookEvent) {
    let Some(mut body) = begin(world, scope, app, event) else { return };
    let Some(held) = world.apps.get(&app) else { return };
    let Some(record) = held.records().get(&id) else { return };
    let told = serde_json::from_slice(&render::whole(&held.rules, record)).unwrap_or_default();
    body.insert("record".to_owned(), told);
    body.insert("recordTitle".to_owned(), title(world, app, record).into());
    body.insert("url".to_owned(), format!("{}{}/show#record={id}", world.base_url, held.screen_path()).into());
    changes.notices.push(Notice { app, event, body });
}

/// Notes that a record was deleted.
pub fn deleted(world: &World, scope: &Scope, changes: &mut Changes, app: u64, id: u64) {
    let event = WebhookEvent::DeleteRecord;
    let Some(mut body) = begin(world, scope, app, event) else { return };
    body.insert("recordId".to_owned(), id.to_string().into());
    body.insert("deletedBy".to_owned(), scope.person(world));
    body.insert("deletedAt".to_owned(), to_second(scope.now).into());
    changes.notices.push(Notice { app, event, body });
}

/// Notes that a comment was written.
pub fn commented(world: &World, scope: &Scope, changes: &mut Changes, app: u64, id: u64, comment: &Comment) {
    let event = WebhookEvent::AddRecordComment;
    let Some(mut body) = begin(world, scope, app, event) else { return };
    let Some(held) = world.apps.get(&app) else { return };
    let url = format!("{}{}/show#record={id}&comment={}", world.base_url, held.screen_path(), comment.id);
    body.insert("recordId".to_owned(), id.to_string().into());
    body.insert("comment".to_owned(), tell_comment(comment));
    body.insert("url".to_owned(), url.into());
    changes.notices.push(Notice { app, event, body });
}

/// A comment as the API and webhooks tell it. The text comes back with a blank at its end.
pub fn tell_comment(comment: &Comment) -> Value {
    json!({
        "id": comment.id.to_string(),
        "text": format!("{} ", comment.text),
        "createdAt": to_second(comment.created_at),
        "creator": comment.creator,
        "mentions": comment.mentions,
    })
}

/// The keys that all payloads share; none where nobody listens, so that nothing is made in vain.
fn begin(world: &World, scope: &Scope, app: u64, event: WebhookEvent) -> Option<Map<String, Value>> {
    let heard = world.webhooks.iter().any(|hook| hook.app == app && hook.events.contains(&event));
    if !heard || !scope.tells_webhooks {
        return None;
    }
    let name = world.apps.get(&app)?.live.name.as_str();
    let mut body = Map::new();
    body.insert("type".to_owned(), serde_json::to_value(event).ok()?);
    body.insert("app".to_owned(), json!({ "id": app.to_string(), "name": name }));
    Some(body)
}

/// What stands for a record on the screen: the first text field, else the record number.
fn title(world: &World, app: u64, record: &Record) -> String {
    let Some(app) = world.apps.get(&app) else { return String::new() };
    let chosen = app.live.others.get("titleField").and_then(|field| field.get("code")).and_then(Value::as_str);
    let automatic = || app.form.first_of(FieldType::SingleLineText).map(|field| field.code.as_ref());
    chosen
        .or_else(automatic)
        .and_then(|code| record.text(code))
        .filter(|text| !text.is_empty())
        .map_or_else(|| app.form.record_number(record.id), str::to_owned)
}
