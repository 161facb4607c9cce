//! Powers and roots: exact where the exponent is whole, else to 20 decimals by integer arithmetic. No float.

use ethnum::I256;

use super::arith::{fit, wide_digits, wide_pow10};
use super::logarithm::{exp_of, ln};
use super::{Decimal, DecimalError, MAX_DIGITS};

/// Decimals of a root.
const ROOT_PLACES: u32 = 20;
/// Digits that a radicand may be brought to before its integer root is taken.
const RADICAND_DIGITS: u32 = 76;

/// The largest whole number whose square is not above `n`, by Newton's iteration from above.
fn integer_root(n: I256) -> I256 {
    if n < 2 {
        return n;
    }
    let bits = 256 - n.leading_zeros();
    let mut x = I256::ONE << bits.div_ceil(2);
    loop {
        let next = (x + n / x) >> 1;
        if next >= x {
            return x;
        }
        x = next;
    }
}

impl Decimal {
    /// Square root to the nearest 20th decimal (fewer where 38 digits do not hold it). `None` below zero.
    pub fn sqrt(self) -> Option<Self> {
        if self.is_negative() {
            return None;
        }
        let mantissa = I256::from(self.mantissa());
        let room = (RADICAND_DIGITS + self.scale()).saturating_sub(wide_digits(mantissa)) / 2;
        let places = ROOT_PLACES.min(room).max(self.scale().div_ceil(2));
        let radicand = mantissa * wide_pow10(2 * places - self.scale());
        let root = integer_root(radicand);
        let nearest = if radicand - root * root > root { root + 1 } else { root };
        fit(nearest, places, MAX_DIGITS).ok()
    }

    /// This number raised to a whole exponent. Exact where 38 digits hold the result; a negative exponent is 1 divided by the
    /// power, to 38 decimals. Zero to a negative exponent is a division by zero; 0^0 is 1.
    pub fn pow(self, exponent: i64) -> Result<Self, DecimalError> {
        if exponent < 0 {
            if self.is_zero() {
                return Err(DecimalError::DivisionByZero);
            }
            return match self.whole_power(exponent.unsigned_abs()) {
                Ok(power) if power.is_zero() => Err(DecimalError::Overflow),
                Ok(power) => Self::ONE.div_to(power, MAX_DIGITS),
                // The power is 10^38 or more, so its inverse has no digit in 38 decimals.
                Err(_) => Ok(Self::ZERO),
            };
        }
        self.whole_power(exponent.unsigned_abs())
    }

    /// This number raised to any exponent: exact for a whole one, else to 28 digits and at most 20 decimals. `None` where there
    /// is no real result or it does not fit.
    pub fn real_power(self, exponent: Self) -> Option<Self> {
        if let Some(whole) = exponent.to_i64() {
            return self.pow(whole).ok();
        }
        if self.is_zero() || self.is_negative() {
            return (self.is_zero() && !exponent.is_negative()).then_some(Self::ZERO);
        }
        // self^exponent = e^(ln self × exponent)
        let log = ln(self).checked_mul(I256::from(exponent.mantissa()))? / wide_pow10(exponent.scale());
        exp_of(log)
    }

    fn whole_power(self, mut exponent: u64) -> Result<Self, DecimalError> {
        let (mut result, mut square) = (Self::ONE, self);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result.checked_mul(square)?;
            }
            exponent >>= 1;
            // The square behind the last bit is not needed and might not fit.
            if exponent > 0 {
                square = square.checked_mul(square)?;
            }
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn roots_are_right_to_the_twentieth_decimal() {
        for (n, root) in [
            ("0", "0"),
            ("4", "2"),
            ("2", "1.4142135623730950488"),
            ("3", "1.73205080756887729353"),
            ("0.0625", "0.25"),
            ("1e37", "3162277660168379331.9988935444327185337"),
            ("0.00000000000000000000000000000000000004", "0.0000000000000000002"),
        ] {
            assert_eq!(d(n).sqrt().unwrap().to_string(), root, "{n}");
        }
        assert_eq!(d("-1").sqrt(), None);
    }

    #[test]
    fn powers_are_exact() {
        for (base, exponent, result) in [
            ("2", 100, "1267650600228229401496703205376"),
            ("1.05", 3, "1.157625"),
            ("-3", 3, "-27"),
            ("0", 0, "1"),
            ("10", -3, "0.001"),
            ("2", -4, "0.0625"),
            ("10", 37, "10000000000000000000000000000000000000"),
            ("-1", i64::MIN, "1"),
            ("10", -60, "0"),
        ] {
            assert_eq!(d(base).pow(exponent).unwrap().to_string(), result, "{base}^{exponent}");
        }
        assert_eq!(d("10").pow(38), Err(DecimalError::Overflow));
        assert_eq!(d("0").pow(-1), Err(DecimalError::DivisionByZero));
        assert_eq!(d("3").pow(i64::MAX), Err(DecimalError::Overflow));
    }

    #[test]
    fn powers_with_a_fraction() {
        for (base, exponent, result) in [
            ("9", "0.5", "3"),
            ("2", "0.5", "1.4142135623730950488"),
            ("8", "0.33333333333333333333333333333333333333", "2"),
            ("10", "-2.5", "0.00316227766016837933"),
            ("1.08", "0.25", "1.01942654690827351248"),
            ("0.5", "1.5", "0.3535533905932737622"),
            ("10", "30.5", "3162277660168379331998893544000"),
            ("123456.789", "2.5", "5355344863124.799834326004579"),
            ("7", "0", "1"),
            ("10", "-100.5", "0"),
        ] {
            assert_eq!(d(base).real_power(d(exponent)).unwrap().to_string(), result, "{base}^{exponent}");
        }
        assert_eq!(d("10").real_power(d("38.5")), None);
        assert_eq!(d("-8").real_power(d("0.5")), None);
        assert_eq!(
            d("99999999999999999999999999999999999999").real_power(d("0.5")).map(|n| n.scale() <= 20),
            Some(true)
        );
    }

    proptest! {
        #[test]
        fn a_half_is_the_square_root(m in 1i64.., scale in 0u32..10) {
            let n = Decimal::from_parts(i128::from(m), scale).unwrap();
            let (power, root) = (n.real_power(d("0.5")).unwrap(), n.sqrt().unwrap());
            // The power has 28 digits, so up to 10 in front of the point leave 18 decimals at least.
            prop_assert!(power.checked_sub(root).unwrap().abs() <= d("1e-17"));
        }

        #[test]
        fn the_root_of_a_square_is_the_number(m in 0i64.., scale in 0u32..10) {
            let n = Decimal::from_parts(i128::from(m), scale).unwrap();
            prop_assert_eq!(n.checked_mul(n).unwrap().sqrt(), Some(n));
        }

        #[test]
        fn exponents_add(m in -99i64..100, a in 0i64..9, b in 0i64..9) {
            let n = Decimal::from(m);
            prop_assert_eq!(n.pow(a).unwrap().checked_mul(n.pow(b).unwrap()), n.pow(a + b));
        }
    }
}
