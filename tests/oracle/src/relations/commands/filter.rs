//! `filter`: lists of conditions over every kind.

use model::field::Kind;
use model::value::Value;
use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made};
use crate::relations::tables::{Generator, Rows};

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let count = make.below(1, 4);
    let conditions: Vec<Json> = (0..count).map(|_| condition(make, &table)).collect();
    let settings = json!({ "conditions": conditions, "match": make.one(&["all", "any"]) });
    Made::new(vec![table], settings)
}

fn condition(make: &mut Generator, table: &Rows) -> Json {
    let at = make.below(0, table.columns.len());
    let column = &table.columns[at];
    let operators: &[&str] = match column.kind {
        Kind::Text => &["=", "!=", "in", "not in", "like", "not like", "is empty", "is not empty"],
        _ => &["=", "!=", "<", "<=", ">", ">=", "in", "not in", "is empty", "is not empty"],
    };
    let operator = make.one(operators);
    // A value that stands in the column as often as not, so that conditions hold.
    let operand = |make: &mut Generator| {
        let present: Vec<&Value> = table.rows.iter().map(|row| &row[at]).filter(|v| !v.is_blank()).collect();
        let value = match present.is_empty() || make.percent(40) {
            true => make.value(column.kind, true),
            false => (*make.one(&present)).clone(),
        };
        flow::literal::print(&value).unwrap_or_default()
    };
    match operator {
        "is empty" | "is not empty" => json!({ "field": column.name, "operator": operator }),
        "in" | "not in" => {
            let count = make.below(1, 4);
            let mut values: Vec<String> = (0..count).map(|_| operand(make)).collect();
            if make.percent(20) {
                values.push(String::new());
            }
            json!({ "field": column.name, "operator": operator, "value": values })
        }
        "=" | "!=" if make.percent(15) => json!({ "field": column.name, "operator": operator, "value": "" }),
        "like" | "not like" => {
            let whole = operand(make);
            let part: String = whole.chars().take(1).collect();
            json!({ "field": column.name, "operator": operator, "value": make.one(&[whole, part]) })
        }
        _ => json!({ "field": column.name, "operator": operator, "value": operand(make) }),
    }
}
