//! LibreOffice's answers as they are kept, and when Suiro's outcome equals one.
//!
//! **Numbers** of LibreOffice are doubles. Two whole numbers below 10^15 must be equal; all others may differ by
//! [`TOLERANCE`] of the larger one, or in the 20th decimal. **Dates, times and instants** have no kind of their own there: their serial number is
//! compared. **Texts** must be equal letter by letter, and blank is an empty text. **Truth values** must be truth values.
//! **Errors** are equal by class: LibreOffice's Err:502 (invalid argument) stands for Excel's #VALUE! and for its #NUM!, and a
//! formula that Suiro refuses for its kinds counts as #VALUE!.

use std::fmt;

use flow::formula::ErrorValue;
use model::value::Value;

use super::cells::serial_of;
use super::suiro::Outcome;

/// How far two numbers may be apart, as a part of the larger one.
pub const TOLERANCE: f64 = 1e-12;
/// LibreOffice writes at most 20 decimals.
const LAST_DECIMAL: f64 = 1e-20;
/// Whole numbers below this are exact in a double and in the 15 digits that LibreOffice writes.
const EXACT: f64 = 1e15;

/// An answer of LibreOffice.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A number; a date or a time too.
    Number(f64),
    /// A text, maybe empty.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// An error as it is shown, such as `#N/A` or `Err:502`.
    Error(String),
}

impl Answer {
    /// Reads `n:1.5`, `t:text`, `b:TRUE`, `e:#N/A`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, body) = text.split_once(':')?;
        Some(match kind {
            "n" => Self::Number(body.parse().ok()?),
            "t" => Self::Text(unescape(body)),
            "b" => Self::Bool(body == "TRUE"),
            "e" => Self::Error(body.to_owned()),
            _ => return None,
        })
    }

    /// Whether Suiro's outcome is the same.
    pub fn equals(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Error(shown), Outcome::Error(error)) => same_error(shown, *error),
            (Self::Error(shown), Outcome::Refused("formula_kind")) => same_error(shown, ErrorValue::Value),
            (Self::Number(n), Outcome::Value(value)) => number_of(value).is_some_and(|own| same_number(*n, own)),
            (Self::Text(text), Outcome::Value(Value::Text(own))) => text == own,
            (Self::Text(text), Outcome::Value(Value::Blank)) => text.is_empty(),
            (Self::Bool(b), Outcome::Value(Value::Bool(own))) => b == own,
            _ => false,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bool(b) => f.write_str(if *b { "TRUE" } else { "FALSE" }),
            Self::Error(error) => f.write_str(error),
        }
    }
}

/// A number, or the serial number of a date, time or instant.
pub fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.to_string().parse().ok(),
        other => serial_of(other),
    }
}

/// Equal as stated at the head of this file.
pub fn same_number(a: f64, b: f64) -> bool {
    if a.fract() == 0.0 && b.fract() == 0.0 && a.abs() < EXACT && b.abs() < EXACT {
        return a == b;
    }
    (a - b).abs() <= (TOLERANCE * a.abs().max(b.abs())).max(LAST_DECIMAL)
}

fn same_error(shown: &str, error: ErrorValue) -> bool {
    match shown {
        "Err:502" => matches!(error, ErrorValue::Value | ErrorValue::Num),
        // A text or a list where it has no place.
        "Err:504" => error == ErrorValue::Value,
        // Err:503: a result that is no number; Err:523: an iteration that finds no end.
        "Err:503" | "Err:523" => error == ErrorValue::Num,
        _ => shown == error.to_string(),
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert!(same_number(0.333333333333333, 1.0 / 3.0));
        assert!(!same_number(0.3333333333, 1.0 / 3.0));
        assert!(same_number(1e20, 1e20 + 1e7));
        assert!(!same_number(123_456_789_012_345.0, 123_456_789_012_346.0));
        assert!(!same_number(0.0, 1e-19));
    }

    #[test]
    fn kinds_are_not_mixed_up() {
        let value = |v| Outcome::Value(v);
        assert!(!Answer::Number(1.0).equals(&value(Value::Bool(true))));
        assert!(!Answer::Text("1".into()).equals(&value(Value::Number(1.into()))));
        assert!(!Answer::Number(0.0).equals(&value(Value::Blank)));
        assert!(Answer::Text(String::new()).equals(&value(Value::Blank)));
        assert!(!Answer::Error("#VALUE!".into()).equals(&Outcome::Error(ErrorValue::Num)));
        assert!(Answer::Error("Err:502".into()).equals(&Outcome::Error(ErrorValue::Num)));
        assert!(!Answer::Error("#VALUE!".into()).equals(&Outcome::Refused("formula_unknown_function")));
    }

    #[test]
    fn texts_are_read_back() {
        assert_eq!(Answer::parse(r"t:a\nb\\c"), Some(Answer::Text("a\nb\\c".into())));
        assert_eq!(Answer::parse("n:-1.5E-7"), Some(Answer::Number(-1.5e-7)));
        assert_eq!(Answer::parse("x:1"), None);
    }
}
