//! What a world is made of, and how it begins.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::caps::UnitCaps;
use model::clock::Timestamp;
use model::domain::DomainState;
use model::gate::{self, Admission};
use model::limits::{DomainLimits, UnitLimits};
use model::unit::UnitState;

use crate::begun::Do;
use crate::rules::Without;
use crate::world::{Past, World};

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
    /// How often something goes wrong: a worker is lost, or an answer, or something does not answer.
    pub faults: u8,
    /// How often somebody takes a request back that waits, or a webhook comes too late.
    pub turned_away: u8,
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
    /// What has happened before the exploration begins.
    pub begun: &'static [Do],
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

    /// Whether a request can be given up before the last instant.
    pub fn times_out(&self) -> bool {
        i64::try_from(self.wait).is_ok_and(|wait| wait <= self.horizon)
    }

    /// The world at the very beginning.
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
            noted: BTreeSet::new(),
            due_left: self.schedules,
            faults_left: self.faults,
            turned_away_left: self.turned_away,
            past: Past::default(),
        }
    }
}
