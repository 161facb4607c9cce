//! The order of rows: keys as unsigned numbers, packed into words, and the permutation that sorts them.
//!
//! Every key column becomes numbers whose order is the wanted one (descending and blanks included); neighbouring keys
//! share a word of 64 bits where they fit. Most orders of real tables are one or two words, sorted by radix.

mod codes;
mod radix;
mod texts;

pub(crate) use codes::Codes;

use flow::plan::SortKey;

use crate::error::EngineError;
use crate::ids::Groups;
use crate::op::select::column;
use crate::table::Table;

/// The codes of a table's rows by these keys, inside groups where there are any.
pub(crate) fn codes(table: &Table, keys: &[SortKey], groups: Option<&Groups>) -> Result<Codes, EngineError> {
    let mut codes = Codes::new(table.rows());
    // The least important first.
    for key in keys.iter().rev() {
        codes.push_column(column(table, key.column)?, key.descending, key.blanks_last)?;
    }
    if let Some(groups) = groups.filter(|g| g.len() > 1) {
        codes.push(groups.len() as u64 - 1, |row| u64::from(groups.of[row]));
    }
    Ok(codes)
}
