//! Excel's formula language over a row of values: text -> [`Ast`] -> checked [`Expr`] -> value.
//!
//! `lexer` and `parser` make the tree, `check` resolves its names and infers kinds, `eval` computes one row.
//! The meaning of values (blank, mixed kinds, dates) is stated at the head of `eval`; functions are entries of the table in
//! [`functions`].

mod ast;
pub mod batch;
mod blame;
mod calendar;
mod check;
mod code;
mod compare;
mod convert;
mod criteria;
mod era;
mod eval;
mod format;
mod format_date;
mod format_pattern;
pub mod functions;
mod kinds;
mod lexer;
mod operators;
mod parameters;
mod parser;
mod patterns;
mod problem;
mod serial;
mod width;
mod wildcards;
mod workdays;

pub use ast::Ast;
pub use check::{OF_CALLS, check, check_calls};
pub use code::Expr;
pub use convert::text_form;
pub use eval::{Context, RowView};
pub use parameters::Parameters;
pub use parser::parse;
pub use problem::FormulaProblem;

/// The error values of Excel. They are values: IFERROR catches them, and what reaches a column is that step's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ErrorValue {
    /// Division by zero
    #[error("#DIV/0!")]
    Div0,
    /// A value of a kind that cannot be used here
    #[error("#VALUE!")]
    Value,
    /// A number or date out of range
    #[error("#NUM!")]
    Num,
    /// Nothing found
    #[error("#N/A")]
    Na,
    /// An unknown name
    #[error("#NAME?")]
    Name,
    /// A parameter that this run does not have, or an element that a list does not have
    #[error("#REF!")]
    Ref,
}

impl ErrorValue {
    /// Every one of them.
    pub const ALL: [Self; 6] = [Self::Div0, Self::Value, Self::Num, Self::Na, Self::Name, Self::Ref];
}

impl From<model::decimal::DecimalError> for ErrorValue {
    fn from(error: model::decimal::DecimalError) -> Self {
        use model::decimal::DecimalError as E;
        match error {
            E::DivisionByZero => Self::Div0,
            E::Overflow => Self::Num,
            E::NotANumber => Self::Value,
        }
    }
}

/// Parses and checks in one go: all problems of either.
pub fn compile(text: &str, columns: &[crate::plan::Column]) -> Result<Expr, Vec<FormulaProblem>> {
    check(&parse(text)?, columns)
}

#[cfg(test)]
mod tests;
