//! Operations on rows by their definitions: one row per key, rows after rows, blanks filled, columns to rows and back,
//! deviations and joined texts, ranges, holidays.

use engine::{EngineError, Limits, Reason, Table};
use flow::formula::{Parameters, compile};
use flow::plan::{
    Aggregate, AggregateFunction as F, Append, Assign, Column, Distinct, Fill, Filling, Group, Holidays, Joined, Line,
    OnError, Op, Pivot, Series, SeriesStep, SortKey, Unpivot,
};
use model::decimal::Decimal;
use model::field::Kind;
use model::value::Value;
use proptest::prelude::*;

use crate::sort::{compare, key};
use crate::support::{apply, columns, execute_with, lines, node, plan, read, shape, table};

const HEADER: &str = "k:text o:number v:number";

fn rows() -> impl Strategy<Value = Vec<Vec<Value>>> {
    let text = prop_oneof![1 => Just(Value::Blank), 4 => "[abc]".prop_map(Value::Text)];
    let whole = || prop_oneof![1 => Just(Value::Blank), 4 => (-3i64..3).prop_map(|n| Value::Number(n.into()))];
    let wide = (-10i128.pow(20)..10i128.pow(20), 0u32..10)
        .prop_map(|(m, s)| Value::Number(Decimal::from_parts(m, s).unwrap()));
    let value = prop_oneof![3 => whole(), 1 => wide];
    prop::collection::vec((text, whole(), value).prop_map(|(k, o, v)| vec![k, o, v]), 0..25)
}

fn of(rows: &[Vec<Value>]) -> Table {
    Table::from_rows(&columns(HEADER), rows).unwrap()
}

/// The rows of each key, in order of first appearance.
fn by_key(rows: &[Vec<Value>]) -> Vec<Vec<Vec<Value>>> {
    let mut groups: Vec<Vec<Vec<Value>>> = Vec::new();
    for row in rows {
        match groups.iter_mut().find(|g| g[0][0] == row[0]) {
            Some(group) => group.push(row.clone()),
            None => groups.push(vec![row.clone()]),
        }
    }
    groups
}

fn order(descending: bool, last: bool) -> Vec<SortKey> {
    vec![key(1, descending, last)]
}

proptest! {
    #[test]
    fn one_row_of_each_key_stays(rows in rows(), descending in any::<bool>(), blanks_last in any::<bool>(), ordered in any::<bool>(), last in any::<bool>()) {
        let order = if ordered { order(descending, blanks_last) } else { Vec::new() };
        let made = apply(Op::Distinct(Distinct { keys: vec![0], order: order.clone(), last }), vec![of(&rows)], HEADER).unwrap();
        let numbered: Vec<(usize, &Vec<Value>)> = rows.iter().enumerate().collect();
        let stays = |(i, row): &(usize, &Vec<Value>)| {
            let mut same: Vec<_> = numbered.iter().filter(|(_, other)| other[0] == row[0]).collect();
            same.sort_by(|a, b| order.first().map_or(std::cmp::Ordering::Equal, |k| compare(&a.1[1], &b.1[1], k)));
            let chosen = if last { same.last() } else { same.first() };
            chosen.is_some_and(|(j, _)| j == i)
        };
        let expected: Vec<Vec<Value>> = numbered.iter().filter(|r| stays(r)).map(|(_, row)| (*row).clone()).collect();
        prop_assert_eq!(made.to_rows(), expected);
    }

    #[test]
    fn blanks_take_the_nearest_value_of_their_group(rows in rows(), descending in any::<bool>(), behind in any::<bool>()) {
        let filling = if behind { Filling::Next } else { Filling::Previous };
        let spec = Fill { keys: vec![0], order: order(descending, false), columns: vec![(2, filling)] };
        let made = apply(Op::Fill(spec), vec![of(&rows)], HEADER).unwrap();
        let mut expected = rows.clone();
        for i in 0..rows.len() {
            let mut group: Vec<usize> = (0..rows.len()).filter(|j| rows[*j][0] == rows[i][0]).collect();
            group.sort_by(|a, b| compare(&rows[*a][1], &rows[*b][1], &key(1, descending, false)));
            let at = group.iter().position(|j| *j == i).unwrap();
            let near = |j: &&usize| !rows[**j][2].is_blank();
            let found = if behind { group[at..].iter().find(near) } else { group[..=at].iter().rev().find(near) };
            expected[i][2] = found.map_or(Value::Blank, |j| rows[*j][2].clone());
        }
        prop_assert_eq!(made.to_rows(), expected);
    }

    #[test]
    fn rows_of_two_inputs_follow_one_another(left in rows(), right in rows()) {
        let spec = Append { columns: vec![vec![Some(0), Some(0)], vec![Some(2), None], vec![None, Some(2)]] };
        let made = apply(Op::Append(spec), vec![of(&left), of(&right)], "k:text a:number b:number").unwrap();
        let first = left.iter().map(|r| vec![r[0].clone(), r[2].clone(), Value::Blank]);
        let second = right.iter().map(|r| vec![r[0].clone(), Value::Blank, r[2].clone()]);
        prop_assert_eq!(made.to_rows(), first.chain(second).collect::<Vec<_>>());
    }

    #[test]
    fn a_cell_of_a_pivot_is_the_group_of_its_rows(rows in rows(), others in any::<bool>()) {
        let listed = [Value::Number(1i64.into()), Value::Blank, Value::Number((-2i64).into())];
        let aggregates: Vec<Aggregate> = [F::Sum, F::Max, F::CountAll].map(|function| Aggregate { function, column: 2 }).into();
        let spec = Pivot { keys: vec![0], spread: 1, values: listed.to_vec(), others, aggregates: aggregates.clone(), single: false };
        let classes = listed.len() + usize::from(others);
        let output = std::iter::once("k:text".to_owned()).chain((0..classes * 3).map(|i| format!("x{i}:number"))).collect::<Vec<_>>().join(" ");
        let made = apply(Op::Pivot(spec), vec![of(&rows)], &output).unwrap();
        let expected: Vec<Vec<Value>> = by_key(&rows).into_iter().map(|group| {
            let mut line = vec![group[0][0].clone()];
            for class in 0..classes {
                let of_class: Vec<Vec<Value>> = group.iter()
                    .filter(|r| listed.get(class).map_or(!listed.contains(&r[1]), |v| *v == r[1])).cloned().collect();
                let spec = Group { keys: Vec::new(), aggregates: aggregates.clone() };
                let cells = apply(Op::Group(spec), vec![of(&of_class)], "a:number b:number c:number").unwrap().to_rows();
                let zero = || Value::Number(Decimal::ZERO);
                line.extend(cells.into_iter().next().unwrap_or_else(|| vec![zero(), Value::Blank, zero()]));
            }
            line
        }).collect();
        prop_assert_eq!(made.to_rows(), expected);
    }

    #[test]
    fn columns_become_rows_and_rows_columns_again(rows in rows()) {
        // Numbered, so that every row is a key of its own.
        let rows: Vec<Vec<Value>> = (0i64..).zip(rows).map(|(i, r)| vec![Value::Number(i.into()), r[1].clone(), r[2].clone()]).collect();
        let header = "i:number o:number v:number";
        let t = Table::from_rows(&columns(header), &rows).unwrap();
        let line = |label: &str, column| Line { label: label.into(), columns: vec![column] };
        let down = Unpivot { keep: vec![0], lines: vec![line("o", 1), line("v", 2)], skip_blanks: false };
        let long = apply(Op::Unpivot(down), vec![t], "i:number l:text x:number").unwrap();
        prop_assert_eq!(long.rows(), rows.len() * 2);
        let up = Pivot {
            keys: vec![0], spread: 1, values: ["o", "v"].map(Value::text).into(), others: false,
            aggregates: vec![Aggregate { function: F::First, column: 2 }], single: true,
        };
        prop_assert_eq!(apply(Op::Pivot(up), vec![long], header).unwrap().to_rows(), rows);
    }

    #[test]
    fn a_deviation_does_not_depend_on_where_the_values_lie(values in prop::collection::vec(-1_000i64..1_000, 2..12), up in -10i128.pow(28)..10i128.pow(28)) {
        let rows = |up: i128| -> Vec<Vec<Value>> {
            values.iter().map(|v| vec![Value::Number(Decimal::from_parts(i128::from(*v) + up, 2).unwrap())]).collect()
        };
        let aggregates = || [F::StdevSample, F::StdevPopulation, F::VarianceSample, F::VariancePopulation].map(|function| Aggregate { function, column: 0 }).into();
        let made = |up| {
            let t = Table::from_rows(&columns("v:number"), &rows(up)).unwrap();
            apply(Op::Group(Group { keys: Vec::new(), aggregates: aggregates() }), vec![t], "a:number b:number c:number d:number").unwrap().to_rows()
        };
        prop_assert_eq!(made(up), made(0));
        // n² times the population's variance is n Σx² − (Σx)², whole in hundredths squared.
        let n = i64::try_from(values.len()).unwrap();
        let (sum, squares): (i64, i64) = (values.iter().sum(), values.iter().map(|v| v * v).sum());
        let expected = Decimal::from(n * squares - sum * sum).checked_div(Decimal::from(n * n * 10_000)).unwrap();
        prop_assert_eq!(&made(0)[0][3], &Value::Number(expected));
    }
}

fn grouped(header: &str, rows: &[&str], function: F, kind: &str) -> Vec<String> {
    let group = Group { keys: vec![0], aggregates: vec![Aggregate { function, column: 1 }] };
    lines(&apply(Op::Group(group), vec![table(header, rows)], &format!("k:text x:{kind}")).unwrap())
}

#[test]
fn deviations_are_those_of_the_textbook() {
    let rows = ["a|2", "a|4", "a|4", "a|4", "a|5", "a|5", "a|7", "a|9", "b|1", "c|"];
    assert_eq!(grouped("k:text v:number", &rows, F::StdevPopulation, "number"), ["a|2", "b|0", "c|"]);
    assert_eq!(grouped("k:text v:number", &rows, F::VariancePopulation, "number"), ["a|4", "b|0", "c|"]);
    assert_eq!(grouped("k:text v:number", &rows, F::VarianceSample, "number"), ["a|4.57142857142857", "b|", "c|"]);
    assert_eq!(
        grouped("k:text v:number", &rows, F::StdevSample, "number"),
        ["a|2.13808993529940", "b|", "c|"].map(|l| l.trim_end_matches('0'))
    );
}

#[test]
fn texts_are_joined_in_their_order_once_each() {
    let rows = ["a|x|2", "a|y|1", "a||3", "a|x|0", "b||1"];
    let join = |order: Vec<SortKey>, distinct| F::Join(Box::new(Joined { separator: "/".into(), order, distinct }));
    let made = |function| grouped("k:text v:text o:number", &rows, function, "text");
    assert_eq!(made(join(Vec::new(), false)), ["a|x/y/x", "b|"]);
    assert_eq!(made(join(vec![key(2, false, false)], false)), ["a|x/y/x", "b|"]);
    assert_eq!(made(join(vec![key(2, true, false)], true)), ["a|x/y", "b|"]);
    assert_eq!(made(join(vec![key(2, false, false), key(1, false, false)], true)), ["a|x/y", "b|"]);
    let lists = grouped("k:text v:texts", &["a|p;q", "a|q"], join(Vec::new(), true), "text");
    assert_eq!(lists, ["a|p/q"]);
    let days =
        grouped("k:text v:date", &["a|2026-11-02", "a|2026-11-01"], join(vec![key(1, false, false)], false), "text");
    assert_eq!(days, ["a|2026-11-01/2026-11-02"]);
}

/// What a step with these operations counts, and what it says in strict mode.
fn counted(op: Op, t: &Table, output: &str, field: &str, reason: Reason) -> (u64, String) {
    let mut plan = plan(vec![read(t), node("数える", &[0], op, columns(output))]);
    let run = |plan: &flow::plan::Plan| execute_with(plan, vec![t.clone()], &Parameters::new(), Limits::default());
    let count = run(&plan).unwrap().steps[1].counts.of(field, reason);
    plan.strict = true;
    (count, run(&plan).unwrap_err().en())
}

#[test]
fn what_a_pivot_leaves_out_is_counted_and_an_error_in_strict_mode() {
    let t = table("k:text s:text v:number", &["a|x|1", "a|y|2", "a|x|3", "b||4", "b|x|5"]);
    let pivot = |single| Pivot {
        keys: vec![0],
        spread: 1,
        values: vec![Value::text("x")],
        others: single,
        aggregates: vec![Aggregate { function: F::First, column: 2 }],
        single,
    };
    let (count, told) = counted(Op::Pivot(pivot(false)), &t, "k:text x:number", "s", Reason::NotListed);
    assert_eq!(count, 2);
    assert!(told.starts_with("step \"数える\", field \"s\", row 2: \"y\": a value that is not listed"), "{told}");
    let (count, told) = counted(Op::Pivot(pivot(true)), &t, "k:text x:number o:number", "s", Reason::DoubleCell);
    assert_eq!(count, 1);
    assert!(told.contains("row 3: \"x\": a second row of one key and label"), "{told}");
}

#[test]
fn results_that_would_explode_are_refused() {
    let t = table("k:text a:number b:number", &["x|1|2", "y|3|4"]);
    let lines = ["a", "b"].map(|l| Line { label: l.into(), columns: vec![1] }).to_vec();
    let op = Op::Unpivot(Unpivot { keep: vec![0], lines, skip_blanks: false });
    let plan = plan(vec![read(&t), node("行へ", &[0], op, columns("k:text l:text v:number"))]);
    let run = |join_rows| execute_with(&plan, vec![t.clone()], &Parameters::new(), Limits { join_rows });
    assert_eq!(run(4).unwrap().steps[1].rows_out, 4);
    assert_eq!(run(3).unwrap_err().code(), "engine.limit");

    // Thirty cells to a row of the limit; one class more than is listed takes what belongs nowhere.
    let values = (0..15).map(|n| Value::Number(n.into())).collect();
    let aggregates = vec![Aggregate { function: F::CountAll, column: 2 }];
    let spec = Pivot { keys: vec![0], spread: 1, values, others: false, aggregates, single: false };
    let wide = std::iter::once("k:text".to_owned()).chain((0..15).map(|n| format!("x{n}:number")));
    let shape = columns(&wide.collect::<Vec<_>>().join(" "));
    let plan = self::plan(vec![read(&t), node("表", &[0], Op::Pivot(spec), shape)]);
    let run = |join_rows| execute_with(&plan, vec![t.clone()], &Parameters::new(), Limits { join_rows });
    assert_eq!(run(2).unwrap().steps[1].rows_out, 2);
    assert!(run(1).unwrap_err().en().contains("30 cells"), "{}", run(1).unwrap_err().en());
}

fn series(
    from: &str,
    to: &str,
    step: SeriesStep,
    limit: u32,
    kind: Kind,
    holidays: Holidays,
) -> Result<Vec<String>, EngineError> {
    let formula = |text: &str| compile(text, &[]).unwrap();
    let op = Op::Series(Series { from: formula(from), to: formula(to), step, limit });
    let mut plan = plan(vec![node("列", &[], op, vec![Column::new("x", kind)])]);
    plan.holidays = holidays;
    let context = engine::RunContext {
        now: crate::support::NOW,
        zone: &crate::support::tokyo(),
        parameters: &Parameters::new(),
        limits: Limits::default(),
    };
    engine::run_to(&plan, Vec::new(), 0, &context).map(|t| lines(&t))
}

#[test]
fn a_series_ends_at_its_bound_and_at_its_limit() {
    let days = |from, to, step, limit| series(from, to, step, limit, Kind::Date, Holidays::default());
    assert_eq!(
        days("DATE(2026,11,30)", "DATE(2026,12,2)", SeriesStep::Days(1), 9).unwrap(),
        ["2026-11-30", "2026-12-01", "2026-12-02"]
    );
    assert_eq!(
        days("DATE(2027,12,31)", "DATE(2028,3,1)", SeriesStep::Months(2), 9).unwrap(),
        ["2027-12-31", "2028-02-29"]
    );
    assert_eq!(days("DATE(2026,1,1)", "DATE(2026,1,3)", SeriesStep::Days(1), 3).unwrap().len(), 3);
    assert_eq!(days("DATE(2026,1,1)", "DATE(2026,1,4)", SeriesStep::Days(1), 3).unwrap_err().code(), "engine.limit");
    assert_eq!(days("DATE(9998,1,1)", "DATE(9999,12,31)", SeriesStep::Months(12), 9).unwrap().len(), 2);
    assert_eq!(days("1", "DATE(2026,1,4)", SeriesStep::Days(1), 3).unwrap_err().code(), "engine.kind");
    assert_eq!(days("\"\"", "DATE(2026,1,4)", SeriesStep::Days(1), 3).unwrap_err().code(), "engine.formula");
    let numbers = |from, to, step| {
        let step = SeriesStep::Numbers(compile(step, &[]).unwrap());
        series(from, to, step, 5, Kind::Number, Holidays::default())
    };
    assert_eq!(numbers("0.1", "0.3", "0.1").unwrap(), ["0.1", "0.2", "0.3"]);
    assert_eq!(numbers("2", "0", "-1").unwrap(), ["2", "1", "0"]);
    assert_eq!(numbers("2", "0", "1").unwrap(), Vec::<String>::new());
    assert_eq!(numbers("0", "1", "0").unwrap_err().code(), "engine.formula");
    assert_eq!(numbers("0", "9", "1").unwrap_err().code(), "engine.limit");
}

#[test]
fn business_days_leave_out_listed_holidays() {
    let monday = 20_780; // 2026-11-23
    let days = |holidays| {
        series("DATE(2026,11,20)", "DATE(2026,11,24)", SeriesStep::BusinessDays, 9, Kind::Date, holidays).unwrap()
    };
    assert_eq!(days(Holidays::default()), ["2026-11-20", "2026-11-23", "2026-11-24"]);
    assert_eq!(days(Holidays { days: vec![monday], node: None }), ["2026-11-20", "2026-11-24"]);
}

#[test]
fn formulas_see_the_holidays_that_were_read() {
    let holidays = table("日:date", &["2026-11-23", "", "2026-12-31"]);
    let t = table("日:date", &["2026-11-20"]);
    let wide = columns("日:date 次:date");
    let expr = compile("WORKDAY(日, 1)", &wide).unwrap();
    let next = Op::Compute(vec![Assign { column: 1, expr, on_error: OnError::Fail }]);
    let mut plan = plan(vec![read(&holidays), read(&t), node("計算", &[1], next, wide.clone())]);
    let context = engine::RunContext {
        now: crate::support::NOW,
        zone: &crate::support::tokyo(),
        parameters: &Parameters::new(),
        limits: Limits::default(),
    };
    let run =
        |plan: &flow::plan::Plan| lines(&engine::run_to(plan, vec![holidays.clone(), t.clone()], 2, &context).unwrap());
    assert_eq!(run(&plan), ["2026-11-20|2026-11-23"]);
    plan.holidays = Holidays { days: Vec::new(), node: Some(0) };
    assert_eq!(run(&plan), ["2026-11-20|2026-11-24"]);
    assert_eq!(shape(&t), columns("日:date"));
}

#[test]
fn a_pivot_does_not_fail_on_rows_that_no_column_takes() {
    let wide = "99999999999999999999999999999999999999"; // 38 digits: two of them have no sum
    let t = table(HEADER, &["a|1|5", &format!("a|9|{wide}"), &format!("a|9|{wide}")]);
    let spread = |values: &[i64], output| {
        let values = values.iter().map(|n| Value::Number((*n).into())).collect();
        let aggregates = vec![Aggregate { function: F::Sum, column: 2 }];
        let spec = Pivot { keys: vec![0], spread: 1, values, others: false, aggregates, single: false };
        apply(Op::Pivot(spec), vec![t.clone()], output)
    };
    assert_eq!(lines(&spread(&[1], "k:text x:number").unwrap()), ["a|5"]);
    assert!(spread(&[1, 9], "k:text x:number y:number").is_err());
}
