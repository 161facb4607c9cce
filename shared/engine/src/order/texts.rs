//! Ranks of texts by code point: each different text once, compared by its first twelve bytes before all of it.

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_array::StringViewArray;
use arrow_array::cast::AsArray;

use crate::column::Column;
use crate::error::EngineError;
use crate::ids;

/// Bytes of a text that stand in its key.
const HEAD: usize = 12;

/// The rank of each row's text among the different texts of the column; 0 for blank, which the caller tells apart.
pub(super) fn ranks(column: &Column) -> Result<Vec<u32>, EngineError> {
    let array = column.array().as_string_view();
    let groups = ids::of_column(column)?;
    let mut texts: Vec<(u128, u32)> = (0u32..)
        .zip(&groups.firsts)
        .filter(|(_, first)| !array.is_null(**first as usize))
        .map(|(group, first)| (head(array, *first), group))
        .collect();
    let text = |group: u32| array.value(groups.firsts[group as usize] as usize);
    texts.sort_unstable_by(|a, b| match (a.0 >> 32).cmp(&(b.0 >> 32)) {
        Ordering::Equal => same_head(a.0, b.0).unwrap_or_else(|| text(a.1).cmp(text(b.1))),
        other => other,
    });
    let mut of_group = vec![0; groups.len()];
    for ((_, group), rank) in texts.iter().zip(0u32..) {
        of_group[*group as usize] = rank;
    }
    Ok(groups.of.iter().map(|group| of_group[*group as usize]).collect())
}

/// The first bytes of a text, filled up with zeros, and its length behind them.
fn head(array: &StringViewArray, row: u32) -> u128 {
    let text = array.value(row as usize).as_bytes();
    let mut bytes = [0; 16];
    let some = text.len().min(HEAD);
    bytes[..some].copy_from_slice(&text[..some]);
    // Longer texts do not exist in a column; all that matters of a length is whether it is beyond the head.
    bytes[HEAD..].copy_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    u128::from_be_bytes(bytes)
}

/// The order of two texts with the same first bytes, where their lengths decide it: one is the other with zeros behind.
fn same_head(a: u128, b: u128) -> Option<Ordering> {
    let (a, b) = (a as u32 as usize, b as u32 as usize);
    (a <= HEAD && b <= HEAD).then(|| a.cmp(&b))
}
