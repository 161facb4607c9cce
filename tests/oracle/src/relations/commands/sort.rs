//! `sort`: one to three keys, directions, places of blanks, a limit.

use serde_json::json;

use super::{ALL_KINDS, Made, names, order};
use crate::relations::tables::Generator;

pub(super) fn make(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut settings = json!({ "keys": order(make, &names(&table)) });
    if make.percent(25) {
        settings["limit"] = json!(make.below(1, 12));
    }
    Made::new(vec![table], settings)
}
