//! Decimal numbers as text: normalising, rounding and comparing them as kintone does, without floating point.

use std::cmp::Ordering;

use crate::kintone::settings::{Precision, Rounding};

/// A decimal number: sign, digits, and how many of the digits stand after the point.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    /// Digits 0 to 9, most significant first.
    digits: Vec<u8>,
    /// How many of them stand after the point.
    places: usize,
}

/// The longest exponent worth following: beyond it a number has more digits than any field can hold.
const MAX_EXPONENT: i64 = 400;

/// What a text is as a number of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Normalised {
    /// The number in kintone's form, rounded to the field's places.
    Number(String),
    /// More digits before the point than the app allows.
    TooLong,
    /// No number.
    NotANumber,
}

/// Brings a number into kintone's form: `"1.5e1"` becomes `"15"`, `" 42 "` becomes `"42"`, and places beyond those of
/// the app are rounded away.
pub fn normalise(text: &str, precision: Precision) -> Normalised {
    let Some(number) = parse(text.trim()) else { return Normalised::NotANumber };
    let rounded = round(number, precision.decimal_places, precision.rounding);
    let whole = rounded.digits.len() - rounded.places;
    let leading = rounded.digits.iter().take(whole).take_while(|digit| **digit == 0).count();
    if whole - leading > precision.digits.saturating_sub(precision.decimal_places).max(1) {
        return Normalised::TooLong;
    }
    Normalised::Number(show(&rounded))
}

/// Compares two numbers; `None` where one is none.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (trimmed(parse(a)?), trimmed(parse(b)?));
    let zero = |number: &Decimal| number.digits.is_empty();
    Some(match (a.negative && !zero(&a), b.negative && !zero(&b)) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => compare_size(&a, &b),
        (true, true) => compare_size(&b, &a),
    })
}

fn compare_size(a: &Decimal, b: &Decimal) -> Ordering {
    let places = a.places.max(b.places);
    let padded = |number: &Decimal| {
        let mut digits = number.digits.clone();
        digits.resize(digits.len() + places - number.places, 0);
        digits
    };
    let (a, b) = (padded(a), padded(b));
    let significant = |digits: &[u8]| digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
    let (a, b) = (&a[significant(&a)..], &b[significant(&b)..]);
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, unsigned) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() && fraction.is_empty() || exponent.abs() > MAX_EXPONENT {
        return None;
    }
    let mut digits = Vec::with_capacity(whole.len() + fraction.len());
    for byte in whole.bytes().chain(fraction.bytes()) {
        digits.push(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    let mut places = i64::try_from(fraction.len()).ok()? - exponent;
    if places < 0 {
        digits.resize(digits.len() + usize::try_from(-places).ok()?, 0);
        places = 0;
    }
    let places = usize::try_from(places).ok()?;
    if digits.len() < places {
        let missing = places - digits.len();
        digits.splice(0..0, std::iter::repeat_n(0, missing));
    }
    Some(Decimal { negative, digits, places })
}

fn round(mut number: Decimal, places: usize, rounding: Rounding) -> Decimal {
    if number.places <= places {
        return number;
    }
    let kept = number.digits.len() - (number.places - places);
    let dropped = number.digits.split_off(kept);
    number.places = places;
    let half = dropped.first().map_or(Ordering::Less, |first| {
        first.cmp(&5).then_with(|| {
            if dropped[1..].iter().any(|digit| *digit != 0) { Ordering::Greater } else { Ordering::Equal }
        })
    });
    let odd = number.digits.last().is_some_and(|digit| digit % 2 == 1);
    let up = match (rounding, half) {
        (Rounding::Down, _) | (_, Ordering::Less) => false,
        (_, Ordering::Greater) => true,
        (Rounding::Up, Ordering::Equal) => true,
        (Rounding::HalfEven, Ordering::Equal) => odd,
    };
    if up {
        let mut carried = true;
        for digit in number.digits.iter_mut().rev() {
            *digit += 1;
            carried = *digit == 10;
            if !carried {
                break;
            }
            *digit = 0;
        }
        if carried {
            number.digits.insert(0, 1);
        }
    }
    number
}

fn trimmed(mut number: Decimal) -> Decimal {
    let zeros = number.digits.iter().take_while(|digit| **digit == 0).count();
    let removable = zeros.min(number.digits.len());
    if removable == number.digits.len() {
        number.digits.clear();
        number.places = 0;
    }
    number
}

fn show(number: &Decimal) -> String {
    let (whole, fraction) = number.digits.split_at(number.digits.len() - number.places);
    let text = |digits: &[u8]| digits.iter().map(|digit| char::from(b'0' + digit)).collect::<String>();
    let (whole, fraction) = (text(whole), text(fraction));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.is_empty() && fraction.is_empty() {
        return "0".to_owned();
    }
    let sign = if number.negative { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        match normalise(text, Precision::default()) {
            Normalised::Number(text) => text,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn numbers_take_their_normal_form() {
        let cases = [
            ("1.5e1", "15"),
            (" 42 ", "42"),
            ("12.34567", "12.3457"),
            ("0.00005", "0"),
            ("0.00015", "0.0002"),
            ("-0", "0"),
            ("-0.5", "-0.5"),
            ("007.10", "7.1"),
            ("99.99995", "100"),
            ("+3.", "3"),
            (".5", "0.5"),
            ("123456789012", "123456789012"),
            ("1234567890123", "TooLong"),
            ("999999999999.99999", "TooLong"),
            ("abc", "NotANumber"),
            ("1,000", "NotANumber"),
            ("", "NotANumber"),
            (".", "NotANumber"),
            ("1e500", "NotANumber"),
            ("１", "NotANumber"),
        ];
        for (text, wanted) in cases {
            assert_eq!(normal(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn the_rounding_mode_decides_halves() {
        let with = |rounding, text| match normalise(text, Precision { rounding, decimal_places: 1, digits: 16 }) {
            Normalised::Number(text) => text,
            other => format!("{other:?}"),
        };
        assert_eq!(with(Rounding::HalfEven, "0.25"), "0.2");
        assert_eq!(with(Rounding::Up, "0.25"), "0.3");
        assert_eq!(with(Rounding::Down, "0.29"), "0.2");
        assert_eq!(with(Rounding::HalfEven, "0.251"), "0.3");
    }

    #[test]
    fn comparing() {
        assert_eq!(compare("10", "9.99"), Some(Ordering::Greater));
        assert_eq!(compare("-10", "9"), Some(Ordering::Less));
        assert_eq!(compare("-1.5", "-1.50"), Some(Ordering::Equal));
        assert_eq!(compare("0", "-0.0"), Some(Ordering::Equal));
        assert_eq!(compare("0.1", "0.01"), Some(Ordering::Greater));
        assert_eq!(compare("x", "1"), None);
    }
}
