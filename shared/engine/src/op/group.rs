//! Groups rows by key, in order of first appearance.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Group};

use super::aggregate::{Groups, aggregate};
use super::select::{column, named};
use crate::column::Column;
use crate::error::EngineError;
use crate::keys::{Index, encode};
use crate::table::Table;

/// The grouping. Blank is a key like any other.
pub(crate) fn group(input: &Table, spec: &Group, shape: &[Shape]) -> Result<Table, EngineError> {
    let keys = spec.keys.iter().map(|i| column(input, *i)).collect::<Result<Vec<_>, _>>()?;
    let groups = number(input, &keys)?;
    let firsts = UInt32Array::from(groups.firsts.clone());
    let mut columns = Vec::with_capacity(shape.len());
    for key in keys {
        columns.push(key.with_array(take(key.array(), &firsts, None)?));
    }
    for (spec, shape) in spec.aggregates.iter().zip(shape.iter().skip(columns.len())) {
        columns.push(aggregate(input, column(input, spec.column)?, spec.function, &groups, &shape.name)?);
    }
    named(Table::new(columns, groups.firsts.len())?, shape)
}

/// Gives every row the number of its group.
fn number(input: &Table, keys: &[&Column]) -> Result<Groups, EngineError> {
    if keys.is_empty() {
        let firsts = if input.rows() == 0 { Vec::new() } else { vec![0] };
        return Ok(Groups { of: vec![0; input.rows()], firsts });
    }
    let keys = encode(keys)?;
    let mut index = Index::default();
    let mut groups = Groups { of: Vec::with_capacity(keys.len()), firsts: Vec::new() };
    for (row, at) in (0..keys.len()).zip(0u32..) {
        let bytes = keys.bytes(row);
        let hash = index.hash(bytes);
        let same = |first: u32| keys.bytes(first as usize) == bytes;
        match index.find(hash, same) {
            Some(chain) => groups.of.push(groups.of[chain.first as usize]),
            None => {
                index.insert(at, hash, same);
                groups.of.push(groups.firsts.len() as u32);
                groups.firsts.push(at);
            }
        }
    }
    Ok(groups)
}
