//! A worker by itself: its own code against the simulated kintone, with a ledger in memory and nothing that runs beside it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::{Connection, Connector, HostPolicy, Pause, Settings};
use connect::storage::Storage;
use model::clock::{Clock, ManualClock, SystemClock};
use model::ids::{RunId, UnitId};
use model::ledger::{Admitted, Ledger, NewUnit, Request, UnitChange};
use model::limits::{LEASE, UnitLimits};
use model::ports::{Hide, Nudge, NudgeError, Nudges, Vault};
use model::run::{Method, Payload, Run, Trigger};
use model::store::memory::MemoryStore;
use model::unit::{self, Undo, Unit};
use sim::{Control, Sim, UserSpec};
use suiro::demo::company::ADMINISTRATOR;
use suiro::local::FileVault;
use worker::observer::LogObserver;
use worker::{Deps, Handled, NoHold};

use crate::book::{Apps, apps};
use crate::made::administrator;
use crate::unreliable::Unreliable;
use crate::waiting::{Faults, Waiting};

pub const DOMAIN: &str = "example.cybozu.com";

/// Waits for nothing before a call is repeated.
struct AtOnce;

#[async_trait]
impl Pause for AtOnce {
    async fn pause(&self, _: Duration) {
        tokio::task::yield_now().await;
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

/// A future that is dropped where it waits for the so-manieth time; then it yields nothing.
pub struct Cut<F> {
    pub inner: F,
    pub waits: usize,
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

/// A queue that does nothing.
pub struct Nobody;

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
pub type Flows<'a> = &'a (dyn Fn(&Control, &mut Apps) -> Vec<String> + Sync);

/// The connection `c` of the domain, to this kintone as its administrator.
pub async fn connect(ledger: &Ledger, vault: &dyn Vault, sim: &Sim) {
    vault.put("c", &administrator()).await.unwrap();
    let connection = unit::Connection {
        name: "c".to_owned(),
        base_url: sim.base_url(),
        guest_space: None,
        credential: "c".to_owned(),
        expires: None,
    };
    ledger.put_connection(DOMAIN, &connection).await.unwrap();
}

/// A worker, and all that it may use.
pub struct Scene {
    pub sim: Sim,
    pub clock: Arc<ManualClock>,
    pub deps: Deps,
    pub unit: UnitId,
    pub apps: Apps,
    pub log: u64,
    /// Of the ledger's store.
    pub faults: Faults,
    /// Of the object store.
    pub file_faults: Faults,
}

impl Scene {
    /// A unit with these flows, and two empty apps.
    pub async fn new(flows: Flows<'_>, undo: Undo) -> Self {
        let sim = Sim::start(sim::Options::default()).await.expect("a simulated kintone");
        let control = sim.control();
        control.add_user(UserSpec::new(ADMINISTRATOR.0, ADMINISTRATOR.1));
        let mut apps = apps(&control);
        let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
        let connector = Connector::new(Settings { hosts, pause: Arc::new(AtOnce), ..Settings::default() }).unwrap();
        let kintone = connector
            .open(Connection::new(
                sim.base_url(),
                connect::kintone::Credential::password(ADMINISTRATOR.0, ADMINISTRATOR.1),
            ))
            .unwrap();
        let log = worker::log_app::create(&kintone, "実行ログ").await.unwrap();
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let (faults, file_faults) = (Faults::default(), Faults::default());
        let store = Waiting { store: MemoryStore::new(clock.clone()), faults: faults.clone() };
        let ledger = Ledger::new(Arc::new(store), clock.clone());
        let vault = FileVault::new(None);
        connect(&ledger, &vault, &sim).await;
        let documents = flows(&control, &mut apps);
        let names = (1..=documents.len()).map(|n| format!("フロー{n}")).collect();
        let limits = UnitLimits { starts: 1_000, ..UnitLimits::default() };
        let new = Unit { flows: names, log_app: Some(log), undo, limits, ..Unit::new(DOMAIN, "入れ替え", 1, "c") };
        let (unit, _) = ledger.add_unit(NewUnit { unit: new, flows: documents }).await.unwrap();
        let deps = Deps {
            ledger,
            vault: Arc::new(vault),
            connector,
            files: Storage::over(Arc::new(Unreliable::new(file_faults.clone()))),
            observer: Arc::new(LogObserver),
            nudges: Arc::new(Nobody),
            wake: Arc::new(Nobody),
        };
        Self { sim, clock, deps, unit, apps, log, faults, file_faults }
    }

    /// A program asks for a run.
    pub async fn ask(&self) -> RunId {
        self.asked(Method::Api).await
    }

    /// kintone tells of a change; the run that this becomes, or that it joins.
    pub async fn webhook(&self) -> RunId {
        self.asked(Method::Webhook).await
    }

    async fn asked(&self, method: Method) -> RunId {
        let unit = self.deps.ledger.unit(&self.unit).await.unwrap();
        let payload = Payload { sets: vec![Default::default()] };
        let request = Request { trigger: Trigger::new(method, 1), payload, again_of: None };
        match self.deps.ledger.admit(&unit, None, &[request], true).await.unwrap() {
            Admitted::Queued(mut runs) => runs.remove(0),
            Admitted::Joined(run) => run,
            other => panic!("{other:?}"),
        }
    }

    /// From now on the unit is another one.
    pub async fn change(&self, change: impl FnOnce(&mut Unit)) {
        let mut unit = self.deps.ledger.unit(&self.unit).await.unwrap();
        let flows = self.deps.ledger.flows(&unit).await.unwrap();
        change(&mut unit);
        let change = UnitChange::Replace { unit: Box::new(unit), flows };
        self.deps.ledger.change_units(&[change]).await.unwrap();
    }

    /// One worker that is not disturbed.
    pub async fn works(&self) -> Result<Handled, model::ledger::LedgerError> {
        worker::handle(&self.deps, &self.nudge(), "undisturbed", &NoHold).await
    }

    /// Lets time pass, here and in kintone.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.sim.control().clock().advance(time);
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
            self.pass(LEASE + Duration::from_secs(1));
            match worker::handle(&self.deps, &self.nudge(), &format!("after {turn}"), &NoHold).await.unwrap() {
                Handled::Done => {}
                Handled::Park(until) => self.pass(self.clock.now().until(until)),
            }
        }
    }
}
