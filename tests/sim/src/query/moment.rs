//! Dates and times as whole numbers, so that comparing them is comparing integers.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::field::Scale;
use super::functions::Period;

/// Seconds of a minute: kintone's instants know no smaller unit.
const MINUTE: i64 = 60;

/// A stretch of a scale, from `start` (included) to `end` (excluded). What a literal or a function covers: a `=` means
/// any value within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub start: i64,
    pub end: i64,
}

impl Scale {
    /// The value as a number on its scale: days, minutes, or seconds of whole minutes. `None` if it is none.
    pub fn position(self, text: &str) -> Option<i64> {
        match self {
            Scale::Day => date(text).map(days),
            Scale::Time => text.parse::<Time>().ok().map(|t| i64::from(t.hour()) * 60 + i64::from(t.minute())),
            Scale::Instant => instant(text).map(whole_minute),
            Scale::Length => length(text),
        }
    }

    /// What a literal covers.
    pub fn literal(self, text: &str) -> Option<Stretch> {
        let start = self.position(text)?;
        let unit = if self == Scale::Instant { MINUTE } else { 1 };
        Some(Stretch { start, end: start.saturating_add(unit) })
    }

    /// What a run of days covers; only days and instants have days.
    pub fn period(self, period: Period, zone: &TimeZone) -> Option<Stretch> {
        let at: &dyn Fn(Date) -> i64 = match self {
            Scale::Day => &days,
            Scale::Instant => &|date| midnight(date, zone),
            Scale::Time | Scale::Length => return None,
        };
        Some(Stretch { start: at(period.start), end: at(period.end) })
    }
}

impl Stretch {
    /// The minute that holds an instant.
    pub fn minute(now: Timestamp) -> Stretch {
        let start = whole_minute(now);
        Stretch { start, end: start + MINUTE }
    }
}

fn days(date: Date) -> i64 {
    // Exact: a civil date is a whole number of days from the epoch, and midnight UTC lies on it.
    date.to_datetime(Time::midnight())
        .to_zoned(TimeZone::UTC)
        .map_or(if date.year() < 0 { i64::MIN } else { i64::MAX }, |zoned| zoned.timestamp().as_second() / 86_400)
}

/// The first second of a day; at the calendar's ends, where no instant is left, the end of all instants.
fn midnight(date: Date, zone: &TimeZone) -> i64 {
    match date.to_zoned(zone.clone()) {
        Ok(zoned) => zoned.timestamp().as_second(),
        Err(_) if date.year() < 0 => i64::MIN,
        Err(_) => i64::MAX,
    }
}

fn whole_minute(instant: Timestamp) -> i64 {
    instant.as_second().div_euclid(MINUTE) * MINUTE
}

/// `2026-03-01`; `2015-7-5`, `2015-7` and `2015` are completed as on write.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut part = || match parts.next() {
        None => Some(1),
        Some(digits) if digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse::<i8>().ok(),
        Some(_) => None,
    };
    let (month, day) = (part()?, part()?);
    if parts.next().is_some() { None } else { Date::new(year, month, day).ok() }
}

/// An instant with `Z` or an offset; without either it is UTC, and without a time it is midnight.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil = text.parse::<DateTime>().ok().or_else(|| date(text).map(|date| date.to_datetime(Time::midnight())))?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// `49:30` as minutes; a leading minus counts for both parts.
fn length(text: &str) -> Option<i64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?;
    let total = number(hours)?.checked_mul(60)?.checked_add(number(minutes)?)?;
    Some(if negative { -total } else { total })
}
