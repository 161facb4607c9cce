//! The client against a simulated kintone.

mod access;
mod apps;
mod faults;
mod notices;
mod reading;
mod support;
mod writing;
