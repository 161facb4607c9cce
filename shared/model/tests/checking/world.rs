//! The world's state: what the store holds, what workers believe, what is on its way to kintone, and what is remembered to judge it by.

use std::collections::{BTreeMap, BTreeSet};

use model::clock::Timestamp;
use model::domain::DomainState;
use model::gate;
use model::ids::{RunId, UnitId};
use model::run::RunState;
use model::unit::{Lease, UnitState};

use crate::rules::Rule;
use crate::scene::{INTERLUDE, WINDOW};

/// How far a worker has come with its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It has the run.
    Taken,
    /// It has opened the log record.
    Opened,
    /// It has asked for room in vain, and stages what it wants to write.
    Staging,
    /// It may write.
    Writing,
    /// It waits for the answer to a chunk.
    Sent,
    /// It cannot know what was written, and ends the run.
    Lost,
}

/// A worker with a run, and what it believes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Worker {
    pub run: RunId,
    pub attempt: u32,
    pub owner: String,
    pub scheduled: bool,
    /// Until when it may go on.
    pub until: Timestamp,
    pub phase: Phase,
    /// The next chunk.
    pub chunk: u8,
    /// The log record's revision, as it knows it.
    pub revision: u8,
    /// Whether it only reads what was written, and ends the run.
    pub to_end: bool,
    /// Whether another has written a part of the run, by the journal.
    pub half: bool,
    /// Whether nothing was sent when it took the run, as it was told. Without a log app only.
    pub untouched: bool,
    /// Whether it has sent anything. Without a log app only.
    pub sent: bool,
}

impl Worker {
    /// Whether it may go on, by all that it knows.
    pub fn alive(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Whether it sends such a chunk, or has sent it.
    pub fn may_have_sent(&self, sent: &Message) -> bool {
        let same = self.run == sent.run && self.owner == sent.owner && self.attempt == sent.attempt;
        same && self.revision == sent.revision && self.chunk == sent.chunk
    }

    /// Whether the answer to this chunk is its.
    pub fn waits_for(&self, sent: &Message) -> bool {
        self.phase == Phase::Sent && self.may_have_sent(sent)
    }

    /// Whether it is writing now.
    pub fn writes(&self, now: Timestamp) -> bool {
        self.alive(now) && matches!(self.phase, Phase::Writing | Phase::Sent)
    }
}

/// A run's log record and what stands of it in kintone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    pub revision: u8,
    /// The attempt of the last mark.
    pub mark: u32,
    /// Chunks that the mark says are written.
    pub done: u8,
    /// How often each chunk took effect.
    pub applied: Vec<u8>,
    /// Who opened it last; nobody sees it.
    pub opened: String,
    /// How many records of the log app are the run's.
    pub records: u8,
    /// Whether it says how the run ended.
    pub closed: bool,
}

/// A chunk on its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    pub run: RunId,
    pub owner: String,
    pub attempt: u32,
    pub chunk: u8,
    pub revision: u8,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct End {
    /// How often.
    pub times: u8,
    pub state: RunState,
    /// Whether it has a code.
    pub coded: bool,
    /// How many chunks it is said to have written; `None`: it is said that nobody knows, or it has never begun.
    pub told: Option<u8>,
    /// Whether a schedule started it.
    pub scheduled: bool,
    /// Whether another worker had it before.
    pub resumed: bool,
    /// Whether who ended it had taken it up half written.
    pub half: bool,
}

/// What is remembered to judge by; no decision sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Past {
    /// Starts of each run within the last window.
    pub starts: Vec<(RunId, Timestamp)>,
    /// How each run ended.
    pub ends: BTreeMap<RunId, End>,
    /// Who waits for room, in the order of their asking.
    pub asked: Vec<RunId>,
    /// For how long, in milliseconds, no schedule was due or running.
    pub open: u64,
    /// When the last scheduled run ended.
    pub schedule_ended: Option<Timestamp>,
    /// Whether a worker has read in the journal that a chunk took effect whose answer it had not got.
    pub settled: bool,
    /// Runs without a log app of which nobody can know whether something is written: a worker of theirs is gone without a
    /// word, or something was sent.
    pub unknown: BTreeSet<RunId>,
    /// Rules that a step has broken.
    pub broken: BTreeSet<Rule>,
}

/// The world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    pub now: Timestamp,
    pub units: Vec<UnitState>,
    pub domain: DomainState,
    /// Sorted: it does not matter which of the workers has which run.
    pub workers: Vec<Worker>,
    pub logs: BTreeMap<RunId, Log>,
    /// Sorted; the same chunk may be on its way twice.
    pub sent: Vec<Message>,
    /// Runs without a log app that have noted, beside the table, that they wait for room and have sent nothing yet.
    pub noted: BTreeSet<RunId>,
    pub due_left: u8,
    pub faults_left: u8,
    pub turned_away_left: u8,
    pub past: Past,
}

/// The id of a unit.
pub fn id(unit: usize) -> UnitId {
    UnitId(unit.to_string())
}

/// The unit of an id.
pub fn unit_of(run: &RunId) -> usize {
    run.unit.0.parse().unwrap_or(0)
}

impl World {
    /// Those workers that may go on.
    pub fn alive(&self) -> impl Iterator<Item = &Worker> {
        self.workers.iter().filter(|w| w.alive(self.now))
    }

    /// The leases of all units.
    pub fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.units.iter().filter_map(|unit| unit.running.as_ref())
    }

    /// Every run that was ever admitted.
    pub fn runs(&self) -> impl Iterator<Item = RunId> {
        let of = |(unit, state): (usize, &UnitState)| {
            let unit = id(unit);
            (1..=state.last).map(move |seq| RunId { unit: unit.clone(), seq })
        };
        self.units.iter().enumerate().flat_map(of)
    }

    /// Whether all that was asked for has ended, and is told.
    pub fn at_rest(&self) -> bool {
        self.due_left == 0
            && self.runs().all(|run| self.past.ends.contains_key(&run))
            && self.units.iter().all(|unit| unit.to_log.is_empty())
    }

    /// The next instant at which anything changes by time alone.
    pub fn next_instant(&self, horizon: i64) -> Option<Timestamp> {
        let units = self.units.iter().flat_map(|unit| {
            let lease = unit.running.iter().flat_map(|l| [Some(l.until), l.parked.map(|p| p.wake)]).flatten();
            let starts = unit.starts.iter().map(|at| *at + WINDOW);
            lease.chain(starts).chain(unit.waiting.iter().map(|w| gate::deadline(self.now, w, &self.domain)))
        });
        let domain = &self.domain;
        let holders = domain.readers.values().copied().chain(domain.writing.values().map(|r| r.until));
        let schedules = domain.schedules.iter().flat_map(|s| [Some(s.deadline), s.lease]).flatten();
        let line = domain.line.iter().map(|place| place.until);
        let interlude = domain.schedule_ended.map(|at| at + INTERLUDE);
        let workers = self.workers.iter().map(|w| w.until);
        let all = units.chain(holders).chain(schedules).chain(line).chain(interlude).chain(workers);
        all.filter(|at| *at > self.now && at.0 <= horizon * 1000).min()
    }
}
