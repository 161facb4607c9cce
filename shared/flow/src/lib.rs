//! The flow language: document -> checked flow -> plan; formulas; one file per command. No I/O, no Arrow.

pub mod formula;
pub mod plan;
