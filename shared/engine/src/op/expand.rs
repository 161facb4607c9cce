//! Makes rows of a table field's rows.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Expand, ExpandColumn};
use model::decimal::Decimal;
use model::value::{Row, Value};

use super::select::{column, named};
use crate::builder::{ColumnBuilder, Refusal};
use crate::column::Column;
use crate::error::{EngineError, Limited};
use crate::table::Table;

/// The table expanded. Fails where the result would have more than `limit` rows.
pub(crate) fn expand(input: &Table, spec: &Expand, shape: &[Shape], limit: u64) -> Result<Table, EngineError> {
    let tables = column(input, spec.table)?;
    let mut builders: Vec<Option<ColumnBuilder>> = spec
        .output
        .iter()
        .zip(shape)
        .map(|(place, shape)| (!matches!(place, ExpandColumn::Parent(_))).then(|| ColumnBuilder::new(shape.kind)))
        .collect();
    let mut parents: Vec<u32> = Vec::new();
    for (row, at) in (0..input.rows()).zip(0u32..) {
        let rows = tables.table_rows(row).unwrap_or_default();
        let placeholder = rows.is_empty() && spec.keep_empty;
        let count = if placeholder { 1 } else { rows.len() };
        if parents.len() as u64 + count as u64 > limit {
            return Err(EngineError::Limit { step: String::new(), what: Limited::Rows, limit });
        }
        parents.extend(std::iter::repeat_n(at, count));
        for ((place, shape), builder) in spec.output.iter().zip(shape).zip(&mut builders) {
            let Some(builder) = builder else { continue };
            if placeholder {
                builder.push_blank();
            }
            for (number, inner) in rows.iter().enumerate() {
                builder
                    .push_value(&value(place, inner, number))
                    .map_err(|refusal| refused(input, row, shape, refusal))?;
            }
        }
    }
    let parents = UInt32Array::from(parents);
    let mut columns = Vec::with_capacity(shape.len());
    for ((place, shape), builder) in spec.output.iter().zip(shape).zip(builders) {
        columns.push(match (place, builder) {
            (ExpandColumn::Parent(i), _) => {
                let parent = column(input, *i)?;
                parent.with_array(take(parent.array(), &parents, None)?)
            }
            (_, Some(builder)) => {
                Column::new(&shape.name, shape.kind, builder.finish().map_err(|e| e.of(&shape.name))?)?
            }
            (_, None) => return Err(EngineError::plan("a column without values")),
        });
    }
    named(Table::new(columns, parents.len())?.originating(input, Some(&parents))?, shape)
}

/// What one row of a table has for a column.
fn value(place: &ExpandColumn, row: &Row, number: usize) -> Value {
    match place {
        ExpandColumn::Cell(name) => {
            row.cells.iter().find(|(code, _)| code == name).map_or(Value::Blank, |(_, value)| value.clone())
        }
        // kintone numbers rows; an id of another form could not be written back, and is as good as none.
        ExpandColumn::RowId => row.id.as_deref().and_then(|id| id.parse().ok()).map_or(Value::Blank, Value::Number),
        ExpandColumn::RowNumber => {
            i64::try_from(number + 1).map_or(Value::Blank, |number| Value::Number(Decimal::from(number)))
        }
        ExpandColumn::Parent(_) => Value::Blank,
    }
}

fn refused(input: &Table, row: usize, shape: &Shape, refusal: Refusal) -> EngineError {
    refusal.error(input.place(&shape.name, row))
}
