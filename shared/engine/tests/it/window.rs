//! Windows: every function by its definition on random tables, and what is refused or counted.

use std::cmp::Ordering;

use engine::{Limits, Reason, Table};
use flow::formula::Parameters;
use flow::plan::{Column, Measure as M, Op, SortKey, Window, WindowColumn, WindowFunction as W};
use model::decimal::Decimal;
use model::value::Value;
use proptest::prelude::*;

use crate::sort::{compare, key};
use crate::support::{apply, columns, execute_with, lines, node, plan, read, table};

const HEADER: &str = "k:text o:number v:number";

fn windowed(rows: &[&str], function: W, column: usize, kind: &str) -> Result<Vec<String>, String> {
    let spec = Window {
        keys: vec![0],
        order: vec![key(1, false, false)],
        columns: vec![WindowColumn { function, column: Some(column) }],
        sorted: false,
    };
    apply(Op::Window(spec), vec![table(HEADER, rows)], &format!("{HEADER} x:{kind}"))
        .map(|t| lines(&t))
        .map_err(|e| e.to_string())
}

#[test]
fn a_running_sum_of_more_than_38_digits_names_its_row() {
    let big = "9".repeat(38);
    let rows = [format!("a|1|{big}"), "a|3|-5".into(), "a|2|1".into()];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let error = windowed(&rows, W::Running(M::Sum), 2, "number").unwrap_err();
    assert_eq!(error, "step \"試す\", field \"x\", row 3: more than 38 digits, with the decimals of its column");
}

#[test]
fn functions_of_numbers_refuse_other_kinds() {
    for function in [W::Running(M::Sum), W::Moving(M::Average, 2), W::Total, W::Share, W::Difference(1)] {
        assert!(
            windowed(&["a|1|2"], function, 0, "number").unwrap_err().contains("is not defined for Text"),
            "{function:?}"
        );
    }
}

#[test]
fn a_share_of_nothing_is_blank_and_counted_and_an_error_in_strict_mode() {
    let t = table("k:text v:number", &["a|1", "a|-1", "b|3", "a|"]);
    let spec = Window {
        keys: vec![0],
        order: Vec::new(),
        columns: vec![WindowColumn { function: W::Share, column: Some(1) }],
        sorted: false,
    };
    let shape = columns("k:text v:number s:number");
    let mut plan = plan(vec![read(&t), node("比", &[0], Op::Window(spec.clone()), shape)]);
    let run = |plan: &flow::plan::Plan| execute_with(plan, vec![t.clone()], &Parameters::new(), Limits::default());
    assert_eq!(run(&plan).unwrap().steps[1].counts.of("s", Reason::ShareOfZero), 2);
    let made = apply(Op::Window(spec), vec![t.clone()], "k:text v:number s:number").unwrap();
    assert_eq!(lines(&made), ["a|1|", "a|-1|", "b|3|1", "a||"]);
    plan.strict = true;
    let error = run(&plan).unwrap_err();
    assert_eq!(error.code(), "engine.conversion");
    assert!(error.en().starts_with("step \"比\", field \"s\", row 1: \"1\": a total of 0"), "{}", error.en());
}

/// The values of a group as the function's definition sees them: (all in order, this one's place).
fn naive(function: W, group: &[Vec<Value>], at: usize, order: &[SortKey]) -> Value {
    let number = |row: &Vec<Value>| if let Value::Number(n) = row[2] { Some(n) } else { None };
    let whole = |n: usize| Value::Number(i64::try_from(n).unwrap().into());
    let optional = |n: Option<Decimal>| n.map_or(Value::Blank, Value::Number);
    let sum =
        |rows: &[Vec<Value>]| rows.iter().filter_map(number).fold(Decimal::ZERO, |t, n| t.checked_add(n).unwrap());
    let measure = |m: M, rows: &[Vec<Value>]| {
        let present: Vec<Decimal> = rows.iter().filter_map(number).collect();
        match m {
            M::Sum => Value::Number(sum(rows)),
            M::Count => whole(present.len()),
            M::Average if present.is_empty() => Value::Blank,
            M::Average => Value::Number(sum(rows).checked_div(i64::try_from(present.len()).unwrap().into()).unwrap()),
            M::Min => optional(present.iter().min().copied()),
            M::Max => optional(present.iter().max().copied()),
        }
    };
    let cmp = |a: &Vec<Value>, b: &Vec<Value>| {
        order.iter().map(|k| compare(&a[k.column], &b[k.column], k)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    };
    let cell = |place: Option<usize>| place.and_then(|p| group.get(p)).map_or(Value::Blank, |r| r[2].clone());
    let this = &group[at];
    match function {
        W::Previous(n) => cell(at.checked_sub(n as usize)),
        W::Next(n) => cell(Some(at + n as usize)),
        W::Difference(n) => match (this[2].clone(), cell(at.checked_sub(n as usize))) {
            (Value::Number(a), Value::Number(b)) => Value::Number(a.checked_sub(b).unwrap()),
            _ => Value::Blank,
        },
        W::First => optional(group.iter().find_map(number)),
        W::Last => optional(group.iter().rev().find_map(number)),
        W::Carry => optional(group[..=at].iter().rev().find_map(number)),
        W::RowNumber => whole(at + 1),
        W::Rank => whole(1 + group.iter().filter(|r| cmp(r, this).is_lt()).count()),
        W::DenseRank => {
            let mut smaller: Vec<&Vec<Value>> = group.iter().filter(|r| cmp(r, this).is_lt()).collect();
            smaller.dedup_by(|a, b| cmp(a, b).is_eq());
            whole(1 + smaller.len())
        }
        W::Total => Value::Number(sum(group)),
        W::Share => match number(this) {
            Some(n) if !sum(group).is_zero() => Value::Number(n.checked_div(sum(group)).unwrap()),
            _ => Value::Blank,
        },
        W::Running(m) => measure(m, &group[..=at]),
        W::Moving(m, n) => measure(m, &group[(at + 1).saturating_sub(n as usize)..=at]),
    }
}

fn rows() -> impl Strategy<Value = Vec<Vec<Value>>> {
    let text = prop_oneof![1 => Just(Value::Blank), 4 => "[abc]".prop_map(Value::Text)];
    let order = prop_oneof![1 => Just(Value::Blank), 4 => (-3i64..3).prop_map(|n| Value::Number(n.into()))];
    let wide = (-10i128.pow(20)..10i128.pow(20), 0u32..10);
    let small = (-5i128..5, 0u32..2);
    let value = |(m, s): (i128, u32)| Value::Number(Decimal::from_parts(m, s).unwrap());
    let number = prop_oneof![2 => Just(Value::Blank), 2 => wide.prop_map(value), 4 => small.prop_map(value)];
    prop::collection::vec((text, order, number).prop_map(|(k, o, v)| vec![k, o, v]), 0..25)
}

fn functions() -> Vec<W> {
    let mut all = vec![W::Previous(1), W::Previous(3), W::Next(1), W::Next(2), W::Difference(1), W::Difference(2)];
    all.extend([W::First, W::Last, W::Carry, W::RowNumber, W::Rank, W::DenseRank, W::Total, W::Share]);
    for m in [M::Sum, M::Average, M::Min, M::Max, M::Count] {
        all.extend([W::Running(m), W::Moving(m, 1), W::Moving(m, 3)]);
    }
    all
}

proptest! {
    #[test]
    fn every_function_is_its_definition(rows in rows(), keyed in any::<bool>(), ordered in any::<bool>(), descending in any::<bool>(), last in any::<bool>(), sorted in any::<bool>()) {
        let keys = if keyed { vec![0] } else { Vec::new() };
        let order = if ordered { vec![key(1, descending, last)] } else { Vec::new() };
        let places_only = |f: &W| matches!(f, W::RowNumber | W::Rank | W::DenseRank);
        let new = functions().into_iter().map(|f| WindowColumn { function: f, column: (!places_only(&f)).then_some(2) }).collect();
        let mut shape = columns(HEADER);
        shape.extend((0..functions().len()).map(|i| Column::new(format!("x{i}"), model::field::Kind::Number)));
        let output = shape.iter().map(|c| format!("{}:{}", c.name, if c.name == "k" { "text" } else { "number" })).collect::<Vec<_>>().join(" ");
        let spec = Window { keys: keys.clone(), order: order.clone(), columns: new, sorted };
        let made = apply(Op::Window(spec), vec![Table::from_rows(&columns(HEADER), &rows).unwrap()], &output).unwrap();

        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            match groups.iter_mut().find(|g| !keyed || rows[g[0]][0] == row[0]) {
                Some(group) => group.push(i),
                None => groups.push(vec![i]),
            }
        }
        let mut expected: Vec<(usize, Vec<Value>)> = Vec::new();
        for group in &mut groups {
            group.sort_by(|a, b| order.iter().map(|k| compare(&rows[*a][k.column], &rows[*b][k.column], k)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal));
            let members: Vec<Vec<Value>> = group.iter().map(|i| rows[*i].clone()).collect();
            for (at, i) in group.iter().enumerate() {
                let new = functions().into_iter().map(|f| naive(f, &members, at, &order));
                expected.push((*i, rows[*i].iter().cloned().chain(new).collect()));
            }
        }
        if !sorted {
            expected.sort_by_key(|(i, _)| *i);
        }
        prop_assert_eq!(made.to_rows(), expected.into_iter().map(|(_, row)| row).collect::<Vec<_>>());
    }
}
