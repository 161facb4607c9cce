//! The store in memory: for tests and simulations. Behaves as the contract says, keeps nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;

use super::{Commit, Expect, Item, Key, Store, StoreError, Write, size};
use crate::clock::{Clock, Timestamp};

#[derive(Clone, Debug)]
struct Held {
    item: Item,
    expires: Option<Timestamp>,
    due: Option<Timestamp>,
}

/// How often the store was asked, for tests that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items read by `get`.
    pub reads: u64,
    /// Items written or checked by `commit`.
    pub writes: u64,
    /// Commits, lost ones included.
    pub commits: u64,
}

/// A [`Store`] in memory.
pub struct MemoryStore {
    items: Mutex<BTreeMap<Key, Held>>,
    counts: Mutex<Counts>,
    clock: Arc<dyn Clock>,
}

impl MemoryStore {
    /// An empty store; items expire by this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { items: Mutex::default(), counts: Mutex::default(), clock }
    }

    /// How often it was asked so far.
    pub fn counts(&self) -> Counts {
        *self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    fn items(&self) -> MutexGuard<'_, BTreeMap<Key, Held>> {
        self.items.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Held {
    fn live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|at| at > now)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        self.count(|c| c.reads += keys.len() as u64);
        let (items, now) = (self.items(), self.clock.now());
        Ok(keys.iter().map(|k| items.get(k).filter(|h| h.live(now)).map(|h| h.item.clone())).collect())
    }

    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        self.count(|c| {
            c.commits += 1;
            c.writes += writes.len() as u64;
        });
        size::check(&writes)?;
        for (i, w) in writes.iter().enumerate() {
            if writes[..i].iter().any(|other| other.key() == w.key()) {
                return Err(StoreError::Refused(format!("{:?} twice in one commit", w.key())));
            }
        }
        let (mut items, now) = (self.items(), self.clock.now());
        let holds = |w: &Write| {
            let present = items.get(w.key()).filter(|h| h.live(now)).map(|h| h.item.version);
            match w {
                Write::Put { expect, .. } | Write::Delete { expect, .. } | Write::Check { expect, .. } => {
                    match expect {
                        Expect::Any => true,
                        Expect::Absent => present.is_none(),
                        Expect::Version(v) => present == Some(*v),
                    }
                }
            }
        };
        let failed: Vec<usize> = writes.iter().enumerate().filter(|(_, w)| !holds(w)).map(|(i, _)| i).collect();
        if !failed.is_empty() {
            return Ok(Commit::Lost(failed));
        }
        for write in writes {
            match write {
                Write::Put { key, body, expires, due, .. } => {
                    let version = items.get(&key).filter(|h| h.live(now)).map_or(0, |h| h.item.version) + 1;
                    items.insert(key, Held { item: Item { version, body }, expires, due });
                }
                Write::Delete { key, .. } => {
                    items.remove(&key);
                }
                Write::Check { .. } => {}
            }
        }
        Ok(Commit::Done)
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        newest_first: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        let (items, now) = (self.items(), self.clock.now());
        let of_partition = items
            .range(Key::new(pk, prefix)..)
            .take_while(|(k, _)| k.pk == pk && k.sk.starts_with(prefix))
            .filter(|(_, h)| h.live(now))
            .map(|(k, h)| (k.clone(), h.item.clone()));
        let mut found: Vec<_> = of_partition.collect();
        if newest_first {
            found.reverse();
        }
        if let Some(after) = after {
            found.retain(|(k, _)| if newest_first { k.sk.as_str() < after } else { k.sk.as_str() > after });
        }
        found.truncate(limit);
        Ok(found)
    }

    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError> {
        let (items, now) = (self.items(), self.clock.now());
        let mut found: Vec<_> = items
            .iter()
            .filter(|(_, h)| h.live(now))
            .filter_map(|(k, h)| h.due.filter(|at| *at <= until).map(|at| (at, k.clone())))
            .collect();
        found.sort();
        found.truncate(limit);
        Ok(found.into_iter().map(|(_, k)| k).collect())
    }
}
