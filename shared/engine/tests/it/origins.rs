//! Which record a message names: the one that a row was read from, also where no step carries its number.

use engine::{EngineError, Table};
use flow::plan::{
    Aggregate, AggregateFunction, Assign, Expand, ExpandColumn, Group, Join, JoinColumn, JoinKind, Line, Method,
    OnError, Op, Predicate, Sort, SortKey, Unpivot, Write,
};

use crate::support::{columns, execute, lines, node, plan, read, table};

fn expr(text: &str, names: &str) -> flow::formula::Expr {
    flow::formula::compile(text, &columns(names)).unwrap()
}

fn write() -> Op {
    Op::Write(Write::new(2, Method::Append, Vec::new()))
}

/// A column of numbers, and the ids of the records that they come from.
fn numbers(rows: &[&str]) -> Table {
    table("v:number id:number", rows).with_origins(1, 1).unwrap()
}

/// The error of a division by `v` behind these operations, which keep the columns.
fn divided(source: Table, between: Vec<(Op, Vec<usize>)>) -> EngineError {
    let mut nodes = vec![read(&source)];
    for (op, inputs) in between {
        nodes.push(node("間", &inputs, op, columns("v:number")));
    }
    let assign = Assign { column: 0, expr: expr("1/v", "v:number"), on_error: OnError::Fail };
    let last = nodes.len() - 1;
    nodes.push(node("割る", &[last], Op::Compute(vec![assign]), columns("v:number")));
    nodes.push(node("書く", &[last + 1], write(), columns("v:number")));
    execute(&plan(nodes), vec![source]).unwrap_err()
}

#[test]
fn a_row_is_told_by_its_record_where_no_step_carries_the_number() {
    let error = divided(numbers(&["1|11", "0|12"]), Vec::new());
    assert!(error.en().starts_with("step \"割る\", field \"v\", row 2, record 12: "), "{}", error.en());
    assert!(error.ja().starts_with("ステップ「割る」、フィールド「v」、2行目、レコード番号12: "), "{}", error.ja());
}

#[test]
fn the_record_stays_with_its_row_through_whatever_keeps_rows() {
    let sort = Op::Sort(Sort { keys: vec![SortKey { column: 0, descending: true, blanks_last: false }], limit: None });
    let kept = Op::Filter(Predicate::Formula(expr("v<5", "v:number")));
    let chosen = Op::Select(vec![0]);
    let join = Op::Join(Join { kind: JoinKind::Left, keys: vec![(0, 0)], output: vec![JoinColumn::Left(0)] });
    let error = divided(
        numbers(&["9|10", "0|11", "1|12", "2|13"]),
        vec![(sort, vec![0]), (kept, vec![1]), (chosen, vec![2]), (join, vec![3, 0])],
    );
    assert!(error.en().starts_with("step \"割る\", field \"v\", row 3, record 11: "), "{}", error.en());
}

#[test]
fn rows_made_of_one_record_are_still_its_rows() {
    let source = table("a:number b:number id:number", &["1|2|11", "3|0|12"]).with_origins(2, 2).unwrap();
    let unpivot = Unpivot {
        keep: Vec::new(),
        lines: vec![Line { label: "a".into(), columns: vec![0] }, Line { label: "b".into(), columns: vec![1] }],
        skip_blanks: false,
    };
    let assign = Assign { column: 1, expr: expr("1/v", "項目:text v:number"), on_error: OnError::Fail };
    let plan = plan(vec![
        read(&source),
        node("縦に", &[0], Op::Unpivot(unpivot), columns("項目:text v:number")),
        node("割る", &[1], Op::Compute(vec![assign]), columns("項目:text v:number")),
        node("書く", &[2], write(), columns("項目:text v:number")),
    ]);
    let error = execute(&plan, vec![source]).unwrap_err();
    assert!(error.en().starts_with("step \"割る\", field \"v\", row 4, record 12: "), "{}", error.en());
}

#[test]
fn a_group_is_told_as_a_group_and_names_no_record() {
    let big = "9".repeat(38);
    let rows = ["1|7".to_owned(), format!("{big}|8"), format!("{big}|9")];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    // The record number is a column here: the only one that a pruned plan kept.
    let source = table("$id:number v:number", &["1|1", &format!("2|{big}"), &format!("3|{big}")]);
    let group = Group { keys: Vec::new(), aggregates: vec![Aggregate { function: AggregateFunction::Sum, column: 1 }] };
    let grouped = |source: Table, column: usize| {
        let group = Group { aggregates: vec![Aggregate { function: AggregateFunction::Sum, column }], ..group.clone() };
        let nodes = vec![
            read(&source),
            node("集計", &[0], Op::Group(group), columns("合計:number")),
            node("書く", &[1], write(), columns("合計:number")),
        ];
        execute(&plan(nodes), vec![source]).unwrap_err()
    };
    for error in [grouped(numbers(&rows), 0), grouped(source, 1)] {
        let at = "step \"集計\", field \"合計\", the group of rows that begins with row 1: more than 38 digits, with the decimals of its column.";
        assert!(error.en().starts_with(at), "{}", error.en());
        assert!(
            error.ja().contains("1行目から始まるグループ: 列の小数の桁も合わせると、数値が38桁を超えます"),
            "{}",
            error.ja()
        );
    }
}

#[test]
fn what_names_the_records_is_no_column() {
    let source = numbers(&["1|11", "2|12"]);
    assert_eq!(lines(&source), ["1", "2"]);
    assert!(table("v:text", &["x"]).with_origins(0, 0).is_err(), "ids are numbers");
}

#[test]
fn a_column_without_room_for_all_decimals_names_both_rows() {
    let long = "9".repeat(30);
    let wide = table("v:number", &["1", &long]);
    let fine = table("v:number", &["0.5", "", "0.0000000001"]);
    let error = Table::concat(vec![wide, fine]).unwrap_err();
    assert_eq!(error.code(), "engine.overflow");
    assert_eq!(
        error.en(),
        format!(
            "field \"v\": all numbers of a column have the same count of decimals, and with those of 0.0000000001 (row 5) \
             the number {long} (row 2) has more than 38 digits. Round the numbers, or split the calculation."
        )
    );
    assert!(error.ja().contains(&format!("5行目の0.0000000001の小数桁に合わせると、2行目の{long}が38桁を超えます")));
}

#[test]
fn rows_of_a_table_field_are_told_by_the_record_that_has_it() {
    let row =
        |n: i64| model::value::Row { id: None, cells: vec![("数".into(), model::value::Value::Number(n.into()))] };
    let shape = [
        flow::plan::Column::new("明細", model::field::Kind::Rows),
        flow::plan::Column::new("id", model::field::Kind::Number),
    ];
    let record = |id: i64, numbers: &[i64]| {
        vec![
            model::value::Value::Rows(numbers.iter().map(|n| row(*n)).collect()),
            model::value::Value::Number(id.into()),
        ]
    };
    let source =
        Table::from_rows(&shape, &[record(21, &[1, 2]), record(22, &[3, 0])]).unwrap().with_origins(1, 1).unwrap();
    let expand = Expand { table: 0, output: vec![ExpandColumn::Cell("数".into())], keep_empty: false };
    let assign = Assign { column: 0, expr: expr("1/数", "数:number"), on_error: OnError::Fail };
    let plan = plan(vec![
        read(&source),
        node("展開", &[0], Op::Expand(expand), columns("数:number")),
        node("割る", &[1], Op::Compute(vec![assign]), columns("数:number")),
        node("書く", &[2], write(), columns("数:number")),
    ]);
    let error = execute(&plan, vec![source]).unwrap_err();
    assert!(error.en().starts_with("step \"割る\", field \"数\", row 4, record 22: "), "{}", error.en());
}

#[test]
fn ids_that_the_flow_wants_itself_stay_a_column() {
    let known = table("id:number v:number", &["11|1", "12|2"]).with_origins(0, 2).unwrap();
    let names: Vec<&str> = known.columns().iter().map(|column| column.name()).collect();
    assert_eq!((names, known.rows()), (vec!["id", "v"], 2));
}
