//! Schedules: when a unit is run without being asked. Pure: from a pattern, a time zone and an instant to the next instant.

mod pattern;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{UnitId, random_text};

pub use pattern::{Day, Pattern};

/// A schedule's id: `s` and eleven characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScheduleId(pub String);

impl ScheduleId {
    /// A new id.
    pub fn random() -> Self {
        Self(format!("s{}", random_text(11)))
    }
}

impl std::fmt::Display for ScheduleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What happens where a schedule falls due while its run before is still waiting or running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Nothing is run; it is counted.
    #[default]
    Skip,
    /// One more run waits behind it.
    Queue,
}

/// A schedule of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Version of this form: 1.
    pub v: u8,
    /// Its id.
    pub id: ScheduleId,
    /// The unit whose flows it runs, in order.
    pub unit: UnitId,
    /// When.
    pub pattern: Pattern,
    /// In whose clock: a name of the IANA time zone database, such as `Asia/Tokyo`.
    pub time_zone: String,
    /// Whether it falls due at all.
    pub enabled: bool,
    /// What happens where it falls due while its run before has not ended.
    #[serde(default)]
    pub overlap: Overlap,
}

/// Why a schedule cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The time zone is not in the database.
    #[error("no time zone {0:?}; a time zone looks like Asia/Tokyo")]
    TimeZone(String),
    /// A number of the pattern is out of its range, or names nothing.
    #[error("{0}")]
    Pattern(&'static str),
    /// The cron expression is none.
    #[error("{0:?} is no cron expression of five fields: {1}")]
    Cron(String, String),
    /// There is no such instant within the next years.
    #[error("the schedule never falls due")]
    Never,
}

impl Schedule {
    /// Whether it can be, and falls due some time after this instant.
    pub fn check(&self, now: Timestamp) -> Result<(), ScheduleError> {
        self.pattern.check()?;
        self.next_after(now)?.ok_or(ScheduleError::Never).map(|_| ())
    }

    /// The first instant after this one at which it falls due, whether or not it is enabled; `None` where there is none.
    ///
    /// A time of day that a change to daylight saving leaves out is moved behind the gap; one that happens twice in a night
    /// counts once, the first time. Only what is hourly follows the hours themselves.
    pub fn next_after(&self, after: Timestamp) -> Result<Option<Timestamp>, ScheduleError> {
        let zone = TimeZone::get(&self.time_zone).map_err(|_| ScheduleError::TimeZone(self.time_zone.clone()))?;
        let Ok(after) = jiff::Timestamp::from_millisecond(after.0) else { return Ok(None) };
        let next = self.pattern.next_after(after.to_zoned(zone))?;
        Ok(next.map(|at| Timestamp(at.timestamp().as_millisecond())))
    }
}
