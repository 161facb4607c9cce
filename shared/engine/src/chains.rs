//! From the keys of one table's rows to the rows of another that have the same keys: what `join` and `lookup` ask.

use crate::column::Column;
use crate::error::EngineError;
use crate::ids::of_pairs;

/// The right rows of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    /// The first of them.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// From the keys of the left rows to the right rows with the same keys, in order. A blank in a key equals nothing.
pub(crate) struct Chains {
    /// The key of each left row; `None` where a part of it is blank.
    left: Vec<Option<u32>>,
    /// The chain of each key.
    of_key: Vec<Option<Chain>>,
    /// The next row of each right row's chain.
    next: Vec<Option<u32>>,
}

impl Chains {
    /// Of the key columns, left and right.
    pub(crate) fn new(pairs: &[(&Column, &Column)]) -> Result<Self, EngineError> {
        let keys = of_pairs(pairs)?;
        let rows = pairs.first().map_or(0, |(left, _)| left.len());
        let (of_left, of_right) = keys.of.split_at(rows);
        let left_blank = |row: usize| pairs.iter().any(|(left, _)| left.is_blank(row));
        let left = of_left.iter().enumerate().map(|(row, key)| (!left_blank(row)).then_some(*key)).collect();
        let mut of_key: Vec<Option<Chain>> = vec![None; keys.len()];
        let mut next = vec![None; of_right.len()];
        // From the last row to the first, so that each row only has to be put in front of its chain.
        for (row, key) in of_right.iter().enumerate().rev() {
            let row = row as u32; // rows are counted in 32 bits
            if pairs.iter().any(|(_, right)| right.is_blank(row as usize)) {
                continue;
            }
            let chain = &mut of_key[*key as usize];
            next[row as usize] = chain.map(|c| c.first);
            *chain = Some(Chain { first: row, count: chain.map_or(1, |c| c.count + 1) });
        }
        Ok(Self { left, of_key, next })
    }

    /// True where a part of a left row's key is blank.
    pub(crate) fn is_blank(&self, row: usize) -> bool {
        self.left[row].is_none()
    }

    /// The right rows of a left row's key.
    pub(crate) fn of_left(&self, row: usize) -> Option<Chain> {
        self.of_key[self.left[row]? as usize]
    }

    /// The rows of a chain, in order.
    pub(crate) fn rows(&self, chain: Chain) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(chain.first), |row| self.next[*row as usize])
    }
}
