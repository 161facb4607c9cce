//! Computes columns by formula, row by row.

use std::cmp::Ordering;

use flow::formula::{Context, RowView};
use flow::plan::{Assign, Column as Shape, OnError};
use model::value::Value;

use crate::builder::{ColumnBuilder, Refusal};
use crate::column::Column;
use crate::error::EngineError;
use crate::report::{Counts, Reason, Sample};
use crate::table::Table;

/// A row of a table, as a formula sees it.
pub(crate) struct TableRow<'a> {
    pub table: &'a Table,
    pub row: usize,
}

impl RowView for TableRow<'_> {
    fn value(&self, column: usize) -> Value {
        self.table.value(self.row, column)
    }
}

/// The table with the assigned columns, each of the kind that `shape` says; a later one sees an earlier one's values.
pub(crate) fn compute(
    input: &Table,
    assigns: &[Assign],
    shape: &[Shape],
    context: &Context<'_>,
    counts: &mut Counts,
) -> Result<Table, EngineError> {
    let mut table = input.clone();
    for assign in assigns {
        let wanted = shape.get(assign.column);
        let wanted = wanted.ok_or_else(|| EngineError::plan(format!("no column {}", assign.column)))?;
        let column = evaluate(&table, assign, wanted, context, counts)?;
        let mut columns = table.columns().to_vec();
        match assign.column.cmp(&columns.len()) {
            Ordering::Less => columns[assign.column] = column,
            Ordering::Equal => columns.push(column),
            Ordering::Greater => return Err(EngineError::plan(format!("column {} leaves a gap", assign.column))),
        }
        table = table.with_columns(columns)?;
    }
    super::select::named(table, shape)
}

fn evaluate(
    table: &Table,
    assign: &Assign,
    wanted: &Shape,
    context: &Context<'_>,
    counts: &mut Counts,
) -> Result<Column, EngineError> {
    let mut builder = ColumnBuilder::new(wanted.kind);
    for row in 0..table.rows() {
        let value = match assign.expr.eval(&TableRow { table, row }, context) {
            Ok(value) => value,
            Err(error) if assign.on_error == OnError::Blank => {
                counts.add(&wanted.name, Reason::FormulaError, || Sample {
                    row: row + 1,
                    record: table.record(row),
                    value: error.to_string(),
                });
                Value::Blank
            }
            Err(error) => {
                return Err(EngineError::Formula { place: table.place(&wanted.name, row), error: error.to_string() });
            }
        };
        builder.push_value(&value).map_err(|refusal| match refusal {
            Refusal::Overflow => EngineError::Overflow { place: table.place(&wanted.name, row) },
            Refusal::Kind { expected, found } => {
                EngineError::Kind { place: table.place(&wanted.name, row), expected, found }
            }
            Refusal::Other(reason) => EngineError::plan(reason),
        })?;
    }
    Column::new(&wanted.name, wanted.kind, builder.finish().map_err(|e| e.of(&wanted.name))?)
}
