//! Making tables of rows: the reverse of expanding.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::sort::{SortKey, print_keys};

/// One row per distinct key, in order of first appearance, with a table of the rows of that key as its last column.
#[derive(Clone, Debug)]
pub struct Nest {
    /// Key columns, first in the result. Blank is a key like any other.
    pub keys: Vec<usize>,
    /// What becomes a cell of the table's rows.
    pub cells: Vec<NestCell>,
    /// The column that holds the ids of the table's rows, a number or a text; blank for new rows.
    pub row_id: Option<usize>,
    /// The order of the rows in each table; without any, that of the input.
    pub order: Vec<SortKey>,
    /// Whether a row whose cells and id are all blank becomes a row of the table.
    pub keep_blank: bool,
}

/// A column that becomes a cell of the table's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestCell {
    /// The column.
    pub column: usize,
    /// Its name in the table.
    pub name: String,
}

/// All of it was asked for, so all of its own columns stay.
impl Operation for Nest {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        let cells = self.cells.iter().map(|c| c.column);
        vec![
            self.keys
                .iter()
                .copied()
                .chain(cells)
                .chain(self.row_id)
                .chain(self.order.iter().map(|k| k.column))
                .collect(),
        ]
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        self.cells.iter_mut().for_each(|c| c.column = numbers.input(c.column));
        self.row_id = self.row_id.map(|c| numbers.input(c));
        self.order.iter_mut().for_each(|k| *k = k.renumbered(numbers));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let table = names.own(names.node.columns.len().saturating_sub(1));
        writeln!(f, "    by ({})", names.inputs(&self.keys))?;
        for cell in &self.cells {
            writeln!(f, "    {table}.{} = {}", cell.name, names.input(0, cell.column))?;
        }
        if let Some(id) = self.row_id {
            writeln!(f, "    rows have the ids of {}", names.input(0, id))?;
        }
        if !self.order.is_empty() {
            writeln!(f, "    rows by {}", print_keys(&self.order, names))?;
        }
        if self.keep_blank {
            writeln!(f, "    blank rows stay")?;
        }
        Ok(())
    }
}
