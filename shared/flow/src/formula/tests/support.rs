//! A run's context and a few columns, for the tests of formulas.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::{Entity, FileRef, Row, Value};

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
        ("内訳", Kind::Rows, details()),
        ("空内訳", Kind::Rows, Value::Blank),
        ("添付", Kind::Files, Value::Files(vec![FileRef { name: "見積.pdf".into(), ..file() }])),
    ]
}

fn file() -> FileRef {
    FileRef { file_key: "k".into(), name: String::new(), content_type: String::new(), size: "1".into() }
}

/// The columns of the table 内訳.
fn inner() -> Vec<Column> {
    [("品目", Kind::Text), ("金額", Kind::Number), ("数", Kind::Number), ("納品日", Kind::Date), ("印", Kind::Texts)]
        .map(|(name, kind)| Column::new(name, kind))
        .to_vec()
}

/// Three rows, with a blank amount and a cell that is not there.
fn details() -> Value {
    let row = |item: &str, amount: Option<i64>, count: i64, day: i32| Row {
        id: None,
        cells: vec![
            ("品目".into(), Value::text(item)),
            ("金額".into(), amount.map_or(Value::Blank, |n| Value::Number(n.into()))),
            ("数".into(), Value::Number(count.into())),
            ("納品日".into(), Value::Date(day)),
        ],
    };
    Value::Rows(vec![
        row("りんご", Some(100), 2, 20_484),
        row("みかん", None, 5, 20_490),
        row("りんご", Some(250), 1, 20_480),
    ])
}

pub fn columns() -> Vec<Column> {
    let column =
        |name: &str, kind| if name == "内訳" { Column::table(name, inner()) } else { Column::new(name, kind) };
    row().into_iter().map(|(name, kind, _)| column(name, kind)).collect()
}

/// The value of a formula over the row, as text; an error value as its text.
pub fn eval(formula: &str) -> String {
    eval_with(formula, &BTreeSet::new())
}

/// The same in a flow with these holidays.
pub fn eval_with(formula: &str, holidays: &BTreeSet<i32>) -> String {
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
    let ctx = Context::new(NOW, &zone, &parameters).with_holidays(holidays);
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
