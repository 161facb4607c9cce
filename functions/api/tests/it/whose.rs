//! Of whose runs `/status` tells whom: run ids count up, and every other run is as unknown as one that does not exist.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use model::clock::{ManualClock, Timestamp};
use model::ids::{RunId, UnitId};
use model::ledger::{Admitted, NewCaller};
use model::limits::UnitLimits;
use model::refusals::FLOOD_AFTER;
use model::run::{Method, Payload, Trigger};
use model::secret_url::Secret;
use model::unit::Unit;
use serde_json::json;

use crate::scene::{Asked, Scene, notification, plain, run_body, webhook_path};

/// A unit with two named callers.
struct Stage {
    scene: Scene,
    unit: Unit,
    /// The unit's own URL, shop's and bank's, each with a token.
    doors: Vec<(Secret, String)>,
}

const OWN: usize = 0;
const SHOP: usize = 1;
const BANK: usize = 2;

impl Stage {
    async fn new(unit: Unit) -> Self {
        let scene = Scene::new(Arc::new(ManualClock::new(Timestamp(1_800_000_000_000))), 1);
        let (unit, secret) = scene.unit(unit).await;
        let mut secrets = vec![secret];
        for name in ["shop", "bank"] {
            let new = NewCaller { name: name.into(), expires: None, signs: false };
            secrets.push(scene.ledger.add_caller(&unit.id, &new).await.expect("a caller").secret);
        }
        let mut doors = Vec::new();
        for secret in secrets {
            let token = scene.token(&secret).await;
            doors.push((secret, token));
        }
        Self { scene, unit, doors }
    }

    async fn run(&self, door: usize) -> String {
        let (secret, token) = &self.doors[door];
        id(&self.scene.post(&format!("/trigger/v1/{}/run", secret.reveal()), &run_body(token)).await)
    }

    async fn webhook(&self, door: usize, name: &str) -> Asked {
        self.scene.post(&webhook_path(&self.unit, &self.doors[door].0), &notification(name)).await
    }

    async fn sheet(&self, door: usize) -> String {
        let body = json!({ "app": { "id": 1 }, "records": [{}] });
        id(&self.scene.post(&format!("{}/sheet", webhook_path(&self.unit, &self.doors[door].0)), &body).await)
    }

    /// Asks by POST and by GET, which answer the same.
    async fn status(&self, door: usize, run: &str) -> Asked {
        let (secret, token) = &self.doors[door];
        let path = format!("/trigger/v1/{}/status", secret.reveal());
        let posted = self.scene.post(&path, &json!({ "accessToken": token, "runId": run })).await;
        let got = Request::get(format!("{path}?runId={run}")).header("authorization", format!("Bearer {token}"));
        let got = self.scene.send(0, "192.0.2.1", got.body(Body::empty()).expect("a request")).await;
        assert_eq!((posted.status, &posted.text), (got.status, &got.text));
        posted
    }

    /// That these doors are told of a run, and to the others it is as unknown as one that does not exist.
    async fn told(&self, run: &str, doors: &[usize]) {
        for door in [OWN, SHOP, BANK] {
            let asked = self.status(door, run).await;
            if doors.contains(&door) {
                assert_eq!((asked.status, &asked.json["runId"]), (200, &json!(run)), "{door}: {asked:?}");
                continue;
            }
            let nothing = self.status(door, &format!("{}-999999", self.unit.id)).await;
            nothing.says(404, "run.unknown");
            assert_eq!((asked.status, asked.text), (nothing.status, nothing.text), "{door}: {run}");
        }
    }

    /// The run as an administrator repeats it, which api itself cannot do (shared/model/tests/ledger/callers.rs does).
    async fn again(&self, run: &str) -> String {
        let trigger = self.scene.ledger.run(&run.parse().expect("an id")).await.expect("a run").trigger;
        let first = trigger.first.or(Some(trigger.method));
        self.inner(Trigger { method: Method::Again, first, notification: None, ..trigger }).await
    }

    /// A run that comes through no URL.
    async fn inner(&self, trigger: Trigger) -> String {
        let request =
            model::ledger::Request { trigger, payload: Payload { sets: vec![Default::default()] }, again_of: None };
        queued(self.scene.ledger.admit(&self.unit, None, &[request], true).await.expect("admitted"))
    }
}

fn id(asked: &Asked) -> String {
    asked.json["runId"].as_str().unwrap_or_else(|| panic!("a run: {asked:?}")).to_owned()
}

fn queued(admitted: Admitted) -> String {
    match admitted {
        Admitted::Queued(runs) => runs[0].to_string(),
        other => panic!("{other:?}"),
    }
}

fn roomy() -> Unit {
    Unit { limits: UnitLimits { starts: 100, ..UnitLimits::default() }, ..plain() }
}

#[tokio::test]
async fn a_caller_is_told_of_the_runs_that_it_asked_for() {
    let stage = Stage::new(roomy()).await;
    for door in [OWN, SHOP, BANK] {
        let runs =
            [stage.run(door).await, id(&stage.webhook(door, &format!("n-{door}")).await), stage.sheet(door).await];
        for run in &runs {
            stage.told(run, &[door]).await;
        }
        let again = stage.again(&runs[0]).await;
        stage.told(&again, &[door]).await;
        let once_more = stage.again(&again).await;
        stage.told(&once_more, &[door]).await;
    }
    // Another unit's, and what is none.
    let (other, secret) = stage.scene.unit(roomy()).await;
    let others = id(&stage.scene.post(&webhook_path(&other, &secret), &notification("n")).await);
    stage.told(&others, &[]).await;
    for run in ["nonsense", &format!("{}-0", stage.unit.id)] {
        stage.told(run, &[]).await;
    }
}

#[tokio::test]
async fn nobody_is_told_of_what_came_through_no_url() {
    let stage = Stage::new(roomy()).await;
    let calling = RunId { unit: UnitId("uanother".into()), seq: 1 };
    for trigger in [
        Trigger { caller: Some(calling), hops: 1, ..Trigger::new(Method::Call, 1) },
        Trigger::new(Method::Schedule, 1),
        Trigger::new(Method::Undo, 1),
    ] {
        let run = stage.inner(trigger.clone()).await;
        stage.told(&run, &[]).await;
        stage.told(&stage.again(&run).await, &[]).await;
    }
    // As an earlier version repeated a run: of what started that one nothing is known.
    stage.told(&stage.inner(Trigger::new(Method::Again, 1)).await, &[]).await;
}

#[tokio::test]
async fn each_caller_whose_webhook_joined_a_run_is_told_of_it() {
    let stage = Stage::new(Unit { coalesce: true, ..roomy() }).await;
    let run = id(&stage.webhook(SHOP, "a").await);
    stage.told(&run, &[SHOP]).await;
    let joined = stage.webhook(BANK, "b").await;
    assert_eq!((joined.status, &joined.json["joined"], id(&joined)), (202, &json!(true), run.clone()));
    stage.told(&run, &[OWN, SHOP, BANK]).await;
    stage.told(&stage.again(&run).await, &[OWN, SHOP, BANK]).await;

    let stage = Stage::new(Unit { coalesce: true, ..roomy() }).await;
    let run = id(&stage.webhook(OWN, "a").await);
    assert_eq!(id(&stage.webhook(BANK, "b").await), run);
    stage.told(&run, &[OWN, BANK]).await;
}

#[tokio::test]
async fn whoever_is_answered_with_a_flood_is_told_of_it() {
    let limits = UnitLimits { starts: 1, wait_ms: 1_000, ..UnitLimits::default() };
    let stage = Stage::new(Unit { limits, ..plain() }).await;
    assert_eq!(stage.webhook(OWN, "first").await.status, 202);
    let late = stage.webhook(SHOP, "late").await;
    late.says(202, "run.timed_out");
    stage.told(&id(&late), &[SHOP]).await;
    for n in 0..=FLOOD_AFTER {
        stage.webhook(OWN, &n.to_string()).await;
    }
    let mut floods = Vec::new();
    for (door, name) in [(OWN, "x"), (SHOP, "y"), (BANK, "z")] {
        let flooding = stage.webhook(door, name).await;
        flooding.says(202, "unit.flood");
        floods.push(id(&flooding));
    }
    assert!(floods.iter().all(|flood| *flood == floods[0]), "{floods:?}");
    stage.told(&floods[0], &[OWN, SHOP, BANK]).await;
}
