//! A ledger's store that lets others go first at every access, and fails as often as it is told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::clock::Timestamp;
use model::store::memory::MemoryStore;
use model::store::{Commit, Item, Key, Store, StoreError, Write};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A store that waits before and behind every access, and fails as often as it is told.
pub struct Waiting {
    pub store: MemoryStore,
    pub faults: Faults,
}

/// How often a store fails, and by what chance.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Option<(StdRng, f64, bool)>>>);

/// What goes wrong with an access.
pub enum Wrong {
    /// It is not made.
    NotMade,
    /// It is made, and the answer is lost.
    AnswerLost,
    /// Somebody was faster, or so it seems.
    Raced,
}

impl Faults {
    /// From now on, so often, by this seed.
    pub fn begin(&self, seed: u64, share: f64) {
        *self.0.lock().unwrap() = Some((StdRng::seed_from_u64(seed), share, false));
    }

    /// None for a while, or again as before.
    pub fn pause(&self, pause: bool) {
        if let Some((_, _, paused)) = self.0.lock().unwrap().as_mut() {
            *paused = pause;
        }
    }

    /// No more.
    pub fn end(&self) {
        *self.0.lock().unwrap() = None;
    }

    pub fn next(&self) -> Option<Wrong> {
        let mut faults = self.0.lock().unwrap();
        let (random, share, paused) = faults.as_mut()?;
        let wrong = !*paused && random.random_bool(*share);
        wrong.then(|| match random.random_range(0..3) {
            0 => Wrong::NotMade,
            1 => Wrong::AnswerLost,
            _ => Wrong::Raced,
        })
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("throttled".into())
}

#[async_trait]
impl Store for Waiting {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        tokio::task::yield_now().await;
        if matches!(self.faults.next(), Some(Wrong::NotMade)) {
            return Err(unavailable());
        }
        let got = self.store.get(keys).await;
        tokio::task::yield_now().await;
        got
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        tokio::task::yield_now().await;
        let committed = match self.faults.next() {
            Some(Wrong::NotMade) => Err(unavailable()),
            Some(Wrong::AnswerLost) => {
                self.store.commit(writes).await?;
                Err(unavailable())
            }
            Some(Wrong::Raced) => Ok(Commit::Lost(vec![0])),
            None => self.store.commit(writes).await,
        };
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
        self.store.list(pk, prefix, after, backwards, limit).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError> {
        self.store.due(now, limit).await
    }
}
