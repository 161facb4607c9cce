//! Writing a table: rows with a known id are updated, the others are new, and those that are not sent go.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::write::{Place, Writer};
use crate::form::FieldDef;
use crate::kintone::catalogue::{BAD_JSON, DUPLICATE_ROW};
use crate::kintone::error::ApiResult;
use crate::kintone::{defaults, lookup};

/// The stored form of a table's rows.
pub fn write(
    writer: &mut Writer<'_>,
    table: &FieldDef,
    input: Value,
    old: Option<&Value>,
    place: Place<'_>,
) -> ApiResult<Value> {
    let rows = match input {
        Value::Array(rows) => rows,
        Value::Null => Vec::new(),
        _ => return Err(BAD_JSON),
    };
    let held = old.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut seen = HashSet::new();
    let mut stored = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let Value::Object(mut row) = row else { return Err(BAD_JSON) };
        let sent = match row.remove("value") {
            Some(Value::Object(sent)) => sent,
            None | Some(Value::Null) => Map::new(),
            Some(_) => return Err(BAD_JSON),
        };
        let id = row_id(row.remove("id"))?;
        if let Some(id) = &id
            && !seen.insert(id.clone())
        {
            return Err(DUPLICATE_ROW);
        }
        let known = id.as_ref().and_then(|id| held.iter().find(|row| row["id"].as_str() == Some(id)));
        let id = match (known, id) {
            (Some(_), Some(id)) => id,
            _ => writer.world.next_row().to_string(),
        };
        let place = Place { row: Some((&table.code, index)), ..place };
        let cells = write_row(writer, table, sent, known, place)?;
        stored.push(json!({ "id": id, "value": cells }));
    }
    Ok(Value::Array(stored))
}

/// The id of a row: `""` and null ask for a new row, text that is no number is bad JSON.
fn row_id(id: Option<Value>) -> ApiResult<Option<String>> {
    match id {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(text)),
        Some(Value::Number(number)) if number.is_u64() => Ok(Some(number.to_string())),
        Some(_) => Err(BAD_JSON),
    }
}

fn write_row(
    writer: &mut Writer<'_>,
    table: &FieldDef,
    mut sent: Map<String, Value>,
    known: Option<&Value>,
    place: Place<'_>,
) -> ApiResult<Map<String, Value>> {
    let merge = writer.world.switches.table_rows_merge;
    for target in lookup::targets(table.fields.values()) {
        sent.remove(target);
    }
    let mut cells = Map::new();
    for field in table.fields.values() {
        let held = known.and_then(|row| row["value"].get(field.code.as_ref())).and_then(|cell| cell.get("value"));
        let input = match sent.remove(field.code.as_ref()) {
            Some(Value::Object(mut cell)) => cell.remove("value"),
            Some(Value::Null) | None => None,
            Some(_) => return Err(BAD_JSON),
        };
        let kept = |merge: bool| if merge { held.cloned() } else { None };
        let value = match input {
            Some(input) if field.expression().is_none() => {
                writer.value(field, input, held, place)?.unwrap_or_else(|| field.kind.empty())
            }
            _ => match kept(merge) {
                Some(held) => held,
                None => defaults::of(field, writer).unwrap_or_else(|| field.kind.empty()),
            },
        };
        cells.insert(field.code.to_string(), json!({ "type": field.kind.name(), "value": value }));
    }
    Ok(cells)
}
