//! Choosing, renaming and reordering columns. The operation is the index of each column in the input.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

impl Operation for Vec<usize> {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        vec![used.iter().map(|c| self[*c]).collect()]
    }

    fn kept(&self, used: &Columns, _: &Widths, _: &[usize]) -> Vec<usize> {
        used.iter().copied().collect()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        *self = numbers.kept.iter().map(|c| numbers.input(self[*c])).collect();
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        for (column, i) in names.node.columns.iter().zip(self) {
            if column.name != names.input(0, *i) {
                writeln!(f, "    {} is {}", column.name, names.input(0, *i))?;
            }
        }
        Ok(())
    }
}
