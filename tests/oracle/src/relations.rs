//! Commands over rows, beside DuckDB and Polars.
//!
//! [`commands`] make cases: generated tables ([`tables`]) and a step's settings. A [`case`] is run as a whole flow document on
//! the engine; the scripts in `tests/oracle/relations` read the same tables and the same settings and say in SQL and in
//! Polars' expressions what the step means; [`report`] compares cell by cell and sums up. What may differ stands in
//! [`differences`].

pub mod answer;
pub mod case;
pub mod commands;
pub mod differences;
pub mod kept;
pub mod peers;
pub mod report;
pub mod tables;
