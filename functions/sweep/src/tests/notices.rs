//! Notices: told once, and again when they can be.

use model::ledger::Ledger;
use model::notice::{Shape, Target};
use model::ports::{Credential, MessageError, Messenger, Vault, VaultError};

use super::*;

fn unit(domain: &str) -> Unit {
    let limits = UnitLimits { starts: 100, ..UnitLimits::default() };
    Unit { limits, ..Unit::new(domain, "受注処理", 1, "c") }
}

fn request() -> Request {
    let trigger = Trigger { user: "sato".into(), ..Trigger::new(Method::Api, 1) };
    Request { trigger, payload: Payload::default(), again_of: None }
}

/// A vault with one URL, and a webhook that takes what it is sent while it is up.
#[derive(Default)]
pub(super) struct Outside {
    posted: Mutex<Vec<(String, serde_json::Value)>>,
    down: Mutex<bool>,
}

#[async_trait]
impl Vault for Outside {
    async fn credential(&self, name: &str) -> Result<Credential, VaultError> {
        match name {
            "notify/ops" => Ok(Credential::Webhook { url: "https://hooks.example/secret".into() }),
            _ => Err(VaultError::Missing(name.to_owned())),
        }
    }

    async fn put(&self, _: &str, _: &Credential) -> Result<(), VaultError> {
        Err(VaultError::Unavailable("read only".into()))
    }
}

#[async_trait]
impl Messenger for Outside {
    async fn post(&self, url: &str, body: &serde_json::Value) -> Result<(), MessageError> {
        if *self.down.lock().expect("unpoisoned") {
            return Err(MessageError("down".into()));
        }
        self.posted.lock().expect("unpoisoned").push((url.to_owned(), body.clone()));
        Ok(())
    }
}

impl Outside {
    fn texts(&self) -> Vec<String> {
        let posted = self.posted.lock().expect("unpoisoned");
        posted.iter().map(|(_, body)| body["text"].as_str().expect("a text").to_owned()).collect()
    }
}

fn deps(ledger: &Ledger) -> (Deps, Arc<Sent>, Arc<Outside>) {
    let (sent, outside) = (Arc::new(Sent::default()), Arc::new(Outside::default()));
    let deps =
        Deps { ledger: ledger.clone(), nudges: sent.clone(), vault: outside.clone(), messenger: outside.clone() };
    (deps, sent, outside)
}

async fn runs(ledger: &Ledger, unit: &Unit, state: RunState) {
    ledger.admit(unit, None, &[request()], true).await.expect("admitted");
    let taken = ledger.take(&unit.id, &unit.domain, "w").await.expect("taken");
    let Taken::Run(ticket) = taken else { panic!("it runs: {taken:?}") };
    let code = (state == RunState::Failed).then_some(model::catalogue::CONFLICT);
    let ending = Ending { state, code, message: "値".into(), flows: Vec::new() };
    ledger.end(&ticket, &ending, true).await.expect("ended");
}

#[tokio::test]
async fn a_failure_is_told_once_until_it_is_mended() {
    let clock = Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
    let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock.clone());
    let (deps, sent, outside) = deps(&ledger);
    let new = Unit { log_app: Some(9), ..unit("example.cybozu.com") };
    let (id, _) = ledger.add_unit(NewUnit { unit: new, flows: Vec::new() }).await.expect("a unit");
    let unit = ledger.unit(&id).await.expect("the unit");
    let connection = model::unit::Connection {
        name: "c".into(),
        base_url: "https://example.cybozu.com".into(),
        guest_space: None,
        credential: "c".into(),
    };
    ledger.put_connection("example.cybozu.com", &connection).await.expect("a connection");

    runs(&ledger, &unit, RunState::Failed).await;
    assert_eq!(sweep(&deps).await, Ok(swept(0, 0, 0)));
    assert_eq!(outside.texts().len(), 0, "nobody wants to be told");
    assert_eq!(ledger.forgotten(10).await.expect("the store answers"), [], "and nothing is left of it");
    let target = Target { name: "ops".into(), shape: Shape::Slack, credential: "notify/ops".into() };
    ledger.put_target("example.cybozu.com", &target).await.expect("a target");
    runs(&ledger, &unit, RunState::Succeeded).await;

    for _ in 0..3 {
        runs(&ledger, &unit, RunState::Failed).await;
        sweep(&deps).await.expect("swept");
    }
    let told = outside.texts();
    assert_eq!(told.len(), 1, "{told:?}");
    for part in ["受注処理", "example.cybozu.com/k/9/", &format!("suiro run show {id}-3")] {
        assert!(told[0].contains(part), "{part}: {}", told[0]);
    }
    assert!(told[0].contains(model::catalogue::CONFLICT.0.code) && !told[0].contains("値"), "{}", told[0]);
    runs(&ledger, &unit, RunState::Succeeded).await;
    *outside.down.lock().expect("unpoisoned") = true;
    runs(&ledger, &unit, RunState::Failed).await;
    sweep(&deps).await.expect("swept");
    *outside.down.lock().expect("unpoisoned") = false;
    sweep(&deps).await.expect("swept");
    assert_eq!(outside.texts().len(), 1, "not at once again");
    clock.advance(Duration::from_secs(60));
    sweep(&deps).await.expect("swept");
    assert_eq!(outside.texts().len(), 2, "it is told when it can be");
    assert!(sent.all().is_empty(), "and sends no nudge");
}

#[tokio::test]
async fn a_flood_is_told_once_and_a_secret_before_it_dies() {
    let clock = Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
    let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock.clone());
    let (deps, _, outside) = deps(&ledger);
    let new = NewUnit { unit: unit("example.cybozu.com"), flows: Vec::new() };
    let (id, _) = ledger.add_unit(new).await.expect("a unit");
    let unit = ledger.unit(&id).await.expect("the unit");
    let target = Target { name: "ops".into(), shape: Shape::Slack, credential: "notify/ops".into() };
    ledger.put_target("example.cybozu.com", &target).await.expect("a target");
    let lost = Target { name: "lost".into(), shape: Shape::Teams, credential: "notify/lost".into() };
    ledger.put_target("example.cybozu.com", &lost).await.expect("a target");
    let counts = model::refusals::Counts::of(model::refusals::Cause::TooMany, 100_000);
    ledger.note_refused(&unit, &counts).await.expect("noted");
    sweep(&deps).await.expect("swept");
    ledger.note_refused(&unit, &counts).await.expect("noted");
    sweep(&deps).await.expect("swept");
    assert_eq!(outside.texts().len(), 1, "one notification, although another target is lost");
    assert!(outside.texts()[0].contains("unit.flood"));

    let days = |n: u64| Duration::from_secs(n * 86_400);
    ledger.regenerate_url_until(&id, None, Some(days(30))).await.expect("a URL");
    let dropped = ledger.regenerate_url_until(&id, None, Some(days(60))).await.expect("a URL");
    clock.advance(days(23));
    sweep(&deps).await.expect("swept");
    assert_eq!(outside.texts().len(), 1, "the first is gone already");
    clock.advance(days(30));
    sweep(&deps).await.expect("swept");
    let told = outside.texts();
    assert!(told.len() == 2 && told[1].contains("url.expires"), "{told:?}");
    assert!(!told[1].contains(dropped.reveal()));
}
