//! When a value to write and a stored one are the same, and hashes that agree with it.
//!
//! Choices and users are compared as sets, users by code; table rows by their cells in order, without their ids, and only
//! by the cells that are to be written.

use std::hash::{Hash, Hasher};

use model::field::Kind;
use model::value::{Row, Value};

use crate::column::Column;

/// Whether the value to write is what is stored. Both columns are of one kind.
pub(super) fn same(wanted: &Column, row: usize, stored: &Column, record: usize) -> bool {
    if wanted.is_blank(row) || stored.is_blank(record) {
        return wanted.is_blank(row) == stored.is_blank(record);
    }
    match wanted.kind() {
        Kind::Text => wanted.text(row) == stored.text(record),
        Kind::Number => wanted.number(row) == stored.number(record),
        Kind::Texts | Kind::Entities => sorted(wanted, row) == sorted(stored, record),
        Kind::Rows => match (wanted.table_rows(row), stored.table_rows(record)) {
            (Some(wanted), Some(stored)) => same_rows(&wanted, &stored),
            _ => false,
        },
        _ => wanted.value(row) == stored.value(record),
    }
}

/// Hashes a value so that what is [`same`] hashes alike.
pub(super) fn hash(column: &Column, row: usize, state: &mut impl Hasher) {
    if column.is_blank(row) {
        return 0u8.hash(state);
    }
    match column.kind() {
        Kind::Text => column.text(row).hash(state),
        Kind::Number => column.number(row).hash(state),
        Kind::Texts | Kind::Entities => sorted(column, row).hash(state),
        // Which cells count is known only beside the other row.
        Kind::Rows => column.table_rows(row).map(|rows| rows.len()).hash(state),
        _ => column.value(row).hash(state),
    }
}

/// A row of several columns, as a key.
pub(super) struct RowKey<'a>(pub &'a [&'a Column], pub usize);

impl Hash for RowKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for column in self.0 {
            hash(column, self.1, state);
        }
    }
}

/// Whether all columns are the same in the row and the record.
pub(super) fn same_row(wanted: &[&Column], row: usize, stored: &[&Column], record: usize) -> bool {
    wanted.iter().zip(stored).all(|(w, s)| same(w, row, s, record))
}

fn sorted(column: &Column, row: usize) -> Vec<&str> {
    let mut labels = column.labels(row);
    labels.sort_unstable();
    labels.dedup();
    labels
}

fn same_rows(wanted: &[Row], stored: &[Row]) -> bool {
    wanted.len() == stored.len() && wanted.iter().zip(stored).all(|(w, s)| w.cells.iter().all(|cell| has(s, cell)))
}

fn has(row: &Row, (code, wanted): &(String, Value)) -> bool {
    let stored = row.cells.iter().find(|(c, _)| c == code).map_or(&Value::Blank, |(_, value)| value);
    match (wanted, stored) {
        (Value::Texts(a), Value::Texts(b)) => set(a.iter().map(String::as_str)) == set(b.iter().map(String::as_str)),
        (Value::Entities(a), Value::Entities(b)) => {
            set(a.iter().map(|e| e.code.as_str())) == set(b.iter().map(|e| e.code.as_str()))
        }
        (a, b) => a == b,
    }
}

fn set<'a>(items: impl Iterator<Item = &'a str>) -> std::collections::BTreeSet<&'a str> {
    items.collect()
}
