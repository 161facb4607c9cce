//! Looks values up by key: a hash index over the master, asked in the order of the rows.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Duplicates, Fetched, Lookup, Missing};
use jiff::tz::TimeZone;

use super::select::{column, named};
use crate::builder::ColumnBuilder;
use crate::chains::Chains;
use crate::column::Column;
use crate::error::EngineError;
use crate::report::{Counts, Reason, Sample, shown};
use crate::table::Table;
use crate::text::value_text;

/// What a row finds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// A row of the master.
    Row(u32),
    /// Nothing was asked for: a blank in the key.
    NotAsked,
    /// No row has the key.
    Missing,
}

/// The rows with what they look up beside them.
pub(crate) fn lookup(
    rows: &Table,
    master: &Table,
    spec: &Lookup,
    shape: &[Shape],
    zone: &TimeZone,
    counts: &mut Counts,
) -> Result<Table, EngineError> {
    let pairs = spec.keys.iter().map(|(l, r)| Ok((column(rows, *l)?, column(master, *r)?)));
    let pairs: Vec<(&Column, &Column)> = pairs.collect::<Result<_, EngineError>>()?;
    if pairs.is_empty() {
        return Err(EngineError::plan("a lookup without keys"));
    }
    let key_text = |row: usize| {
        shown(&pairs.iter().map(|(key, _)| value_text(&key.value(row), zone)).collect::<Vec<_>>().join(", "))
    };
    let found = find(&pairs, spec.duplicates, key_text)?;
    let name = pairs.first().map_or("", |(key, _)| key.name());
    for (row, _) in found.iter().enumerate().filter(|(_, found)| **found == Found::Missing) {
        if spec.missing == Missing::Fail {
            return Err(EngineError::NotFound { place: rows.place(name, row), key: key_text(row) });
        }
        counts.add(name, Reason::NotFound, || Sample {
            row: row + 1,
            group: None,
            table_row: None,
            record: rows.record(row),
            value: key_text(row),
        });
    }

    let at: UInt32Array =
        found.iter().map(|found| if let Found::Row(row) = found { Some(*row) } else { None }).collect();
    let mut columns = rows.columns().to_vec();
    for fetched in &spec.fetched {
        let source = column(master, fetched.column)?;
        let taken = source.with_array(take(source.array(), &at, None)?);
        columns.push(if fetched.default.is_blank() { taken } else { with_default(rows, &taken, &found, fetched)? });
    }
    named(rows.with_columns(columns)?, shape)
}

fn find(
    pairs: &[(&Column, &Column)],
    duplicates: Duplicates,
    key_text: impl Fn(usize) -> String,
) -> Result<Vec<Found>, EngineError> {
    let chains = Chains::new(pairs)?;
    let rows = pairs.first().map_or(0, |(key, _)| key.len());
    let mut all = Vec::with_capacity(rows);
    for row in 0..rows {
        if chains.is_blank(row) {
            all.push(Found::NotAsked);
            continue;
        }
        all.push(match (chains.of_left(row), duplicates) {
            (None, _) => Found::Missing,
            (Some(chain), Duplicates::Fail) if chain.count > 1 => {
                let rows = chains.rows(chain).map(|row| row as usize + 1).collect();
                return Err(EngineError::DuplicateMaster { step: String::new(), key: key_text(row), rows });
            }
            (Some(chain), Duplicates::Fail | Duplicates::First) => Found::Row(chain.first),
            (Some(chain), Duplicates::Last) => Found::Row(chains.rows(chain).last().unwrap_or(chain.first)),
        });
    }
    Ok(all)
}

/// The column with the default where nothing was found.
fn with_default(rows: &Table, taken: &Column, found: &[Found], fetched: &Fetched) -> Result<Column, EngineError> {
    let mut builder = ColumnBuilder::new(taken.kind());
    for (row, found) in found.iter().enumerate() {
        let value = if *found == Found::Missing { fetched.default.clone() } else { taken.value(row) };
        builder.push_value(&value).map_err(|refusal| refusal.error(rows.place(taken.name(), row)))?;
    }
    Column::new(taken.name(), taken.kind(), builder.finish().map_err(|e| e.of(taken.name()))?)
}
