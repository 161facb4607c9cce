//! Tests of the language as a whole: examples of the table, order of operators, blanks, mixed kinds, dates, problems.

mod batches;
mod language;
mod problems;
mod robust;
mod support;
mod tables;
mod values;
