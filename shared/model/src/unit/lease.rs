//! Who has a unit's run, or that nobody has it for now.

use serde::{Deserialize, Serialize};

use super::{Awaits, is_zero};
use crate::clock::Timestamp;

/// Who runs the unit now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lease {
    /// The run.
    pub seq: u64,
    /// The worker; empty while the run is parked.
    pub owner: String,
    /// Until when it may go on without renewing.
    pub until: Timestamp,
    /// How often the run was taken up, from 1. Ever growing: marks in the journal tell owners apart by it.
    pub attempt: u32,
    /// How many of those who took it up died.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub deaths: u32,
    /// Records that it holds of the output budget; 0 while it is not writing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub writing: u64,
    /// Where no worker has it, because it waits for the output budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<Parked>,
    /// Whether its worker has left it in good health, because its time was up: the next one takes it up at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handed_over: bool,
    /// What it waits for that does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Awaits>,
    /// Whether a schedule started it: then only the domain's scheduled nudges take it up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scheduled: bool,
    /// Whether it was cancelled while it waited: whoever takes it up reads what was written, and ends it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancelled: bool,
}

/// A run that waits without a worker: its unit stays locked, and no Lambda time is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parked {
    /// How many records it wants to write.
    pub records: u64,
    /// When its nudge comes back, if nobody wakes it before.
    pub wake: Timestamp,
    /// How many stand before it in line.
    #[serde(default)]
    pub before: usize,
    /// When it is given up, if it has not got room by then; `None` for runs that were parked before there was a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<Timestamp>,
}

impl Lease {
    /// A worker's first lease of a run.
    pub fn first(seq: u64, owner: &str, until: Timestamp) -> Self {
        Self {
            seq,
            owner: owner.to_owned(),
            until,
            attempt: 1,
            deaths: 0,
            writing: 0,
            parked: None,
            handed_over: false,
            awaits: None,
            scheduled: false,
            cancelled: false,
        }
    }

    /// The lease of the next worker that takes the run up.
    pub fn next(&self, owner: &str, until: Timestamp) -> Self {
        let attempt = self.attempt.saturating_add(1);
        let deaths = self.deaths_by_now();
        // What this worker sends nobody knows before it leaves the run.
        let awaits = self.awaits.clone().map(|awaits| Awaits { untouched: false, ..awaits });
        let (scheduled, cancelled) = (self.scheduled, self.cancelled);
        Self { attempt, deaths, awaits, scheduled, cancelled, ..Self::first(self.seq, owner, until) }
    }

    /// Whether so many workers have died with the run that nobody goes on with it: this one reads what was written, and ends it.
    pub fn is_to_end(&self) -> bool {
        self.deaths >= crate::limits::MAX_ATTEMPTS || self.cancelled
    }

    /// Whether even those have died that were only to end the run, once this lease has lapsed.
    pub fn is_hopeless(&self) -> bool {
        self.deaths_by_now() >= crate::limits::MAX_ATTEMPTS + crate::limits::MAX_ENDERS
    }

    /// Whether no worker has it: it is parked, or was left to the next one.
    pub fn is_left(&self) -> bool {
        self.parked.is_some() || self.handed_over
    }

    /// How many have died once this lease has lapsed: who parked a run or handed it over left it in good health.
    pub fn deaths_by_now(&self) -> u32 {
        self.deaths.saturating_add(u32::from(self.parked.is_none() && !self.handed_over))
    }
}
