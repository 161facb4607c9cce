//! The parsed formula: a tree with the place of each part in the source. Names are not resolved yet.

use std::ops::Range;
use std::sync::Arc;

use model::decimal::Decimal;

use super::ErrorValue;

/// A parsed formula.
#[derive(Clone, Debug)]
pub struct Ast {
    pub(super) source: Arc<str>,
    pub(super) root: Node,
}

impl Ast {
    /// The text that was parsed.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// A part of a formula.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub span: Range<usize>,
    pub part: Part,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Number(Decimal),
    Text(String),
    Bool(bool),
    /// A column, by name. `quoted`: in brackets or quotes, so that it is taken letter by letter.
    Name {
        name: String,
        quoted: bool,
    },
    /// One column of a table's rows: `明細[金額]`
    TableColumn {
        table: Box<Node>,
        field: String,
        field_span: Range<usize>,
    },
    /// `%field%`
    Parameter(String),
    /// An error value as it is shown: `#N/A`
    Error(ErrorValue),
    /// An argument that was left out, as in `IF(a,,b)`
    Missing,
    Negate(Box<Node>),
    /// Unary plus, which changes nothing
    Plus(Box<Node>),
    Percent(Box<Node>),
    Binary(BinaryOp, Box<Node>, Box<Node>),
    Call {
        name: String,
        name_span: Range<usize>,
        args: Vec<Node>,
    },
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BinaryOp {
    Power,
    Multiply,
    Divide,
    Add,
    Subtract,
    Concat,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl BinaryOp {
    /// How tightly it binds: Excel's order. All of them group from the left, also `^`.
    pub fn binding(self) -> u8 {
        match self {
            Self::Equal | Self::NotEqual | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 1,
            Self::Concat => 2,
            Self::Add | Self::Subtract => 3,
            Self::Multiply | Self::Divide => 4,
            Self::Power => 5,
        }
    }

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Power => "^",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Concat => "&",
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
