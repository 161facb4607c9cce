//! Variances and standard deviations, from exact sums of 256 bits.
//!
//! With d the distance of each value from the group's first one, the variance is (n Σd² − (Σd)²) / (n (n − 1)) for a
//! sample and / n² for a population: one division of whole numbers, so nothing is rounded before it.

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use ethnum::I256;
use model::decimal::arith::Rounding;
use model::decimal::{Decimal, DecimalError, MAX_DIGITS};

use crate::column::Column;
use crate::ids::Groups;

/// Digits that a dividend is brought to: all that fit 256 bits.
const DIVIDEND_DIGITS: u32 = 76;

/// What is computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deviation {
    /// Of a sample (by count less one), else of a whole population.
    pub sample: bool,
    /// The square root of the variance.
    pub root: bool,
}

/// Sums of distances from the first value.
#[derive(Clone, Copy, Default)]
struct Distances {
    first: i128,
    count: u64,
    sum: I256,
    squares: I256,
    overflow: bool,
}

impl Distances {
    fn add(&mut self, mantissa: i128) {
        if self.count == 0 {
            self.first = mantissa;
        }
        self.count += 1;
        let distance = I256::from(mantissa) - I256::from(self.first);
        self.sum += distance;
        match distance.checked_mul(distance).and_then(|square| self.squares.checked_add(square)) {
            Some(squares) => self.squares = squares,
            None => self.overflow = true,
        }
    }

    /// The variance to 38 digits, of mantissas at this scale; `None` where there are too few values.
    fn variance(&self, sample: bool, scale: u32) -> Result<Option<Decimal>, DecimalError> {
        let n = I256::from(self.count);
        let divisor = if sample { n * (n - 1) } else { n * n };
        if self.count == 0 || divisor == 0 {
            return Ok(None);
        }
        if self.overflow {
            return Err(DecimalError::Overflow);
        }
        let square = self.sum.checked_mul(self.sum).ok_or(DecimalError::Overflow)?;
        let dividend = n.checked_mul(self.squares).map(|product| product - square).ok_or(DecimalError::Overflow)?;
        quotient(dividend, divisor, 2 * scale).map(Some)
    }
}

/// How many digits a number that is not negative has; 0 for zero.
fn digits(mut number: I256) -> u32 {
    let mut digits = 0;
    while number > 0 {
        number /= 10;
        digits += 1;
    }
    digits
}

/// `dividend / divisor / 10^scale`, rounded half up at 38 digits and at most 38 decimals. Neither is negative.
fn quotient(dividend: I256, divisor: I256, scale: u32) -> Result<Decimal, DecimalError> {
    let up = DIVIDEND_DIGITS.saturating_sub(digits(dividend));
    let mut quotient = dividend * I256::from(10).pow(up) / divisor;
    let mut scale = scale + up;
    let cut = digits(quotient).saturating_sub(MAX_DIGITS).max(scale.saturating_sub(MAX_DIGITS));
    if cut > scale {
        return Err(DecimalError::Overflow);
    }
    if cut > 0 {
        // One digit more than is kept decides the rounding.
        let kept = if cut > DIVIDEND_DIGITS { I256::ZERO } else { quotient / I256::from(10).pow(cut - 1) };
        quotient = (kept + 5) / 10;
        scale -= cut;
    }
    Decimal::from_parts(i128::try_from(quotient).map_err(|_| DecimalError::Overflow)?, scale)
}

/// The variance or the standard deviation of each group, rounded half up at max(10, places) + 4 places, as a division is.
/// Blank for no value, and for a sample of one.
pub(super) fn deviations(
    column: &Column,
    groups: &Groups,
    what: Deviation,
) -> impl Iterator<Item = Result<Option<Decimal>, DecimalError>> {
    let mut distances = vec![Distances::default(); groups.len()];
    for (mantissa, group) in column.array().as_primitive::<Decimal128Type>().iter().zip(&groups.of) {
        if let Some(mantissa) = mantissa {
            distances[*group as usize].add(mantissa);
        }
    }
    let scale = column.scale();
    let places = (scale.max(10) + 4) as i32;
    distances.into_iter().map(move |of_group| {
        let Some(variance) = of_group.variance(what.sample, scale)? else { return Ok(None) };
        let exact = if what.root { variance.sqrt().ok_or(DecimalError::Overflow)? } else { variance };
        exact.round(places, Rounding::HalfUp).map(Some)
    })
}
