//! Logarithms and powers of e by series in fixed point. No float.

use ethnum::I256;

use super::arith::{fit, wide_digits, wide_pow10};
use super::{Decimal, MAX_DIGITS};

/// Decimals of logarithms, and most decimals of powers.
const PLACES: u32 = 20;
/// Decimals of the fixed-point numbers that logarithms are computed with.
const FIXED: u32 = 34;
/// Digits of a power with a fraction in its exponent that are given: the last ones computed are not certain.
const CERTAIN_DIGITS: u32 = 28;
/// ln 2 and ln 10 with [`FIXED`] decimals.
const LN_2: i128 = 6_931_471_805_599_453_094_172_321_214_581_766;
const LN_10: i128 = 23_025_850_929_940_456_840_179_914_546_843_642;

/// The natural logarithm of a positive number, in fixed point.
pub(super) fn ln(number: Decimal) -> I256 {
    let one = wide_pow10(FIXED);
    let mantissa = I256::from(number.mantissa());
    let digits = wide_digits(mantissa);
    // number = d × 10^tens with 1 <= d < 10, then d = e × 2^halvings with 2/3 <= e < 4/3.
    let tens = i64::from(digits) - 1 - i64::from(number.scale());
    let mut e = if digits <= FIXED + 1 {
        mantissa * wide_pow10(FIXED + 1 - digits)
    } else {
        mantissa / wide_pow10(digits - FIXED - 1)
    };
    let mut halvings = 0;
    while e * 3 >= one * 4 {
        e /= 2;
        halvings += 1;
    }
    // ln e = 2 (z + z^3/3 + z^5/5 + …) with z = (e - 1) / (e + 1)
    let z = (e - one) * one / (e + one);
    let square = z * z / one;
    let (mut power, mut series, mut n) = (z, I256::ZERO, 1);
    while power != 0 {
        series += power / I256::from(n);
        power = power * square / one;
        n += 2;
    }
    series * 2 + I256::from(LN_2) * I256::from(halvings) + I256::from(LN_10) * I256::from(tens)
}

/// e^x for a fixed-point x between -3 and 3.
fn exp(x: I256) -> I256 {
    let one = wide_pow10(FIXED);
    let (mut term, mut series, mut n) = (one, I256::ZERO, 0);
    while term != 0 {
        series += term;
        n += 1;
        term = term * x / one / I256::from(n);
    }
    series
}

/// e^log for a fixed-point logarithm, to [`CERTAIN_DIGITS`] digits and at most [`PLACES`] decimals. `None` where it does not fit.
pub(super) fn exp_of(log: I256) -> Option<Decimal> {
    // e^log = 10^tens × e^rest
    let ten = I256::from(LN_10);
    let tens = log / ten;
    let value = exp(log - tens * ten);
    let cut = wide_digits(value).saturating_sub(CERTAIN_DIGITS);
    let (unit, half) = (wide_pow10(cut), wide_pow10(cut) / 2);
    let digits = (value + half) / unit;
    let scale = i64::from(FIXED) - i64::from(cut) - i64::try_from(tens).ok()?;
    match u32::try_from(scale) {
        Ok(scale) => fit(digits, scale, PLACES).ok(),
        Err(_) => {
            let up = u32::try_from(-scale).ok().filter(|up| *up <= MAX_DIGITS)?;
            fit(digits * wide_pow10(up), 0, 0).ok()
        }
    }
}

impl Decimal {
    /// The natural logarithm, to 20 decimals. `None` for 0 and below.
    pub fn ln(self) -> Option<Self> {
        (self.signum() > 0).then(|| fit(ln(self), FIXED, PLACES).ok()).flatten()
    }

    /// The logarithm to a base, to 20 decimals. `None` where either is 0 or below, and for base 1.
    pub fn log(self, base: Self) -> Option<Self> {
        if self.signum() <= 0 || base.signum() <= 0 || base == Self::ONE {
            return None;
        }
        let (number, base) = (ln(self), ln(base));
        // ln has at most 37 digits, so the dividend has at most 71.
        let quotient = number.checked_mul(wide_pow10(FIXED))? / base;
        fit(quotient, FIXED, PLACES).ok()
    }

    /// e raised to this number, to 28 digits and at most 20 decimals. `None` where it does not fit.
    pub fn exp(self) -> Option<Self> {
        // Beyond these the result is 0 to 38 decimals, or has more than 38 digits.
        let limit = Self::from(100);
        if self.abs() > limit {
            return self.is_negative().then_some(Self::ZERO);
        }
        exp_of(I256::from(self.mantissa()) * wide_pow10(FIXED) / wide_pow10(self.scale()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Results of a calculator with 50 digits, rounded half up.
    #[test]
    fn logarithms_and_powers_are_right_to_the_last_digit() {
        for (n, ln) in [
            ("1", "0"),
            ("2", "0.69314718055994530942"),
            ("10", "2.30258509299404568402"),
            ("0.5", "-0.69314718055994530942"),
            ("2.718281828459045235360287471352662498", "1"),
            ("12345678901234567890123456789012345678", "85.40636946309534286972"),
            ("0.00000000000000000000000000000000000001", "-87.49823353377373599268"),
        ] {
            assert_eq!(d(n).ln().map(|n| n.to_string()).as_deref(), Some(ln), "ln {n}");
        }
        for (n, exp) in [
            ("0", "1"),
            ("1", "2.71828182845904523536"),
            ("-1", "0.36787944117144232160"),
            ("50", "5184705528587072464087.453323"),
            ("-100", "0"),
        ] {
            assert_eq!(d(n).exp(), Some(d(exp)), "e^{n}");
        }
        assert_eq!(d("88").exp(), None);
        assert_eq!(d("0").ln(), None);
        assert_eq!(d("-1").ln(), None);
    }

    #[test]
    fn logarithms_of_powers_are_whole() {
        for (n, base, log) in
            [("1024", "2", "10"), ("0.001", "10", "-3"), ("8", "0.5", "-3"), ("1e37", "10", "37"), ("2", "4", "0.5")]
        {
            assert_eq!(d(n).log(d(base)), Some(d(log)), "log {n} to base {base}");
        }
        assert_eq!(d("5").log(d("1")), None);
    }

    proptest! {
        #[test]
        fn e_to_the_logarithm_is_the_number(m in 1i64.., scale in 0u32..10) {
            let n = Decimal::from_parts(i128::from(m), scale).unwrap();
            let back = n.ln().unwrap().exp().unwrap();
            // An error of half a 20th decimal in the logarithm is that part of the number.
            let error = back.checked_sub(n).unwrap().abs();
            prop_assert!(error <= n.checked_mul(d("1e-19")).unwrap().checked_add(d("1e-19")).unwrap(), "{} {}", n, back);
        }
    }
}
