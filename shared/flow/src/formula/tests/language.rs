//! The language: order of operators, ways to write names, texts and numbers, and what a checked formula tells of itself.

use model::field::Kind;
use model::value::Value;
use proptest::prelude::*;

use super::super::functions;
use super::super::{Context, Parameters, check, compile, parse};
use super::support::{NOW, all, columns, eval, tokyo};

/// Functions that take errors for what they are.
const NO_ERROR: [&str; 13] = [
    "COUNT",
    "COUNTA",
    "COUNTBLANK",
    "ISBLANK",
    "ISERR",
    "ISERROR",
    "ISLOGICAL",
    "ISNA",
    "ISNONTEXT",
    "ISNUMBER",
    "ISTEXT",
    "IFERROR",
    "TYPE",
];

#[test]
fn the_examples_of_every_function_hold() {
    for function in functions::all() {
        assert!(!function.ja.is_empty() && !function.en.is_empty(), "{function:?} says nothing of itself");
        let (formulas, results): (Vec<_>, Vec<_>) = function.examples.iter().copied().unzip();
        let enough = if function.min == 0 { 1 } else { 3 };
        assert!(formulas.len() >= enough, "{function:?} has {} examples", formulas.len());
        // What blank does and what is an error is shown; for some functions nothing is.
        let blank = formulas.iter().any(|formula| formula.contains("\"\""));
        let error = results.iter().any(|result| result.starts_with('#'));
        assert!(function.min == 0 || blank, "{function:?} does not show what blank does");
        assert!(function.min == 0 || error || NO_ERROR.contains(&function.name), "{function:?} shows no error");
    }
    let examples: Vec<_> = functions::all().flat_map(|function| function.examples.iter().copied()).collect();
    all(&examples);
}

#[test]
fn every_name_is_in_the_table_once() {
    let mut names: Vec<_> = functions::names().collect();
    assert!(names.len() >= 190, "{}", names.len());
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(names.iter().all(|name| name.to_uppercase() == *name));
}

#[test]
fn operators_have_excels_order() {
    all(&[
        ("1+2*3", "7"),
        ("(1+2)*3", "9"),
        ("-2^2", "4"),
        ("0-2^2", "-4"),
        ("2^-1", "0.5"),
        ("2^3^2", "64"),
        ("-50%", "-0.5"),
        ("200*10%", "20"),
        ("10%%", "0.001"),
        ("2^200%", "4"),
        ("8/4/2", "1"),
        ("8-4-2", "2"),
        ("--3", "3"),
        ("+-+3", "-3"),
        ("2*-3", "-6"),
        ("1&2+3", "15"),
        ("1+2&3", "33"),
        ("\"a\"&\"b\"=\"ab\"", "TRUE"),
        ("1=1=TRUE", "TRUE"),
        ("3>2>1", "TRUE"), // (3>2)>1: a truth value is above every number
        ("1+1=2", "TRUE"),
        ("=1+1", "2"),
    ]);
}

#[test]
fn full_width_signs_count_as_ascii() {
    all(&[
        ("＝（１＋２）＊３", "9"),
        ("１２．５／５", "2.5"),
        ("ＩＦ（数量＞＝３，”多い”，”少ない”）", "多い"),
        ("５０％", "0.5"),
        ("数量＜＞３", "FALSE"),
        ("数量≧3", "TRUE"),
        ("数量×単価", "3751.5"),
        ("ｓｕｍ（1、2）", "3"),
        ("“a”＆”b”", "ab"),
        ("\"全角（）はそのまま\"", "全角（）はそのまま"),
        ("1\u{3000}+\u{3000}1", "2"),
    ]);
}

#[test]
fn names_can_be_written_in_many_ways() {
    all(&[
        ("数量", "3"),
        ("[在庫 数量]+1", "8"),
        ("'在庫 数量'+1", "8"),
        ("［在庫 数量］", "7"),
        ("[単価（税込）]", "1375.55"),
        ("2026年度+1", "27"),
        ("2026年度%", "0.26"),
        ("Code1", "A-1"),
        ("ｃｏｄｅ１", "A-1"),
        ("True", "TRUE"),
        ("ＴＲＵＥ", "TRUE"),
        ("false", "FALSE"),
        ("if(1,2,3)", "2"),
    ]);
}

#[test]
fn texts_and_numbers_can_be_written_in_many_ways() {
    all(&[
        ("\"\"\"\"", "\""),
        ("\"a\"\"b\"", "a\"b"),
        ("\"\"", ""),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("．５+１．５", "2"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        ("123456789012345678901234567890+1", "123456789012345678901234567891"),
        ("\"100%\"", "100%"),
        ("\"%\"&\"x%\"", "%x%"),
        ("\"%%\"", "%%"),
        ("\"%a%b%\"", "%a%b%"),
    ]);
}

#[test]
fn parameters_keep_their_kind() {
    all(&[
        ("\"%数量%\"+1", "6"),
        ("%数量%*2", "10"),
        ("％数量％", "5"),
        ("数量<\"%数量%\"", "TRUE"),
        ("10%*\"%数量%\"", "0.5"),
        ("\"%受注 番号%\"=Code1", "TRUE"),
        ("%納期%*2", "#VALUE!"),
        ("%納期%+受注日", "#VALUE!"),
        ("%納期%-受注日", "1"),
        ("\"%空%\"=\"\"", "TRUE"),
        ("\"%なし%\"", "#REF!"),
        ("IF(FALSE,\"%なし%\",1)", "1"),
    ]);
}

#[test]
fn a_formula_tells_what_it_reads() {
    let mut expr = compile("IF(単価>[数量],%b%&単価,\"%a%\"&%b%)", &columns()).unwrap();
    assert_eq!(expr.columns(), [0, 1]);
    assert_eq!(expr.parameters(), ["a", "b"]);
    assert_eq!(expr.source(), "IF(単価>[数量],%b%&単価,\"%a%\"&%b%)");
    expr.remap(|column| column + 10);
    assert_eq!(expr.columns(), [10, 11]);
}

#[test]
fn kinds_are_inferred_where_they_are_certain() {
    use Kind::{Bool, Date, Datetime, Number, Text, Time};
    for (formula, kind) in [
        ("数量*単価", Some(Number)),
        ("品名+1", Some(Number)),
        ("数量&\"個\"", Some(Text)),
        ("数量>1", Some(Bool)),
        ("受注日+7", Some(Date)),
        ("7+受注日", Some(Date)),
        ("受注日-空日付", Some(Number)),
        ("受注日+始業", Some(Datetime)),
        ("終了-1", Some(Datetime)),
        ("終業-始業", Some(Number)),
        ("始業+始業", Some(Time)),
        ("IF(数量>1,受注日,\"\")", Some(Date)),
        ("IF(数量>1,受注日,0)", None),
        ("IF(数量>1,5)", None),
        ("IFS(TRUE,1,FALSE,\"\")", Some(Number)),
        ("SWITCH(数量,1,\"a\",2,\"b\")", Some(Text)),
        ("IFERROR(数量/0,\"\")", Some(Number)),
        ("MAX(受注日,空日付)", Some(Date)),
        ("MIN(内訳[納品日])", Some(Date)),
        ("MAX(内訳[金額],数量)", Some(Number)),
        ("MAX(明細[x])", None),
        ("SUM(明細[x])", Some(Number)),
        ("MAXIFS(内訳[納品日],内訳[品目],品名)", Some(Date)),
        ("XLOOKUP(品名,内訳[品目],内訳[金額],0)", Some(Number)),
        ("INDEX(内訳[納品日],1)", Some(Date)),
        ("INDEX(区分,1)", Some(Text)),
        ("内訳[金額]", Some(Kind::Texts)),
        ("CHOOSE(数量,1,2,\"\")", Some(Number)),
        ("CHOOSE(数量,1,\"a\")", None),
        ("IFERROR(受注日+1,NA())", Some(Date)),
        ("IF(数量>1,#N/A,単価)", Some(Number)),
        ("REGEXEXTRACT(品名,\"り\")", Some(Text)),
        ("REGEXEXTRACT(品名,\"り\",1)", Some(Kind::Texts)),
        ("REGEXEXTRACT(品名,\"り\",数量)", None),
        ("WORKDAY(受注日,1)", Some(Date)),
        ("N(受注日)", Some(Number)),
        ("EDATE(開始,1)", Some(Date)),
        ("区分", Some(Kind::Texts)),
        ("%数量%", None),
        ("\"\"", None),
    ] {
        assert_eq!(compile(formula, &columns()).unwrap().kind(), kind, "{formula}");
    }
}

#[test]
fn nesting_has_a_limit_and_no_stack_overflow() {
    for deep in [
        format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        "-".repeat(20_000) + "1",
        format!("1{}", "+1".repeat(5_000)),
        format!("1{}", "%".repeat(5_000)),
        format!("{}1{}", "ABS(".repeat(3_000), ")".repeat(3_000)),
        "2^".repeat(5_000) + "2",
    ] {
        let problems = parse(&deep).unwrap_err();
        assert_eq!(problems[0].code, "formula_too_deep", "{}", &deep[..20]);
    }
    assert_eq!(eval(&format!("{}1{}", "ABS(".repeat(64), ")".repeat(64))), "1");
    assert_eq!(eval(&format!("1{}", "+1".repeat(200))), "201");
    // As deep as allowed, it must also be computed without running out of stack.
    for limit in [
        format!("{}1{}", "ABS(".repeat(249), ")".repeat(249)),
        format!("{}1{}", "IF(1,".repeat(249), ")".repeat(249)),
        format!("1{}", "*1".repeat(249)),
        "-".repeat(248) + "1",
    ] {
        assert_eq!(eval(&limit), "1");
    }
    // A chain of texts is not deep, however long.
    assert_eq!(eval(&format!("LEN(\"a\"{})", "&\"a\"".repeat(7_000))), "7001");
    assert_eq!(eval(&format!("\"\"{}=\"aaa\"", "&\"a\"".repeat(3))), "TRUE");
    assert_eq!(eval("\"a\"&1+2&\"b\"&3*4&\"c\""), "a3b12c");
    assert_eq!(parse(&"1+".repeat(20_000)).unwrap_err()[0].code, "formula_too_long");
}

fn piece() -> impl Strategy<Value = String> {
    let words = [
        "1",
        "２",
        "0.5",
        "\"a\"",
        "\"\"",
        "数量",
        "受注日",
        "開始",
        "始業",
        "区分",
        "空日付",
        "内訳",
        "内訳[金額]",
        "添付",
        "担当者",
        "#N/A",
        "TRUE",
        "-1",
        "[在庫 数量]",
        "%数量%",
        "(",
        ")",
        ",",
        "+",
        "-",
        "*",
        "/",
        "^",
        "&",
        "=",
        "<",
        ">",
        "%",
        "IF",
        "SUM",
        "TEXT",
        "MID",
        "DATE",
        "DATEDIF",
        "(",
        ")",
        " ",
    ];
    prop_oneof![9 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,3}"]
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(pieces in prop::collection::vec(piece(), 0..25)) {
        let text = pieces.concat();
        let columns = columns();
        match parse(&text).and_then(|ast| check(&ast, &columns)) {
            Ok(expr) => {
                let values: Vec<Value> = super::support::row().into_iter().map(|(_, _, value)| value).collect();
                let (zone, parameters) = (tokyo(), Parameters::new());
                let result = expr.eval(&values, &Context::new(NOW, &zone, &parameters));
                if let (Some(promised), Ok(Some(kind))) = (expr.kind(), result.map(|v| v.kind())) {
                    prop_assert_eq!(promised, kind, "{}", text);
                }
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for problem in problems {
                    prop_assert!(text.is_char_boundary(problem.span.start) && text.is_char_boundary(problem.span.end));
                    prop_assert!(problem.caret(&text).contains('^'));
                }
            }
        }
    }

    #[test]
    fn no_format_makes_it_panic(pattern in "[#0?,.%;@ymdhsage\\[\\]\"/: 年円EX\\\\+-]{0,12}", number in any::<i64>()) {
        let zone = tokyo();
        for value in [Value::Number(number.into()), Value::Date(20_484), Value::text("abc"), Value::Time(5), Value::Blank] {
            let _ = super::super::format::format(&value, &pattern, &zone);
        }
    }
}

/// Fewest and most arguments that a description of arguments tells.
fn described(takes: &str) -> (usize, Option<usize>) {
    let (mut min, mut max) = (0, Some(0));
    for part in takes.split(", ").filter(|part| !part.is_empty()) {
        if part.trim_end_matches(']') == "…" {
            max = None;
            continue;
        }
        let (name, kind) = part.trim_matches(['[', ']']).split_once(": ").unwrap_or_else(|| panic!("{takes}: {part}"));
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{takes}: {name}");
        let kinds = ["number", "text", "truth", "date", "time", "list", "table", "any"];
        assert!(kinds.contains(&kind), "{takes}: {kind}");
        min += usize::from(!part.starts_with('['));
        max = max.map(|max| max + 1);
    }
    (min, max)
}

#[test]
fn the_arguments_are_described_as_they_are_counted() {
    for function in functions::all() {
        assert_eq!(described(function.takes), (function.min, function.max), "{function:?}: {}", function.takes);
    }
}
