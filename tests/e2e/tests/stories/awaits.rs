//! A run is cut off at every point at which it waits for anything: the next worker leaves the same records behind.
//!
//! The worker's own code runs here, against the simulated kintone, with a ledger in memory that also waits before and behind
//! every access: cut off there, a commit was not made, or was made and its answer is lost. What was sent to kintone when a
//! worker is cut off still arrives, late.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use async_trait::async_trait;
use model::catalogue::{self, Code};
use model::clock::{Clock as _, Timestamp};
use model::ids::RunId;
use model::ledger::Admitted;
use model::run::RunState;
use model::unit::Undo;
use serde_json::Value as Json;
use sim::Control;
use worker::{Handled, Hold, NoHold};

use crate::bare::{Cut, Flows, Scene};
use crate::book::{Apps, checks, counts_on, fails, held, in_two_bulks, record, replaces};

/// What is left behind: the records of the target, and what the log app tells.
type Left = (BTreeMap<String, Json>, Vec<Vec<String>>, Vec<(String, String)>);

/// A scene in which records are there to be added, changed and deleted.
async fn scene(flows: Flows<'_>, undo: Undo) -> Scene {
    let scene = Scene::new(flows, undo).await;
    let control = scene.sim.control();
    control.put_records(scene.apps.target, (0..30).map(|n| record(n, n)).collect()).unwrap();
    let wanted = (10..40).map(|n| record(n, if n % 2 == 0 { n + 7 } else { n }));
    control.put_records(scene.apps.source, wanted.collect()).unwrap();
    scene
}

impl Scene {
    /// The run that is to be cut off.
    async fn begin(&self, cutting: Cutting) -> RunId {
        let run = self.ask().await;
        if cutting == Cutting::Flows {
            return run;
        }
        assert!(self.worker("first", usize::MAX).await);
        match self.deps.ledger.undo(&run, false).await.unwrap() {
            Admitted::Queued(mut runs) => runs.remove(0),
            other => panic!("{other:?}"),
        }
    }

    /// One worker, cut off at its so-manieth wait; whether it came to its end before that.
    async fn worker(&self, owner: &str, waits: usize) -> bool {
        let nudge = self.nudge();
        let inner = worker::handle(&self.deps, &nudge, owner, &NoHold);
        match (Cut { inner, waits }).await {
            None => false,
            Some(handled) => {
                assert_eq!(handled, Ok(Handled::Done), "{owner}");
                true
            }
        }
    }

    fn left(&self) -> Left {
        let control = self.sim.control();
        let told = |record: sim::Record| {
            let text = |code: &str| record.text(code).unwrap_or_default().to_owned();
            (text("run_id"), text("state"))
        };
        let numbers = |app: &u64| {
            let mut numbers: Vec<String> =
                control.records(*app).iter().map(|r| r.text("番号").unwrap_or_default().to_owned()).collect();
            numbers.sort();
            numbers
        };
        let more = self.apps.more.iter().map(numbers).collect();
        (held(&control, self.apps.target), more, control.records(self.log).into_iter().map(told).collect())
    }
}

/// Which run is cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cutting {
    /// The one that runs the flows.
    Flows,
    /// The one that takes that one back.
    Undo,
}

/// How a run ends.
type Ends = (RunState, Option<Code>);

const WELL: Ends = (RunState::Succeeded, None);

fn fails_by(code: Code) -> Ends {
    (RunState::Failed, Some(code))
}

/// Cuts a run off at every wait; `ends` is how it ends undisturbed. Answers how many waits there were.
async fn at_every_wait(flows: Flows<'_>, undo: Undo, (cutting, ends): (Cutting, Ends)) -> usize {
    let undisturbed = scene(flows, undo).await;
    let run = undisturbed.begin(cutting).await;
    assert!(undisturbed.worker("undisturbed", usize::MAX).await);
    let ended = undisturbed.deps.ledger.run(&run).await.unwrap();
    assert_eq!((ended.state, ended.code), ends, "{ended:#?}");
    let (records, more, _) = undisturbed.left();
    for waits in 0.. {
        let scene = scene(flows, undo).await;
        let run = scene.begin(cutting).await;
        let came_to_its_end = scene.worker("first", waits).await;
        scene.rest(&run).await;
        let ended = scene.deps.ledger.run(&run).await.unwrap();
        let (found, found_more, log) = scene.left();
        assert_eq!((ended.state, ended.code), ends, "cut off at wait {waits}: {ended:#?}");
        assert_eq!((found, found_more), (records.clone(), more.clone()), "cut off at wait {waits}: {ended:#?}");
        let before = (run.seq == 2).then(|| (run.to_string().replace("-2", "-1"), "succeeded".to_owned()));
        let told = (run.to_string(), ends.0.as_str().to_owned());
        assert_eq!(log, before.into_iter().chain([told]).collect::<Vec<_>>(), "cut off at wait {waits}");
        if came_to_its_end {
            let figure = format!("cut off at each of {waits} waits: the same records every time\n");
            std::io::stderr().write_all(figure.as_bytes()).unwrap();
            return waits;
        }
    }
    0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_adds_changes_and_deletes() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps)];
    let waits = at_every_wait(&flows, Undo::Off, (Cutting::Flows, WELL)).await;
    assert!(waits > 40, "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_of_two_bulks() {
    let flows = |control: &Control, apps: &mut Apps| vec![in_two_bulks(control, apps), counts_on(apps)];
    let waits = at_every_wait(&flows, Undo::Kept, (Cutting::Flows, WELL)).await;
    assert!(waits > 40, "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_taken_back() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps), fails(apps)];
    let waits = at_every_wait(&flows, Undo::AllOrNothing, (Cutting::Flows, fails_by(catalogue::WRITE_REFUSED))).await;
    assert!(waits > 60, "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_data_check_stops_is_taken_back() {
    let flows = |control: &Control, apps: &mut Apps| vec![replaces(apps), checks(control, apps)];
    let waits =
        at_every_wait(&flows, Undo::AllOrNothing, (Cutting::Flows, fails_by(catalogue::DATA_CHECK_STOPPED))).await;
    assert!(waits > 60, "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_another_back() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps)];
    let waits = at_every_wait(&flows, Undo::Kept, (Cutting::Undo, WELL)).await;
    assert!(waits > 30, "{waits}");
}

/// A worker whose time is up as soon as it has sent something.
struct ShortLived;

#[async_trait]
impl Hold for ShortLived {
    fn handle(&self) -> Option<&str> {
        None
    }

    async fn hide(&self, _: Duration) {}

    fn ends(&self) -> Option<Timestamp> {
        Some(Timestamp(0))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_handed_over_when_time_is_up() {
    let flows = |control: &Control, apps: &mut Apps| vec![in_two_bulks(control, apps), counts_on(apps), replaces(apps)];
    let undisturbed = scene(&flows, Undo::Off).await;
    undisturbed.ask().await;
    undisturbed.works().await.unwrap();
    let scene = scene(&flows, Undo::Off).await;
    let id = scene.ask().await;
    let mut workers = 0;
    while !scene.run(&id).await.state.ended() {
        workers += 1;
        let owner = format!("worker {workers}");
        let handled = worker::handle(&scene.deps, &scene.nudge(), &owner, &ShortLived).await.unwrap();
        // Its message comes back at once, and the clock stands still.
        assert!(handled == Handled::Done || handled == Handled::Park(scene.clock.now()), "{handled:?}");
        assert!(workers < 10);
    }
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.attempt, workers), (RunState::Succeeded, 4, 4), "{run:#?}");
    let (records, more, _) = undisturbed.left();
    let (found, found_more, _) = scene.left();
    assert_eq!((found, found_more), (records, more));
}
