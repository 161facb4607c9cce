//! Sorting, and the keys of an order.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};

/// One key of an order of rows. Text is ordered by code point, false stands before true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The column.
    pub column: usize,
    /// Largest first.
    pub descending: bool,
    /// Blanks behind all values instead of before them, whatever the direction.
    pub blanks_last: bool,
}

impl SortKey {
    /// The same key over renumbered columns.
    pub(super) fn renumbered(self, numbers: &Renumbered) -> Self {
        Self { column: numbers.input(self.column), ..self }
    }
}

/// The keys as text.
pub(super) fn print_keys(keys: &[SortKey], names: &Names<'_>) -> String {
    let text = |key: &SortKey| {
        let direction = if key.descending { " desc" } else { "" };
        let blanks = match (key.blanks_last, key.descending) {
            (true, false) => " (blanks last)",
            (false, true) => " (blanks first)",
            _ => "",
        };
        format!("{}{direction}{blanks}", names.input(0, key.column))
    };
    keys.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Sorts rows; rows with equal keys keep their order.
#[derive(Clone, Debug)]
pub struct Sort {
    /// The keys, most important first.
    pub keys: Vec<SortKey>,
    /// Keep only so many rows, from the top.
    pub limit: Option<usize>,
}

impl Operation for Sort {
    fn needs(&self, used: &Columns, _: &Widths) -> Vec<Columns> {
        vec![used.iter().copied().chain(self.keys.iter().map(|k| k.column)).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn most_rows(&self, inputs: &[u64]) -> Option<u64> {
        let rows: u64 = inputs.iter().sum();
        Some(self.limit.map_or(rows, |limit| rows.min(limit as u64)))
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = k.renumbered(numbers));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let limit = self.limit.map_or_else(String::new, |n| format!(", first {n} rows"));
        writeln!(f, "    sort by {}{limit}", print_keys(&self.keys, names))
    }
}
