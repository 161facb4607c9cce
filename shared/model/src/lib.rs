//! The vocabulary of Suiro, every decision as a pure function of (now, state, request), and the ports. No I/O.

pub mod decimal;
pub mod field;
pub mod value;
