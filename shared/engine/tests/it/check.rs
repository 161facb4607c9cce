//! Data checks: errors as rows of their own, and stopping.

use engine::{Reason, RunResult, Table};
use flow::check::check;
use flow::document::Document;
use flow::formula::Parameters;
use flow::plan::{Op, RUN_PARAMETER};
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::Value;

use crate::support::{execute_with, lines, table};

fn schemas() -> Vec<AppSchema> {
    let app = |app, fields: Vec<Field>| AppSchema { app, name: String::new(), precision: Default::default(), fields };
    let text = |code| Field::new(code, FieldType::SingleLineText);
    let orders = vec![Field::new("$id", FieldType::Id), text("品"), Field::new("数", FieldType::Number)];
    let told = ["app", "step", "run", "row", "record", "field", "check", "message", "value"].map(text);
    vec![app(1, orders.clone()), app(2, orders), app(9, told.into())]
}

/// Runs a flow that checks app 1, tells errors in app 9 and writes app 2.
fn run(settings: &str, rows: &[&str]) -> RunResult {
    let text = format!(
        "suiro: 1\nname: 検査\nsteps:\n  - {{ name: 読む, command: input_app, app: 1 }}\n  - name: 調べる\n    command: data_check\n    from: 読む\n    errors: {{ app: 9 }}\n{settings}\n  - {{ name: 出す, command: output_app, from: 調べる, app: 2, method: append }}\n"
    );
    let schemas = schemas();
    let plan = check(&Document::parse(&text).unwrap(), &|app| schemas.iter().find(|s| s.app == app));
    let plan = plan.unwrap_or_else(|p| panic!("{p:#?}"));
    let Op::Read(_) = &plan.nodes[0].op else { panic!("{plan}") };
    let header = plan.nodes[0]
        .columns
        .iter()
        .map(|c| format!("{}:{}", c.name, if c.kind == Kind::Number { "number" } else { "text" }));
    let header = header.collect::<Vec<_>>().join(" ");
    assert_eq!(header, "$id:number 品:text 数:number", "the record's number is read, though nothing writes it");
    let parameters: Parameters = [(RUN_PARAMETER, Value::Text("u1-7".into()))].into_iter().collect();
    execute_with(&plan, vec![table(&header, rows)], &parameters, Default::default()).unwrap()
}

fn output(result: &RunResult, index: usize) -> &Table {
    &result.outputs[index].table
}

const CHECKS: &str = "    checks:\n      - { check: required, field: 品, message: 品がない }\n      - { check: range, field: 数, min: 1 }";

#[test]
fn every_error_is_a_row_that_says_where_it_was_found() {
    let result = run(CHECKS, &["11|A|3", "12||0", "13|B|-1"]);
    assert_eq!(result.stopped, None);
    assert_eq!(result.outputs.len(), 2);
    assert_eq!(
        lines(output(&result, 0)),
        [
            "1|調べる|u1-7|2|12|品|required|品がない|",
            "1|調べる|u1-7|2|12|数|range|範囲の外です / out of range|0",
            "1|調べる|u1-7|3|13|数|range|範囲の外です / out of range|-1",
        ]
    );
    assert_eq!(output(&result, 1).rows(), 3, "by default all rows go on");
    let counts = &result.steps.iter().find(|s| s.step == "調べる").unwrap().counts;
    assert_eq!((counts.of("数", Reason::CheckFailed), counts.of("品", Reason::CheckFailed)), (2, 1));
}

#[test]
fn a_flow_that_is_stopped_yields_its_errors_and_nothing_else() {
    for (stop_at, stopped) in [(1, Some(2)), (2, Some(2)), (3, None)] {
        let settings = format!("{CHECKS}\n    on_error: stop\n    stop_at: {stop_at}");
        let result = run(&settings, &["11|A|3", "12||0", "13|B|-1"]);
        assert_eq!(
            result.stopped.as_ref().map(|s| (s.step.as_str(), s.errors)),
            stopped.map(|n| ("調べる", n)),
            "rows are counted, not errors"
        );
        assert_eq!(result.outputs.len(), if stopped.is_some() { 1 } else { 2 });
        assert_eq!(output(&result, 0).rows(), 3);
    }
}

#[test]
fn checking_may_end_when_enough_is_wrong() {
    let settings = format!("{CHECKS}\n    on_error: stop\n    after_error: skip\n    rows_with_errors: drop");
    let result = run(&settings, &["11|A|3", "12||0", "13|B|-1"]);
    assert_eq!(result.stopped.as_ref().map(|s| s.errors), Some(1));
    assert_eq!(output(&result, 0).rows(), 2, "both errors of the one row");
    let counts = &result.steps.iter().find(|s| s.step == "調べる").unwrap().counts;
    assert_eq!(counts.of("", Reason::NotChecked), 1);
}

#[test]
fn no_record_at_all_is_an_error_without_a_row() {
    let settings = "    checks: [{ check: records, message: 0件です }]\n    on_error: stop";
    let result = run(settings, &[]);
    assert_eq!(result.stopped.as_ref().map(|s| s.errors), Some(1));
    assert_eq!(lines(output(&result, 0)), ["1|調べる|u1-7||||records|0件です|0"]);
    assert_eq!(run(settings, &["1|A|1"]).stopped, None);
    let two = format!("{settings}\n    stop_at: 2");
    assert_eq!(run(&two, &[]).stopped.as_ref().map(|s| s.errors), Some(1), "stop_at counts records; there are none");
}
