//! Operators against naive ones over values, on random tables with blanks, equal keys and mixed scales.

use engine::Table;
use flow::plan::{Aggregate, AggregateFunction as F, Column, Group, Join, JoinColumn, JoinKind, Op};
use model::decimal::Decimal;
use model::value::Value;
use proptest::prelude::*;

use crate::support::{apply, columns};

fn key() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Blank),
        5 => (0i128..30, 0u32..3).prop_map(|(m, s)| Value::Number(Decimal::from_parts(m, s).unwrap())),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Blank), 4 => "[ab]{1,2}".prop_map(Value::Text)]
}

fn number() -> impl Strategy<Value = Value> {
    let wide = (-10i128.pow(20)..10i128.pow(20), 0u32..10);
    let small = (-50i128..50, 0u32..2);
    let value = |(m, s): (i128, u32)| Value::Number(Decimal::from_parts(m, s).unwrap());
    prop_oneof![1 => Just(Value::Blank), 2 => wide.prop_map(value), 2 => small.prop_map(value)]
}

fn side() -> impl Strategy<Value = Vec<Vec<Value>>> {
    prop::collection::vec((key(), text(), number()).prop_map(|(k, t, n)| vec![k, t, n]), 0..14)
}

fn header() -> Vec<Column> {
    columns("k:number t:text n:number")
}

/// The join as its definition says it, row by row.
fn nested_loop(kind: JoinKind, left: &[Vec<Value>], right: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let pair = |l: Option<&Vec<Value>>, r: Option<&Vec<Value>>| -> Vec<Value> {
        let side = |row: Option<&Vec<Value>>| row.cloned().unwrap_or_else(|| vec![Value::Blank; 3]);
        [side(l), side(r)].concat()
    };
    let matches = |l: &[Value], r: &[Value]| !l[0].is_blank() && !l[1].is_blank() && l[..2] == r[..2];
    let mut rows = Vec::new();
    for l in left {
        let partners: Vec<_> = right.iter().filter(|r| matches(l, r)).collect();
        rows.extend(partners.iter().map(|r| pair(Some(l), Some(r))));
        if partners.is_empty() && matches!(kind, JoinKind::Left | JoinKind::Full) {
            rows.push(pair(Some(l), None));
        }
    }
    if matches!(kind, JoinKind::Right | JoinKind::Full) {
        rows.extend(right.iter().filter(|r| !left.iter().any(|l| matches(l, r))).map(|r| pair(None, Some(r))));
    }
    rows
}

fn sum(values: &[Decimal]) -> Decimal {
    values.iter().fold(Decimal::ZERO, |total, v| total.checked_add(*v).unwrap())
}

/// One group's aggregates as their definitions say them.
fn naive(values: &[Value]) -> Vec<Value> {
    let mut numbers: Vec<Decimal> =
        values.iter().filter_map(|v| if let Value::Number(n) = v { Some(*n) } else { None }).collect();
    let first = numbers.first().copied();
    let last = numbers.last().copied();
    let total = sum(&numbers);
    let count = i64::try_from(numbers.len()).unwrap();
    numbers.sort();
    let median = match numbers.len() {
        0 => None,
        n if n % 2 == 1 => Some(numbers[n / 2]),
        n => Some(numbers[n / 2 - 1].checked_add(numbers[n / 2]).unwrap().checked_mul("0.5".parse().unwrap()).unwrap()),
    };
    let mean = (count > 0).then(|| total.checked_div(count.into()).unwrap());
    let (min, max) = (numbers.first().copied(), numbers.last().copied());
    numbers.dedup();
    let optional = |n: Option<Decimal>| n.map_or(Value::Blank, Value::Number);
    let whole = |n: i64| Value::Number(n.into());
    vec![
        Value::Number(total),
        optional(mean),
        optional(median),
        optional(min),
        optional(max),
        whole(count),
        whole(i64::try_from(values.len()).unwrap()),
        whole(i64::try_from(numbers.len()).unwrap()),
        optional(first),
        optional(last),
    ]
}

proptest! {
    #[test]
    fn a_join_is_its_nested_loop(left in side(), right in side(), kind in prop::sample::select(vec![JoinKind::Inner, JoinKind::Left, JoinKind::Right, JoinKind::Full])) {
        let output = (0..3).map(JoinColumn::Left).chain((0..3).map(JoinColumn::Right)).collect();
        let tables = [&left, &right].map(|rows| Table::from_rows(&header(), rows).unwrap());
        let join = Join { kind, keys: vec![(0, 0), (1, 1)], output };
        let joined = apply(Op::Join(join), tables.into(), "k:number t:text n:number k_1:number t_1:text n_1:number").unwrap();
        prop_assert_eq!(joined.to_rows(), nested_loop(kind, &left, &right));
    }

    #[test]
    fn a_group_is_its_definition(rows in side()) {
        let functions = [F::Sum, F::Average, F::Median, F::Min, F::Max, F::Count, F::CountAll, F::CountDistinct, F::First, F::Last];
        let aggregates = functions.map(|function| Aggregate { function, column: 2 }).into();
        let shape = "k:number t:text a:number b:number c:number d:number e:number f:number g:number h:number i:number j:number";
        let group = Group { keys: vec![0, 1], aggregates };
        let grouped = apply(Op::Group(group), vec![Table::from_rows(&header(), &rows).unwrap()], shape).unwrap();

        let mut groups: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
        for row in &rows {
            match groups.iter_mut().find(|(key, _)| key[..] == row[..2]) {
                Some((_, values)) => values.push(row[2].clone()),
                None => groups.push((row[..2].to_vec(), vec![row[2].clone()])),
            }
        }
        let expected: Vec<_> = groups.into_iter().map(|(key, values)| [key, naive(&values)].concat()).collect();
        prop_assert_eq!(grouped.to_rows(), expected);
    }

    #[test]
    fn the_sum_of_groups_is_the_sum_of_all(rows in side()) {
        let table = Table::from_rows(&header(), &rows).unwrap();
        let by_sum = |keys: Vec<usize>, shape: &str, input| apply(Op::Group(Group { keys, aggregates: vec![Aggregate { function: F::Sum, column: 2 }] }), vec![input], shape);
        let groups = by_sum(vec![0, 1], "k:number t:text n:number", table.clone()).unwrap();
        prop_assert_eq!(by_sum(vec![], "n:number", groups).unwrap().to_rows(), by_sum(vec![], "n:number", table).unwrap().to_rows());
    }

    #[test]
    fn a_table_joined_with_itself_on_a_unique_key_is_itself(rows in side()) {
        let mut seen = Vec::new();
        let rows: Vec<_> = rows.into_iter().filter(|r| !r[0].is_blank() && { let new = !seen.contains(&r[0]); seen.push(r[0].clone()); new }).collect();
        let table = Table::from_rows(&header(), &rows).unwrap();
        let output = vec![JoinColumn::Left(0), JoinColumn::Right(1), JoinColumn::Right(2)];
        let join = Join { kind: JoinKind::Full, keys: vec![(0, 0)], output };
        prop_assert_eq!(apply(Op::Join(join), vec![table.clone(), table], "k:number t:text n:number").unwrap().to_rows(), rows);
    }
}
