//! A flood of refused calls, and the crowd in it: those that were let in and found too many waiting.

use serde::{Deserialize, Serialize};

use super::{CROWD_STEP, Counts, FLOOD_AFTER, FLOOD_QUIET, FLOOD_TOLD_EVERY, FLOOD_WINDOW};
use crate::clock::Timestamp;

/// A flood, as it is told: in the table, in the run that stands for it, in the log app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flood {
    /// The run that stands for it.
    pub seq: u64,
    /// When it began: the first refusal of the window in which it was found.
    pub first: Timestamp,
    /// When a call was refused last.
    pub last: Timestamp,
    /// How many, by cause.
    pub counts: Counts,
    /// Late webhooks that were recorded one by one before it was found; its log record tells of them too, and each can be
    /// run again by its own id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<u64>,
    /// When its log record was written last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// Whether it is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

impl Flood {
    /// Whether it has been quiet for long enough.
    pub fn ebbed(&self, now: Timestamp) -> bool {
        self.last + FLOOD_QUIET <= now
    }

    /// Whether its log record is to be written now: at first, now and then while it grows, and at its end.
    pub fn to_tell(&self, now: Timestamp) -> bool {
        self.ebbed(now) || self.told.is_none_or(|at| at + FLOOD_TOLD_EVERY <= now)
    }

    /// What there is to say of it, in both languages.
    pub fn message(&self) -> String {
        let (n, first, last) = (self.counts.sum(), self.first, self.last);
        let standing = if self.over { "終息 / over" } else { "継続中 / going on" };
        let mut text = format!(
            "{standing}\n断った要求 {n}件、{first} から {last} まで / {n} refused calls from {first} to {last}\n{}",
            self.counts.told()
        );
        if let (Some(a), Some(b)) = (self.runs.first(), self.runs.last()) {
            let many = self.runs.len();
            text += &format!(
                "\nこのうち{many}件は記録済みで、再実行できます(実行番号 {a}~{b}) / {many} of them are recorded and can be run again (numbers {a} to {b})"
            );
        }
        text
    }
}

/// The calls of a flood that were let in and found too many waiting. Where they are more than [`FLOOD_AFTER`] within
/// [`FLOOD_WINDOW`] they are a crowd, and it lasts until none has come for [`FLOOD_QUIET`]: other refused calls may keep
/// the flood going, but not the crowd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowd {
    /// Since when they are counted.
    pub since: Timestamp,
    /// How many there were since.
    pub calls: u64,
    /// Until when they are a crowd at least, as the unit's state has it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Crowd {
    /// Counts more of them. Answers until when they are a crowd, where that is to be noted anew.
    pub(super) fn grow(&mut self, now: Timestamp, calls: u64) -> Option<Timestamp> {
        if calls == 0 {
            return None;
        }
        if self.since + FLOOD_WINDOW <= now {
            (self.since, self.calls) = (now, 0);
        }
        self.calls = self.calls.saturating_add(calls);
        let lasts = self.until.is_some_and(|until| until > now);
        let reaches = self.until.is_some_and(|until| until >= now + FLOOD_QUIET);
        if reaches || (!lasts && self.calls <= FLOOD_AFTER) {
            return None;
        }
        self.until = Some(now + FLOOD_QUIET + CROWD_STEP);
        self.until
    }
}
