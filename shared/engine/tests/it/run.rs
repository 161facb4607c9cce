//! The run of a plan: order, reports, results that several nodes use, and plans that do not fit their tables.

use flow::formula::Parameters;
use flow::plan::{Join, JoinColumn, JoinKind, Method, Op, Write};

use crate::support::{columns, execute, lines, node, plan, read, table};

fn write(app: u64) -> Op {
    Op::Write(Write::new(app, Method::Append, Vec::new()))
}

#[test]
fn a_result_may_have_several_consumers() {
    let t = table("k:text v:number", &["a|1", "b|2"]);
    let join =
        Join { kind: JoinKind::Inner, keys: vec![(0, 0)], output: vec![JoinColumn::Left(0), JoinColumn::Right(1)] };
    let plan = plan(vec![
        read(&t),
        node("選ぶ", &[0], Op::Select(vec![1, 0]), columns("数:number 名:text")),
        node("自己結合", &[0, 0], Op::Join(join), columns("k:text v:number")),
        node("書く1", &[1], write(2), columns("数:number 名:text")),
        node("書く2", &[2], write(3), columns("k:text v:number")),
    ]);
    let result = execute(&plan, vec![t]).unwrap();
    assert_eq!(result.outputs.iter().map(|o| o.node).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(lines(&result.outputs[0].table), ["1|a", "2|b"]);
    assert_eq!(lines(&result.outputs[1].table), ["a|1", "b|2"]);
    let told: Vec<_> = result.steps.iter().map(|s| (s.step.as_str(), s.rows_in.clone(), s.rows_out)).collect();
    assert_eq!(told[2], ("自己結合", vec![2, 2], 2));
    assert_eq!(told[4], ("書く2", vec![2], 2));
}

#[test]
fn a_read_takes_the_names_of_the_plan() {
    let t = table("在庫数:number", &["1"]);
    let mut node = read(&t);
    node.columns = columns("在庫:number");
    let plan = plan(vec![node, crate::support::node("書く", &[0], write(2), columns("在庫:number"))]);
    assert_eq!(execute(&plan, vec![t]).unwrap().outputs[0].table.columns()[0].name(), "在庫");
}

#[test]
fn tables_that_do_not_fit_the_plan_are_a_fault() {
    let t = table("v:number", &["1"]);
    let one = plan(vec![read(&t)]);
    assert_eq!(execute(&one, vec![]).unwrap_err().code(), "engine.plan");
    assert_eq!(execute(&one, vec![t.clone(), t.clone()]).unwrap_err().code(), "engine.plan");
    assert_eq!(execute(&one, vec![table("v:text", &[])]).unwrap_err().code(), "engine.kind");
    let beyond = plan(vec![read(&t), node("選ぶ", &[0], Op::Select(vec![1]), columns("v:number"))]);
    assert_eq!(execute(&beyond, vec![t.clone()]).unwrap_err().code(), "engine.plan");
    let later = plan(vec![node("選ぶ", &[1], Op::Select(vec![0]), columns("v:number")), read(&t)]);
    assert_eq!(execute(&later, vec![t]).unwrap_err().code(), "engine.plan");
}

#[test]
fn a_node_in_the_middle_can_be_looked_at() {
    let t = table("k:text v:number", &["a|1"]);
    let plan = plan(vec![
        read(&t),
        node("選ぶ", &[0], Op::Select(vec![1]), columns("v:number")),
        node("書く", &[1], write(2), columns("v:number")),
    ]);
    let zone = crate::support::tokyo();
    let context = engine::RunContext {
        now: crate::support::NOW,
        zone: &zone,
        parameters: &Parameters::new(),
        limits: engine::Limits::default(),
    };
    for (id, expected) in [(0, "a|1"), (1, "1"), (2, "1")] {
        assert_eq!(lines(&engine::run_to(&plan, vec![t.clone()], id, &context).unwrap()), [expected]);
    }
    assert_eq!(engine::run_to(&plan, vec![t], 3, &context).unwrap_err().code(), "engine.plan");
}
