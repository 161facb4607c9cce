//! `window`: every function, with and without groups and order, rows in place or sorted.

use model::field::Kind;
use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made, names, of_kind, order};
use crate::relations::tables::Generator;

/// Of numbers alone.
const NUMERIC: [&str; 6] = ["total", "share", "running_sum", "running_average", "moving_sum", "moving_average"];
/// Of everything with an order.
const ORDERED: [&str; 4] = ["running_min", "running_max", "moving_min", "moving_max"];
/// Of every value.
const ANY: [&str; 7] = ["previous", "next", "first", "last", "carry", "running_count", "moving_count"];
/// Of the rows' places.
const PLACES: [&str; 3] = ["row_number", "rank", "dense_rank"];

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut keys = make.some(&names(&table), 0);
    keys.truncate(make.one(&[0, 1, 1, 2]));
    let order = if make.percent(80) { order(make, &names(&table)) } else { Vec::new() };
    let count = make.below(1, 5);
    let numbers = of_kind(&table, &[Kind::Number]);
    let ordered = of_kind(&table, &[Kind::Number, Kind::Date, Kind::Datetime]);
    let columns: Vec<Json> = (0..count)
        .map(|at| {
            let (function, field) = match make.below(0, 5) {
                0 => (make.one(&NUMERIC), Some(make.one(&numbers))),
                1 => (make.one(&ORDERED), Some(make.one(&ordered))),
                2 => ("difference", Some(make.one(&of_kind(&table, &[Kind::Number, Kind::Date])))),
                3 if !order.is_empty() => (make.one(&PLACES), None),
                3 => ("row_number", None),
                _ => (make.one(&ANY), Some(make.one(&names(&table)))),
            };
            let mut column = json!({ "function": function, "as": format!("列{at}") });
            if let Some(field) = field {
                column["field"] = json!(field);
            }
            if function.starts_with("moving_") {
                column["rows"] = json!(make.below(1, 6));
            } else if ["previous", "next", "difference"].contains(&function) && make.percent(50) {
                column["offset"] = json!(make.below(1, 4));
            }
            column
        })
        .collect();
    let settings = json!({
        "keys": keys,
        "order": order,
        "columns": columns,
        "result_order": make.one(&["input", "sorted"]),
    });
    Made::new(vec![table], settings)
}
