//! What a query says, before anything is known of the app that it is asked of.

use super::functions::Function;

/// A whole query: condition, order and window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Which records; none means all of them.
    pub condition: Option<Condition>,
    /// In which order; empty means by record id, descending.
    pub order: Vec<OrderKey>,
    /// At most so many records (0 to 500).
    pub limit: Option<u64>,
    /// How many records to skip (0 to 10,000).
    pub offset: Option<u64>,
}

/// A tree of tests.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every part holds. Tests of one table must hold in the same row.
    And(Vec<Condition>),
    /// At least one part holds.
    Or(Vec<Condition>),
    /// One test of one field.
    Test(Test),
}

/// One field compared with the operands of its operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The field on the left.
    pub field: FieldName,
    /// The operator.
    pub op: Op,
    /// What stands on the right: one operand, several for `in`, none for `is empty`.
    pub operands: Vec<Operand>,
}

/// A field as the query names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldName {
    /// The field code, or `$id`.
    pub code: String,
    /// What follows the dot: a field of the app that a related-records field shows.
    pub inner: Option<String>,
}

impl std::fmt::Display for FieldName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.inner {
            None => out.write_str(&self.code),
            Some(inner) => write!(out, "{}.{inner}", self.code),
        }
    }
}

/// An operator of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `>`
    Gt,
    /// `<=`
    Le,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `like`
    Like,
    /// `not like`
    NotLike,
    /// `is empty`
    Empty,
    /// `is not empty`
    NotEmpty,
}

impl Op {
    /// The operator as an error message spells it.
    pub fn text(self) -> &'static str {
        match self {
            Op::Eq => "=",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Gt => ">",
            Op::Le => "<=",
            Op::Ge => ">=",
            Op::In => "in",
            Op::NotIn => "not in",
            Op::Like => "like",
            Op::NotLike => "not like",
            Op::Empty => "is",
            Op::NotEmpty => "is not",
        }
    }

    /// Whether the operator denies: in a table, every row must then pass.
    pub fn is_negative(self) -> bool {
        matches!(self, Op::Ne | Op::NotIn | Op::NotLike | Op::NotEmpty)
    }
}

/// A value on the right of an operator.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A quoted string, escapes resolved; or a bare number, as it was written.
    Literal(String),
    /// A function call.
    Call(Function),
}

/// One key of `order by`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// The field to sort by.
    pub field: FieldName,
    /// Ascending only where the query says `asc`: without a direction kintone sorts downwards.
    pub ascending: bool,
}
