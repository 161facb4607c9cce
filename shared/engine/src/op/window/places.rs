//! Functions of places: row numbers, ranks, and the value of another row.

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;
use flow::plan::WindowFunction as F;

use super::Frame;
use crate::column::Column;
use crate::error::EngineError;
use crate::number::make;

/// 1, 2, 3, … in each group.
pub(super) fn row_numbers(frame: &Frame<'_>) -> ArrayRef {
    let mut numbers = vec![0; frame.rows.len()];
    for (start, place) in frame.places() {
        numbers[frame.target(place)] = (place - start + 1) as i128;
    }
    make(numbers, None, 0)
}

/// One more than the rows, or (dense) than the different keys, in front.
pub(super) fn ranks(frame: &Frame<'_>, dense: bool) -> ArrayRef {
    let mut numbers = vec![0; frame.rows.len()];
    let mut rank = 0;
    for (start, place) in frame.places() {
        if place == start {
            rank = 1;
        } else if frame.codes.compare(frame.row(place - 1), frame.row(place)).is_ne() {
            rank = if dense { rank + 1 } else { (place - start + 1) as i128 };
        }
        numbers[frame.target(place)] = rank;
    }
    make(numbers, None, 0)
}

/// The value of another row of the group; blank where there is none.
pub(super) fn pick(frame: &Frame<'_>, column: &Column, function: F) -> Result<ArrayRef, EngineError> {
    let mut from: Vec<Option<u32>> = vec![None; frame.rows.len()];
    let present = |place: &usize| !column.is_blank(frame.row(*place));
    for part in &frame.parts {
        let first = || part.clone().find(present);
        let last = || part.clone().rev().find(present);
        let mut fixed = match function {
            F::First => first(),
            F::Last => last(),
            _ => None,
        };
        for place in part.clone() {
            let other = match function {
                F::Previous(n) => place.checked_sub(n as usize).filter(|p| *p >= part.start),
                F::Next(n) => place.checked_add(n as usize).filter(|p| *p < part.end),
                F::Carry => {
                    fixed = Some(place).filter(present).or(fixed);
                    fixed
                }
                _ => fixed,
            };
            from[frame.target(place)] = other.map(|p| frame.rows[p]);
        }
    }
    Ok(take(column.array(), &UInt32Array::from(from), None)?)
}
