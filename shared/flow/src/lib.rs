//! The flow language: document -> checked flow -> plan; formulas; one file per command. No I/O, no Arrow.

pub mod bind;
pub mod check;
pub mod commands;
pub mod conditions;
pub mod docs;
pub mod document;
pub mod examples;
pub mod formula;
pub mod kinds;
pub mod literal;
pub mod located;
pub mod plan;
pub mod problem;

mod print;
mod prune;
mod pushdown;
mod query;
mod settings;
