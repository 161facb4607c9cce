//! Dates, times and instants: the forms that kintone accepts, and the one that it stores.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// `YYYY-MM-DD`, or a shorter form (`2015`, `2015-7`, `2015-7-5`) completed with 01. An instant gives its date.
pub fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    let mut parts = day.split('-');
    let mut next = |missing: &'static str| parts.next().unwrap_or(missing).parse::<i16>().ok();
    let (year, month, day) = (next("")?, next("01")?, next("01")?);
    if parts.next().is_some() || !(1..=9999).contains(&year) {
        return None;
    }
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date.to_string())
}

/// `HH:MM`; one digit of the hour or minute and seconds are accepted, seconds dropped.
pub fn time(text: &str) -> Option<String> {
    let mut parts = text.trim().split(':');
    let mut next = || parts.next()?.parse::<i8>().ok();
    let (hour, minute) = (next()?, next()?);
    let time = Time::new(hour, minute, 0, 0).ok()?;
    Some(format!("{:02}:{:02}", time.hour(), time.minute()))
}

/// An instant with `Z` or an offset, or a date alone (midnight UTC). Stored in UTC without seconds.
pub fn instant(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(to_minute(instant));
    }
    // kintone also takes an instant without seconds: 2015-07-05T10:00Z.
    if let Some((day, clock)) = text.split_once('T') {
        let split = clock.find(['Z', '+', '-'])?;
        let (clock, zone) = clock.split_at(split);
        let padded = format!("{}T{}:00{zone}", date(day)?, time(clock)?);
        return padded.parse::<Timestamp>().ok().map(to_minute);
    }
    let midnight: Timestamp = format!("{}T00:00:00Z", date(text)?).parse().ok()?;
    Some(to_minute(midnight))
}

/// An instant as records hold it: seconds always 00.
pub fn to_minute(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:00Z").to_string()
}

/// An instant as comments and apps tell it: with seconds.
pub fn to_second(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An instant as apps tell theirs: with milliseconds.
pub fn to_millisecond(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Today's date in a time zone.
pub fn today(now: Timestamp, zone: &TimeZone) -> String {
    now.to_zoned(zone.clone()).date().to_string()
}

/// The time of day in a time zone.
pub fn clock(now: Timestamp, zone: &TimeZone) -> String {
    now.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_completed() {
        let cases = [
            ("2015", Some("2015-01-01")),
            ("2015-7", Some("2015-07-01")),
            ("2015-7-5", Some("2015-07-05")),
            ("2015-07-05", Some("2015-07-05")),
            ("2015-02-29", None),
            ("2015-13-01", None),
            ("2015-1-1-1", None),
            ("tomorrow", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(date(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn instants_lose_their_seconds_and_offset() {
        let cases = [
            ("2026-04-23T14:11:59Z", Some("2026-04-23T14:11:00Z")),
            ("2026-04-23T14:11:30+09:00", Some("2026-04-23T05:11:00Z")),
            ("2026-04-23T14:11Z", Some("2026-04-23T14:11:00Z")),
            ("2026-04-23T14:11:01.250Z", Some("2026-04-23T14:11:00Z")),
            ("2026-04-23", Some("2026-04-23T00:00:00Z")),
            ("2026-04-23T14:11", None),
            ("noon", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(instant(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(time("9:5").as_deref(), Some("09:05"));
        assert_eq!(time("15:31:20").as_deref(), Some("15:31"));
        assert_eq!(time("24:00"), None);
    }
}
