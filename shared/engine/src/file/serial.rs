//! Excel's numbers: dates as serials, doubles as decimals.

use jiff::tz::TimeZone;
use model::decimal::Decimal;

use crate::text::{instant_of, local};

/// The serial of 1970-01-01 in the system of 1900.
const EPOCH: i64 = 25_569;
/// The first serial whose day is the same in every calendar: 1900-03-01. Excel takes 1900 for a leap year.
const FIRST: i64 = 61;
/// The last one: 9999-12-31.
const LAST: i64 = 2_958_465;
/// Days between the systems of 1900 and of 1904.
const SYSTEMS: f64 = 1_462.0;
const DAY: i64 = 86_400;

/// Day number and second of the day of a serial, rounded to the second. The day of a time of day alone is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Days since 1970-01-01.
    pub days: Option<i32>,
    /// Seconds since midnight.
    pub seconds: i32,
}

/// Reads a serial. `None`: no day that Excel shows.
pub(super) fn moment(serial: f64, system_1904: bool) -> Option<Moment> {
    let alone = serial < 1.0;
    let serial = if system_1904 && !alone { serial + SYSTEMS } else { serial };
    if !(0.0..(LAST + 1) as f64).contains(&serial) {
        return None;
    }
    // A double holds a second of year 9999 with five digits to spare.
    let total = (serial * DAY as f64).round() as i64;
    let (day, seconds) = (total.div_euclid(DAY), total.rem_euclid(DAY));
    let days = match day {
        0 => None,
        // Excel's 29 February 1900 is no day.
        60 => return None,
        1..60 => Some(day - EPOCH + 1),
        _ => Some(day - EPOCH),
    };
    if alone && day > 0 {
        return None;
    }
    Some(Moment { days: days.map(i32::try_from).transpose().ok()?, seconds: i32::try_from(seconds).ok()? })
}

impl Moment {
    /// The instant, where it is that of a day in this zone.
    pub(super) fn instant(self, zone: &TimeZone) -> Option<i64> {
        instant_of(self.days?, self.seconds, zone)
    }
}

/// The serial of a day; `None` where Excel has none, or an ambiguous one.
pub(super) fn of_day(days: i32) -> Option<f64> {
    let serial = i64::from(days) + EPOCH;
    (FIRST..=LAST).contains(&serial).then_some(serial as f64)
}

/// The serial of a time of day.
pub(super) fn of_time(seconds: i32) -> f64 {
    f64::from(seconds) / DAY as f64
}

/// The serial of an instant, as a clock of the zone shows it.
pub(super) fn of_instant(seconds: i64, zone: &TimeZone) -> Option<f64> {
    let (days, time) = local(seconds, zone)?;
    Some(of_day(days)? + of_time(time))
}

/// The decimal that a double means in Excel: its first 15 significant digits. `None` beyond 38 digits, and for no number.
pub(super) fn decimal(number: f64) -> Option<Decimal> {
    let text = format!("{number:.14e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let digits: i128 = mantissa.replace('.', "").parse().ok()?;
    let exponent: i32 = exponent.parse::<i32>().ok()? - 14;
    let (digits, exponent) = shorten(digits, exponent);
    if exponent >= 0 {
        let factor = 10i128.checked_pow(exponent.unsigned_abs())?;
        return Decimal::from_parts(digits.checked_mul(factor)?, 0).ok();
    }
    Decimal::from_parts(digits, exponent.unsigned_abs()).ok()
}

/// Without zeros at the end.
fn shorten(mut digits: i128, mut exponent: i32) -> (i128, i32) {
    if digits == 0 {
        return (0, 0);
    }
    while digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    (digits, exponent)
}

/// The double of a decimal that Excel keeps as it is: one of at most 15 significant digits.
pub(super) fn double(number: Decimal) -> Option<f64> {
    const MOST: u128 = 1_000_000_000_000_000;
    let mut digits = number.mantissa().unsigned_abs();
    while digits != 0 && digits.is_multiple_of(10) {
        digits /= 10;
    }
    if digits >= MOST { None } else { number.to_string().parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i16, m: i8, d: i8) -> i32 {
        let epoch = jiff::civil::date(1970, 1, 1);
        i32::try_from(jiff::civil::date(y, m, d).duration_since(epoch).as_secs() / DAY).unwrap()
    }

    #[test]
    fn serials_are_days() {
        let at = |serial, system| moment(serial, system).map(|m| (m.days, m.seconds));
        assert_eq!(at(1.0, false), Some((Some(day(1900, 1, 1)), 0)));
        assert_eq!(at(59.0, false), Some((Some(day(1900, 2, 28)), 0)));
        assert_eq!(at(60.0, false), None, "the day that never was");
        assert_eq!(at(61.0, false), Some((Some(day(1900, 3, 1)), 0)));
        assert_eq!(at(46_347.5, false), Some((Some(day(2026, 11, 21)), 43_200)));
        assert_eq!(at(44_885.0, true), Some((Some(day(2026, 11, 21)), 0)), "the system of 1904");
        assert_eq!(at(2_958_465.0, false), Some((Some(day(9999, 12, 31)), 0)));
        assert_eq!(at(2_958_466.0, false), None);
        assert_eq!(at(-1.0, false), None);
        assert_eq!(at(f64::NAN, false), None);
        assert_eq!(at(0.75, false), Some((None, 64_800)), "a time alone");
        assert_eq!(at(46_347.999_999_99, false), Some((Some(day(2026, 11, 22)), 0)), "rounded to the second");
        for days in [day(1900, 3, 1), day(1970, 1, 1), day(2026, 2, 28), day(9999, 12, 31)] {
            assert_eq!(moment(of_day(days).unwrap(), false).unwrap().days, Some(days));
        }
        assert_eq!(of_day(day(1900, 2, 28)), None);
        for seconds in [0, 1, 59, 3_600, 86_399] {
            assert_eq!(moment(of_time(seconds), false).unwrap().seconds, seconds);
        }
    }

    #[test]
    fn doubles_are_decimals_of_15_digits() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345.0, "123456789012345"),
            (-0.000_123, "-0.000123"),
            (0.0, "0"),
            (1e-10, "0.0000000001"),
        ] {
            assert_eq!(decimal(number).unwrap().to_string(), text);
        }
        assert_eq!(decimal(1e60), None);
        assert_eq!(decimal(f64::INFINITY), None);
        let back = |text: &str| double(text.parse().unwrap());
        assert_eq!(back("123456789012345"), Some(123_456_789_012_345.0));
        assert_eq!(back("1234567890123450000"), Some(1_234_567_890_123_450_000.0), "zeros at the end are no digits");
        assert_eq!(back("1234567890123456"), None);
        assert_eq!(back("0.1"), Some(0.1));
    }
}
