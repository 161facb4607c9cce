//! Formulas: computed columns, filters, and what becomes of error values.

use engine::{EngineError, Reason, RunResult, Table};
use flow::formula::compile;
use flow::plan::{Assign, Column, Method, OnError, Op, Plan, Predicate, Write};

use crate::support::{columns, execute, lines, node, plan, read, shape, table};

fn assign(columns: &[Column], name: &str, formula: &str, on_error: OnError) -> Assign {
    let column = columns.iter().position(|c| c.name == name).unwrap();
    Assign { column, expr: compile(formula, columns).unwrap(), on_error }
}

fn compute(input: &Table, shape: &str, edits: &[(&str, &str)], on_error: OnError) -> Plan {
    let columns = columns(shape);
    let assigns = edits.iter().map(|(name, formula)| assign(&columns, name, formula, on_error)).collect();
    ending(input, Op::Compute(assigns), columns)
}

fn ending(input: &Table, op: Op, columns: Vec<Column>) -> Plan {
    let write = Write::new(2, Method::Append, Vec::new());
    plan(vec![read(input), node("計算", &[0], op, columns.clone()), node("書く", &[1], Op::Write(write), columns)])
}

fn run(plan: &Plan, input: &Table) -> Result<RunResult, EngineError> {
    execute(plan, vec![input.clone()])
}

#[test]
fn later_columns_see_earlier_results() {
    let t = table("受注:number 在庫:number", &["5|10", "20|7.5", "|1"]);
    let edits = [("引当", "MIN(受注, 在庫)"), ("在庫", "在庫 - 引当"), ("文", "引当 & \"個\"")];
    let result = run(&compute(&t, "受注:number 在庫:number 引当:number 文:text", &edits, OnError::Fail), &t).unwrap();
    let rows = lines(&result.outputs[0].table);
    assert_eq!(&rows[..2], ["5|5|5|5個", "20|0|7.5|7.5個"]);
}

#[test]
fn an_error_value_fails_the_run_and_names_its_record() {
    let t = table("$id:number a:number b:number", &["7|1|2", "8|1|0"]);
    let error =
        run(&compute(&t, "$id:number a:number b:number 率:number", &[("率", "a / b")], OnError::Fail), &t).unwrap_err();
    assert_eq!(error.code(), "engine.formula");
    assert!(
        error.en().starts_with("step \"計算\", field \"率\", row 2, record 8: the formula yields #DIV/0! at `a / b`."),
        "{}",
        error.en()
    );
    assert!(error.ja().starts_with("ステップ「計算」、フィールド「率」、2行目、レコード番号8: 計算式の結果が#DIV/0!"));
}

#[test]
fn an_error_value_becomes_blank_where_the_step_says_so_and_is_counted() {
    let t = table("a:number b:number", &["1|2", "1|0", "3|0"]);
    let result = run(&compute(&t, "a:number b:number 率:number", &[("率", "a / b")], OnError::Blank), &t).unwrap();
    assert_eq!(lines(&result.outputs[0].table), ["1|2|0.5", "1|0|", "3|0|"]);
    let counts = &result.steps[1].counts;
    assert_eq!(counts.of("率", Reason::FormulaError), 2);
    let samples: Vec<_> = counts.iter().flat_map(|c| &c.samples).map(|s| (s.row, s.value.as_str())).collect();
    assert_eq!(samples, [(2, "#DIV/0!"), (3, "#DIV/0!")]);
}

#[test]
fn a_column_takes_one_kind() {
    let t = table("a:number", &["1", "2"]);
    let error = run(&compute(&t, "a:number x:text", &[("x", "IF(a = 1, \"一\", a)")], OnError::Fail), &t).unwrap_err();
    assert_eq!(error.code(), "engine.kind");
    assert!(error.en().contains("row 2: Number in a column of Text"), "{}", error.en());
}

#[test]
fn a_number_too_wide_for_its_column_names_the_row() {
    let t = table("a:number", &["3", "30000000000000000000000000000000000000"]);
    let error = run(&compute(&t, "a:number x:number", &[("x", "a / 7")], OnError::Blank), &t).unwrap_err();
    assert_eq!(error.code(), "engine.overflow");
    assert!(error.en().contains("field \"x\", row 2"), "{}", error.en());
}

#[test]
fn a_column_that_leaves_a_gap_is_a_fault_of_the_plan() {
    let t = table("a:number", &["1"]);
    let mut wrong = compute(&t, "a:number x:number y:number", &[("y", "a")], OnError::Fail);
    assert_eq!(run(&wrong, &t).unwrap_err().code(), "engine.plan");
    if let Op::Compute(assigns) = &mut wrong.nodes[1].op {
        assigns[0].column = 9;
    }
    assert_eq!(run(&wrong, &t).unwrap_err().code(), "engine.plan");
}

fn filter(t: &Table, formula: &str) -> Plan {
    let expr = compile(formula, &shape(t)).unwrap();
    ending(t, Op::Filter(Predicate::Formula(expr)), shape(t))
}

#[test]
fn a_filter_keeps_what_is_true_not_zero_or_a_text() {
    let t = table("v:number w:text", &["1|a", "0|", "|b", "-2|"]);
    for (formula, kept) in [("v > 0", &["1|a"][..]), ("v", &["1|a", "-2|"]), ("w", &["1|a", "|b"])] {
        assert_eq!(lines(&run(&filter(&t, formula), &t).unwrap().outputs[0].table), kept, "{formula}");
    }
}

#[test]
fn a_filter_drops_and_counts_errors_and_strict_fails() {
    let t = table("v:number", &["1", "0", "2"]);
    let mut plan = filter(&t, "1 / v > 0");
    let result = run(&plan, &t).unwrap();
    assert_eq!(lines(&result.outputs[0].table), ["1", "2"]);
    assert_eq!(result.steps[1].counts.of("", Reason::FilterError), 1);
    plan.strict = true;
    assert_eq!(run(&plan, &t).unwrap_err().code(), "engine.formula");
}

#[test]
fn filtering_before_or_after_a_computation_is_the_same() {
    let t = table("a:number b:number", &["1|2", "5|0", "3|4"]);
    let wide = columns("a:number b:number c:number");
    let sum = Op::Compute(vec![assign(&wide, "c", "a * b", OnError::Fail)]);
    let narrow = shape(&t);
    let keep = |columns: &[Column]| Op::Filter(Predicate::Formula(compile("a > 1", columns).unwrap()));
    let end = |nodes: Vec<flow::plan::Node>| {
        let rows = execute(&plan(nodes), vec![t.clone()]).unwrap().outputs.remove(0).table;
        lines(&rows)
    };
    let write = || Op::Write(Write::new(2, Method::Append, Vec::new()));
    let before = end(vec![
        read(&t),
        node("絞る", &[0], keep(&narrow), narrow.clone()),
        node("計算", &[1], sum.clone(), wide.clone()),
        node("書く", &[2], write(), wide.clone()),
    ]);
    let after = end(vec![
        read(&t),
        node("計算", &[0], sum, wide.clone()),
        node("絞る", &[1], keep(&wide), wide.clone()),
        node("書く", &[2], write(), wide),
    ]);
    assert_eq!(before, ["5|0|0", "3|4|12"]);
    assert_eq!(before, after);
}
