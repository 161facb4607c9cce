//! Turns columns into other types.

use flow::plan::{Column as Shape, Retype};
use jiff::tz::TimeZone;

use super::select::{column, named};
use crate::convert::retype_column;
use crate::error::EngineError;
use crate::report::Counts;
use crate::table::Table;

/// The table with these columns as what they become. What is lost is counted, or an error in strict mode.
pub(crate) fn retype(
    input: &Table,
    retypes: &[Retype],
    shape: &[Shape],
    zone: &TimeZone,
    strict: bool,
    counts: &mut Counts,
) -> Result<Table, EngineError> {
    let mut columns = input.columns().to_vec();
    for retype in retypes {
        let converted = retype_column(input, column(input, retype.column)?, retype, zone, strict, counts)?;
        if let Some(place) = columns.get_mut(retype.column) {
            *place = converted;
        }
    }
    named(input.with_columns(columns)?, shape)
}
