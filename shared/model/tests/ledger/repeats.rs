//! A request that its sender repeats, with the id that it gave it: answered with the runs of the first time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use model::ids::RunId;
use model::keys;
use model::ledger::{Admitted, Request};
use model::limits::{NOTIFICATION_KEPT, UnitLimits};
use model::run::Method;
use model::signature::Signed;
use model::store::{Expect, Write};

use crate::scene::{Scene, request, scene};

/// One call with an id, of so many records.
fn call(method: Method, client: Option<&str>, id: &str, records: usize) -> Vec<Request> {
    let mut one = request(method, None);
    one.trigger.client = client.map(str::to_owned);
    one.trigger.request_id = Some(id.to_owned());
    vec![one; records]
}

fn api(id: &str) -> Vec<Request> {
    call(Method::Api, None, id, 1)
}

impl Scene {
    async fn queues(&self, requests: &[Request]) -> Vec<RunId> {
        match self.admit(requests).await {
            Admitted::Queued(runs) => runs,
            other => panic!("{other:?}"),
        }
    }

    async fn last(&self) -> u64 {
        self.ledger.state(&self.unit.id).await.unwrap().last
    }
}

#[tokio::test]
async fn a_request_that_is_repeated_is_answered_with_its_runs_and_starts_nothing() {
    let scene = scene(UnitLimits::default()).await;
    let three = call(Method::Api, None, "order-1", 3);
    let runs = scene.queues(&three).await;
    assert_eq!(runs.len(), 3);
    assert_eq!(scene.admit(&three).await, Admitted::Duplicate(runs.clone()), "all of them, in order");
    assert_eq!(
        scene.admit(&api("order-1")).await,
        Admitted::Duplicate(runs.clone()),
        "the id decides, not the content"
    );
    assert_eq!(scene.last().await, 3, "a repeat takes no place");
    scene.queues(&api("order-2")).await;
    // Whoever runs it again does not repeat the request.
    scene.ledger.cancel(&runs[0]).await.unwrap();
    assert!(matches!(scene.ledger.run_again(&runs[0]).await.unwrap(), Admitted::Queued(_)));
}

#[tokio::test]
async fn ids_of_other_ways_and_callers_are_others() {
    let scene = scene(UnitLimits { starts: 100, ..UnitLimits::default() }).await;
    let mut runs = scene.queues(&[request(Method::Webhook, Some("x"))]).await;
    for method in [Method::Api, Method::Sheet] {
        for client in [None, Some("shop"), Some("bank")] {
            runs.extend(scene.queues(&call(method, client, "x", 1)).await);
        }
    }
    assert_eq!(runs.iter().collect::<BTreeSet<_>>().len(), 7);
    assert_eq!(scene.webhook("x").await, Admitted::Duplicate(vec![runs[0].clone()]));
    let repeated = scene.admit(&call(Method::Sheet, Some("bank"), "x", 1)).await;
    assert_eq!(repeated, Admitted::Duplicate(vec![runs[6].clone()]));
}

#[tokio::test]
async fn an_id_is_remembered_as_long_as_a_notification() {
    let scene = scene(UnitLimits::default()).await;
    let runs = scene.queues(&api("x")).await;
    scene.clock.advance(NOTIFICATION_KEPT - Duration::from_millis(1));
    assert_eq!(scene.admit(&api("x")).await, Admitted::Duplicate(runs));
    scene.clock.advance(Duration::from_millis(1));
    scene.queues(&api("x")).await;
}

#[tokio::test]
async fn a_repeat_is_known_also_where_nothing_could_be_accepted() {
    // One starts, one waits, and there is no room for more.
    let scene = scene(UnitLimits { starts: 1, wait_ms: 61_000, ..UnitLimits::default() }).await;
    let until = scene.ledger.clock().now() + Duration::from_secs(301);
    let signed = |signature: &str| {
        let mut request = request(Method::Api, None);
        request.trigger.signed = Some(Signed { signature: signature.into(), until });
        vec![request]
    };
    let (first, second) = (scene.queues(&api("x")).await, scene.queues(&signed("a")).await);
    for enabled in [true, false] {
        scene.ledger.set_enabled(&scene.unit.id, enabled).await.unwrap();
        assert_eq!(scene.admit(&api("x")).await, Admitted::Duplicate(first.clone()));
        assert_eq!(scene.admit(&signed("a")).await, Admitted::SignatureUsed(second.clone()));
        for other in [api("y"), signed("b"), vec![request(Method::Api, None)]] {
            let refused = scene.admit(&other).await;
            assert!(matches!(refused, Admitted::TooMany { .. } | Admitted::Disabled), "{refused:?}");
        }
    }
    assert_eq!(scene.last().await, 2);
    // What was refused is not remembered.
    scene.ledger.set_enabled(&scene.unit.id, true).await.unwrap();
    scene.ledger.cancel(&first[0]).await.unwrap();
    scene.queues(&api("y")).await;
}

#[tokio::test]
async fn who_signs_its_repeat_anew_or_not_has_one_run() {
    let scene = scene(UnitLimits::default()).await;
    let until = scene.ledger.clock().now() + Duration::from_secs(301);
    let signed = |signature: &str| {
        let mut requests = api("x");
        requests[0].trigger.signed = Some(Signed { signature: signature.into(), until });
        requests
    };
    let runs = scene.queues(&signed("a")).await;
    for signature in ["a", "b", "b"] {
        assert_eq!(scene.admit(&signed(signature)).await, Admitted::Duplicate(runs.clone()), "{signature}");
    }
    assert_eq!(scene.last().await, 1);
}

#[tokio::test]
async fn a_notification_is_stored_as_earlier_versions_read_and_wrote_it() {
    let scene = scene(UnitLimits::default()).await;
    let id = RunId { unit: scene.unit.id.clone(), seq: 9 };
    let stored = serde_json::json!({ "run": id });
    let key = keys::notification(&scene.unit.id, "old");
    scene.ledger.store().commit(vec![Write::put(key, &stored, Expect::Absent).unwrap()]).await.unwrap();
    assert_eq!(scene.webhook("old").await, Admitted::Duplicate(vec![id]));
    let runs = scene.queues(&[request(Method::Webhook, Some("new"))]).await;
    let item = scene.ledger.store().get(&[keys::notification(&scene.unit.id, "new")]).await.unwrap().remove(0);
    assert_eq!(item.unwrap().body, serde_json::json!({ "run": runs[0] }));
}

#[tokio::test]
async fn many_repeats_at_once_are_one_run() {
    let scene = Arc::new(scene(UnitLimits::default()).await);
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let scene = scene.clone();
            tokio::spawn(async move { scene.admit(&call(Method::Api, None, "x", 2)).await })
        })
        .collect();
    let (mut queued, mut told) = (0, BTreeSet::new());
    for one in asked {
        match one.await.unwrap() {
            Admitted::Queued(runs) => {
                queued += 1;
                told.insert(runs);
            }
            Admitted::Duplicate(runs) => _ = told.insert(runs),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((queued, told.len(), scene.last().await), (1, 1, 2));
}
