//! `select_fields`: columns chosen, renamed, reordered, and chosen twice.

use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made, names};
use crate::relations::tables::Generator;

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut fields: Vec<Json> = Vec::new();
    for (at, name) in make.some(&names(&table), 1).into_iter().enumerate() {
        if make.percent(30) {
            fields.push(json!({ "field": name, "as": format!("改{at}") }));
        }
        if fields.len() <= at || make.percent(20) {
            fields.push(json!(name));
        }
    }
    Made::new(vec![table], json!({ "fields": fields }))
}
