//! Decimal numbers compared exactly, of any length and without floating point.

use std::cmp::Ordering;

/// A number in its only form: sign times 0.digits times ten to the `magnitude`, with no zero at either end of the digits.
/// So equal numbers are equal structures, whatever their texts looked like.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Decimal {
    negative: bool,
    magnitude: i64,
    /// ASCII digits; none for zero.
    digits: Vec<u8>,
}

/// Exponents beyond this are refused: no field of kintone comes near it.
const MAX_EXPONENT: i64 = 1_000_000;

impl Decimal {
    /// Reads `12`, `-0.50`, `+3`, `.5`, `5.`, `1.5e-3`, with blanks around; anything else is no number.
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            None => (text, 0),
            Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok().filter(|e| e.abs() <= MAX_EXPONENT)?),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let mut digits = Vec::with_capacity(whole.len() + fraction.len());
        digits.extend_from_slice(whole.as_bytes());
        digits.extend_from_slice(fraction.as_bytes());
        Some(Self::canonical(negative, i64::try_from(whole.len()).ok()? + exponent, digits))
    }

    fn canonical(negative: bool, magnitude: i64, mut digits: Vec<u8>) -> Decimal {
        let leading = digits.iter().take_while(|d| **d == b'0').count();
        digits.drain(..leading);
        let trailing = digits.iter().rev().take_while(|d| **d == b'0').count();
        digits.truncate(digits.len() - trailing);
        if digits.is_empty() {
            return Decimal { negative: false, magnitude: 0, digits };
        }
        Decimal { negative, magnitude: magnitude - leading as i64, digits }
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Decimal {
        let digits = number.to_string().into_bytes();
        Self::canonical(false, digits.len() as i64, digits)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |d: &Decimal| if d.digits.is_empty() { 0 } else { 1 - 2 * i8::from(d.negative) };
        // Digits without a leading zero, equally placed, compare like text; a longer one is larger.
        let size = |a: &Decimal, b: &Decimal| a.magnitude.cmp(&b.magnitude).then_with(|| a.digits.cmp(&b.digits));
        sign(self).cmp(&sign(other)).then_with(|| if self.negative { size(other, self) } else { size(self, other) })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
