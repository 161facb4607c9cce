//! Puts the rows of several tables one after the other.

use arrow_array::Array;
use flow::plan::{Append, Column as Shape};

use super::select::column;
use crate::column::Column;
use crate::concat::concat_column;
use crate::error::{EngineError, Place};
use crate::table::Table;

/// The rows of all inputs; a column that an input lacks is blank in its rows.
pub(crate) fn append(inputs: &[Table], spec: &Append, shape: &[Shape]) -> Result<Table, EngineError> {
    let rows = inputs.iter().map(Table::rows).sum();
    let mut columns = Vec::with_capacity(shape.len());
    for (sides, shape) in spec.columns.iter().zip(shape) {
        let mut parts = Vec::with_capacity(inputs.len());
        for (input, side) in inputs.iter().zip(sides) {
            let part = match side {
                Some(index) => column(input, *index)?.clone(),
                None => Column::blank(&shape.name, shape.kind, input.rows()),
            };
            if part.kind() != shape.kind {
                let place = Box::new(Place::field(shape.name.clone()));
                return Err(EngineError::Kind { place, expected: shape.kind, found: part.kind() });
            }
            parts.push(part.into_array());
        }
        let array = concat_column(parts, shape.kind).map_err(|e| e.of(&shape.name))?;
        if array.len() != rows {
            return Err(EngineError::plan("inputs and columns of an append do not fit"));
        }
        columns.push(Column::new(&shape.name, shape.kind, array)?);
    }
    Table::new(columns, rows)
}
