//! Values as a field of the target app takes and stores them, so that comparing is with what kintone would hold.
//!
//! | to | from | rule |
//! | --- | --- | --- |
//! | number | number | rounded as the app rounds, counted; too long a whole part is an error, as it is in kintone |
//! | text | all but tables | the text form; instants in the flow's zone; lists with one item per line |
//! | number, date, time, datetime | text | read; what cannot be read is blank, counted |
//! | date, time | datetime | in the flow's zone; a time of day or a day that is cut off is counted |
//! | datetime | date | its midnight there |
//! | time, datetime | | cut to the minute, as kintone does; seconds that are cut off are counted |
//! | radio button | text | an unknown option is the first one, counted |
//! | drop-down, check box, multiple choice | text, list | unknown options are left out, counted |
//! | lists | text | one item per line |
//! | table | table | cell by cell, by the same rules; counted cell by cell, under `table.field` |
//!
//! A blank stays blank. In strict mode what would be counted is an error.
//!
//! `set_field_type` uses the same rules inside a flow, where numbers are not rounded, times keep their seconds, lists have
//! the separator that the step names, and the step says what becomes of unknown options. There the date of an instant is what
//! was asked for, by name: its time of day is no loss, neither counted nor refused in strict mode.

mod cell;
mod column;
mod options;

use flow::plan::Write;
use jiff::tz::TimeZone;
use model::field::{AppSchema, Field, FieldType};

use crate::error::{EngineError, Place};

pub(crate) use cell::record_number;
pub(crate) use column::{convert_column, retype_column};

/// What rows are written to.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The write step's name, for messages.
    pub step: &'a str,
    /// How is written, and which column goes to which field.
    pub write: &'a Write,
    /// The app's fields, digits and rounding.
    pub schema: &'a AppSchema,
    /// The flow's time zone.
    pub zone: &'a TimeZone,
    /// Whether a value that does not convert is an error.
    pub strict: bool,
}

impl<'a> Target<'a> {
    /// A field by its code.
    pub(crate) fn field(&self, code: &str) -> Result<&'a Field, EngineError> {
        self.schema.field(code).ok_or_else(|| self.no_field(code))
    }

    /// A field that cannot be written is named.
    pub(crate) fn no_field(&self, code: &str) -> EngineError {
        EngineError::Field { place: Box::new(Place { step: self.step.to_owned(), ..Place::field(code) }) }
    }
}

/// Whether a field's values are the ids of its app's records: `$id` and the record number.
pub(crate) fn is_record_id(field: &Field) -> bool {
    matches!(field.field_type, FieldType::Id | FieldType::RecordNumber)
}
