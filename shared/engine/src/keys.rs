//! Keys of rows: their encoding as bytes, and an index from a key to the rows that have it, in order.

use std::hash::{BuildHasher, Hash};

use arrow_array::{Array, ArrayRef};
use arrow_row::{RowConverter, Rows, SortField};
use hashbrown::{DefaultHashBuilder, HashTable};
use model::field::Kind;

use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::number::rescale_or_null;

/// End of a chain.
const END: u32 = u32::MAX;

/// The rows that have one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    /// The first of them.
    pub first: u32,
    /// How many.
    pub count: u32,
    last: u32,
}

/// From a key to its rows. What a key is, and when two are equal, is the caller's: it hands over hash and comparison.
#[derive(Debug, Default)]
pub(crate) struct Index {
    chains: HashTable<(u64, Chain)>,
    next: Vec<u32>,
    hasher: DefaultHashBuilder,
}

impl Index {
    /// The hash of a key, for this index.
    pub(crate) fn hash(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Adds a row. Rows come in ascending order; a row that is left out is in no chain.
    pub(crate) fn insert(&mut self, row: u32, hash: u64, same: impl Fn(u32) -> bool) {
        if self.next.len() <= row as usize {
            self.next.resize(row as usize + 1, END);
        }
        match self.chains.find_mut(hash, |(h, chain)| *h == hash && same(chain.first)) {
            Some((_, chain)) => {
                self.next[chain.last as usize] = row;
                chain.last = row;
                chain.count += 1;
            }
            None => {
                let chain = Chain { first: row, count: 1, last: row };
                self.chains.insert_unique(hash, (hash, chain), |(h, _)| *h);
            }
        }
    }

    /// The rows of a key.
    pub(crate) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<Chain> {
        self.chains.find(hash, |(h, chain)| *h == hash && same(chain.first)).map(|(_, chain)| *chain)
    }

    /// The rows of a chain, in order.
    pub(crate) fn rows(&self, chain: Chain) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(chain.first), |row| {
            self.next.get(*row as usize).copied().filter(|next| *next != END)
        })
    }
}

/// Keys as bytes: equal bytes, equal keys.
pub(crate) struct Keys {
    rows: Rows,
    blank: Vec<bool>,
}

impl Keys {
    /// The bytes of a row's key.
    pub(crate) fn bytes(&self, row: usize) -> &[u8] {
        self.rows.row(row).data()
    }

    /// True where a part of the key is blank.
    pub(crate) fn is_blank(&self, row: usize) -> bool {
        self.blank[row]
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.blank.len()
    }
}

/// The keys of rows of one table.
pub(crate) fn encode(columns: &[&Column]) -> Result<Keys, EngineError> {
    let arrays: Vec<ArrayRef> = columns.iter().map(|c| c.array().clone()).collect();
    let converter = converter(&arrays, columns)?;
    keys(&converter, &arrays)
}

/// The keys of rows of two tables, comparable with one another: numbers are brought to one scale. A number that does not
/// fit there equals none of the other side, and counts as blank.
pub(crate) fn encode_pairs(pairs: &[(&Column, &Column)]) -> Result<(Keys, Keys), EngineError> {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (l, r) in pairs {
        if l.kind() != r.kind() {
            let place = Box::new(Place::field(r.name()));
            return Err(EngineError::Kind { place, expected: l.kind(), found: r.kind() });
        }
        if l.kind() == Kind::Number {
            let scale = l.scale().max(r.scale());
            left.push(rescale_or_null(l.array(), scale));
            right.push(rescale_or_null(r.array(), scale));
        } else {
            left.push(l.array().clone());
            right.push(r.array().clone());
        }
    }
    let names: Vec<&Column> = pairs.iter().map(|(l, _)| *l).collect();
    let converter = converter(&left, &names)?;
    Ok((keys(&converter, &left)?, keys(&converter, &right)?))
}

fn converter(arrays: &[ArrayRef], columns: &[&Column]) -> Result<RowConverter, EngineError> {
    for column in columns {
        let simple = is_simple(column.kind());
        if !simple {
            let place = Box::new(Place::field(column.name()));
            return Err(EngineError::Unsupported { place, what: "key".into(), kind: column.kind() });
        }
    }
    Ok(RowConverter::new(arrays.iter().map(|a| SortField::new(a.data_type().clone())).collect())?)
}

/// Kinds of one simple value: those that can be keys.
pub(crate) fn is_simple(kind: Kind) -> bool {
    !matches!(kind, Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows)
}

fn keys(converter: &RowConverter, arrays: &[ArrayRef]) -> Result<Keys, EngineError> {
    let rows = converter.convert_columns(arrays)?;
    let blank = (0..rows.num_rows()).map(|row| arrays.iter().any(|a| a.is_null(row))).collect();
    Ok(Keys { rows, blank })
}
