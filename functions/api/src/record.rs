//! What is kept of a request: record numbers, and of the fields only those that the unit's flows name.

use model::catalogue;
use model::payload::field_value;
use model::run::ParameterSet;
use model::unit::Unit;
use model::value::Value;
use serde_json::{Map, Value as Json};

use crate::answer::Refusal;
use crate::visit::Visit;

/// Longest record number, login name and the like, in bytes: they are kept in the run's item.
pub const MAX_NAME: usize = 200;
/// Longest id of a request, in characters; UUIDs have 36.
const MAX_REQUEST_ID: usize = 100;

/// A body that cannot be taken, with what is wrong in Japanese and in English.
pub fn invalid(ja: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal::new(catalogue::BODY_INVALID).detail(ja, en)
}

/// A body that speaks of another app than the unit's.
pub fn other_app(app: u64) -> Refusal {
    Refusal::new(catalogue::APP_OTHER).detail(format!("アプリ{app}"), format!("app {app}"))
}

/// A login name, if it is one.
pub fn user(name: Option<&Json>) -> Result<String, Refusal> {
    match name {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(name)) if name.len() <= MAX_NAME => Ok(name.clone()),
        Some(_) => Err(invalid("user は200バイトまでの文字列です", "user must be a string of at most 200 bytes")),
    }
}

/// The id that a caller gave its request: in the body, in the header, or the same in both.
pub fn request_id(visit: &Visit, body: &Map<String, Json>) -> Result<Option<String>, Refusal> {
    let in_body = body.get("requestId").map(|id| id.as_str().map(str::to_owned));
    let mut found: Option<String> = None;
    for id in in_body.into_iter().chain(visit.request_ids.iter().cloned()) {
        let fits = id.filter(|id| (1..=MAX_REQUEST_ID).contains(&id.chars().count()));
        let id = fits.ok_or_else(|| {
            invalid(
                format!("requestId(ヘッダーでは Idempotency-Key)は1〜{MAX_REQUEST_ID}文字の文字列です"),
                format!("requestId (in a header: Idempotency-Key) must be a text of 1 to {MAX_REQUEST_ID} characters"),
            )
        })?;
        if found.as_ref().is_some_and(|known| *known != id) {
            return Err(invalid(
                "requestId と Idempotency-Key の値が違います。同じ値にするか、どちらか一方だけにしてください",
                "requestId and Idempotency-Key differ; send the same in both, or one of them",
            ));
        }
        found = Some(id);
    }
    Ok(found)
}

/// The parameters of one record, and its record number if the record says it.
pub fn parameters(unit: &Unit, record: &Map<String, Json>) -> Result<(ParameterSet, Option<String>), Refusal> {
    let mut set = ParameterSet::new();
    for (name, kind) in &unit.parameters {
        if let Some(field) = record.get(name) {
            let value = field_value(name, field, *kind)
                .map_err(|e| invalid(format!("record.{}", e.ja()), format!("record.{e}")))?;
            set.insert(name.clone(), value);
        }
    }
    let number = unit.record_number.as_ref().and_then(|code| text(record.get(code)?));
    let id = record.get("$id").and_then(text);
    let number = number.or(id);
    if number.as_ref().is_some_and(|n| n.len() > MAX_NAME) {
        return Err(invalid("レコード番号は200バイトまでです", "the record number must be at most 200 bytes"));
    }
    Ok((set, number))
}

/// The parameters where only the record's id is known (deletions and comments): the record number, if flows name it.
pub fn of_id(unit: &Unit, id: &str) -> ParameterSet {
    let names = unit.record_number.iter().map(String::as_str).chain(["$id"]);
    names.filter(|n| unit.parameters.contains_key(*n)).map(|n| (n.to_owned(), Value::text(id))).collect()
}

/// Login name in `{"type": "MODIFIER", "value": {"code": …}}`, wherever the record has that type.
pub fn modifier(record: &Map<String, Json>) -> Option<String> {
    let field = record.values().find(|f| f.get("type").and_then(Json::as_str) == Some("MODIFIER"))?;
    field.get("value")?.get("code")?.as_str().map(str::to_owned)
}

/// Text or number of a field, as text.
fn text(field: &Json) -> Option<String> {
    match field.get("value")? {
        Json::String(s) if !s.is_empty() => Some(s.clone()),
        Json::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A number that JSON holds as a number or as text.
pub fn id_number(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
