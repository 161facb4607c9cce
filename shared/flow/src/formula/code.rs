//! The checked formula: names are column numbers, functions are entries of the table.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::field::Kind;
use model::value::Value;

use super::ErrorValue;
use super::ast::BinaryOp;
use super::eval::{Context, RowView, Scope};
use super::functions::Function;

/// A formula that was checked against columns: what a plan holds and the engine evaluates per row.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(super) source: Arc<str>,
    pub(super) root: Code,
    pub(super) kind: Option<Kind>,
}

/// A part of a checked formula.
#[derive(Clone, Debug)]
pub(super) enum Code {
    Constant(Value),
    Column(usize),
    TableColumn(TableColumn),
    Parameter(Arc<str>),
    Error(ErrorValue),
    Negate(Box<Code>),
    Percent(Box<Code>),
    Binary(Box<Binary>),
    Call(&'static Function, Box<[Code]>),
}

/// One column of a table's rows.
#[derive(Clone, Debug)]
pub(super) struct TableColumn {
    /// The column that holds the table.
    pub column: usize,
    /// The name of the column in its rows.
    pub field: Arc<str>,
    /// The kind of its values; None where the table's columns are not known before the run.
    pub kind: Option<Kind>,
}

/// An operator between two operands.
#[derive(Clone, Debug)]
pub(super) struct Binary {
    pub op: BinaryOp,
    pub left: Code,
    pub right: Code,
    /// The operand is a date, time or instant for certain: a blank of it makes a sum or difference blank, not a number.
    pub left_moment: bool,
    pub right_moment: bool,
}

impl Code {
    /// Calls `visit` for this part and all below it.
    fn walk(&self, visit: &mut impl FnMut(&Code)) {
        visit(self);
        match self {
            Self::Constant(_) | Self::Column(_) | Self::TableColumn(_) | Self::Parameter(_) | Self::Error(_) => {}
            Self::Negate(inner) | Self::Percent(inner) => inner.walk(visit),
            Self::Binary(binary) => {
                binary.left.walk(visit);
                binary.right.walk(visit);
            }
            Self::Call(_, args) => args.iter().for_each(|arg| arg.walk(visit)),
        }
    }

    fn remap(&mut self, new: &impl Fn(usize) -> usize) {
        match self {
            Self::Column(column) | Self::TableColumn(TableColumn { column, .. }) => *column = new(*column),
            Self::Constant(_) | Self::Parameter(_) | Self::Error(_) => {}
            Self::Negate(inner) | Self::Percent(inner) => inner.remap(new),
            Self::Binary(binary) => {
                binary.left.remap(new);
                binary.right.remap(new);
            }
            Self::Call(_, args) => args.iter_mut().for_each(|arg| arg.remap(new)),
        }
    }
}

impl Expr {
    /// The value of this formula for one row. An error value is an `Err`; what it does to the row is the caller's policy.
    pub fn eval(&self, row: &dyn RowView, ctx: &Context<'_>) -> Result<Value, ErrorValue> {
        let scope = Scope { row, ctx };
        scope.eval(&self.root).map(std::borrow::Cow::into_owned)
    }

    /// The kind of every result that is neither blank nor an error, where that is certain.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// The columns that it reads, sorted, each once.
    pub fn columns(&self) -> Vec<usize> {
        let mut columns = BTreeSet::new();
        self.root.walk(&mut |code| {
            if let Code::Column(column) | Code::TableColumn(TableColumn { column, .. }) = code {
                columns.insert(*column);
            }
        });
        columns.into_iter().collect()
    }

    /// The parameters that it reads, sorted, each once.
    pub fn parameters(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        self.root.walk(&mut |code| {
            if let Code::Parameter(name) = code {
                names.insert(name.to_string());
            }
        });
        names.into_iter().collect()
    }

    /// Renumbers its columns, for rows of another layout.
    pub fn remap(&mut self, new: impl Fn(usize) -> usize) {
        self.root.remap(&new);
    }

    /// The text that it was made from.
    pub fn source(&self) -> &str {
        &self.source
    }
}
