//! Lookups: a key that is found in the source app fills the mapped fields, an empty one clears them.

use serde_json::{Map, Value, json};

use super::app::App;
use super::catalogue;
use super::error::ApiResult;
use super::params;
use super::scope::Scope;
use super::world::World;
use crate::form::{FieldDef, FieldType, Form};
use crate::record::{Fields, Record};
use crate::spec::Right;

/// Fills what the lookups of a record map. `touched` names the fields that an update sent; absent for a new record, of
/// which every lookup counts.
pub fn fill(
    world: &World,
    scope: &Scope,
    form: &Form,
    fields: &mut Fields,
    touched: Option<&[String]>,
) -> ApiResult<()> {
    let is_touched = |field: &FieldDef| touched.is_none_or(|codes| codes.iter().any(|code| *code == *field.code));
    for field in form.fields.values().filter(|field| is_touched(field)) {
        if let Some(settings) = field.lookup() {
            let key = fields.get(&field.code).cloned().unwrap_or(Value::Null);
            for (target, value) in mapped(world, scope, field, settings, &key)? {
                let kind = form.find(&target).map(|target| target.kind);
                fields.insert(target.as_str().into(), value.unwrap_or_else(|| empty(kind)));
            }
        }
        if field.kind == FieldType::Subtable {
            fill_rows(world, scope, field, fields)?;
        }
    }
    Ok(())
}

fn fill_rows(world: &World, scope: &Scope, table: &FieldDef, fields: &mut Fields) -> ApiResult<()> {
    let lookups: Vec<_> = table.fields.values().filter_map(|field| Some((field, field.lookup()?))).collect();
    let Some(Value::Array(rows)) = fields.get_mut(&table.code) else { return Ok(()) };
    for row in rows.iter_mut().filter(|_| !lookups.is_empty()) {
        for (field, settings) in &lookups {
            let key = row["value"][field.code.as_ref()]["value"].clone();
            for (target, value) in mapped(world, scope, field, settings, &key)? {
                if let Some(inner) = table.fields.get(target.as_str()) {
                    let value = value.unwrap_or_else(|| inner.kind.empty());
                    row["value"][target] = json!({ "type": inner.kind.name(), "value": value });
                }
            }
        }
    }
    Ok(())
}

/// The mapped fields with what they get: `None` clears.
fn mapped(
    world: &World,
    scope: &Scope,
    field: &FieldDef,
    settings: &Map<String, Value>,
    key: &Value,
) -> ApiResult<Vec<(String, Option<Value>)>> {
    let text = key.as_str().unwrap_or("");
    let source = if text.is_empty() { None } else { Some(find(world, scope, field, settings, text)?) };
    let mappings = settings.get("fieldMappings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(mappings
        .iter()
        .filter_map(|mapping| Some((mapping["field"].as_str()?, mapping["relatedField"].as_str()?)))
        .map(|(target, related)| (target.to_owned(), source.and_then(|record| record.value(related)).cloned()))
        .collect())
}

/// The record of the source app with that key. Not to see the source app is the same as not to find the key.
fn find<'w>(
    world: &'w World,
    scope: &Scope,
    field: &FieldDef,
    settings: &Map<String, Value>,
    key: &str,
) -> ApiResult<&'w Record> {
    let missing = || catalogue::lookup_misses(&field.code, key);
    let source = related_app(world, settings).ok_or_else(missing)?;
    if !scope.may(world, source.id, Right::View) {
        return Err(missing());
    }
    let related = settings.get("relatedKeyField").and_then(Value::as_str).unwrap_or("");
    let id = match source.form.find(related).map(|field| field.kind) {
        Some(FieldType::RecordNumber) => key.rsplit('-').next().and_then(|number| number.parse().ok()),
        _ => source.find_unique(related, key),
    };
    id.and_then(|id| source.records().get(&id)).ok_or_else(missing)
}

/// The app that a lookup reads, named by id or by code.
pub fn related_app<'w>(world: &'w World, settings: &Map<String, Value>) -> Option<&'w App> {
    let named = settings.get("relatedApp")?;
    let by_id = named.get("app").and_then(|id| params::integer(id).ok()).and_then(|id| u64::try_from(id).ok());
    match by_id {
        Some(id) => world.apps.get(&id),
        None => {
            let code = named.get("code")?.as_str()?;
            world.apps.values().find(|app| app.live.form.app_code.as_deref() == Some(code))
        }
    }
}

/// The codes that lookups among these fields fill, and that no write can set.
pub fn targets<'f>(fields: impl Iterator<Item = &'f FieldDef>) -> impl Iterator<Item = &'f str> {
    fields
        .filter_map(|field| field.lookup()?.get("fieldMappings")?.as_array())
        .flatten()
        .filter_map(|mapping| mapping["field"].as_str())
}

fn empty(kind: Option<FieldType>) -> Value {
    kind.map_or_else(|| "".into(), FieldType::empty)
}
