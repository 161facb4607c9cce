//! Filling blanks.

use std::fmt;

use model::value::Value;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::sort::{SortKey, print_keys};
use crate::literal;

/// Puts values where columns are blank. Rows stay where they are.
#[derive(Clone, Debug)]
pub struct Fill {
    /// Columns whose equal values make a group; values are taken from rows of the same group only.
    pub keys: Vec<usize>,
    /// The order inside a group.
    pub order: Vec<SortKey>,
    /// The columns, each with what fills its blanks.
    pub columns: Vec<(usize, Filling)>,
}

/// What fills a blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filling {
    /// This value.
    Constant(Value),
    /// The nearest value in front that is not blank.
    Previous,
    /// The nearest value behind that is not blank.
    Next,
}

impl Operation for Fill {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        let own = self.keys.iter().copied().chain(self.order.iter().map(|k| k.column));
        let filled = self.columns.iter().map(|(column, _)| *column);
        vec![used.iter().copied().chain(own).chain(filled).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        self.order.iter_mut().for_each(|k| *k = k.renumbered(numbers));
        self.columns.iter_mut().for_each(|(column, _)| *column = numbers.input(*column));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        if !self.keys.is_empty() || !self.order.is_empty() {
            writeln!(f, "    by ({}), order ({})", names.inputs(&self.keys), print_keys(&self.order, names))?;
        }
        for (column, filling) in &self.columns {
            let with = match filling {
                Filling::Constant(value) => format!("\"{}\"", literal::print(value).unwrap_or_default()),
                Filling::Previous => "previous".into(),
                Filling::Next => "next".into(),
            };
            writeln!(f, "    blanks of {} := {with}", names.own(*column))?;
        }
        Ok(())
    }
}
