//! Values: how each type is read from a request, normalised, checked and computed.

pub mod number;
pub mod rules_check;
pub mod table;
pub mod temporal;
pub mod write;
