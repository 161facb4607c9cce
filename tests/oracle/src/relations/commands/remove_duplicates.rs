//! `remove_duplicates`: one to three keys, an order, the first or the last.

use serde_json::json;

use super::{ALL_KINDS, Made, names, order};
use crate::relations::tables::Generator;

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut keys = make.some(&names(&table), 1);
    keys.truncate(make.one(&[1, 1, 2, 3]));
    let mut settings = json!({ "keys": keys });
    if make.percent(60) {
        settings["order"] = json!(order(make, &names(&table)));
    }
    if make.percent(60) {
        settings["keep"] = json!(make.one(&["first", "last"]));
    }
    Made::new(vec![table], settings)
}
