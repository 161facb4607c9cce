//! Values as text and back: what a text field, a CSV file and a condition's operand hold.
//!
//! Dates are `2026-03-01`, times `15:31` (with seconds where there are any), instants
//! `2026-04-23T15:31:00+09:00` in the flow's zone; lists have one item per line.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::Value;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);
const DAY: i64 = 86_400;

/// A value's text. Blank is ""; table rows are told by their number.
pub fn value_text(value: &Value, zone: &TimeZone) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Date(days) => date_of(*days).map_or_else(|| days.to_string(), |date| date.to_string()),
        Value::Time(seconds) => time_text(*seconds),
        Value::Datetime(seconds) => match Timestamp::from_second(*seconds) {
            Ok(instant) => instant.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            Err(_) => seconds.to_string(),
        },
        Value::Texts(items) => items.join("\n"),
        Value::Entities(items) => join(items.iter().map(|e| e.code.as_str())),
        Value::Files(items) => join(items.iter().map(|f| f.name.as_str())),
        Value::Rows(rows) => format!("({})", rows.len()),
    }
}

fn join<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

pub(crate) fn time_text(seconds: i32) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if s == 0 { format!("{h:02}:{m:02}") } else { format!("{h:02}:{m:02}:{s:02}") }
}

/// The day of a day number; `None` beyond the years that a calendar knows.
pub(crate) fn date_of(days: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::SignedDuration::from_secs(i64::from(days) * DAY)).ok()
}

/// The day number of a day.
pub(crate) fn days_of(date: Date) -> Option<i32> {
    i32::try_from(date.duration_since(EPOCH).as_secs() / DAY).ok()
}

pub(crate) fn seconds_of(time: Time) -> i32 {
    i32::from(time.hour()) * 3_600 + i32::from(time.minute()) * 60 + i32::from(time.second())
}

/// The day and the time of day of an instant in a zone.
pub(crate) fn local(seconds: i64, zone: &TimeZone) -> Option<(i32, i32)> {
    let there = zone.to_datetime(Timestamp::from_second(seconds).ok()?);
    Some((days_of(there.date())?, seconds_of(there.time())))
}

/// The instant at which a day begins in a zone.
pub(crate) fn midnight(days: i32, zone: &TimeZone) -> Option<i64> {
    instant(DateTime::from_parts(date_of(days)?, Time::midnight()), zone)
}

/// The instant at this second of a day in a zone, as a clock there shows it.
pub(crate) fn instant_of(days: i32, seconds: i32, zone: &TimeZone) -> Option<i64> {
    let there = DateTime::from_parts(date_of(days)?, Time::midnight());
    instant(there.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).ok()?, zone)
}

fn instant(there: DateTime, zone: &TimeZone) -> Option<i64> {
    zone.to_ambiguous_timestamp(there).compatible().ok().map(|t| t.as_second())
}

/// A day: `2026-03-01`, `2026/3/1`, the same with a time behind it, or the day of an instant in the zone.
pub(crate) fn parse_date(text: &str, zone: &TimeZone) -> Option<i32> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return local(at.as_second(), zone).map(|(days, _)| days);
    }
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    parse_time(time, zone)?;
    days_of(civil_date(day)?)
}

/// A time of day: `15:31`, `15:31:05`, or that of an instant in the zone. In seconds since midnight.
pub(crate) fn parse_time(text: &str, zone: &TimeZone) -> Option<i32> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return local(at.as_second(), zone).map(|(_, time)| time);
    }
    let parts: Option<Vec<i8>> = text.split(':').map(digits).collect();
    let time = match parts?.as_slice() {
        [hour, minute] => Time::new(*hour, *minute, 0, 0),
        [hour, minute, second] => Time::new(*hour, *minute, *second, 0),
        _ => return None,
    };
    time.ok().map(seconds_of)
}

/// An instant: with `Z` or an offset as it stands; without one, in the zone; a day alone is its midnight there.
pub(crate) fn parse_datetime(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_second());
    }
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let time = parse_time(time, zone)?;
    let there = DateTime::from_parts(civil_date(day)?, Time::midnight());
    instant(there.checked_add(jiff::SignedDuration::from_secs(i64::from(time))).ok()?, zone)
}

/// `2026-03-01`, `2026/03/01`, `2026-3-1`.
fn civil_date(text: &str) -> Option<Date> {
    let mut parts = text.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(digits(year)?, digits(month)?, digits(day)?).ok()
}

/// Digits alone: no sign, no space.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A simple value of a kind from its text. `None` where the text is no such value, and for lists, files and table rows.
pub(crate) fn parse(kind: Kind, text: &str, zone: &TimeZone) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Blank);
    }
    Some(match kind {
        Kind::Text => Value::text(text),
        Kind::Number => Value::Number(text.trim().parse().ok()?),
        Kind::Bool => match text {
            "TRUE" => Value::Bool(true),
            "FALSE" => Value::Bool(false),
            _ => return None,
        },
        Kind::Date => Value::Date(parse_date(text, zone)?),
        Kind::Time => Value::Time(parse_time(text, zone)?),
        Kind::Datetime => Value::Datetime(parse_datetime(text, zone)?),
        Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").unwrap()
    }

    #[test]
    fn text_forms_come_back_as_the_value() {
        for (kind, text) in [
            (Kind::Date, "2026-03-01"),
            (Kind::Date, "1969-12-31"),
            (Kind::Time, "00:00"),
            (Kind::Time, "15:31:05"),
            (Kind::Datetime, "2026-04-23T15:31:00+09:00"),
            (Kind::Number, "-12.5"),
            (Kind::Bool, "TRUE"),
        ] {
            let value = parse(kind, text, &tokyo()).unwrap();
            assert_eq!(value.kind(), Some(kind));
            assert_eq!(value_text(&value, &tokyo()), text);
        }
    }

    #[test]
    fn other_spellings_are_understood() {
        for (kind, text, same) in [
            (Kind::Date, "2026/3/1", "2026-03-01"),
            (Kind::Date, "2026-02-28T15:00:00Z", "2026-03-01"),
            (Kind::Date, "2026-03-01 10:00", "2026-03-01"),
            (Kind::Time, "9:05", "09:05"),
            (Kind::Time, "2026-04-23T06:31:00Z", "15:31"),
            (Kind::Datetime, "2026-04-23 15:31", "2026-04-23T15:31:00+09:00"),
            (Kind::Datetime, "2026/4/23", "2026-04-23T00:00:00+09:00"),
            (Kind::Number, " 1.50 ", "1.5"),
        ] {
            let value = parse(kind, text, &tokyo()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(value_text(&value, &tokyo()), same);
        }
    }

    #[test]
    fn what_is_no_value_is_none() {
        for (kind, text) in [
            (Kind::Date, "2026-02-30"),
            (Kind::Date, "26-02-03"),
            (Kind::Date, "20260301"),
            (Kind::Time, "24:00"),
            (Kind::Time, "+9:05"),
            (Kind::Time, "9"),
            (Kind::Datetime, "today"),
            (Kind::Number, "1,000"),
            (Kind::Bool, "yes"),
        ] {
            assert_eq!(parse(kind, text, &tokyo()), None, "{text}");
        }
    }
}
