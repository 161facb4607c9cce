//! Formulas on whole records.

use serde_json::{Value, json};

use super::*;
use crate::form::FieldDef;

fn form(fields: Value) -> Form {
    let mut form = Form::default();
    for (code, properties) in fields.as_object().into_iter().flatten() {
        let field = FieldDef::from_properties(code, properties).expect("a field");
        form.fields.insert(field.code.clone(), field);
    }
    form
}

/// The value of a CALC of that formula beside some ordinary fields.
fn result(formula: &str, format: &str) -> String {
    let form = form(json!({
        "a": {"type": "NUMBER"}, "b": {"type": "NUMBER"}, "empty": {"type": "NUMBER"},
        "day": {"type": "DATE"}, "clock": {"type": "TIME"}, "at": {"type": "DATETIME"}, "noDay": {"type": "DATE"},
        "名": {"type": "SINGLE_LINE_TEXT"},
        "marks": {"type": "CHECK_BOX", "options": {"赤": {}}},
        "other": {"type": "CALC", "expression": "a + 1"},
        "明細": {"type": "SUBTABLE", "fields": {
            "単価": {"type": "NUMBER"}, "数": {"type": "NUMBER"}, "額": {"type": "CALC", "expression": "単価 * 数"}}},
        "result": {"type": "CALC", "expression": formula, "format": format},
    }));
    let row = |price: &str, count: &str| {
        json!({"id": "1", "value": {"単価": {"type": "NUMBER", "value": price}, "数": {"type": "NUMBER", "value": count},
            "額": {"type": "CALC", "value": ""}}})
    };
    let mut fields: Fields = [
        ("a", json!("7")),
        ("b", json!("-2.5")),
        ("empty", json!("")),
        ("名", json!("りんご")),
        ("marks", json!(["赤"])),
        ("day", json!("2026-04-01")),
        ("clock", json!("09:30")),
        ("at", json!("2026-04-01T00:30:00Z")),
        ("noDay", Value::Null),
        ("明細", json!([row("100", "3"), row("0.5", "")])),
    ]
    .into_iter()
    .map(|(code, value)| (code.into(), value))
    .collect();
    all(&form, &mut fields, Precision::default());
    fields["result"].as_str().unwrap_or("no text").to_owned()
}

#[test]
fn numbers() {
    let cases = [
        ("a + b * 2", "2"),
        ("(a + b) * 2", "9"),
        ("-a - -b", "-9.5"),
        ("a / 3", "2.3333"),
        ("b / 3", "-0.8333"),
        ("a / empty", ""),
        ("2 ^ 3 * 2", "16"),
        ("empty + 1", "1"),
        ("other * 2", "16"),
        ("a + 名", ""),
        ("ROUND(b)", "-3"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ROUNDUP(b)", "-3"),
        ("ROUNDDOWN(b)", "-2"),
        ("SUM(a, b, 1)", "5.5"),
        ("SUM(数)", "3"),
        ("SUM(額) + 1", "301"),
        ("IF(a > 5, 1, 2)", "1"),
        ("IF(AND(a = 7, NOT(b >= 0)), 10, 20)", "10"),
        ("IF(OR(a != 7, 名 = \"りんご\"), 1, 0)", "1"),
        ("IF(CONTAINS(marks, \"赤\"), 1, 0)", "1"),
        ("IF(CONTAINS(名, \"みかん\"), 1, 0)", "0"),
        ("1e5", ""),
        ("999999999999999999999999999999 * 999999999999999999999", ""),
    ];
    for (formula, wanted) in cases {
        assert_eq!(result(formula, "NUMBER"), wanted, "{formula}");
    }
}

#[test]
fn formats() {
    let cases = [
        ("day", "NUMBER", "1775001600"),
        ("day + 86400", "DATE", "2026-04-02"),
        ("noDay + 1", "DATE", ""),
        ("at + 60 * 90", "DATETIME", "2026-04-01T02:00:00Z"),
        ("clock + 3600", "TIME", "10:30"),
        ("clock * 5", "HOUR_MINUTE", "47:30"),
    ];
    for (formula, format, wanted) in cases {
        assert_eq!(result(formula, format), wanted, "{formula} as {format}");
    }
}

#[test]
fn texts_are_joined() {
    let form = form(json!({
        "n": {"type": "NUMBER"}, "t": {"type": "SINGLE_LINE_TEXT"},
        "joined": {"type": "SINGLE_LINE_TEXT", "expression": "t & \"-\" & n"},
    }));
    let mut fields: Fields = [("n".into(), json!("1.5")), ("t".into(), json!("あ"))].into();
    all(&form, &mut fields, Precision::default());
    assert_eq!(fields["joined"], "あ-1.5");
}

#[test]
fn bad_formulas_are_refused() {
    let codes = |formula: &str| {
        let form = form(json!({
            "a": {"type": "NUMBER"},
            "c": {"type": "CALC", "expression": formula},
            "d": {"type": "CALC", "expression": "c + 1"},
        }));
        check(&form).map_err(|error| error.code)
    };
    assert_eq!(codes("a * 2"), Ok(()));
    for formula in ["a +", "(a", "zzz + 1", "c + 1", "d + 1", "NOTHING(a)", "IF(a)", "\"open", "a ; 1", "a a"] {
        assert_eq!(codes(formula), Err("GAIA_IL01"), "{formula}");
    }
    assert_eq!(codes(&"(".repeat(5000)), Err("GAIA_IL01"));
}
