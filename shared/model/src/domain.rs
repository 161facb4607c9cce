//! What the gate keeps of a domain: one item, changed under its version. Who runs, who writes, who stands in line.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::RunId;
use crate::limits::{DomainLimits, SWEEP_GRACE};
use crate::schedule::ScheduleId;
use crate::unit::WaitNote;
use crate::{budget, schedule_gate};

/// The gate of a domain: holders as maps with the ends of their leases, never as counts (DESIGN 3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainState {
    /// Its limits. They stand here, so that no decision has to read another item.
    #[serde(default)]
    pub limits: DomainLimits,
    /// Realtime runs that are running, and until when their leases reach.
    #[serde(default)]
    pub readers: BTreeMap<RunId, Timestamp>,
    /// Scheduled runs that are running or due, in the order in which they fell due: realtime starts wait for them.
    #[serde(default)]
    pub schedules: VecDeque<Scheduled>,
    /// When the last scheduled run ended.
    #[serde(default)]
    pub schedule_ended: Option<Timestamp>,
    /// When scheduled runs held realtime starts back: that does not use up anybody's wait limit. The newest ones.
    #[serde(default)]
    pub held: Vec<Held>,
    /// Records that runs are writing at this moment (reservations of the output budget).
    #[serde(default)]
    pub writing: BTreeMap<RunId, Reservation>,
    /// Runs that wait for the output budget, first come first.
    #[serde(default)]
    pub line: VecDeque<Place>,
}

/// A scheduled run that is running or due.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scheduled {
    /// The run.
    pub run: RunId,
    /// What started it.
    pub schedule: ScheduleId,
    /// When it fell due.
    pub due: Timestamp,
    /// When it is given up if it has not started.
    pub deadline: Timestamp,
    /// Until when its lease reaches; `None` until it has started.
    #[serde(default)]
    pub lease: Option<Timestamp>,
    /// What it waits for.
    #[serde(default)]
    pub wait: Option<WaitNote>,
    /// Until when it holds nobody back, because what it needs does not answer, or its own unit waits for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests: Option<Timestamp>,
}

impl Scheduled {
    /// Whether it holds nobody back now.
    pub fn is_resting(&self, now: Timestamp) -> bool {
        self.rests.is_some_and(|until| until > now)
    }
}

/// A time in which scheduled runs were running or due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Held {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` while it lasts.
    pub until: Option<Timestamp>,
}

/// Records that a run is writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reservation {
    /// How many.
    pub records: u64,
    /// Until when the reservation reaches.
    pub until: Timestamp,
}

/// A place in the line for the output budget.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The run.
    pub run: RunId,
    /// How many records it wants to write.
    pub records: u64,
    /// Until when the place is kept without being asked for again.
    pub until: Timestamp,
    /// Since when it has been kept; `None` for places from before that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How its parked nudge is woken, where the queue can do that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<String>,
}

impl DomainState {
    /// Takes out the dead: entries, reservations and places that have lapsed.
    pub fn lapse(&mut self, now: Timestamp) {
        self.readers.retain(|_, until| *until > now);
        self.writing.retain(|_, reservation| reservation.until > now);
        self.line.retain(|place| place.until > now);
    }

    /// Enters a realtime run that is running, or renews its entry.
    pub fn enter(&mut self, now: Timestamp, run: &RunId, until: Timestamp) {
        self.lapse(now);
        self.readers.insert(run.clone(), until);
    }

    /// When the sweep should look at the domain's scheduled runs; `None` when there are none. By what stands here alone:
    /// realtime runs that write this item again and again must not put it off.
    pub fn due(&self) -> Option<Timestamp> {
        let when = |scheduled: &Scheduled| {
            let waits = scheduled.wait.map_or(scheduled.due, |wait| wait.until) + SWEEP_GRACE;
            scheduled.lease.map_or(waits, |lease| lease + SWEEP_GRACE / 2)
        };
        let first = self.schedules.iter().find(|s| s.rests.is_none());
        // While one is running, nobody else has a turn.
        if let Some(running) = first.filter(|s| s.lease.is_some()) {
            return Some(when(running));
        }
        let resting = self.schedules.iter().filter(|s| s.rests.is_some());
        first.into_iter().chain(resting).map(when).min()
    }

    /// Takes out a run that has ended, with all that it holds. Answers how to wake those who may be served now.
    pub fn leave(&mut self, now: Timestamp, run: &RunId) -> Vec<String> {
        self.readers.remove(run);
        schedule_gate::leave(now, self, run);
        let woken = budget::release(now, self, run);
        self.lapse(now);
        woken
    }
}
