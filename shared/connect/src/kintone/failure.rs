//! Which record of the caller's list a refused bulk fell over.

use std::ops::Range;

use super::error::KintoneError;

/// What kintone found wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFailure {
    /// Position of the record in the list that the builder was given.
    pub position: usize,
    /// Field code; `None` where the failure is the record's.
    pub field: Option<String>,
    /// Where the field stands in a table: the table's code and the row, from 0.
    pub table: Option<(String, usize)>,
    /// kintone's sentences.
    pub messages: Vec<String>,
}

/// A bulk that kintone refused: nothing of it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The error.
    pub error: KintoneError,
    /// The records of the part that failed; `None` where it was the fence or the bulk as a whole.
    pub part: Option<Range<usize>>,
    /// Records and fields, where kintone named them.
    pub records: Vec<RecordFailure>,
}
