//! Adding, changing and deleting records.

use serde_json::{Map, Value, json};

use super::Answer;
use crate::form::FieldType;
use crate::kintone::catalogue::{self, BAD_JSON};
use crate::kintone::changes::Changes;
use crate::kintone::edit::Edit;
use crate::kintone::error::{ApiError, ApiResult};
use crate::kintone::notices;
use crate::kintone::params::{self, PARAMETER_REQUIRED, Params};
use crate::kintone::scope::Scope;
use crate::kintone::text::Text;
use crate::kintone::values::number::{self, Normalised};
use crate::kintone::world::World;
use crate::spec::{Right, WebhookEvent};

/// The most records of one call.
pub const RECORDS_AT_MOST: usize = 100;
/// The longest value of an update key, in characters.
const KEY_AT_MOST: usize = 64;

const TOO_MANY_ADDED: Text =
    Text::fixed("一度に100件までのレコードを追加できます。", "A maximum of 100 records can be added at one time.");
const TOO_MANY_UPDATED: Text =
    Text::fixed("一度に100件までのレコードを更新できます。", "A maximum of 100 records can be updated at one time.");
const WRONG_DELETE_COUNT: Text = Text::fixed(
    "一度に1件から100件までのレコードを削除できます。",
    "Between 1 and 100 records can be deleted at one time.",
);
const NOT_A_KEY: Text = Text::fixed(
    "「値の重複を禁止する」を設定した文字列（1行）または数値のフィールドを指定してください。",
    "Specify a Text or Number field that prohibits duplicate values.",
);
const KEY_TOO_LONG: Text = Text::fixed("64文字以内で指定してください。", "Specify 64 characters or less.");
const KEY_IN_RECORD: Text = Text::fixed(
    "updateKeyに指定したフィールドは、recordに指定できません。",
    "The field specified for updateKey cannot be specified in record.",
);
const ID_OR_KEY: Text =
    Text::fixed("idとupdateKeyは同時に指定できません。", "id and updateKey cannot be specified at the same time.");

/// `POST record.json`.
pub fn add_one(world: &mut World, changes: &mut Changes, scope: &Scope, mut params: Params) -> ApiResult<Answer> {
    let app = params.id("app")?;
    scope.allow_records(world, app, Right::Add)?;
    let record = object(params.take("record"))?;
    let mut edit = Edit::begin(world, changes, scope, app)?;
    let (id, revision) = edit.add(record, None)?;
    edit.finish()?;
    notices::record(world, scope, changes, app, id, WebhookEvent::AddRecord);
    Ok(json!({ "id": id.to_string(), "revision": revision.to_string() }).into())
}

/// `POST records.json`.
pub fn add_many(world: &mut World, changes: &mut Changes, scope: &Scope, mut params: Params) -> ApiResult<Answer> {
    params.require(&["app", "records"])?;
    let app = params.id("app")?;
    scope.allow_records(world, app, Right::Add)?;
    let records = list(params.take("records"))?;
    if records.len() > RECORDS_AT_MOST {
        return Err(ApiError::invalid_at("records", TOO_MANY_ADDED));
    }
    let (mut ids, mut revisions) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
    let mut edit = Edit::begin(world, changes, scope, app)?;
    for (index, record) in records.into_iter().enumerate() {
        let (id, revision) = edit.add(object(Some(record))?, Some(index))?;
        ids.push(id.to_string());
        revisions.push(revision.to_string());
    }
    edit.finish()?;
    Ok(json!({ "ids": ids, "revisions": revisions }).into())
}

/// `PUT record.json`.
pub fn update_one(world: &mut World, changes: &mut Changes, scope: &Scope, params: Params) -> ApiResult<Answer> {
    let app = params.id("app")?;
    scope.allow_records(world, app, Right::Edit)?;
    let mut edit = Edit::begin(world, changes, scope, app)?;
    let done = update(&mut edit, params, None, false)?;
    edit.finish()?;
    notices::record(world, scope, changes, app, done.id, WebhookEvent::UpdateRecord);
    Ok(json!({ "revision": done.revision.to_string() }).into())
}

/// `PUT records.json`, with or without `upsert`.
pub fn update_many(world: &mut World, changes: &mut Changes, scope: &Scope, mut params: Params) -> ApiResult<Answer> {
    params.require(&["app", "records"])?;
    let (app, upsert) = (params.id("app")?, params.flag("upsert")?);
    scope.allow_records(world, app, Right::Edit)?;
    if upsert {
        scope.allow_records(world, app, Right::Add)?;
    }
    let records = list(params.take("records"))?;
    if records.len() > RECORDS_AT_MOST {
        return Err(ApiError::invalid_at("records", TOO_MANY_UPDATED));
    }
    let mut told = Vec::with_capacity(records.len());
    let mut edit = Edit::begin(world, changes, scope, app)?;
    for (index, record) in records.into_iter().enumerate() {
        let done = update(&mut edit, Params::from_value(record)?, Some(index), upsert)?;
        let mut entry = json!({ "id": done.id.to_string(), "revision": done.revision.to_string() });
        if upsert {
            entry["operation"] = if done.inserted { "INSERT" } else { "UPDATE" }.into();
        }
        told.push(entry);
    }
    edit.finish()?;
    Ok(json!({ "records": told }).into())
}

/// `DELETE records.json`.
pub fn delete_many(world: &mut World, changes: &mut Changes, scope: &Scope, params: &Params) -> ApiResult<Answer> {
    let app = params.id("app")?;
    scope.allow_records(world, app, Right::Delete)?;
    let ids = match params.list("ids")? {
        Some(ids) if (1..=RECORDS_AT_MOST).contains(&ids.len()) => ids,
        Some(_) => return Err(ApiError::invalid_at("ids", WRONG_DELETE_COUNT)),
        None => {
            let both = [WRONG_DELETE_COUNT, PARAMETER_REQUIRED];
            return Err(ApiError::invalid(both.into_iter().map(|text| ("ids".to_owned(), text)).collect()));
        }
    };
    let revisions = params.list("revisions")?.unwrap_or_default();
    let mut edit = Edit::begin(world, changes, scope, app)?;
    for (index, id) in ids.iter().enumerate() {
        let id = u64::try_from(params::integer(id)?).map_err(|_| BAD_JSON)?;
        let revision = revisions.get(index).map_or(Ok(None), params::revision)?;
        edit.delete(id, revision)?;
    }
    edit.finish()?;
    Ok(json!({}).into())
}

struct Updated {
    id: u64,
    revision: u64,
    inserted: bool,
}

/// One item of an update: by id or by key, changing what is there or, with `upsert`, adding what is not.
fn update(edit: &mut Edit<'_>, mut params: Params, index: Option<usize>, upsert: bool) -> ApiResult<Updated> {
    let at = |name: &str| index.map_or_else(|| name.to_owned(), |index| format!("records[{index}].{name}"));
    let revision = params.revision()?;
    let mut record = match params.take("record") {
        None => Map::new(),
        record => object(record)?,
    };
    let key = params.take("updateKey");
    let id = match params.get("id") {
        Some(id) if *id != "" => Some(u64::try_from(params::integer(id)?).map_err(|_| BAD_JSON)?),
        _ => None,
    };
    let found = match (id, key) {
        (Some(_), Some(_)) => return Err(ApiError::invalid_at(at("id"), ID_OR_KEY)),
        (None, None) => return Err(ApiError::invalid_at(at("id"), PARAMETER_REQUIRED)),
        (Some(id), None) => {
            let known = edit.world.app(edit.app)?.records().contains_key(&id);
            if !known && !upsert {
                return Err(catalogue::no_record(id));
            }
            known.then_some(id)
        }
        (None, Some(key)) => {
            let (field, value) = read_key(edit, &key, &at)?;
            if edit.world.switches.refuse_key_in_record && record.contains_key(&field) {
                return Err(ApiError::invalid_at(at(&format!("record.{field}")), KEY_IN_RECORD));
            }
            let found = edit.world.app(edit.app)?.find_unique(&field, &value);
            if found.is_none() && !upsert {
                return Err(catalogue::no_record_for_key(edit.world.switches.missing_key_status, &field, &value));
            }
            if found.is_none() {
                record.insert(field, json!({ "value": value }));
            }
            found
        }
    };
    match found {
        Some(id) => {
            let revision = edit.update(id, revision, record, index)?;
            Ok(Updated { id, revision, inserted: false })
        }
        None => {
            let (id, revision) = edit.add(record, index)?;
            Ok(Updated { id, revision, inserted: true })
        }
    }
}

/// Field and normalised value of an update key.
fn read_key(edit: &Edit<'_>, key: &Value, at: &dyn Fn(&str) -> String) -> ApiResult<(String, String)> {
    let Value::Object(key) = key else { return Err(BAD_JSON) };
    let key = Params(key.clone());
    let missing: Vec<_> = ["field", "value"]
        .into_iter()
        .filter(|name| key.get(name).is_none())
        .map(|name| (at(&format!("updateKey.{name}")), PARAMETER_REQUIRED))
        .collect();
    if !missing.is_empty() {
        return Err(ApiError::invalid(missing));
    }
    let (field, value) = (key.text("field")?.unwrap_or_default(), key.text("value")?.unwrap_or_default());
    let app = edit.world.app(edit.app)?;
    let kind = app.form.find(&field).map(|field| field.kind);
    if !app.is_unique(&field) || !matches!(kind, Some(FieldType::SingleLineText | FieldType::Number)) {
        return Err(ApiError::invalid_at(at("updateKey.field"), NOT_A_KEY));
    }
    if value.chars().count() > KEY_AT_MOST {
        return Err(ApiError::invalid_at(at("updateKey.value"), KEY_TOO_LONG));
    }
    match (kind, number::normalise(&value, app.live.precision)) {
        (Some(FieldType::Number), Normalised::Number(value)) => Ok((field, value)),
        _ => Ok((field, value)),
    }
}

fn object(value: Option<Value>) -> ApiResult<Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(BAD_JSON),
    }
}

fn list(value: Option<Value>) -> ApiResult<Vec<Value>> {
    match value {
        Some(Value::Array(items)) => Ok(items),
        _ => Err(BAD_JSON),
    }
}
