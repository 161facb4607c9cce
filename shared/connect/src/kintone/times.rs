//! Days, times of day and instants in kintone's text forms, both ways.
//!
//! kintone writes `2026-03-01`, `15:31` and `2026-04-23T06:31:00Z`; these are read by hand, since a read of 100,000
//! records holds a few hundred thousand of them. Any other spelling goes the slow way.

use jiff::Timestamp;
use jiff::civil;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Days since 1970-01-01 of `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    fixed_date(text.as_bytes()).or_else(|| {
        let date: civil::Date = text.contains('-').then(|| text.parse().ok()).flatten()?;
        days(i32::from(date.year()), u32::from(date.month().unsigned_abs()), u32::from(date.day().unsigned_abs()))
    })
}

/// Seconds since midnight of `HH:MM`, with seconds where they are given.
pub(crate) fn parse_time(text: &str) -> Option<i32> {
    fixed_time(text.as_bytes()).or_else(|| {
        // ISO also knows 1531; without the colon it is more likely a number.
        let time: civil::Time = text.contains(':').then(|| text.parse().ok()).flatten()?;
        Some(i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()))
    })
}

/// Seconds since 1970-01-01T00:00:00Z of `YYYY-MM-DDTHH:MM:SSZ`, or with an offset.
pub(crate) fn parse_datetime(text: &str) -> Option<i64> {
    fixed_datetime(text.as_bytes()).or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::as_second))
}

fn fixed_datetime(b: &[u8]) -> Option<i64> {
    if b.len() != 20 || b[10] != b'T' || b[16] != b':' || b[19] != b'Z' {
        return None;
    }
    let seconds = two(b, 17).filter(|s| *s < 60)?;
    let time = fixed_time(&b[11..16])?;
    Some(i64::from(fixed_date(&b[..10])?) * DAY + i64::from(time) + i64::from(seconds))
}

fn fixed_date(b: &[u8]) -> Option<i32> {
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let year = two(b, 0)? * 100 + two(b, 2)?;
    days(i32::try_from(year).ok()?, two(b, 5)?, two(b, 8)?)
}

fn fixed_time(b: &[u8]) -> Option<i32> {
    if b.len() != 5 || b[2] != b':' {
        return None;
    }
    let (hour, minute) = (two(b, 0)?, two(b, 3)?);
    (hour < 24 && minute < 60).then(|| i32::try_from(hour * 3600 + minute * 60).ok()).flatten()
}

fn two(b: &[u8], at: usize) -> Option<u32> {
    let digit = |b: u8| b.is_ascii_digit().then(|| u32::from(b - b'0'));
    Some(digit(b[at])? * 10 + digit(b[at + 1])?)
}

/// Days since 1970-01-01 of a day of the Gregorian calendar; `None` where the month has no such day.
/// Counted from March, so that the leap day is a year's last.
fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if day == 0 || day > longest {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era_days = of_era * 365 + of_era / 4 - of_era / 100 + i32::try_from(of_year).ok()?;
    Some(era * 146_097 + of_era_days - 719_468)
}

/// `YYYY-MM-DD`; `None` outside the years 1 to 9999.
pub(crate) fn format_date(days: i32) -> Option<String> {
    let date = civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    (1..=9999).contains(&date.year()).then(|| date.to_string())
}

/// `HH:MM`; seconds are dropped, since kintone keeps none. `None` outside of a day.
pub(crate) fn format_time(seconds: i32) -> Option<String> {
    let within = (0..86_400).contains(&seconds);
    within.then(|| format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60))
}

/// `YYYY-MM-DDTHH:MM:SSZ`; `None` outside the years 1 to 9999.
pub(crate) fn format_datetime(seconds: i64) -> Option<String> {
    let date = format_date(i32::try_from(seconds.div_euclid(DAY)).ok()?)?;
    let of_day = seconds.rem_euclid(DAY);
    Some(format!("{date}T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_agree_with_the_library_over_four_centuries() {
        let mut date = civil::date(1899, 12, 30);
        let epoch = civil::date(1970, 1, 1);
        while date.year() < 2301 {
            let expected = date.since(epoch).unwrap().get_days();
            let text = date.to_string();
            assert_eq!(fixed_date(text.as_bytes()), Some(expected), "{text}");
            assert_eq!(format_date(expected).as_deref(), Some(text.as_str()));
            date = date.checked_add(jiff::Span::new().days(13)).unwrap();
        }
    }

    #[test]
    fn forms_of_kintone_and_others() {
        assert_eq!(parse_date("1970-01-01"), Some(0));
        assert_eq!(parse_date("2024-02-29"), Some(19_782));
        assert_eq!(parse_time("15:31"), Some(55_860));
        assert_eq!(parse_time("15:31:07"), Some(55_867));
        assert_eq!(parse_datetime("1970-01-02T00:01:00Z"), Some(86_460));
        assert_eq!(parse_datetime("1970-01-02T09:01:00+09:00"), Some(86_460));
        assert_eq!(parse_datetime("1970-01-02T00:01:00.000Z"), Some(86_460));
        for bad in
            ["2023-02-29", "2023-13-01", "2023-00-10", "2023-01-00", "20230101", "２０２３-01-01", "", "2023-1-1"]
        {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
        for bad in ["24:00", "12:60", "1200", "", "1:2"] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
        for bad in ["2023-01-01", "2023-01-01T00:00Z ", "2023-02-30T00:00:00Z", ""] {
            assert_eq!(parse_datetime(bad), None, "{bad}");
        }
    }

    #[test]
    fn written_forms_are_kintones() {
        assert_eq!(format_time(55_867).as_deref(), Some("15:31"));
        assert_eq!((format_time(86_400), format_time(-1)), (None, None));
        assert_eq!(format_datetime(86_460).as_deref(), Some("1970-01-02T00:01:00Z"));
        assert_eq!(format_datetime(-1).as_deref(), Some("1969-12-31T23:59:59Z"));
        assert_eq!((format_date(i32::MAX), format_datetime(i64::MAX)), (None, None));
    }
}
