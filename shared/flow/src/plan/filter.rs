//! Keeping rows. The operation is its predicate.

use std::fmt;

use super::Predicate;
use super::operation::{Columns, Names, Operation, Renumbered, Widths};

impl Operation for Predicate {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        vec![used.iter().copied().chain(self.columns()).collect()]
    }

    /// Every column that reaches it: another consumer of its input may have asked for more.
    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        Predicate::renumber(self, |c| numbers.input(c));
    }

    fn predicates(&self) -> Vec<&Predicate> {
        vec![self]
    }

    fn predicates_mut(&mut self) -> Vec<&mut Predicate> {
        vec![self]
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, _: &Names<'_>) -> fmt::Result {
        writeln!(f, "    keep {}", self.text())
    }
}
