//! What somebody changes in the course of a run, between two of its flows, is theirs: the run was computed from it, and what
//! takes the run back leaves it.

use std::collections::BTreeMap;

use model::catalogue;
use model::ids::RunId;
use model::run::{Run, RunState};
use model::unit::Undo;
use serde_json::{Value as Json, json};
use sim::Control;
use worker::NoHold;

use super::notes::undo;
use crate::bare::{Cut, DOMAIN, Flows, Scene};
use crate::book::{Apps, counts_on, fails, held, record, replaces};

const NOTE: &str = "誰かのメモ";

struct Disturbed {
    scene: Scene,
    id: RunId,
    /// The target before the run.
    before: BTreeMap<String, Json>,
    /// The two records that somebody has changed.
    theirs: [u64; 2],
}

/// A run whose worker dies behind its first flow; then somebody writes into two records of the target, and the rest goes on.
async fn disturbed(flows: Flows<'_>, mode: Undo) -> Disturbed {
    for waits in (10..).step_by(3) {
        let scene = Scene::new(flows, mode).await;
        let control = scene.sim.control();
        control.put_records(scene.apps.target, (0..10).map(|n| record(n, n)).collect()).unwrap();
        control.put_records(scene.apps.source, (5..15).map(|n| record(n, n + 7)).collect()).unwrap();
        let before = held(&control, scene.apps.target);
        let id = scene.ask().await;
        let nudge = scene.nudge();
        let inner = worker::handle(&scene.deps, &nudge, "first", &NoHold);
        assert!(Cut { inner, waits }.await.is_none(), "it is cut off before it ends");
        // Behind the note of the ids that the answer named: who has changed an added record before is not found out.
        let store = scene.deps.files.unit(DOMAIN, &scene.unit);
        if store.kept_of_flow(&id.to_string(), 0).await.unwrap().bulks.is_empty() {
            continue;
        }
        let records = control.records(scene.apps.target);
        let of = |number: &str| records.iter().find(|record| record.text("番号") == Some(number));
        // One that the first flow changed, and one that it added.
        let (changed, added) = (of("N-7").unwrap(), of("N-12").unwrap());
        assert_eq!((changed.text("数"), changed.revision), (Some("14.5"), 2), "the second flow has not written");
        let theirs = [changed.id, added.id];
        for id in theirs {
            control.screen_update(scene.apps.target, id, json!({ "メモ": { "value": NOTE } })).unwrap();
        }
        scene.rest(&id).await;
        return Disturbed { scene, id, before, theirs };
    }
    unreachable!("the first flow is written at some time");
}

/// Both are as they were left; the others are as before the run.
fn left(Disturbed { scene, before, theirs, .. }: &Disturbed, told: &Run) {
    let [changed, added] = theirs;
    let text = format!("changed since, or in the course of the run × 2: #{changed} #{added}");
    assert!(told.message.contains(&text), "{}", told.message);
    let records = scene.sim.control().records(scene.apps.target);
    for id in *theirs {
        let record = records.iter().find(|record| record.id == id).expect("it is left");
        assert_eq!(record.text("メモ"), Some(NOTE), "{record:#?}");
    }
    let now = held(&scene.sim.control(), scene.apps.target);
    let mut numbers: Vec<&String> = now.keys().collect();
    numbers.retain(|number| !["N-7", "N-12"].contains(&number.as_str()));
    assert_eq!(numbers.len(), 9, "{now:#?}");
    for number in numbers {
        assert_eq!(now[number], before[number], "{number} is as it was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_between_two_flows_is_left_and_told() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps)];
    let all = disturbed(&flows, Undo::Kept).await;
    assert_eq!(all.scene.run(&all.id).await.state, RunState::Succeeded);
    let undone = undo(&all.scene, &all.id, false).await;
    assert_eq!((undone.state, undone.code), (RunState::Failed, Some(catalogue::UNDO_INCOMPLETE)), "{undone:#?}");
    left(&all, &undone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_itself_back_leaves_it_too() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps), fails(apps)];
    let all = disturbed(&flows, Undo::AllOrNothing).await;
    let run = all.scene.run(&all.id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::WRITE_REFUSED)), "{run:#?}");
    assert!(run.message.contains(catalogue::UNDO_INCOMPLETE.ja().as_str()), "{}", run.message);
    left(&all, &run);
}
