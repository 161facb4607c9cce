//! The engine through its public face: operators, conversion, difference, laws, the examples of the commands.

mod check;
mod compute;
mod conditions;
mod convert;
mod diff;
mod examples;
mod field_types;
mod files;
mod group;
mod join;
mod laws;
mod laws_diff;
mod laws_tables;
mod laws_unique;
mod memory;
mod middle;
mod origins;
mod rows;
mod run;
mod sort;
mod support;
mod window;
