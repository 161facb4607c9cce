//! A world without AWS: a queue that loses and doubles, workers that die and stall, a sweep, and the real ledger.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::clock::{Clock, Timestamp, VirtualClock};
use model::ids::UnitId;
use model::ledger::{Admitted, Ledger, LedgerError, NewUnit, Request, Taken, Ticket};
use model::limits::{LEASE, RENEW_EVERY, UnitLimits};
use model::run::{Ending, Method, Payload, RunState, Trigger};
use model::store::memory::MemoryStore;
use model::unit::Unit;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What a history is made of.
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

/// What happened, in order of time.
pub struct History {
    pub units: Vec<UnitId>,
    pub events: HashMap<UnitId, Vec<(Timestamp, Event)>>,
    pub admitted: HashMap<UnitId, Vec<u64>>,
}

struct World {
    plan: Arc<Plan>,
    clock: Arc<VirtualClock>,
    ledger: Ledger,
    random: Mutex<StdRng>,
    groups: Mutex<HashMap<UnitId, usize>>,
    events: Mutex<HashMap<UnitId, Vec<(Timestamp, Event)>>>,
    admitted: Mutex<HashMap<UnitId, Vec<u64>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no task panics while it holds this")
}

/// Plays a history to its end.
pub async fn play(plan: &Plan, seed: u64) -> History {
    let plan = Arc::new(Plan { ..*plan });
    let clock = Arc::new(VirtualClock::new(Timestamp(1_700_000_000_000)));
    let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock.clone());
    let world = Arc::new(World {
        plan: plan.clone(),
        clock: clock.clone(),
        ledger: ledger.clone(),
        random: Mutex::new(StdRng::seed_from_u64(seed)),
        groups: Mutex::default(),
        events: Mutex::default(),
        admitted: Mutex::default(),
    });
    let mut units = Vec::new();
    for n in 0..plan.units {
        let wait_ms = if plan.patient { 10 * 3_600_000 } else { 600_000 };
        let unit = Unit {
            v: 1,
            id: UnitId(String::new()),
            domain: "example.cybozu.com".into(),
            name: format!("unit {n}"),
            app: 1,
            events: Default::default(),
            flows: Vec::new(),
            parameters: Default::default(),
            record_number: None,
            log_app: None,
            limits: UnitLimits { wait_ms, ..UnitLimits::default() },
            connection: "c".into(),
            secrets: Vec::new(),
        };
        units.push(ledger.add_unit(NewUnit { unit, flows: Vec::new() }).await.expect("added").0);
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
    // What the sweep left running (a stalled worker) comes to its end too.
    clock.drive(|| false).await;
    let events = std::mem::take(&mut *lock(&world.events));
    let admitted = std::mem::take(&mut *lock(&world.admitted));
    History { units, events, admitted }
}

impl World {
    fn chance(&self, probability: f64) -> bool {
        lock(&self.random).random_bool(probability)
    }

    fn some(&self, most: Duration) -> Duration {
        Duration::from_millis(lock(&self.random).random_range(0..=most.as_millis() as u64))
    }

    fn note(&self, unit: &UnitId, event: Event) {
        lock(&self.events).entry(unit.clone()).or_default().push((self.clock.now(), event));
    }

    async fn request(self: Arc<Self>, unit: &Unit, at: Timestamp) {
        self.clock.sleep_until(at).await;
        let trigger = Trigger {
            method: Method::Webhook,
            event: None,
            notification: None,
            app: 1,
            user: String::new(),
            records: Vec::new(),
            caller: None,
            hops: 0,
        };
        let request = Request { trigger, payload: Payload::default(), again_of: None };
        match self.ledger.admit(unit, None, &[request], true).await.expect("the store answers") {
            Admitted::Queued(runs) => lock(&self.admitted).entry(unit.id.clone()).or_default().push(runs[0].seq),
            Admitted::Late(run) => {
                lock(&self.admitted).entry(unit.id.clone()).or_default().push(run.seq);
                self.note(&unit.id, Event::Ended(run.seq, RunState::TimedOut));
            }
            other => panic!("{other:?}"),
        }
        if !self.chance(self.plan.lost) {
            self.nudge(&unit.id);
        }
        if self.chance(self.plan.doubled) {
            self.nudge(&unit.id);
        }
        if self.chance(self.plan.doubled) {
            // A delivery that the queue should not make: beside the one in flight.
            let (world, unit, later) = (self.clone(), unit.id.clone(), self.some(Duration::from_secs(300)));
            tokio::spawn(async move {
                world.clock.sleep_until(world.clock.now() + later).await;
                world.handle(&unit).await;
            });
        }
    }

    /// A FIFO queue with the unit as group: one message of a group in flight at a time.
    fn nudge(self: &Arc<Self>, unit: &UnitId) {
        let mut groups = lock(&self.groups);
        let waiting = groups.entry(unit.clone()).or_insert(0);
        *waiting += 1;
        if *waiting == 1 {
            let (world, unit) = (self.clone(), unit.clone());
            tokio::spawn(async move { world.deliver(unit).await });
        }
    }

    async fn deliver(self: Arc<Self>, unit: UnitId) {
        loop {
            if self.handle(&unit).await {
                let mut groups = lock(&self.groups);
                let left = groups.get_mut(&unit).expect("its own group");
                *left -= 1;
                if *left == 0 {
                    groups.remove(&unit);
                    return;
                }
            }
        }
    }

    /// One delivery; false when the message comes back.
    async fn handle(self: &Arc<Self>, unit: &UnitId) -> bool {
        let owner = model::ids::random_text(8);
        loop {
            match self.ledger.take(unit, "example.cybozu.com", &owner).await.expect("the store answers") {
                Taken::Idle(to_log) => {
                    for seq in to_log {
                        self.ledger.logged(unit, seq).await.expect("logged");
                    }
                    return true;
                }
                Taken::Wait { note, .. } => {
                    self.clock.sleep_until(note.until).await;
                    return false;
                }
                Taken::Ended(run) => self.note(unit, Event::Ended(run.id.seq, run.state)),
                Taken::Run(ticket) => {
                    self.note(unit, Event::Taken(ticket.run.id.seq, ticket.run.attempt));
                    return self.work(unit, *ticket).await;
                }
            }
        }
    }

    /// A run of random length, with renewals; the worker may die or stall in it.
    async fn work(self: &Arc<Self>, unit: &UnitId, ticket: Ticket) -> bool {
        let (seq, attempt) = (ticket.run.id.seq, ticket.run.attempt);
        let end = self.clock.now() + self.some(Duration::from_secs(50));
        let dies = self.chance(self.plan.kills).then(|| self.clock.now() + self.some(Duration::from_secs(50)));
        let mut lease_until = self.clock.now() + LEASE;
        while self.clock.now() < end {
            let next = end.min(self.clock.now() + RENEW_EVERY);
            if let Some(at) = dies.filter(|at| *at <= next) {
                self.clock.sleep_until(at).await;
                self.note(unit, Event::Left(seq, attempt));
                // The queue shows the message again when its visibility ends, about when the lease does.
                self.clock.sleep_until(lease_until + self.some(Duration::from_secs(5))).await;
                return false;
            }
            self.clock.sleep_until(next).await;
            if self.clock.now() < end && self.ledger.renew(&ticket).await.is_ok() {
                lease_until = self.clock.now() + LEASE;
            }
        }
        if self.chance(self.plan.stalls) {
            self.note(unit, Event::Left(seq, attempt)); // the fence keeps out what it still sends
            let (world, unit) = (self.clone(), unit.clone());
            let late = lease_until + Duration::from_secs(30);
            tokio::spawn(async move {
                world.clock.sleep_until(late).await;
                world.end(&unit, &ticket).await;
            });
            self.clock.sleep_until(lease_until + Duration::from_millis(1)).await;
            return false;
        }
        self.end(unit, &ticket).await;
        self.note(unit, Event::Left(seq, attempt));
        true
    }

    async fn end(&self, unit: &UnitId, ticket: &Ticket) {
        let ending = Ending { state: RunState::Succeeded, code: None, message: String::new(), flows: Vec::new() };
        let logged = self.chance(0.8); // else kintone was away, and its log record is made up for later
        match self.ledger.end(ticket, &ending, logged).await {
            Ok(run) => self.note(unit, Event::Ended(run.id.seq, run.state)),
            Err(LedgerError::Superseded(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn all_logged(&self) -> bool {
        let units: Vec<UnitId> = lock(&self.admitted).keys().cloned().collect();
        for unit in units {
            if !self.ledger.state(&unit).await.expect("the store answers").to_log.is_empty() {
                return false;
            }
        }
        true
    }

    /// Once a minute, until everything that was asked for has ended and is logged.
    async fn sweep(self: Arc<Self>) {
        let all = self.plan.units * self.plan.requests;
        for _ in 0..10_000 {
            self.clock.sleep_until(self.clock.now() + Duration::from_secs(60)).await;
            for unit in self.ledger.forgotten(500).await.expect("the store answers") {
                self.nudge(&unit);
            }
            let ended =
                |events: &Vec<(Timestamp, Event)>| events.iter().filter(|(_, e)| matches!(e, Event::Ended(..))).count();
            if lock(&self.events).values().map(ended).sum::<usize>() >= all && self.all_logged().await {
                return;
            }
        }
        panic!("after a week of sweeps something has not ended or is not logged");
    }
}
