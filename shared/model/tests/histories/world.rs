//! A world without AWS: a queue that loses and doubles, workers that die and stall, a sweep, and the real ledger.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::clock::{Clock, Timestamp, VirtualClock};
use model::ids::{RunId, UnitId};
use model::ledger::{Admitted, Ledger, NewUnit, Request};
use model::limits::UnitLimits;
use model::ports::Nudge;
use model::run::{Method, Payload, RunState, Trigger};
use model::schedule::{Overlap, Pattern, Schedule};
use model::store::memory::MemoryStore;
use model::unit::Unit;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::oneshot;

/// The domain of all units.
pub const DOMAIN: &str = "example.cybozu.com";

/// What a history is made of.
#[derive(Clone, Copy)]
pub struct Plan {
    pub units: usize,
    pub requests: usize,
    /// Requests wait for hours; else ten minutes, and some are given up.
    pub patient: bool,
    /// Probabilities: of a worker's death in a run, of a stall beyond its lease, of a lost nudge, of a doubled one.
    pub kills: f64,
    pub stalls: f64,
    pub lost: f64,
    pub doubled: f64,
    /// Whether the flows of a run write, each up to 12,000 records: more than two of them do not fit into the budget.
    pub writes: bool,
    /// How many units have a schedule, which falls due every some minutes until all requests have ended.
    pub schedules: usize,
}

/// Something that happened to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A run was taken: seq, attempt.
    Taken(u64, u32),
    /// Its worker may act no longer: it ended, died, or its lease lapsed.
    Left(u64, u32),
    /// A run ended, as this.
    Ended(u64, RunState),
}

/// Something that happened in the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doing {
    /// A worker has the run; whether a schedule started it.
    Works(RunId, bool),
    /// It may act no longer.
    Rests(RunId),
    /// It writes so many records now; none: no longer.
    Writes(RunId, u64),
    /// It found no room, and is parked.
    Parks(RunId),
}

/// What happened, in order of time.
pub struct History {
    pub units: Vec<UnitId>,
    pub events: HashMap<UnitId, Vec<(Timestamp, Event)>>,
    pub doings: Vec<(Timestamp, Doing)>,
    pub admitted: HashMap<UnitId, Vec<u64>>,
    /// Runs that a schedule started.
    pub scheduled: HashMap<UnitId, Vec<u64>>,
}

pub struct World {
    pub plan: Plan,
    pub clock: Arc<VirtualClock>,
    pub ledger: Ledger,
    random: Mutex<StdRng>,
    pub groups: Mutex<HashMap<String, usize>>,
    /// Parked deliveries, by handle.
    pub parked: Mutex<HashMap<String, oneshot::Sender<()>>>,
    events: Mutex<HashMap<UnitId, Vec<(Timestamp, Event)>>>,
    doings: Mutex<Vec<(Timestamp, Doing)>>,
    admitted: Mutex<HashMap<UnitId, Vec<u64>>>,
}

pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no task panics while it holds this")
}

/// Plays a history to its end.
pub async fn play(plan: &Plan, seed: u64) -> History {
    let clock = Arc::new(VirtualClock::new(Timestamp(1_700_000_000_000)));
    let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock.clone());
    let world = Arc::new(World {
        plan: *plan,
        clock: clock.clone(),
        ledger: ledger.clone(),
        random: Mutex::new(StdRng::seed_from_u64(seed)),
        groups: Mutex::default(),
        parked: Mutex::default(),
        events: Mutex::default(),
        doings: Mutex::default(),
        admitted: Mutex::default(),
    });
    let mut units = Vec::new();
    for n in 0..plan.units {
        let id = ledger.add_unit(NewUnit { unit: unit(plan, n), flows: Vec::new() }).await.expect("added").0;
        if n < plan.schedules {
            ledger.put_schedule(schedule(&id, n)).await.expect("a schedule");
        }
        units.push(id);
    }
    for unit in &units {
        let definition = ledger.unit(unit).await.expect("there");
        for _ in 0..plan.requests {
            let (world, definition) = (world.clone(), definition.clone());
            let at = world.clock.now() + Duration::from_millis(lock(&world.random).random_range(0..240_000));
            tokio::spawn(async move { world.request(&definition, at).await });
        }
    }
    let sweeper = tokio::spawn(world.clone().sweep());
    clock.drive(|| sweeper.is_finished()).await;
    sweeper.await.expect("the sweep comes to its end");
    // What the sweep left running (a stalled worker) comes to its end too.
    clock.drive(|| false).await;
    let mut scheduled = HashMap::new();
    for unit in &units {
        let runs = ledger.runs(unit, 100_000).await.expect("the store answers");
        let seqs = runs.iter().filter(|run| run.trigger.method == Method::Schedule).map(|run| run.id.seq);
        scheduled.insert(unit.clone(), seqs.collect());
    }
    let events = std::mem::take(&mut *lock(&world.events));
    let doings = std::mem::take(&mut *lock(&world.doings));
    let admitted = std::mem::take(&mut *lock(&world.admitted));
    History { units, events, doings, admitted, scheduled }
}

fn unit(plan: &Plan, n: usize) -> Unit {
    let wait_ms = if plan.patient { 10 * 3_600_000 } else { 600_000 };
    let limits = UnitLimits { wait_ms, ..UnitLimits::default() };
    Unit { limits, ..Unit::new(DOMAIN, &format!("unit {n}"), 1, "c") }
}

/// Every 3, 4, 5 ... minutes; every other one waits where it overlaps.
fn schedule(unit: &UnitId, n: usize) -> Schedule {
    let pattern = Pattern::Cron { expression: format!("*/{} * * * *", n + 3) };
    let overlap = if n.is_multiple_of(2) { Overlap::Queue } else { Overlap::Skip };
    Schedule { overlap, ..Schedule::new(unit, pattern) }
}

impl World {
    pub fn chance(&self, probability: f64) -> bool {
        lock(&self.random).random_bool(probability)
    }

    pub fn some(&self, most: Duration) -> Duration {
        Duration::from_millis(lock(&self.random).random_range(0..=most.as_millis() as u64))
    }

    /// A number of records for one flow.
    pub fn records(&self) -> u64 {
        lock(&self.random).random_range(1..=12_000)
    }

    pub fn note(&self, unit: &UnitId, event: Event) {
        lock(&self.events).entry(unit.clone()).or_default().push((self.clock.now(), event));
    }

    pub fn does(&self, doing: Doing) {
        lock(&self.doings).push((self.clock.now(), doing));
    }

    async fn request(self: Arc<Self>, unit: &Unit, at: Timestamp) {
        self.clock.sleep_until(at).await;
        let request =
            Request { trigger: Trigger::new(Method::Webhook, 1), payload: Payload::default(), again_of: None };
        match self.ledger.admit(unit, None, &[request], true).await.expect("the store answers") {
            Admitted::Queued(runs) => lock(&self.admitted).entry(unit.id.clone()).or_default().push(runs[0].seq),
            Admitted::Late(run) => {
                lock(&self.admitted).entry(unit.id.clone()).or_default().push(run.seq);
                self.note(&unit.id, Event::Ended(run.seq, RunState::TimedOut));
            }
            other => panic!("{other:?}"),
        }
        let nudge = Nudge::new(DOMAIN, unit.id.clone());
        if !self.chance(self.plan.lost) {
            self.nudge(&nudge);
        }
        if self.chance(self.plan.doubled) {
            self.nudge(&nudge);
        }
        if self.chance(self.plan.doubled) {
            // A delivery that the queue should not make: beside the one in flight.
            let (world, later) = (self.clone(), self.some(Duration::from_secs(300)));
            tokio::spawn(async move {
                world.clock.sleep_until(world.clock.now() + later).await;
                world.handle(&nudge).await;
            });
        }
    }

    async fn all_logged(&self, units: &[UnitId]) -> bool {
        for unit in units {
            if !self.ledger.state(unit).await.expect("the store answers").to_log.is_empty() {
                return false;
            }
        }
        true
    }

    /// Once a minute, until everything that was asked for and everything that fell due has ended and is logged.
    async fn sweep(self: Arc<Self>) {
        let all = self.plan.units * self.plan.requests;
        let units: Vec<UnitId> =
            self.ledger.units(DOMAIN).await.expect("the store answers").into_iter().map(|view| view.unit.id).collect();
        let mut falling = true;
        for _ in 0..10_000 {
            self.clock.sleep_until(self.clock.now() + Duration::from_secs(60)).await;
            for unit in self.ledger.forgotten(500).await.expect("the store answers") {
                self.nudge(&Nudge::new(DOMAIN, unit));
            }
            let due = self.ledger.fall_due(500).await.expect("the store answers");
            assert_eq!(due.failed, []);
            for nudge in due.nudges {
                if !self.chance(self.plan.lost) {
                    self.nudge(&nudge);
                }
            }
            let asked_for = lock(&self.admitted).values().map(Vec::len).sum::<usize>() == all;
            let mut ended = asked_for && self.all_logged(&units).await;
            for unit in &units {
                let state = self.ledger.state(unit).await.expect("the store answers");
                ended &= state.running.is_none() && state.waiting.is_empty() && (falling || state.scheduled.is_empty());
            }
            if ended && !falling {
                return;
            }
            if ended {
                falling = false;
                for view in self.ledger.schedules(DOMAIN, None).await.expect("the store answers") {
                    let schedule = Schedule { enabled: false, ..view.schedule };
                    self.ledger.put_schedule(schedule).await.expect("switched off");
                }
            }
        }
        panic!("after a week of sweeps something has not ended or is not logged");
    }
}
