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

/// Runs one check over a table; the numbers of the rows that are wrong.
fn wrong(check_line: &str, header: &str, rows: &[&str]) -> Vec<usize> {
    let fields = header.split_whitespace().map(|column| {
        let (code, kind) = column.rsplit_once(':').unwrap();
        let field_type = match kind {
            "number" => FieldType::Number,
            "date" => FieldType::Date,
            "datetime" => FieldType::Datetime,
            "texts" => FieldType::CheckBox,
            "entities" => FieldType::UserSelect,
            _ => FieldType::SingleLineText,
        };
        Field::new(code, field_type)
    });
    let app = AppSchema { app: 1, name: String::new(), precision: Default::default(), fields: fields.collect() };
    let out = AppSchema { app: 2, ..app.clone() };
    let text = format!(
        "suiro: 1\nname: 検査\nsteps:\n  - {{ name: 読む, command: input_app, app: 1 }}\n  - {{ name: 調べる, command: data_check, from: 読む, checks: [{check_line}] }}\n  - {{ name: 出す, command: output_app, from: 調べる, app: 2, method: append }}\n"
    );
    let known = [app, out];
    let plan = check(&Document::parse(&text).unwrap(), &|app| known.iter().find(|s| s.app == app));
    let plan = plan.unwrap_or_else(|p| panic!("{p:#?}"));
    let result = execute_with(&plan, vec![table(header, rows)], &Parameters::new(), Default::default()).unwrap();
    let step = result.steps.iter().find(|s| s.step == "調べる").unwrap();
    let mut rows: Vec<usize> = step.counts.iter().flat_map(|c| c.samples.iter().map(|s| s.row)).collect();
    rows.sort_unstable();
    rows
}

#[test]
fn another_column_and_a_formula_compare_as_a_value_does() {
    let texts = ["a|a", "a|A", "a|", "|a", "ｱ|ア"];
    assert_eq!(wrong("{ check: compare, field: k, operator: '=', with: m }", "k:text m:text", &texts), [2, 5]);
    assert_eq!(wrong("{ check: compare, field: k, operator: '!=', with: m }", "k:text m:text", &texts), [1]);
    assert_eq!(
        wrong("{ check: compare, field: k, operator: '=', formula: 'm & \"\"' }", "k:text m:text", &texts),
        [2, 5]
    );
    let numbers = ["1|5", "2|", "3|-1", "|9", "2.50|2.5"];
    let number = |line: &str| wrong(line, "n:number m:number", &numbers);
    assert_eq!(number("{ check: compare, field: n, operator: '<=', with: m }"), [3], "a blank is no 0");
    assert_eq!(number("{ check: compare, field: n, operator: '=', with: m }"), [1, 3]);
    assert_eq!(
        number("{ check: compare, field: n, operator: '>', formula: m / (m - 5) }"),
        [1],
        "an error does not hold"
    );
    assert_eq!(number("{ check: range, field: n, min_formula: m, max: 9 }"), [1]);
    let days = ["2026-01-31|2026-01-30", "2026-01-01|2026-01-02", "2026-01-01|"];
    assert_eq!(wrong("{ check: compare, field: d, operator: '>=', with: e }", "d:date e:date", &days), [2]);
    let mixed = "{ check: compare, field: n, operator: '=', formula: 'IF(m = 1, 1, \"1\")' }";
    assert_eq!(wrong(mixed, "n:number m:number", &["1|1", "1|2"]), [2], "another kind is not right");
}

#[test]
fn every_item_of_a_list_must_be_right() {
    let lists = ["x;y", "x", "z", "", "x;x"];
    let list = |line: &str| wrong(line, "l:texts", &lists);
    assert_eq!(list("{ check: compare, field: l, operator: in, value: [x] }"), [1, 3]);
    assert_eq!(list("{ check: compare, field: l, operator: in, value: [x, y] }"), [3]);
    assert_eq!(list("{ check: compare, field: l, operator: not in, value: [y] }"), [1]);
    assert_eq!(list("{ check: format, field: l, pattern: '^[xz]$' }"), [1]);
    let users = "{ check: compare, field: u, operator: in, value: [sato] }";
    assert_eq!(wrong(users, "u:entities", &["sato;kato", "sato", ""]), [1]);
}
