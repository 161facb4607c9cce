//! Notices: told once, and again when they can be.

use model::ledger::Ledger;
use model::notice::{Part, RecordPlace, Target, Told, Way};
use model::ports::{Credential, MessageError, Messenger, Recorder, Topics, Vault, VaultError};

use super::*;

fn unit(domain: &str) -> Unit {
    let limits = UnitLimits { starts: 100, ..UnitLimits::default() };
    Unit { limits, ..Unit::new(domain, "受注処理", 1, "c") }
}

fn request() -> Request {
    let trigger = Trigger { user: "sato".into(), ..Trigger::new(Method::Api, 1) };
    Request { trigger, payload: Payload::default(), again_of: None }
}

fn slack() -> Target {
    Target { name: "ops".into(), way: Way::Slack { credential: "notify/ops".into() } }
}

/// A vault, and a webhook, an app and a topic that take what they are sent while they are up.
#[derive(Default)]
pub(super) struct Outside {
    posted: Mutex<Vec<(String, serde_json::Value)>>,
    /// Key and title of each record.
    records: Mutex<Vec<[model::value::Value; 2]>>,
    /// Topic, subject and message.
    published: Mutex<Vec<[String; 3]>>,
    down: Mutex<bool>,
}

pub(super) fn senders(outside: &Arc<Outside>) -> Senders {
    Senders {
        vault: outside.clone(),
        messenger: outside.clone(),
        recorder: outside.clone(),
        topics: Some(outside.clone()),
    }
}

#[async_trait]
impl Vault for Outside {
    async fn credential(&self, name: &str) -> Result<Credential, VaultError> {
        match name {
            "notify/ops" => Ok(Credential::Webhook { url: "https://hooks.example/secret".into() }),
            "notify/app" => Ok(Credential::Tokens { tokens: vec!["geheim".into()], basic: None }),
            _ => Err(VaultError::Missing(name.to_owned())),
        }
    }

    async fn put(&self, _: &str, _: &Credential) -> Result<(), VaultError> {
        Err(VaultError::Unavailable("read only".into()))
    }
}

#[async_trait]
impl Recorder for Outside {
    async fn record(&self, _: &RecordPlace, credential: &Credential, told: &Told<'_>) -> Result<(), MessageError> {
        self.up()?;
        assert!(matches!(credential, Credential::Tokens { .. }));
        self.records.lock().expect("unpoisoned").push([told.part(Part::Key), told.part(Part::Title)]);
        Ok(())
    }
}

#[async_trait]
impl Topics for Outside {
    async fn publish(&self, topic: &str, subject: &str, message: &str) -> Result<(), MessageError> {
        self.up()?;
        let published = [topic, subject, message].map(str::to_owned);
        self.published.lock().expect("unpoisoned").push(published);
        Ok(())
    }
}

#[async_trait]
impl Messenger for Outside {
    async fn post(&self, url: &str, body: &serde_json::Value) -> Result<(), MessageError> {
        self.up()?;
        self.posted.lock().expect("unpoisoned").push((url.to_owned(), body.clone()));
        Ok(())
    }
}

impl Outside {
    fn up(&self) -> Result<(), MessageError> {
        match *self.down.lock().expect("unpoisoned") {
            true => Err(MessageError("down".into())),
            false => Ok(()),
        }
    }

    fn texts(&self) -> Vec<String> {
        let posted = self.posted.lock().expect("unpoisoned");
        posted.iter().map(|(_, body)| body["text"].as_str().expect("a text").to_owned()).collect()
    }
}

fn deps(ledger: &Ledger) -> (Deps, Arc<Sent>, Arc<Outside>) {
    let (sent, outside) = (Arc::new(Sent::default()), Arc::new(Outside::default()));
    let deps = Deps { ledger: ledger.clone(), nudges: sent.clone(), senders: senders(&outside) };
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
        expires: None,
    };
    ledger.put_connection("example.cybozu.com", &connection).await.expect("a connection");

    runs(&ledger, &unit, RunState::Failed).await;
    assert_eq!(sweep(&deps).await, Ok(swept(0, 0, 0)));
    assert_eq!(outside.texts().len(), 0, "nobody wants to be told");
    assert_eq!(ledger.forgotten(10).await.expect("the store answers"), [], "and nothing is left of it");
    let target = slack();
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
    let target = slack();
    ledger.put_target("example.cybozu.com", &target).await.expect("a target");
    let lost = Target { name: "lost".into(), way: Way::Teams { credential: "notify/lost".into() } };
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

struct Notified {
    clock: Arc<ManualClock>,
    deps: Deps,
    outside: Arc<Outside>,
    unit: Unit,
}

/// A unit whose credential dies at this time, and a domain with these targets.
async fn notified(expires: Option<Duration>, targets: &[Target]) -> Notified {
    let clock = Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
    let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock.clone());
    let (deps, _, outside) = deps(&ledger);
    let connection = model::unit::Connection {
        name: "c".into(),
        base_url: "https://example.cybozu.com".into(),
        guest_space: None,
        credential: "c".into(),
        expires: expires.map(|after| clock.now() + after),
    };
    ledger.put_connection(DOMAIN, &connection).await.expect("a connection");
    let (id, _) = ledger.add_unit(NewUnit { unit: unit(DOMAIN), flows: Vec::new() }).await.expect("a unit");
    let unit = ledger.unit(&id).await.expect("the unit");
    for target in targets {
        ledger.put_target(DOMAIN, target).await.expect("a target");
    }
    Notified { clock, deps, outside, unit }
}

impl Notified {
    /// What the webhook is sent by a sweep after so many days.
    async fn after(&self, days: u64) -> Vec<String> {
        self.clock.advance(Duration::from_secs(days * 86_400));
        sweep(&self.deps).await.expect("swept");
        let posted = std::mem::take(&mut *self.outside.posted.lock().expect("unpoisoned"));
        posted.iter().map(|(_, body)| body["text"].as_str().expect("a text").to_owned()).collect()
    }
}

const DAYS: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_credential_is_told_a_week_before_it_dies_and_on_the_day() {
    let scene = notified(Some(DAYS * 30), &[slack()]).await;
    assert_eq!(scene.after(0).await.len() + scene.after(22).await.len(), 0);
    let told = scene.after(1).await;
    assert!(told.len() == 1 && told[0].contains("credential.expires") && told[0].contains("unit update"), "{told:?}");
    assert_eq!(scene.after(6).await.len(), 0, "once");
    let told = scene.after(1).await;
    assert!(told.len() == 1 && told[0].contains("credential.expired"), "{told:?}");
    assert_eq!(scene.after(30).await.len(), 0);
}

#[tokio::test]
async fn a_credential_that_is_replaced_or_given_another_date_is_not_told_of() {
    let scene = notified(Some(DAYS * 30), &[slack()]).await;
    let ledger = &scene.deps.ledger;
    let later = Some(scene.clock.now() + DAYS * 60);
    ledger.set_credential_expiry(DOMAIN, "c", later).await.expect("noted");
    assert_eq!(scene.after(31).await.len(), 0, "it lives longer");
    assert_eq!(scene.after(22).await.len(), 1, "a week before the later day");

    let new = model::unit::Connection {
        name: "c2".into(),
        expires: None,
        ..ledger.connection(DOMAIN, "c").await.expect("the store answers").expect("c")
    };
    ledger.put_connection(DOMAIN, &new).await.expect("stored");
    let unit = Box::new(Unit { connection: "c2".into(), ..scene.unit.clone() });
    let change = model::ledger::UnitChange::Replace { unit, flows: Vec::new() };
    ledger.change_units(&[change]).await.expect("changed");
    assert_eq!(scene.after(30).await.len(), 0, "a new one has no date");
    ledger.set_credential_expiry(DOMAIN, "c2", Some(scene.clock.now() + DAYS)).await.expect("noted");
    assert_eq!(scene.after(0).await.len(), 1, "at once, where a week is past");
    ledger.set_credential_expiry(DOMAIN, "c2", None).await.expect("noted");
    assert_eq!(scene.after(9).await.len(), 0, "the date was taken back");
    let unknown = ledger.set_credential_expiry(DOMAIN, "c9", None).await;
    assert_eq!(unknown, Err(model::ledger::LedgerError::NoConnection("c9".into())));
}

#[tokio::test]
async fn a_callers_secret_is_told_by_the_callers_name_and_not_where_it_was_renewed() {
    let scene = notified(None, &[slack()]).await;
    let ledger = &scene.deps.ledger;
    let caller = |name: &str| model::ledger::NewCaller { name: name.into(), expires: Some(DAYS * 20), signs: true };
    for name in ["shop", "bank"] {
        ledger.add_caller(&scene.unit.id, &caller(name)).await.expect("a caller");
    }
    let lasting = model::ledger::NewCaller { expires: None, ..caller("bank") };
    ledger.renew_caller(&scene.unit.id, &lasting, Some(DAYS * 2)).await.expect("renewed");
    assert_eq!(scene.after(12).await.len(), 0);
    let told = scene.after(1).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("caller: shop") && told[0].contains("unit caller renew"), "{told:?}");
    assert_eq!(scene.after(7).await.len(), 0);
}

#[tokio::test]
async fn one_cause_is_a_record_and_a_message_of_a_topic_and_what_is_lost_is_seen() {
    let place = RecordPlace {
        base_url: "https://example.cybozu.com".into(),
        guest_space: None,
        app: 12,
        credential: "notify/app".into(),
        fields: Default::default(),
    };
    let topic = Way::Sns { topic: "arn:aws:sns:ap-northeast-1:1:ops".into() };
    let targets = [
        Target { name: "app".into(), way: Way::Kintone(place) },
        Target { name: "topic".into(), way: topic },
        Target { name: "lost".into(), way: Way::Teams { credential: "notify/lost".into() } },
    ];
    let scene = notified(None, &targets).await;
    for _ in 0..2 {
        runs(&scene.deps.ledger, &scene.unit, RunState::Failed).await;
        scene.after(0).await;
    }
    let records = scene.outside.records.lock().expect("unpoisoned").clone();
    let published = scene.outside.published.lock().expect("unpoisoned").clone();
    assert_eq!((records.len(), published.len()), (1, 1), "once per cause");
    let model::value::Value::Text(key) = &records[0][0] else { panic!("a key: {records:?}") };
    assert!(key.starts_with(&scene.unit.id.0), "{key}");
    let [arn, subject, message] = &published[0];
    assert!(arn.ends_with(":ops") && subject.is_ascii() && subject.contains("a run has failed"), "{subject}");
    assert!(message.contains("受注処理") && message.contains(model::catalogue::CONFLICT.0.remedy_ja), "{message}");

    let state = scene.deps.ledger.state(&scene.unit.id).await.expect("the state");
    let errors: Vec<_> = state.deliveries.iter().map(|(name, d)| (name.as_str(), d.error.is_some())).collect();
    assert_eq!(errors, [("app", false), ("lost", true), ("topic", false)]);

    // The second telling of a cause, a day later, while everything is down, and once it is up again.
    *scene.outside.down.lock().expect("unpoisoned") = true;
    scene.clock.advance(DAYS);
    runs(&scene.deps.ledger, &scene.unit, RunState::Failed).await;
    scene.after(0).await;
    let state = scene.deps.ledger.state(&scene.unit.id).await.expect("the state");
    assert!(state.deliveries["app"].error.as_ref().is_some_and(|e| e.contains("down")), "{:?}", state.deliveries);
    *scene.outside.down.lock().expect("unpoisoned") = false;
    scene.after(1).await;
    let records = scene.outside.records.lock().expect("unpoisoned").clone();
    assert!(records.len() == 2 && records[0][0] != records[1][0], "a record of its own: {records:?}");
    let state = scene.deps.ledger.state(&scene.unit.id).await.expect("the state");
    assert_eq!(state.deliveries["app"].error, None);
}

#[tokio::test]
async fn where_there_is_no_sns_that_is_said() {
    let target = Target { name: "topic".into(), way: Way::Sns { topic: "arn:aws:sns:ap-northeast-1:1:ops".into() } };
    let mut scene = notified(None, &[target]).await;
    scene.deps.senders.topics = None;
    runs(&scene.deps.ledger, &scene.unit, RunState::Failed).await;
    scene.after(0).await;
    let state = scene.deps.ledger.state(&scene.unit.id).await.expect("the state");
    assert!(state.deliveries["topic"].error.as_ref().is_some_and(|e| e.contains("AWS_ENDPOINT_URL_SNS")));
    assert!(state.notices[0].due.is_some(), "it is tried again");
}
