//! Joins: kinds, order, blank keys, scales, limits.

use engine::{EngineError, Limits, Table};
use flow::formula::Parameters;
use flow::plan::{Join, JoinColumn, JoinKind, Op};

use crate::support::{apply, columns, execute_with, lines, node, plan, read, table};

fn joined(kind: JoinKind, left: &Table, right: &Table) -> Vec<String> {
    let output = vec![JoinColumn::Left(0), JoinColumn::Left(1), JoinColumn::Right(0), JoinColumn::Right(1)];
    let op = Op::Join(Join { kind, keys: vec![(0, 0)], output });
    let key = if left.columns()[0].kind() == model::field::Kind::Number { "number" } else { "text" };
    lines(&apply(op, vec![left.clone(), right.clone()], &format!("k:{key} a:text k_1:{key} b:text")).unwrap())
}

#[test]
fn rows_keep_the_left_order_then_the_right_order() {
    let left = table("k:text a:text", &["x|1", "y|2", "|3", "x|4", "w|5"]);
    let right = table("k:text b:text", &["z|p", "x|q", "|r", "x|s", "y|t"]);
    let inner = ["x|1|x|q", "x|1|x|s", "y|2|y|t", "x|4|x|q", "x|4|x|s"];
    assert_eq!(joined(JoinKind::Inner, &left, &right), inner);
    let left_outer = ["x|1|x|q", "x|1|x|s", "y|2|y|t", "|3||", "x|4|x|q", "x|4|x|s", "w|5||"];
    assert_eq!(joined(JoinKind::Left, &left, &right), left_outer);
    assert_eq!(joined(JoinKind::Right, &left, &right), [&inner[..], &["||z|p", "|||r"]].concat());
    assert_eq!(joined(JoinKind::Full, &left, &right), [&left_outer[..], &["||z|p", "|||r"]].concat());
}

#[test]
fn numbers_match_by_value_whatever_their_scale() {
    let left = table("k:number a:text", &["1|a", "1.5|b", "1000000000000000000000000000000000000|c"]);
    let right = table("k:number b:text", &["1.50|x", "1.0001|y", "1|z"]);
    assert_eq!(joined(JoinKind::Inner, &left, &right), ["1|a|1|z", "1.5|b|1.5|x"]);
    assert_eq!(joined(JoinKind::Left, &left, &right).len(), 3);
}

#[test]
fn keys_of_several_fields_match_in_all_of_them() {
    let left = table("k:text m:date a:text", &["x|2026-01-01|1", "x|2026-02-01|2", "x||3"]);
    let right = table("k:text m:date", &["x|2026-02-01", "x|"]);
    let join = Join {
        kind: JoinKind::Inner,
        keys: vec![(0, 0), (1, 1)],
        output: vec![JoinColumn::Left(2), JoinColumn::Right(1)],
    };
    assert_eq!(lines(&apply(Op::Join(join), vec![left, right], "a:text m:date").unwrap()), ["2|2026-02-01"]);
}

#[test]
fn empty_sides_are_no_error() {
    let left = table("k:text a:text", &["x|1"]);
    let none = table("k:text b:text", &[]);
    assert_eq!(joined(JoinKind::Inner, &left, &none), Vec::<String>::new());
    assert_eq!(joined(JoinKind::Full, &left, &none), ["x|1||"]);
    assert_eq!(joined(JoinKind::Right, &none, &left), ["||x|1"]);
}

#[test]
fn keys_of_different_kinds_or_of_lists_are_refused() {
    let join = |l: &str, r: &str| {
        let (left, right) = (table(l, &[]), table(r, &[]));
        let join = Join { kind: JoinKind::Inner, keys: vec![(0, 0)], output: vec![JoinColumn::Left(0)] };
        apply(Op::Join(join), vec![left, right], l).unwrap_err().code()
    };
    assert_eq!(join("k:text", "k:number"), "engine.kind");
    assert_eq!(join("k:texts", "k:texts"), "engine.unsupported");
}

#[test]
fn a_join_that_explodes_is_refused_before_it_is_built() {
    let rows: Vec<String> = (0..1_000).map(|i| format!("{}|{i}", if i < 3 { "few" } else { "many" })).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let side = table("k:text a:text", &rows);
    let join = Join { kind: JoinKind::Inner, keys: vec![(0, 0)], output: vec![JoinColumn::Left(0)] };
    let plan = plan(vec![read(&side), read(&side), node("結合", &[0, 1], Op::Join(join), columns("k:text"))]);
    let run =
        |limit| execute_with(&plan, vec![side.clone(), side.clone()], &Parameters::new(), Limits { join_rows: limit });
    let error = run(994_017).unwrap_err();
    assert_eq!(
        error,
        EngineError::TooManyRows { step: "結合".into(), rows: 994_018, limit: 994_017, key: "many".into() }
    );
    assert_eq!(run(994_018).unwrap().steps[2].rows_out, 994_018);
}
