//! Measures over the rows so far, or over the last few of them: each row enters once and leaves once.

use std::cmp::Ordering;
use std::collections::VecDeque;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::take::take;
use model::decimal::Decimal;
use model::field::Kind;

use super::Frame;
use super::measures::{decimals, need_number};
use crate::column::Column;
use crate::error::EngineError;
use crate::number::{LIMIT, decimal, make};
use crate::order::Codes;

/// Walks through the rows of each group; `out` gets the sum and the number of the values in view after each row.
///
/// The sum is kept in 128 bits and each one given must have 38 digits at most. On its way it may pass them by a part of
/// one; where that does not suffice the sum is refused too.
fn walk(
    frame: &Frame<'_>,
    column: &Column,
    rows: Option<usize>,
    name: &str,
    mut out: impl FnMut(usize, i128, i128),
) -> Result<(), EngineError> {
    let array = column.array().as_primitive::<Decimal128Type>();
    let (values, nulls) = (array.values(), array.nulls());
    let value = |row: usize| nulls.is_none_or(|n| n.is_valid(row)).then(|| values[row]);
    let (mut sum, mut count) = (0i128, 0);
    for (start, place) in frame.places() {
        if place == start {
            (sum, count) = (0, 0);
        }
        let row = frame.row(place);
        let leaving = rows.and_then(|n| place.checked_sub(n)).filter(|p| *p >= start).and_then(|p| value(frame.row(p)));
        let overflow = || frame.overflow(row, name);
        if let Some(old) = leaving {
            sum = sum.checked_sub(old).ok_or_else(overflow)?;
            count -= 1;
        }
        if let Some(new) = value(row) {
            sum = sum.checked_add(new).ok_or_else(overflow)?;
            count += 1;
        }
        if sum.unsigned_abs() >= LIMIT {
            return Err(overflow());
        }
        out(frame.target(place), sum, count);
    }
    Ok(())
}

/// Exact sums; 0 of blanks alone.
pub(super) fn sums(
    frame: &Frame<'_>,
    column: &Column,
    rows: Option<usize>,
    name: &str,
) -> Result<ArrayRef, EngineError> {
    need_number(column, "sum")?;
    let mut sums = vec![0; frame.rows.len()];
    walk(frame, column, rows, name, |target, sum, _| sums[target] = sum)?;
    Ok(make(sums, None, column.scale()))
}

/// Exact sums by counts, rounded as every division; blank of blanks alone.
pub(super) fn averages(
    frame: &Frame<'_>,
    column: &Column,
    rows: Option<usize>,
    name: &str,
) -> Result<ArrayRef, EngineError> {
    need_number(column, "average")?;
    let mut parts = vec![(0, 0); frame.rows.len()];
    walk(frame, column, rows, name, |target, sum, count| parts[target] = (sum, count))?;
    let scale = column.scale();
    decimals(frame, name, |target| {
        let (sum, count) = parts[target];
        let count = Decimal::from_parts(count, 0)?;
        if count.is_zero() { Ok(None) } else { decimal(sum, scale).checked_div(count).map(Some) }
    })
}

/// How many are not blank.
pub(super) fn counts(frame: &Frame<'_>, column: &Column, rows: Option<usize>) -> ArrayRef {
    let mut counts = vec![0; frame.rows.len()];
    let present = |place: usize| i128::from(!column.is_blank(frame.row(place)));
    let mut count = 0;
    for (start, place) in frame.places() {
        if place == start {
            count = 0;
        }
        let leaving = rows.and_then(|n| place.checked_sub(n)).filter(|p| *p >= start);
        count += present(place) - leaving.map_or(0, present);
        counts[frame.target(place)] = count;
    }
    make(counts, None, 0)
}

/// The smallest (`Less`) or the largest (`Greater`) value; the first of equal ones. Blank of blanks alone.
pub(super) fn extremes(
    frame: &Frame<'_>,
    column: &Column,
    rows: Option<usize>,
    wanted: Ordering,
) -> Result<ArrayRef, EngineError> {
    if matches!(column.kind(), Kind::Bool) {
        return Err(super::measures::unsupported(column, "min, max"));
    }
    let mut codes = Codes::new(column.len());
    codes.push_column(column, false, false)?;
    let mut from: Vec<Option<u32>> = vec![None; frame.rows.len()];
    // Places of values that no later one in view outdoes, the best one first.
    let mut best: VecDeque<usize> = VecDeque::new();
    for (start, place) in frame.places() {
        if place == start {
            best.clear();
        }
        if let Some(leaving) = rows.and_then(|n| place.checked_sub(n)) {
            while best.front().is_some_and(|p| *p <= leaving) {
                best.pop_front();
            }
        }
        let row = frame.row(place);
        if !column.is_blank(row) {
            while best.back().is_some_and(|p| codes.compare(row, frame.row(*p)) == wanted) {
                best.pop_back();
            }
            best.push_back(place);
            if rows.is_none() {
                best.truncate(1); // nothing ever leaves, so the best one is all that matters
            }
        }
        from[frame.target(place)] = best.front().map(|p| frame.rows[*p]);
    }
    Ok(take(column.array(), &UInt32Array::from(from), None)?)
}
