//! The changes, told by row numbers; records are made of them one by one, so that a large change is never in memory twice.

use model::field::Kind;
use model::value::{Row, Value};
use serde::{Deserialize, Serialize};

use super::present_column;
use super::wanted::Wanted;
use crate::column::Column;
use crate::error::EngineError;
use crate::report::Counts;
use crate::table::Table;

/// A record to write: field code and value, blanks included.
pub type Record = Vec<(String, Value)>;

/// A record that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The record's id.
    pub id: u64,
    /// Its revision when it was read.
    pub revision: u64,
    /// The row that it becomes, counted from 0.
    pub row: usize,
    /// The record's row in the table of records.
    pub(super) present: usize,
    /// The fields that differ, by index.
    pub(super) fields: Vec<u16>,
}

/// A record to delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delete {
    /// The record's id.
    pub id: u64,
    /// Its revision when it was read.
    pub revision: u64,
}

/// Rows that were not written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Their key is blank, and insert is off.
    pub blank_key: usize,
    /// No record has their key, and insert is off.
    pub no_partner: usize,
}

/// What a write step does to its app.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Rows to add, counted from 0, in order.
    pub adds: Vec<usize>,
    /// Records to change, in the order of their rows.
    pub updates: Vec<Update>,
    /// Records to delete, in the order in which they were read.
    pub deletes: Vec<Delete>,
    /// Rows that the app holds already.
    pub unchanged: usize,
    /// Rows that were not written.
    pub skipped: Skipped,
    /// Values that were changed to fit, and rows that were skipped.
    pub counts: Counts,
    /// The fields that are written, as they are stored.
    pub(super) written: Vec<Column>,
    /// The records as they are.
    pub(super) present: Table,
}

impl Changes {
    pub(super) fn new(wanted: &Wanted<'_>, present: &Table, counts: Counts) -> Result<Self, EngineError> {
        let written: Vec<Column> = wanted.fields.iter().filter(|f| f.written).map(|f| f.column.clone()).collect();
        if written.len() > usize::from(u16::MAX) {
            return Err(EngineError::plan("more than 65,535 fields"));
        }
        Ok(Self {
            adds: Vec::new(),
            updates: Vec::new(),
            deletes: Vec::new(),
            unchanged: 0,
            skipped: Skipped::default(),
            counts,
            written,
            present: present.clone(),
        })
    }

    /// True where the app holds everything already.
    pub fn is_empty(&self) -> bool {
        self.adds.is_empty() && self.updates.is_empty() && self.deletes.is_empty()
    }

    /// How many records are written: added, changed or deleted.
    pub fn len(&self) -> usize {
        self.adds.len() + self.updates.len() + self.deletes.len()
    }

    /// The record that a row of [`Changes::adds`] becomes: all mapped fields.
    pub fn record(&self, row: usize) -> Record {
        self.written.iter().map(|column| (column.name().to_owned(), new_rows(column.value(row), &[]))).collect()
    }

    /// The records to add, made one by one.
    pub fn added(&self) -> impl Iterator<Item = Record> + '_ {
        self.adds.iter().map(|row| self.record(*row))
    }

    /// The fields of a changed record that differ, with their new values.
    pub fn changed(&self, update: &Update) -> Record {
        let field = |index: &u16| {
            let column = &self.written[usize::from(*index)];
            let stored = self.present.column(column.name()).and_then(|c| c.table_rows(update.present));
            (column.name().to_owned(), new_rows(column.value(update.row), &stored.unwrap_or_default()))
        };
        update.fields.iter().map(field).collect()
    }

    /// The fields of a changed record that differ, with the values that they have now: what a dry run shows and undo needs.
    pub fn before(&self, update: &Update) -> Record {
        let field = |index: &u16| {
            let name = self.written[usize::from(*index)].name();
            (name.to_owned(), self.present.column(name).map_or(Value::Blank, |c| c.value(update.present)))
        };
        update.fields.iter().map(field).collect()
    }

    /// Compares a row with a record and notes what differs.
    pub(super) fn compare(&mut self, row: usize, record: usize) -> Result<(), EngineError> {
        let mut fields = Vec::new();
        for (index, column) in (0u16..).zip(&self.written) {
            if !super::cells::same(column, row, present_column(&self.present, column.name())?, record) {
                fields.push(index);
            }
        }
        if fields.is_empty() {
            self.unchanged += 1;
            return Ok(());
        }
        let Delete { id, revision } = identity(&self.present, record)?;
        self.updates.push(Update { id, revision, row, present: record, fields });
        Ok(())
    }

    /// Notes that a record goes.
    pub(super) fn delete(&mut self, record: usize) -> Result<(), EngineError> {
        self.deletes.push(identity(&self.present, record)?);
        Ok(())
    }
}

/// Id and revision of a record.
pub(super) fn identity(present: &Table, record: usize) -> Result<Delete, EngineError> {
    let read = |code: &str| {
        let number = present_column(present, code)?.number(record).and_then(|n| u64::try_from(n.to_i64()?).ok());
        number.ok_or_else(|| EngineError::plan(format!("record without {code}")))
    };
    Ok(Delete { id: read("$id")?, revision: read("$revision")? })
}

/// Table rows keep their id only where the record has a row of that id: kintone numbers all others anew.
fn new_rows(value: Value, stored: &[Row]) -> Value {
    let Value::Rows(rows) = value else { return value };
    let known = |id: &String| stored.iter().any(|row| row.id.as_ref() == Some(id));
    Value::Rows(rows.into_iter().map(|row| Row { id: row.id.filter(known), ..row }).collect())
}

/// The kinds of the written columns must be those of the records' columns.
pub(super) fn check_kinds(changes: &Changes) -> Result<(), EngineError> {
    for column in &changes.written {
        let stored: Kind = present_column(&changes.present, column.name())?.kind();
        if stored != column.kind() {
            return Err(EngineError::plan(format!("{}: {stored:?} instead of {:?}", column.name(), column.kind())));
        }
    }
    Ok(())
}
