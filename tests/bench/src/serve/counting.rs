//! The same routes over a store and a queue that count what is asked of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use model::clock::Timestamp;
use model::ledger::Ledger;
use model::ports::{Nudge, NudgeError, Nudges};
use model::store::{Commit, Item, Key, Store, StoreError, Write};
use suiro::local::Stack;
use tokio::net::TcpListener;

use crate::Outcome;
use crate::serve::load::Round;

/// What was asked of store and queue so far.
#[derive(Debug, Default)]
struct Counts {
    gets: AtomicU64,
    items_read: AtomicU64,
    commits: AtomicU64,
    items_written: AtomicU64,
    lists: AtomicU64,
    messages: AtomicU64,
}

/// A store or a queue in front of another one.
struct Counting<T> {
    inner: T,
    counts: Arc<Counts>,
}

/// The stack's routes, counted.
pub struct Counted {
    /// Where they are served.
    pub base_url: String,
    counts: Arc<Counts>,
}

/// Work of the store per request.
#[derive(Clone, Copy, Debug)]
pub struct Sums {
    gets: f64,
    items_read: f64,
    commits: f64,
    items_written: f64,
    lists: f64,
    messages: f64,
}

/// Serves the stack's routes over its own store and queue, counted, on a port of their own.
pub async fn serve(stack: &Stack) -> Outcome<Counted> {
    let counts = Arc::new(Counts::default());
    let store = Counting { inner: stack.ledger.store().clone(), counts: counts.clone() };
    let ledger = Ledger::new(Arc::new(store), stack.ledger.clock().clone());
    let nudges = Arc::new(Counting { inner: stack.queue.clone(), counts: counts.clone() });
    let router = api::router(api::Deps::new(ledger, nudges));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Counted { base_url, counts })
}

impl Counted {
    /// What `requests` accepted requests cost each, on average.
    pub async fn over<F: Future<Output = Outcome<Round>>>(
        &self,
        requests: usize,
        send: impl FnOnce() -> F,
    ) -> Outcome<Sums> {
        let before = self.counts.now();
        send().await?;
        let after = self.counts.now();
        let [gets, items_read, commits, items_written, lists, messages] =
            std::array::from_fn(|at| (after[at] - before[at]) as f64 / requests as f64);
        Ok(Sums { gets, items_read, commits, items_written, lists, messages })
    }
}

impl Counts {
    fn now(&self) -> [u64; 6] {
        [&self.gets, &self.items_read, &self.commits, &self.items_written, &self.lists, &self.messages]
            .map(|count| count.load(Ordering::Relaxed))
    }
}

impl Sums {
    /// A row of the table.
    pub fn cells(&self, name: &str) -> [String; 5] {
        [
            name.to_owned(),
            format!("{:.2} items ({:.2})", self.items_read, self.gets),
            format!("{:.2} items ({:.2})", self.items_written, self.commits),
            format!("{:.2}", self.lists),
            format!("{:.2}", self.messages),
        ]
    }
}

fn add(count: &AtomicU64, more: usize) {
    count.fetch_add(more as u64, Ordering::Relaxed);
}

#[async_trait]
impl Store for Counting<Arc<dyn Store>> {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        add(&self.counts.gets, 1);
        add(&self.counts.items_read, keys.len());
        self.inner.get(keys).await
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        add(&self.counts.commits, 1);
        add(&self.counts.items_written, writes.len());
        self.inner.commit(writes).await
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        newest_first: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        add(&self.counts.lists, 1);
        self.inner.list(pk, prefix, after, newest_first, limit).await
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError> {
        add(&self.counts.lists, 1);
        self.inner.due(until, limit).await
    }
}

#[async_trait]
impl<N: Nudges> Nudges for Counting<N> {
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
        add(&self.counts.messages, 1);
        self.inner.nudge(nudge).await
    }
}
