//! Rows of several inputs, one after the other.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// The rows of all inputs, in the order of the inputs.
#[derive(Clone, Debug)]
pub struct Append {
    /// For each column of the result, the column of each input; `None`: blank there.
    pub columns: Vec<Vec<Option<usize>>>,
}

impl Operation for Append {
    fn needs(&self, used: &Columns, widths: &Widths) -> Vec<Columns> {
        let of = |side: usize| used.iter().filter_map(|c| self.columns[*c].get(side).copied().flatten()).collect();
        (0..widths.inputs.len()).map(of).collect()
    }

    fn kept(&self, used: &Columns, _: &Widths, _: &[usize]) -> Vec<usize> {
        used.iter().copied().collect()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        let place = |sides: &Vec<Option<usize>>| {
            sides.iter().zip(&numbers.inputs).map(|(column, map)| column.map(|c| map[c])).collect()
        };
        self.columns = numbers.kept.iter().map(|c| place(&self.columns[*c])).collect();
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        for (column, sides) in names.node.columns.iter().zip(&self.columns) {
            if sides.contains(&None) {
                let there = sides.iter().enumerate().filter(|(_, c)| c.is_some()).map(|(i, _)| (i + 1).to_string());
                writeln!(f, "    {} of input {} only", column.name, there.collect::<Vec<_>>().join(", "))?;
            }
        }
        Ok(())
    }
}
