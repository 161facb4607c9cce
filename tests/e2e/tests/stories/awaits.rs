//! A run is cut off at every point at which it waits for anything: the next worker leaves the same records behind.
//!
//! The worker's own code runs here, against the simulated kintone, with a ledger in memory that also waits before and behind
//! every access: cut off there, a commit was not made, or was made and its answer is lost. What was sent to kintone when a
//! worker is cut off still arrives, late.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::{Connection, Connector, HostPolicy, Settings};
use connect::storage::Storage;
use model::clock::{Clock, ManualClock, SystemClock, Timestamp};
use model::ids::{RunId, UnitId};
use model::ledger::{Admitted, Ledger, NewUnit, Request};
use model::limits::LEASE;
use model::ports::{Credential, Hide, Nudge, NudgeError, Nudges, Vault};
use model::run::{Method, Payload, RunState, Trigger};
use model::store::memory::MemoryStore;
use model::store::{Commit, Item, Key, Store, StoreError, Write};
use model::unit::{self, Undo, Unit};
use serde_json::{Value as Json, json};
use sim::{AppSpec, Control, Sim, UserSpec};
use suiro::demo::company::ADMINISTRATOR;
use suiro::local::FileVault;
use worker::observer::LogObserver;
use worker::{Deps, Handled, NoHold};

use crate::book::{Apps, apps, counts_on, fails, held, record, replaces};
use crate::made::administrator;

const DOMAIN: &str = "example.cybozu.com";

/// Waits before and behind every access.
struct Waiting(MemoryStore);

#[async_trait]
impl Store for Waiting {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        tokio::task::yield_now().await;
        let got = self.0.get(keys).await;
        tokio::task::yield_now().await;
        got
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        tokio::task::yield_now().await;
        let committed = self.0.commit(writes).await;
        tokio::task::yield_now().await;
        committed
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        tokio::task::yield_now().await;
        self.0.list(pk, prefix, after, backwards, limit).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError> {
        self.0.due(now, limit).await
    }
}

struct Nobody;

#[async_trait]
impl Nudges for Nobody {
    async fn nudge(&self, _: &Nudge) -> Result<(), NudgeError> {
        Ok(())
    }
}

#[async_trait]
impl Hide for Nobody {
    async fn hide(&self, _: &str, _: Duration) {}
}

/// A future that is dropped where it waits for the so-manieth time; then it yields nothing.
struct Cut<F> {
    inner: F,
    waits: usize,
}

impl<F: Future + Unpin> Future for Cut<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match Pin::new(&mut self.inner).poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.waits == 0 => Poll::Ready(None),
            Poll::Pending => {
                self.waits -= 1;
                Poll::Pending
            }
        }
    }
}

/// What is left behind: the records of the target, and what the log app tells.
type Left = (BTreeMap<String, Json>, Vec<Vec<String>>, Vec<(String, String)>);

/// Makes the flows of a scene, and what apps they need beside the two.
type Flows<'a> = &'a dyn Fn(&Control, &mut Apps) -> Vec<String>;

struct Scene {
    sim: Sim,
    clock: Arc<ManualClock>,
    deps: Deps,
    unit: UnitId,
    apps: Apps,
    log: u64,
}

impl Scene {
    /// A unit whose first flow adds, changes and deletes in two bulks, and whose second changes.
    async fn new(flows: Flows<'_>, undo: Undo) -> Self {
        let sim = Sim::start(sim::Options::default()).await.expect("a simulated kintone");
        let control = sim.control();
        control.add_user(UserSpec::new(ADMINISTRATOR.0, ADMINISTRATOR.1));
        let mut apps = apps(&control);
        control.put_records(apps.target, (0..30).map(|n| record(n, n)).collect()).unwrap();
        let wanted = (10..40).map(|n| record(n, if n % 2 == 0 { n + 7 } else { n }));
        control.put_records(apps.source, wanted.collect()).unwrap();
        let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
        let connector = Connector::new(Settings { hosts, ..Settings::default() }).unwrap();
        let kintone = connector
            .open(Connection::new(
                sim.base_url(),
                connect::kintone::Credential::password(ADMINISTRATOR.0, ADMINISTRATOR.1),
            ))
            .unwrap();
        let log = worker::log_app::create(&kintone, "実行ログ").await.unwrap();
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let store = Waiting(MemoryStore::new(clock.clone()));
        let ledger = Ledger::new(Arc::new(store), clock.clone());
        let vault = FileVault::new(None);
        let credential: Credential = administrator();
        vault.put("c", &credential).await.unwrap();
        let connection = unit::Connection {
            name: "c".to_owned(),
            base_url: sim.base_url(),
            guest_space: None,
            credential: "c".to_owned(),
        };
        ledger.put_connection(DOMAIN, &connection).await.unwrap();
        let documents = flows(&control, &mut apps);
        let names = (1..=documents.len()).map(|n| format!("フロー{n}")).collect();
        let new = Unit { flows: names, log_app: Some(log), undo, ..Unit::new(DOMAIN, "入れ替え", 1, "c") };
        let (unit, _) = ledger.add_unit(NewUnit { unit: new, flows: documents }).await.unwrap();
        let deps = Deps {
            ledger,
            vault: Arc::new(vault),
            connector,
            files: Storage::memory(),
            observer: Arc::new(LogObserver),
            nudges: Arc::new(Nobody),
            wake: Arc::new(Nobody),
        };
        Self { sim, clock, deps, unit, apps, log }
    }

    /// The run that is to be cut off.
    async fn begin(&self, cutting: Cutting) -> RunId {
        let run = self.ask().await;
        if cutting == Cutting::Flows {
            return run;
        }
        assert!(self.worker("first", usize::MAX).await);
        match self.deps.ledger.undo(&run, false).await.unwrap() {
            Admitted::Queued(mut runs) => runs.remove(0),
            other => panic!("{other:?}"),
        }
    }

    async fn ask(&self) -> RunId {
        let unit = self.deps.ledger.unit(&self.unit).await.unwrap();
        let payload = Payload { sets: vec![Default::default()] };
        let request = Request { trigger: Trigger::new(Method::Api, 1), payload, again_of: None };
        let admitted = self.deps.ledger.admit(&unit, None, &[request], true).await.unwrap();
        let Admitted::Queued(mut runs) = admitted else { panic!("{admitted:?}") };
        runs.remove(0)
    }

    /// One worker, cut off at its so-manieth wait; whether it came to its end before that.
    async fn worker(&self, owner: &str, waits: usize) -> bool {
        let nudge = Nudge::new(DOMAIN, self.unit.clone());
        let inner = worker::handle(&self.deps, &nudge, owner, &NoHold);
        match (Cut { inner, waits }).await {
            None => false,
            Some(handled) => {
                assert_eq!(handled, Ok(Handled::Done), "{owner}");
                true
            }
        }
    }

    /// Workers after the one that was cut off, until the run has ended.
    async fn rest(&self, run: &RunId) {
        for turn in 0..20 {
            if self.deps.ledger.run(run).await.unwrap().state.ended() {
                return;
            }
            self.clock.advance(LEASE + Duration::from_secs(1));
            let nudge = Nudge::new(DOMAIN, self.unit.clone());
            match worker::handle(&self.deps, &nudge, &format!("after {turn}"), &NoHold).await.unwrap() {
                Handled::Done => {}
                Handled::Park(until) => self.clock.advance(self.clock.now().until(until)),
            }
        }
    }

    fn left(&self) -> Left {
        let control = self.sim.control();
        let told = |record: sim::Record| {
            let text = |code: &str| record.text(code).unwrap_or_default().to_owned();
            (text("run_id"), text("state"))
        };
        let numbers = |app: &u64| {
            let mut numbers: Vec<String> =
                control.records(*app).iter().map(|r| r.text("番号").unwrap_or_default().to_owned()).collect();
            numbers.sort();
            numbers
        };
        let more = self.apps.more.iter().map(numbers).collect();
        (held(&control, self.apps.target), more, control.records(self.log).into_iter().map(told).collect())
    }
}

/// Which run is cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cutting {
    /// The one that runs the flows.
    Flows,
    /// The one that takes that one back.
    Undo,
}

/// Cuts a run off at every wait; `ends` is how it ends undisturbed. Answers how many waits there were.
async fn at_every_wait(flows: Flows<'_>, undo: Undo, (cutting, ends): (Cutting, RunState)) -> usize {
    let undisturbed = Scene::new(flows, undo).await;
    let run = undisturbed.begin(cutting).await;
    assert!(undisturbed.worker("undisturbed", usize::MAX).await);
    let ended = undisturbed.deps.ledger.run(&run).await.unwrap();
    assert_eq!(ended.state, ends, "{ended:#?}");
    let (records, more, _) = undisturbed.left();
    for waits in 0.. {
        let scene = Scene::new(flows, undo).await;
        let run = scene.begin(cutting).await;
        let came_to_its_end = scene.worker("first", waits).await;
        scene.rest(&run).await;
        let ended = scene.deps.ledger.run(&run).await.unwrap();
        let (found, found_more, log) = scene.left();
        assert_eq!(ended.state, ends, "cut off at wait {waits}: {ended:#?}");
        assert_eq!((found, found_more), (records.clone(), more.clone()), "cut off at wait {waits}: {ended:#?}");
        let before = (run.seq == 2).then(|| (run.to_string().replace("-2", "-1"), "succeeded".to_owned()));
        let told = (run.to_string(), ends.as_str().to_owned());
        assert_eq!(log, before.into_iter().chain([told]).collect::<Vec<_>>(), "cut off at wait {waits}");
        if came_to_its_end {
            let figure = format!("cut off at each of {waits} waits: the same records every time\n");
            std::io::stderr().write_all(figure.as_bytes()).unwrap();
            return waits;
        }
    }
    0
}

/// One output after the other, each to an app of its own: more parts than one bulk has.
fn in_two_bulks(control: &Control, apps: &mut Apps) -> String {
    let source = apps.source;
    let mut text = format!(
        "
suiro: 1
name: 分けて
steps:
  - {{ name: 元, command: input_app, app: {source}, fields: [番号, 数] }}
"
    );
    for n in 0..20 {
        let spec = AppSpec::new(&format!("写し{n}")).field("番号", json!({ "type": "SINGLE_LINE_TEXT" }));
        let app = control.create_app(spec).unwrap();
        apps.more.push(app);
        text += &format!(
            "  - {{ name: 選ぶ{n}, command: select_fields, from: 元, fields: [番号] }}
  - {{ name: 出力{n}, command: output_app, from: 選ぶ{n}, app: {app}, method: append }}
"
        );
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_adds_changes_and_deletes() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps)];
    let waits = at_every_wait(&flows, Undo::Off, (Cutting::Flows, RunState::Succeeded)).await;
    assert!(waits > 40, "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_of_two_bulks() {
    let flows = |control: &Control, apps: &mut Apps| vec![in_two_bulks(control, apps), counts_on(apps)];
    let waits = at_every_wait(&flows, Undo::Kept, (Cutting::Flows, RunState::Succeeded)).await;
    assert!(waits > 40, "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_taken_back() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps), fails(apps)];
    let waits = at_every_wait(&flows, Undo::AllOrNothing, (Cutting::Flows, RunState::Failed)).await;
    assert!(waits > 60, "{waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_another_back() {
    let flows = |_: &Control, apps: &mut Apps| vec![replaces(apps), counts_on(apps)];
    let waits = at_every_wait(&flows, Undo::Kept, (Cutting::Undo, RunState::Succeeded)).await;
    assert!(waits > 30, "{waits}");
}
