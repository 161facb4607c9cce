//! `fill_blanks`: fixed values, the row before, the row behind; in groups and orders.

use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made, names, order};
use crate::relations::tables::Generator;

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut fields: Vec<Json> = Vec::new();
    for column in make.some(&table.columns, 1) {
        let value = make.value(column.kind, true);
        fields.push(match make.below(0, 3) {
            0 => json!({ "field": column.name, "value": flow::literal::print(&value).unwrap_or_default() }),
            1 => json!({ "field": column.name, "from": "previous" }),
            _ => json!({ "field": column.name, "from": "next" }),
        });
    }
    let mut settings = json!({ "fields": fields });
    if make.percent(60) {
        let mut keys = make.some(&names(&table), 1);
        keys.truncate(2);
        settings["keys"] = json!(keys);
    }
    if make.percent(60) {
        settings["order"] = json!(order(make, &names(&table)));
    }
    Made::new(vec![table], settings)
}
