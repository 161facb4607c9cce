//! What the gate keeps of a domain: one item, changed under its version. Who runs, who writes, who stands in line.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::budget;
use crate::clock::Timestamp;
use crate::ids::RunId;
use crate::limits::DomainLimits;

/// The gate of a domain: holders as maps with the ends of their leases, never as counts (DESIGN 3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DomainState {
    /// Its limits. They stand here, so that no decision has to read another item.
    #[serde(default)]
    pub limits: DomainLimits,
    /// Realtime runs that are running, and until when their leases reach.
    #[serde(default)]
    pub readers: BTreeMap<RunId, Timestamp>,
    /// Scheduled runs that are running or due, and until when their leases reach: realtime starts wait for them.
    #[serde(default)]
    pub scheduled: BTreeMap<String, Timestamp>,
    /// Records that runs are writing at this moment (reservations of the output budget).
    #[serde(default)]
    pub writing: BTreeMap<RunId, Reservation>,
    /// Runs that wait for the output budget, first come first.
    #[serde(default)]
    pub line: VecDeque<Place>,
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
    /// How its parked nudge is woken, where the queue can do that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<String>,
}

impl DomainState {
    /// Takes out the dead: entries, reservations and places that have lapsed.
    pub fn lapse(&mut self, now: Timestamp) {
        self.readers.retain(|_, until| *until > now);
        self.scheduled.retain(|_, until| *until > now);
        self.writing.retain(|_, reservation| reservation.until > now);
        self.line.retain(|place| place.until > now);
    }

    /// Enters a realtime run that is running, or renews its entry.
    pub fn enter(&mut self, now: Timestamp, run: &RunId, until: Timestamp) {
        self.lapse(now);
        self.readers.insert(run.clone(), until);
    }

    /// Takes out a run that has ended, with all that it holds. Answers how to wake those who may be served now.
    pub fn leave(&mut self, now: Timestamp, run: &RunId) -> Vec<String> {
        self.readers.remove(run);
        let woken = budget::release(now, self, run);
        self.lapse(now);
        woken
    }
}
