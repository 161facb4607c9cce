//! `+` and `-` over numbers, days, times and instants; powers.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::decimal::arith::Rounding;
use model::value::Value;

use super::ErrorValue;
use super::calendar::{self, DAY, valid_day, valid_instant};
use super::convert::{number, part_of_day, seconds_of};

/// An operand of a sum or a difference.
#[derive(Clone, Copy)]
enum Amount {
    Blank,
    Number(Decimal),
    Date(i32),
    Time(i32),
    Datetime(i64),
}

fn amount(value: &Value) -> Result<Amount, ErrorValue> {
    Ok(match value {
        Value::Blank => Amount::Blank,
        Value::Number(n) => Amount::Number(*n),
        Value::Date(day) => Amount::Date(*day),
        Value::Time(second) => Amount::Time(*second),
        Value::Datetime(seconds) => Amount::Datetime(*seconds),
        other => Amount::Number(number(other)?),
    })
}

impl From<Amount> for Value {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Blank => Value::Number(Decimal::ZERO),
            Amount::Number(n) => Value::Number(n),
            Amount::Date(day) => Value::Date(day),
            Amount::Time(second) => Value::Time(second),
            Amount::Datetime(seconds) => Value::Datetime(seconds),
        }
    }
}

/// A day that many whole days later. A fraction is dropped, as Excel's date functions drop it.
fn shift_date(day: i32, days: Decimal) -> Result<Value, ErrorValue> {
    let days = days.floor().to_i64().ok_or(ErrorValue::Num)?;
    valid_day(i64::from(day).checked_add(days).ok_or(ErrorValue::Num)?).map(Value::Date)
}

fn shift_instant(instant: i64, seconds: i64) -> Result<Value, ErrorValue> {
    valid_instant(instant.checked_add(seconds).ok_or(ErrorValue::Num)?).map(Value::Datetime)
}

/// A time of day that many seconds later; the clock goes round.
fn shift_time(time: i32, seconds: i64) -> Result<Value, ErrorValue> {
    let second = i64::from(time).checked_add(seconds).ok_or(ErrorValue::Num)?.rem_euclid(DAY);
    i32::try_from(second).map(Value::Time).map_err(|_| ErrorValue::Num)
}

/// `a + b`
pub(super) fn add(a: &Value, b: &Value, zone: &TimeZone) -> Result<Value, ErrorValue> {
    use Amount as A;
    match (amount(a)?, amount(b)?) {
        (A::Number(a), A::Number(b)) => Ok(Value::Number(a.checked_add(b)?)),
        (A::Blank, other) | (other, A::Blank) => Ok(other.into()),
        (A::Date(day), A::Number(n)) | (A::Number(n), A::Date(day)) => shift_date(day, n),
        (A::Date(day), A::Time(second)) | (A::Time(second), A::Date(day)) => {
            shift_instant(calendar::instant(day, second, zone)?, 0)
        }
        (A::Datetime(at), A::Number(n)) | (A::Number(n), A::Datetime(at)) => shift_instant(at, seconds_of(n)?),
        (A::Datetime(at), A::Time(second)) | (A::Time(second), A::Datetime(at)) => shift_instant(at, i64::from(second)),
        (A::Time(a), A::Time(b)) => shift_time(a, i64::from(b)),
        (A::Time(time), A::Number(n)) | (A::Number(n), A::Time(time)) => shift_time(time, seconds_of(n)?),
        (A::Date(_) | A::Datetime(_), A::Date(_) | A::Datetime(_)) => Err(ErrorValue::Value),
    }
}

/// `a - b`
pub(super) fn subtract(a: &Value, b: &Value, zone: &TimeZone) -> Result<Value, ErrorValue> {
    use Amount as A;
    if let Some(seconds) = elapsed(a, b, zone)? {
        return Ok(Value::Number(part_of_day(seconds)?));
    }
    match (amount(a)?, amount(b)?) {
        (A::Number(a), A::Number(b)) => Ok(Value::Number(a.checked_sub(b)?)),
        (other, A::Blank) => Ok(other.into()),
        (A::Blank, A::Number(n)) => Ok(Value::Number(-n)),
        (A::Date(day), A::Number(n)) => shift_date(day, -n),
        (A::Date(day), A::Time(second)) => shift_instant(calendar::instant(day, 0, zone)?, -i64::from(second)),
        (A::Datetime(at), A::Number(n)) => shift_instant(at, seconds_of(-n)?),
        (A::Datetime(at), A::Time(second)) => shift_instant(at, -i64::from(second)),
        (A::Time(time), A::Number(n)) => shift_time(time, seconds_of(-n)?),
        _ => Err(ErrorValue::Value),
    }
}

/// The seconds from `b` to `a`, where both are days or instants, or both times of day; None for everything else.
pub(super) fn elapsed(a: &Value, b: &Value, zone: &TimeZone) -> Result<Option<Decimal>, ErrorValue> {
    use Value as V;
    let seconds = match (a, b) {
        (V::Date(a), V::Date(b)) => (i64::from(*a) - i64::from(*b)) * DAY,
        (V::Datetime(a), V::Datetime(b)) => a.checked_sub(*b).ok_or(ErrorValue::Num)?,
        (V::Date(a), V::Datetime(b)) => calendar::instant(*a, 0, zone)?.checked_sub(*b).ok_or(ErrorValue::Num)?,
        (V::Datetime(a), V::Date(b)) => a.checked_sub(calendar::instant(*b, 0, zone)?).ok_or(ErrorValue::Num)?,
        (V::Time(a), V::Time(b)) => i64::from(*a) - i64::from(*b),
        _ => return Ok(None),
    };
    Ok(Some(Decimal::from(seconds)))
}

/// `base ^ exponent`: exact for whole exponents; halves, quarters and so on by square roots, to 20 decimals.
/// 0^0 is #NUM! as in Excel, and so is every other exponent.
pub(super) fn power(base: Decimal, exponent: Decimal) -> Result<Decimal, ErrorValue> {
    if base.is_zero() {
        return match exponent.cmp(&Decimal::ZERO) {
            Ordering::Greater => Ok(Decimal::ZERO),
            Ordering::Equal => Err(ErrorValue::Num),
            Ordering::Less => Err(ErrorValue::Div0),
        };
    }
    if let Some(whole) = exponent.to_i64() {
        return Ok(base.pow(whole)?);
    }
    base.real_power(exponent).ok_or(ErrorValue::Num)
}

/// Rounds half up, for `ROUND` and number formats.
pub(super) fn round_half_up(number: Decimal, places: i32) -> Result<Decimal, ErrorValue> {
    Ok(number.round(places, Rounding::HalfUp)?)
}
