//! `transpose_columns_to_rows` and `transpose_rows_to_columns`.

use model::field::Kind;
use serde_json::{Value as Json, json};

use super::pivot::spread;
use super::{ALL_KINDS, Made, names, of_kind};
use crate::relations::tables::Generator;

pub(super) fn to_rows(make: &mut Generator) -> Made {
    let table =
        make.table("商品: text, 4月: number, 5月: number, 6月: number, 開始: date, 終了: date, メモ: text, 備考: text");
    // Pairs of a number and a day in each row, or columns of one kind under their own names.
    let (rows, values_as): (Vec<Json>, Json) = match make.below(0, 3) {
        0 => {
            let (numbers, days) = (of_kind(&table, &[Kind::Number]), of_kind(&table, &[Kind::Date]));
            let count = make.below(1, 4);
            let row = |make: &mut Generator, at| json!({ "label": format!("行{at}"), "fields": [make.one(&numbers), make.one(&days)] });
            ((0..count).map(|at| row(make, at)).collect(), json!(["数", "日"]))
        }
        1 => (make.some(&of_kind(&table, &[Kind::Number]), 1).into_iter().map(Json::String).collect(), json!(["値"])),
        _ => (make.some(&of_kind(&table, &[Kind::Text]), 1).into_iter().map(Json::String).collect(), json!(["値"])),
    };
    let mut settings = json!({ "rows": rows, "label_as": "項目", "values_as": values_as });
    if make.percent(40) {
        settings["keep"] = json!(make.some(&names(&table), 0));
    }
    if make.percent(50) {
        settings["skip_blanks"] = json!(make.percent(70));
    }
    Made::new(vec![table], settings)
}

pub(super) fn to_columns(make: &mut Generator) -> Made {
    let table = make.table(ALL_KINDS);
    let mut keys = make.some(&names(&table), 1);
    keys.truncate(make.one(&[1, 1, 2]));
    let (label, values) = spread(make, &table);
    let mut fields = make.some(&names(&table), 1);
    fields.truncate(make.one(&[1, 2]));
    let settings =
        json!({ "keys": keys, "label": label, "values": values, "fields": fields, "names": "{name}/{value}" });
    Made::new(vec![table], settings)
}
