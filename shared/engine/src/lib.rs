//! Runs a plan over Arrow columns. The only crate that names Arrow.
//!
//! [`Table`] holds rows as columns, [`TableBuilder`] fills one while records are parsed, [`run`] computes a plan,
//! [`diff`] says what differs between a result and what the target app holds, [`write_csv`] prints a table.
//! Everything is deterministic and keeps the order of its input; blank is one thing, a null in the column.

mod builder;
mod column;
mod convert;
mod csv_out;
mod diff;
mod error;
mod keys;
mod number;
mod op;
mod report;
mod run;
mod table;
mod text;

pub use builder::TableBuilder;
pub use column::Column;
pub use convert::Target;
pub use csv_out::{CsvWriter, write_csv};
pub use diff::{Changes, Delete, KeyValues, Record, Skipped, Update, diff, key_values, target_fields};
pub use error::{EngineError, Place};
pub use report::{Count, Counts, Reason, Sample};
pub use run::{Limits, Output, RunContext, RunResult, StepReport, run, run_to};
pub use table::Table;
pub use text::value_text;
