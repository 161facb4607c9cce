//! Suiro's answers beside those of programs that nobody here wrote.
//!
//! [`formulas`] stands beside LibreOffice, [`decimals`] beside Python's `decimal`, [`relations`] beside DuckDB and Polars.

pub mod decimals;
pub mod formulas;
pub mod relations;
