//! Makes rows of columns.

use arrow_array::builder::StringViewBuilder;
use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;
use flow::plan::{Column as Shape, Unpivot};
use std::sync::Arc;

use super::select::{column, named};
use crate::column::Column;
use crate::concat::concat_column;
use crate::error::{EngineError, Limited};
use crate::table::Table;

/// For every row one row per line; refused where there would be more than `limit`.
pub(crate) fn unpivot(input: &Table, spec: &Unpivot, shape: &[Shape], limit: u64) -> Result<Table, EngineError> {
    let (rows, lines) = (input.rows(), spec.lines.len());
    if rows as u64 * lines as u64 > limit {
        return Err(EngineError::Limit { step: String::new(), what: Limited::Rows, limit });
    }
    let places = places(input, spec)?;
    let of_row: UInt32Array = places.iter().map(|(row, _)| *row).collect();
    let mut columns = Vec::with_capacity(shape.len());
    for index in &spec.keep {
        let kept = column(input, *index)?;
        columns.push(kept.with_array(take(kept.array(), &of_row, None)?));
    }
    let mut shapes = shape.iter().skip(columns.len());
    let mut next = || shapes.next().ok_or_else(|| EngineError::plan("too few columns for what becomes of columns"));
    columns.push(Column::new(&next()?.name, model::field::Kind::Text, labels(spec, &places))?);
    let values = spec.lines.first().map_or(0, |line| line.columns.len());
    for value in 0..values {
        columns.push(stacked(input, spec, value, next()?, &places)?);
    }
    named(Table::new(columns, places.len())?.originating(input, Some(&of_row))?, shape)
}

/// Row and line of each new row.
fn places(input: &Table, spec: &Unpivot) -> Result<Vec<(u32, u32)>, EngineError> {
    let mut columns = Vec::with_capacity(spec.lines.len());
    for line in &spec.lines {
        columns.push(line.columns.iter().map(|c| column(input, *c)).collect::<Result<Vec<_>, _>>()?);
    }
    let mut places = Vec::with_capacity(input.rows() * spec.lines.len());
    for (row, at) in (0..input.rows()).zip(0u32..) {
        for (line, number) in columns.iter().zip(0u32..) {
            if !spec.skip_blanks || line.iter().any(|c| !c.is_blank(row)) {
                places.push((at, number));
            }
        }
    }
    Ok(places)
}

fn labels(spec: &Unpivot, places: &[(u32, u32)]) -> ArrayRef {
    let mut labels = StringViewBuilder::with_capacity(spec.lines.len());
    for line in &spec.lines {
        labels.append_option(Some(line.label.as_str()).filter(|label| !label.is_empty()));
    }
    let labels = labels.finish();
    let of_line: UInt32Array = places.iter().map(|(_, line)| *line).collect();
    // Every index is the number of a line, so this cannot fail; blanks would be told by the column's length.
    take(&labels, &of_line, None).unwrap_or_else(|_| Arc::new(arrow_array::StringViewArray::new_null(places.len())))
}

/// One value of all lines as one column.
fn stacked(
    input: &Table,
    spec: &Unpivot,
    value: usize,
    shape: &Shape,
    places: &[(u32, u32)],
) -> Result<Column, EngineError> {
    let mut parts = Vec::with_capacity(spec.lines.len());
    for line in &spec.lines {
        let index = line.columns.get(value).ok_or_else(|| EngineError::plan("lines of different length"))?;
        let part = column(input, *index)?;
        if part.kind() != shape.kind {
            let place = input.place(part.name(), 0);
            return Err(EngineError::Kind { place, expected: shape.kind, found: part.kind() });
        }
        parts.push(part.array().clone());
    }
    let all = concat_column(parts, shape.kind).map_err(|e| e.of_rows(&shape.name, input.rows()))?;
    // The limit keeps rows times lines far below 2^32.
    let rows = input.rows() as u32;
    let from: UInt32Array = places.iter().map(|(row, line)| line * rows + row).collect();
    Column::new(&shape.name, shape.kind, take(&all, &from, None)?)
}
