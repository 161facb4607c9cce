//! Sorting: by its definition on random tables, and by hand where a rule is easy to get wrong.

use std::cmp::Ordering;

use engine::Table;
use flow::plan::{Op, Sort, SortKey};
use model::value::Value;
use proptest::prelude::*;

use crate::support::{apply, columns, lines, table};

pub fn key(column: usize, descending: bool, blanks_last: bool) -> SortKey {
    SortKey { column, descending, blanks_last }
}

fn sorted(header: &str, rows: &[&str], keys: Vec<SortKey>) -> Vec<String> {
    lines(&apply(Op::Sort(Sort { keys, limit: None }), vec![table(header, rows)], header).unwrap())
}

/// How two values compare under a key, as the key's definition says it.
pub fn compare(a: &Value, b: &Value, key: &SortKey) -> Ordering {
    let values = match (a, b) {
        (Value::Blank, Value::Blank) => return Ordering::Equal,
        (Value::Blank, _) => return if key.blanks_last { Ordering::Greater } else { Ordering::Less },
        (_, Value::Blank) => return if key.blanks_last { Ordering::Less } else { Ordering::Greater },
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.chars().cmp(b.chars()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) | (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Datetime(a), Value::Datetime(b)) => a.cmp(b),
        other => panic!("{other:?}"),
    };
    if key.descending { values.reverse() } else { values }
}

#[test]
fn every_simple_kind_has_an_order() {
    let rows = [
        "b|2|2026-01-02|10:00|2026-01-01T00:00:00+00:00|TRUE",
        "a|-1.5|2026-01-01|09:59|2025-12-31T23:59:59+00:00|FALSE",
        "|||||",
    ];
    let header = "t:text n:number d:date c:time i:datetime b:bool";
    for column in 0..6 {
        let first = |descending, last| sorted(header, &rows, vec![key(column, descending, last)])[0].clone();
        assert_eq!(first(false, true), rows[1], "column {column}");
        assert_eq!(first(true, true), rows[0], "column {column}");
        assert_eq!(first(false, false), rows[2], "column {column}");
        assert_eq!(first(true, false), rows[2], "column {column}");
    }
}

#[test]
fn numbers_of_all_digits_are_told_apart() {
    let nines = "9".repeat(38);
    let rows = [nines.clone(), format!("-{nines}"), "0".into(), format!("{}8", "9".repeat(37)), String::new()];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let up = sorted("n:number", &rows, vec![key(0, false, false)]);
    assert_eq!(up, ["", rows[1], "0", rows[3], rows[0]]);
    let down = sorted("n:number", &rows, vec![key(0, true, false)]);
    assert_eq!(down, ["", rows[0], rows[3], "0", rows[1]]);
}

#[test]
fn long_texts_are_compared_to_their_end() {
    let rows = [
        "abcdefghijklmnop2",
        "abcdefghijklmnop10",
        "abcdefghijkl",
        "abcdefghijk",
        "abcdefghijklm",
        "z",
        "あいうえおか",
        "あいうえおき",
    ];
    let up = sorted("t:text", &rows, vec![key(0, false, false)]);
    let mut expected = rows;
    expected.sort_unstable();
    assert_eq!(up, expected);
}

#[test]
fn a_list_is_no_key() {
    let op = Op::Sort(Sort { keys: vec![key(0, false, false)], limit: None });
    let error = apply(op, vec![table("l:texts", &["x", "y;z"])], "l:texts").unwrap_err();
    assert_eq!(error.code(), "engine.unsupported");
}

#[test]
fn a_limit_keeps_the_first_rows() {
    let top = |limit| {
        let op = Op::Sort(Sort { keys: vec![key(0, true, true)], limit: Some(limit) });
        lines(&apply(op, vec![table("n:number", &["1", "3", "", "2"])], "n:number").unwrap())
    };
    assert_eq!(top(2), ["3", "2"]);
    assert_eq!(top(9), ["3", "2", "1", ""]);
    assert_eq!(top(0), Vec::<String>::new());
}

fn cell() -> impl Strategy<Value = (Value, Value, Value)> {
    let number = prop_oneof![
        1 => Just(Value::Blank),
        4 => (-20i128..20, 0u32..3).prop_map(|(m, s)| Value::Number(model::decimal::Decimal::from_parts(m, s).unwrap())),
        1 => any::<i64>().prop_map(|n| Value::Number(n.into())),
        1 => (-9i128..9).prop_map(|m| Value::Number(model::decimal::Decimal::from_parts(m * 10i128.pow(36), 2).unwrap())),
    ];
    let text = prop_oneof![1 => Just(Value::Blank), 4 => "[ab]{1,2}".prop_map(Value::Text), 1 => "a{11,14}[あb\u{1F600}]?".prop_map(Value::Text)];
    let date = prop_oneof![1 => Just(Value::Blank), 4 => (-3i32..3).prop_map(Value::Date)];
    (number, text, date)
}

proptest! {
    #[test]
    fn it_is_the_stable_sort(cells in prop::collection::vec(cell(), 0..60), copies in prop::sample::select(vec![1usize, 40]), keys in prop::collection::vec((0usize..3, any::<bool>(), any::<bool>()), 1..4)) {
        // Many rows take another way than few.
        let rows: Vec<Vec<Value>> = (0..copies).flat_map(|_| cells.clone()).enumerate()
            .map(|(i, (n, t, d))| vec![n, t, d, Value::Number(i64::try_from(i).unwrap().into())]).collect();
        let header = columns("n:number t:text d:date i:number");
        let keys: Vec<SortKey> = keys.into_iter().map(|(c, d, l)| key(c, d, l)).collect();
        let op = Op::Sort(Sort { keys: keys.clone(), limit: None });
        let made = apply(op, vec![Table::from_rows(&header, &rows).unwrap()], "n:number t:text d:date i:number").unwrap();
        let mut expected = rows;
        expected.sort_by(|a, b| keys.iter().map(|k| compare(&a[k.column], &b[k.column], k)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal));
        prop_assert_eq!(made.to_rows(), expected);
    }
}
