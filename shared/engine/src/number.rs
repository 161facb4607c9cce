//! Number columns: Decimal128 with one scale per column, and how columns of different scale are brought together.

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, Decimal128Array};
use arrow_schema::DataType;
use model::decimal::{Decimal, MAX_DIGITS};

use crate::error::{EngineError, Place};

/// 10^38: the first number with more digits than a column holds.
pub(crate) const LIMIT: u128 = 10u128.pow(MAX_DIGITS);

/// The data type of a number column of this scale.
pub(crate) fn number_type(scale: u32) -> DataType {
    // MAX_DIGITS and every scale are at most 38, so both fit.
    DataType::Decimal128(MAX_DIGITS as u8, scale as i8)
}

/// The scale of a number column; 0 for any other.
pub(crate) fn scale_of(data_type: &DataType) -> u32 {
    match data_type {
        DataType::Decimal128(_, scale) => u32::try_from(*scale).unwrap_or(0),
        _ => 0,
    }
}

/// The mantissa at a scale that is larger by `up`; `None` where it passes 38 digits.
pub(crate) fn widen(mantissa: i128, up: u32) -> Option<i128> {
    if up > MAX_DIGITS {
        return (mantissa == 0).then_some(0);
    }
    mantissa.checked_mul(10i128.pow(up)).filter(|m| m.unsigned_abs() < LIMIT)
}

/// The number of a mantissa and a scale, in shortest form.
pub(crate) fn decimal(mantissa: i128, scale: u32) -> Decimal {
    let (mut m, mut s) = (mantissa, scale);
    // Most mantissas fit 64 bits, where a division costs a tenth; the rest is shortened by `from_parts`.
    if let Ok(mut small) = i64::try_from(m) {
        while s > 0 && small % 10 == 0 {
            small /= 10;
            s -= 1;
        }
        m = i128::from(small);
    }
    // Columns are only filled from decimals, so this cannot fail; zero is what a column of width 38 cannot otherwise hold.
    Decimal::from_parts(m, s).unwrap_or(Decimal::ZERO)
}

/// Two numbers that cannot stand in one column: more than 38 digits, with the decimals that both need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clash {
    /// Row, counted from 0, and value of the number with the most digits in front of the point.
    long: (usize, Decimal),
    /// Row and value of the number with the most decimals.
    fine: (usize, Decimal),
}

impl Clash {
    /// The longest and the finest of numbers, of which there is at least one.
    pub(crate) fn of(mantissas: impl Iterator<Item = Option<i128>>, scale: u32) -> Option<Self> {
        let numbers = mantissas.enumerate().filter_map(|(row, m)| m.map(|m| (row, decimal(m, scale))));
        numbers.map(|number| Self { long: number, fine: number }).reduce(Self::beside)
    }

    /// The same, with one more number.
    pub(crate) fn with(self, row: usize, number: Decimal) -> Self {
        self.beside(Self { long: (row, number), fine: (row, number) })
    }

    /// The longest and the finest of both; the first ones where they are equal.
    pub(crate) fn beside(self, other: Self) -> Self {
        let whole = |number: Decimal| number.trunc().mantissa().unsigned_abs();
        Self {
            long: if whole(other.long.1) > whole(self.long.1) { other.long } else { self.long },
            fine: if other.fine.1.scale() > self.fine.1.scale() { other.fine } else { self.fine },
        }
    }

    /// The same numbers behind so many rows.
    pub(crate) fn behind(self, rows: usize) -> Self {
        Self { long: (self.long.0 + rows, self.long.1), fine: (self.fine.0 + rows, self.fine.1) }
    }

    /// The same numbers, where columns of so many rows were stacked.
    pub(crate) fn within(self, rows: usize) -> Self {
        let rows = rows.max(1);
        Self { long: (self.long.0 % rows, self.long.1), fine: (self.fine.0 % rows, self.fine.1) }
    }

    /// As an error at this place.
    pub(crate) fn error(self, place: Box<Place>) -> EngineError {
        let (long, fine) = (self.long, self.fine);
        EngineError::Scale { place, long: (long.0 + 1, long.1.to_string()), fine: (fine.0 + 1, fine.1.to_string()) }
    }
}

/// A value that does not fit: its row in the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoesNotFit(pub usize);

/// The column at a larger scale.
pub(crate) fn rescale(array: &ArrayRef, scale: u32) -> Result<ArrayRef, DoesNotFit> {
    let column = array.as_primitive::<Decimal128Type>();
    let up = scale.saturating_sub(scale_of(array.data_type()));
    if up == 0 {
        return Ok(array.clone());
    }
    let mut values = Vec::with_capacity(column.len());
    for (row, mantissa) in column.values().iter().enumerate() {
        match widen(*mantissa, up) {
            Some(m) => values.push(m),
            // What stands under a null means nothing.
            None if column.is_null(row) => values.push(0),
            None => return Err(DoesNotFit(row)),
        }
    }
    Ok(make(values, column.nulls().cloned(), scale))
}

/// The column at a larger scale, where what does not fit is null: it equals nothing at that scale.
pub(crate) fn rescale_or_null(array: &ArrayRef, scale: u32) -> ArrayRef {
    let column = array.as_primitive::<Decimal128Type>();
    let up = scale.saturating_sub(scale_of(array.data_type()));
    if up == 0 {
        return array.clone();
    }
    let widened: Decimal128Array = column.iter().map(|m| m.and_then(|m| widen(m, up))).collect();
    let (_, values, nulls) = widened.into_parts();
    make(values, nulls, scale)
}

/// A number column of mantissas at one scale.
pub(crate) fn make(
    values: impl Into<arrow_buffer::ScalarBuffer<i128>>,
    nulls: Option<arrow_buffer::NullBuffer>,
    scale: u32,
) -> ArrayRef {
    let array = Decimal128Array::new(values.into(), nulls).with_data_type(number_type(scale));
    std::sync::Arc::new(array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_widens_or_names_the_row_that_does_not_fit() {
        let big = 10i128.pow(37);
        let array = make(vec![15, big, 7], Some(vec![true, true, false].into()), 1);
        assert_eq!(rescale(&array, 1).unwrap().len(), 3);
        assert_eq!(rescale(&array, 2), Err(DoesNotFit(1)));
        let nulled = rescale_or_null(&array, 2);
        assert_eq!(nulled.as_primitive::<Decimal128Type>().iter().collect::<Vec<_>>(), [Some(150), None, None]);
        assert_eq!(scale_of(nulled.data_type()), 2);
    }

    #[test]
    fn a_null_never_keeps_a_column_from_widening() {
        let array = make(vec![10i128.pow(37), 5], Some(vec![false, true].into()), 0);
        let wide = rescale(&array, 10).unwrap();
        assert_eq!(wide.as_primitive::<Decimal128Type>().iter().collect::<Vec<_>>(), [None, Some(5 * 10i128.pow(10))]);
    }

    #[test]
    fn numbers_come_out_in_shortest_form() {
        for (m, s, text) in [(1500, 2, "15"), (-1510, 3, "-1.51"), (0, 5, "0"), (10i128.pow(37) * 5, 36, "50")] {
            assert_eq!(decimal(m, s).to_string(), text);
        }
    }
}
