//! The examples of all commands, on the engine: what the documentation shows is what happens.

use std::collections::BTreeMap;

use engine::{
    FileContext, Limits, RunContext, Table, Target, diff, read_file, run_to, target_fields, with_numbers, write_file,
};
use flow::commands::{Definition, Example, Kintone, definitions};
use flow::examples::{Case, Rows, parse_table, print_table};
use flow::formula::Parameters;
use flow::plan::{Column, Op};
use model::value::Value;

use crate::support::{NOW, tokyo};

/// The rows of an example's step.
fn rows_of(case: &Case) -> Table {
    let bound = flow::bind::bind(&case.plan, &[]).unwrap_or_else(|p| panic!("{p}\n{}", case.document));
    let sources = case.sources.values().map(|(columns, rows)| Table::from_rows(columns, rows).unwrap()).collect();
    let context = RunContext { now: NOW, zone: &tokyo(), parameters: &Parameters::new(), limits: Limits::default() };
    run_to(&bound.plan, sources, case.result, &context).unwrap_or_else(|e| panic!("{}\n{}", e.en(), case.document))
}

/// A column without what only a plan knows of it; examples do not say it.
fn plain(column: &Column) -> Column {
    Column { inner: column.inner.iter().map(plain).collect(), ..Column::new(&column.name, column.kind) }
}

/// The table as text, with the columns in the order of `like`.
fn printed(columns: &[Column], rows: &[Vec<Value>], like: &[Column]) -> String {
    let order: Vec<usize> = like
        .iter()
        .map(|wanted| {
            columns
                .iter()
                .position(|c| plain(c) == plain(wanted))
                .unwrap_or_else(|| panic!("no column {wanted:?} in {columns:?}"))
        })
        .collect();
    assert_eq!(columns.len(), like.len(), "{columns:?} instead of {like:?}");
    let rows: Vec<Vec<Value>> = rows.iter().map(|row| order.iter().map(|i| row[*i].clone()).collect()).collect();
    print_table(like, &rows)
}

/// The app's records after an output command, given those before.
fn written(case: &Case, definition: &Definition, before: &str) -> (Vec<Column>, Vec<Vec<Value>>) {
    let Op::Write(write) = &case.plan.nodes[case.result].op else { panic!("{} does not write", definition.name) };
    let before = parse_table(before).unwrap();
    let schema = before.schema(write.app);
    let mut records: BTreeMap<u64, Vec<Value>> = (1..).zip(before.rows.clone()).collect();
    let fields = target_fields(write, &schema);
    let number = |n: u64| Value::Number(i64::try_from(n).unwrap().into());
    let present: Vec<Vec<Value>> = records
        .iter()
        .map(|(id, row)| {
            let cell = |field: &Column| match field.name.as_str() {
                "$id" => number(*id),
                "$revision" => number(1),
                code => row[before.columns.iter().position(|c| c.name == code).unwrap()].clone(),
            };
            fields.iter().map(cell).collect()
        })
        .collect();
    let target = Target { step: "例", write, schema: &schema, zone: &tokyo(), strict: case.plan.strict };
    let mut changes = diff(&rows_of(case), &target, &Table::from_rows(&fields, &present).unwrap()).unwrap();
    for demand in changes.demands() {
        let columns = changes.number_columns(&demand);
        let of_code = |code: &str| before.columns.iter().position(|c| c.name == code).unwrap();
        let cells = |row: &Vec<Value>| columns.iter().map(|c| row[of_code(&c.name)].clone()).collect();
        let held: Vec<Vec<Value>> = before.rows.iter().map(cells).collect();
        let last = changes.largest(&demand, &Table::from_rows(&columns, &held).unwrap());
        changes.give(&demand, last + 1..);
    }

    let put = |row: &mut Vec<Value>, record: Vec<(String, Value)>| {
        for (code, value) in record {
            row[before.columns.iter().position(|c| c.name == code).unwrap()] = value;
        }
    };
    for update in &changes.updates {
        put(records.get_mut(&update.id).unwrap(), changes.changed(update));
    }
    for delete in &changes.deletes {
        records.remove(&delete.id);
    }
    let mut next = before.rows.len() as u64;
    for record in changes.added() {
        next += 1;
        let mut row = vec![Value::Blank; before.columns.len()];
        put(&mut row, record);
        records.insert(next, row);
    }
    (before.columns, records.into_values().collect())
}

/// The table of a file that is read; `None` for one that is written, whose text is compared here.
fn file_example(case: &Case, text: &str) -> Option<Table> {
    let node = &case.plan.nodes[case.result];
    let context = FileContext { step: &node.step, file: "例", now: NOW, zone: &tokyo(), strict: false };
    match &node.op {
        Op::ReadFile(read) => Some(read_file(Some(text.as_bytes()), read, &node.columns, &context).unwrap().0),
        Op::WriteFile(write) => {
            let rows = rows_of(case);
            let given = vec![(1..=rows.rows() as u64).collect(); write.numbers.len()];
            let (rows, write) = with_numbers(&rows, write, &given).unwrap();
            let (bytes, _) = write_file(&rows, &write, &context).unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap(), text, "{}", case.document);
            None
        }
        other => panic!("no file in {other:?}"),
    }
}

/// What a unit is called with, as a table with a row per set; and which unit, where one is called.
fn sets_passed(case: &Case) -> (Rows, Option<String>) {
    let node = &case.plan.nodes[case.result];
    let Op::Call(call) = &node.op else { panic!("{} calls nothing", case.document) };
    let Some(called) = engine::called(&node.step, call, &rows_of(case), &tokyo()) else {
        return (Default::default(), None);
    };
    if called.sets.is_empty() {
        return (Default::default(), Some(called.unit));
    }
    let columns: Vec<Column> =
        call.parameters.iter().map(|(name, index)| Column::new(name, node.columns[*index].kind)).collect();
    let row = |set: &std::collections::BTreeMap<String, Value>| {
        columns.iter().map(|column| set[&column.name].clone()).collect()
    };
    ((columns.clone(), called.sets.iter().map(row).collect()), Some(called.unit))
}

fn check(definition: &Definition, example: &Example) -> bool {
    let case = example.case(definition).unwrap_or_else(|e| panic!("{}: {e}", definition.name));
    let (columns, rows) = match example.kintone {
        None => {
            let (table, columns) = (rows_of(&case), &case.plan.nodes[case.result].columns);
            let outer = |c: &Column| Column::new(c.name.clone(), c.kind);
            assert_eq!(crate::support::shape(&table), columns.iter().map(outer).collect::<Vec<_>>());
            // The plan knows the columns of tables too.
            (columns.clone(), table.to_rows())
        }
        Some(Kintone::Before(before)) => written(&case, definition, before),
        Some(Kintone::File(text)) => match file_example(&case, text) {
            Some(read) => (crate::support::shape(&read), read.to_rows()),
            None => return true,
        },
        Some(Kintone::Call(is_called)) => {
            let (sets, unit) = sets_passed(&case);
            assert_eq!(unit.is_some(), is_called, "{}", case.document);
            sets
        }
        // What a query yields only kintone can say; that the right one is asked is a test of the flow language.
        Some(Kintone::Query(_)) => return false,
    };
    let (like, expected) = &case.expected;
    assert_eq!(
        printed(&columns, &rows, like),
        print_table(like, expected),
        "{}: {}",
        definition.name,
        example.title.en
    );
    true
}

/// So many examples of each command are run: what a command does at its borders is not shown by one.
const LEAST: usize = 3;

#[test]
fn every_example_does_what_it_shows() {
    for definition in definitions() {
        let examples = definition.reference().examples;
        let run = examples.iter().filter(|example| check(definition, example)).count();
        assert!(run >= LEAST, "{}: {run} examples are run, and {LEAST} or more should be", definition.name);
    }
}
