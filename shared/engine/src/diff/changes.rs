//! The changes, told by row numbers; records are made of them one by one, so that a large change is never in memory twice.

use model::field::Kind;
use model::value::{FileRef, Value};
use serde::{Deserialize, Serialize};

use super::numbers::RecordNumbering;
use super::present_column;
use super::tables::TableRules;
use super::wanted::Wanted;
use crate::column::Column;
use crate::error::EngineError;
use crate::report::{Counts, Reason};
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
    pub(super) written: Vec<Written>,
    /// The numbers of added records.
    pub(super) numbered: Vec<RecordNumbering>,
    /// The rows of the deleted records in the table of records.
    pub(super) deleted: Vec<usize>,
    /// The records as they are.
    pub(super) present: Table,
}

/// A field that is written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// The values, as the field stores them.
    pub column: Column,
    /// How a table is written.
    pub table: Option<TableRules>,
    /// Whether it is the key of a lookup that is written also where it is equal.
    pub refresh: bool,
    /// Whether no two records of the app share a value.
    pub unique: bool,
    /// Whether kintone refuses a blank.
    pub required: bool,
    /// Whether it holds files, or its table does.
    pub files: bool,
}

impl Changes {
    pub(super) fn new(wanted: &Wanted<'_>, present: &Table, counts: Counts) -> Result<Self, EngineError> {
        let fields = wanted.fields.iter().filter(|f| f.written);
        let written: Vec<Written> = fields.map(|f| wanted.written(f)).collect::<Result<_, _>>()?;
        let numbered = wanted.numbered()?;
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
            numbered,
            deleted: Vec::new(),
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

    /// The record that a row of [`Changes::adds`] becomes: all mapped fields, and its numbers as far as they were given.
    pub fn record(&self, row: usize) -> Record {
        let field = |w: &Written| (w.column.name().to_owned(), w.value(row, &Value::Blank));
        self.written.iter().map(field).chain(self.numbered.iter().map(|n| n.cell(row))).collect()
    }

    /// The records to add, made one by one.
    pub fn added(&self) -> impl Iterator<Item = Record> + '_ {
        self.adds.iter().map(|row| self.record(*row))
    }

    /// The fields of a changed record that differ, with their new values.
    pub fn changed(&self, update: &Update) -> Record {
        let field = |index: &u16| {
            let written = &self.written[usize::from(*index)];
            let code = written.column.name();
            let stored = self.present.column(code).map_or(Value::Blank, |c| c.value(update.present));
            (code.to_owned(), written.value(update.row, &stored))
        };
        update.fields.iter().map(field).collect()
    }

    /// The files of a record's new values that it does not hold yet: they have to be copied, and their keys replaced.
    /// `before` are its present values; none for a record that is added.
    pub fn foreign_files<'a>(before: &[(String, Value)], after: &'a mut [(String, Value)]) -> Vec<&'a mut FileRef> {
        let held: Vec<&FileRef> = before.iter().flat_map(|(_, value)| super::files::all(value)).collect();
        let wanted = after.iter_mut().flat_map(|(_, value)| super::files::all_mut(value));
        wanted.filter(|file| !held.iter().any(|known| known.file_key == file.file_key)).collect()
    }

    /// How many files have to be copied.
    pub fn copies(&self) -> usize {
        if !self.written.iter().any(|w| w.files) {
            return 0;
        }
        let added = self.adds.iter().map(|row| Self::foreign_files(&[], &mut self.record(*row)).len());
        let changed = self.updates.iter().map(|u| Self::foreign_files(&self.before(u), &mut self.changed(u)).len());
        added.sum::<usize>() + changed.sum::<usize>()
    }

    /// The fields of a changed record that differ, with the values that they have now: what a dry run shows and undo needs.
    pub fn before(&self, update: &Update) -> Record {
        let field = |index: &u16| {
            let name = self.written[usize::from(*index)].column.name();
            (name.to_owned(), self.present.column(name).map_or(Value::Blank, |c| c.value(update.present)))
        };
        update.fields.iter().map(field).collect()
    }

    /// Compares a row with a record and notes what differs.
    pub(super) fn compare(&mut self, row: usize, record: usize) -> Result<(), EngineError> {
        let mut fields = Vec::new();
        for (index, written) in (0u16..).zip(&self.written) {
            let column = &written.column;
            let stored = present_column(&self.present, column.name())?;
            let differs = match &written.table {
                Some(rules) => {
                    let (wanted, held) = (column.table_rows(row), stored.table_rows(record));
                    let (wanted, held) = (wanted.unwrap_or_default(), held.unwrap_or_default());
                    if let Some(fault) = rules.fault(&wanted, &held) {
                        let id = identity(&self.present, record)?.id;
                        return Err(fault.error(column.name(), row, Some(id)));
                    }
                    rules.meet(row, &wanted, &held).changed
                }
                None => !super::cells::same(column, row, stored, record) || written.refresh && !column.is_blank(row),
            };
            if differs {
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
        self.deleted.push(record);
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

impl Written {
    /// The value of a row, beside what the record holds.
    fn value(&self, row: usize, stored: &Value) -> Value {
        let value = self.column.value(row);
        if let Some(rules) = &self.table {
            let rows = |value: Value| if let Value::Rows(rows) = value { rows } else { Vec::new() };
            let rows = rules.meet(row, &rows(value), &rows(stored.clone())).rows;
            return if rows.is_empty() { Value::Blank } else { Value::Rows(rows) };
        }
        match value {
            Value::Files(files) => Value::Files(super::files::reuse(&files, stored)),
            other => other,
        }
    }
}

/// What can be said of tables before they meet a record: rows without a key, and keys that are there twice.
pub(super) fn check_tables(changes: &mut Changes, wanted: &Wanted<'_>) -> Result<(), EngineError> {
    let Changes { written, counts, .. } = changes;
    for written in written.iter() {
        let Some(rules) = written.table.as_ref().filter(|rules| !rules.key().is_empty()) else { continue };
        let code = written.column.name();
        for row in 0..wanted.rows.rows() {
            let rows = written.column.table_rows(row).unwrap_or_default();
            for _ in rows.iter().filter(|r| rules.lacks_key(r)) {
                if wanted.target.strict {
                    return Err(EngineError::BlankKey { step: String::new(), row: row + 1 });
                }
                counts.add(code, Reason::BlankKey, || wanted.sample(row, rules.key().join(", ")));
            }
            if let Some(fault) = rules.fault(&rows, &[]) {
                return Err(fault.error(code, row, None));
            }
        }
    }
    Ok(())
}

/// The kinds of the written columns must be those of the records' columns.
pub(super) fn check_kinds(changes: &Changes) -> Result<(), EngineError> {
    for Written { column, .. } in &changes.written {
        let stored: Kind = present_column(&changes.present, column.name())?.kind();
        if stored != column.kind() {
            return Err(EngineError::plan(format!("{}: {stored:?} instead of {:?}", column.name(), column.kind())));
        }
    }
    Ok(())
}
