//! What the passes over a plan (pruning, binding, printing) ask of an operation. One operation, one file beside this one.
//!
//! The defaults suit an operation that needs every column of its inputs and keeps every column of its own.

use std::collections::BTreeSet;
use std::fmt;

use super::file::FileName;
use super::{Conditions, Node, Plan, Predicate};
use crate::formula::Expr;

/// Indices of columns.
pub(crate) type Columns = BTreeSet<usize>;

/// How wide a node and its inputs are before pruning.
#[derive(Clone, Debug)]
pub(crate) struct Widths {
    /// Columns of the node.
    pub own: usize,
    /// Columns of each input.
    pub inputs: Vec<usize>,
}

/// Old column index to new one, for a node and for each of its inputs. What is not kept is never asked for.
#[derive(Clone, Debug)]
pub(crate) struct Renumbered {
    /// The node's own columns that stay, by old index, in their new order.
    pub kept: Vec<usize>,
    /// Of the node.
    pub own: Vec<usize>,
    /// Of each input.
    pub inputs: Vec<Vec<usize>>,
}

impl Renumbered {
    /// The new index of a column of the first input.
    pub(crate) fn input(&self, column: usize) -> usize {
        self.inputs.first().and_then(|map| map.get(column)).copied().unwrap_or(column)
    }
}

/// Names of the columns that a node's indices mean.
pub(crate) struct Names<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The node.
    pub node: &'a Node,
}

impl<'a> Names<'a> {
    /// Of a column of an input.
    pub(crate) fn input(&self, side: usize, column: usize) -> &'a str {
        let input = self.node.inputs.get(side).and_then(|i| self.plan.nodes.get(*i));
        input.and_then(|n| n.columns.get(column)).map_or("?", |c| c.name.as_str())
    }

    /// Of columns of the first input, with commas between.
    pub(crate) fn inputs(&self, columns: &[usize]) -> String {
        columns.iter().map(|c| self.input(0, *c)).collect::<Vec<_>>().join(", ")
    }

    /// Of a column of the node.
    pub(crate) fn own(&self, column: usize) -> &'a str {
        self.node.columns.get(column).map_or("?", |c| c.name.as_str())
    }
}

/// What the passes over a plan ask of an operation.
pub(crate) trait Operation {
    /// The columns of each input that the operation needs when `used` of its own columns are used behind it.
    fn needs(&self, used: &Columns, widths: &Widths) -> Vec<Columns> {
        let _ = used;
        widths.inputs.iter().map(|width| (0..*width).collect()).collect()
    }

    /// Its own columns that stay, in their new order. `input`: those that its first input keeps.
    fn kept(&self, used: &Columns, widths: &Widths, input: &[usize]) -> Vec<usize> {
        let _ = (used, input);
        (0..widths.own).collect()
    }

    /// The most rows that it yields from inputs of so many; `None` where only the values decide. By default all rows of all
    /// inputs, which suits whatever keeps, drops or gathers rows; a source says itself what it can tell.
    fn most_rows(&self, inputs: &[u64]) -> Option<u64> {
        (!inputs.is_empty()).then(|| inputs.iter().sum())
    }

    /// Takes the new numbers.
    fn renumber(&mut self, numbers: &Renumbered) {
        let _ = numbers;
    }

    /// The formulas in it.
    fn formulas(&self) -> Vec<&Expr> {
        self.predicates().into_iter().flat_map(Predicate::formulas).collect()
    }

    /// The conditions in it, as far as they may hold parameters.
    fn conditions(&self) -> Vec<&Conditions> {
        self.predicates().into_iter().flat_map(Predicate::lists).collect()
    }

    /// The predicates over rows in it.
    fn predicates(&self) -> Vec<&Predicate> {
        Vec::new()
    }

    /// The same, to close their parameters.
    fn predicates_mut(&mut self) -> Vec<&mut Predicate> {
        Vec::new()
    }

    /// Names of files, as far as they may hold parameters.
    fn file_names(&self) -> Vec<&FileName> {
        Vec::new()
    }

    /// The same, to close their parameters.
    fn file_names_mut(&mut self) -> Vec<&mut FileName> {
        Vec::new()
    }

    /// What it does, in lines that begin with four blanks.
    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result;
}
