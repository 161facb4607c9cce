//! Making rows of a table field's rows.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// Every row of a table becomes a row, beside the values of the row that holds the table. Rows of one table stay together,
/// in the table's order.
#[derive(Clone, Debug)]
pub struct Expand {
    /// The column of tables.
    pub table: usize,
    /// Where each column of the result comes from.
    pub output: Vec<ExpandColumn>,
    /// Whether a row without table rows stays, with blanks for their cells.
    pub keep_empty: bool,
}

/// A column of an expanded table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandColumn {
    /// Column of the input, repeated.
    Parent(usize),
    /// Cell of the table's row, by name.
    Cell(String),
    /// The table row's id, as a number.
    RowId,
    /// Which row of its table it is, from 1.
    RowNumber,
}

impl Operation for Expand {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        let parent = |c: &usize| if let ExpandColumn::Parent(i) = self.output[*c] { Some(i) } else { None };
        vec![used.iter().filter_map(parent).chain([self.table]).collect()]
    }

    fn kept(&self, used: &Columns, _: &Widths, _: &[usize]) -> Vec<usize> {
        used.iter().copied().collect()
    }

    fn most_rows(&self, _: &[u64]) -> Option<u64> {
        None
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.table = numbers.input(self.table);
        let place = |c: &ExpandColumn| match c {
            ExpandColumn::Parent(i) => ExpandColumn::Parent(numbers.input(*i)),
            other => other.clone(),
        };
        self.output = numbers.kept.iter().map(|c| place(&self.output[*c])).collect();
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let empty = if self.keep_empty { "" } else { ", empty ones dropped" };
        let table = names.input(0, self.table);
        writeln!(f, "    rows of {table}{empty}")?;
        for (column, place) in names.node.columns.iter().zip(&self.output) {
            let name = &column.name;
            match place {
                ExpandColumn::Parent(i) if names.input(0, *i) != name => {
                    writeln!(f, "    {name} is {}", names.input(0, *i))?;
                }
                ExpandColumn::Parent(_) => {}
                ExpandColumn::Cell(field) => writeln!(f, "    {name} is {table}.{field}")?,
                ExpandColumn::RowId => writeln!(f, "    {name} is the row's id")?,
                ExpandColumn::RowNumber => writeln!(f, "    {name} is the row's number")?,
            }
        }
        Ok(())
    }
}
