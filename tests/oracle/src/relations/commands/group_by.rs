//! `group_by`: no to three keys, every aggregate.

use model::field::Kind;
use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made, names, of_kind};
use crate::relations::tables::Generator;

/// Of numbers alone.
const NUMERIC: [&str; 3] = ["sum", "average", "median"];
/// Of everything with an order.
const ORDERED: [&str; 2] = ["min", "max"];
/// Of every simple value.
const ANY: [&str; 5] = ["count", "count_all", "count_distinct", "first", "last"];

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut keys: Vec<Json> = make.some(&names(&table), 0).into_iter().map(Json::String).collect();
    keys.truncate(make.one(&[0, 1, 1, 2, 3]));
    if make.percent(20)
        && let Some(key) = keys.first_mut()
    {
        *key = json!({ "field": key.clone(), "as": "キー" });
    }
    let count = make.below(1, 6);
    let numbers = of_kind(&table, &[Kind::Number]);
    let aggregates: Vec<Json> = (0..count)
        .map(|at| {
            let (function, field) = match make.below(0, 3) {
                0 => (make.one(&NUMERIC), make.one(&numbers)),
                1 => (make.one(&ORDERED), make.one(&names(&table))),
                _ => (make.one(&ANY), make.one(&names(&table))),
            };
            json!({ "function": function, "field": field, "as": format!("集計{at}") })
        })
        .collect();
    Made::new(vec![table], json!({ "keys": keys, "aggregates": aggregates }))
}
