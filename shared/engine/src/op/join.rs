//! Joins two tables by equal keys: a hash index over the right side, looked up in the order of the left side.

use arrow_array::UInt32Array;
use arrow_buffer::NullBufferBuilder;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Join, JoinColumn, JoinKind};

use super::select::{column, named};
use crate::chains::{Chain, Chains};
use crate::column::Column;
use crate::error::EngineError;
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
    let chains = Chains::new(&pairs)?;
    let partners: Vec<Option<Chain>> = (0..left.rows()).map(|row| chains.of_left(row)).collect();

    let keep_left = matches!(spec.kind, JoinKind::Left | JoinKind::Full);
    let keep_right = matches!(spec.kind, JoinKind::Right | JoinKind::Full);
    let mut matched = vec![false; right.rows()];
    for chain in partners.iter().flatten() {
        if keep_right && !matched[chain.first as usize] {
            chains.rows(*chain).for_each(|row| matched[row as usize] = true);
        }
    }
    let pairs_of = |chain: &Option<Chain>| chain.map_or(u64::from(keep_left), |c| u64::from(c.count));
    let alone = if keep_right { matched.iter().filter(|m| !**m).count() as u64 } else { 0 };
    let total = partners.iter().map(pairs_of).sum::<u64>() + alone;
    if total > limit {
        return Err(too_many(left, &pairs, &partners, total, limit));
    }

    // The limit keeps the number of rows far below 2^32.
    let (mut from_left, mut from_right) = (Picks::new(total as usize), Picks::new(total as usize));
    // Where every left row is there exactly once, in its place, the left columns are the result's.
    let as_it_was = alone == 0 && partners.iter().all(|chain| pairs_of(chain) == 1);
    for (row, chain) in (0u32..).zip(&partners) {
        let rows = chain.map(|chain| chains.rows(chain));
        if rows.is_none() && keep_left {
            from_left.push(Some(row));
            from_right.push(None);
        }
        for partner in rows.into_iter().flatten() {
            from_left.push(Some(row));
            from_right.push(Some(partner));
        }
    }
    if keep_right {
        for (row, _) in (0u32..).zip(&matched).filter(|(_, matched)| !**matched) {
            from_left.push(None);
            from_right.push(Some(row));
        }
    }
    drop(partners);
    drop(chains);
    let from_left = (!as_it_was).then(|| from_left.finish());
    gather(left, right, spec, shape, from_left.as_ref(), &from_right.finish())
}

/// Rows to gather, in order; none for blanks.
struct Picks {
    rows: Vec<u32>,
    nulls: NullBufferBuilder,
}

impl Picks {
    fn new(rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows), nulls: NullBufferBuilder::new(rows) }
    }

    fn push(&mut self, row: Option<u32>) {
        self.rows.push(row.unwrap_or(0));
        self.nulls.append(row.is_some());
    }

    fn finish(mut self) -> UInt32Array {
        UInt32Array::new(self.rows.into(), self.nulls.finish())
    }
}

fn gather(
    left: &Table,
    right: &Table,
    spec: &Join,
    shape: &[Shape],
    from_left: Option<&UInt32Array>,
    from_right: &UInt32Array,
) -> Result<Table, EngineError> {
    let mut columns = Vec::with_capacity(spec.output.len());
    for source in &spec.output {
        let (column, rows) = match source {
            JoinColumn::Left(i) => (column(left, *i)?, from_left),
            JoinColumn::Right(i) => (column(right, *i)?, Some(from_right)),
        };
        columns.push(match rows {
            Some(rows) => column.with_array(take(column.array(), rows, None)?),
            None => column.clone(),
        });
    }
    named(Table::new(columns, from_right.len())?.originating(left, from_left)?, shape)
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
