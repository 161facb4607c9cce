//! What a sweep does with what is due: units, schedules, and both where one of them fails.

mod notices;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use model::clock::{Clock as _, ManualClock, Timestamp};
use model::keys;
use model::ledger::{NewUnit, Request, Taken};
use model::limits::UnitLimits;
use model::ports::NudgeError;
use model::run::{Ending, Method, Payload, RunState, Trigger};
use model::schedule::{Pattern, Schedule, ScheduleId};
use model::store::memory::MemoryStore;
use model::store::{Commit, Expect, Item, Key, Store, StoreError, Write};
use model::unit::Unit;

use super::*;

const DOMAIN: &str = "example.cybozu.com";

/// The queue, whose first sendings may fail, and which may be slow.
#[derive(Default)]
struct Sent(Mutex<(usize, Vec<Nudge>)>, Mutex<Option<(Arc<ManualClock>, Duration)>>);

impl Sent {
    fn all(&self) -> Vec<Nudge> {
        std::mem::take(&mut self.0.lock().expect("unpoisoned").1)
    }

    fn fail(&self, times: usize) {
        self.0.lock().expect("unpoisoned").0 = times;
    }
}

#[async_trait]
impl Nudges for Sent {
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
        if let Some((clock, takes)) = self.1.lock().expect("unpoisoned").as_ref() {
            clock.advance(*takes);
        }
        let mut sent = self.0.lock().expect("unpoisoned");
        if sent.0 > 0 {
            sent.0 -= 1;
            return Err(NudgeError("away".into()));
        }
        sent.1.push(nudge.clone());
        Ok(())
    }
}

/// A store whose index fails where it is told to: each sweep looks for units, then for schedules.
struct Flaky {
    store: MemoryStore,
    /// Which look fails, counted down.
    fails: AtomicUsize,
}

#[async_trait]
impl Store for Flaky {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        self.store.get(keys).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        self.store.commit(writes).await
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        newest_first: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        self.store.list(pk, prefix, after, newest_first, limit).await
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError> {
        if self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)) == Ok(1) {
            return Err(StoreError::Unavailable("the index is away".into()));
        }
        self.store.due(until, limit).await
    }
}

struct Scene {
    clock: Arc<ManualClock>,
    store: Arc<Flaky>,
    sent: Arc<Sent>,
    deps: Deps,
    unit: Unit,
}

async fn scene() -> Scene {
    let clock = Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
    let store = Arc::new(Flaky { store: MemoryStore::new(clock.clone()), fails: AtomicUsize::new(0) });
    let ledger = Ledger::new(store.clone(), clock.clone());
    let (sent, outside) = (Arc::new(Sent::default()), Arc::new(notices::Outside::default()));
    let limits = UnitLimits { starts: 100, ..UnitLimits::default() };
    let unit = Unit { limits, ..Unit::new(DOMAIN, "受注処理", 1, "c") };
    let (id, _) = ledger.add_unit(NewUnit { unit, flows: Vec::new() }).await.expect("a unit");
    let unit = ledger.unit(&id).await.expect("the unit");
    let deps = Deps { ledger, nudges: sent.clone(), senders: notices::senders(&outside) };
    Scene { clock, store, deps, sent, unit }
}

impl Scene {
    async fn sweep(&self) -> Swept {
        sweep(&self.deps).await.expect("swept")
    }

    async fn ask(&self, count: usize) {
        let trigger = Trigger { user: "sato".into(), ..Trigger::new(Method::Api, 1) };
        let request = Request { trigger, payload: Payload::default(), again_of: None };
        self.deps.ledger.admit(&self.unit, None, &vec![request; count], true).await.expect("admitted");
    }

    async fn schedule(&self) -> Schedule {
        let every_minute = Pattern::Cron { expression: "* * * * *".into() };
        let put = self.deps.ledger.put_schedule(Schedule::new(&self.unit.id, every_minute)).await;
        put.expect("a schedule").schedule
    }

    /// One more unit, with a request whose nudge is lost.
    async fn forgotten(&self, name: &str) -> UnitId {
        let unit = Unit { limits: self.unit.limits, ..Unit::new(DOMAIN, name, 1, "c") };
        let (id, _) = self.deps.ledger.add_unit(NewUnit { unit, flows: Vec::new() }).await.expect("a unit");
        let unit = self.deps.ledger.unit(&id).await.expect("the unit");
        let request = Request { trigger: Trigger::new(Method::Api, 1), payload: Payload::default(), again_of: None };
        self.deps.ledger.admit(&unit, None, &[request], true).await.expect("admitted");
        id
    }

    fn minute(&self) {
        self.clock.advance(Duration::from_secs(61));
    }
}

fn swept(units: usize, scheduled: usize, failed: usize) -> Swept {
    Swept { units, scheduled, failed }
}

#[tokio::test]
async fn every_request_whose_nudge_was_lost_gets_one() {
    let scene = scene().await;
    let (ledger, id) = (&scene.deps.ledger, &scene.unit.id);
    scene.ask(7).await;
    assert_eq!(scene.sweep().await, swept(0, 0, 0), "their nudges may still come");
    scene.minute();
    assert_eq!(scene.sweep().await, swept(1, 0, 0));
    let nudges = scene.sent.all();
    assert_eq!(nudges, vec![Nudge::new(DOMAIN, id.clone()); 7]);
    for nudge in nudges {
        let taken = ledger.take(id, &nudge.domain, "w").await.expect("taken");
        let Taken::Run(ticket) = taken else { panic!("each nudge takes one run: {taken:?}") };
        let ending = Ending { state: RunState::Succeeded, code: None, message: String::new(), flows: Vec::new() };
        ledger.end(&ticket, &ending, true).await.expect("ended");
    }
    scene.clock.advance(Duration::from_secs(3600));
    assert_eq!(scene.sweep().await, swept(0, 0, 0), "all is done");
    for _ in 0..=MOST_OF_UNIT {
        scene.ask(1).await;
    }
    scene.minute();
    assert_eq!(scene.sweep().await, swept(1, 0, 0));
    assert_eq!(scene.sent.all().len(), MOST_OF_UNIT);
}

#[tokio::test]
async fn a_schedule_that_has_fallen_due_is_entered_and_nudged_once() {
    let scene = scene().await;
    let schedule = scene.schedule().await;
    assert_eq!(scene.sweep().await, swept(0, 0, 0), "not before its time");
    scene.minute();
    assert_eq!(scene.sweep().await, swept(0, 1, 0));
    assert_eq!(scene.sweep().await, swept(0, 0, 0), "once");
    let nudges = scene.sent.all();
    assert_eq!(nudges, [Nudge::scheduled(DOMAIN, scene.unit.id.clone())]);
    assert_eq!(nudges[0].group(), format!("schedule#{DOMAIN}"), "behind the domain's others");
    let taken = scene.deps.ledger.take_scheduled(DOMAIN, "w").await.expect("taken");
    let Taken::Run(ticket) = taken else { panic!("it starts: {taken:?}") };
    assert_eq!(ticket.run.schedule, Some(schedule.id));
}

#[tokio::test]
async fn one_broken_schedule_keeps_neither_others_nor_units_from_their_turn() {
    let scene = scene().await;
    scene.schedule().await;
    scene.ask(1).await;
    let key = keys::schedule(DOMAIN, &scene.unit.id, &ScheduleId("broken".into()));
    let broken = Write::put(key, &serde_json::json!({ "v": 9 }), Expect::Absent).expect("a write");
    scene.store.commit(vec![broken.due(Some(scene.clock.now()))]).await.expect("written");
    scene.minute();
    assert_eq!(scene.sweep().await, swept(1, 1, 1));
    assert_eq!(scene.sent.all().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_looked_for_does_not_hide_the_rest() {
    let scene = scene().await;
    scene.schedule().await;
    scene.ask(1).await;
    scene.minute();
    scene.store.fails.store(2, Ordering::SeqCst);
    assert!(sweep(&scene.deps).await.is_err(), "told, so that the alarm can ring");
    let unit = Nudge::new(DOMAIN, scene.unit.id.clone());
    assert_eq!(scene.sent.all(), [unit], "the unit has had its nudge");
    scene.store.fails.store(1, Ordering::SeqCst);
    assert!(sweep(&scene.deps).await.is_err());
    let schedule = Nudge::scheduled(DOMAIN, scene.unit.id.clone());
    assert_eq!(scene.sent.all(), [schedule], "and now the schedule");
}

/// A scheduled run of a unit writes the unit's state every minute, and takes none of its requests further.
#[tokio::test]
async fn a_schedule_of_every_minute_does_not_put_a_lost_request_off_for_ever() {
    let scene = scene().await;
    let (ledger, seconds) = (&scene.deps.ledger, |n| scene.clock.advance(Duration::from_secs(n)));
    scene.schedule().await;
    seconds(30);
    scene.ask(1).await;
    seconds(30);
    assert_eq!(scene.sweep().await, swept(0, 1, 0), "its nudge may still come");
    let taken = ledger.take_scheduled(DOMAIN, "w").await.expect("taken");
    let Taken::Run(ticket) = taken else { panic!("it starts: {taken:?}") };
    seconds(5);
    let ending = Ending { state: RunState::Succeeded, code: None, message: String::new(), flows: Vec::new() };
    ledger.end(&ticket, &ending, false).await.expect("ended");
    seconds(55);
    assert_eq!(scene.sweep().await, swept(1, 1, 0), "a minute and a half after the request");
    assert!(scene.sent.all().contains(&Nudge::new(DOMAIN, scene.unit.id.clone())));
}

#[tokio::test]
async fn a_nudge_that_the_queue_does_not_take_is_sent_by_a_later_sweep() {
    let scene = scene().await;
    scene.schedule().await;
    scene.minute();
    scene.sent.fail(1);
    assert_eq!(scene.sweep().await, swept(0, 0, 1));
    assert!(scene.sent.all().is_empty());
    let gate = scene.deps.ledger.gate(DOMAIN).await.expect("the gate");
    assert_eq!(gate.schedules.len(), 1, "entered all the same");
    scene.minute();
    assert!(scene.sweep().await.scheduled > 0);
    assert!(scene.sent.all().iter().all(|nudge| nudge.scheduled));
}

/// Units whose log app takes no record stay due as they are, and are the first of all.
#[tokio::test]
async fn however_many_stay_due_the_youngest_has_its_turn() {
    let scene = scene().await;
    for n in 0..=SURE {
        scene.forgotten(&n.to_string()).await;
        scene.clock.advance(Duration::from_millis(1));
    }
    let last = scene.forgotten("最後").await;
    scene.minute();
    assert_eq!(scene.sweep().await, swept(SURE + 2, 0, 0));
    assert!(scene.sent.all().iter().any(|nudge| nudge.unit == last));
}

#[tokio::test]
async fn where_a_sweep_cannot_look_at_all_the_next_ones_go_on() {
    let scene = scene().await;
    let mut left = std::collections::BTreeSet::new();
    for n in 0..3 * SURE + 7 {
        left.insert(scene.forgotten(&n.to_string()).await);
    }
    let takes = NUDGING / u32::try_from(SURE).expect("a few");
    *scene.sent.1.lock().expect("unpoisoned") = Some((scene.clock.clone(), takes));
    scene.clock.advance(Duration::from_secs(120));
    for _ in 0..4 {
        let began = scene.clock.now();
        assert_eq!(scene.sweep().await, swept(SURE, 0, 0), "as many as there is time for");
        assert_eq!(scene.clock.now(), began + NUDGING);
        scene.clock.advance(Duration::from_secs(60) - NUDGING);
        for nudge in scene.sent.all() {
            left.remove(&nudge.unit);
        }
    }
    assert!(left.is_empty(), "{} had no turn", left.len());
}
