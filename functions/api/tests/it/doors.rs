//! Whom a unit lets in: addresses, named callers, signatures.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use model::clock::{ManualClock, Timestamp};
use model::ids::RunId;
use model::ledger::{MadeCaller, NewCaller};
use model::notice::About;
use model::secret_url::Secret;
use model::signature::{Call, sign};
use model::unit::{Doors, Unit};
use serde_json::{Value as Json, json};

use crate::scene::{Asked, Scene, notification, plain, run_body, webhook_path};

const START: Timestamp = Timestamp(1_800_000_000_000);

async fn scene(doors: Doors) -> (Arc<ManualClock>, Scene, Unit, Secret) {
    let clock = Arc::new(ManualClock::new(START));
    let scene = Scene::new(clock.clone(), 1);
    let (unit, secret) = scene.unit(Unit { doors, ..plain() }).await;
    (clock, scene, unit, secret)
}

#[tokio::test]
async fn an_address_that_is_not_allowed_learns_nothing() {
    let allow = vec!["192.0.2.0/24".parse().expect("a net"), "2001:db8::/32".parse().expect("a net")];
    let (_, scene, unit, secret) = scene(Doors { allow, ..Doors::default() }).await;
    let wrong = scene.post(&webhook_path(&unit, &Secret::random()), &notification("n")).await;
    wrong.says(404, "url.unknown");
    let trigger = |way: &str| format!("/trigger/v1/{}/{way}", secret.reveal());
    let paths = [
        webhook_path(&unit, &secret),
        format!("{}/sheet", webhook_path(&unit, &secret)),
        trigger("token"),
        trigger("run"),
        trigger("status"),
    ];
    for path in &paths {
        for from in ["198.51.100.9", "2001:db9::1"] {
            let refused = scene.post_from(0, from, path, &notification("n")).await;
            assert_eq!((refused.status, &refused.text), (404, &wrong.text), "{path}");
        }
    }
    let unlisted = Request::get(format!("{}?runId=x", trigger("status"))).body(Body::empty()).expect("a request");
    assert_eq!(scene.send(0, "198.51.100.9", unlisted).await.text, wrong.text);
    for (n, from) in ["192.0.2.77", "2001:db8::9", "::ffff:192.0.2.1"].into_iter().enumerate() {
        let asked = scene.post_from(0, from, &paths[0], &notification(&n.to_string())).await;
        assert_eq!(asked.status, 202, "{from}: {asked:?}");
    }
    for (deps, _) in &scene.processes {
        assert!(!format!("{:?}", deps.guard).contains(secret.reveal()));
    }
    let counted = scene.ledger.refusals(&unit.id).await.expect("refusals").total.address;
    assert_eq!(counted, 1, "the first is noted at once; the others within a second");
}

#[tokio::test]
async fn a_run_tells_which_caller_started_it() {
    let (_, scene, unit, secret) = scene(Doors::default()).await;
    let new = |name: &str| NewCaller { name: name.into(), expires: Some(Duration::from_secs(3_600)), signs: false };
    let shop = scene.ledger.add_caller(&unit.id, &new("shop")).await.expect("a caller").secret;
    let bank = scene.ledger.add_caller(&unit.id, &new("bank")).await.expect("a caller").secret;
    let client = async |asked: Asked| {
        let id: RunId = asked.json["runId"].as_str().unwrap_or_else(|| panic!("{asked:?}")).parse().expect("an id");
        scene.ledger.run(&id).await.expect("a run").trigger.client
    };
    let run = |secret: &Secret| format!("/trigger/v1/{}/run", secret.reveal());
    let token = scene.token(&shop).await;
    assert_eq!(client(scene.post(&run(&shop), &run_body(&token)).await).await.as_deref(), Some("shop"));
    let hook = webhook_path(&unit, &bank);
    assert_eq!(client(scene.post(&hook, &notification("n")).await).await.as_deref(), Some("bank"));
    assert_eq!(client(scene.post(&webhook_path(&unit, &secret), &notification("m")).await).await, None);
    for other in [&bank, &secret] {
        scene.post(&run(other), &run_body(&token)).await.says(401, "token.invalid");
    }
    scene.ledger.remove_caller(&unit.id, "shop").await.expect("removed");
    scene.post(&run(&shop), &run_body(&token)).await.says(404, "url.unknown");
    assert_eq!(scene.post(&hook, &notification("o")).await.status, 202, "the others stay");
}

#[tokio::test]
async fn that_somebody_still_calls_a_dead_url_is_told_once_a_day() {
    let (clock, scene, unit, old) = scene(Doors::default()).await;
    let day = Duration::from_secs(86_400);
    let brief = NewCaller { name: "shop".into(), expires: Some(day), signs: true };
    let shop = scene.ledger.add_caller(&unit.id, &brief).await.expect("a caller").secret;
    let present = scene.ledger.regenerate_url(&unit.id, None).await.expect("a URL");
    let told = async || {
        let state = scene.ledger.state(&unit.id).await.expect("a state");
        let dead = state.notices.into_iter().find(|notice| notice.about == About::DeadUrl);
        let counted = scene.ledger.refusals(&unit.id).await.expect("refusals").total.dead;
        (dead.map(|notice| (notice.code, notice.count, notice.due.is_some())), counted)
    };
    let notice = |count| Some(("url.dead".to_owned(), count, true));
    assert_eq!(scene.post(&webhook_path(&unit, &present), &notification("a")).await.status, 202);
    assert_eq!(told().await, (None, 0));
    let wrong = scene.post(&webhook_path(&unit, &Secret::random()), &notification("b")).await;
    let dead = scene.post(&webhook_path(&unit, &old), &notification("b")).await;
    dead.says(404, "url.unknown");
    assert_eq!(dead.text, wrong.text, "who calls it learns nothing");
    assert_eq!(told().await, (notice(1), 1), "an unknown one is nobody's");
    clock.advance(day - Duration::from_secs(1));
    scene.post(&webhook_path(&unit, &old), &notification("c")).await.says(404, "url.unknown");
    assert_eq!(told().await, (notice(1), 2));
    clock.advance(Duration::from_secs(1));
    scene.post(&webhook_path(&unit, &shop), &notification("d")).await.says(404, "url.unknown");
    assert_eq!(told().await, (notice(2), 3), "a caller's, which has expired, and a day later");
    assert_eq!(scene.ledger.state(&unit.id).await.expect("a state").last, 1, "nothing was started");
}

/// A call by a caller that signs, as it would be sent.
pub fn signed(made: &MadeCaller, at: i64, way: &str, body: &Json) -> Request<Body> {
    let (timestamp, body, path) = (at.to_string(), body.to_string(), format!("/trigger/v1/{way}"));
    let call = Call { timestamp: &timestamp, signature: "", method: "POST", path: &path, body: body.as_bytes() };
    let signature = sign(made.key.as_ref().expect("a key").reveal(), &call);
    Request::post(format!("/trigger/v1/{}/{way}", made.secret.reveal()))
        .header("x-suiro-timestamp", &timestamp)
        .header("x-suiro-signature", signature)
        .body(Body::from(body))
        .expect("a request")
}

#[tokio::test]
async fn who_signs_is_let_in_with_a_signature_alone_and_once() {
    let (clock, scene, unit, _) = scene(Doors::default()).await;
    let new = NewCaller { name: "bank".into(), expires: None, signs: true };
    let bank = scene.ledger.add_caller(&unit.id, &new).await.expect("a caller");
    let send = async |request| scene.send(0, "192.0.2.1", request).await;
    let now = START.seconds();

    scene.post(&format!("/trigger/v1/{}/token", bank.secret.reveal()), &json!({})).await.says(401, "signature.invalid");
    scene.post(&webhook_path(&unit, &bank.secret), &notification("n")).await.says(401, "signature.invalid");
    let asked = send(signed(&bank, now, "token", &json!({}))).await;
    let token = asked.json["accessToken"].as_str().unwrap_or_else(|| panic!("{asked:?}")).to_owned();
    let body = run_body(&token);
    let first = send(signed(&bank, now, "run", &body)).await;
    assert_eq!(first.status, 202, "{first:?}");
    let used = send(signed(&bank, now, "run", &body)).await;
    used.says(409, "signature.used");
    assert_eq!(used.json["runId"], first.json["runId"], "who holds the key learns what it has started");
    let second = send(signed(&bank, now + 1, "run", &body)).await;
    assert_eq!(second.status, 202, "another time, another signature: {second:?}");
    send(signed(&bank, now - 301, "run", &body)).await.says(401, "signature.invalid");
    send(signed(&bank, now + 301, "run", &body)).await.says(401, "signature.invalid");
    let mut tampered = signed(&bank, now + 2, "run", &body);
    *tampered.body_mut() = Body::from(with_user(&body).to_string());
    send(tampered).await.says(401, "signature.invalid");
    // Who does not hold the key learns nothing of a signature that was used.
    let mut replayed = signed(&bank, now, "run", &body);
    *replayed.body_mut() = Body::from(with_user(&body).to_string());
    let unused = send(signed(&MadeCaller { key: Some(Secret::random()), ..bank.clone() }, now, "run", &body)).await;
    assert_eq!(send(replayed).await.text, unused.text);
    let other = MadeCaller { key: Some(Secret::random()), ..bank.clone() };
    send(signed(&other, now + 2, "run", &body)).await.says(401, "signature.invalid");
    // A signature dies of age before it is forgotten.
    clock.advance(Duration::from_secs(301));
    send(signed(&bank, now, "run", &body)).await.says(401, "signature.invalid");
    let state = scene.ledger.state(&unit.id).await.expect("a state");
    assert_eq!(state.last, 2, "what was refused took no place");
}

fn with_user(body: &Json) -> Json {
    let mut body = body.clone();
    body["user"] = json!("mallory");
    body
}

#[tokio::test]
async fn the_window_of_signatures_is_the_units() {
    let (_, scene, unit, _) = scene(Doors { signature_ms: Some(30_000), ..Doors::default() }).await;
    let new = NewCaller { name: "bank".into(), expires: None, signs: true };
    let bank = scene.ledger.add_caller(&unit.id, &new).await.expect("a caller");
    let send = async |request| scene.send(0, "192.0.2.1", request).await;
    let now = START.seconds();
    send(signed(&bank, now - 31, "token", &json!({}))).await.says(401, "signature.invalid");
    assert_eq!(send(signed(&bank, now - 30, "token", &json!({}))).await.status, 200);
}

#[tokio::test]
async fn a_caller_that_is_to_sign_from_now_on_may_overlap() {
    let (clock, scene, unit, _) = scene(Doors::default()).await;
    let new = |signs| NewCaller { name: "bank".into(), expires: None, signs };
    let plain = scene.ledger.add_caller(&unit.id, &new(false)).await.expect("a caller");
    let minute = Some(Duration::from_secs(60));
    let signing = scene.ledger.renew_caller(&unit.id, &new(true), minute).await.expect("renewed");
    let token = |made: &MadeCaller| format!("/trigger/v1/{}/token", made.secret.reveal());
    assert_eq!(scene.post(&token(&plain), &json!({})).await.status, 200, "the old URL works as before, for a minute");
    scene.post(&token(&signing), &json!({})).await.says(401, "signature.invalid");
    clock.advance(Duration::from_secs(60));
    scene.post(&token(&plain), &json!({})).await.says(404, "url.unknown");
}
