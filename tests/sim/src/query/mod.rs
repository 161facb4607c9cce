//! kintone's query language: parsed, checked against an app's form, and asked of records.
//!
//! A question goes `parse` -> `check` -> [`Filter`] and [`Sorter`]. Where real kintone's answer is not known, the strict
//! reading is taken, so that a query that passes here passes there: keywords are lower case, and an operand that the
//! field cannot hold, or a function that its type does not take, is a syntax error.
//!
//! Dotted names are parsed and always refused: they ask for records of another app, through a related-records field.

mod ast;
mod bounds;
mod check;
mod decimal;
mod error;
mod eval;
mod field;
mod functions;
mod lexer;
mod like;
mod moment;
mod order;
mod parser;
mod predicate;

pub use ast::{Condition, FieldName, Op, Operand, OrderKey, Query, Test};
pub use bounds::id_bounds;
pub use check::check;
pub use error::{QueryError, QueryProblem};
pub use eval::{Context, FileText, Filter, matches, uses_like};
pub use functions::{Days, Function, MonthDay, Unit};
pub use order::{SortKey, Sorter, compare};
pub use parser::parse;

#[cfg(test)]
mod tests;
