//! An index from a key to the rows that have it, in order.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

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
