//! Patterns of time, and the next instant of each.

use std::collections::BTreeSet;

use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use super::ScheduleError;

/// How far ahead a day is looked for, in days: a weekly day comes within 7, a day of the month within 31, and whoever
/// lists a year of holidays on end has no business day.
const DAYS_AHEAD: usize = 366;

/// Hours by which no zone changes its clock at once, a skipped day excepted.
const WIDEST_CHANGE: i64 = 25;

const MINUTE: &str = "分は0から59までの数です / a minute is a number from 0 to 59";
const NO_DAY: &str = "毎週のスケジュールには曜日が要ります / a weekly schedule needs a day of the week";
const DAY: &str = "日は1から31までの数です / a day of the month is a number from 1 to 31";
const SECONDS: &str = "時刻は分までで、秒は指定できません / a time of day is a whole minute";

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday
    Monday,
    /// Tuesday
    Tuesday,
    /// Wednesday
    Wednesday,
    /// Thursday
    Thursday,
    /// Friday
    Friday,
    /// Saturday
    Saturday,
    /// Sunday
    Sunday,
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// When a schedule falls due, to the minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "every", rename_all = "snake_case")]
pub enum Pattern {
    /// Every hour, at this minute.
    Hourly {
        /// 0 to 59.
        minute: u8,
    },
    /// Every day.
    Daily {
        /// At this time.
        at: Time,
    },
    /// On these days of every week.
    Weekly {
        /// The days, at least one.
        days: BTreeSet<Day>,
        /// At this time.
        at: Time,
    },
    /// On this day of every month; in a month without it on its last day, so that no month is left out.
    Monthly {
        /// 1 to 31.
        day: u8,
        /// At this time.
        at: Time,
    },
    /// On the last day of every month.
    LastDay {
        /// At this time.
        at: Time,
    },
    /// Monday to Friday, holidays excepted.
    BusinessDays {
        /// At this time.
        at: Time,
        /// Days that are no business days.
        #[serde(default)]
        holidays: BTreeSet<Date>,
    },
    /// As a cron expression says: minute, hour, day of month, month, day of week.
    Cron {
        /// Five fields.
        expression: String,
    },
}

impl Pattern {
    /// Whether its numbers are in their ranges and its expression can be read.
    pub(super) fn check(&self) -> Result<(), ScheduleError> {
        let fits = match self {
            Self::Hourly { minute } => (*minute <= 59).then_some(()).ok_or(MINUTE),
            Self::Weekly { days, .. } => (!days.is_empty()).then_some(()).ok_or(NO_DAY),
            Self::Monthly { day, .. } => (1..=31).contains(day).then_some(()).ok_or(DAY),
            _ => Ok(()),
        };
        fits.map_err(ScheduleError::Pattern)?;
        match self {
            Self::Cron { expression } => cron(expression).map(|_| ()),
            Self::Hourly { .. } => Ok(()),
            Self::Daily { at }
            | Self::Weekly { at, .. }
            | Self::Monthly { at, .. }
            | Self::LastDay { at }
            | Self::BusinessDays { at, .. } => {
                let whole = at.second() == 0 && at.subsec_nanosecond() == 0;
                whole.then_some(()).ok_or(ScheduleError::Pattern(SECONDS))
            }
        }
    }

    /// The first instant after this one.
    pub(super) fn next_after(&self, after: Zoned) -> Result<Option<Zoned>, ScheduleError> {
        Ok(match self {
            Self::Hourly { minute } => next_minute(after, *minute),
            Self::Daily { at } => next_day(after, *at, |_| true),
            Self::Weekly { days, at } => next_day(after, *at, |date| days.contains(&date.weekday().into())),
            Self::Monthly { day, at } => next_day(after, *at, |date| {
                i16::from(date.day()) == i16::from(*day).min(i16::from(date.days_in_month()))
            }),
            Self::LastDay { at } => next_day(after, *at, |date| date.day() == date.days_in_month()),
            Self::BusinessDays { at, holidays } => next_day(after, *at, |date| {
                let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
                !weekend && !holidays.contains(&date)
            }),
            Self::Cron { expression } if every_hour(expression) => next_of(expression, &after)?,
            Self::Cron { expression } => next_civil(expression, &after)?,
        })
    }
}

fn cron(expression: &str) -> Result<Cron, ScheduleError> {
    // A second is finer than anything that starts schedules, and a year is what nobody changes in time.
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(expression).map_err(|error| ScheduleError::Cron(expression.to_owned(), error.to_string()))
}

/// Whether an expression follows the hours themselves rather than the clock's face.
fn every_hour(expression: &str) -> bool {
    expression.split_whitespace().nth(1).is_some_and(|hours| hours.starts_with('*'))
}

fn next_of(expression: &str, after: &Zoned) -> Result<Option<Zoned>, ScheduleError> {
    match cron(expression)?.find_next_occurrence(after, false) {
        Ok(next) => Ok(Some(next)),
        Err(CronError::TimeSearchLimitExceeded) => Ok(None),
        Err(error) => Err(ScheduleError::Cron(expression.to_owned(), error.to_string())),
    }
}

/// The first instant of an expression that names hours. It is looked for on a clock that never changes, and what that shows
/// is taken to the zone as [`next_day`] does: behind a gap, and the first of two.
fn next_civil(expression: &str, after: &Zoned) -> Result<Option<Zoned>, ScheduleError> {
    let face = |at: &Zoned| at.datetime().to_zoned(TimeZone::UTC).ok();
    // What stands in a gap shows less on the face than the instant that it is moved to.
    let mut from = after.checked_sub(WIDEST_CHANGE.hours()).ok().and_then(|at| face(&at));
    while let Some(start) = from {
        let Some(next) = next_of(expression, &start)? else { return Ok(None) };
        let Ok(at) = next.datetime().to_zoned(after.time_zone().clone()) else { return Ok(None) };
        if at > *after {
            return Ok(Some(at));
        }
        from = Some(next);
    }
    Ok(None)
}

/// The first instant at this time on a day that fits. jiff moves a time that does not exist behind the gap, and takes the
/// first of two.
fn next_day(after: Zoned, at: Time, fits: impl Fn(Date) -> bool) -> Option<Zoned> {
    let mut date = after.date();
    for _ in 0..=DAYS_AHEAD {
        if fits(date) {
            let next = date.to_datetime(at).to_zoned(after.time_zone().clone()).ok()?;
            if next > after {
                return Some(next);
            }
        }
        date = date.tomorrow().ok()?;
    }
    None
}

/// The first instant whose local time shows this minute. Minute by minute, since a zone may shift by half an hour.
fn next_minute(after: Zoned, minute: u8) -> Option<Zoned> {
    let start = after.with().second(0).subsec_nanosecond(0).build().ok()?;
    // Two hours hold every minute of the clock, whatever half hour is left out.
    (1..=120i64).find_map(|n| {
        let at = start.checked_add(n.minutes()).ok()?;
        (i16::from(at.minute()) == i16::from(minute)).then_some(at)
    })
}
