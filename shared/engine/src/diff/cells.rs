//! When a value to write and a stored one are the same, and hashes that agree with it.
//!
//! Choices, users and files are compared as sets: users by code, files by name, size and type (their keys differ in every
//! record, their content is not read); table rows by their cells in order, without their ids, and only by the cells that
//! are to be written.

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
        Kind::Files => files(wanted, row) == files(stored, record),
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
        Kind::Files => files(column, row).hash(state),
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

/// What tells files apart.
fn files(column: &Column, row: usize) -> Vec<[&str; 3]> {
    let mut files = column.items(row, |[_, name, content_type, size]: [&str; 4]| [name, content_type, size]);
    files.sort_unstable();
    files
}

fn same_rows(wanted: &[Row], stored: &[Row]) -> bool {
    let has = |row: &Row, (code, value): &(String, Value)| comparable(value) == comparable(cell(row, code));
    wanted.len() == stored.len() && wanted.iter().zip(stored).all(|(w, s)| w.cells.iter().all(|cell| has(s, cell)))
}

/// A cell of a table's row; blank where the row does not have it.
pub(super) fn cell<'a>(row: &'a Row, code: &str) -> &'a Value {
    row.cells.iter().find(|(c, _)| c == code).map_or(&Value::Blank, |(_, value)| value)
}

/// The value in a form that is equal where two values are the same: choices and users in any order, files by name, size and
/// type. Rows of tables are taken as they are.
pub fn comparable(value: &Value) -> Value {
    let set = |mut items: Vec<String>, once: bool| {
        items.sort_unstable();
        if once {
            items.dedup();
        }
        Value::Texts(items)
    };
    match value {
        Value::Texts(items) => set(items.clone(), true),
        Value::Entities(items) => set(items.iter().map(|e| e.code.clone()).collect(), true),
        Value::Files(items) => {
            set(items.iter().map(|f| [&f.name[..], &f.content_type, &f.size].join("\0")).collect(), false)
        }
        simple => simple.clone(),
    }
}
