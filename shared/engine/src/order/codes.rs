//! Keys of rows as unsigned numbers, packed into words of 64 bits.

use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Time32SecondType, TimestampSecondType};
use arrow_array::{Array, ArrayRef};
use model::field::Kind;

use super::{radix, texts};
use crate::column::Column;
use crate::error::{EngineError, Place};

/// Below this many rows a comparison sort costs less than the tables of a radix sort.
const FEW: usize = 1_024;

/// A word of each row's key.
struct Word {
    values: Vec<u64>,
    /// How many of the low bits are used.
    bits: u32,
}

/// Keys of rows: less where the row stands earlier.
pub(crate) struct Codes {
    /// The least important word first.
    words: Vec<Word>,
    rows: usize,
}

/// How many bits the numbers up to `max` take.
fn bits(max: u64) -> u32 {
    u64::BITS - max.leading_zeros()
}

impl Codes {
    /// Keys that are all equal.
    pub(crate) fn new(rows: usize) -> Self {
        Self { words: Vec::new(), rows }
    }

    /// Adds numbers up to `max`, more important than all that was added before.
    pub(crate) fn push(&mut self, max: u64, code: impl Fn(usize) -> u64) {
        let more = bits(max);
        if more == 0 {
            return;
        }
        match self.words.last_mut().filter(|word| word.bits + more <= u64::BITS) {
            Some(word) => {
                for (row, value) in word.values.iter_mut().enumerate() {
                    *value |= code(row) << word.bits;
                }
                word.bits += more;
            }
            None => self.words.push(Word { values: (0..self.rows).map(code).collect(), bits: more }),
        }
    }

    /// Adds a column, more important than all that was added before.
    pub(crate) fn push_column(
        &mut self,
        column: &Column,
        descending: bool,
        blanks_last: bool,
    ) -> Result<(), EngineError> {
        let array = column.array();
        let mut integers = Integers { codes: self, array, descending, blanks_last };
        match column.kind() {
            Kind::Number => {
                let values = array.as_primitive::<Decimal128Type>().values();
                integers.push(|row| values[row]);
            }
            Kind::Date => {
                let values = array.as_primitive::<Date32Type>().values();
                integers.push(|row| i128::from(values[row]));
            }
            Kind::Time => {
                let values = array.as_primitive::<Time32SecondType>().values();
                integers.push(|row| i128::from(values[row]));
            }
            Kind::Datetime => {
                let values = array.as_primitive::<TimestampSecondType>().values();
                integers.push(|row| i128::from(values[row]));
            }
            Kind::Bool => {
                let values = array.as_boolean();
                integers.push(|row| i128::from(values.value(row)));
            }
            Kind::Text => {
                let ranks = texts::ranks(column)?;
                integers.push(|row| i128::from(ranks[row]));
            }
            Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows => {
                let place = Box::new(Place::field(column.name()));
                return Err(EngineError::Unsupported { place, what: "sort key".into(), kind: column.kind() });
            }
        }
        Ok(())
    }

    /// How two rows compare.
    pub(crate) fn compare(&self, a: usize, b: usize) -> Ordering {
        let word = |word: &Word| word.values[a].cmp(&word.values[b]);
        self.words.iter().rev().map(word).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// The rows in order; equal ones as they stood.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = (0u32..).take(self.rows).collect();
        if (1..self.rows).all(|row| self.compare(row - 1, row).is_le()) {
            return rows;
        }
        if self.rows < FEW {
            rows.sort_by(|a, b| self.compare(*a as usize, *b as usize));
            return rows;
        }
        // Stable sorts by each word, the least important first, are a sort by all of them.
        for word in &self.words {
            rows = radix::sort(&rows, &word.values, word.bits);
        }
        rows
    }
}

/// A column of whole numbers on its way into codes.
struct Integers<'a> {
    codes: &'a mut Codes,
    array: &'a ArrayRef,
    descending: bool,
    blanks_last: bool,
}

impl Integers<'_> {
    /// Adds the numbers. What `value` says of a blank is not looked at.
    fn push(&mut self, value: impl Fn(usize) -> i128) {
        let nulls = self.array.nulls().filter(|nulls| nulls.null_count() > 0);
        let present = |row: usize| nulls.is_none_or(|nulls| nulls.is_valid(row));
        let mut range: Option<(i128, i128)> = None;
        for v in (0..self.array.len()).filter(|row| present(*row)).map(&value) {
            range = Some(range.map_or((v, v), |(low, high)| (low.min(v), high.max(v))));
        }
        // Without a value all rows are equal.
        let Some((low, high)) = range else { return };
        // The difference of two numbers of 38 digits is below 2^128, also with one more for the blanks.
        let span = high.wrapping_sub(low) as u128;
        let blanks = nulls.is_some();
        let first = u128::from(blanks && !self.blanks_last);
        let blank = if self.blanks_last { span + 1 } else { 0 };
        let descending = self.descending;
        let code = |row: usize| match present(row) {
            true if descending => high.wrapping_sub(value(row)) as u128 + first,
            true => value(row).wrapping_sub(low) as u128 + first,
            false => blank,
        };
        let max = span + u128::from(blanks);
        match u64::try_from(max) {
            Ok(max) => self.codes.push(max, |row| code(row) as u64),
            Err(_) => {
                self.codes.push(u64::MAX, |row| code(row) as u64);
                self.codes.push((max >> 64) as u64, |row| (code(row) >> 64) as u64);
            }
        }
    }
}
