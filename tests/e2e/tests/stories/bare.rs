//! A worker by itself: its own code against the simulated kintone, with a ledger in memory and nothing that runs beside it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::{Connection, Connector, HostPolicy, Settings};
use connect::storage::Storage;
use model::clock::{Clock, ManualClock, SystemClock, Timestamp};
use model::ids::{RunId, UnitId};
use model::ledger::{Admitted, Ledger, NewUnit, Request};
use model::limits::{LEASE, UnitLimits};
use model::ports::{Credential, Hide, Nudge, NudgeError, Nudges, Vault};
use model::run::{Method, Payload, Run, Trigger};
use model::store::memory::MemoryStore;
use model::store::{Commit, Item, Key, Store, StoreError, Write};
use model::unit::{self, Undo, Unit};
use sim::{Control, Sim, UserSpec};
use suiro::demo::company::ADMINISTRATOR;
use suiro::local::FileVault;
use worker::observer::LogObserver;
use worker::{Deps, Handled, NoHold};

use crate::book::{Apps, apps};
use crate::made::administrator;

pub const DOMAIN: &str = "example.cybozu.com";

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

/// Makes the flows of a scene, and what apps they need beside the two.
pub type Flows<'a> = &'a dyn Fn(&Control, &mut Apps) -> Vec<String>;

/// A worker, and all that it may use.
pub struct Scene {
    pub sim: Sim,
    pub clock: Arc<ManualClock>,
    pub deps: Deps,
    pub unit: UnitId,
    pub apps: Apps,
    pub log: u64,
}

impl Scene {
    /// A unit with these flows, and two empty apps.
    pub async fn new(flows: Flows<'_>, undo: Undo) -> Self {
        let sim = Sim::start(sim::Options::default()).await.expect("a simulated kintone");
        let control = sim.control();
        control.add_user(UserSpec::new(ADMINISTRATOR.0, ADMINISTRATOR.1));
        let mut apps = apps(&control);
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
        let limits = UnitLimits { starts: 1_000, ..UnitLimits::default() };
        let new = Unit { flows: names, log_app: Some(log), undo, limits, ..Unit::new(DOMAIN, "入れ替え", 1, "c") };
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

    /// Asks for a run.
    pub async fn ask(&self) -> RunId {
        let unit = self.deps.ledger.unit(&self.unit).await.unwrap();
        let payload = Payload { sets: vec![Default::default()] };
        let request = Request { trigger: Trigger::new(Method::Api, 1), payload, again_of: None };
        let admitted = self.deps.ledger.admit(&unit, None, &[request], true).await.unwrap();
        let Admitted::Queued(mut runs) = admitted else { panic!("{admitted:?}") };
        runs.remove(0)
    }

    /// One worker that is not disturbed.
    pub async fn works(&self) -> Result<Handled, model::ledger::LedgerError> {
        worker::handle(&self.deps, &self.nudge(), "undisturbed", &NoHold).await
    }

    /// The nudge that wakes a worker.
    pub fn nudge(&self) -> Nudge {
        Nudge::new(DOMAIN, self.unit.clone())
    }

    /// A run, as it stands.
    pub async fn run(&self, id: &RunId) -> Run {
        self.deps.ledger.run(id).await.unwrap()
    }

    /// Workers after the one that was cut off, until the run has ended.
    pub async fn rest(&self, run: &RunId) {
        for turn in 0..20 {
            if self.deps.ledger.run(run).await.unwrap().state.ended() {
                return;
            }
            self.clock.advance(LEASE + Duration::from_secs(1));
            match worker::handle(&self.deps, &self.nudge(), &format!("after {turn}"), &NoHold).await.unwrap() {
                Handled::Done => {}
                Handled::Park(until) => self.clock.advance(self.clock.now().until(until)),
            }
        }
    }
}
