//! The whole way of a webhook with a meter in front of everything that AWS charges for. DynamoDB is the embedded one behind a
//! proxy that asks it for the units that it consumed; it counts them by DynamoDB's rules, transactions and the index included.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use connect::kintone::{Connection, Connector, HostPolicy, Settings};
use connect::storage::Storage;
use model::clock::SystemClock;
use model::ids::{RunId, UnitId};
use model::keys;
use model::ledger::{Ledger, NewUnit};
use model::limits::{UNDO_RUNS, UnitLimits};
use model::ports::{Credential, Hide, Nudge, NudgeError, Nudges, Vault, VaultError};
use model::run::Run;
use model::store::{Expect, Write};
use model::unit::{Undo, Unit, UnitState};
use serde_json::{Value as Json, json};
use sim::{Control, Sim, UserSpec};
use suiro::demo::company::ADMINISTRATOR;
use suiro::local::{Embedded, FileVault, store_at};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use worker::hosting::{Received, used_up};
use worker::observer::LogObserver;

use crate::bare::{DOMAIN, connect};
use crate::unreliable::{Asked, Unreliable};
use crate::waiting::Faults;

/// What was spent on a run.
#[derive(Clone, Debug, Default)]
pub struct Spent {
    /// Calls of DynamoDB.
    pub dynamo: f64,
    /// Read request units.
    pub read_units: f64,
    /// Write request units, those of the index included.
    pub write_units: f64,
    /// Messages sent.
    pub sent: f64,
    /// Messages hidden (ChangeMessageVisibility).
    pub hidden: f64,
    /// Messages received and deleted by the event source mapping.
    pub delivered: f64,
    /// Calls of Secrets Manager.
    pub secrets: f64,
    /// Objects written, and lists.
    pub puts: f64,
    /// Objects read.
    pub gets: f64,
    /// Calls of kintone.
    pub kintone: f64,
    /// AWS calls that api waited for.
    pub api_calls: f64,
    /// AWS calls that the worker waited for.
    pub worker_calls: f64,
}

impl Spent {
    /// Requests of SQS: a delivery is a receive and a delete.
    pub fn sqs(&self) -> f64 {
        self.sent + self.hidden + 2.0 * self.delivered
    }
}

#[derive(Clone, Default)]
struct Meter(Arc<Mutex<Spent>>);

impl Meter {
    fn note(&self, note: impl FnOnce(&mut Spent)) {
        note(&mut self.0.lock().unwrap());
    }

    fn read(&self) -> Spent {
        self.0.lock().unwrap().clone()
    }
}

struct Proxy {
    to: String,
    http: reqwest::Client,
    meter: Meter,
}

/// Asks DynamoDB the same, and how many units that took.
async fn pass(
    State(proxy): State<Arc<Proxy>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], Vec<u8>) {
    let header = |name: &str| headers.get(name).and_then(|h| h.to_str().ok()).unwrap_or_default().to_owned();
    let target = header("x-amz-target");
    let mut asked: Json = serde_json::from_slice(&body).expect("JSON");
    asked["ReturnConsumedCapacity"] = json!("INDEXES");
    let request =
        proxy.http.post(&proxy.to).header("x-amz-target", &target).header("content-type", "application/x-amz-json-1.0");
    let answer = request
        .header("authorization", header("authorization"))
        .header("x-amz-date", header("x-amz-date"))
        .body(asked.to_string())
        .send()
        .await
        .expect("an answer");
    let status = answer.status();
    let bytes = answer.bytes().await.expect("a body");
    let told: Json = serde_json::from_slice(&bytes).expect("JSON");
    let consumed = match &told["ConsumedCapacity"] {
        Json::Array(tables) => tables.iter().filter_map(|t| t["CapacityUnits"].as_f64()).sum(),
        one => one["CapacityUnits"].as_f64().unwrap_or(0.0),
    };
    assert!(consumed > 0.0, "{target} tells no units: {told}");
    let reads = ["GetItem", "BatchGetItem", "Query"].iter().any(|read| target.ends_with(&format!(".{read}")));
    proxy.meter.note(|spent| {
        spent.dynamo += 1.0;
        *(if reads { &mut spent.read_units } else { &mut spent.write_units }) += consumed;
    });
    (
        StatusCode::from_u16(status.as_u16()).expect("a status"),
        [("content-type", "application/x-amz-json-1.0")],
        bytes.to_vec(),
    )
}

struct Queue {
    meter: Meter,
    sent: Mutex<Vec<Nudge>>,
}

#[async_trait]
impl Nudges for Queue {
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
        self.meter.note(|spent| spent.sent += 1.0);
        self.sent.lock().unwrap().push(nudge.clone());
        Ok(())
    }
}

#[async_trait]
impl Hide for Queue {
    async fn hide(&self, _: &str, _: Duration) {
        self.meter.note(|spent| spent.hidden += 1.0);
    }
}

struct MeteredVault {
    meter: Meter,
    vault: FileVault,
}

#[async_trait]
impl Vault for MeteredVault {
    async fn credential(&self, name: &str) -> Result<Credential, VaultError> {
        self.meter.note(|spent| spent.secrets += 1.0);
        self.vault.credential(name).await
    }

    async fn put(&self, name: &str, credential: &Credential) -> Result<(), VaultError> {
        self.vault.put(name, credential).await
    }
}

/// A unit behind api and worker, as both are on Lambda, with a meter at each door.
pub struct Metered {
    sim: Sim,
    meter: Meter,
    files: Asked,
    queue: Arc<Queue>,
    deps: worker::Deps,
    url: String,
    http: reqwest::Client,
    unit: UnitId,
    tasks: [JoinHandle<()>; 2],
    _table: Embedded,
}

impl Drop for Metered {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Metered {
    /// A unit with these flows.
    pub async fn new(flows: &(dyn Fn(&Control) -> Vec<String> + Sync), undo: Undo) -> Self {
        let sim = Sim::start(sim::Options::default()).await.expect("a simulated kintone");
        let control = sim.control();
        control.add_user(UserSpec::new(ADMINISTRATOR.0, ADMINISTRATOR.1));
        let hosts = HostPolicy { allow_local: true, ..HostPolicy::default() };
        let connector = Connector::new(Settings { hosts, ..Settings::default() }).unwrap();
        let credential = connect::kintone::Credential::password(ADMINISTRATOR.0, ADMINISTRATOR.1);
        let kintone = connector.open(Connection::new(sim.base_url(), credential)).unwrap();
        let log = worker::log_app::create(&kintone, "実行ログ").await.unwrap();

        let (meter, table) = (Meter::default(), Embedded::start(None).await.expect("a table"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = format!("http://{}", listener.local_addr().unwrap());
        let state = Proxy { to: table.endpoint.clone(), http: reqwest::Client::new(), meter: meter.clone() };
        let app = Router::new().fallback(pass).with_state(Arc::new(state));
        let proxy = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });

        let ledger = Ledger::new(Arc::new(store_at(&front)), Arc::new(SystemClock));
        let vault = MeteredVault { meter: meter.clone(), vault: FileVault::new(None) };
        connect(&ledger, &vault, &sim).await;
        let documents = flows(&control);
        let names = (1..=documents.len()).map(|n| format!("フロー{n}")).collect();
        let limits = UnitLimits { starts: 1_000, ..UnitLimits::default() };
        let parameters = [("番号".to_owned(), None)].into();
        let new =
            Unit {
                flows: names, parameters, log_app: Some(log), undo, limits, ..Unit::new(DOMAIN, "数える", 1, "c")
            };
        let (unit, secret) = ledger.add_unit(NewUnit { unit: new, flows: documents }).await.unwrap();
        let queue = Arc::new(Queue { meter: meter.clone(), sent: Mutex::default() });
        let store = Unreliable::new(Faults::default());
        let files = store.asked();
        let deps = worker::Deps {
            ledger: ledger.clone(),
            vault: Arc::new(vault),
            connector,
            files: Storage::over(Arc::new(store)),
            observer: Arc::new(LogObserver),
            nudges: queue.clone(),
            wake: queue.clone(),
        };
        let router = api::router(api::Deps::new(ledger, queue.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/r/{unit}/{}", listener.local_addr().unwrap(), secret.reveal());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let doors = tokio::spawn(async move { axum::serve(listener, service).await.expect("it serves") });
        let (http, tasks) = (reqwest::Client::new(), [proxy, doors]);
        Self { sim, meter, files, queue, deps, url, http, unit, tasks, _table: table }
    }

    /// kintone's notification of a record, and all that follows.
    pub async fn run(&self, id: &str) -> Run {
        let record = json!({ "$id": { "type": "__ID__", "value": "7" }, "番号": { "type": "SINGLE_LINE_TEXT", "value": "N-7" } });
        let body = json!({ "id": id, "type": "UPDATE_RECORD", "app": { "id": "1" }, "record": record });
        let before = self.meter.read();
        let answer = self.http.post(&self.url).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 202);
        let after = self.meter.read();
        self.meter.note(|spent| spent.api_calls += after.dynamo - before.dynamo + after.sent - before.sent);
        let sent = std::mem::take(&mut *self.queue.sent.lock().unwrap());
        assert_eq!(sent.len(), 1);
        let nudge = serde_json::to_string(&sent[0]).unwrap();
        let message = Received { body: Some(&nudge), handle: Some("handle"), id, deadline: None };
        assert!(used_up(&self.deps, self.queue.as_ref(), message).await);
        self.meter.note(|spent| spent.delivered += 1.0);
        let done = self.meter.read();
        let called = |s: &Spent| s.dynamo + s.secrets + s.hidden;
        self.meter.note(|spent| spent.worker_calls += called(&done) - called(&after));
        let state = self.deps.ledger.state(&self.unit).await.unwrap();
        self.meter.note(|spent| {
            // To look at it is not part of the run.
            spent.dynamo -= 1.0;
            spent.read_units = done.read_units;
        });
        let run = self.deps.ledger.run(&RunId { unit: self.unit.clone(), seq: state.last }).await.unwrap();
        self.meter.note(|spent| {
            spent.dynamo -= 1.0;
            spent.read_units = done.read_units;
        });
        run
    }

    /// As many runs have been since the last one as are kept to be taken back.
    pub async fn after_many(&self) {
        let item = self.deps.ledger.store().get(&[keys::state(&self.unit)]).await.unwrap().remove(0).unwrap();
        let mut state: UnitState = item.decode().unwrap();
        state.last += UNDO_RUNS - 1;
        let put = Write::put(keys::state(&self.unit), &state, Expect::Version(item.version)).unwrap();
        self.deps.ledger.store().commit(vec![put]).await.unwrap();
    }

    /// From here on it counts.
    pub fn begin(&self) {
        *self.meter.0.lock().unwrap() = Spent::default();
        self.files.take();
        self.sim.control().clear_calls();
    }

    /// What was spent since then.
    pub fn spent(&self) -> Spent {
        let (puts, gets) = self.files.take();
        let kintone = self.sim.control().calls().len() as f64;
        let spent = self.meter.read();
        let worker_calls = spent.worker_calls + (puts + gets) as f64;
        Spent { puts: puts as f64, gets: gets as f64, kintone, worker_calls, ..spent }
    }
}
