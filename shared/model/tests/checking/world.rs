//! The world's state: what the store holds, what workers believe, what is on its way to kintone, and what is remembered to judge it by.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::caps::UnitCaps;
use model::clock::Timestamp;
use model::domain::DomainState;
use model::gate::{self, Admission};
use model::ids::{RunId, UnitId};
use model::limits::{DomainLimits, UnitLimits};
use model::unit::{Lease, UnitState};

use crate::rules::{Rule, Without};

/// How long a lease is, in this world.
pub const LEASE: Duration = Duration::from_secs(60);
/// The window of the starts.
pub const WINDOW: Duration = Duration::from_secs(60);
/// Between two scheduled runs.
pub const INTERLUDE: Duration = Duration::from_secs(30);

/// What a world is made of.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Requests of each unit; all are there from the beginning.
    pub requests: Vec<usize>,
    /// Records that a run of each unit writes.
    pub records: Vec<u64>,
    /// Chunks that a run writes.
    pub chunks: u8,
    /// Whether the units have a log app, which is the fence.
    pub fenced: bool,
    /// How often the schedule of the first unit falls due.
    pub schedules: u8,
    /// Workers.
    pub workers: usize,
    /// How often something goes wrong: a worker is lost, or an answer.
    pub faults: u8,
    /// Records that may be in writing.
    pub budget: u64,
    /// Starts in a window.
    pub starts: usize,
    /// Wait limit, in seconds.
    pub wait: u64,
    /// The last instant, in seconds.
    pub horizon: i64,
    /// How many steps are explored.
    pub depth: usize,
    /// Workers that have died with each run before.
    pub died: u32,
    /// What is not done.
    pub without: Option<Without>,
}

impl Scene {
    pub fn limits(&self) -> UnitLimits {
        let ms = |d: Duration| d.as_millis() as u64;
        UnitLimits {
            starts: self.starts,
            window_ms: ms(WINDOW),
            wait_ms: self.wait * 1000,
            lease_ms: ms(LEASE),
            caps: UnitCaps::NONE,
        }
    }

    pub fn lacks(&self, what: Without) -> bool {
        self.without == Some(what)
    }

    /// The world at the beginning.
    pub fn begin(&self) -> World {
        let admit = |count: &usize| match gate::admit(Timestamp(0), &UnitState::default(), &self.limits(), *count) {
            Admission::Queued { state, .. } => *state,
            _ => UnitState::default(),
        };
        let limits =
            DomainLimits { budget: self.budget, interlude_ms: INTERLUDE.as_millis() as u64, ..DomainLimits::default() };
        World {
            now: Timestamp(0),
            units: self.requests.iter().map(admit).collect(),
            domain: DomainState { limits, ..DomainState::default() },
            workers: Vec::new(),
            logs: BTreeMap::new(),
            sent: Vec::new(),
            due_left: self.schedules,
            faults_left: self.faults,
            past: Past::default(),
        }
    }
}

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
}

impl Worker {
    /// Whether it may go on, by all that it knows.
    pub fn alive(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Records that it is writing now.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct End {
    /// How often.
    pub times: u8,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// How many chunks it is said to have written; `None`: it is said that nobody knows.
    pub told: Option<u8>,
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
    pub due_left: u8,
    pub faults_left: u8,
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
    /// Whether a rule holds.
    pub fn holds(&self, rule: Rule, scene: &Scene) -> bool {
        !self.past.broken.contains(&rule)
            && match rule {
                Rule::Exclusive => self.alive().all(|a| self.alive().filter(|b| a.run.unit == b.run.unit).count() == 1),
                Rule::Counted => (0..self.units.len()).all(|unit| self.starts_of(unit) <= scene.starts),
                Rule::Bounded => {
                    let writing = self.workers.iter().filter(|w| !w.scheduled && w.writes(self.now));
                    writing.map(|w| scene.records[unit_of(&w.run)]).sum::<u64>() <= scene.budget
                }
                Rule::Apart => !(self.alive().any(|w| w.scheduled) && self.alive().any(|w| !w.scheduled)),
                Rule::Kept => self.runs().all(|run| self.kept(&run)),
                Rule::EndsOnce => self.past.ends.values().all(|end| end.times == 1),
                Rule::Told => {
                    self.past.ends.iter().all(|(run, end)| end.told.is_none_or(|told| self.applied(run) == told))
                }
                Rule::Once => self.once(scene),
                // Judged at each step.
                Rule::InLine | Rule::DueFirst | Rule::Interlude | Rule::HeldIsFree | Rule::Fenced => true,
            }
    }

    fn alive(&self) -> impl Iterator<Item = &Worker> {
        self.workers.iter().filter(|w| w.alive(self.now))
    }

    fn starts_of(&self, unit: usize) -> usize {
        self.past.starts.iter().filter(|(run, at)| unit_of(run) == unit && *at + WINDOW > self.now).count()
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

    fn kept(&self, run: &RunId) -> bool {
        let state = &self.units[unit_of(run)];
        let waits = state.waiting.iter().filter(|w| w.seq == run.seq).count();
        let runs = usize::from(state.running.as_ref().is_some_and(|lease| lease.seq == run.seq));
        let due = state.scheduled.iter().filter(|seq| **seq == run.seq).count();
        let entered = self.domain.schedules.iter().any(|s| s.run == *run);
        if self.past.ends.contains_key(run) {
            return waits + runs + due == 0 && !entered;
        }
        let looked_after = if entered { self.domain.due() } else { state.due(self.now) };
        waits + runs + due == 1 && (due == 0 || entered) && looked_after.is_some()
    }

    /// How many chunks of a run have taken effect.
    fn applied(&self, run: &RunId) -> u8 {
        let log = self.logs.get(run).map(|log| log.applied.iter().filter(|times| **times > 0).count());
        log.and_then(|chunks| u8::try_from(chunks).ok()).unwrap_or(0)
    }

    fn once(&self, scene: &Scene) -> bool {
        let whole = |run: &RunId, log: &Log| match self.past.ends.get(run) {
            Some(End { succeeded: true, .. }) => {
                log.applied.len() == usize::from(scene.chunks) && log.applied.iter().all(|n| *n == 1)
            }
            _ => log.applied.iter().all(|n| *n <= 1),
        };
        self.logs.iter().all(|(run, log)| whole(run, log))
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
