//! What must be so behind a history.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use model::ids::RunId;
use model::run::{FlowState, Method, Run, RunState};

use super::{APPS, RECORDS, Seen};
use crate::bare::Scene;
use crate::book::held;

/// How often something was done: of a unit without a log app it is not always known.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    /// So often for certain.
    surely: i64,
    /// So much more often at most.
    perhaps: i64,
}

impl Times {
    fn range(self) -> RangeInclusive<i64> {
        self.surely..=self.surely + self.perhaps
    }
}

/// Every request has ended once and is told once, and the records hold what is told.
pub(super) async fn check(seed: u64, scene: &Scene, asked: &BTreeSet<RunId>) -> Seen {
    let mut seen = Seen::default();
    let log = scene.sim.control().records(scene.log);
    let fenced = scene.deps.ledger.unit(&scene.unit).await.expect("a unit").log_app.is_some();
    // The second flow writes app by app: one that was given up has written some of them.
    let mut counted = [Times::default(); 1 + APPS];
    let mut books = [Times::default(); 2];
    for id in asked {
        let run = scene.run(id).await;
        assert!(run.state.ended(), "seed {seed}: {run:#?}");
        seen.runs += 1;
        seen.scheduled += usize::from(run.trigger.method == Method::Schedule);
        seen.failed += usize::from(run.state == RunState::Failed);
        seen.uncertain += usize::from(run.state == RunState::Uncertain);
        assert!(!fenced || run.state != RunState::Uncertain, "seed {seed}: with a log app, it is known: {run:#?}");
        let told: Vec<_> = log.iter().filter(|record| record.text("run_id") == Some(&*id.to_string())).collect();
        assert_eq!(told.len(), usize::from(fenced), "seed {seed}: one log record: {run:#?}");
        let state = told.first().map(|record| record.text("state"));
        assert!(state.is_none_or(|state| state == Some(run.state.as_str())), "seed {seed}: {run:#?}");
        for (flow, done) in run.flows.iter().skip(2).zip(&mut books) {
            done.surely += i64::from(flow.state == FlowState::Succeeded);
            done.perhaps += i64::from(flow.state == FlowState::Uncertain);
        }
        for (flow, apps) in run.flows.iter().zip([0..1, 1..1 + APPS]) {
            let written = flow.output_records as usize;
            assert_eq!(written % RECORDS, 0, "seed {seed}: {run:#?}");
            assert!(flow.state != FlowState::Succeeded || written == apps.len() * RECORDS, "seed {seed}: {run:#?}");
            let (surely, perhaps) = counted[apps].split_at_mut(written / RECORDS);
            surely.iter_mut().for_each(|times| times.surely += 1);
            perhaps.iter_mut().for_each(|times| times.perhaps += i64::from(flow.state == FlowState::Uncertain));
        }
    }
    assert_eq!(log.len(), if fenced { asked.len() } else { 0 }, "seed {seed}");
    for (app, times) in scene.apps.more.iter().zip(counted) {
        let counts = counts(scene, *app);
        let right = counts.len() == 1 && times.range().contains(&counts[0]);
        assert!(right, "seed {seed}, app {app}: {counts:?}, not {times:?}: {:#?}", runs(scene, asked).await);
    }
    check_books(seed, scene, books);
    seen
}

/// The counts of an app's records: one where all are equal.
fn counts(scene: &Scene, app: u64) -> Vec<i64> {
    let records = scene.sim.control().records(app);
    let mut counts: Vec<i64> =
        records.iter().map(|r| r.text("数").and_then(|n| n.parse().ok()).unwrap_or(-1)).collect();
    counts.dedup();
    counts
}

/// Flows that append, and that make one app what another holds.
fn check_books(seed: u64, scene: &Scene, [appended, replaced]: [Times; 2]) {
    let (control, apps) = (scene.sim.control(), &scene.apps);
    let book = control.count(apps.more[APPS + 1]) as i64;
    assert!(appended.range().contains(&book), "seed {seed}: a record for each run that has appended: {book}");
    let (wanted, held) = (held(&control, apps.source), held(&control, apps.target));
    assert_eq!(held.len(), 8, "seed {seed}");
    let (whole, untouched) = (held == wanted, held.contains_key("N-0"));
    let right = (replaced.surely == 0 && untouched) || (*replaced.range().end() > 0 && whole);
    assert!(right, "seed {seed}: added, changed and deleted as a whole, or as it was: {held:#?}");
}

/// What is told of the runs, in short.
async fn runs(scene: &Scene, asked: &BTreeSet<RunId>) -> Vec<String> {
    let told = |run: Run| {
        let flows: Vec<_> = run.flows.iter().map(|f| (f.state.as_str(), f.output_records)).collect();
        format!("{} {} attempt {}: {flows:?} {}", run.id, run.state.as_str(), run.attempt, run.message)
    };
    futures::future::join_all(asked.iter().map(|id| async { told(scene.run(id).await) })).await
}
