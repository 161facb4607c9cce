//! Schedules: when a unit is run without being asked. Pure: from a pattern, a time zone and an instant to the next instant.

mod pattern;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{UnitId, random_text};
use crate::run::ParameterSet;
use crate::unit::Unit;

pub use pattern::{Day, Pattern};

/// In whose clock a schedule is where nobody says: most users of kintone live there.
pub const TIME_ZONE: &str = "Asia/Tokyo";

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
    /// The values of the parameters that the unit's flows name: no record starts a scheduled run.
    #[serde(default, skip_serializing_if = "ParameterSet::is_empty")]
    pub parameters: ParameterSet,
}

/// Why a schedule cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The time zone is not in the database.
    #[error(
        "タイムゾーン「{0}」はありません。Asia/Tokyo のように指定してください / no time zone {0:?}; a time zone looks like Asia/Tokyo"
    )]
    TimeZone(String),
    /// A number of the pattern is out of its range, or names nothing.
    #[error("{0}")]
    Pattern(&'static str),
    /// The cron expression is none.
    #[error(
        "「{0}」は5つの項目(分 時 日 月 曜日)のcron式ではありません / {0:?} is no cron expression of five fields (minute, hour, day of month, month, day of week): {1}"
    )]
    Cron(String, String),
    /// There is no such instant within the next years.
    #[error(
        "このスケジュールの時刻は来ません。日付や休日の一覧を確かめてください / the schedule never falls due; look at its days and holidays"
    )]
    Never,
    /// The unit's flows name parameters to which the schedule gives no value: the run would fail.
    #[error(
        "実行単位のフローは起動したレコードの値を使いますが、スケジュール実行にはそのレコードがありません。値を決めてください(空も可) / the unit's flows name values of the record that starts them, and no record starts a scheduled run; give each a value, blank if you like: {}",
        list(.0)
    )]
    Parameters(Vec<String>),
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("%{name}%")).collect::<Vec<_>>().join(", ")
}

impl Schedule {
    /// A schedule with an id still to be given: enabled, in Japan's clock, without parameters, skipping what overlaps.
    pub fn new(unit: &UnitId, pattern: Pattern) -> Self {
        Self {
            v: 1,
            id: ScheduleId(String::new()),
            unit: unit.clone(),
            pattern,
            time_zone: TIME_ZONE.to_owned(),
            enabled: true,
            overlap: Overlap::default(),
            parameters: ParameterSet::new(),
        }
    }

    /// The parameters of the unit's flows to which it gives no value: with one of them its runs fail.
    pub fn missing(&self, unit: &Unit) -> Vec<String> {
        unit.parameters.keys().filter(|name| !self.parameters.contains_key(*name)).cloned().collect()
    }

    /// The next instants at which it falls due, whether or not it is enabled: as many as there are, up to `count`.
    pub fn upcoming(&self, after: Timestamp, count: usize) -> Result<Vec<Timestamp>, ScheduleError> {
        let (mut found, mut at) = (Vec::new(), after);
        while found.len() < count {
            let Some(next) = self.next_after(at)? else { break };
            found.push(next);
            at = next;
        }
        Ok(found)
    }

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
