//! `append_records`: two or three inputs whose columns differ in part, and in order; days beside instants and beside texts.

use serde_json::json;

use super::Made;
use crate::relations::tables::Generator;

pub(super) fn make(make: &mut Generator) -> Made {
    let mut tables = vec![make.table("商品: text, 数量: number, 受注日: date, 登録: datetime, 備考: text")];
    tables.push(match make.below(0, 3) {
        0 => make.table("数量: number, 商品: text, 受注日: datetime, 担当: text"),
        1 => make.table("備考: date, 登録: date, 商品: text"),
        _ => make.table("商品: text, 数量: number, 受注日: date, 登録: datetime, 備考: text"),
    });
    if make.percent(30) {
        tables.push(make.table("数量: number, 商品: text, 単価: number"));
    }
    let settings = match make.below(0, 4) {
        0 => json!({ "fields": "common" }),
        1 => json!({ "fields": "all" }),
        2 => json!({ "like": make.one(&["入力1", "入力2"]) }),
        _ => json!({}),
    };
    Made::new(tables, settings)
}
