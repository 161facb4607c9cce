//! The simulator over real HTTP: a test for every row of the tables that its behaviour was taken from.

mod bulk;
mod control;
mod credentials;
mod cursors;
mod faults;
mod files;
mod limits;
mod lookups;
mod process;
mod records;
mod settings;
mod support;
mod validation;
mod values;
mod webhooks;
