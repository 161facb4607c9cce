//! What a flood costs, and whom. `SUIRO_FLOOD=100000 cargo test --release -p api --test it flood -- --nocapture` is the
//! size that the product promises; the suite plays a smaller one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::clock::{Clock, ManualClock, Timestamp, VirtualClock};
use model::ids::{RunId, UnitId};
use model::ledger::{Ledger, Taken};
use model::limits::UnitLimits;
use model::ports::Nudge;
use model::refusals::{FLOOD_AFTER, FLOOD_QUIET, HELD_BACK};
use model::run::{Ending, Method, Run, RunState};
use model::unit::{DisableAfter, Doors, Unit};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc};

use crate::scene::{DOMAIN, Scene, notification, plain, run_body, webhook_path};

const START: Timestamp = Timestamp(1_800_000_000_000);
/// Units that work beside the flooded one.
const OTHERS: usize = 20;
/// Requests of each.
const REQUESTS: u64 = 10;
/// Workers that there are for all: what messages of a flood would take from the others.
const WORKERS: usize = 10;
/// Processes of api.
const PROCESSES: usize = 4;
/// Calls a second.
const RATE: u64 = 2_000;

fn calls() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    std::env::var("SUIRO_FLOOD").ok().and_then(|calls| calls.parse().ok()).unwrap_or(10_000)
}

/// What a play leaves behind.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// When each run of the other units started.
    starts: BTreeMap<(usize, u64), Timestamp>,
    /// Log records of the flooded unit that tell of refused calls, by run.
    records: BTreeSet<u64>,
}

/// A queue with a group per unit and so many workers; each run takes eight seconds, each look half a one.
struct Workers {
    clock: Arc<VirtualClock>,
    ledger: Ledger,
    slots: Semaphore,
    units: Vec<UnitId>,
    told: Mutex<Told>,
}

impl Workers {
    async fn group(self: Arc<Self>, mut nudges: mpsc::UnboundedReceiver<Nudge>) {
        while let Some(nudge) = nudges.recv().await {
            loop {
                let slot = self.slots.acquire().await.expect("open");
                self.clock.sleep_until(self.clock.now() + Duration::from_millis(500)).await;
                match self.ledger.take(&nudge.unit, DOMAIN, "w").await.expect("taken") {
                    Taken::Run(ticket) => {
                        if let Some(at) = self.units.iter().position(|id| *id == nudge.unit).filter(|at| *at > 0) {
                            let now = self.clock.now();
                            self.told.lock().expect("unpoisoned").starts.insert((at, ticket.run.id.seq), now);
                        }
                        self.clock.sleep_until(self.clock.now() + Duration::from_secs(8)).await;
                        let ending = Ending {
                            state: RunState::Succeeded,
                            code: None,
                            message: String::new(),
                            flows: Vec::new(),
                        };
                        self.ledger.end(&ticket, &ending, true).await.expect("ended");
                        break;
                    }
                    Taken::Wait { note, to_log } => {
                        self.log(&nudge.unit, &to_log).await;
                        drop(slot);
                        self.clock.sleep_until(note.until).await;
                    }
                    Taken::Idle(to_log) => {
                        self.log(&nudge.unit, &to_log).await;
                        break;
                    }
                    Taken::Ended(run) => self.log(&nudge.unit, &[run.id.seq]).await,
                }
            }
        }
    }

    /// Writes log records as the worker does: one per run, whatever is written again.
    async fn log(&self, unit: &UnitId, seqs: &[u64]) {
        for seq in seqs {
            let id = RunId { unit: unit.clone(), seq: *seq };
            let run = self.ledger.run(&id).await.expect("a run");
            if run.trigger.method == Method::Flood {
                let Some(told) = self.ledger.flood_to_tell(&id).await.expect("asked") else { continue };
                self.ledger.flood_told(&told).await.expect("told");
            } else {
                self.ledger.logged(unit, *seq).await.expect("logged");
            }
            if *unit == self.units[0] {
                self.told.lock().expect("unpoisoned").records.insert(*seq);
            }
        }
    }
}

/// What the flood itself cost.
#[derive(Debug)]
struct Cost {
    refused: u64,
    reads: u64,
    writes: u64,
    messages: u64,
}

/// Plays twenty units at work beside one whose queue is full, with or without a flood of calls at that one.
async fn play(flood: u64) -> (Told, Cost, Scene, Unit) {
    let clock = Arc::new(VirtualClock::new(START));
    let mut scene = Scene::new(clock.clone(), PROCESSES);
    let (flooded, secret) = scene.unit(plain()).await;
    let mut units = vec![flooded.id.clone()];
    let mut others = Vec::new();
    for _ in 0..OTHERS {
        let (unit, secret) = scene.unit(plain()).await;
        units.push(unit.id.clone());
        others.push(webhook_path(&unit, &secret));
    }
    let told = Mutex::default();
    let (ledger, slots) = (scene.ledger.clone(), Semaphore::new(WORKERS));
    let workers = Arc::new(Workers { clock: clock.clone(), ledger, slots, units, told });
    let mut nudges = scene.nudges.take().expect("once");
    let (hub, clock_of) = (workers.clone(), clock.clone());
    tokio::spawn(async move {
        let mut groups: HashMap<UnitId, mpsc::UnboundedSender<Nudge>> = HashMap::new();
        while let Some(nudge) = nudges.recv().await {
            let group = groups.entry(nudge.unit.clone()).or_insert_with(|| {
                let (sender, receiver) = mpsc::unbounded_channel();
                tokio::spawn(hub.clone().group(receiver));
                sender
            });
            group.send(nudge).expect("its group lives");
        }
    });
    let scene = Arc::new(scene);
    let path = webhook_path(&flooded, &secret);
    // Ten minutes of work: from now on there is no room but for five a minute.
    for n in 0..60 {
        scene.post(&path, &notification(&format!("full-{n}"))).await;
    }
    for (unit, path) in others.into_iter().enumerate() {
        let (scene, clock) = (scene.clone(), clock_of.clone());
        tokio::spawn(async move {
            for n in 0..REQUESTS {
                // Spread over some four minutes, differently for each unit, in bursts for some.
                let at = START + Duration::from_millis((n * 23_000 + unit as u64 * 1_117) % (210_000 + unit as u64));
                clock.sleep_until(at).await;
                let asked = scene.post_from(unit % PROCESSES, "192.0.2.1", &path, &notification(&n.to_string())).await;
                assert_eq!(asked.status, 202, "{asked:?}");
            }
        });
    }
    let (sender, mut cost) = mpsc::unbounded_channel();
    let (flooding, clock_of) = (scene.clone(), clock.clone());
    tokio::spawn(async move {
        clock_of.sleep_until(START + Duration::from_secs(20)).await;
        let mut all = Cost { refused: 0, reads: 0, writes: 0, messages: 0 };
        for n in 0..flood {
            let (before, messages) = (flooding.counts(), flooding.messages());
            let process = (n % PROCESSES as u64) as usize;
            let asked = flooding.post_from(process, "203.0.113.5", &path, &notification(&format!("flood-{n}"))).await;
            assert_eq!(asked.status, 202, "{asked:?}");
            if !asked.json["error"].is_null() {
                let after = flooding.counts();
                all.refused += 1;
                all.reads += after.reads - before.reads;
                all.writes += after.writes - before.writes;
                all.messages += flooding.messages() - messages;
            }
            if n % (RATE / 1_000) == 0 {
                clock_of.sleep_until(clock_of.now() + Duration::from_millis(1)).await;
            }
        }
        sender.send(all).expect("somebody waits");
    });
    clock.drive(|| false).await;
    let cost = cost.recv().await.expect("the flood has ended");
    let told = std::mem::take(&mut *workers.told.lock().expect("unpoisoned"));
    drop(workers);
    let scene = Arc::try_unwrap(scene).unwrap_or_else(|_| panic!("all has ended"));
    (told, cost, scene, flooded)
}

#[tokio::test]
async fn a_flood_costs_next_to_nothing_and_nobody_else() {
    let calls = calls();
    let (calm, _, _, _) = play(0).await;
    let (told, cost, scene, flooded) = play(calls).await;
    assert_eq!(calm.starts.len(), OTHERS * REQUESTS as usize);
    assert_eq!(told.starts, calm.starts, "the others start when they start without it");

    let per = |n: u64| n as f64 / cost.refused as f64;
    #[expect(clippy::print_stdout, reason = "the figure that the product promises")]
    {
        println!(
            "{calls} calls, {} refused: {:.4} items read, {:.4} items written, {:.4} messages each; {} log records",
            cost.refused,
            per(cost.reads),
            per(cost.writes),
            per(cost.messages),
            told.records.len(),
        );
    }
    assert!(cost.refused > calls * 9 / 10, "{cost:?}");
    assert_eq!(cost.messages, 0);
    // A second costs each process a look at the door, a note, and what is recorded before the flood is found; a small flood
    // has little to spread that over.
    let seconds = calls / RATE + 2;
    let processes = PROCESSES as u64;
    let found = (FLOOD_AFTER + processes * HELD_BACK) * 4;
    assert!(cost.writes <= seconds * processes * 2 + found, "{cost:?}");
    assert!(cost.reads <= seconds * processes * 6 + found, "{cost:?}");
    if calls >= 100_000 {
        assert!(per(cost.writes) < 0.01 && per(cost.reads) < 0.02, "{cost:?}");
    }

    // The flood has one run and one log record; what was counted is what was refused.
    let runs = scene.ledger.runs(&flooded.id, 100_000).await.expect("runs");
    let floods: Vec<_> = runs.iter().filter(|run| run.trigger.method == Method::Flood).collect();
    assert_eq!(floods.len(), 1);
    let came_late =
        |run: &&Run| run.state == RunState::TimedOut && run.flood.is_none() && run.deadline == run.queued_at;
    let late: Vec<u64> = runs.iter().filter(came_late).map(|run| run.id.seq).collect();
    assert!(late.len() as u64 <= FLOOD_AFTER + processes * HELD_BACK, "{late:?}");
    let told_late: BTreeSet<u64> = late.iter().filter(|seq| **seq > 60).copied().collect();
    assert_eq!(told.records.intersection(&told_late).count(), 0, "the flood's record tells of them");
    assert!(told.records.contains(&floods[0].id.seq));
    for (deps, _) in &scene.processes {
        deps.guard.note(&deps.ledger).await;
    }
    let refusals = scene.ledger.refusals(&flooded.id).await.expect("refusals");
    let at_first = 60 - runs.iter().filter(|run| run.id.seq <= 60 && run.state != RunState::TimedOut).count() as u64;
    assert_eq!(refusals.total.sum(), cost.refused + at_first, "none is lost");
}

/// A full unit: one waits, and the next could not start for a minute.
async fn full(clock: Arc<dyn Clock>, unit: Unit) -> (Scene, Unit, model::secret_url::Secret) {
    let scene = Scene::new(clock, 1);
    let limits = UnitLimits { starts: 1, wait_ms: 1_000, ..UnitLimits::default() };
    let (unit, secret) = scene.unit(Unit { limits, ..unit }).await;
    assert_eq!(scene.post(&webhook_path(&unit, &secret), &notification("first")).await.status, 202);
    (scene, unit, secret)
}

/// Reads and writes of so many calls, all answered like this.
async fn cost(
    scene: &Scene,
    path: &str,
    bodies: impl Iterator<Item = serde_json::Value>,
    says: (u16, &str),
) -> (u64, u64) {
    let before = scene.counts();
    for body in bodies {
        scene.post(path, &body).await.says(says.0, says.1);
    }
    let after = scene.counts();
    (after.reads - before.reads, after.writes - before.writes)
}

#[tokio::test]
async fn whatever_a_leaked_url_is_flooded_with_is_cheap() {
    let clock = Arc::new(ManualClock::new(START));
    let (scene, unit, secret) = full(clock.clone(), plain()).await;
    let path = webhook_path(&unit, &secret);
    let token = scene.token(&secret).await;
    let run = format!("/trigger/v1/{}/run", secret.reveal());
    // The same notification again and again.
    let same = (0..1_000).map(|_| notification("first"));
    let (reads, writes) = cost(&scene, &path, same, (200, "request.duplicate")).await;
    assert!(reads <= 30 && writes <= 30, "{reads} {writes}");
    clock.advance(Duration::from_secs(1));
    let asked = (0..1_000).map(|_| run_body(&token));
    let (reads, writes) = cost(&scene, &run, asked, (429, "unit.too_many_waiting")).await;
    assert!(reads <= 30 && writes <= 30, "{reads} {writes}");
    clock.advance(Duration::from_secs(1));
    let nonsense = (0..1_000).map(|_| json!([]));
    let (reads, writes) = cost(&scene, &path, nonsense, (400, "request.malformed")).await;
    assert!(reads <= 30 && writes <= 30, "{reads} {writes}");
    clock.advance(Duration::from_secs(1));
    let tokens = format!("/trigger/v1/{}/token", secret.reveal());
    let before = scene.counts();
    let mut given = BTreeSet::new();
    for _ in 0..1_000 {
        given.insert(scene.token(&secret).await);
    }
    assert_eq!(
        (given.len(), scene.counts().writes - before.writes),
        (10, 10 + 1),
        "a new one ten times, then the last again"
    );
    clock.advance(Duration::from_secs(1));
    assert!(given.insert(scene.token(&secret).await), "then another");
    scene.ledger.regenerate_url(&unit.id, None).await.expect("a URL");
    // It was made anew, and the flood goes on at the one before: that opens nothing, and its calls still cost no more.
    let dead = (0..1_000).map(|_| json!({}));
    let (reads, writes) = cost(&scene, &tokens, dead, (404, "url.unknown")).await;
    assert!(reads <= 40 && writes <= 30, "{reads} {writes}");
    clock.advance(Duration::from_secs(1));
    scene.post(&tokens, &json!({})).await.says(404, "url.unknown");
    let total = scene.ledger.refusals(&unit.id).await.expect("refusals").total;
    assert_eq!((total.duplicate, total.too_many, total.content, total.dead), (1_000, 1_000, 1_000, 1_000));
}

#[tokio::test]
async fn what_can_be_accepted_is_refused_no_longer_than_a_second() {
    let clock = Arc::new(ManualClock::new(START));
    let (scene, unit, secret) = full(clock.clone(), plain()).await;
    let (run, token) = (format!("/trigger/v1/{}/run", secret.reveal()), scene.token(&secret).await);
    let often = async |body: &serde_json::Value, path: &str, says: (u16, &str)| {
        for _ in 0..5 {
            scene.post(path, body).await.says(says.0, says.1);
        }
    };
    often(&run_body(&token), &run, (429, "unit.too_many_waiting")).await;
    // Somebody takes the one back that waits: there is room.
    scene.ledger.cancel(&RunId { unit: unit.id.clone(), seq: 1 }).await.expect("taken back");
    clock.advance(Duration::from_millis(999));
    let refused = scene.post(&run, &run_body(&token)).await;
    refused.says(429, "unit.too_many_waiting");
    assert_eq!(
        refused.retry_after.as_deref(),
        Some("59"),
        "what it would be told if it were read now, and nothing had changed"
    );
    clock.advance(Duration::from_millis(1));
    assert_eq!(scene.post(&run, &run_body(&token)).await.status, 202);

    // A unit that is enabled again, likewise; and an enabled one is never refused by what is remembered.
    scene.ledger.set_enabled(&unit.id, false).await.expect("disabled");
    let path = webhook_path(&unit, &secret);
    often(&notification("a"), &path, (403, "unit.disabled")).await;
    scene.ledger.set_enabled(&unit.id, true).await.expect("enabled");
    scene.ledger.cancel(&RunId { unit: unit.id.clone(), seq: 2 }).await.expect("taken back");
    scene.post(&path, &notification("a")).await.says(403, "unit.disabled");
    clock.advance(Duration::from_secs(1));
    assert_eq!(scene.post(&path, &notification("a")).await.status, 202);
}

#[tokio::test]
async fn a_flood_is_answered_like_late_webhooks_and_ends() {
    let clock = Arc::new(ManualClock::new(START));
    let (scene, unit, secret) = full(clock.clone(), plain()).await;
    let path = webhook_path(&unit, &secret);
    for n in 0..=FLOOD_AFTER {
        scene.post(&path, &notification(&n.to_string())).await.says(202, "run.timed_out");
    }
    let flooding = scene.post(&path, &notification("one more")).await;
    flooding.says(202, "unit.flood");
    let flood: RunId = flooding.json["runId"].as_str().expect("a run").parse().expect("an id");
    let token = scene.token(&secret).await;
    let asked = json!({ "accessToken": token, "runId": flood.to_string() });
    let status = scene.post(&format!("/trigger/v1/{}/status", secret.reveal()), &asked).await;
    assert_eq!(
        (status.status, &status.json["state"]),
        (200, &json!("timed_out")),
        "its callers learn what became of it"
    );
    // The process is frozen; the first call after it wakes notes what is left.
    clock.advance(Duration::from_secs(5));
    scene.post(&path, &notification("and one")).await.says(202, "unit.flood");
    let total = scene.ledger.refusals(&unit.id).await.expect("refusals").total;
    assert_eq!(total.late, FLOOD_AFTER + 3);
    clock.advance(FLOOD_QUIET);
    let told = scene.ledger.flood_to_tell(&flood).await.expect("asked").expect("its end");
    scene.ledger.flood_told(&told).await.expect("told");
    assert_eq!(scene.ledger.state(&unit.id).await.expect("a state").flood, None);
}

#[tokio::test]
async fn a_flood_switches_a_unit_off_that_asks_for_it() {
    let clock = Arc::new(ManualClock::new(START));
    let doors = Doors { disable_after: Some(DisableAfter { refusals: 300, minutes: 1 }), ..Doors::default() };
    let (scene, unit, secret) = full(clock.clone(), Unit { doors, ..plain() }).await;
    let path = webhook_path(&unit, &secret);
    for n in 0..400 {
        assert_eq!(scene.post(&path, &notification(&n.to_string())).await.status, 202);
    }
    clock.advance(Duration::from_secs(1));
    scene.post(&path, &notification("x")).await;
    scene.post(&path, &notification("y")).await.says(403, "unit.disabled");
    let state = scene.ledger.state(&unit.id).await.expect("a state");
    assert_eq!(state.disabled.and_then(|d| d.refusals), Some(401));
    assert_eq!(scene.messages(), 1, "for the one that waits");
}
