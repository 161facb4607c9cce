//! Checks rows: finds errors, makes rows of them, lets rows go on.

use std::cmp::Ordering;
use std::collections::HashSet;

use arrow_array::BooleanArray;
use flow::formula::{Context, Expr, RowView};
use flow::plan::{
    Check, CheckTest, Column as Shape, ERROR_COLUMNS, Operator, Pass, RUN_PARAMETER, RowsTest, Rule, Violations,
    violation_columns,
};
use model::field::Kind;
use model::value::{Row, Value};

use super::compute::TableRow;
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
            Rule::Compared { operator, with } => Ready::Mask(compared(input, test.column, *operator, with, context)?),
            Rule::EachItem(formula) => Ready::Mask(each_item(input, test.column, formula, context)?),
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
    Sample { row: row + 1, group: None, table_row: None, record: input.record(row), value: shown(&value) }
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

/// For each row, whether its value stands so to what the formula yields.
fn compared(
    input: &Table,
    column: Option<usize>,
    operator: Operator,
    with: &Expr,
    context: &Context<'_>,
) -> Result<Vec<bool>, EngineError> {
    let column = tested(input, column)?;
    let holds = |row| match with.eval(&TableRow { table: input, row }, context) {
        Ok(other) if other.is_blank() => true,
        Ok(other) => order(&column.value(row), &other).is_some_and(|order| stands(operator, order)),
        Err(_) => false,
    };
    Ok((0..input.rows()).map(holds).collect())
}

/// How two values of one kind stand to one another; `None` for values of different kinds, and of kinds without order.
/// Texts are compared exactly.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) | (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Datetime(a), Value::Datetime(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn stands(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        _ => false,
    }
}

/// A row whose list is replaced by one of its items.
struct ItemRow<'a> {
    row: TableRow<'a>,
    column: usize,
    item: &'a str,
}

impl RowView for ItemRow<'_> {
    fn value(&self, column: usize) -> Value {
        if column == self.column { Value::text(self.item) } else { self.row.value(column) }
    }
}

/// For each row, whether the formula holds for every item of its list.
fn each_item(
    input: &Table,
    column: Option<usize>,
    formula: &Expr,
    context: &Context<'_>,
) -> Result<Vec<bool>, EngineError> {
    let list = tested(input, column)?;
    let holds = |row, item: &str| {
        let view = ItemRow { row: TableRow { table: input, row }, column: column.unwrap_or_default(), item };
        formula.eval(&view, context).is_ok_and(|value| value == Value::Bool(true))
    };
    Ok((0..input.rows()).map(|row| list.labels(row).into_iter().all(|item| holds(row, item))).collect())
}

fn tested(input: &Table, column: Option<usize>) -> Result<&Column, EngineError> {
    column.and_then(|index| input.columns().get(index)).ok_or_else(|| EngineError::plan("no column to check"))
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

/// How many rows, and numbers of rows, are wrong, where that stops the flow. A wrong number of rows stops it whatever
/// number of wrong rows would: it is no row, and a flow without rows has none to count up to.
pub(crate) fn stops(input: &Table, spec: &Pass) -> Result<Option<u64>, EngineError> {
    let Some(stop_at) = spec.stop_at else { return Ok(None) };
    let errors = input.columns().get(spec.errors).ok_or_else(|| EngineError::plan("no column of errors"))?;
    let wrong = (0..input.rows()).filter(|row| !errors.is_blank(*row)).count() as u64;
    let numbers = wrong_numbers(&spec.rows, input).count() as u64;
    Ok((wrong >= stop_at || numbers > 0).then_some(wrong + numbers))
}

/// The rows that go on.
pub(crate) fn pass(input: &Table, spec: &Pass, shape: &[Shape]) -> Result<Table, EngineError> {
    let errors = input.columns().get(spec.errors).ok_or_else(|| EngineError::plan("no column of errors"))?;
    let right: BooleanArray = (0..input.rows()).map(|row| Some(!spec.drop || errors.is_blank(row))).collect();
    let rest = input.columns().iter().enumerate().filter(|(index, _)| *index != spec.errors);
    let rest = input.with_columns(rest.map(|(_, column)| column.clone()).collect())?;
    named(if spec.drop { rest.filter(&right)? } else { rest }, shape)
}
