//! Dates as the numbers that Excel shows for them: 1 is 1900-01-01, 61 is 1900-03-01. 60, the 29th of February 1900 that Excel
//! believes in, is no day here.

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::Value;

use super::ErrorValue;
use super::calendar::{self, DAY, valid_day};
use super::convert::part_of_day;

/// 1900-03-01, from which on Excel's numbers and the calendar agree.
const AGREED: i64 = -25_508;
/// The number of 1970-01-01.
const EPOCH: i64 = 25_569;

/// Excel's number of a day.
pub(super) fn of_day(day: i32) -> i64 {
    let day = i64::from(day);
    if day >= AGREED { day + EPOCH } else { day + EPOCH - 1 }
}

/// The day that Excel shows for a number; a fraction is dropped. #NUM! where there is none.
pub(super) fn to_day(number: Decimal) -> Result<i32, ErrorValue> {
    let serial = number.floor().to_i64().ok_or(ErrorValue::Num)?;
    match serial {
        61.. => valid_day(serial - EPOCH),
        1..=59 => valid_day(serial - EPOCH + 1),
        _ => Err(ErrorValue::Num),
    }
}

/// The seconds of Excel's number of a date, an instant on the zone's clocks, or a time of day. None for other values.
pub(super) fn seconds(value: &Value, zone: &TimeZone) -> Result<Option<i64>, ErrorValue> {
    Ok(Some(match value {
        Value::Date(day) => of_day(*day) * DAY,
        Value::Time(second) => i64::from(*second),
        Value::Datetime(instant) => {
            let (day, second) = calendar::local(*instant, zone)?;
            of_day(day) * DAY + i64::from(second)
        }
        _ => return Ok(None),
    }))
}

/// Excel's number of a date, an instant or a time of day (its part of the day to 20 decimals). None for other values.
pub(super) fn of(value: &Value, zone: &TimeZone) -> Result<Option<Decimal>, ErrorValue> {
    seconds(value, zone)?.map(|seconds| part_of_day(Decimal::from(seconds))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_excels() {
        for (year, month, day, serial) in [
            (1900, 1, 1, 1),
            (1900, 2, 28, 59),
            (1900, 3, 1, 61),
            (1970, 1, 1, 25_569),
            (2026, 1, 31, 46_053),
            (9999, 12, 31, 2_958_465),
        ] {
            let day = calendar::day_of(year, month, day).unwrap();
            assert_eq!(of_day(day), serial);
            assert_eq!(to_day(Decimal::from(serial)), Ok(day));
        }
        for none in [-1, 0, 60, 2_958_466] {
            assert_eq!(to_day(Decimal::from(none)), Err(ErrorValue::Num), "{none}");
        }
    }
}
