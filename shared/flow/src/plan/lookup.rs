//! Looking values up by key.

use std::fmt;

use model::value::Value;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// Every row of the first input, with values of the row of the second input that has the same key beside it.
/// Keys are compared as in a join. A row with a blank in its key looks nothing up and gets blanks.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Pairs of column indices (rows, master), of one kind each.
    pub keys: Vec<(usize, usize)>,
    /// What is added behind the columns of the first input.
    pub fetched: Vec<Fetched>,
    /// What happens where the master has several rows with a key that is looked up.
    pub duplicates: Duplicates,
    /// What happens where it has none.
    pub missing: Missing,
}

/// A value that is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Column of the master.
    pub column: usize,
    /// The value where nothing is found; blank without one.
    pub default: Value,
}

/// What happens where a master has several rows of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// The flow fails and names the key.
    Fail,
    /// The first one counts.
    First,
    /// The last one counts.
    Last,
}

/// What happens where a master has no row of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The defaults, or blanks; counted.
    Count,
    /// The flow fails and names row and key.
    Fail,
}

impl Operation for Lookup {
    fn needs(&self, used: &Columns, widths: &Widths) -> Vec<Columns> {
        let width = widths.inputs.first().copied().unwrap_or(0);
        let (mut rows, mut master): (Columns, Columns) = self.keys.iter().copied().unzip();
        rows.extend(used.iter().filter(|c| **c < width));
        master.extend(used.iter().filter(|c| **c >= width).map(|c| self.fetched[*c - width].column));
        vec![rows, master]
    }

    fn kept(&self, used: &Columns, widths: &Widths, input: &[usize]) -> Vec<usize> {
        let width = widths.inputs.first().copied().unwrap_or(0);
        input.iter().copied().chain(used.iter().copied().filter(|c| *c >= width)).collect()
    }

    fn most_rows(&self, inputs: &[u64]) -> Option<u64> {
        inputs.first().copied()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        let (rows, master) = (&numbers.inputs[0], &numbers.inputs[1]);
        self.keys.iter_mut().for_each(|(l, r)| (*l, *r) = (rows[*l], master[*r]));
        let kept = numbers.kept.iter().filter_map(|c| c.checked_sub(rows.len()));
        self.fetched =
            kept.map(|c| Fetched { column: master[self.fetched[c].column], ..self.fetched[c].clone() }).collect();
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let keys = self.keys.iter().map(|(l, r)| format!("{} = {}", names.input(0, *l), names.input(1, *r)));
        let duplicates = match self.duplicates {
            Duplicates::Fail => "one row of a key",
            Duplicates::First => "the first row of a key",
            Duplicates::Last => "the last row of a key",
        };
        let missing = if self.missing == Missing::Fail { ", which must be there" } else { "" };
        writeln!(f, "    look up {} ({duplicates}{missing})", keys.collect::<Vec<_>>().join(", "))?;
        let first = names.node.columns.len().saturating_sub(self.fetched.len());
        for (i, fetched) in self.fetched.iter().enumerate() {
            let default = match crate::literal::print(&fetched.default) {
                Some(text) if !text.is_empty() => format!(", else {text}"),
                _ => String::new(),
            };
            writeln!(f, "    {} is {}{default}", names.own(first + i), names.input(1, fetched.column))?;
        }
        Ok(())
    }
}
