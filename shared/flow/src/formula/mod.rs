//! Excel's formula language over a row of values.

mod parameters;
mod problem;

use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::Value;

pub use parameters::Parameters;
pub use problem::FormulaProblem;

/// The error values of Excel.
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
    /// A parameter that this run does not have
    #[error("#REF!")]
    Ref,
}

/// A parsed formula.
#[derive(Clone, Debug)]
pub struct Ast;
/// A checked formula.
#[derive(Clone, Debug)]
pub struct Expr {
    source: String,
}

/// Parses.
pub fn parse(_text: &str) -> Result<Ast, Vec<FormulaProblem>> {
    Ok(Ast)
}
/// Checks.
pub fn check(_ast: &Ast, _columns: &[crate::plan::Column]) -> Result<Expr, Vec<FormulaProblem>> {
    Ok(Expr { source: String::new() })
}
/// Parses and checks in one go.
pub fn compile(text: &str, columns: &[crate::plan::Column]) -> Result<Expr, Vec<FormulaProblem>> {
    check(&parse(text)?, columns)
}
/// One row.
pub trait RowView {
    /// The value of a column.
    fn value(&self, column: usize) -> Value;
}
/// What a formula sees besides its row.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Unix seconds, fixed per run.
    pub now: i64,
    /// The flow's time zone.
    pub zone: &'a TimeZone,
    /// Parameters of the run.
    pub parameters: &'a Parameters,
}
impl Expr {
    /// Value of a row.
    pub fn eval(&self, _row: &dyn RowView, _ctx: &Context<'_>) -> Result<Value, ErrorValue> {
        Err(ErrorValue::Name)
    }
    /// Static kind.
    pub fn kind(&self) -> Option<Kind> {
        None
    }
    /// Columns, sorted and distinct.
    pub fn columns(&self) -> Vec<usize> {
        Vec::new()
    }
    /// Parameters, sorted and distinct.
    pub fn parameters(&self) -> Vec<String> {
        Vec::new()
    }
    /// Renumbers the columns.
    pub fn remap(&mut self, _new: impl Fn(usize) -> usize) {}
    /// The source.
    pub fn source(&self) -> &str {
        &self.source
    }
}
