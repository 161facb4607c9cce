//! `expand_table` and `create_table`.

use flow::plan::Column;
use serde_json::{Value as Json, json};

use super::{ALL_KINDS, Made, names, order};
use crate::relations::tables::Generator;

pub(super) fn expand(make: &mut Generator) -> Made {
    let mut table = make.table("伝票: text, 日付: date, 合計: number");
    make.add_tables(&mut table, "明細", "品名: text, 数: number, 合計: number, 納期: date");
    let mut settings = json!({ "table": "明細" });
    if make.percent(50) {
        settings["fields"] = json!(make.some(&["伝票", "日付", "合計"], 0));
    }
    if make.percent(50) {
        let mut fields: Vec<Json> = Vec::new();
        for (at, name) in make.some(&["品名", "数", "合計", "納期"], 1).into_iter().enumerate() {
            fields.push(json!({ "field": name, "as": format!("明細{at}") }));
        }
        settings["table_fields"] = json!(fields);
    }
    if make.percent(60) {
        settings["empty"] = json!(make.one(&["keep", "drop"]));
    }
    if make.percent(40) {
        settings["row_number"] = json!("行番号");
    }
    Made::new(vec![table], settings)
}

pub(super) fn create(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut keys = make.some(&names(&table), 1);
    keys.truncate(make.one(&[1, 1, 2]));
    let rest: Vec<String> = names(&table).into_iter().filter(|name| !keys.contains(name)).collect();
    let mut settings = json!({ "table": "明細", "keys": keys });
    let mut cells = rest.clone();
    if make.percent(60) {
        cells = make.some(&rest, 1);
        settings["fields"] = json!(cells);
    }
    if make.percent(50) {
        settings["order"] = json!(order(make, &names(&table)));
    }
    if make.percent(50) {
        settings["blank_rows"] = json!(make.one(&["drop", "keep"]));
    }
    let named = |name: &String| table.columns.iter().find(|c| c.name == *name).cloned();
    let mut target: Vec<Column> = keys.iter().filter_map(named).collect();
    target.push(Column::table("明細", cells.iter().filter_map(named).collect()));
    Made { inputs: 1, tables: vec![table], settings, target: Some(target) }
}
