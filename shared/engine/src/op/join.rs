//! Joins two tables by equal keys: a hash index over the right side, looked up in the order of the left side.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Join, JoinColumn, JoinKind};

use super::select::{column, named};
use crate::column::Column;
use crate::error::EngineError;
use crate::keys::{Chain, Index, Keys, encode_pairs};
use crate::report::shown;
use crate::table::Table;
use crate::text::value_text;

/// The join. Fails before it builds anything where the result would have more than `limit` rows.
pub(crate) fn join(
    left: &Table,
    right: &Table,
    spec: &Join,
    shape: &[Shape],
    limit: u64,
) -> Result<Table, EngineError> {
    let pairs = spec.keys.iter().map(|(l, r)| Ok((column(left, *l)?, column(right, *r)?)));
    let pairs: Vec<(&Column, &Column)> = pairs.collect::<Result<_, EngineError>>()?;
    if pairs.is_empty() {
        return Err(EngineError::plan("a join without keys"));
    }
    let (left_keys, right_keys) = encode_pairs(&pairs)?;
    let index = index(&right_keys);
    let partners: Vec<Option<Chain>> =
        (0..left_keys.len()).map(|row| find(&index, &left_keys, row, &right_keys)).collect();

    let keep_left = matches!(spec.kind, JoinKind::Left | JoinKind::Full);
    let keep_right = matches!(spec.kind, JoinKind::Right | JoinKind::Full);
    let mut matched = vec![false; right.rows()];
    for chain in partners.iter().flatten() {
        if keep_right && !matched[chain.first as usize] {
            index.rows(*chain).for_each(|row| matched[row as usize] = true);
        }
    }
    let pairs_of = |chain: &Option<Chain>| chain.map_or(u64::from(keep_left), |c| u64::from(c.count));
    let alone = if keep_right { matched.iter().filter(|m| !**m).count() as u64 } else { 0 };
    let total = partners.iter().map(pairs_of).sum::<u64>() + alone;
    if total > limit {
        return Err(too_many(left, &pairs, &partners, total, limit));
    }

    // The limit keeps the number of rows far below 2^32.
    let (mut from_left, mut from_right) = (Vec::with_capacity(total as usize), Vec::with_capacity(total as usize));
    for (row, chain) in (0u32..).zip(&partners) {
        match chain {
            Some(chain) => {
                for partner in index.rows(*chain) {
                    from_left.push(Some(row));
                    from_right.push(Some(partner));
                }
            }
            None if keep_left => {
                from_left.push(Some(row));
                from_right.push(None);
            }
            None => {}
        }
    }
    if keep_right {
        for (row, _) in (0u32..).zip(&matched).filter(|(_, matched)| !**matched) {
            from_left.push(None);
            from_right.push(Some(row));
        }
    }
    gather(left, right, spec, shape, &from_left.into(), &from_right.into())
}

fn index(keys: &Keys) -> Index {
    let mut index = Index::default();
    for (row, at) in (0..keys.len()).zip(0u32..) {
        if !keys.is_blank(row) {
            let bytes = keys.bytes(row);
            index.insert(at, index.hash(bytes), |other| keys.bytes(other as usize) == bytes);
        }
    }
    index
}

fn find(index: &Index, left: &Keys, row: usize, right: &Keys) -> Option<Chain> {
    if left.is_blank(row) {
        return None;
    }
    let bytes = left.bytes(row);
    index.find(index.hash(bytes), |other| right.bytes(other as usize) == bytes)
}

fn gather(
    left: &Table,
    right: &Table,
    spec: &Join,
    shape: &[Shape],
    from_left: &UInt32Array,
    from_right: &UInt32Array,
) -> Result<Table, EngineError> {
    let mut columns = Vec::with_capacity(spec.output.len());
    for source in &spec.output {
        let (column, rows) = match source {
            JoinColumn::Left(i) => (column(left, *i)?, from_left),
            JoinColumn::Right(i) => (column(right, *i)?, from_right),
        };
        columns.push(column.with_array(take(column.array(), rows, None)?));
    }
    named(Table::new(columns, from_left.len())?, shape)
}

fn too_many(
    left: &Table,
    pairs: &[(&Column, &Column)],
    partners: &[Option<Chain>],
    rows: u64,
    limit: u64,
) -> EngineError {
    // The key that yields most pairs: rows of the left with it times rows of the right with it.
    let mut lefts: Vec<u64> = Vec::new();
    for chain in partners.iter().flatten() {
        let at = chain.first as usize;
        if lefts.len() <= at {
            lefts.resize(at + 1, 0);
        }
        lefts[at] += u64::from(chain.count);
    }
    let worst = (0..left.rows()).max_by_key(|row| partners[*row].map_or(0, |c| lefts[c.first as usize]));
    let utc = jiff::tz::TimeZone::UTC;
    let key =
        worst.map(|row| pairs.iter().map(|(l, _)| value_text(&l.value(row), &utc)).collect::<Vec<_>>().join(", "));
    EngineError::TooManyRows { step: String::new(), rows, limit, key: shown(&key.unwrap_or_default()) }
}
