//! Regenerate: afterwards the app holds exactly the rows.
//!
//! A record whose unique field has a row's value becomes that row; of the rest, a record that is a row already stays; what
//! is left over is deleted and added. Fields that are not mapped keep what they hold in records that stay.

use super::cells::{RowKey, same_row};
use super::changes::{Changes, check_kinds};
use super::keyed::{index, refuse_doubles, stored_columns};
use super::present_column;
use super::wanted::Wanted;
use crate::column::Column;
use crate::error::EngineError;
use crate::index::Index;

/// The changes of a regeneration.
pub(super) fn regenerate(wanted: &Wanted<'_>, changes: &mut Changes) -> Result<(), EngineError> {
    check_kinds(changes)?;
    let present = changes.present.clone();
    let mut partner: Vec<Option<usize>> = vec![None; wanted.rows.rows()];
    let mut taken = vec![false; present.rows()];

    for part in wanted.fields.iter().filter(|f| f.unique) {
        refuse_doubles(wanted, &[part], &[&part.column])?;
    }
    if let Some(part) = wanted.fields.iter().find(|f| f.unique) {
        let stored = present_column(&present, &part.code)?;
        let records = index(&[stored], present.rows());
        for (row, partner) in partner.iter_mut().enumerate().filter(|(row, _)| !part.column.is_blank(*row)) {
            let hash = records.hash(RowKey(&[&part.column], row));
            let found = records.find(hash, |r| same_row(&[&part.column], row, &[stored], r as usize));
            if let Some(record) = found.map(|chain| chain.first as usize) {
                *partner = Some(record);
                taken[record] = true;
            }
        }
    }

    let written: Vec<Column> = changes.written.iter().map(|w| w.column.clone()).collect();
    let columns: Vec<&Column> = written.iter().collect();
    let stored = stored_columns(&present, &written)?;
    let mut records = WholeRows::new(&stored, &taken);
    for (row, partner) in partner.iter_mut().enumerate().filter(|(_, partner)| partner.is_none()) {
        *partner = records.take(&columns, row, &stored);
        if let Some(record) = *partner {
            taken[record] = true;
        }
    }

    for (row, partner) in partner.into_iter().enumerate() {
        match partner {
            Some(record) => changes.compare(row, record)?,
            None => changes.adds.push(row),
        }
    }
    for record in taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(record, _)| record) {
        changes.delete(record)?;
    }
    Ok(())
}

/// Records that are not taken yet, by all their written fields: each is handed out once.
struct WholeRows {
    index: Index,
    used: Vec<bool>,
}

impl WholeRows {
    fn new(stored: &[&Column], taken: &[bool]) -> Self {
        let mut index = Index::default();
        for (record, at) in (0..taken.len()).zip(0u32..).filter(|(record, _)| !taken[*record]) {
            let hash = index.hash(RowKey(stored, record));
            index.insert(at, hash, |other| same_row(stored, record, stored, other as usize));
        }
        Self { index, used: vec![false; taken.len()] }
    }

    fn take(&mut self, wanted: &[&Column], row: usize, stored: &[&Column]) -> Option<usize> {
        let hash = self.index.hash(RowKey(wanted, row));
        let chain = self.index.find(hash, |record| same_row(wanted, row, stored, record as usize))?;
        let record = self.index.rows(chain).map(|r| r as usize).find(|record| !self.used[*record])?;
        self.used[record] = true;
        Some(record)
    }
}
