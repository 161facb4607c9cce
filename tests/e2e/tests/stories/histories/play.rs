//! One history: webhooks and schedules, workers that run them, and everything that goes wrong.

use std::collections::BTreeSet;
use std::time::Duration;

use model::clock::{Clock as _, Timestamp};
use model::ids::RunId;
use model::ledger::{Entered, Ticket};
use model::limits::{LEASE, MAX_ATTEMPTS, MAX_ENDERS};
use model::ports::Nudge;
use model::schedule::{Overlap, Pattern, Schedule, ScheduleId};
use rand::RngExt;
use rand::rngs::StdRng;
use sim::{Control, Fault, FaultKind};
use worker::hosting::{Received, used_up};
use worker::{Handled, NoHold};

use crate::bare::{Cut, DOMAIN, Nobody, Scene};
use crate::parked::another;

/// Faults of kintone, each at some call; those that lose an answer are told by a reset, since nobody waits for a time-out here.
fn faults(random: &mut StdRng, control: &Control) {
    for _ in 0..random.random_range(0..4) {
        let kind = match random.random_range(0..8) {
            0 => FaultKind::ServiceUnavailable,
            1 => FaultKind::BadGateway,
            2 => FaultKind::ResetBefore,
            3 | 4 => FaultKind::ResetAfter,
            5 => FaultKind::CutBody { bytes: random.random_range(0..40) },
            6 => FaultKind::TooManyRequests,
            _ => FaultKind::DatabaseLock,
        };
        let path = if random.random_bool(0.5) { "*/bulkRequest.json" } else { "*" };
        let times = if random.random_bool(0.1) { 30 } else { random.random_range(1..4) };
        control.add_fault(Fault::new(path, kind).skip(random.random_range(0..12)).times(times));
    }
}

/// A message as a queue brings it. What the worker asks of the queue has no effect: the handle has expired.
async fn delivered(scene: &Scene, nudge: &Nudge, id: &str, ends: Option<Timestamp>) {
    let body = serde_json::to_string(nudge).expect("JSON");
    let deadline = ends.and_then(|at| u64::try_from(at.0).ok());
    let message = Received { body: Some(&body), handle: Some("expired"), id, deadline };
    used_up(&scene.deps, &Nobody, message).await;
}

/// One delivery of a message of the unit's, or of those for the domain's scheduled runs, to one worker or to two at once, each of which may be cut off.
async fn delivery(scene: &Scene, random: &mut StdRng, turn: usize, cuts: &mut usize) {
    let mut waits = |random: &mut StdRng| {
        // A run whose workers die again and again is given up; where even those die that are to end it, nobody knows.
        let cut = *cuts > 0 && random.random_bool(0.5);
        *cuts -= usize::from(cut);
        if cut { random.random_range(0..160) } else { usize::MAX }
    };
    // A Lambda whose time is nearly up hands its run over between bulks and between flows.
    let ends = random.random_bool(0.2).then(|| scene.clock.now() + Duration::from_secs(60));
    let (first, second) = (format!("{turn}a"), format!("{turn}b"));
    let (nudge, other) = (some(scene, random), some(scene, random));
    let one = Cut { inner: Box::pin(delivered(scene, &nudge, &first, ends)), waits: waits(random) };
    if random.random_bool(0.2) {
        let two = Cut { inner: Box::pin(delivered(scene, &other, &second, ends)), waits: waits(random) };
        tokio::join!(one, two);
    } else {
        one.await;
    }
}

/// Webhooks, workers that run them, and everything that goes wrong; then all that is left is run undisturbed. Answers the
/// runs, and the last of them, which nothing has disturbed.
pub(super) async fn play(seed: u64, scene: &Scene, random: &mut StdRng) -> (BTreeSet<RunId>, RunId) {
    let control = scene.sim.control();
    if random.random_bool(0.3) {
        scene.change(|unit| unit.coalesce = true).await;
    }
    let mut asked: BTreeSet<RunId> = BTreeSet::new();
    for _ in 0..random.random_range(1..4) {
        asked.insert(scene.webhook().await);
    }
    let schedule = if random.random_bool(0.3) { Some(scheduled(scene, random).await) } else { None };
    let somebody = if random.random_bool(0.4) { Some(another(&scene.deps.ledger, &scene.unit).await) } else { None };
    let mut cuts = (MAX_ATTEMPTS + MAX_ENDERS) as usize - 1;
    scene.faults.begin(seed, if random.random_bool(0.5) { 0.03 } else { 0.0 });
    scene.file_faults.begin(seed, if random.random_bool(0.3) { 0.1 } else { 0.0 });
    for turn in 0..random.random_range(2..8) {
        faults(random, &control);
        if let Some(ticket) = &somebody {
            scene.faults.pause(true);
            contend(scene, ticket, random).await;
            scene.faults.pause(false);
        }
        if let Some(schedule) = &schedule
            && random.random_bool(0.3)
        {
            scene.faults.pause(true);
            let entered = scene.deps.ledger.run_schedule(DOMAIN, &scene.unit, schedule).await.expect("a schedule");
            asked.extend(if let Entered::Run(run) = entered { Some(run) } else { None });
            scene.faults.pause(false);
        }
        delivery(scene, random, turn, &mut cuts).await;
        if random.random_bool(0.2) {
            scene.faults.pause(true);
            asked.insert(scene.webhook().await);
            scene.faults.pause(false);
        }
        // Whoever was cut off is given up now or later; whoever was not has ended.
        scene.pass(Duration::from_secs(random.random_range(0..60)));
        if random.random_bool(0.6) {
            scene.pass(LEASE);
        }
    }
    scene.faults.end();
    scene.file_faults.end();
    control.clear_faults();
    if let Some(ticket) = &somebody {
        // Its lease may have lapsed long ago; then it holds nothing.
        drop(scene.deps.ledger.release(ticket).await);
    }
    let last = scene.webhook().await;
    asked.insert(last.clone());
    for turn in 0..if schedule.is_some() { 120 } else { 60 } {
        let nudge = if schedule.is_some() && turn % 2 == 0 { for_scheduled(scene) } else { scene.nudge() };
        match worker::handle(&scene.deps, &nudge, &format!("last {turn}"), &NoHold).await {
            Ok(Handled::Done) => {}
            Ok(Handled::Park(until)) => scene.pass(scene.clock.now().until(until)),
            Err(error) => panic!("seed {seed}: {error}"),
        }
        scene.pass(Duration::from_secs(1));
    }
    (asked, last)
}

/// Another unit takes all room of the output budget, or gives it back. Where its lease has lapsed it can do neither.
async fn contend(scene: &Scene, ticket: &Ticket, random: &mut StdRng) {
    let ledger = &scene.deps.ledger;
    if random.random_bool(0.5) {
        let budget = ledger.gate(DOMAIN).await.expect("a gate").limits.budget;
        drop(ledger.reserve_if_free(ticket, budget).await);
    } else {
        drop(ledger.release(ticket).await);
    }
}

/// A schedule of the unit that falls due whenever the history says so.
async fn scheduled(scene: &Scene, random: &mut StdRng) -> ScheduleId {
    let overlap = if random.random_bool(0.5) { Overlap::Queue } else { Overlap::Skip };
    let schedule = Schedule { overlap, ..Schedule::new(&scene.unit, Pattern::Hourly { minute: 0 }) };
    scene.deps.ledger.put_schedule(schedule).await.expect("a schedule").schedule.id
}

fn for_scheduled(scene: &Scene) -> Nudge {
    Nudge::scheduled(DOMAIN, scene.unit.clone())
}

/// One of the two kinds of messages.
fn some(scene: &Scene, random: &mut StdRng) -> Nudge {
    if random.random_bool(0.3) { for_scheduled(scene) } else { scene.nudge() }
}
