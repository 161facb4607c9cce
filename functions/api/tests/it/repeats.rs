//! A caller that does not know whether its request was accepted sends it again, with the id that it gave it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use model::clock::{ManualClock, Timestamp};
use model::ledger::NewCaller;
use model::limits::UnitLimits;
use model::secret_url::Secret;
use model::unit::Unit;
use serde_json::{Value as Json, json};

use crate::doors::signed;
use crate::scene::{Asked, Scene, notification, plain, run_body, webhook_path};

const START: Timestamp = Timestamp(1_800_000_000_000);

async fn scene() -> (Arc<ManualClock>, Scene, Unit, Secret) {
    let clock = Arc::new(ManualClock::new(START));
    let scene = Scene::new(clock.clone(), 1);
    let (unit, secret) =
        scene.unit(Unit { limits: UnitLimits { starts: 100, ..UnitLimits::default() }, ..plain() }).await;
    (clock, scene, unit, secret)
}

fn run_path(secret: &Secret) -> String {
    format!("/trigger/v1/{}/run", secret.reveal())
}

fn sheet_path(unit: &Unit, secret: &Secret) -> String {
    format!("{}/sheet", webhook_path(unit, secret))
}

fn sheet_body() -> Json {
    json!({ "app": { "id": 1 }, "records": [{ "$id": { "type": "__ID__", "value": "7" } }] })
}

fn with_id(mut body: Json, id: impl Into<Json>) -> Json {
    body["requestId"] = id.into();
    body
}

impl Scene {
    /// Posts with these headers of the request's id.
    async fn headed(&self, path: &str, body: &Json, headers: &[&[u8]]) -> Asked {
        let mut request = Request::post(path);
        for id in headers {
            request = request.header("Idempotency-Key", *id);
        }
        self.send(0, "192.0.2.1", request.body(Body::from(body.to_string())).expect("a request")).await
    }

    async fn last(&self, unit: &Unit) -> u64 {
        self.ledger.state(&unit.id).await.expect("a state").last
    }
}

#[tokio::test]
async fn whose_answer_was_lost_repeats_its_request_and_has_one_run() {
    let (clock, scene, unit, secret) = scene().await;
    let token = scene.token(&secret).await;
    let mut three = with_id(run_body(&token), "order-4711");
    let record = three.as_object_mut().and_then(|body| body.remove("record")).expect("a record");
    three["records"] = json!([record, record, record]);
    let mut started = 0;
    for (path, body, runs) in [
        (run_path(&secret), with_id(run_body(&token), "order-4710"), 1),
        (run_path(&secret), three, 3),
        (sheet_path(&unit, &secret), with_id(sheet_body(), "order-4710"), 1),
    ] {
        scene.store.lost.store(true, Ordering::Relaxed);
        let unsure = scene.post(&path, &body).await;
        unsure.says(503, "internal");
        assert_eq!(unsure.retry_after.as_deref(), Some("5"));
        scene.store.lost.store(false, Ordering::Relaxed);
        clock.advance(Duration::from_secs(5));
        let ids: Vec<_> = (1..=runs).map(|n| format!("{}-{}", unit.id, started + n)).collect();
        for _ in 0..2 {
            let repeated = scene.post(&path, &body).await;
            repeated.says(200, "request.duplicate");
            match &ids[..] {
                [one] => assert_eq!(repeated.json["runId"], json!(one)),
                many => assert_eq!(repeated.json["runIds"], json!(many)),
            }
        }
        started += runs;
        assert_eq!(scene.last(&unit).await, started, "{path}");
    }
    assert_eq!(scene.messages(), 0, "the sweep finds them");
    clock.advance(Duration::from_secs(61));
    assert_eq!(scene.ledger.forgotten(10).await.expect("asked"), std::slice::from_ref(&unit.id));
}

#[tokio::test]
async fn without_an_id_each_request_is_one() {
    let (_, scene, unit, secret) = scene().await;
    let token = scene.token(&secret).await;
    for _ in 0..2 {
        assert_eq!(scene.post(&run_path(&secret), &run_body(&token)).await.status, 202);
        assert_eq!(scene.post(&sheet_path(&unit, &secret), &sheet_body()).await.status, 202);
    }
    assert_eq!(scene.last(&unit).await, 4);
}

#[tokio::test]
async fn an_id_is_its_callers_and_its_ways() {
    let (_, scene, unit, secret) = scene().await;
    let mut secrets = vec![secret];
    for name in ["shop", "bank"] {
        let new = NewCaller { name: name.into(), expires: None, signs: false };
        secrets.push(scene.ledger.add_caller(&unit.id, &new).await.expect("a caller").secret);
    }
    let mut runs = std::collections::BTreeSet::new();
    for secret in &secrets {
        let body = with_id(run_body(&scene.token(secret).await), "x");
        for (path, body) in [(run_path(secret), body), (sheet_path(&unit, secret), with_id(sheet_body(), "x"))] {
            let first = scene.post(&path, &body).await;
            assert_eq!(first.status, 202, "{first:?}");
            let repeated = scene.post(&path, &body).await;
            repeated.says(200, "request.duplicate");
            assert_eq!(first.json["runId"], repeated.json["runId"]);
            runs.insert(first.json["runId"].to_string());
        }
    }
    assert_eq!(scene.post(&webhook_path(&unit, &secrets[0]), &notification("x")).await.status, 202);
    assert_eq!((runs.len(), scene.last(&unit).await), (6, 7));
}

#[tokio::test]
async fn an_id_stands_in_the_body_or_in_the_header() {
    let (_, scene, unit, secret) = scene().await;
    let token = scene.token(&secret).await;
    let (longest, too_long) = ("番".repeat(100), "a".repeat(101));
    for (path, body) in [(run_path(&secret), run_body(&token)), (sheet_path(&unit, &secret), sheet_body())] {
        let before = scene.last(&unit).await;
        for id in ["a", &longest] {
            assert_eq!(scene.headed(&path, &body, &[id.as_bytes()]).await.status, 202);
            scene.post(&path, &with_id(body.clone(), id)).await.says(200, "request.duplicate");
            let both = scene.headed(&path, &with_id(body.clone(), id), &[id.as_bytes(), id.as_bytes()]).await;
            both.says(200, "request.duplicate");
        }
        for (body, headers) in [
            (with_id(body.clone(), "a"), &[b"b".as_slice()][..]),
            (body.clone(), &[b"a", b"b"]),
            (with_id(body.clone(), ""), &[]),
            (with_id(body.clone(), too_long.clone()), &[]),
            (with_id(body.clone(), 7), &[]),
            (with_id(body.clone(), Json::Null), &[]),
            (with_id(body.clone(), json!(["a"])), &[]),
            (body.clone(), &[b""]),
            (body.clone(), &[too_long.as_bytes()]),
            (body.clone(), &[b"\xff"]),
        ] {
            let refused = scene.headed(&path, &body, headers).await;
            refused.says(400, "request.invalid");
            for text in ["description", "descriptionEn"] {
                let text = refused.json[text].as_str().expect("a sentence");
                assert!(text.contains("requestId") && text.contains("Idempotency-Key"), "{text}");
            }
        }
        assert_eq!(scene.last(&unit).await, before + 2, "what was refused took no place");
    }
    // kintone's notifications have ids of their own.
    let other = scene.headed(&webhook_path(&unit, &secret), &notification("n"), &[b"a"]).await;
    assert_eq!(other.status, 202, "{other:?}");
}

#[tokio::test]
async fn whose_answer_was_lost_and_who_signs_is_told_its_runs() {
    let (_, scene, unit, _) = scene().await;
    let new = NewCaller { name: "bank".into(), expires: None, signs: true };
    let bank = scene.ledger.add_caller(&unit.id, &new).await.expect("a caller");
    let send = async |request| scene.send(0, "192.0.2.1", request).await;
    let now = START.seconds();
    let token = send(signed(&bank, now, "token", &json!({}))).await.json["accessToken"].clone();
    let mut body = run_body(token.as_str().expect("a token"));
    let record = body.as_object_mut().and_then(|body| body.remove("record")).expect("a record");
    body["records"] = json!([record, record]);
    scene.store.lost.store(true, Ordering::Relaxed);
    send(signed(&bank, now, "run", &body)).await.says(503, "internal");
    scene.store.lost.store(false, Ordering::Relaxed);
    let used = send(signed(&bank, now, "run", &body)).await;
    used.says(409, "signature.used");
    assert_eq!(used.json["runIds"], json!([format!("{}-1", unit.id), format!("{}-2", unit.id)]));
    // With an id, it may also sign its repeat anew.
    let body = with_id(body, "x");
    let first = send(signed(&bank, now, "run", &body)).await;
    assert_eq!(first.status, 202, "{first:?}");
    for at in [now, now + 1, now + 2] {
        let repeated = send(signed(&bank, at, "run", &body)).await;
        repeated.says(200, "request.duplicate");
        assert_eq!(repeated.json["runIds"], first.json["runIds"]);
    }
    assert_eq!(scene.last(&unit).await, 4);
}

#[tokio::test]
async fn a_flood_of_repeats_is_cheap_and_is_told_to_who_has_a_token_alone() {
    let (clock, scene, unit, secret) = scene().await;
    let token = scene.token(&secret).await;
    let (path, body) = (run_path(&secret), with_id(run_body(&token), "x"));
    let first = scene.post(&path, &body).await;
    let before = scene.counts();
    for _ in 0..1_000 {
        let repeated = scene.post(&path, &body).await;
        repeated.says(200, "request.duplicate");
        assert_eq!(repeated.json["runId"], first.json["runId"]);
    }
    let after = scene.counts();
    let (reads, writes) = (after.reads - before.reads, after.writes - before.writes);
    assert!(reads <= 1_000 + 40 && writes <= 40, "its token alone is read: {reads} {writes}");
    let wrong = with_id(run_body(Secret::random().reveal()), "x");
    scene.post(&path, &wrong).await.says(401, "token.invalid");
    clock.advance(Duration::from_secs(1));
    scene.post(&path, &wrong).await.says(401, "token.invalid");
    let total = scene.ledger.refusals(&unit.id).await.expect("refusals").total;
    let waiting = scene.ledger.state(&unit.id).await.expect("a state").waiting.len();
    assert_eq!((total.duplicate, waiting), (1_000, 1));
}
