//! Exact decimal numbers, as wide as kintone's and wider.
//!
//! A kintone number has at most 30 digits, 10 of them decimal places. A [`Decimal`] holds 38 digits, so every
//! kintone number fits with room for sums. No float is on any path of a value.
//! Arithmetic is in [`arith`], [`power`] and `logarithm`; this file is the type, its text form and its order.

pub mod arith;
mod logarithm;
pub mod power;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use ethnum::I256;

/// Most digits a [`Decimal`] holds: what an `i128` (and Arrow's Decimal128) holds without loss.
pub const MAX_DIGITS: u32 = 38;

/// An exact decimal: `mantissa / 10^scale`.
///
/// Always kept in its shortest form (no trailing zero in the fraction, zero has scale 0), so equality and hash are by value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// Why a number cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The text is not a number.
    #[error("not a number")]
    NotANumber,
    /// The result needs more than 38 digits.
    #[error("the number needs more than 38 digits")]
    Overflow,
    /// Division by zero.
    #[error("division by zero")]
    DivisionByZero,
}

pub(crate) fn pow10(n: u32) -> i128 {
    10i128.pow(n)
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };
    /// One.
    pub const ONE: Decimal = Decimal { mantissa: 1, scale: 0 };

    /// `mantissa / 10^scale`, shortened. Fails where the digits or the scale exceed 38.
    pub fn from_parts(mantissa: i128, scale: u32) -> Result<Self, DecimalError> {
        let (mut m, mut s) = (mantissa, scale);
        if m == 0 {
            return Ok(Self::ZERO);
        }
        while s > 0 && m % 10 == 0 {
            m /= 10;
            s -= 1;
        }
        if s > MAX_DIGITS || m.unsigned_abs() >= pow10(MAX_DIGITS).unsigned_abs() {
            return Err(DecimalError::Overflow);
        }
        Ok(Self { mantissa: m, scale: s as u8 })
    }

    /// The digits without the point.
    pub fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// How many of the digits stand behind the point (shortest form).
    pub fn scale(self) -> u32 {
        u32::from(self.scale)
    }

    /// The mantissa at a larger scale, for a column of one scale. `None` where it does not fit 38 digits.
    pub fn mantissa_at(self, scale: u32) -> Option<i128> {
        let up = scale.checked_sub(self.scale())?;
        if up > MAX_DIGITS {
            return (self.mantissa == 0).then_some(0);
        }
        let m = self.mantissa.checked_mul(pow10(up))?;
        (m.unsigned_abs() < pow10(MAX_DIGITS).unsigned_abs()).then_some(m)
    }

    /// True for zero.
    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// True for numbers below zero.
    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// The value as a whole number, if it is one and fits.
    pub fn to_i64(self) -> Option<i64> {
        (self.scale == 0).then(|| i64::try_from(self.mantissa).ok()).flatten()
    }
}

impl From<i64> for Decimal {
    fn from(n: i64) -> Self {
        Self { mantissa: i128::from(n), scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads `-12`, `+1.50`, `.5`, `5.`, `1.5e-3`; ASCII only, no spaces, no thousands separators.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (body, exponent) = match text.find(['e', 'E']) {
            Some(at) => {
                let e: i32 = text[at + 1..].parse().map_err(|_| DecimalError::NotANumber)?;
                (&text[..at], e)
            }
            None => (text, 0),
        };
        let (negative, digits) = match body.as_bytes().first() {
            Some(b'-') => (true, &body[1..]),
            Some(b'+') => (false, &body[1..]),
            _ => (false, body),
        };
        let (mut mantissa, mut scale, mut seen, mut point) = (0i128, 0i64, false, false);
        let mut trailing_zeros = 0i64; // zeros not yet multiplied in, so "1000…0" with many zeros and an exponent works
        for b in digits.bytes() {
            match b {
                b'0'..=b'9' => {
                    seen = true;
                    if point {
                        scale += 1;
                    }
                    if b == b'0' {
                        trailing_zeros += i64::from(mantissa != 0);
                        continue;
                    }
                    let up = u32::try_from(trailing_zeros + 1).map_err(|_| DecimalError::Overflow)?;
                    trailing_zeros = 0;
                    if up > MAX_DIGITS {
                        return Err(DecimalError::Overflow);
                    }
                    mantissa = mantissa
                        .checked_mul(pow10(up))
                        .and_then(|m| m.checked_add(i128::from(b - b'0')))
                        .ok_or(DecimalError::Overflow)?;
                }
                b'.' if !point => point = true,
                _ => return Err(DecimalError::NotANumber),
            }
        }
        if !seen {
            return Err(DecimalError::NotANumber);
        }
        if mantissa == 0 {
            return Ok(Self::ZERO);
        }
        let scale = scale - trailing_zeros - i64::from(exponent);
        if scale < 0 {
            let up = u32::try_from(-scale).map_err(|_| DecimalError::Overflow)?;
            if up > MAX_DIGITS {
                return Err(DecimalError::Overflow);
            }
            mantissa = mantissa.checked_mul(pow10(up)).ok_or(DecimalError::Overflow)?;
        }
        let scale = u32::try_from(scale.max(0)).map_err(|_| DecimalError::Overflow)?;
        Self::from_parts(if negative { -mantissa } else { mantissa }, scale)
    }
}

impl fmt::Display for Decimal {
    /// Plain notation, shortest form: `-12.5`, never an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        if scale == 0 {
            write!(f, "{sign}{digits}")
        } else if digits.len() > scale {
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            write!(f, "{sign}{whole}.{fraction}")
        } else {
            write!(f, "{sign}0.{digits:0>scale$}")
        }
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let scale = self.scale.max(other.scale);
        let at = |d: &Self| I256::from(d.mantissa) * I256::from(pow10(u32::from(scale - d.scale)));
        at(self).cmp(&at(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl serde::Serialize for Decimal {
    /// As text, so that no reader turns it into a float.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn text_form_is_shortest_and_exact() {
        for (input, output) in [
            ("0", "0"),
            ("-0.000", "0"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+12", "12"),
            ("1.5e1", "15"),
            ("15e-4", "0.0015"),
            ("-0.05", "-0.05"),
            ("100000000000000000000000000000000000000e-30", "100000000"),
            ("123456789012345678901234567890.0123456", "123456789012345678901234567890.0123456"),
        ] {
            assert_eq!(d(input).to_string(), output, "{input}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for bad in ["", "-", ".", "1,000", " 1", "１", "1e", "NaN", "0x1", "1.2.3"] {
            assert_eq!(bad.parse::<Decimal>(), Err(DecimalError::NotANumber), "{bad}");
        }
        assert_eq!("1e38".parse::<Decimal>(), Err(DecimalError::Overflow));
    }

    #[test]
    fn order_is_by_value_over_scales() {
        let mut all = [d("1.5"), d("-3"), d("1.49"), d("0"), d("99999999999999999999999999999999999999")];
        all.sort();
        assert_eq!(
            all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            "-3 0 1.49 1.5 99999999999999999999999999999999999999"
        );
    }
}
