//! Differences to other rows, totals of groups and shares of them.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type};
use arrow_array::{ArrayRef, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_select::take::take;
use flow::plan::AggregateFunction;
use jiff::tz::TimeZone;
use model::decimal::{Decimal, DecimalError};
use model::field::Kind;
use model::value::Value;

use super::Frame;
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::number::{LIMIT, make};
use crate::op::aggregate::aggregate;
use crate::report::{Counts, Reason, Sample};

/// The error of a column of a kind that the function cannot take.
pub(super) fn unsupported(column: &Column, what: &str) -> EngineError {
    let place = Box::new(Place::field(column.name()));
    EngineError::Unsupported { place, what: what.into(), kind: column.kind() }
}

/// Refuses a column that holds no numbers.
pub(super) fn need_number(column: &Column, what: &str) -> Result<(), EngineError> {
    if column.kind() == Kind::Number { Ok(()) } else { Err(unsupported(column, what)) }
}

/// A number column of one result per row of the result.
pub(super) fn decimals(
    frame: &Frame<'_>,
    name: &str,
    mut result: impl FnMut(usize) -> Result<Option<Decimal>, DecimalError>,
) -> Result<ArrayRef, EngineError> {
    let mut builder = ColumnBuilder::new(Kind::Number);
    for target in 0..frame.rows.len() {
        let place = || frame.input.place(name, frame.source(target));
        let value =
            result(target).map_err(|_| EngineError::Overflow { place: place() })?.map_or(Value::Blank, Value::Number);
        builder.push_value(&value).map_err(|refusal| refusal.error(place()))?;
    }
    builder.finish().map_err(|e| e.of(name))
}

/// The value less that of `n` rows before; of dates the days between.
pub(super) fn difference(frame: &Frame<'_>, column: &Column, n: usize, name: &str) -> Result<ArrayRef, EngineError> {
    let array = column.array();
    match column.kind() {
        Kind::Number => {
            let values = array.as_primitive::<Decimal128Type>().values();
            differences(frame, column, n, name, |row| values[row])
        }
        Kind::Date => {
            let values = array.as_primitive::<Date32Type>().values();
            differences(frame, column, n, name, |row| i128::from(values[row]))
        }
        _ => Err(unsupported(column, "difference")),
    }
}

fn differences(
    frame: &Frame<'_>,
    column: &Column,
    n: usize,
    name: &str,
    value: impl Fn(usize) -> i128,
) -> Result<ArrayRef, EngineError> {
    let mut values = vec![0; frame.rows.len()];
    let mut valid = vec![false; frame.rows.len()];
    for (start, place) in frame.places() {
        let Some(before) = place.checked_sub(n).filter(|p| *p >= start).map(|p| frame.row(p)) else { continue };
        let row = frame.row(place);
        if column.is_blank(row) || column.is_blank(before) {
            continue;
        }
        let difference = value(row).checked_sub(value(before)).filter(|d| d.unsigned_abs() < LIMIT);
        values[frame.target(place)] = difference.ok_or_else(|| frame.overflow(row, name))?;
        valid[frame.target(place)] = true;
    }
    Ok(make(values, Some(NullBuffer::from(valid)), column.scale()))
}

/// The exact sum of the group, in each of its rows.
pub(super) fn total(frame: &Frame<'_>, column: &Column, name: &str) -> Result<ArrayRef, EngineError> {
    let totals = totals(frame, column, name)?;
    let of: UInt32Array = (0..frame.rows.len()).map(|target| frame.groups.of[frame.source(target)]).collect();
    Ok(take(totals.array(), &of, None)?)
}

/// The value by the sum of the group. Blank, and counted, where that is 0; an error in strict mode.
pub(super) fn share(
    frame: &Frame<'_>,
    column: &Column,
    name: &str,
    strict: bool,
    counts: &mut Counts,
) -> Result<ArrayRef, EngineError> {
    let totals = totals(frame, column, name)?;
    let total = |row: usize| totals.number(frame.groups.of[row] as usize).unwrap_or_default();
    for row in (0..frame.rows.len()).filter(|row| !column.is_blank(*row) && total(*row).is_zero()) {
        let value = column.number(row).unwrap_or_default().to_string();
        if strict {
            let place = frame.input.place(name, row);
            return Err(EngineError::Conversion { place, value, reason: Reason::ShareOfZero });
        }
        counts.add(name, Reason::ShareOfZero, || Sample {
            row: row + 1,
            group: None,
            table_row: None,
            record: frame.input.record(row),
            value,
        });
    }
    decimals(frame, name, |target| {
        let row = frame.source(target);
        match column.number(row) {
            Some(value) if !total(row).is_zero() => value.checked_div(total(row)).map(Some),
            _ => Ok(None),
        }
    })
}

/// One sum per group.
fn totals(frame: &Frame<'_>, column: &Column, name: &str) -> Result<Column, EngineError> {
    // The zone matters to texts alone.
    aggregate(frame.input, column, &AggregateFunction::Sum, &frame.groups, name, &TimeZone::UTC)
}
