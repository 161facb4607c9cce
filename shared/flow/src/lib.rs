//! The flow language: document -> checked flow -> plan; formulas; one file per command. No I/O, no Arrow.

pub mod apps;
pub mod bind;
pub mod calls;
pub mod check;
pub mod commands;
pub mod conditions;
#[cfg(feature = "reference")]
pub mod docs;
pub mod document;
pub mod estimate;
pub mod examples;
pub mod formula;
pub mod kinds;
pub mod literal;
pub mod located;
pub mod picture;
pub mod plan;
pub mod problem;
#[cfg(feature = "reference")]
pub mod schema;

mod field_types;
mod print;
mod prune;
mod pushdown;
mod query;
mod settings;
mod sort_by;
