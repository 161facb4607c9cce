//! Runs a plan over Arrow columns. The only crate that names Arrow.
//!
//! [`Table`] holds rows as columns, [`TableBuilder`] fills one while records are parsed, [`run`] computes a plan,
//! [`diff`] says what differs between a result and what the target app holds, [`write_csv`] prints a table,
//! [`read_file`] and [`write_file`] make tables of files and files of tables.
//! Everything is deterministic and keeps the order of its input; blank is one thing, a null in the column.

mod builder;
mod called;
mod chains;
mod column;
mod concat;
mod convert;
mod diff;
mod error;
mod file;
mod ids;
mod index;
mod number;
mod op;
mod order;
mod report;
mod run;
mod table;
mod text;

pub use builder::TableBuilder;
pub use called::{Called, called};
pub use column::Column;
pub use convert::Target;
pub use diff::{
    Batch, Changes, Delete, Demand, KeyValues, Put, Record, Skipped, Update, comparable, diff, key_values, restore,
    restoring, target_fields,
};
pub use error::{EngineError, FormulaPart, Limited, Place};
#[cfg(feature = "parquet")]
pub use file::write_parquet;
pub use file::{
    CsvWriter, FileContext, FileProblem, append_file, check_append, read_file, with_numbers, write_csv, write_file,
};
pub use report::{Count, Counts, Reason, Sample};
pub use run::{Limits, Output, RunContext, RunResult, StepReport, Stopped, look_at, run, run_to};
pub use table::Table;
pub use text::value_text;
