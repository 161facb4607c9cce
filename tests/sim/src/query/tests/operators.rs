//! Reference 3.2: which operators go with which type, and what they mean for its values.

use serde_json::{Value, json};

use super::{ask, assert_table, record, selects, selects_for};

/// Each operator with operands that no type but the right one refuses for their own sake.
const OPERATORS: [(&str, &str); 12] = [
    ("=", "= V"),
    ("!=", "!= V"),
    (">", "> V"),
    ("<", "< V"),
    (">=", ">= V"),
    ("<=", "<= V"),
    ("in", "in (V)"),
    ("not in", "not in (V)"),
    ("like", "like V"),
    ("not like", "not like V"),
    ("is", "is empty"),
    ("is not", "is not empty"),
];

const NUMERIC: &[&str] = &["=", "!=", ">", "<", ">=", "<=", "in", "not in"];
const LINE: &[&str] = &["=", "!=", "in", "not in", "like", "not like"];
const MEMBER: &[&str] = &["in", "not in"];
const MOMENT: &[&str] = &["=", "!=", ">", "<", ">=", "<="];
const SEARCH: &[&str] = &["like", "not like", "is", "is not"];

#[test]
fn operators_of_each_type() {
    for (field, allowed) in [
        ("$id", NUMERIC),
        ("レコード番号", NUMERIC),
        ("数値", NUMERIC),
        ("計算", NUMERIC),
        ("計算日付", NUMERIC),
        ("所要時間", NUMERIC),
        ("文字列", LINE),
        ("参照", LINE),
        ("リンク", LINE),
        ("メモ", SEARCH),
        ("リッチ", &["like", "not like"]),
        ("チェック", MEMBER),
        ("ラジオ", MEMBER),
        ("選択", MEMBER),
        ("複数選択", MEMBER),
        ("添付", SEARCH),
        ("日付", MOMENT),
        ("時刻", MOMENT),
        ("日時", MOMENT),
        ("作成日時", MOMENT),
        ("更新日時", MOMENT),
        ("作成者", MEMBER),
        ("更新者", MEMBER),
        ("ユーザー", MEMBER),
        ("作業者", MEMBER),
        ("組織", MEMBER),
        ("グループ", MEMBER),
        ("ステータス", &["=", "!=", "in", "not in"]),
        ("カテゴリー", &[]),
        ("関連", &[]),
        ("明細", &[]),
    ] {
        for (operator, test) in OPERATORS {
            let text = format!("{field} {}", test.replace('V', "\"\""));
            match ask(&text) {
                Ok(_) => assert!(allowed.contains(&operator), "{text} passes"),
                Err(error) => {
                    assert!(!allowed.contains(&operator), "{text}: {error}");
                    let sentence = format!("{field}フィールドのフィールドタイプには演算子{operator}を使用できません。");
                    assert_eq!((error.status, error.code, error.ja), (400, "GAIA_IQ03", sentence));
                }
            }
        }
    }
}

#[test]
fn functions_of_each_type() {
    let dates = ["TODAY()", "FROM_TODAY(1, WEEKS)", "THIS_WEEK()", "LAST_MONTH(LAST)", "NEXT_YEAR()"];
    for (test, now, days, user, organization) in [
        ("日付 = V", false, true, false, false),
        ("日時 = V", true, true, false, false),
        ("作成日時 = V", true, true, false, false),
        ("更新日時 >= V", true, true, false, false),
        ("時刻 = V", false, false, false, false),
        ("数値 = V", false, false, false, false),
        ("計算日付 = V", false, false, false, false),
        ("$id = V", false, false, false, false),
        ("文字列 = V", false, false, false, false),
        ("選択 in (V)", false, false, false, false),
        ("作成者 in (V)", false, false, true, false),
        ("更新者 in (V)", false, false, true, false),
        ("ユーザー in (V)", false, false, true, false),
        ("作業者 in (V)", false, false, true, false),
        ("組織 in (V)", false, false, false, true),
        ("グループ in (V)", false, false, false, false),
    ] {
        let calls = [("NOW()", now), ("LOGINUSER()", user), ("PRIMARY_ORGANIZATION()", organization)];
        for (call, allowed) in calls.into_iter().chain(dates.map(|call| (call, days))) {
            let text = test.replace('V', call);
            assert_eq!(ask(&text).err().map(|error| error.code), (!allowed).then_some("CB_VA01"), "{text}");
        }
    }
}

#[test]
fn numbers_compare_exactly() {
    assert_table(
        "数値",
        &[
            ("= 5", json!("5"), true),
            ("= \"5.00\"", json!("5"), true),
            ("= 5e0", json!("5"), true),
            ("= 5", json!("50"), false),
            ("= 9007199254740993", json!("9007199254740992"), false),
            ("= 0.1", json!("0.10000000000000000000000000001"), false),
            ("> 9", json!("10"), true),
            ("> 10", json!("10"), false),
            ("< -1", json!("-1.5"), true),
            ("< 0", json!("-0"), false),
            (">= 123456789012345678901234567890", json!("123456789012345678901234567890"), true),
            ("> 123456789012345678901234567890", json!("123456789012345678901234567890.0001"), true),
            ("<= 0.5", json!("0.05"), true),
            ("!= 5", json!("5.0"), false),
            ("!= 5", json!("6"), true),
            ("in (1, \"2\", 3)", json!("2.0"), true),
            ("in (1, 3)", json!("2"), false),
            ("not in (1, 3)", json!("2"), true),
        ],
    );
}

#[test]
fn empty_numbers() {
    for empty in [json!(""), Value::Null] {
        assert_table(
            "数値",
            &[
                ("= \"\"", empty.clone(), true),
                ("!= \"\"", empty.clone(), false),
                ("= 0", empty.clone(), false),
                ("!= 0", empty.clone(), true),
                ("> -1", empty.clone(), false),
                ("< 1", empty.clone(), false),
                ("<= \"\"", empty.clone(), false),
                ("in (\"\", 1)", empty.clone(), true),
                ("not in (\"\")", empty.clone(), false),
                ("not in (1)", empty, true),
            ],
        );
    }
    assert_table(
        "数値",
        &[("!= \"\"", json!("0"), true), ("= \"\"", json!("0"), false), ("> \"\"", json!("1"), false)],
    );
}

#[test]
fn texts() {
    assert_table(
        "文字列",
        &[
            ("= \"りんご\"", json!("りんご"), true),
            ("= \"りん\"", json!("りんご"), false),
            ("= \"abc\"", json!("ABC"), false),
            ("= 5", json!("5"), true),
            ("= 5", json!("5.0"), false),
            ("= \"\"", json!(""), true),
            ("= \"\"", Value::Null, true),
            ("= \"\"", json!("a"), false),
            ("!= \"\"", json!(""), false),
            ("!= \"\"", json!("a"), true),
            ("!= \"a\"", json!(""), true),
            ("!= \"a\"", json!("a"), false),
            ("in (\"a\", \"b\")", json!("b"), true),
            ("in (\"a\", \"b\")", json!("c"), false),
            ("not in (\"a\", \"b\")", json!("c"), true),
            ("in (\"\")", json!(""), true),
        ],
    );
    assert_table("リンク", &[("= \"https://a.example/\"", json!("https://a.example/"), true)]);
}

#[test]
fn choices() {
    for field in ["ラジオ", "選択"] {
        assert_table(
            field,
            &[
                ("in (\"大\", \"中\")", json!("中"), true),
                ("in (\"大\")", json!("小"), false),
                ("not in (\"大\")", json!("小"), true),
                ("in (\"\")", Value::Null, true),
                ("in (\"\")", json!(""), true),
                ("in (\"\")", json!("大"), false),
                ("not in (\"\")", json!("大"), true),
                ("not in (\"大\")", Value::Null, true),
            ],
        );
    }
    for field in ["チェック", "複数選択"] {
        assert_table(
            field,
            &[
                ("in (\"中\")", json!(["大", "中"]), true),
                ("in (\"小\")", json!(["大", "中"]), false),
                ("not in (\"小\")", json!(["大", "中"]), true),
                ("not in (\"中\")", json!(["大", "中"]), false),
                ("in (\"\")", json!([]), true),
                ("in (\"\", \"大\")", json!(["大"]), true),
                ("not in (\"\")", json!([]), false),
            ],
        );
    }
    assert_table(
        "ステータス",
        &[
            ("= \"未処理\"", json!("未処理"), true),
            ("!= \"未処理\"", json!("完了"), true),
            ("in (\"処理中\", \"完了\")", json!("完了"), true),
            ("not in (\"処理中\")", json!("処理中"), false),
        ],
    );
}

#[test]
fn people() {
    let sato = json!({"code": "sato", "name": "佐藤"});
    let users = json!([{"code": "ito", "name": "伊藤"}, {"code": "sato", "name": "佐藤"}]);
    for field in ["作成者", "更新者"] {
        assert_table(
            field,
            &[
                ("in (\"sato\")", sato.clone(), true),
                ("in (\"佐藤\")", sato.clone(), false),
                ("in (LOGINUSER())", sato.clone(), true),
                ("not in (LOGINUSER())", sato.clone(), false),
            ],
        );
    }
    for field in ["ユーザー", "作業者"] {
        assert_table(
            field,
            &[
                ("in (\"kato\", \"ito\")", users.clone(), true),
                ("in (LOGINUSER())", users.clone(), true),
                ("in (\"kato\")", users.clone(), false),
                ("not in (\"kato\")", users.clone(), true),
                ("in (\"\")", json!([]), true),
                ("in (\"\")", users.clone(), false),
            ],
        );
    }
    let sales = json!([{"code": "sales", "name": "営業部"}]);
    assert_table(
        "組織",
        &[("in (PRIMARY_ORGANIZATION())", sales.clone(), true), ("in (\"hr\")", sales.clone(), false)],
    );
    assert_table("グループ", &[("in (\"sales\")", sales.clone(), true), ("not in (\"sales\")", sales, false)]);
}

#[test]
fn nobody_is_the_login_user_of_an_api_token() {
    let mut token = super::context();
    token.login = None;
    token.organization = None;
    let held = record(1, json!({"作成者": {"code": "sato"}, "ユーザー": [], "組織": [{"code": "sales"}]}));
    assert!(!selects_for(&token, "作成者 in (LOGINUSER())", &held));
    assert!(!selects_for(&token, "ユーザー in (LOGINUSER())", &held));
    assert!(!selects_for(&token, "組織 in (PRIMARY_ORGANIZATION())", &held));
    assert!(selects_for(&token, "組織 in (PRIMARY_ORGANIZATION(), \"sales\")", &held));
}

#[test]
fn record_numbers_with_and_without_the_app_code() {
    for (text, expected) in [
        ("$id = 7", true),
        ("$id = \"7\"", true),
        ("$id in (5, 7)", true),
        ("$id not in (5, 7)", false),
        ("$id > 6 and $id <= 7", true),
        ("$id > 7", false),
        ("$id < 9007199254740993", true),
        ("レコード番号 = 7", true),
        ("レコード番号 = \"ORD-7\"", true),
        ("レコード番号 in (\"ORD-8\", \"ORD-9\")", false),
        ("レコード番号 >= \"ORD-7\"", true),
        ("レコード番号 != \"ORD-7\"", false),
        ("$id = \"\"", false),
    ] {
        assert_eq!(selects(text, json!({"レコード番号": "ORD-7"})), expected, "{text}");
    }
}

#[test]
fn dates_times_and_instants() {
    assert_table(
        "日付",
        &[
            ("= \"2026-03-01\"", json!("2026-03-01"), true),
            ("= \"2026-3-1\"", json!("2026-03-01"), true),
            ("= \"2026-03\"", json!("2026-03-01"), true),
            ("!= \"2026-03-01\"", json!("2026-03-02"), true),
            ("> \"2026-03-01\"", json!("2026-03-01"), false),
            (">= \"2026-03-01\"", json!("2026-03-01"), true),
            ("< \"2026-03-01\"", json!("2025-12-31"), true),
            ("<= \"2026-03-01\"", json!("2026-03-02"), false),
            ("= \"\"", Value::Null, true),
            ("!= \"\"", Value::Null, false),
            ("!= \"\"", json!("2026-03-01"), true),
            ("!= \"2026-03-01\"", Value::Null, true),
            ("< \"2026-03-01\"", Value::Null, false),
        ],
    );
    assert_table(
        "時刻",
        &[
            ("= \"09:05\"", json!("09:05"), true),
            ("> \"09:05\"", json!("10:00"), true),
            ("< \"23:59\"", Value::Null, false),
            ("= \"\"", Value::Null, true),
        ],
    );
    for field in ["日時", "作成日時", "更新日時"] {
        assert_table(
            field,
            &[
                ("= \"2026-04-23T06:31:00Z\"", json!("2026-04-23T06:31:00Z"), true),
                ("= \"2026-04-23T15:31:00+09:00\"", json!("2026-04-23T06:31:00Z"), true),
                ("= \"2026-04-23T15:31:00+0900\"", json!("2026-04-23T06:31:00Z"), true),
                ("= \"2026-04-23T06:31:45Z\"", json!("2026-04-23T06:31:00Z"), true),
                ("= \"2026-04-23\"", json!("2026-04-23T00:00:00Z"), true),
                ("> \"2026-04-23T06:31:00Z\"", json!("2026-04-23T06:31:00Z"), false),
                ("> \"2026-04-23T06:30:00Z\"", json!("2026-04-23T06:31:00Z"), true),
                ("<= \"2026-04-23T06:31:00Z\"", json!("2026-04-23T06:31:00Z"), true),
                ("= \"\"", json!(""), true),
            ],
        );
    }
}

#[test]
fn calculated_dates_and_lengths_compare_as_such() {
    assert_table("計算日付", &[("> \"2026-01-31\"", json!("2026-02-01"), true), ("in (\"\")", json!(""), true)]);
    assert_table("計算日付", &[("in (\"2026-01-31\", \"2026-02-01\")", json!("2026-02-01"), true)]);
    assert_table("計算日付", &[("not in (\"2026-01-31\")", json!("2026-01-31"), false)]);
    assert_table("所要時間", &[("> \"9:30\"", json!("49:30"), true), ("= \"1:00\"", json!("0:59"), false)]);
    assert_table("計算", &[("> 9", json!("10"), true), ("= \"\"", json!(""), true)]);
}

#[test]
fn emptiness_ignores_blanks() {
    assert_table(
        "メモ",
        &[
            ("is empty", json!(""), true),
            ("is empty", json!(" \t\n"), true),
            ("is empty", json!("x"), false),
            ("is not empty", json!(" \n"), false),
            ("is not empty", json!("x"), true),
        ],
    );
    let file = json!([{"name": "a.txt", "fileKey": "k"}]);
    assert_table(
        "添付",
        &[("is empty", json!([]), true), ("is empty", file.clone(), false), ("is not empty", file, true)],
    );
}

#[test]
fn and_and_or() {
    let values = || json!({"数値": "5", "文字列": "a"});
    assert!(selects("数値 = 5 and 文字列 = \"a\"", values()));
    assert!(!selects("数値 = 5 and 文字列 = \"b\"", values()));
    assert!(selects("数値 = 6 or 文字列 = \"a\"", values()));
    assert!(selects("数値 = 5 or 数値 = 6 and 文字列 = \"b\"", values()));
    assert!(!selects("(数値 = 5 or 数値 = 6) and 文字列 = \"b\"", values()));
}
