//! Reference 3.3: fields inside a table.

use serde_json::{Value, json};

use super::{ask, selects};

/// A record's table with these rows of 品名, 個数, 備考.
fn rows(rows: &[(&str, &str, &str)]) -> Value {
    let row = |(at, (name, count, note)): (usize, &(&str, &str, &str))| {
        json!({"id": at.to_string(), "value": {
            "品名": {"type": "SINGLE_LINE_TEXT", "value": name},
            "個数": {"type": "NUMBER", "value": count},
            "備考": {"type": "MULTI_LINE_TEXT", "value": note},
        }})
    };
    json!({"明細": rows.iter().enumerate().map(row).collect::<Vec<_>>()})
}

#[test]
fn equality_is_refused() {
    for test in ["品名 = \"a\"", "品名 != \"a\"", "個数 = 1", "個数 != 1", "納期 = TODAY()", "納期 != \"2026-01-01\""]
    {
        let error = ask(test).expect_err(test);
        assert_eq!((error.status, error.code), (400, "GAIA_IQ07"), "{test}");
        assert!(error.ja.contains("テーブルに設定している場合、"), "{test}");
    }
}

#[test]
fn other_operators_work() {
    let held = || rows(&[("りんご 青森", "3", "急ぎ"), ("みかん", "10", "")]);
    for (test, expected) in [
        ("品名 in (\"みかん\")", true),
        ("品名 in (\"ぶどう\", \"もも\")", false),
        ("品名 like \"青森\"", true),
        ("品名 like \"長野\"", false),
        ("個数 > 9", true),
        ("個数 > 10", false),
        ("個数 <= 3", true),
        ("個数 in (10)", true),
        ("備考 is empty", true),
        ("備考 like \"急ぎ\"", true),
    ] {
        assert_eq!(selects(test, held()), expected, "{test}");
    }
}

#[test]
fn negative_tests_want_every_row() {
    let held = || rows(&[("りんご", "3", "急ぎ"), ("みかん", "10", "箱で")]);
    for (test, expected) in [
        ("品名 not in (\"ぶどう\")", true),
        ("品名 not in (\"みかん\")", false),
        ("品名 not like \"ぶどう\"", true),
        ("品名 not like \"みかん\"", false),
        ("備考 is not empty", true),
        ("個数 not in (1, 2)", true),
        ("個数 not in (3)", false),
    ] {
        assert_eq!(selects(test, held()), expected, "{test}");
    }
    assert!(!selects("備考 is not empty", rows(&[("a", "1", "x"), ("b", "1", " ")])));
}

#[test]
fn an_empty_table_passes_neither() {
    for test in [
        "品名 in (\"a\")",
        "品名 not in (\"a\")",
        "品名 in (\"\")",
        "品名 not in (\"\")",
        "備考 is empty",
        "備考 is not empty",
        "品名 not like \"語句\"",
        "個数 > 0",
    ] {
        assert!(!selects(test, rows(&[])), "{test}");
        assert!(!selects(test, json!({})), "{test}, no table at all");
    }
}

#[test]
fn conditions_joined_by_and_hold_in_one_row() {
    let held = || rows(&[("りんご", "3", ""), ("みかん", "10", "")]);
    for (test, expected) in [
        ("品名 in (\"みかん\") and 個数 > 9", true),
        ("品名 in (\"りんご\") and 個数 > 9", false),
        ("個数 > 2 and 個数 < 5", true),
        ("個数 > 3 and 個数 < 10", false),
        ("(品名 in (\"りんご\") and $id = 7) and 個数 > 9", false),
        ("品名 in (\"りんご\") or 個数 > 99", true),
        ("品名 in (\"りんご\") and 個数 not in (10)", false),
        ("品名 in (\"りんご\") and 個数 not in (99)", true),
    ] {
        assert_eq!(selects(test, held()), expected, "{test}");
    }
}

#[test]
fn the_tables_name_is_no_prefix() {
    let error = ask("明細.品名 in (\"a\")").unwrap_err();
    assert_eq!((error.status, error.code), (400, "GAIA_IR02"));
    assert!(error.ja.contains("「明細」"));
}

#[test]
fn a_table_field_is_no_sort_key() {
    assert_eq!(ask("order by 個数 asc").unwrap_err().code, "GAIA_IS02");
}

#[test]
fn options_in_a_table_are_checked_too() {
    assert_eq!(ask("区分 in (\"特大\")").unwrap_err().code, "GAIA_IQ10");
    assert!(ask("区分 in (\"大\", \"\")").is_ok());
}
