//! Runs that ended and are still to be told in the log app.

use std::time::Duration;

use model::catalogue;
use model::keys;
use model::run::RunState;
use model::store::{Expect, Write};
use model::unit::Undo;
use serde_json::json;
use sim::{AppSpec, Fault, FaultKind};

use crate::bare::Scene;
use crate::book::{counting_app, counts_up};

async fn scene() -> Scene {
    let flows = |control: &sim::Control, apps: &mut crate::book::Apps| {
        apps.more.push(counting_app(control, "数える", 3, |_| 0));
        vec![counts_up(apps.more[0], "")]
    };
    Scene::new(&flows, Undo::Off).await
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_the_log_app_refuses_for_ever_keep_no_others_from_it() {
    let scene = scene().await;
    let control = scene.sim.control();
    // Its state is one of these; that of a run that was cancelled is not.
    let mut form = worker::log_app::properties();
    let options = ["running", "timed_out"].map(|name| (name.to_owned(), json!({ "label": name, "index": 0 })));
    form["state"] = json!({ "type": "DROP_DOWN", "options": options.into_iter().collect::<serde_json::Map<_, _>>() });
    let spec = form.iter().fold(AppSpec::new("狭いログ"), |spec, (code, field)| spec.field(code, field.clone()));
    let log = control.create_app(spec).unwrap();
    scene.change(|unit| unit.log_app = Some(log)).await;
    // More than are tried at once, and three behind them that were not logged when kintone was away.
    for _ in 0..22 {
        scene.deps.ledger.cancel(&scene.webhook().await).await.unwrap();
    }
    let mut late = Vec::new();
    for _ in 0..3 {
        late.push(scene.webhook().await);
    }
    control.add_fault(Fault::new("*", FaultKind::ServiceUnavailable).times(1_000));
    scene.pass(Duration::from_secs(24 * 3_600));
    scene.works().await.unwrap();
    control.clear_faults();
    for id in &late {
        assert_eq!(scene.run(id).await.state, RunState::TimedOut);
    }
    let to_log = async || scene.deps.ledger.state(&scene.unit).await.unwrap().to_log;
    assert_eq!(to_log().await.len(), 25);
    for _ in 0..2 {
        scene.works().await.unwrap();
        scene.pass(Duration::from_secs(60));
    }
    let told: Vec<_> = control.records(log).iter().filter_map(|r| r.text("run_id").map(str::to_owned)).collect();
    assert_eq!(told, late.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(to_log().await.len(), 22, "they stay on the list, and are tried in turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_request_is_gone_says_so() {
    let scene = scene().await;
    let id = scene.webhook().await;
    let gone = Write::Delete { key: keys::payload(&id), expect: Expect::Any };
    scene.deps.ledger.store().commit(vec![gone]).await.unwrap();
    scene.works().await.unwrap();
    let run = scene.run(&id).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::REQUEST_GONE)), "{run:#?}");
    assert_eq!(run.written(), 0);
}
