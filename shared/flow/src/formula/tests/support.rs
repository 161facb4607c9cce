//! A run's context and a few columns, for the tests of formulas.

use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::{Entity, Value};

use super::super::{Context, Parameters, compile, text_form};
use crate::plan::Column;

/// 2026-01-31T15:04:05+09:00
pub const NOW: i64 = 1_769_839_445;

pub fn tokyo() -> TimeZone {
    TimeZone::get("Asia/Tokyo").unwrap()
}

/// Names, kinds and values of the row that the tests use.
pub fn row() -> Vec<(&'static str, Kind, Value)> {
    let number = |text: &str| Value::Number(text.parse().unwrap());
    vec![
        ("数量", Kind::Number, number("3")),
        ("単価", Kind::Number, number("1250.5")),
        ("品名", Kind::Text, Value::text("りんご")),
        ("備考", Kind::Text, Value::Blank),
        ("空数値", Kind::Number, Value::Blank),
        ("受注日", Kind::Date, Value::Date(20_484)), // 2026-01-31
        ("空日付", Kind::Date, Value::Blank),
        ("開始", Kind::Datetime, Value::Datetime(1_769_817_900)), // 2026-01-31 09:05 in Tokyo
        ("終了", Kind::Datetime, Value::Datetime(1_769_828_700)), // 12:05
        ("始業", Kind::Time, Value::Time(9 * 3600)),
        ("終業", Kind::Time, Value::Time(17 * 3600 + 1800)),
        ("区分", Kind::Texts, Value::Texts(vec!["甲".into(), "乙".into()])),
        ("担当者", Kind::Entities, Value::Entities(vec![Entity { code: "sato".into(), name: "佐藤".into() }])),
        ("明細", Kind::Rows, Value::Rows(Vec::new())),
        ("在庫 数量", Kind::Number, number("7")),
        ("単価（税込）", Kind::Number, number("1375.55")),
        ("2026年度", Kind::Number, number("26")),
        ("Ｃｏｄｅ１", Kind::Text, Value::text("A-1")),
    ]
}

pub fn columns() -> Vec<Column> {
    row().into_iter().map(|(name, kind, _)| Column::new(name, kind)).collect()
}

/// The value of a formula over the row, as text; an error value as its text.
pub fn eval(formula: &str) -> String {
    let expr = compile(formula, &columns()).unwrap_or_else(|problems| panic!("{formula}: {problems:?}"));
    let values: Vec<Value> = row().into_iter().map(|(_, _, value)| value).collect();
    let zone = tokyo();
    let parameters: Parameters = [
        ("数量", Value::Number(5.into())),
        ("空", Value::Blank),
        ("納期", Value::Date(20_485)),
        ("受注 番号", Value::text("A-1")),
    ]
    .into_iter()
    .collect();
    let ctx = Context::new(NOW, &zone, &parameters);
    match expr.eval(&values, &ctx) {
        Ok(value) => {
            // A kind that was promised must be the kind that comes.
            if let (Some(promised), Some(kind)) = (expr.kind(), value.kind()) {
                assert_eq!(promised, kind, "{formula}");
            }
            text_form(&value, &zone).map_or("(no text)".into(), |text| text.into_owned())
        }
        Err(error) => error.to_string(),
    }
}

/// Checks a table of formulas and results.
pub fn all(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(formula, expected)| {
            let result = eval(formula);
            (result != *expected).then(|| format!("{formula}: {result:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
