//! The changes that take a write back.

use std::collections::BTreeSet;

use flow::plan::{Method, Write};

use super::changes::{Changes, identity};
use super::diff;
use crate::convert::Target;
use crate::error::EngineError;
use crate::table::Table;

/// How an app is written where records get former values back: by id, and rows without an id are brought back as new
/// records. `fields` are field codes, in the order of the columns behind the first one, which has the ids.
pub fn restoring(app: u64, fields: &[String]) -> Write {
    let id = std::iter::once("$id".to_owned());
    Write {
        app,
        method: Method::Update { key: vec!["$id".to_owned()], insert: true },
        mapping: id.chain(fields.iter().cloned()).enumerate().collect(),
        tables: Vec::new(),
        numbers: Vec::new(),
        refresh_lookups: false,
        errors_of: None,
    }
}

/// The changes that give records their former values back, bring deleted ones back, and take the records `away` that were
/// added. `target` writes as [`restoring`] says; `present` holds all records that are changed or taken away.
pub fn restore(
    rows: &Table,
    target: &Target<'_>,
    present: &Table,
    away: &BTreeSet<u64>,
) -> Result<Changes, EngineError> {
    let mut changes = diff(rows, target, present)?;
    for record in 0..present.rows() {
        if away.contains(&identity(present, record)?.id) {
            changes.delete(record)?;
        }
    }
    Ok(changes)
}
