//! A plan inside a plan, run once per group of rows.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::{Conditions, Plan, Predicate};
use crate::formula::Expr;

/// The inner plan once per distinct key of the first input, in order of first appearance; the results one after the other.
///
/// Columns are not pruned inside, and all of the inputs are needed.
#[derive(Clone, Debug)]
pub struct ForEach {
    /// Key columns of the first input, first in the result. Blank is a key like any other.
    pub keys: Vec<usize>,
    /// What is done with the rows of each key. Its last node is the result; [`Given`] nodes take the rows of this node's inputs.
    pub plan: Box<Plan>,
    /// Which columns of the inner result follow the keys.
    pub output: Vec<usize>,
    /// Most groups.
    pub most: u64,
}

/// The rows that the surrounding node hands to its inner plan: those of one key for its first input, all of its other inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Which input of the surrounding node.
    pub input: usize,
    /// The column of that input that each column of the node is.
    pub columns: Vec<usize>,
}

impl Operation for ForEach {
    fn most_rows(&self, _: &[u64]) -> Option<u64> {
        None
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        // All columns were asked for, but an input may keep more than that in another order.
        for node in &mut self.plan.nodes {
            if let super::Op::Given(given) = &mut node.op {
                given.columns = given.columns.iter().map(|c| numbers.inputs[given.input][*c]).collect();
            }
        }
    }

    fn formulas(&self) -> Vec<&Expr> {
        self.plan.nodes.iter().flat_map(|node| node.op.operation().formulas()).collect()
    }

    fn conditions(&self) -> Vec<&Conditions> {
        self.plan.nodes.iter().flat_map(|node| node.op.operation().conditions()).collect()
    }

    fn predicates(&self) -> Vec<&Predicate> {
        self.plan.nodes.iter().flat_map(|node| node.op.operation().predicates()).collect()
    }

    fn predicates_mut(&mut self) -> Vec<&mut Predicate> {
        self.plan.nodes.iter_mut().flat_map(|node| node.op.operation_mut().predicates_mut()).collect()
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        writeln!(f, "    for each of ({}), at most {} groups:", names.inputs(&self.keys), self.most)?;
        for line in self.plan.nodes_text().lines() {
            writeln!(f, "      {line}")?;
        }
        Ok(())
    }
}

impl Operation for Given {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        Vec::new()
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, _: &Names<'_>) -> fmt::Result {
        match self.input {
            0 => writeln!(f, "    the rows of one key"),
            n => writeln!(f, "    all rows of input {}", n + 1),
        }
    }
}
