//! Calling another unit.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// Another unit that is called when the run has succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The unit, by its id or its name.
    pub unit: String,
    /// What it gets: parameter and input column, a set per row. Empty: it is called once, without rows.
    pub parameters: Vec<(String, usize)>,
    /// The column that names a row's record.
    pub record: Option<usize>,
    /// Whether it is called also where there is no row.
    pub when_empty: bool,
}

impl Operation for Call {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        vec![self.parameters.iter().map(|(_, column)| *column).chain(self.record).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.parameters.iter_mut().for_each(|(_, column)| *column = numbers.input(*column));
        self.record = self.record.map(|c| numbers.input(c));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let when = if self.when_empty { ", also without rows" } else { "" };
        writeln!(f, "    call {}{when}", self.unit)?;
        for (name, column) in &self.parameters {
            writeln!(f, "    {name} <- {}", names.input(0, *column))?;
        }
        Ok(())
    }
}
