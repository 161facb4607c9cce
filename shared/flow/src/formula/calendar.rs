//! Days, clock times and instants: limits, conversion by time zone, and reading them from text.
//!
//! A date is a count of days since 1970-01-01, an instant a count of seconds since then in UTC. Valid dates are 1900-01-01
//! to 9999-12-31, as in Excel (which knows none before 1900) and kintone (none after 9999).

use jiff::Timestamp;
use jiff::civil::{self, DateTime};
use jiff::tz::TimeZone;

use super::ErrorValue;

/// 1900-01-01
const FIRST_DAY: i64 = -25_567;
/// 9999-12-31
const LAST_DAY: i64 = 2_932_896;
/// Seconds of a day; leap seconds do not exist here.
pub(super) const DAY: i64 = 86_400;

/// A day in range.
pub(super) fn valid_day(day: i64) -> Result<i32, ErrorValue> {
    if (FIRST_DAY..=LAST_DAY).contains(&day) {
        i32::try_from(day).map_err(|_| ErrorValue::Num)
    } else {
        Err(ErrorValue::Num)
    }
}

/// An instant in range.
pub(super) fn valid_instant(seconds: i64) -> Result<i64, ErrorValue> {
    valid_day(seconds.div_euclid(DAY)).map(|_| seconds)
}

/// Year, month (1 to 12) and day of the month. Counted in years that begin with March, so that leap days come last:
/// a period of 400 years has 146,097 days.
pub(super) fn ymd(day: i32) -> (i64, i64, i64) {
    let shifted = i64::from(day) + 719_468; // days since 0000-03-01
    let (period, of_period) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_period = (of_period - of_period / 1_460 + of_period / 36_524 - of_period / 146_096) / 365;
    let of_year = of_period - (365 * year_of_period + year_of_period / 4 - year_of_period / 100);
    let march_month = (5 * of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (period * 400 + year_of_period + i64::from(month <= 2), month, of_year - (153 * march_month + 2) / 5 + 1)
}

/// The day number of year, month and day; months and days may overflow in either direction, as in Excel's DATE.
pub(super) fn day_of(year: i64, month: i64, day: i64) -> Result<i32, ErrorValue> {
    // Far beyond any valid date, and far from any overflow of the sums below.
    if [year, month, day].iter().any(|n| n.unsigned_abs() > 10_000_000) {
        return Err(ErrorValue::Num);
    }
    let months = year * 12 + (month - 1);
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let (march_year, march_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (period, of_period) = (march_year.div_euclid(400), march_year.rem_euclid(400));
    let of_year = (153 * march_month + 2) / 5 + day - 1;
    valid_day(period * 146_097 + of_period * 365 + of_period / 4 - of_period / 100 + of_year - 719_468)
}

/// How many days a month has.
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The day of `year`-`month`-`day` if there is such a day.
fn existing_day(year: i64, month: i64, day: i64) -> Option<i32> {
    ((1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day))
        .then(|| day_of(year, month, day).ok())
        .flatten()
}

/// Day and second of the day that the clocks of the zone show at an instant.
pub(super) fn local(seconds: i64, zone: &TimeZone) -> Result<(i32, i32), ErrorValue> {
    let timestamp = Timestamp::from_second(seconds).map_err(|_| ErrorValue::Num)?;
    let shown = seconds + i64::from(zone.to_offset(timestamp).seconds());
    let second = i32::try_from(shown.rem_euclid(DAY)).map_err(|_| ErrorValue::Num)?;
    Ok((valid_day(shown.div_euclid(DAY))?, second))
}

/// The instant at which the clocks of the zone show this. A time that is skipped or doubled there (summer time) is read with
/// the offset before the change.
pub(super) fn instant(day: i32, second: i32, zone: &TimeZone) -> Result<i64, ErrorValue> {
    let (year, month, of_month) = ymd(day);
    let datetime = || {
        let date = civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(of_month).ok()?)
            .ok()?;
        let hour = i8::try_from(second / 3600).ok()?;
        let (minute, second) = (i8::try_from(second / 60 % 60).ok()?, i8::try_from(second % 60).ok()?);
        Some(DateTime::from_parts(date, civil::Time::new(hour, minute, second, 0).ok()?))
    };
    let datetime = datetime().ok_or(ErrorValue::Num)?;
    zone.to_timestamp(datetime).map(|t| t.as_second()).map_err(|_| ErrorValue::Num)
}

/// A text from left to right, with full-width digits and signs folded.
struct Scan<'a>(std::iter::Peekable<std::str::Chars<'a>>);

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self(text.trim().chars().peekable())
    }

    fn folded(c: char) -> char {
        match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        }
    }

    /// One to `most` digits.
    fn digits(&mut self, most: usize) -> Option<i64> {
        let (mut value, mut seen) = (0, 0);
        while let Some(digit) = self.0.peek().and_then(|c| Self::folded(*c).to_digit(10)) {
            seen += 1;
            if seen > most {
                return None;
            }
            value = value * 10 + i64::from(digit);
            self.0.next();
        }
        (seen > 0).then_some(value)
    }

    /// The next character, if it is one of these.
    fn one_of(&mut self, signs: &str) -> Option<char> {
        self.0.next_if(|c| signs.contains(Self::folded(*c))).map(Self::folded)
    }

    fn at_end(&mut self) -> bool {
        self.0.peek().is_none()
    }

    /// 2026-01-31, 2026/1/31 or 2026年1月31日
    fn date(&mut self) -> Option<i32> {
        let year = self.digits(4)?;
        let sign = self.one_of("-/年.")?;
        let month = self.digits(2)?;
        self.one_of(match sign {
            '年' => "月",
            '-' => "-",
            '/' => "/",
            _ => ".",
        })?;
        let day = self.digits(2)?;
        if sign == '年' {
            self.one_of("日")?;
        }
        if year < 1900 { None } else { existing_day(year, month, day) }
    }

    /// AM or PM behind a time, in any case and width, a space in front or not: whether it is after noon.
    fn half_day(&mut self) -> Option<bool> {
        let rest: String = self.0.clone().map(Self::folded).collect();
        let word = rest.trim_start().to_ascii_lowercase();
        let late = word == "pm";
        if !late && word != "am" {
            return None;
        }
        self.0.by_ref().for_each(drop);
        Some(late)
    }

    /// 9:05, 09:05:30, 9:05 PM, 9時5分 or 9時5分30秒
    fn time(&mut self) -> Option<i32> {
        let hour = self.digits(2)?;
        let sign = self.one_of(":時")?;
        let minute = self.digits(2)?;
        let second = if sign == ':' {
            if self.one_of(":").is_some() { self.digits(2)? } else { 0 }
        } else {
            self.one_of("分")?;
            match self.digits(2) {
                Some(second) => self.one_of("秒").map(|_| second)?,
                None => 0,
            }
        };
        let hour = match (sign == ':').then(|| self.half_day()).flatten() {
            // Twelve is the hour in front of one.
            Some(late) if hour <= 12 => hour % 12 + if late { 12 } else { 0 },
            Some(_) => return None,
            None => hour,
        };
        (hour < 24 && minute < 60 && second < 60)
            .then(|| i32::try_from(hour * 3600 + minute * 60 + second).ok())
            .flatten()
    }
}

/// Reads a day: `2026-01-31`, `2026/1/31`, `2026年1月31日`.
pub(super) fn parse_date(text: &str) -> Option<i32> {
    let mut scan = Scan::new(text);
    let day = scan.date()?;
    scan.at_end().then_some(day)
}

/// Reads a time of day: `9:05`, `09:05:30`, `9:05 PM`, `9時5分`.
pub(super) fn parse_time(text: &str) -> Option<i32> {
    let mut scan = Scan::new(text);
    let second = scan.time()?;
    scan.at_end().then_some(second)
}

/// Reads an instant: with an offset as kintone writes it (`2026-01-31T09:05:00Z`), or a date and a time on the zone's clocks.
pub(super) fn parse_instant(text: &str, zone: &TimeZone) -> Option<i64> {
    let mut scan = Scan::new(text);
    let day = scan.date()?;
    scan.one_of("T ")?;
    let second = scan.time()?;
    if scan.at_end() {
        return instant(day, second, zone).ok();
    }
    valid_instant(text.trim().parse::<Timestamp>().ok()?.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits() {
        assert_eq!(day_of(1900, 1, 1), Ok(-25_567));
        assert_eq!(day_of(9999, 12, 31), Ok(2_932_896));
        assert_eq!(day_of(1899, 12, 31), Err(ErrorValue::Num));
        assert_eq!(day_of(9999, 12, 32), Err(ErrorValue::Num));
        for far in [i64::MAX, i64::MIN, i64::MIN + 1] {
            assert_eq!(day_of(far, 1, 1), Err(ErrorValue::Num));
            assert_eq!(day_of(2026, far, 1), Err(ErrorValue::Num));
            assert_eq!(day_of(2026, 1, far), Err(ErrorValue::Num));
        }
        assert_eq!(day_of(2026, 14, 0).map(ymd), Ok((2027, 1, 31)));
    }

    #[test]
    fn texts() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        for text in ["2026-01-31", "2026/1/31", " ２０２６／１／３１ ", "2026年1月31日", "2026.1.31"] {
            assert_eq!(parse_date(text), day_of(2026, 1, 31).ok(), "{text}");
        }
        for text in ["", "2026-02-29", "2026-1/31", "26-01-31", "2026-01", "2026-01-31x", "1899-12-31", "20260131"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        assert_eq!(parse_time("9:05"), Some(32_700));
        assert_eq!(parse_time("9時5分30秒"), Some(32_730));
        for (text, second) in [
            ("9:05 PM", 75_900),
            ("9:05am", 32_700),
            ("12:00 AM", 0),
            ("12:30:05 pm", 45_005),
            ("９：０５ ＰＭ", 75_900),
        ] {
            assert_eq!(parse_time(text), Some(second), "{text}");
        }
        for text in ["24:00", "13:00 PM", "9 PM", "9:05 P", "9:05 PM x", "9時5分 PM"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        assert_eq!(parse_instant("2026-01-31 9:05 AM", &zone), Some(1_769_817_900));
        for text in ["2026-01-31T00:05:00Z", "2026-01-31 09:05", "2026/1/31 9:05:00", "2026-01-31T09:05:00+09:00"] {
            assert_eq!(parse_instant(text, &zone), Some(1_769_817_900), "{text}");
        }
    }

    proptest! {
        #[test]
        fn days_agree_with_the_calendar_of_a_library(day in -25_567i32..=2_932_896) {
            let (year, month, of_month) = ymd(day);
            let date = civil::Date::new(year as i16, month as i8, of_month as i8).unwrap();
            let epoch = civil::date(1970, 1, 1);
            prop_assert_eq!(epoch.until(date).unwrap().get_days(), day);
            prop_assert_eq!(day_of(year, month, of_month), Ok(day));
            prop_assert_eq!(days_in_month(year, month), i64::from(date.days_in_month()));
        }

        #[test]
        fn instants_come_back_from_the_clocks(seconds in -2_208_000_000i64..253_402_000_000) {
            let zone = TimeZone::get("Asia/Tokyo").unwrap();
            let (day, second) = local(seconds, &zone).unwrap();
            // Summer time of 1948 to 1951 doubled some hours.
            let back = instant(day, second, &zone).unwrap();
            prop_assert!(back == seconds || (seconds - back).abs() == 3600);
        }
    }
}
