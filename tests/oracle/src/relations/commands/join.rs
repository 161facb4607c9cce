//! `join`: four kinds, one to three pairs of keys of one kind each, chosen and renamed columns.

use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made, names};
use crate::relations::tables::Generator;

pub(super) fn make(make: &mut Generator) -> Made {
    let left = make.table(ALL_KINDS);
    let right =
        make.table("商品: text, 会社: text, 単価: number, 数量: number, 納期: date, 開始日: date, 登録: datetime");
    let pairs = [
        json!("商品"),
        json!({ "left": "取引先 名", "right": "会社" }),
        json!({ "left": "金額(税込)", "right": "単価" }),
        json!("数量"),
        json!({ "left": "受注日", "right": "開始日" }),
        json!("納期"),
        json!("登録"),
    ];
    let mut keys = make.some(&pairs, 1);
    keys.truncate(make.one(&[1, 1, 2, 3]));
    let mut settings = json!({ "kind": make.one(&["inner", "left", "right", "full"]), "keys": keys });
    if make.percent(50) {
        let mut fields: Vec<Json> = Vec::new();
        for (at, name) in make.some(&names(&right), 1).into_iter().enumerate() {
            // Renamed, or with a name that the left may have too.
            fields.push(if make.percent(30) {
                json!({ "field": name, "as": format!("右{at}") })
            } else {
                json!(name)
            });
        }
        settings["fields"] = Json::Array(fields);
    }
    Made::new(vec![left, right], settings)
}
