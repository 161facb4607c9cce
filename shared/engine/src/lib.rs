//! Runs a plan over Arrow columns. The only crate that names Arrow.
//!
//! [`Table`] holds rows as columns, [`TableBuilder`] fills one while records are parsed.
//! Everything is deterministic and keeps the order of its input; blank is one thing, a null in the column.

mod builder;
mod column;
mod error;
mod number;
mod report;
mod table;

pub use builder::TableBuilder;
pub use column::Column;
pub use error::{EngineError, Place};
pub use report::{Count, Counts, Reason, Sample};
pub use table::Table;
