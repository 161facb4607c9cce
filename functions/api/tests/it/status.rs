//! What `/status` tells of a run that waits although it has started: for room to write, for kintone.

use std::sync::Arc;
use std::time::Duration;

use model::clock::{Clock, ManualClock, Timestamp};
use model::ledger::{Reserved, Taken, Ticket};
use model::limits::{AGAIN_LIMIT, BUDGET_ASK, BUDGET_WAIT};
use model::secret_url::Secret;
use model::unit::{Awaits, Unit};
use serde_json::{Value as Json, json};

use crate::scene::{DOMAIN, Scene, plain, run_body};

const START: Timestamp = Timestamp(1_800_000_000_000);

/// A unit with a caller who has a token.
struct Called {
    unit: Unit,
    secret: Secret,
    token: String,
}

impl Called {
    async fn new(scene: &Scene, name: &str) -> Self {
        let (unit, secret) = scene.unit(Unit { name: name.into(), ..plain() }).await;
        let token = scene.token(&secret).await;
        Self { unit, secret, token }
    }

    async fn ask(&self, scene: &Scene) -> String {
        let asked = scene.post(&format!("/trigger/v1/{}/run", self.secret.reveal()), &run_body(&self.token)).await;
        asked.json["runId"].as_str().unwrap_or_else(|| panic!("a run: {asked:?}")).to_owned()
    }

    async fn status(&self, scene: &Scene, run: &str) -> Json {
        let body = json!({ "accessToken": self.token, "runId": run });
        let asked = scene.post(&format!("/trigger/v1/{}/status", self.secret.reveal()), &body).await;
        assert_eq!(asked.status, 200, "{asked:?}");
        asked.json
    }

    async fn start(&self, scene: &Scene) -> Ticket {
        match scene.ledger.take(&self.unit.id, DOMAIN, "w").await.expect("taken") {
            Taken::Run(ticket) => *ticket,
            other => panic!("{other:?}"),
        }
    }
}

fn says(told: &Json, wanted: &[(&str, Json)]) {
    for (name, value) in wanted {
        assert_eq!(&told[*name], value, "{name}: {told:#}");
    }
}

#[tokio::test]
async fn a_run_that_has_started_and_waits_says_for_what_and_until_when() {
    let clock = Arc::new(ManualClock::new(START));
    let scene = Scene::new(clock.clone(), 1);
    let (writer, waiter) = (Called::new(&scene, "書く").await, Called::new(&scene, "待つ").await);
    let at = |after: Duration| json!((START + after).rfc3339());

    let writing = writer.ask(&scene).await;
    let holds = writer.start(&scene).await;
    let all = scene.ledger.gate(DOMAIN).await.expect("a gate").limits.budget;
    assert!(matches!(scene.ledger.reserve(&holds, all, None).await, Ok(Reserved::Granted { .. })));
    says(&writer.status(&scene, &writing).await, &[("state", json!("running")), ("waitReason", Json::Null)]);

    // The second finds no room: it is parked, and the next of its unit waits for it.
    let (parked, behind) = (waiter.ask(&scene).await, waiter.ask(&scene).await);
    let waits = waiter.start(&scene).await;
    assert!(matches!(scene.ledger.reserve(&waits, 1, None).await, Ok(Reserved::Parked { .. })));
    let told = waiter.status(&scene, &parked).await;
    says(&told, &[("state", json!("running")), ("waitReason", json!("budget")), ("place", json!(1))]);
    says(&told, &[("waitUntil", at(BUDGET_ASK)), ("givenUpAt", at(BUDGET_WAIT)), ("startedAt", at(Duration::ZERO))]);
    let told = waiter.status(&scene, &behind).await;
    says(&told, &[("state", json!("queued")), ("waitReason", json!("lock")), ("place", json!(1))]);

    // The first finds kintone away in the middle of its flow.
    clock.advance(Duration::from_secs(60));
    let (now, next) = (clock.now(), clock.now() + Duration::from_secs(30));
    let awaits = Awaits::again(None, (now, next), "GAIA_TO03", Some((570, 600)));
    scene.ledger.hand_over(&holds, next, Some(awaits)).await.expect("handed over");
    let told = writer.status(&scene, &writing).await;
    says(&told, &[("waitReason", json!("kintone")), ("written", json!({ "records": 570, "of": 600 }))]);
    says(&told, &[("waitingSince", at(Duration::from_secs(60))), ("waitUntil", at(Duration::from_secs(90)))]);
    says(&told, &[("givenUpAt", at(Duration::from_secs(60) + AGAIN_LIMIT))]);
    for (language, words) in [("description", "570件/600件"), ("descriptionEn", "570 of 600")] {
        assert!(told[language].as_str().is_some_and(|text| text.contains(words)), "{told:#}");
    }
}
