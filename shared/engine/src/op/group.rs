//! Groups rows by key, in order of first appearance.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Group};
use jiff::tz::TimeZone;

use super::aggregate::aggregate;
use super::select::{column, named};
use crate::error::EngineError;
use crate::ids::groups;
use crate::table::Table;

/// The grouping. Blank is a key like any other.
pub(crate) fn group(input: &Table, spec: &Group, shape: &[Shape], zone: &TimeZone) -> Result<Table, EngineError> {
    let keys = spec.keys.iter().map(|i| column(input, *i)).collect::<Result<Vec<_>, _>>()?;
    let groups = groups(&keys, input.rows())?;
    let firsts = UInt32Array::from(groups.firsts.clone());
    let mut columns = Vec::with_capacity(shape.len());
    for key in keys {
        columns.push(key.with_array(take(key.array(), &firsts, None)?));
    }
    for (spec, shape) in spec.aggregates.iter().zip(shape.iter().skip(columns.len())) {
        columns.push(aggregate(input, column(input, spec.column)?, &spec.function, &groups, &shape.name, zone)?);
    }
    named(Table::new(columns, groups.firsts.len())?, shape)
}
