//! Runs a plan over Arrow columns. The only crate that names Arrow.
