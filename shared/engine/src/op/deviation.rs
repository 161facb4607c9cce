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

    /// The variance as a fraction of whole numbers, of mantissas; `None` where there are too few values.
    fn variance(&self, sample: bool) -> Result<Option<(I256, I256)>, DecimalError> {
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
        Ok(Some((dividend, divisor)))
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

/// The square root of `dividend / divisor / 10^(2 scale)`, where that itself has more than 38 digits: to as many digits as a
/// quotient of 76 digits yields, more than the whole part that such a root has.
fn large_root(dividend: I256, divisor: I256, scale: u32) -> Result<Decimal, DecimalError> {
    // An even number of digits, so that the root moves the point by whole digits.
    let up = DIVIDEND_DIGITS.saturating_sub(digits(dividend)) / 2 * 2;
    let root = whole_root(dividend * I256::from(10).pow(up) / divisor);
    let scale = scale + up / 2;
    // The last digit decides the rounding of the one before, and there is one to spare where there are decimals.
    let (root, scale) = if scale > 0 { ((root + 5) / 10, scale - 1) } else { (root, scale) };
    Decimal::from_parts(i128::try_from(root).map_err(|_| DecimalError::Overflow)?, scale)
}

/// The whole part of a square root, by Newton's method from above.
fn whole_root(number: I256) -> I256 {
    if number < 2 {
        return number;
    }
    let mut root = I256::from(10).pow(digits(number).div_ceil(2));
    loop {
        let next = (root + number / root) / 2;
        if next >= root {
            return root;
        }
        root = next;
    }
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
        let Some((dividend, divisor)) = of_group.variance(what.sample)? else { return Ok(None) };
        let exact = match quotient(dividend, divisor, 2 * scale) {
            Ok(variance) if what.root => variance.sqrt().ok_or(DecimalError::Overflow)?,
            // The root has half the digits of a variance that is too long.
            Err(DecimalError::Overflow) if what.root => large_root(dividend, divisor, scale)?,
            variance => variance?,
        };
        exact.round(places, Rounding::HalfUp).map(Some)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard deviation of a population of these mantissas.
    fn root(mantissas: &[i128], scale: u32) -> String {
        let mut distances = Distances::default();
        mantissas.iter().for_each(|m| distances.add(*m));
        let (dividend, divisor) = distances.variance(false).unwrap().unwrap();
        large_root(dividend, divisor, scale).unwrap().to_string()
    }

    #[test]
    fn a_root_fits_where_its_square_does_not() {
        let large = 10i128.pow(29);
        // The values lie one deviation to either side of their mean.
        assert_eq!(root(&[-large, large], 0), large.to_string());
        assert_eq!(root(&[0, 4 * large, 4 * large, 0], 2), (2 * large / 100).to_string());
        // sqrt(2/3) of the distance, by long division: 0.816496580927726032732...
        assert_eq!(&root(&[-large, 0, large], 0)[..24], "816496580927726032732428");
    }

    #[test]
    fn whole_roots_are_exact() {
        for n in 0..2_000i128 {
            let root = whole_root(I256::from(n));
            assert!(root * root <= n && (root + 1) * (root + 1) > n, "{n}");
        }
        let large = I256::from(10).pow(38) - 1;
        assert_eq!(whole_root(large * large), large);
        assert_eq!(whole_root(large * large - 1), large - 1);
    }
}
