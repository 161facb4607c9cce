//! Workers that stand still and go on when others have taken their run over, or ended it: wherever that is, they change
//! nothing any more.

use std::time::Duration;

use model::limits::LEASE;
use model::run::RunState;
use model::unit::Undo;
use sim::Control;
use worker::NoHold;

use crate::bare::{Cut, Scene};
use crate::book::{Apps, counting_app, counts_up, held, record, replaces};

const RECORDS: usize = 4;

fn flows(control: &Control, apps: &mut Apps) -> Vec<String> {
    apps.more.push(counting_app(control, "数える", RECORDS, |_| 0));
    control.put_records(apps.target, (0..4).map(|n| record(n, n)).collect()).unwrap();
    control.put_records(apps.source, (2..6).map(|n| record(n, n + 9)).collect()).unwrap();
    vec![counts_up(apps.more[0], ""), replaces(apps)]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stood_still_at_any_wait_changes_nothing_when_it_goes_on() {
    let mut overtaken = 0;
    for waits in 0.. {
        let scene = Scene::new(&flows, Undo::Off).await;
        let control = scene.sim.control();
        let id = scene.ask().await;
        let nudge = scene.nudge();
        let mut stalled = worker::handle(&scene.deps, &nudge, "stalled", &NoHold);
        let whole = Cut { inner: &mut stalled, waits }.await.is_some();
        scene.pass(LEASE + Duration::from_secs(1));
        scene.rest(&id).await;
        let ended = scene.run(&id).await;
        assert_eq!(ended.state, RunState::Succeeded, "stood still at wait {waits}: {ended:#?}");
        if !whole {
            overtaken += usize::from(ended.attempt > 1);
            // Its error is its own: the run has ended.
            drop(stalled.await);
        }
        let run = scene.run(&id).await;
        assert_eq!(run, ended, "stood still at wait {waits}");
        let log = control.records(scene.log);
        assert_eq!(log.len(), 1, "stood still at wait {waits}");
        let told = (log[0].text("state"), log[0].text("end_time").is_some_and(|end| !end.is_empty()));
        assert_eq!(told, (Some("succeeded"), true), "stood still at wait {waits}: {:#?}", log[0]);
        let counts: Vec<_> =
            control.records(scene.apps.more[0]).iter().map(|r| r.text("数").map(str::to_owned)).collect();
        assert!(counts.iter().all(|count| count.as_deref() == Some("1")), "stood still at wait {waits}: {counts:?}");
        assert_eq!(held(&control, scene.apps.target), held(&control, scene.apps.source), "stood still at wait {waits}");
        if whole {
            break;
        }
    }
    assert!(overtaken > 20, "{overtaken} were overtaken");
}
