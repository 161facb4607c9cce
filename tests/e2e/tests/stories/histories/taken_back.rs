//! Histories of runs that fail at their last flow and take themselves back: afterwards every record is as it was.

use model::catalogue;
use model::run::RunState;
use model::unit::Undo;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sim::Control;

use super::play::play;
use super::{APPS, RECORDS, counts_in, number, side_by_side, tell};
use crate::bare::Scene;
use crate::book::{Apps, checks, counting_app, fails, held, record, replaces};

/// One flow that adds, changes and deletes, one of two bulks, and one that fails: kintone refuses what it writes.
fn refused(control: &Control, apps: &mut Apps) -> Vec<String> {
    let mut flows = written(control, apps);
    flows.push(fails(apps));
    flows
}

/// The same, and one that a data check stops. The errors that it writes stay.
fn stopped(control: &Control, apps: &mut Apps) -> Vec<String> {
    let mut flows = written(control, apps);
    flows.push(checks(control, apps));
    flows
}

fn written(control: &Control, apps: &mut Apps) -> Vec<String> {
    for _ in 0..APPS {
        apps.more.push(counting_app(control, "数える", RECORDS, |_| 0));
    }
    control.put_records(apps.target, (0..8).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(apps.source, (4..12).map(|n| record(n, n + 25)).collect()).unwrap();
    vec![replaces(apps), counts_in(&apps.more)]
}

/// Answers whether something was not taken back, and said so.
async fn history(seed: u64) -> bool {
    let mut random = StdRng::seed_from_u64(seed);
    let by_check = random.random_bool(0.5);
    let scene = match by_check {
        true => Scene::new(&stopped, Undo::AllOrNothing).await,
        false => Scene::new(&refused, Undo::AllOrNothing).await,
    };
    let control = scene.sim.control();
    let before = held(&control, scene.apps.target);
    let (asked, last) = play(seed, &scene, &mut random).await;
    let log = control.records(scene.log);
    assert_eq!(log.len(), asked.len(), "seed {seed}");
    let mut incomplete = false;
    for id in &asked {
        let run = scene.run(id).await;
        // One that had to wait for too long never started.
        let ends = [RunState::Failed, RunState::TimedOut].contains(&run.state);
        assert!(ends, "seed {seed}: its last flow fails, and that is known: {run:#?}");
        let told: Vec<_> = log.iter().filter(|record| record.text("run_id") == Some(&*id.to_string())).collect();
        assert_eq!((told.len(), told[0].text("state")), (1, Some(run.state.as_str())), "seed {seed}: {run:#?}");
        incomplete |= run.message.contains(&catalogue::UNDO_INCOMPLETE.ja());
    }
    if incomplete {
        return true;
    }
    let run = scene.run(&last).await;
    let code = if by_check { catalogue::DATA_CHECK_STOPPED } else { catalogue::WRITE_REFUSED };
    assert_eq!(run.code, Some(code), "seed {seed}: nothing has disturbed it: {run:#?}");
    assert_eq!(held(&control, scene.apps.target), before, "seed {seed}: {run:#?}");
    for app in &scene.apps.more[..APPS] {
        let counts: Vec<_> = control.records(*app).iter().map(|r| r.text("数").map(str::to_owned)).collect();
        assert!(counts.iter().all(|count| count.as_deref() == Some("0")), "seed {seed}, app {app}: {counts:?}");
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_taken_back_whatever_is_killed() {
    if let Some(seed) = number("SUIRO_HISTORY") {
        history(seed).await;
        return;
    }
    let count = number("SUIRO_HISTORIES").unwrap_or(300) / 3;
    // Where workers die again and again while they take back, the rest is left and said to be.
    let incomplete = side_by_side(count, history).await.into_iter().filter(|incomplete| *incomplete).count();
    tell(&format!("{incomplete} of {count} were left in part, and said so"));
    assert!(incomplete as u64 * 50 < count, "{incomplete} of {count} were not taken back whole");
}
