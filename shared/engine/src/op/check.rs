//! Checks rows: finds errors, makes rows of them, lets rows go on.

use std::collections::HashSet;

use arrow_array::BooleanArray;
use flow::formula::Context;
use flow::plan::{
    Check, CheckTest, Column as Shape, ERROR_COLUMNS, Pass, RUN_PARAMETER, RowsTest, Rule, Violations,
    violation_columns,
};
use model::field::Kind;
use model::value::{Row, Value};

use super::filter::mask;
use super::select::named;
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::EngineError;
use crate::report::{Counts, Reason, Sample, shown};
use crate::table::Table;
use crate::text::value_text;

/// A test, ready to be asked of rows.
enum Ready {
    Required,
    Mask(Vec<bool>),
    Known(HashSet<String>),
}

/// The input with a table of errors behind each row.
pub(crate) fn check(
    inputs: &[Table],
    spec: &Check,
    shape: &[Shape],
    context: &Context<'_>,
    counts: &mut Counts,
) -> Result<Table, EngineError> {
    let input = inputs.first().ok_or_else(|| EngineError::plan("an input is missing"))?;
    let column =
        |index: usize| input.columns().get(index).ok_or_else(|| EngineError::plan(format!("no column {index}")));
    let mut tests: Vec<(&CheckTest, Option<&Column>, Ready)> = Vec::with_capacity(spec.tests.len());
    for test in &spec.tests {
        let ready = match &test.rule {
            Rule::Required => Ready::Required,
            // What a formula cannot judge is not right, and is told as such.
            Rule::Holds(predicate) => Ready::Mask(mask(input, predicate, context, false, &mut |_, _| {})?),
            Rule::OneOf(options) => Ready::Known(options.iter().cloned().collect()),
            Rule::Among(index) => {
                let master = inputs.get(*index).and_then(|table| table.columns().first());
                let master = master.ok_or_else(|| EngineError::plan("no values to look among"))?;
                Ready::Known((0..master.len()).flat_map(|row| items(master, row)).collect())
            }
        };
        tests.push((test, test.column.map(column).transpose()?, ready));
    }
    let record = spec.record.map(column).transpose()?;
    let mut builder = ColumnBuilder::new(Kind::Rows);
    let mut wrong = 0;
    for row in 0..input.rows() {
        if spec.enough.is_some_and(|enough| wrong >= enough) {
            counts.add("", Reason::NotChecked, || sample(input, row, String::new()));
            push(&mut builder, Vec::new())?;
            continue;
        }
        let mut errors = Vec::new();
        for (test, value, ready) in &tests {
            if !right(*value, row, ready, test.may_be_blank) {
                let value = value.map_or(Value::Blank, |column| column.value(row));
                let text = value_text(&value, context.zone);
                counts.add(&test.field, Reason::CheckFailed, || sample(input, row, format!("{}: {text}", test.check)));
                let record =
                    record.map_or(Value::Blank, |column| Value::text(value_text(&column.value(row), context.zone)));
                errors.push(error(row, record, test, text));
            }
        }
        wrong += u64::from(!errors.is_empty());
        push(&mut builder, errors)?;
    }
    let name = shape.last().map_or("", |column| column.name.as_str());
    let errors = Column::new(name, Kind::Rows, builder.finish().map_err(|e| e.of(name))?)?;
    named(input.with_columns([input.columns(), &[errors]].concat())?, shape)
}

fn sample(input: &Table, row: usize, value: String) -> Sample {
    Sample { row: row + 1, record: input.record(row), table_row: None, value: shown(&value) }
}

fn push(builder: &mut ColumnBuilder, errors: Vec<Row>) -> Result<(), EngineError> {
    let value = if errors.is_empty() { Value::Blank } else { Value::Rows(errors) };
    builder.push_value(&value).map_err(|_| EngineError::plan("errors are not stored"))
}

fn error(row: usize, record: Value, test: &CheckTest, value: String) -> Row {
    let number = i64::try_from(row + 1).unwrap_or(i64::MAX);
    let told = [
        Value::Number(number.into()),
        record,
        Value::text(&test.field),
        Value::text(test.check),
        Value::text(&test.message),
        Value::text(value),
    ];
    Row { id: None, cells: ERROR_COLUMNS.iter().map(|(name, _)| (*name).to_owned()).zip(told).collect() }
}

/// Whether a row is right.
fn right(value: Option<&Column>, row: usize, ready: &Ready, may_be_blank: bool) -> bool {
    let blank = value.is_some_and(|column| column.is_blank(row));
    match ready {
        _ if blank && may_be_blank => true,
        Ready::Required => !blank,
        Ready::Mask(mask) => mask.get(row).copied().unwrap_or(false),
        Ready::Known(known) => value.is_none_or(|column| items(column, row).iter().all(|item| known.contains(item))),
    }
}

/// What a value is looked up by: its items, users by code, files by name, else its text form.
fn items(column: &Column, row: usize) -> Vec<String> {
    match column.kind() {
        Kind::Texts | Kind::Entities | Kind::Files => column.labels(row).into_iter().map(str::to_owned).collect(),
        _ => flow::literal::print(&column.value(row)).into_iter().filter(|text| !text.is_empty()).collect(),
    }
}

/// A row per error.
pub(crate) fn violations(
    input: &Table,
    spec: &Violations,
    step: &str,
    context: &Context<'_>,
) -> Result<Table, EngineError> {
    let errors = input.columns().get(spec.errors).ok_or_else(|| EngineError::plan("no column of errors"))?;
    let app = spec.app.and_then(|app| i64::try_from(app).ok()).map_or(Value::Blank, |app| Value::Number(app.into()));
    let run = context.parameters.get(RUN_PARAMETER).cloned().unwrap_or_default();
    let own = || vec![app.clone(), Value::text(step), run.clone()];
    let mut rows = Vec::new();
    for row in 0..input.rows() {
        for error in errors.table_rows(row).unwrap_or_default() {
            rows.push(own().into_iter().chain(error.cells.into_iter().map(|(_, value)| value)).collect());
        }
    }
    for test in wrong_numbers(&spec.rows, input) {
        let found = i64::try_from(input.rows()).unwrap_or(i64::MAX);
        let told = [Value::Blank, Value::Blank, Value::Blank, Value::text("records"), Value::text(&test.message)];
        let value = Value::text(found.to_string());
        rows.push(own().into_iter().chain(told).chain([value]).collect::<Vec<_>>());
    }
    Table::from_rows(&violation_columns(), &rows)
}

fn wrong_numbers<'a>(tests: &'a [RowsTest], input: &Table) -> impl Iterator<Item = &'a RowsTest> {
    let rows = input.rows() as u64;
    tests.iter().filter(move |test| !test.holds(rows))
}

/// How many rows, and numbers of rows, are wrong, where that stops the flow.
pub(crate) fn stops(input: &Table, spec: &Pass) -> Result<Option<u64>, EngineError> {
    let Some(stop_at) = spec.stop_at else { return Ok(None) };
    let errors = input.columns().get(spec.errors).ok_or_else(|| EngineError::plan("no column of errors"))?;
    let wrong = (0..input.rows()).filter(|row| !errors.is_blank(*row)).count() as u64;
    let wrong = wrong + wrong_numbers(&spec.rows, input).count() as u64;
    Ok((wrong >= stop_at).then_some(wrong))
}

/// The rows that go on.
pub(crate) fn pass(input: &Table, spec: &Pass, shape: &[Shape]) -> Result<Table, EngineError> {
    let errors = input.columns().get(spec.errors).ok_or_else(|| EngineError::plan("no column of errors"))?;
    let right: BooleanArray = (0..input.rows()).map(|row| Some(!spec.drop || errors.is_blank(row))).collect();
    let rest = input.columns().iter().enumerate().filter(|(index, _)| *index != spec.errors);
    let rest = input.with_columns(rest.map(|(_, column)| column.clone()).collect())?;
    named(if spec.drop { rest.filter(&right)? } else { rest }, shape)
}
