//! Order and equality of values of any kinds, by the rules at the head of `eval`.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::Value;

use super::ErrorValue;
use super::calendar::{self, DAY};
use super::convert::text;
use super::serial;

/// Excel's order of kinds where they cannot be compared by value: numbers, then times, days, texts, truth values.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Blank => 0,
        Value::Number(_) => 1,
        Value::Time(_) => 2,
        Value::Date(_) | Value::Datetime(_) => 3,
        Value::Bool(_) => 5,
        _ => 4,
    }
}

/// Compares two values. Table rows cannot be compared: #VALUE!.
pub(super) fn compare(a: &Value, b: &Value, zone: &TimeZone) -> Result<Ordering, ErrorValue> {
    use Value as V;
    Ok(match (a, b) {
        (V::Rows(_), _) | (_, V::Rows(_)) => return Err(ErrorValue::Value),
        (V::Number(a), V::Number(b)) => a.cmp(b),
        (V::Text(a), V::Text(b)) => text_order(a, b),
        (V::Date(a), V::Date(b)) | (V::Time(a), V::Time(b)) => a.cmp(b),
        (V::Datetime(a), V::Datetime(b)) => a.cmp(b),
        (V::Bool(a), V::Bool(b)) => a.cmp(b),
        (V::Blank, other) => blank_order(other),
        (other, V::Blank) => blank_order(other).reverse(),
        (V::Date(a), V::Datetime(b)) => calendar::instant(*a, 0, zone)?.cmp(b),
        (V::Datetime(a), V::Date(b)) => a.cmp(&calendar::instant(*b, 0, zone)?),
        (V::Number(a), V::Date(_) | V::Datetime(_) | V::Time(_)) => number_and_moment(*a, b, zone)?,
        (V::Date(_) | V::Datetime(_) | V::Time(_), V::Number(b)) => number_and_moment(*b, a, zone)?.reverse(),
        (V::Date(_) | V::Datetime(_) | V::Time(_), V::Text(b)) => match as_moment(b, a, zone) {
            Some(b) => compare(a, &b, zone)?,
            None => rank(a).cmp(&4),
        },
        (V::Text(_), V::Date(_) | V::Datetime(_) | V::Time(_)) => compare(b, a, zone)?.reverse(),
        (V::Texts(_) | V::Entities(_) | V::Files(_), _) | (_, V::Texts(_) | V::Entities(_) | V::Files(_))
            if rank(a) == rank(b) =>
        {
            text_order(&text(a, zone)?, &text(b, zone)?)
        }
        _ => rank(a).cmp(&rank(b)),
    })
}

/// Blank against a value that is not blank: it is 0, "" or FALSE; a day or a time is always later.
fn blank_order(other: &Value) -> Ordering {
    match other {
        Value::Blank => Ordering::Equal,
        Value::Number(n) => 0.cmp(&n.signum()),
        Value::Bool(b) => false.cmp(b),
        _ => Ordering::Less,
    }
}

/// A number against a day, instant or time, which is the number that Excel shows for it.
fn number_and_moment(number: Decimal, moment: &Value, zone: &TimeZone) -> Result<Ordering, ErrorValue> {
    let seconds = serial::seconds(moment, zone)?.ok_or(ErrorValue::Value)?;
    Ok(number.checked_mul(Decimal::from(DAY))?.cmp(&Decimal::from(seconds)))
}

/// The text as a day, instant or time of day, to be compared with `like`.
fn as_moment(text: &str, like: &Value, zone: &TimeZone) -> Option<Value> {
    match like {
        Value::Time(_) => calendar::parse_time(text).map(Value::Time),
        _ => calendar::parse_date(text)
            .map(Value::Date)
            .or_else(|| calendar::parse_instant(text, zone).map(Value::Datetime)),
    }
}

/// Order of texts without regard to case, by code point of the lower-case letters. Width counts: `Ａ` is not `A`.
pub(super) fn text_order(a: &str, b: &str) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    if a.is_ascii() && b.is_ascii() {
        return a.bytes().map(|c| c.to_ascii_lowercase()).cmp(b.bytes().map(|c| c.to_ascii_lowercase()));
    }
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}
