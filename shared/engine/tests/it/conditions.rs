//! Conditions of a filter, by kind of column.

use engine::{EngineError, Limits, Table};
use flow::formula::Parameters;
use flow::plan::{Conditions, Op, Operand, Operator, Predicate, Test};
use model::value::{FileRef, Row, Value};

use crate::support::{apply, execute_with, lines, node, plan, read, shape, table};

fn test(column: usize, operator: &str, operands: &[&str]) -> Test {
    let operator = match operator {
        "=" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        "in" => Operator::In,
        "not in" => Operator::NotIn,
        "like" => Operator::Like,
        "not like" => Operator::NotLike,
        "empty" => Operator::Empty,
        "not empty" => Operator::NotEmpty,
        other => panic!("{other}"),
    };
    let operand = |text: &&str| match text.strip_prefix('%').and_then(|t| t.strip_suffix('%')) {
        Some(name) => Operand::Parameter(name.into()),
        None if text.ends_with("()") => Operand::Function((*text).into()),
        None => Operand::Literal((*text).into()),
    };
    Test { field: "列".into(), column: Some(column), operator, operands: operands.iter().map(operand).collect() }
}

/// The first column, which numbers the rows, of what stays.
fn kept(input: &Table, tests: Vec<Test>, any: bool) -> Result<String, EngineError> {
    kept_with(input, Predicate::Conditions(Conditions { any, tests }), &Parameters::new())
}

fn kept_with(input: &Table, predicate: Predicate, parameters: &Parameters) -> Result<String, EngineError> {
    let write = flow::plan::Write::new(2, flow::plan::Method::Append, Vec::new());
    let plan = plan(vec![
        read(input),
        node("絞る", &[0], Op::Filter(predicate), shape(input)),
        node("書く", &[1], Op::Write(write), shape(input)),
    ]);
    let result = execute_with(&plan, vec![input.clone()], parameters, Limits::default())?;
    let table = &result.outputs[0].table;
    Ok((0..table.rows()).map(|row| engine::value_text(&table.value(row, 0), &crate::support::tokyo())).collect())
}

fn one(input: &Table, operator: &str, operands: &[&str]) -> String {
    kept(input, vec![test(1, operator, operands)], false).unwrap_or_else(|e| e.code().to_owned())
}

#[test]
fn texts_are_compared_exactly_and_blank_is_the_empty_text() {
    let t = table("n:text v:text", &["1|abc", "2|ABC", "3|", "4|b"]);
    for (operator, operands, expected) in [
        ("=", &["abc"][..], "1"),
        ("=", &[""], "3"),
        ("!=", &["abc"], "234"),
        ("!=", &[""], "124"),
        ("in", &["abc", "", "x"], "13"),
        ("not in", &["abc", ""], "24"),
        ("like", &["b"], "14"),
        ("not like", &["b"], "23"),
        ("<", &["b"], "12"),
        (">=", &["b"], "4"),
        ("empty", &[], "3"),
        ("not empty", &[], "124"),
        ("=", &["TODAY()"], "engine.operand"),
        ("=", &[], "engine.operand"),
    ] {
        assert_eq!(one(&t, operator, operands), expected, "{operator} {operands:?}");
    }
}

#[test]
fn white_space_alone_is_empty() {
    let columns = crate::support::columns("n:text v:text");
    let rows = [
        vec![Value::Text("1".into()), Value::Text(" \t\n　".into())],
        vec![Value::Text("2".into()), Value::Text(" x".into())],
    ];
    let t = Table::from_rows(&columns, &rows).unwrap();
    assert_eq!(one(&t, "empty", &[]), "1");
    assert_eq!(one(&t, "not empty", &[]), "2");
}

#[test]
fn numbers_are_compared_by_value() {
    let t = table("n:text v:number", &["1|10", "2|9.5", "3|", "4|-1", "5|0"]);
    for (operator, operands, expected) in [
        ("=", &["10.00"][..], "1"),
        ("=", &[""], "3"),
        ("=", &["0"], "5"),
        ("!=", &["10"], "2345"),
        ("<", &["9.51"], "245"),
        ("<=", &["9.5"], "245"),
        (">", &["-1"], "125"),
        (">=", &[""], ""),
        ("in", &["10", "-1.0", ""], "134"),
        ("not in", &["10", ""], "245"),
        ("empty", &[], "3"),
        ("=", &["ten"], "engine.operand"),
        ("like", &["1"], "engine.unsupported"),
    ] {
        assert_eq!(one(&t, operator, operands), expected, "{operator} {operands:?}");
    }
}

#[test]
fn days_times_and_instants_have_their_order() {
    let t = table(
        "n:text d:date t:time i:datetime",
        &["1|2026-03-01|09:00|2026-02-28T15:00:00Z", "2|2026-03-02|23:59|2026-03-01T15:00:00Z", "3|||"],
    );
    for (column, operator, operand, expected) in [
        (1, "=", "2026-03-01", "1"),
        (1, ">", "2026-03-01", "2"),
        (1, "!=", "", "12"),
        (2, "<", "10:00", "1"),
        (2, "=", "", "3"),
        (3, ">=", "2026-03-02", "2"), // a day is its midnight in the flow's zone
        (3, "<=", "2026-02-28T15:00:00Z", "1"),
        (3, "=", "2026-03-02T00:00:00+09:00", "2"),
    ] {
        assert_eq!(
            kept(&t, vec![test(column, operator, &[operand])], false).unwrap(),
            expected,
            "{operator} {operand}"
        );
    }
    assert_eq!(kept(&t, vec![test(1, "=", &["soon"])], false).unwrap_err().code(), "engine.operand");
}

#[test]
fn lists_are_asked_for_one_of_their_items() {
    let t = table("n:text v:texts w:entities", &["1|赤;青|sato", "2|青|", "3||suzuki;sato"]);
    for (column, operator, operands, expected) in [
        (1, "in", &["赤", "緑"][..], "1"),
        (1, "in", &[""], "3"),
        (1, "not in", &["赤"], "23"),
        (1, "not in", &["青", ""], ""),
        (1, "=", &["青"], "12"),
        (1, "like", &["赤"], "1"),
        (1, "empty", &[], "3"),
        (2, "in", &["sato"], "13"),
        (2, "not in", &["suzuki"], "12"),
        (2, "like", &["suz"], "3"),
    ] {
        assert_eq!(
            kept(&t, vec![test(column, operator, operands)], false).unwrap(),
            expected,
            "{operator} {operands:?}"
        );
    }
    assert_eq!(kept(&t, vec![test(1, "<", &["a"])], false).unwrap_err().code(), "engine.unsupported");
}

#[test]
fn files_are_known_by_name_and_tables_only_as_empty_or_not() {
    let columns = [("n", model::field::Kind::Text), ("f", model::field::Kind::Files), ("r", model::field::Kind::Rows)]
        .map(|(name, kind)| flow::plan::Column::new(name, kind));
    let file =
        FileRef { file_key: "k".into(), name: "見積.pdf".into(), content_type: String::new(), size: "1".into() };
    let rows = [
        vec![Value::Text("1".into()), Value::Files(vec![file]), Value::Rows(vec![Row { id: None, cells: Vec::new() }])],
        vec![Value::Text("2".into()), Value::Blank, Value::Blank],
    ];
    let t = Table::from_rows(&columns, &rows).unwrap();
    assert_eq!(kept(&t, vec![test(1, "like", &["見積"])], false).unwrap(), "1");
    assert_eq!(kept(&t, vec![test(2, "not empty", &[])], false).unwrap(), "1");
    assert_eq!(kept(&t, vec![test(2, "=", &["x"])], false).unwrap_err().code(), "engine.unsupported");
}

#[test]
fn conditions_combine() {
    let t = table("n:text v:number", &["1|1", "2|2", "3|3"]);
    let tests = || vec![test(1, ">", &["1"]), test(1, "<", &["3"])];
    assert_eq!(kept(&t, tests(), false).unwrap(), "2");
    assert_eq!(kept(&t, tests(), true).unwrap(), "123");
    assert_eq!(kept(&t, Vec::new(), false).unwrap(), "123");
    assert_eq!(kept(&t, Vec::new(), true).unwrap(), "123");
    let list = |n: &str| Conditions { any: false, tests: vec![test(1, "=", &[n])] };
    let lists = Predicate::AnyOf(vec![list("3"), list("1")]);
    assert_eq!(kept_with(&t, lists, &Parameters::new()).unwrap(), "13");
}

#[test]
fn parameters_stand_for_their_values() {
    let t = table("n:text v:number w:texts", &["1|1|a", "2|2|b", "3||c"]);
    let parameters: Parameters = [
        ("数", Value::Number("2.0".parse().unwrap())),
        ("文", Value::Text("1".into())),
        ("空", Value::Blank),
        ("色", Value::Texts(vec!["a".into(), "c".into()])),
    ]
    .into_iter()
    .collect();
    let kept = |column, operator, name| {
        let tests = vec![test(column, operator, &[name])];
        kept_with(&t, Predicate::Conditions(Conditions { any: false, tests }), &parameters)
    };
    assert_eq!(kept(1, "=", "%数%").unwrap(), "2");
    assert_eq!(kept(1, "=", "%文%").unwrap(), "1");
    assert_eq!(kept(1, "=", "%空%").unwrap(), "3");
    assert_eq!(kept(2, "in", "%色%").unwrap(), "13");
    assert_eq!(kept(1, "=", "%無%").unwrap_err().code(), "engine.operand");
}

#[test]
fn little_that_stays_of_long_texts_is_copied_and_the_same() {
    let lines: Vec<String> =
        (0..500).map(|i| format!("{i}|a text that is longer than twelve bytes, number {i}")).collect();
    let t = table("n:text v:text", &lines.iter().map(String::as_str).collect::<Vec<_>>());
    let out = apply(
        Op::Filter(Predicate::Conditions(Conditions { any: false, tests: vec![test(1, "like", &["number 49"])] })),
        vec![t],
        "n:text v:text",
    );
    let expected: Vec<&String> = lines.iter().filter(|l| l.contains("number 49")).collect();
    assert_eq!(crate::support::lines(&out.unwrap()).iter().collect::<Vec<_>>(), expected);
}

#[test]
fn an_error_names_step_and_field() {
    let t = table("n:text v:number", &["1|1"]);
    let error = apply(
        Op::Filter(Predicate::Conditions(Conditions { any: false, tests: vec![test(1, "=", &["x"])] })),
        vec![t.clone()],
        "n:text v:number",
    )
    .unwrap_err();
    assert!(error.ja().contains("ステップ「試す」") && error.ja().contains("フィールド「列」"), "{}", error.ja());
    assert!(error.en().starts_with("step \"試す\", field \"列\": cannot compare with \"x\"."), "{}", error.en());
    assert_eq!(lines(&t), ["1|1"]);
}
