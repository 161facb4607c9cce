//! An answer does not wait for a queue that does not answer: the runs are recorded, and the sweep nudges them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::clock::{Clock, ManualClock, Timestamp, VirtualClock};
use model::limits::{MAX_RECORDS_PER_CALL, UnitLimits};
use model::unit::Unit;
use serde_json::{Value as Json, json};

use crate::scene::{Scene, notification, plain, run_body, webhook_path};

const START: Timestamp = Timestamp(1_800_000_000_000);

/// A call of `/run` of so many records.
fn many(token: &str, records: usize) -> Json {
    let mut body = run_body(token);
    let record = body.as_object_mut().and_then(|body| body.remove("record")).expect("a record");
    body["records"] = json!(vec![record; records]);
    body
}

#[tokio::test]
async fn an_answer_waits_for_the_queue_for_a_second_in_all() {
    let clock = Arc::new(VirtualClock::new(START));
    let scene = Arc::new(Scene::new(clock.clone(), 1));
    let (unit, secret) = scene.unit(Unit { limits: roomy(), ..plain() }).await;
    let token = scene.token(&secret).await;
    let run = format!("/trigger/v1/{}/run", secret.reveal());
    // It takes three of forty, and then none: neither of a call of the API, nor of a webhook.
    scene.queue.takes.store(3, Ordering::Relaxed);
    for (n, (path, body)) in
        [(run, many(&token, MAX_RECORDS_PER_CALL)), (webhook_path(&unit, &secret), notification("n"))]
            .into_iter()
            .enumerate()
    {
        let asking = {
            let (scene, clock) = (scene.clone(), clock.clone());
            tokio::spawn(async move { (scene.post(&path, &body).await, clock.now()) })
        };
        clock.drive(|| asking.is_finished()).await;
        let (asked, at) = asking.await.expect("an answer");
        assert_eq!(asked.status, 202, "{asked:?}");
        assert_eq!(at, START + Duration::from_secs(1 + n as u64), "a second for all of them");
        assert_eq!(scene.messages(), 3);
    }
    let state = scene.ledger.state(&unit.id).await.expect("a state");
    assert_eq!(state.waiting.len(), MAX_RECORDS_PER_CALL + 1, "all are recorded");
    assert!(scene.ledger.forgotten(10).await.expect("asked").is_empty(), "nudges may still come");
}

fn roomy() -> UnitLimits {
    UnitLimits { starts: 100, ..UnitLimits::default() }
}

#[tokio::test]
async fn what_was_not_nudged_is_found_by_the_sweep() {
    let clock = Arc::new(ManualClock::new(START));
    let scene = Arc::new(Scene::new(clock.clone(), 1));
    let (unit, secret) = scene.unit(plain()).await;
    scene.queue.takes.store(0, Ordering::Relaxed);
    let asking = {
        let (scene, path) = (scene.clone(), webhook_path(&unit, &secret));
        tokio::spawn(async move { scene.post(&path, &notification("n")).await })
    };
    // Nobody else runs: it has come as far as it comes.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!asking.is_finished(), "the queue may still answer");
    clock.advance(Duration::from_secs(1));
    assert_eq!(asking.await.expect("an answer").status, 202);
    assert_eq!(scene.messages(), 0);
    clock.advance(Duration::from_secs(60));
    assert_eq!(scene.ledger.forgotten(10).await.expect("asked"), std::slice::from_ref(&unit.id));
}

#[tokio::test]
async fn a_queue_that_answers_gets_a_nudge_for_each_run_at_once() {
    let clock = Arc::new(VirtualClock::new(START));
    let scene = Scene::new(clock.clone(), 1);
    let (_, secret) = scene.unit(Unit { limits: roomy(), ..plain() }).await;
    let token = scene.token(&secret).await;
    let asked = scene.post(&format!("/trigger/v1/{}/run", secret.reveal()), &many(&token, MAX_RECORDS_PER_CALL)).await;
    assert_eq!((asked.status, scene.messages()), (202, MAX_RECORDS_PER_CALL as u64), "{asked:?}");
    assert_eq!(clock.now(), START);
}
