//! The whole stack in one process, and the tools for flows. `main.rs` is the command line over it.

pub mod args;
pub mod commands;
pub mod demo;
pub mod local;
pub mod testing;
pub mod units;
