//! Reference 3.1: what is a query and what is not.

use proptest::prelude::*;

use super::super::{Condition, Op, Operand, parse};
use super::ask;

fn literal(text: &str) -> String {
    match parse(text, true).unwrap().condition.unwrap() {
        Condition::Test(test) => match &test.operands[0] {
            Operand::Literal(literal) => literal.clone(),
            Operand::Call(call) => panic!("{call:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn queries_that_parse() {
    for text in [
        "",
        "   ",
        "limit 500",
        "limit 0",
        "offset 10000",
        "limit 1 offset 0",
        "order by $id asc limit 500",
        "order by 数値 desc, 文字列 asc, $id",
        "文字列 = \"a\"",
        "文字列=\"a\"",
        "(文字列 = \"a\")",
        "文字列 = \"a\" and (数値 > 1 or 数値 < -1.5) or メモ is empty",
        "メモ is not empty order by 数値 desc limit 10 offset 20",
        "選択 in (\"大\", \"小\")",
        "選択 not in (\"\")",
        "メモ like \"語句\" and メモ not like \"単語\"",
        "ユーザー in (LOGINUSER(), \"sato\")",
        "日付 = FROM_TODAY(-5, DAYS)",
        "数値 = 1e3",
        "order = 1 order by order asc",
    ] {
        ask(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn queries_that_do_not() {
    for text in [
        "文字列",
        "文字列 =",
        "= \"a\"",
        "文字列 = a",
        "文字列 = 'a'",
        "文字列 = \"a",
        "`文字列` = \"a\"",
        "文字列 == \"a\"",
        "文字列 <> \"a\"",
        "文字列 = \"a\" 文字列 = \"b\"",
        "文字列 = \"a\" and",
        "and 文字列 = \"a\"",
        "not 文字列 = \"a\"",
        "(文字列 = \"a\"",
        "文字列 = \"a\")",
        "()",
        "選択 in \"大\"",
        "選択 in ()",
        "選択 in (\"大\",)",
        "選択 not (\"大\")",
        "メモ is",
        "メモ is null",
        "メモ is empty not",
        "メモ like 5",
        "メモ like (\"a\")",
        "limit",
        "limit \"5\"",
        "limit 1.5",
        "limit -1",
        "offset -1",
        "limit 5 limit 5",
        "offset 5 limit 5",
        "limit 5 order by $id asc",
        "limit 5 文字列 = \"a\"",
        "order by",
        "order $id asc",
        "order by $id up",
        "order by $id asc,",
        "order by $id asc 文字列 = \"a\"",
        "1文字列 = \"a\"",
        "数値 = 12abc",
        "数値 = 1,000",
        "数値 = --1",
        "文字列 = \"\\q\"",
        "日付 = TODAY",
        "日付 = today()",
        "日付 = SOMEDAY()",
        "日付 = FROM_TODAY(5 DAYS)",
        "日付 = FROM_TODAY(\"5\", DAYS)",
        "文字列 = \"a\"; limit 5",
        "文字列 AND \"a\"",
        "関連. = \"a\"",
    ] {
        let error = parse(text, true).expect_err(text);
        assert_eq!((error.status, error.code), (400, "CB_VA01"), "{text}");
        let problem = error.errors.unwrap();
        assert_eq!((problem.path, problem.ja.as_str()), ("query", "クエリ記法が間違っています。"), "{text}");
    }
}

#[test]
fn without_a_direction_the_order_is_downwards() {
    let query = parse("order by 数値, 文字列 asc, $id desc", true).unwrap();
    assert_eq!(query.order.iter().map(|key| key.ascending).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn window_is_read() {
    let query = parse("limit 20 offset 40", true).unwrap();
    assert_eq!((query.condition, query.limit, query.offset), (None, Some(20), Some(40)));
}

#[test]
fn a_cursor_takes_no_window() {
    assert!(parse("数値 > 1 order by $id asc", false).is_ok());
    assert_eq!(parse("数値 > 1 limit 5", false).unwrap_err().code, "CB_VA01");
    assert_eq!(parse("offset 5", false).unwrap_err().code, "CB_VA01");
}

#[test]
fn spaces_of_any_width_and_line_breaks_stand_between_tokens() {
    let plain = parse("数値 > 1 and 文字列 = \"a\" order by $id asc", true).unwrap();
    let spaced =
        parse("\u{3000}数値\t>\r\n1\nand\u{3000}文字列\u{3000}=\u{3000}\"a\"\torder\u{3000}by $id\nasc ", true);
    assert_eq!(spaced.unwrap(), plain);
}

#[test]
fn escapes_in_strings() {
    assert_eq!(literal(r#"f = "a\"b""#), "a\"b");
    assert_eq!(literal(r#"f = "a\\b""#), "a\\b");
    assert_eq!(literal(r#"f = "a\tb\nc""#), "a\tb\nc");
    assert_eq!(literal("f = \"全角\u{3000}空白\""), "全角\u{3000}空白");
}

#[test]
fn raw_control_characters_in_strings_are_refused() {
    for raw in ['\t', '\n', '\r'] {
        assert_eq!(parse(&format!("文字列 = \"a{raw}b\""), true).unwrap_err().code, "CB_VA01");
    }
}

#[test]
fn numbers_quoted_or_bare_are_the_same() {
    assert_eq!(literal("数値 = 12.50"), literal("数値 = \"12.50\""));
    assert_eq!(literal("数値 = -3"), "-3");
}

#[test]
fn and_binds_closer_than_or() {
    let Condition::Or(parts) = parse("a = 1 or b = 2 and c = 3", true).unwrap().condition.unwrap() else { panic!() };
    assert!(matches!(&parts[0], Condition::Test(test) if test.field.code == "a" && test.op == Op::Eq));
    assert!(matches!(&parts[1], Condition::And(parts) if parts.len() == 2));
}

#[test]
fn field_codes_of_all_scripts() {
    for code in ["商品コード", "Ｆｕｌｌ＿１", "ｶﾅ･ｺｰﾄﾞ", "価格＄", "_x9", "在庫・数々", "か\u{3099}"]
    {
        let query = parse(&format!("{code} = 1"), true).unwrap_or_else(|error| panic!("{code}: {error}"));
        assert!(matches!(query.condition, Some(Condition::Test(test)) if test.field.code == code));
    }
}

#[test]
fn deep_nesting_is_an_error_and_long_chains_are_fine() {
    let nested = |depth: usize| format!("{}数値 = 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(100), true).is_ok());
    assert_eq!(parse(&nested(101), true).unwrap_err().code, "CB_VA01");
    assert_eq!(parse(&"(".repeat(1_000_000), true).unwrap_err().code, "CB_VA01");
    let chain = vec!["$id = 1"; 20_000].join(" or ");
    assert!(matches!(parse(&chain, true).unwrap().condition, Some(Condition::Or(parts)) if parts.len() == 20_000));
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let _ = ask(&text);
    }

    #[test]
    fn any_words_of_the_language_are_answered(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..12),
        spaced in any::<bool>(),
    ) {
        let text = words.join(if spaced { " " } else { "" });
        if let Ok(query) = ask(&text) && let Some(condition) = query.condition {
            // What passes the check can be asked.
            let filter = super::super::Filter::new(&condition, &super::form(), &super::context());
            prop_assert!(filter.is_ok(), "{}", text);
            filter.unwrap().matches(&super::record(1, serde_json::json!({})));
        }
    }
}

const WORDS: &[&str] = &[
    "$id",
    "$",
    "文字列",
    "数値",
    "日付",
    "日時",
    "選択",
    "品名",
    "個数",
    "メモ",
    "関連",
    "ユーザー",
    "=",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "!",
    "in",
    "not",
    "like",
    "is",
    "empty",
    "and",
    "or",
    "(",
    ")",
    ",",
    ".",
    "\"a\"",
    "\"大\"",
    "\"\"",
    "\"2026-01-01\"",
    "1",
    "-1",
    "1e",
    "1e9",
    "99999999999999999999",
    "\"",
    "\\",
    "order",
    "by",
    "asc",
    "desc",
    "limit",
    "offset",
    "TODAY()",
    "NOW()",
    "FROM_TODAY(",
    "DAYS",
    "THIS_MONTH(31)",
    "LAST_WEEK(",
    "SUNDAY",
    "LOGINUSER()",
    "NEXT_YEAR()",
];
