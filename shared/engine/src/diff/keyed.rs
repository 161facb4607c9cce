//! Update by key: rows find their record, differ or not; rows without a record are added or skipped.

use super::cells::{RowKey, same_row};
use super::changes::{Changes, check_kinds, identity};
use super::present_column;
use super::wanted::{Mapped, Wanted};
use crate::column::Column;
use crate::error::EngineError;
use crate::index::Index;
use crate::report::Reason;
use crate::table::Table;

/// The changes of an update.
pub(super) fn update(
    wanted: &Wanted<'_>,
    key: &[String],
    insert: bool,
    changes: &mut Changes,
) -> Result<(), EngineError> {
    check_kinds(changes)?;
    let parts = wanted.key(key)?;
    let columns: Vec<&Column> = parts.iter().map(|part| &part.column).collect();
    refuse_doubles(wanted, &parts, &columns)?;
    let present = changes.present.clone();
    let stored = parts.iter().map(|p| present_column(&present, &p.code)).collect::<Result<Vec<_>, _>>()?;
    let index = index(&stored, present.rows());
    for row in 0..wanted.rows.rows() {
        if columns.iter().any(|c| c.is_blank(row)) {
            blank_key(wanted, &parts, row, insert, changes)?;
            continue;
        }
        let hash = index.hash(RowKey(&columns, row));
        match index.find(hash, |record| same_row(&columns, row, &stored, record as usize)) {
            Some(chain) if chain.count > 1 => {
                let ids = index.rows(chain).map(|record| Ok(identity(&present, record as usize)?.id));
                return Err(EngineError::DuplicateRecord {
                    step: String::new(),
                    key: wanted.key_text(&parts, row),
                    ids: ids.collect::<Result<_, EngineError>>()?,
                });
            }
            Some(chain) => changes.compare(row, chain.first as usize)?,
            None if insert => changes.adds.push(row),
            None => {
                changes.skipped.no_partner += 1;
                let text = || wanted.sample(row, wanted.key_text(&parts, row));
                changes.counts.add(&key.join(", "), Reason::NoPartner, text);
            }
        }
    }
    Ok(())
}

/// A row without a key is added where rows are added; else it is skipped, which strict mode refuses.
fn blank_key(
    wanted: &Wanted<'_>,
    parts: &[&Mapped],
    row: usize,
    insert: bool,
    changes: &mut Changes,
) -> Result<(), EngineError> {
    if insert {
        changes.adds.push(row);
        return Ok(());
    }
    if wanted.target.strict {
        return Err(EngineError::BlankKey { step: String::new(), row: row + 1 });
    }
    changes.skipped.blank_key += 1;
    let field = parts.iter().map(|p| p.mapped.as_str()).collect::<Vec<_>>().join(", ");
    changes.counts.add(&field, Reason::BlankKey, || wanted.sample(row, wanted.key_text(parts, row)));
    Ok(())
}

/// Rows to write must not share a key: which of them should win is not ours to guess.
pub(super) fn refuse_doubles(wanted: &Wanted<'_>, parts: &[&Mapped], columns: &[&Column]) -> Result<(), EngineError> {
    let index = index(columns, wanted.rows.rows());
    for row in 0..wanted.rows.rows() {
        let hash = index.hash(RowKey(columns, row));
        let chain = index.find(hash, |other| same_row(columns, row, columns, other as usize));
        if let Some(chain) = chain.filter(|chain| chain.count > 1) {
            return Err(EngineError::DuplicateKey {
                step: String::new(),
                key: wanted.key_text(parts, row),
                rows: index.rows(chain).map(|row| row as usize + 1).collect(),
            });
        }
    }
    Ok(())
}

/// An index of rows by these columns; rows with a blank in one of them are in no chain.
pub(super) fn index(columns: &[&Column], rows: usize) -> Index {
    let mut index = Index::default();
    for (row, at) in (0..rows).zip(0u32..) {
        if columns.iter().all(|c| !c.is_blank(row)) {
            let hash = index.hash(RowKey(columns, row));
            index.insert(at, hash, |other| same_row(columns, row, columns, other as usize));
        }
    }
    index
}

/// The records' columns of the written fields, in the order of those.
pub(super) fn stored_columns<'a>(present: &'a Table, written: &[Column]) -> Result<Vec<&'a Column>, EngineError> {
    written.iter().map(|column| present_column(present, column.name())).collect()
}
