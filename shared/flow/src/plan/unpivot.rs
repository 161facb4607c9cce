//! Columns that become rows.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// For every row of the input one row per line, in their order: the kept columns, the line's label, its values.
#[derive(Clone, Debug)]
pub struct Unpivot {
    /// Columns that every new row repeats, first in the result.
    pub keep: Vec<usize>,
    /// What each row becomes; all of them have as many columns, of the same kinds.
    pub lines: Vec<Line>,
    /// No row where all values of a line are blank.
    pub skip_blanks: bool,
}

/// One row that each row becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its label.
    pub label: String,
    /// The columns of its values.
    pub columns: Vec<usize>,
}

/// Every column was asked for, so all of its own columns stay.
impl Operation for Unpivot {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        let values = self.lines.iter().flat_map(|line| line.columns.iter().copied());
        vec![self.keep.iter().copied().chain(values).collect()]
    }

    fn most_rows(&self, inputs: &[u64]) -> Option<u64> {
        let rows: u64 = inputs.iter().sum();
        Some(rows.saturating_mul(self.lines.len() as u64))
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        let values = self.lines.iter_mut().flat_map(|line| &mut line.columns);
        self.keep.iter_mut().chain(values).for_each(|c| *c = numbers.input(*c));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let skip = if self.skip_blanks { ", without blanks" } else { "" };
        writeln!(f, "    keep ({}){skip}", names.inputs(&self.keep))?;
        self.lines.iter().try_for_each(|line| writeln!(f, "    {}: {}", line.label, names.inputs(&line.columns)))
    }
}
