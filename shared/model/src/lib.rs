//! The vocabulary of Suiro, every decision as a pure function of (now, state, request), and the ports. No I/O.
//!
//! Start with [`gate`] (who may start now) and [`ledger`] (how a request moves from admission to its one end).

pub mod budget;
pub mod calls;
pub mod caps;
pub mod catalogue;
pub mod clock;
pub mod coalesce;
pub mod decimal;
pub mod domain;
pub mod field;
pub mod file_path;
pub mod gate;
pub mod ids;
pub mod keys;
pub mod ledger;
pub mod limits;
pub mod notice;
pub mod numbering;
pub mod payload;
pub mod ports;
pub mod refusals;
pub mod run;
pub mod schedule;
pub mod schedule_gate;
pub mod secret_url;
pub mod settings;
pub mod signature;
pub mod standing;
pub mod store;
pub mod turns;
pub mod unit;
pub mod value;
