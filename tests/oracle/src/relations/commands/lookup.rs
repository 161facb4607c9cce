//! `lookup`: from a second input or from an app, several keys, doubles and gaps, defaults.

use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made};
use crate::relations::case::FIRST_APP;
use crate::relations::tables::Generator;

pub(super) fn make(make: &mut Generator) -> Made {
    let rows = make.table(ALL_KINDS);
    let master = make.table("商品: text, 会社: text, 単価: number, 納期: date, 倉庫: text, 更新: datetime");
    let pairs = [
        json!("商品"),
        json!({ "left": "取引先 名", "right": "会社" }),
        json!({ "left": "数量", "right": "単価" }),
        json!("納期"),
    ];
    let mut keys = make.some(&pairs, 1);
    keys.truncate(make.one(&[1, 1, 2]));
    let fails = make.percent(15);
    let mut fields: Vec<Json> = Vec::new();
    for (at, column) in make.some(&master.columns, 1).into_iter().enumerate() {
        let mut field = json!({ "field": column.name, "as": format!("参照{at}") });
        if !fails && make.percent(40) {
            field["default"] = json!(flow::literal::print(&make.value(column.kind, true)).unwrap_or_default());
        }
        fields.push(field);
    }
    let mut settings = json!({ "keys": keys, "fields": fields });
    // Mostly what does not fail: most generated masters have equal keys.
    if make.percent(85) {
        settings["duplicates"] = json!(make.one(&["first", "last"]));
    }
    if fails {
        settings["missing"] = json!("error");
    }
    let mut made = Made::new(vec![rows, master], settings);
    if make.percent(40) {
        made.inputs = 1;
        made.settings["app"] = json!(FIRST_APP + 1);
    }
    made
}
