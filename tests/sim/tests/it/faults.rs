//! Faults: what a client sees, and whether the work was done.

use std::time::Duration;

use serde_json::{Value, json};
use sim::clock::pause;
use sim::{Fault, FaultKind};

use crate::support::Stage;

async fn stage() -> Stage {
    Stage::with(json!({})).await
}

/// Sends an insert; the status and body, or none where no whole answer came.
async fn insert(stage: &Stage, timeout: Duration) -> Option<(u16, String)> {
    let request = stage.client.post(format!("{}/k/v1/record.json", stage.sim.base_url()));
    let request = request.header("x-cybozu-api-token", &stage.token).json(&json!({"app": stage.app, "record": {}}));
    let answer = request.timeout(timeout).send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.text().await.ok()?))
}

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn each_fault_shows_itself_and_writes_or_not() {
    let cases = [
        (FaultKind::ServiceUnavailable, Some(503), 0),
        (FaultKind::BadGateway, Some(502), 0),
        (FaultKind::TooManyRequests, Some(429), 0),
        (FaultKind::DatabaseLock, Some(400), 0),
        (FaultKind::ResetBefore, None, 0),
        (FaultKind::ResetAfter, None, 1),
        (FaultKind::CutBody { bytes: 5 }, None, 1),
        (FaultKind::SlowBody { bytes: 10, pause_ms: 1 }, Some(200), 1),
        (FaultKind::Delay { ms: 10 }, Some(200), 1),
    ];
    for (fault, status, written) in cases {
        let stage = stage().await;
        stage.control.add_fault(Fault::new("*/record.json", fault.clone()));
        let told = insert(&stage, SOON).await;
        assert_eq!(told.as_ref().map(|told| told.0), status, "{fault:?}: {told:?}");
        assert_eq!(stage.control.count(stage.app), written, "{fault:?}");
        match fault {
            FaultKind::ServiceUnavailable => assert_eq!(told.expect("a body").1, "Service Unavailable"),
            FaultKind::BadGateway => assert!(told.expect("a body").1.starts_with("<html>")),
            FaultKind::TooManyRequests => assert!(told.expect("a body").1.contains("GAIA_TO04")),
            FaultKind::DatabaseLock => assert!(told.expect("a body").1.contains("GAIA_DA02")),
            FaultKind::SlowBody { .. } => {
                let body: Value = serde_json::from_str(&told.expect("a body").1).expect("JSON");
                assert_eq!(body, json!({"id": "1", "revision": "1"}));
            }
            _ => {}
        }
        assert_eq!(insert(&stage, SOON).await.map(|told| told.0), Some(200), "after {fault:?} all is well again");
    }
}

#[tokio::test]
async fn a_lost_answer_was_done_and_never_comes() {
    let stage = stage().await;
    stage.control.add_fault(Fault::new("*", FaultKind::LostResponse));
    assert_eq!(insert(&stage, Duration::from_millis(300)).await, None);
    assert_eq!(stage.control.count(stage.app), 1);
    let call = stage.control.calls().pop().expect("a call");
    assert_eq!((call.status, call.response_bytes), (0, 0));
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_undo_its_call() {
    let stage = stage().await;
    stage.control.switch(|switches| switches.service_time_ms = 300);
    assert_eq!(insert(&stage, Duration::from_millis(50)).await, None);
    assert_eq!(stage.control.count(stage.app), 0, "the work is done in the middle of the service time");
    let done = async {
        while stage.control.count(stage.app) == 0 {
            pause(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, done).await.expect("the record is written all the same");
}

#[tokio::test]
async fn faults_pick_their_calls() {
    let stage = stage().await;
    let fault = Fault::new("/k/v1/records.json", FaultKind::BadGateway).method("GET").skip(1).times(2);
    stage.control.add_fault(fault);
    let read = async || stage.call("GET", "records", json!({"app": stage.app})).await.status;
    assert_eq!(insert(&stage, SOON).await.map(|told| told.0), Some(200));
    let statuses = [read().await, read().await, read().await, read().await];
    assert_eq!(statuses, [200, 502, 502, 200]);
    stage.control.add_fault(Fault::new("*", FaultKind::ServiceUnavailable).for_ever());
    assert_eq!([read().await, read().await], [503, 503]);
    stage.control.clear_faults();
    assert_eq!(read().await, 200);
}
