//! Suiro's answers beside those of programs that nobody here wrote.
//!
//! [`formulas`] stands beside LibreOffice and Python's `decimal`, [`relations`] beside DuckDB and Polars.

pub mod formulas;
pub mod relations;
