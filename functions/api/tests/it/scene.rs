//! A unit behind the router of one or more processes, over the store in memory.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use api::{Deps, router};
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use lambda_http::Service;
use model::clock::{Clock, Timestamp};
use model::ledger::{Ledger, NewUnit};
use model::ports::{Nudge, NudgeError, Nudges};
use model::secret_url::Secret;
use model::store::memory::{Counts, MemoryStore};
use model::store::{Commit, Item, Key, Store, StoreError, Write};
use model::unit::Unit;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

pub const DOMAIN: &str = "example.cybozu.com";

/// A queue that counts, and takes no more nudges than it is told to: who sends one more waits for ever.
pub struct Queue {
    pub sent: AtomicU64,
    pub takes: AtomicU64,
    out: mpsc::UnboundedSender<Nudge>,
}

#[async_trait]
impl Nudges for Queue {
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
        if self.sent.load(Ordering::Relaxed) >= self.takes.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        self.out.send(nudge.clone()).map_err(|e| NudgeError(e.to_string()))
    }
}

/// A store whose replies are lost when it is told so: what was committed is committed.
pub struct Lossy {
    pub lost: AtomicBool,
    inner: Arc<MemoryStore>,
}

#[async_trait]
impl Store for Lossy {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        self.inner.get(keys).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        let done = self.inner.commit(writes).await;
        match self.lost.load(Ordering::Relaxed) {
            true => Err(StoreError::Unavailable("its reply is lost".into())),
            false => done,
        }
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        newest_first: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        self.inner.list(pk, prefix, after, newest_first, limit).await
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError> {
        self.inner.due(until, limit).await
    }
}

/// An answer.
#[derive(Debug)]
pub struct Asked {
    pub status: u16,
    pub json: Json,
    pub text: String,
    pub retry_after: Option<String>,
}

impl Asked {
    pub fn says(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json["error"].as_str()), (status, Some(code)), "{self:?}");
    }
}

pub struct Scene {
    pub ledger: Ledger,
    pub queue: Arc<Queue>,
    pub nudges: Option<mpsc::UnboundedReceiver<Nudge>>,
    /// One for each process.
    pub processes: Vec<(Deps, Router)>,
    pub store: Arc<Lossy>,
}

impl Scene {
    pub fn new(clock: Arc<dyn Clock>, processes: usize) -> Self {
        let inner = Arc::new(MemoryStore::new(clock.clone()));
        let store = Arc::new(Lossy { lost: AtomicBool::new(false), inner });
        let ledger = Ledger::new(store.clone(), clock);
        let (out, nudges) = mpsc::unbounded_channel();
        let queue = Arc::new(Queue { sent: AtomicU64::new(0), takes: AtomicU64::new(u64::MAX), out });
        let process = |_| {
            let deps = Deps::new(ledger.clone(), queue.clone());
            (deps.clone(), router(deps))
        };
        let processes = (0..processes).map(process).collect();
        Self { ledger: ledger.clone(), queue: queue.clone(), nudges: Some(nudges), processes, store }
    }

    /// A unit of app 1; answers it with its secret.
    pub async fn unit(&self, unit: Unit) -> (Unit, Secret) {
        let (id, secret) = self.ledger.add_unit(NewUnit { unit, flows: Vec::new() }).await.expect("a unit");
        (self.ledger.unit(&id).await.expect("the unit"), secret)
    }

    pub fn counts(&self) -> Counts {
        self.store.inner.counts()
    }

    pub fn messages(&self) -> u64 {
        self.queue.sent.load(Ordering::Relaxed)
    }

    /// Posts to a process, from this address.
    pub async fn post_from(&self, process: usize, from: &str, path: &str, body: &Json) -> Asked {
        let request = Request::post(path).body(Body::from(body.to_string())).expect("a request");
        self.send(process, from, request).await
    }

    pub async fn post(&self, path: &str, body: &Json) -> Asked {
        self.post_from(0, "192.0.2.1", path, body).await
    }

    pub async fn send(&self, process: usize, from: &str, mut request: Request<Body>) -> Asked {
        let address = SocketAddr::new(from.parse().expect("an address"), 1);
        request.extensions_mut().insert(ConnectInfo(address));
        let mut router = self.processes[process].1.clone();
        let answer = router.call(request).await.expect("a router always answers");
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get("retry-after").and_then(|h| h.to_str().ok()).map(str::to_owned);
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("a text");
        Asked { status, json: serde_json::from_str(&text).unwrap_or_default(), text, retry_after }
    }

    /// An access token.
    pub async fn token(&self, secret: &Secret) -> String {
        let asked = self.post(&format!("/trigger/v1/{}/token", secret.reveal()), &json!({})).await;
        asked.json["accessToken"].as_str().unwrap_or_else(|| panic!("a token: {asked:?}")).to_owned()
    }
}

/// A unit of app 1.
pub fn plain() -> Unit {
    Unit::new(DOMAIN, "受注処理", 1, "c")
}

pub fn webhook_path(unit: &Unit, secret: &Secret) -> String {
    format!("/r/{}/{}", unit.id, secret.reveal())
}

/// kintone's notification of an added record.
pub fn notification(id: &str) -> Json {
    json!({ "id": id, "type": "ADD_RECORD", "app": { "id": "1" }, "record": { "$id": { "type": "__ID__", "value": "7" } } })
}

/// A call of `/run`.
pub fn run_body(token: &str) -> Json {
    json!({ "accessToken": token, "appId": 1, "record": { "$id": { "type": "__ID__", "value": "7" } } })
}
