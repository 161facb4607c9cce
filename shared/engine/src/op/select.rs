//! Chooses, renames and reorders columns; also gives an operator's result the names that the plan says.

use flow::plan::Column as Shape;

use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::table::Table;

/// The columns of these indices, named as in `shape`.
pub(crate) fn select(input: &Table, indices: &[usize], shape: &[Shape]) -> Result<Table, EngineError> {
    let columns = indices.iter().map(|i| column(input, *i).cloned()).collect::<Result<Vec<_>, _>>()?;
    named(input.with_columns(columns)?, shape)
}

/// The table under the names of `shape`, whose kinds it must have.
pub(crate) fn named(table: Table, shape: &[Shape]) -> Result<Table, EngineError> {
    if table.columns().len() != shape.len() {
        return Err(EngineError::plan(format!("{} columns instead of {}", table.columns().len(), shape.len())));
    }
    let mut columns = Vec::with_capacity(shape.len());
    for (column, wanted) in table.columns().iter().zip(shape) {
        if column.kind() != wanted.kind {
            let place = Box::new(Place::field(wanted.name.clone()));
            return Err(EngineError::Kind { place, expected: wanted.kind, found: column.kind() });
        }
        columns.push(column.renamed(&wanted.name));
    }
    table.with_columns(columns)
}

/// A column by index.
pub(crate) fn column(table: &Table, index: usize) -> Result<&Column, EngineError> {
    table.columns().get(index).ok_or_else(|| EngineError::plan(format!("no column {index}")))
}
