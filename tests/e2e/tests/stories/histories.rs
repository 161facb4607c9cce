//! Seeded histories of the worker's own code: workers that are cut off anywhere, messages that come twice, a store that
//! throttles, loses answers and races, and a kintone with every fault. Time is turned by hand.
//!
//! Afterwards every request has ended once, is told once in the log app, and the records hold exactly what the flows that
//! succeeded did. `SUIRO_HISTORIES` sets how many histories are played, `SUIRO_HISTORY` plays one of them again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt as _;
use model::clock::{Clock as _, Timestamp};
use model::ids::RunId;
use model::ledger::Ticket;
use model::limits::{LEASE, MAX_ATTEMPTS, MAX_ENDERS};
use model::run::{FlowState, Run, RunState};
use model::unit::Undo;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use sim::{AppSpec, Control, Fault, FaultKind};
use worker::hosting::{Received, used_up};
use worker::{Handled, NoHold};

use crate::bare::{Cut, DOMAIN, Nobody, Scene};
use crate::book::{Apps, counting_app, counts_up, held, record, replaces};
use crate::parked::another;

mod taken_back;

/// Records of each app that is counted in.
const RECORDS: usize = 6;
/// Apps that the second flow counts in: one part of a bulk each, so that it takes two bulks.
const APPS: usize = 20;

/// Histories that are played side by side; each has a kintone of its own.
const AT_ONCE: usize = 4;

/// Flows that add one in one app, by one bulk; and in twenty, by two; that append a record; and that make one app what another
/// holds, by adding, changing and deleting.
fn flows(control: &Control, apps: &mut Apps) -> Vec<String> {
    // One graph per flow: the apps of the second are read together.
    for _ in 0..=APPS {
        apps.more.push(counting_app(control, "数える", RECORDS, |_| 0));
    }
    let book = control.create_app(AppSpec::new("台帳").field("番号", json!({ "type": "SINGLE_LINE_TEXT" }))).unwrap();
    control.put_records(apps.target, (0..8).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(apps.source, (4..12).map(|n| record(n, if n < 6 { n } else { n + 5 })).collect()).unwrap();
    let append = format!(
        "
suiro: 1
name: 追加
steps:
  - {{ name: 読む, command: input_app, app: {}, fields: [番号], conditions: [{{ field: 番号, operator: \"=\", value: N-0 }}] }}
  - {{ name: 書く, command: output_app, from: 読む, app: {book}, method: append }}
",
        apps.more[0]
    );
    let replace = replaces(apps);
    let (first, rest) = apps.more.split_at(1);
    let all = vec![counts_up(first[0], ""), counts_in(rest), append, replace];
    apps.more.push(book);
    all
}

/// Adds one in each of these apps, of which the first is read.
fn counts_in(apps: &[u64]) -> String {
    let mut many = format!(
        "
suiro: 1
name: 多く
steps:
  - {{ name: 読む, command: input_app, app: {}, fields: [番号, 数] }}
  - {{ name: 足す, command: data_edit, from: 読む, edits: [{{ field: 数, formula: 数+1 }}] }}
",
        apps[0]
    );
    for (n, app) in apps.iter().enumerate() {
        many += &format!(
            "  - {{ name: 書く{n}, command: output_app, from: 足す, app: {app}, method: update, key: 番号 }}\n"
        );
    }
    many
}

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

/// The message as a queue brings it. What the worker asks of the queue has no effect: the handle has expired.
async fn delivered(scene: &Scene, id: &str, ends: Option<Timestamp>) {
    let body = serde_json::to_string(&scene.nudge()).expect("JSON");
    let deadline = ends.and_then(|at| u64::try_from(at.0).ok());
    let message = Received { body: Some(&body), handle: Some("expired"), id, deadline };
    used_up(&scene.deps, &Nobody, message).await;
}

/// One delivery of the unit's message, to one worker or to two at once, each of which may be cut off.
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
    let one = Cut { inner: Box::pin(delivered(scene, &first, ends)), waits: waits(random) };
    if random.random_bool(0.2) {
        let two = Cut { inner: Box::pin(delivered(scene, &second, ends)), waits: waits(random) };
        tokio::join!(one, two);
    } else {
        one.await;
    }
}

async fn history(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let scene = Scene::new(&flows, if random.random_bool(0.3) { Undo::Kept } else { Undo::Off }).await;
    let (asked, last) = play(seed, &scene, &mut random).await;
    check(seed, &scene, &asked).await;
    let last = scene.run(&last).await;
    assert_eq!(
        last.state,
        RunState::Succeeded,
        "seed {seed}: whatever was before, what is undisturbed succeeds: {last:#?}"
    );
}

/// Webhooks, workers that run them, and everything that goes wrong; then all that is left is run undisturbed. Answers the
/// runs, and the last of them, which nothing has disturbed.
async fn play(seed: u64, scene: &Scene, random: &mut StdRng) -> (BTreeSet<RunId>, RunId) {
    let control = scene.sim.control();
    if random.random_bool(0.3) {
        scene.change(|unit| unit.coalesce = true).await;
    }
    let mut asked: BTreeSet<RunId> = BTreeSet::new();
    for _ in 0..random.random_range(1..4) {
        asked.insert(scene.webhook().await);
    }
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
        delivery(scene, random, turn, &mut cuts).await;
        if random.random_bool(0.2) {
            scene.faults.pause(true);
            asked.insert(scene.webhook().await);
            scene.faults.pause(false);
        }
        // Whoever was cut off is given up now or later; whoever was not has ended.
        scene.clock.advance(Duration::from_secs(random.random_range(0..60)));
        if random.random_bool(0.6) {
            scene.clock.advance(LEASE);
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
    for turn in 0..60 {
        let nudge = scene.nudge();
        match worker::handle(&scene.deps, &nudge, &format!("last {turn}"), &NoHold).await {
            Ok(Handled::Done) => {}
            Ok(Handled::Park(until)) => scene.clock.advance(scene.clock.now().until(until)),
            Err(error) => panic!("seed {seed}: {error}"),
        }
        scene.clock.advance(Duration::from_secs(1));
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

async fn check(seed: u64, scene: &Scene, asked: &BTreeSet<RunId>) {
    let control = scene.sim.control();
    let log = control.records(scene.log);
    // The second flow writes app by app: one that was given up has written some of them.
    let mut counted = [0_i64; 1 + APPS];
    let mut done = [0_i64; 4];
    for id in asked {
        let run = scene.run(id).await;
        assert!(run.state.ended(), "seed {seed}: {run:#?}");
        assert_ne!(run.state, RunState::Uncertain, "seed {seed}: with a log app, it is known: {run:#?}");
        let told: Vec<_> = log.iter().filter(|record| record.text("run_id") == Some(&*id.to_string())).collect();
        assert_eq!(told.len(), 1, "seed {seed}: one log record: {run:#?}");
        assert_eq!(told[0].text("state"), Some(run.state.as_str()), "seed {seed}: {run:#?}");
        for (flow, done) in run.flows.iter().zip(&mut done) {
            *done += i64::from(flow.state == FlowState::Succeeded);
        }
        for (flow, apps) in run.flows.iter().zip([0..1, 1..1 + APPS]) {
            let written = flow.output_records as usize;
            assert_eq!(written % RECORDS, 0, "seed {seed}: {run:#?}");
            assert!(flow.state != FlowState::Succeeded || written == apps.len() * RECORDS, "seed {seed}: {run:#?}");
            counted[apps].iter_mut().take(written / RECORDS).for_each(|count| *count += 1);
        }
    }
    assert_eq!(log.len(), asked.len(), "seed {seed}");
    let count = |app: u64| {
        let mut counts: Vec<i64> =
            control.records(app).iter().map(|r| r.text("数").and_then(|n| n.parse().ok()).unwrap_or(-1)).collect();
        counts.dedup();
        counts
    };
    for (app, counted) in scene.apps.more.iter().zip(counted) {
        assert_eq!(count(*app), [counted], "seed {seed}, app {app}: {:#?}", runs(scene, asked).await);
    }
    check_books(seed, scene, done[2], done[3] > 0);
}

/// Flows that append, and that make one app what another holds.
fn check_books(seed: u64, scene: &Scene, appended: i64, replaced: bool) {
    let (control, apps) = (scene.sim.control(), &scene.apps);
    let book = control.count(apps.more[APPS + 1]);
    assert_eq!(book as i64, appended, "seed {seed}: a record for each run that has appended");
    let wanted = match replaced {
        true => held(&control, apps.source),
        false => BTreeMap::new(),
    };
    let held = held(&control, apps.target);
    assert_eq!(held.len(), 8, "seed {seed}");
    assert!(!replaced || held == wanted, "seed {seed}: added, changed and deleted as a whole: {held:#?}");
    assert!(replaced || held.contains_key("N-0"), "seed {seed}: as it was");
}

/// What is told of the runs, in short.
async fn runs(scene: &Scene, asked: &BTreeSet<RunId>) -> Vec<String> {
    let told = |run: Run| {
        let flows: Vec<_> = run.flows.iter().map(|f| (f.state.as_str(), f.output_records)).collect();
        format!("{} {} attempt {}: {flows:?} {}", run.id, run.state.as_str(), run.attempt, run.message)
    };
    futures::future::join_all(asked.iter().map(|id| async { told(scene.run(id).await) })).await
}

#[expect(clippy::disallowed_methods, reason = "how long it plays is set from outside")]
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_ends_once_and_every_record_is_right() {
    if let Some(seed) = number("SUIRO_HISTORY") {
        return history(seed).await;
    }
    side_by_side(number("SUIRO_HISTORIES").unwrap_or(300), history).await;
}

/// Plays so many histories, some of them at once.
async fn side_by_side<F: Future<Output = ()> + Send + 'static>(count: u64, history: impl Fn(u64) -> F) {
    let played = futures::stream::iter(1..=count).map(|seed| tokio::spawn(history(seed))).buffer_unordered(AT_ONCE);
    played.for_each(|history| async { history.expect("a history without a fault") }).await;
}
