//! Keeping one row per key.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::sort::{SortKey, print_keys};

/// One row per key, in the order of the input. Blank is a key like any other.
#[derive(Clone, Debug)]
pub struct Distinct {
    /// The key columns.
    pub keys: Vec<usize>,
    /// In which order a row is the first or the last of its key; equal ones in that of the input.
    pub order: Vec<SortKey>,
    /// The last row of a key stays instead of the first.
    pub last: bool,
}

impl Operation for Distinct {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        let own = self.keys.iter().copied().chain(self.order.iter().map(|k| k.column));
        vec![used.iter().copied().chain(own).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        self.order.iter_mut().for_each(|k| *k = k.renumbered(numbers));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let which = if self.last { "last" } else { "first" };
        let order = if self.order.is_empty() { "input".to_owned() } else { print_keys(&self.order, names) };
        writeln!(f, "    keep the {which} of each ({}) by {order}", names.inputs(&self.keys))
    }
}
