//! What a field holds that a new record does not name.

use serde_json::{Value, json};

use super::values::temporal;
use super::values::write::{Place, Writer};
use crate::form::{FieldDef, FieldType};

/// The default of a field: its `defaultValue`, or the present time; `None` where it has none.
pub fn of(field: &FieldDef, writer: &mut Writer<'_>) -> Option<Value> {
    if field.flag("defaultNowValue") {
        let zone = crate::kintone::scope::default_zone();
        return match field.kind {
            FieldType::Date => Some(temporal::today(writer.now, &zone).into()),
            FieldType::Time => Some(temporal::clock(writer.now, &zone).into()),
            FieldType::DateTime => Some(temporal::to_minute(writer.now).into()),
            _ => None,
        };
    }
    match (field.kind, field.props.get("defaultValue")) {
        (FieldType::Subtable, _) => writer.world.switches.tables_start_with_a_row.then(|| first_row(field, writer)),
        (kind, Some(Value::Array(entities))) if kind.is_selection_of_entities() => Some(
            entities
                .iter()
                .filter_map(|entity| entity["code"].as_str())
                .map(|code| writer.world.entity(code))
                .collect(),
        ),
        (_, Some(Value::Array(list))) if !list.is_empty() => Some(Value::Array(list.clone())),
        // Written as if it had been sent, so that numbers and dates take their stored form. A default that does not
        // fit its own field is the form's fault, not the request's.
        (_, Some(Value::String(text))) if !text.is_empty() => {
            let before = writer.errors.len();
            let value = writer.value(field, json!(text), None, Place::of(None)).ok().flatten();
            writer.errors.truncate(before);
            value
        }
        _ => None,
    }
}

fn first_row(table: &FieldDef, writer: &mut Writer<'_>) -> Value {
    let mut cells = serde_json::Map::new();
    for field in table.fields.values() {
        let value = of(field, writer).unwrap_or_else(|| field.kind.empty());
        cells.insert(field.code.to_string(), json!({ "type": field.kind.name(), "value": value }));
    }
    json!([{ "id": writer.world.next_row().to_string(), "value": cells }])
}
