//! What can go wrong in the engine: where, why, under which stable code, and how people are told.

mod part;
mod place;
mod words;

use model::field::Kind;

use crate::file::FileProblem;
use crate::report::Reason;

pub use part::FormulaPart;
pub use place::Place;

/// What there may be too many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// Rows of a step's result.
    Rows,
    /// Groups of a `for_each`.
    Groups,
    /// Cells of a cross table.
    Cells,
}

impl Limited {
    fn english(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Groups => "groups",
            Self::Cells => "cells",
        }
    }
}

/// Why the engine stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A formula yields an error value where the step says that this is a failure.
    #[error("{place}: the formula yields {error}{}", part.english())]
    Formula {
        /// Where.
        place: Box<Place>,
        /// The error value, such as `#DIV/0!`.
        error: String,
        /// Which part of the formula does.
        part: Box<FormulaPart>,
    },
    /// A number needs more than 38 digits in its column.
    #[error("{place}: more than 38 digits, with the decimals of its column")]
    Overflow {
        /// Where.
        place: Box<Place>,
    },
    /// Numbers of one column that each have at most 38 digits, but not with the decimals that all of them need.
    #[error(
        "{place}: all numbers of a column have the same count of decimals, and with those of {} (row {}) the number {} (row {}) has more than 38 digits",
        fine.1, fine.0, long.1, long.0
    )]
    Scale {
        /// Where they come together.
        place: Box<Place>,
        /// Row, counted from 1, and value of the number with the most digits in front of the point.
        long: (usize, String),
        /// Row and value of the number with the most decimals.
        fine: (usize, String),
    },
    /// A formula yields values of different kinds.
    #[error("{place}: {found:?} in a column of {expected:?}")]
    Kind {
        /// Where.
        place: Box<Place>,
        /// The column's kind.
        expected: Kind,
        /// The value's kind.
        found: Kind,
    },
    /// The right side of a condition is no value of the column's kind, or a parameter without a value.
    #[error("{place}: cannot compare with \"{operand}\"")]
    Operand {
        /// Where.
        place: Box<Place>,
        /// The operand.
        operand: String,
    },
    /// The operation is not defined for this kind of column.
    #[error("{place}: {what} is not defined for {kind:?}")]
    Unsupported {
        /// Where.
        place: Box<Place>,
        /// The operation.
        what: String,
        /// The column's kind.
        kind: Kind,
    },
    /// A join would yield more rows than the limit.
    #[error("step \"{step}\": the join would yield {rows} rows, more than {limit}; the key \"{key}\" matches most")]
    TooManyRows {
        /// The step.
        step: String,
        /// Rows that the join would yield.
        rows: u64,
        /// The limit.
        limit: u64,
        /// The key with the most pairs.
        key: String,
    },
    /// A step would yield more than is allowed.
    #[error("step \"{step}\": more than {limit} {}", what.english())]
    Limit {
        /// The step.
        step: String,
        /// More of what.
        what: Limited,
        /// How many are allowed.
        limit: u64,
    },
    /// A key that is looked up and that must be there, is not.
    #[error("{place}: nothing has the key \"{key}\"")]
    NotFound {
        /// The row that looks it up.
        place: Box<Place>,
        /// The key.
        key: String,
    },
    /// A key that is looked up has several rows.
    #[error("step \"{step}\": rows {rows:?} of what is looked up have the key \"{key}\"")]
    DuplicateMaster {
        /// The step.
        step: String,
        /// The key.
        key: String,
        /// The rows there, counted from 1.
        rows: Vec<usize>,
    },
    /// A value that does not convert, in strict mode.
    #[error("{place}: \"{value}\": {}", reason.english())]
    Conversion {
        /// Where.
        place: Box<Place>,
        /// The value.
        value: String,
        /// Why not.
        reason: Reason,
    },
    /// kintone would refuse the number: its whole part is longer than the app allows.
    #[error("{place}: {value} has more than {whole} digits in front of the point")]
    NumberTooLong {
        /// Where.
        place: Box<Place>,
        /// The number.
        value: String,
        /// Digits in front of the point that the app allows.
        whole: u32,
    },
    /// Several rows to write have one key.
    #[error("step \"{step}\": rows {rows:?} have the same key \"{key}\"")]
    DuplicateKey {
        /// The step.
        step: String,
        /// The key.
        key: String,
        /// The rows, counted from 1.
        rows: Vec<usize>,
    },
    /// A row to write has the key of several records of the app.
    #[error("step \"{step}\": records {ids:?} have the same key \"{key}\"")]
    DuplicateRecord {
        /// The step.
        step: String,
        /// The key.
        key: String,
        /// The records' ids.
        ids: Vec<u64>,
    },
    /// A row to write has no key and would be skipped, in strict mode.
    #[error("step \"{step}\": row {row} has no key")]
    BlankKey {
        /// The step.
        step: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// A replacing write would empty the app without the flow's consent.
    #[error("step \"{step}\": the result is empty")]
    EmptyResult {
        /// The step.
        step: String,
    },
    /// The target app has no such field, or one that cannot be written.
    #[error("{place}: not a field that can be written")]
    Field {
        /// Where.
        place: Box<Place>,
    },
    /// A file cannot be read or written.
    #[error("step \"{step}\", file \"{file}\": {problem}")]
    File {
        /// The step.
        step: String,
        /// The file's path.
        file: String,
        /// Why not.
        problem: Box<FileProblem>,
    },
    /// Plan and tables do not fit each other: a fault of Suiro, not of the flow.
    #[error("step \"{step}\": {reason}")]
    Plan {
        /// The step; may be empty.
        step: String,
        /// What does not fit, in technical words.
        reason: String,
    },
}

impl EngineError {
    /// A fault of Suiro.
    pub(crate) fn plan(reason: impl Into<String>) -> Self {
        Self::Plan { step: String::new(), reason: reason.into() }
    }

    /// The same error, told of this step where it is not told of one already.
    pub(crate) fn in_step(mut self, name: &str) -> Self {
        let step = self.step_mut();
        if step.is_empty() {
            name.clone_into(step);
        }
        self
    }

    /// The same error of an inner step, told of the step around it too.
    pub(crate) fn inside(mut self, outer: &str) -> Self {
        let step = self.step_mut();
        *step = if step.is_empty() { outer.to_owned() } else { format!("{outer}/{step}") };
        self
    }

    /// The same error, told of the group in which it happened. One without a row tells its step alone, which names the group.
    pub(crate) fn of_group(mut self, key: &str) -> Self {
        match self.place_mut() {
            Some(place) => place.group = Some(key.to_owned()),
            None => {
                let step = self.step_mut();
                *step = format!("{step} ({key})");
            }
        }
        self
    }

    fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Self::Formula { place, .. }
            | Self::Overflow { place }
            | Self::Kind { place, .. }
            | Self::Operand { place, .. }
            | Self::Unsupported { place, .. }
            | Self::Conversion { place, .. }
            | Self::NumberTooLong { place, .. }
            | Self::NotFound { place, .. }
            | Self::Field { place } => Some(place),
            _ => None,
        }
    }

    fn step_mut(&mut self) -> &mut String {
        match self {
            Self::Formula { place, .. }
            | Self::Overflow { place }
            | Self::Scale { place, .. }
            | Self::Kind { place, .. }
            | Self::Operand { place, .. }
            | Self::Unsupported { place, .. }
            | Self::Conversion { place, .. }
            | Self::NumberTooLong { place, .. }
            | Self::NotFound { place, .. }
            | Self::Field { place } => &mut place.step,
            Self::TooManyRows { step, .. }
            | Self::Limit { step, .. }
            | Self::DuplicateMaster { step, .. }
            | Self::DuplicateKey { step, .. }
            | Self::DuplicateRecord { step, .. }
            | Self::BlankKey { step, .. }
            | Self::EmptyResult { step }
            | Self::File { step, .. }
            | Self::Plan { step, .. } => step,
        }
    }
}

impl From<arrow_schema::ArrowError> for EngineError {
    /// The kernels are called with columns that fit them; a refusal (offsets beyond 2^31, say) is told as it is.
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::plan(error.to_string())
    }
}
