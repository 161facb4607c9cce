//! Fills blanks.

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;
use flow::plan::{Fill, Filling};

use super::select::column;
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::concat::concat_column;
use crate::error::EngineError;
use crate::ids::groups;
use crate::order::codes;
use crate::table::Table;

/// The table with values where the named columns were blank and something fills them.
pub(crate) fn fill(input: &Table, spec: &Fill) -> Result<Table, EngineError> {
    let by_place = spec.columns.iter().any(|(_, filling)| !matches!(filling, Filling::Constant(_)));
    let places = if by_place { Some(Places::new(input, spec)?) } else { None };
    let mut columns = input.columns().to_vec();
    for (index, filling) in &spec.columns {
        let old = column(input, *index)?;
        let array = match (filling, &places) {
            (Filling::Constant(value), _) => constant(old, value)?,
            (_, Some(places)) => places.nearest(old, *filling == Filling::Next)?,
            (_, None) => continue, // not reached: such a filling makes places
        };
        columns[*index] = Column::new(old.name(), old.kind(), array)?;
    }
    input.with_columns(columns)
}

/// The rows group by group, each group in its order.
struct Places {
    rows: Vec<u32>,
    /// Group number of each row.
    of: Vec<u32>,
}

impl Places {
    fn new(input: &Table, spec: &Fill) -> Result<Self, EngineError> {
        let keys = spec.keys.iter().map(|i| column(input, *i)).collect::<Result<Vec<_>, _>>()?;
        let groups = groups(&keys, input.rows())?;
        let rows = codes(input, &spec.order, Some(&groups))?.sorted();
        Ok(Self { rows, of: groups.of })
    }

    /// Each value, or the nearest one in front (or behind) in its group.
    fn nearest(&self, column: &Column, behind: bool) -> Result<ArrayRef, EngineError> {
        let mut from: Vec<Option<u32>> = vec![None; self.rows.len()];
        let mut last: Option<u32> = None;
        let mut visit = |row: &u32| {
            if !column.is_blank(*row as usize) {
                last = Some(*row);
            }
            from[*row as usize] = last.filter(|last| self.of[*last as usize] == self.of[*row as usize]);
        };
        if behind {
            self.rows.iter().rev().for_each(&mut visit)
        } else {
            self.rows.iter().for_each(&mut visit)
        }
        Ok(take(column.array(), &UInt32Array::from(from), None)?)
    }
}

/// Each value, or the constant.
fn constant(column: &Column, value: &model::value::Value) -> Result<ArrayRef, EngineError> {
    let name = column.name();
    let mut builder = ColumnBuilder::new(column.kind());
    builder.push_value(value).map_err(|refusal| EngineError::plan(refusal.to_string()))?;
    let one = builder.finish().map_err(|e| e.of(name))?;
    let both = concat_column(vec![column.array().clone(), one], column.kind()).map_err(|e| e.of(name))?;
    let constant = column.len() as u32;
    let from: UInt32Array =
        (0..constant).map(|row| if column.is_blank(row as usize) { constant } else { row }).collect();
    Ok(take(&both, &from, None)?)
}
