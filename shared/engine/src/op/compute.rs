//! Computes columns by formula: sums, products and the like of numbers a column at a time, everything else row by row.

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type};
use flow::formula::batch::Columns;
use flow::formula::{Context, RowView};
use flow::plan::{Assign, Column as Shape, OnError};
use model::field::Kind;
use model::value::Value;

use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::{EngineError, FormulaPart};
use crate::number::make;
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

/// The columns of a table, as a batch sees them.
impl Columns for Table {
    fn numbers(&self, column: usize) -> Option<(&[i128], u32)> {
        let column = self.columns().get(column).filter(|c| c.kind() == Kind::Number)?;
        Some((column.array().as_primitive::<Decimal128Type>().values(), column.scale()))
    }

    fn days(&self, column: usize) -> Option<&[i32]> {
        let column = self.columns().get(column).filter(|c| c.kind() == Kind::Date)?;
        Some(column.array().as_primitive::<Date32Type>().values())
    }

    fn has_blanks(&self, column: usize) -> bool {
        self.columns().get(column).is_some_and(|c| c.array().null_count() > 0)
    }

    fn is_blank(&self, column: usize, row: usize) -> bool {
        self.columns().get(column).is_some_and(|c| c.is_blank(row))
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
    if wanted.kind == Kind::Number
        && let Some(batch) = assign.expr.eval_batch(table, table.rows())
    {
        return Column::new(&wanted.name, wanted.kind, make(batch.values, None, batch.scale));
    }
    let mut builder = ColumnBuilder::new(wanted.kind);
    for row in 0..table.rows() {
        let view = TableRow { table, row };
        let value = match assign.expr.eval(&view, context) {
            Ok(value) => value,
            Err(error) if assign.on_error == OnError::Blank => {
                counts.add(&wanted.name, Reason::FormulaError, || Sample {
                    row: row + 1,
                    group: None,
                    record: table.record(row),
                    table_row: None,
                    value: error.to_string(),
                });
                Value::Blank
            }
            Err(error) => {
                let part = FormulaPart::of(&assign.expr, &view, context);
                let place = table.place(&wanted.name, row);
                return Err(EngineError::Formula { place, error: error.to_string(), part });
            }
        };
        builder.push_value(&value).map_err(|refusal| refusal.error(table.place(&wanted.name, row)))?;
    }
    Column::new(&wanted.name, wanted.kind, builder.finish().map_err(|e| e.of(&wanted.name))?)
}
