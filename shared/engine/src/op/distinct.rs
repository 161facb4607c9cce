//! Keeps one row per key.

use arrow_array::BooleanArray;
use flow::plan::Distinct;

use super::select::column;
use crate::error::EngineError;
use crate::ids::groups;
use crate::order::codes;
use crate::table::Table;

/// The first or the last row of each key in the asked order; those that stay, in the order of the input.
pub(crate) fn distinct(input: &Table, spec: &Distinct) -> Result<Table, EngineError> {
    let keys = spec.keys.iter().map(|i| column(input, *i)).collect::<Result<Vec<_>, _>>()?;
    let groups = groups(&keys, input.rows())?;
    let mut keep = vec![false; input.rows()];
    if spec.order.is_empty() && !spec.last {
        groups.firsts.iter().for_each(|row| keep[*row as usize] = true);
    } else {
        // Of each key the row that is seen last wins, so the first ones are found from behind.
        let rows = codes(input, &spec.order, None)?.sorted();
        let mut chosen = vec![0; groups.len()];
        let mut choose = |row: &u32| chosen[groups.of[*row as usize] as usize] = *row;
        if spec.last {
            rows.iter().for_each(&mut choose)
        } else {
            rows.iter().rev().for_each(&mut choose)
        }
        chosen.iter().for_each(|row| keep[*row as usize] = true);
    }
    input.filter(&BooleanArray::from(keep))
}
