//! The rows of a table field: how those of the flow meet those that the record has.
//!
//! kintone takes a table whole: rows that are not sent go, rows without an id are new. So what is written is always every
//! row that the table shall hold. Rows that stay are sent with their id and with all their cells, since sources differ on
//! whether kintone keeps a cell that is not sent; but the key of a lookup that stays as it is is left out, since sending it
//! would fetch what it copies anew (or fail, where the record behind it is gone).

use std::collections::{BTreeSet, HashMap, VecDeque};

use flow::plan::{TableMethod, TableWrite};
use model::field::Field;
use model::value::{Row, Value};

use super::cells::{cell, comparable};
use super::numbers::RowNumbering;
use super::order::compare;
use crate::column::Column;
use crate::error::EngineError;

/// How one table is written.
#[derive(Clone, Debug)]
pub(super) struct TableRules {
    /// What the flow says.
    pub spec: TableWrite,
    /// Codes of its lookups' keys.
    pub lookups: Vec<String>,
    /// Whether those are written also where they are equal.
    pub refresh: bool,
    /// Numbers of added rows.
    pub numbers: Vec<RowNumbering>,
}

/// What a table shall hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Met {
    /// All rows, in order.
    pub rows: Vec<Row>,
    /// Whether that differs from what it holds.
    pub changed: bool,
}

/// What is wrong with a table's row key.
pub(super) enum KeyFault {
    /// Rows of the flow have the same key.
    Doubled(String),
    /// Rows of the record have the key of a row of the flow.
    Ambiguous(String),
}

impl TableRules {
    pub(super) fn new(spec: TableWrite, field: &Field, refresh: bool, numbers: Vec<RowNumbering>) -> Self {
        let lookups = field.fields.iter().filter(|f| f.lookup).map(|f| f.code.clone()).collect();
        Self { spec, lookups, refresh, numbers }
    }

    /// A table that is replaced, with the columns that any of its rows has and kintone lets be written.
    pub(super) fn replace(field: &Field, column: &Column) -> TableWrite {
        let rows = (0..column.len()).flat_map(|row| column.table_rows(row).unwrap_or_default());
        let carried: BTreeSet<String> = rows.flat_map(|row| row.cells).map(|(code, _)| code).collect();
        let columns = field.fields.iter().filter(|f| f.writable() && carried.contains(&f.code));
        TableWrite {
            field: field.code.clone(),
            columns: columns.map(|f| (f.code.clone(), f.code.clone())).collect(),
            method: TableMethod::Replace,
            order: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// The key of a merge; empty for the other methods.
    pub(super) fn key(&self) -> &[String] {
        if let TableMethod::Merge { key, .. } = &self.spec.method { key } else { &[] }
    }

    /// Whether a row lacks a part of the key.
    pub(super) fn lacks_key(&self, row: &Row) -> bool {
        self.key().iter().any(|code| cell(row, code).is_blank())
    }

    /// What is wrong with the keys of these rows, if anything is.
    pub(super) fn fault(&self, wanted: &[Row], stored: &[Row]) -> Option<KeyFault> {
        if self.key().is_empty() {
            return None;
        }
        let mut of_wanted: HashMap<Vec<Value>, usize> = HashMap::new();
        for row in wanted.iter().filter(|row| !self.lacks_key(row)) {
            let count = of_wanted.entry(values(row, self.key())).or_default();
            *count += 1;
            if *count > 1 {
                return Some(KeyFault::Doubled(self.key_text(row)));
            }
        }
        let mut seen: HashMap<Vec<Value>, usize> = HashMap::new();
        for row in stored {
            let key = values(row, self.key());
            if of_wanted.contains_key(&key) {
                let count = seen.entry(key).or_default();
                *count += 1;
                if *count > 1 {
                    return Some(KeyFault::Ambiguous(self.key_text(row)));
                }
            }
        }
        None
    }

    fn key_text(&self, row: &Row) -> String {
        let text = |code: &String| crate::text::value_text(cell(row, code), &jiff::tz::TimeZone::UTC);
        self.key().iter().map(text).collect::<Vec<_>>().join(", ")
    }

    /// What the table shall hold, of a record's row at `row` of the flow. Rows whose key is blank are left out of a merge.
    pub(super) fn meet(&self, row: usize, wanted: &[Row], stored: &[Row]) -> Met {
        let mut rows = match &self.spec.method {
            TableMethod::Replace => self.replaced(wanted, stored),
            TableMethod::Append => {
                let kept = stored.iter().map(|row| self.kept(row, None));
                kept.chain(self.sorted(wanted.iter().map(|row| self.new_row(row)).collect())).collect()
            }
            TableMethod::Merge { key, delete } => self.merged(wanted, stored, key, *delete),
        };
        for number in &self.numbers {
            number.assign(row, &mut rows);
        }
        let changed = self.differs(&rows, stored);
        Met { rows, changed }
    }

    /// Rows with a known id are those rows; of the others, one that is in the table already is that one.
    fn replaced(&self, wanted: &[Row], stored: &[Row]) -> Vec<Row> {
        let codes: Vec<String> = self.spec.columns.iter().map(|(_, to)| to.clone()).collect();
        let by_id: HashMap<&str, usize> =
            stored.iter().enumerate().filter_map(|(i, row)| Some((row.id.as_deref()?, i))).collect();
        let mut used = vec![false; stored.len()];
        let mut partners: Vec<Option<usize>> = Vec::with_capacity(wanted.len());
        for row in wanted {
            let known = row.id.as_deref().and_then(|id| by_id.get(id).copied()).filter(|i| !used[*i]);
            if let Some(at) = known {
                used[at] = true;
            }
            partners.push(known);
        }
        let mut alike: HashMap<Vec<Value>, VecDeque<usize>> = HashMap::new();
        for (at, row) in stored.iter().enumerate().filter(|(at, _)| !used[*at]) {
            alike.entry(values(row, &codes)).or_default().push_back(at);
        }
        for (row, partner) in wanted.iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            *partner = alike.get_mut(&values(row, &codes)).and_then(VecDeque::pop_front);
        }
        let rows = wanted.iter().zip(partners).map(|(row, partner)| match partner {
            Some(at) => self.kept(&stored[at], Some(row)),
            None => self.new_row(row),
        });
        self.sorted(rows.collect())
    }

    fn merged(&self, wanted: &[Row], stored: &[Row], key: &[String], delete: bool) -> Vec<Row> {
        let keyed = wanted.iter().filter(|row| !self.lacks_key(row));
        let mut waiting: HashMap<Vec<Value>, &Row> = keyed.clone().map(|row| (values(row, key), row)).collect();
        let mut rows = Vec::with_capacity(stored.len() + wanted.len());
        for row in stored {
            match waiting.remove(&values(row, key)) {
                Some(partner) => rows.push(self.kept(row, Some(partner))),
                None if delete => {}
                None => rows.push(self.kept(row, None)),
            }
        }
        let new = keyed.filter(|row| waiting.contains_key(&values(row, key))).map(|row| self.new_row(row));
        rows.extend(self.sorted(new.collect()));
        rows
    }

    /// A row that stays: its id, the cells of its partner, and else its own.
    fn kept(&self, stored: &Row, partner: Option<&Row>) -> Row {
        let mut cells = Vec::with_capacity(stored.cells.len());
        for (code, own) in &stored.cells {
            let wanted = partner.filter(|_| self.carries(code)).map(|row| cell(row, code));
            let same = wanted.is_none_or(|wanted| comparable(wanted) == comparable(own));
            if same && self.lookups.contains(code) && !(self.refresh && wanted.is_some()) {
                continue;
            }
            let value = match wanted {
                Some(Value::Files(files)) => Value::Files(super::files::reuse(files, own)),
                Some(wanted) => wanted.clone(),
                None => own.clone(),
            };
            cells.push((code.clone(), value));
        }
        // A cell that was not read is one that the form has got since.
        for (code, value) in partner.map(|row| row.cells.as_slice()).unwrap_or_default() {
            if !stored.cells.iter().any(|(known, _)| known == code) {
                cells.push((code.clone(), value.clone()));
            }
        }
        Row { id: stored.id.clone(), cells }
    }

    fn new_row(&self, row: &Row) -> Row {
        Row { id: None, cells: row.cells.clone() }
    }

    fn carries(&self, code: &str) -> bool {
        self.spec.columns.iter().any(|(_, to)| to == code)
    }

    fn sorted(&self, mut rows: Vec<Row>) -> Vec<Row> {
        if !self.spec.order.is_empty() {
            rows.sort_by(|a, b| compare(&self.spec, a, b));
        }
        rows
    }

    fn differs(&self, rows: &[Row], stored: &[Row]) -> bool {
        let carried = || self.spec.columns.iter().map(|(_, to)| to);
        let refreshed = |row: &Row| carried().any(|code| self.lookups.contains(code) && !cell(row, code).is_blank());
        let same = |row: &Row, stored: &Row| {
            // What is left out of a row that stays is as it is stored.
            let sent = |code: &&String| row.cells.iter().any(|(known, _)| known == *code);
            let equal = |code: &String| comparable(cell(row, code)) == comparable(cell(stored, code));
            row.id == stored.id && carried().filter(sent).all(equal)
        };
        rows.len() != stored.len()
            || rows.iter().zip(stored).any(|(row, stored)| !same(row, stored))
            || self.refresh && rows.iter().any(refreshed)
    }
}

fn values(row: &Row, codes: &[String]) -> Vec<Value> {
    codes.iter().map(|code| comparable(cell(row, code))).collect()
}

impl KeyFault {
    /// As an error.
    pub(super) fn error(self, table: &str, row: usize, record: Option<u64>) -> EngineError {
        let step = String::new();
        match self {
            Self::Doubled(key) => {
                EngineError::DuplicateKey { step, key: format!("{table}: {key}"), rows: vec![row + 1] }
            }
            Self::Ambiguous(key) => {
                EngineError::DuplicateRecord { step, key: format!("{table}: {key}"), ids: record.into_iter().collect() }
            }
        }
    }
}
