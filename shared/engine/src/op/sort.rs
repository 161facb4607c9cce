//! Sorts rows.

use arrow_array::UInt32Array;
use flow::plan::Sort;

use crate::error::EngineError;
use crate::order::codes;
use crate::table::Table;

/// The rows in the order of the keys; equal ones as they stood. With a limit, the first of them.
pub(crate) fn sort(input: &Table, spec: &Sort) -> Result<Table, EngineError> {
    let mut rows = codes(input, &spec.keys, None)?.sorted();
    rows.truncate(spec.limit.unwrap_or(usize::MAX));
    input.take(&UInt32Array::from(rows))
}
