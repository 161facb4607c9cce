//! Tables, types, lookups and groups with steps of their own: what the commands' examples cannot show, which is what fails,
//! what is counted, and what holds for all inputs.

use engine::{EngineError, Limits, Reason, RunContext, RunResult, Table};
use flow::examples::{parse_table, print_table};
use flow::formula::Parameters;
use flow::plan::{
    Column, Duplicates, Expand, ExpandColumn, Fetched, ForEach, Given, Lookup, Missing, Nest, NestCell, Node, Op,
    Predicate, Retype, UnknownOption,
};
use model::field::{Field, FieldType, Kind};
use model::value::{Row, Value};
use proptest::prelude::*;

use crate::support::{NOW, execute, node, plan, read, tokyo};

fn table(text: &str) -> (Table, Vec<Column>) {
    let parsed = parse_table(text).unwrap();
    (Table::from_rows(&parsed.columns, &parsed.rows).unwrap(), parsed.columns)
}

/// Runs one operation; its rows, and what its step reports.
fn run_op(op: Op, inputs: Vec<Table>, output: &[Column], strict: bool) -> Result<(Table, RunResult), EngineError> {
    let mut nodes: Vec<Node> = inputs.iter().map(read).collect();
    let from: Vec<usize> = (0..inputs.len()).collect();
    nodes.push(node("試す", &from, op, output.to_vec()));
    let mut plan = plan(nodes);
    plan.strict = strict;
    let context = RunContext { now: NOW, zone: &tokyo(), parameters: &Parameters::new(), limits: Limits::default() };
    let table = engine::run_to(&plan, inputs.clone(), from.len(), &context)?;
    Ok((table, execute(&plan, inputs)?))
}

fn retype(field: Field, separator: &str) -> Op {
    Op::Retype(vec![Retype {
        column: 0,
        field,
        separator: separator.into(),
        record_number: false,
        unknown: UnknownOption::ByType,
    }])
}

/// What a value becomes, and how often something was lost.
fn becomes(from: &str, cell: &str, field_type: FieldType) -> (Value, u64) {
    let (input, _) = table(&format!("| x: {from} |\n| {cell} |"));
    let field = Field::new("y", field_type);
    let shape = [Column::new("y", field.kind().unwrap())];
    let (made, run) = run_op(retype(field, ","), vec![input], &shape, false).unwrap();
    (made.value(0, 0), run.steps[1].counts.iter().map(|c| c.count).sum())
}

#[test]
fn every_type_that_can_be_asked_for() {
    use FieldType as T;
    let date = |text: &str| parse_table(&format!("| d: date |\n| {text} |")).unwrap().rows[0][0].clone();
    for (from, cell, to, wanted, lost) in [
        ("text", "12.50", T::Number, Value::Number("12.5".parse().unwrap()), 0),
        ("text", "1,000円", T::Number, Value::Blank, 1),
        ("text", "2026/3/1", T::Date, date("2026-03-01"), 0),
        ("text", "9:05:30", T::Time, Value::Time(32_730), 0),
        ("text", "来週", T::Date, Value::Blank, 1),
        ("text", "2026-03-01 09:00", T::Datetime, Value::Datetime(1_772_323_200), 0),
        ("datetime", "2026-02-28T15:00:30Z", T::Date, date("2026-03-01"), 0),
        ("datetime", "2026-02-28T15:00:30Z", T::Time, Value::Time(30), 0),
        ("date", "2026-03-01", T::Datetime, Value::Datetime(1_772_290_800), 0),
        ("number", "-1.50", T::MultiLineText, Value::text("-1.5"), 0),
        ("number", "3", T::CheckBox, Value::Texts(vec!["3".into()]), 0),
        ("texts", "a; b", T::RichText, Value::text("a,b"), 0),
        ("text", "a, ,b", T::MultiSelect, Value::Texts(vec!["a".into(), "b".into()]), 0),
        ("entities", "sato; suzuki", T::Link, Value::text("sato,suzuki"), 0),
        ("entities", "sato; suzuki", T::CheckBox, Value::Texts(vec!["sato".into(), "suzuki".into()]), 0),
        ("files", "a.pdf; b.png", T::SingleLineText, Value::text("a.pdf,b.png"), 0),
        ("files", "a.pdf", T::MultiSelect, Value::Texts(vec!["a.pdf".into()]), 0),
        ("text", "", T::Number, Value::Blank, 0),
    ] {
        assert_eq!(becomes(from, cell, to), (wanted, lost), "{from} {cell} to {to:?}");
    }
    for to in [T::UserSelect, T::OrganizationSelect, T::GroupSelect] {
        let (Value::Entities(made), 0) = becomes("text", "sato, suzuki", to) else { panic!("{to:?}") };
        assert_eq!(made.iter().map(|e| e.code.as_str()).collect::<Vec<_>>(), ["sato", "suzuki"]);
    }
}

#[test]
fn what_is_lost_is_an_error_in_strict_mode_and_names_the_record() {
    let (input, _) = table("| x: text | $id: number |\n| 1 | 7 |\n| 1円 | 8 |");
    let shape = [Column::new("金額", Kind::Number), Column::new("$id", Kind::Number)];
    let op = || retype(Field::new("金額", FieldType::Number), ",");
    let (_, run) = run_op(op(), vec![input.clone()], &shape, false).unwrap();
    assert_eq!(run.steps[1].counts.of("金額", Reason::NotANumber), 1);
    let sample = &run.steps[1].counts.iter().next().unwrap().samples[0];
    assert_eq!((sample.row, sample.record.as_deref(), sample.value.as_str()), (2, Some("8"), "1円"));
    let error = run_op(op(), vec![input], &shape, true).unwrap_err();
    assert!(error.en().starts_with("step \"試す\", field \"金額\", row 2, record 8: \"1円\""), "{}", error.en());
}

#[test]
fn the_date_of_an_instant_that_a_step_asks_for_is_no_loss() {
    let (input, _) = table("| 時: datetime |\n| 2026-03-01T01:02:03Z |");
    let shape = [Column::new("日", Kind::Date)];
    let op = Op::Retype(vec![Retype {
        record_number: false,
        column: 0,
        field: Field::new("日", FieldType::Date),
        separator: ",".into(),
        unknown: UnknownOption::ByType,
    }]);
    let run = run_op(op, vec![input], &shape, true);
    assert!(run.is_ok(), "{run:?}");
}

/// A number of 30 digits beside one of 10 decimals: more than 38 digits in one column.
const WIDE: &str = "123456789012345678901234567890";
const FINE: &str = "0.0000000001";

#[test]
fn numbers_that_do_not_fit_together_name_the_record() {
    let overflow = |error: EngineError| match error {
        EngineError::Scale { place, .. } => (place.field.clone(), place.row, place.record.clone()),
        other => panic!("{other}"),
    };
    let (texts, _) = table(&format!("| x: text | $id: number |\n| {FINE} | 1 |\n| {WIDE} | 2 |"));
    let shape = [Column::new("x", Kind::Number), Column::new("$id", Kind::Number)];
    let error = run_op(retype(Field::new("x", FieldType::Number), ","), vec![texts], &shape, false).unwrap_err();
    assert_eq!(overflow(error), ("x".into(), Some(2), Some("2".into())));

    let (tables, _) = table(&format!("| $id: number | t: rows(n: number) |\n| 1 | {FINE} |\n| 2 | 1; {WIDE} |"));
    let output = vec![ExpandColumn::Parent(0), ExpandColumn::Cell("n".into())];
    let shape = [Column::new("$id", Kind::Number), Column::new("n", Kind::Number)];
    let expand = Op::Expand(Expand { table: 1, output, keep_empty: true });
    let error = run_op(expand, vec![tables], &shape, false).unwrap_err();
    assert_eq!(overflow(error), ("n".into(), Some(2), Some("2".into())));

    let (rows, columns) = table("| k: text | $id: number |\n| a | 1 |\n| b | 2 |");
    let (master, _) = table(&format!("| k: text | n: number |\n| a | {FINE} |"));
    let error = run_op(lookup(WIDE, Duplicates::Fail, Missing::Count), vec![rows, master], &fetched(&columns), false);
    assert_eq!(overflow(error.unwrap_err()), ("n".into(), Some(2), Some("2".into())));
}

fn lookup(default: &str, duplicates: Duplicates, missing: Missing) -> Op {
    let default = if default.is_empty() { Value::Blank } else { Value::Number(default.parse().unwrap()) };
    Op::Lookup(Lookup { keys: vec![(0, 0)], fetched: vec![Fetched { column: 1, default }], duplicates, missing })
}

fn fetched(columns: &[Column]) -> Vec<Column> {
    columns.iter().cloned().chain([Column::new("n", Kind::Number)]).collect()
}

#[test]
fn a_lookup_counts_what_it_does_not_find_and_names_what_is_there_twice() {
    let (rows, columns) = table("| k: text | $id: number |\n| a | 1 |\n|  | 2 |\n| z | 3 |");
    let (master, _) = table("| k: text | n: number |\n| a | 1 |\n| b | 2 |\n| b | 3 |\n|  | 4 |");
    let shape = fetched(&columns);
    let run = |rows: &Table, duplicates, missing| {
        run_op(lookup("", duplicates, missing), vec![rows.clone(), master.clone()], &shape, false)
    };
    // b is there twice, but nobody looks it up.
    let (made, report) = run(&rows, Duplicates::Fail, Missing::Count).unwrap();
    let cells: Vec<Value> = made.to_rows().into_iter().map(|row| row[2].clone()).collect();
    assert_eq!(cells, [Value::Number(1.into()), Value::Blank, Value::Blank]);
    assert_eq!(report.steps[2].counts.of("k", Reason::NotFound), 1, "the blank key looked nothing up");
    let EngineError::NotFound { place, key } = run(&rows, Duplicates::Fail, Missing::Fail).unwrap_err() else {
        panic!()
    };
    assert_eq!((key.as_str(), place.record.as_deref()), ("z", Some("3")));

    let (twice, _) = table("| k: text | $id: number |\n| b | 1 |");
    let error = run(&twice, Duplicates::Fail, Missing::Count).unwrap_err();
    assert_eq!(error, EngineError::DuplicateMaster { step: "試す".into(), key: "b".into(), rows: vec![2, 3] });
    for (duplicates, wanted) in [(Duplicates::First, 2), (Duplicates::Last, 3)] {
        let (made, _) = run(&twice, duplicates, Missing::Count).unwrap();
        assert_eq!(made.value(0, 2), Value::Number(wanted.into()));
    }
}

/// `for_each` over column 0 with one inner filter.
fn each(formula: &str, columns: &[Column], most: u64) -> Op {
    let expr = flow::formula::compile(formula, columns).unwrap();
    let given = Op::Given(Given { input: 0, columns: (0..columns.len()).collect() });
    let nodes = vec![
        node("入力", &[], given, columns.to_vec()),
        node("中", &[0], Op::Filter(Predicate::Formula(expr)), columns.to_vec()),
    ];
    Op::ForEach(ForEach { keys: vec![0], plan: Box::new(plan(nodes)), output: vec![1], most })
}

#[test]
fn groups_are_bounded_and_errors_inside_name_both_steps() {
    let (rows, columns) = table("| k: text | n: number |\n| a | 1 |\n| b | 0 |\n| a | 2 |");
    let run = |op| run_op(op, vec![rows.clone()], &columns, false);
    let (made, report) = run(each("6 / n > 4", &columns, 2)).unwrap();
    assert_eq!(print_table(&columns, &made.to_rows()), "| k: text | n: number |\n| a       | 1         |\n");
    let counts = &report.steps[1].counts;
    assert_eq!(counts.of("中", Reason::FilterError), 1);
    let sample = &counts.iter().next().unwrap().samples[0];
    assert_eq!((sample.group.as_deref(), sample.row), (Some("b"), 1), "the row counts within its group");
    let error = run(each("TRUE", &columns, 1)).unwrap_err();
    assert_eq!((error.code(), error.en().contains("more than 1 groups")), ("engine.limit", true));

    let Op::ForEach(mut strict) = each("6 / n > 4", &columns, 2) else { panic!() };
    strict.plan.strict = true;
    let error = run(Op::ForEach(strict)).unwrap_err();
    assert!(error.en().starts_with("step \"試す/中\", group \"b\", "), "{}", error.en());
    assert!(error.ja().contains("ステップ「試す/中」、グループ「b」、"), "{}", error.ja());
}

#[test]
fn rows_that_expanding_makes_are_counted_also_within_groups() {
    let (records, columns) = table("| k: text | t: rows(n: number) |\n| a | 1; 2; 3 |\n| b | 4 |\n| a | 5; 6 |");
    let shape = [Column::new("k", Kind::Text), Column::new("n", Kind::Number)];
    let expand = || {
        Op::Expand(Expand {
            table: 1,
            output: vec![ExpandColumn::Parent(0), ExpandColumn::Cell("n".into())],
            keep_empty: true,
        })
    };
    let expanded = |op| run_op(op, vec![records.clone()], &shape, false).unwrap().1.steps[1].expanded;
    assert_eq!(expanded(expand()), 3);
    let given = Op::Given(Given { input: 0, columns: vec![0, 1] });
    let inner = plan(vec![node("入力", &[], given, columns.clone()), node("行", &[0], expand(), shape.to_vec())]);
    assert_eq!(expanded(Op::ForEach(ForEach { keys: vec![0], plan: Box::new(inner), output: vec![1], most: 9 })), 3);
}

fn small_tables() -> impl Strategy<Value = Vec<Vec<Value>>> {
    let cell = || prop_oneof![1 => Just(Value::Blank), 3 => (0i64..5).prop_map(|n| Value::Number(n.into()))];
    let row = (cell(), cell(), 1u32..90)
        .prop_map(|(a, b, id)| Row { id: Some(id.to_string()), cells: vec![("a".into(), a), ("b".into(), b)] });
    let rows = prop::collection::vec(row, 0..4).prop_map(|r| if r.is_empty() { Value::Blank } else { Value::Rows(r) });
    prop::collection::vec(rows, 0..8)
        .prop_map(|tables| (0i64..).zip(tables).map(|(key, rows)| vec![Value::Number(key.into()), rows]).collect())
}

proptest! {
    #[test]
    fn creating_a_table_undoes_expanding_it(rows in small_tables()) {
        let inner = vec![Column::new("a", Kind::Number), Column::new("b", Kind::Number)];
        let columns = [Column::new("k", Kind::Number), Column::table("t", inner)];
        let input = Table::from_rows(&columns, &rows).unwrap();
        let cell = |name: &str| ExpandColumn::Cell(name.into());
        let output = vec![ExpandColumn::Parent(0), ExpandColumn::RowId, cell("a"), cell("b")];
        let flat = ["k", "id", "a", "b"].map(|name| Column::new(name, Kind::Number));
        let (expanded, _) = run_op(Op::Expand(Expand { table: 1, output, keep_empty: true }), vec![input], &flat, false).unwrap();
        let count: usize = rows.iter().map(|row| if let Value::Rows(r) = &row[1] { r.len() } else { 1 }).sum();
        prop_assert_eq!(expanded.rows(), count);
        let cells = [(2, "a"), (3, "b")].map(|(column, name)| NestCell { column, name: name.into() }).into();
        let nest = Nest { keys: vec![0], cells, row_id: Some(1), order: Vec::new(), keep_blank: false };
        let (nested, _) = run_op(Op::Nest(nest), vec![expanded], &columns, false).unwrap();
        prop_assert_eq!(nested.to_rows(), rows);
    }

    #[test]
    fn branches_share_the_rows_out(rows in prop::collection::vec(prop_oneof![1 => Just(Value::Blank), 4 => (-3i64..4).prop_map(|n| Value::Number(n.into()))], 0..20)) {
        let columns = [Column::new("n", Kind::Number)];
        let rows: Vec<Vec<Value>> = rows.into_iter().map(|v| vec![v]).collect();
        let input = Table::from_rows(&columns, &rows).unwrap();
        let formula = |text: &str| Predicate::Formula(flow::formula::compile(text, &columns).unwrap());
        let all = [formula("n > 1"), formula("6 / n > 0"), formula("n >= -1")];
        let own = |i: usize| (i < all.len()).then(|| Box::new(all[i].clone()));
        let mut seen = Vec::new();
        for i in 0..=all.len() {
            let branch = Predicate::Branch { earlier: all[..i].to_vec(), own: own(i) };
            let (part, _) = run_op(Op::Filter(branch), vec![input.clone()], &columns, false).unwrap();
            seen.extend(part.to_rows());
        }
        let sorted = |mut rows: Vec<Vec<Value>>| { rows.sort_by_key(|row| format!("{row:?}")); rows };
        prop_assert_eq!(sorted(seen), sorted(rows));
    }
}
