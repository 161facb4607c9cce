//! `group_by`: no to three keys, every aggregate.

use model::field::Kind;
use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made, names, of_kind, order};
use crate::relations::tables::{Generator, Rows};

/// Of numbers alone.
const NUMERIC: [&str; 7] =
    ["sum", "average", "median", "stdev_sample", "stdev_population", "variance_sample", "variance_population"];
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
    let aggregates = aggregates(make, &table, 6);
    Made::new(vec![table], json!({ "keys": keys, "aggregates": aggregates }))
}

/// One or more aggregates, fewer than `most`.
pub(super) fn aggregates(make: &mut Generator, table: &Rows, most: usize) -> Vec<Json> {
    let count = make.below(1, most);
    let numbers = of_kind(table, &[Kind::Number]);
    (0..count)
        .map(|at| {
            let (function, field) = match make.below(0, 4) {
                0 => (make.one(&NUMERIC), make.one(&numbers)),
                1 => (make.one(&ORDERED), make.one(&names(table))),
                2 => return joined(make, table, at),
                _ => (make.one(&ANY), make.one(&names(table))),
            };
            json!({ "function": function, "field": field, "as": format!("集計{at}") })
        })
        .collect()
}

/// Of texts and days: how a number is written is not what is compared here.
fn joined(make: &mut Generator, table: &Rows, at: usize) -> Json {
    let field = make.one(&of_kind(table, &[Kind::Text, Kind::Date]));
    let mut join = json!({ "function": "join", "field": field, "as": format!("集計{at}") });
    if make.percent(60) {
        join["separator"] = json!(make.one(&["、", "", "\n", "; "]));
    }
    if make.percent(40) {
        join["order"] = json!(order(make, &names(table)));
    }
    if make.percent(40) {
        join["distinct"] = json!(true);
    }
    join
}
