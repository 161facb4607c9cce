//! `pivot`: no to two keys, listed values that occur or not, the blank among them, the rest in columns of its own or left out.

use model::value::Value;
use serde_json::{Value as Json, json};

use super::group_by::aggregates;
use super::{ALL_KINDS, Made, names};
use crate::relations::tables::{Generator, Rows};

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut keys = make.some(&names(&table), 0);
    keys.truncate(make.one(&[0, 1, 1, 2]));
    let (spread, values) = spread(make, &table);
    let mut settings = json!({
        "keys": keys,
        "spread": spread,
        "values": values,
        "aggregates": aggregates(make, &table, 3),
        "names": "{name}/{value}",
    });
    if make.percent(40) {
        settings["others"] = json!("その他");
    }
    Made::new(vec![table], settings)
}

/// A column and values of it, with the names that keep result columns apart.
pub(super) fn spread(make: &mut Generator, table: &Rows) -> (String, Vec<Json>) {
    let at = make.below(0, table.columns.len());
    let column = &table.columns[at];
    let mut listed: Vec<Value> = Vec::new();
    for _ in 0..make.below(1, 5) {
        let present = table.rows.get(make.below(0, table.rows.len().max(1))).map(|row| row[at].clone());
        let value = if make.percent(70) { present } else { None };
        let value = value.unwrap_or_else(|| make.value(column.kind, true));
        if !listed.contains(&value) {
            listed.push(value);
        }
    }
    let text = |value: &Value| flow::literal::print(value).unwrap_or_default();
    let written = listed.iter().enumerate().map(|(i, v)| json!({ "value": text(v), "as": format!("値{i}") })).collect();
    (column.name.clone(), written)
}
