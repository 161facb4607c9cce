//! The `Store` port: items with versions, and all-or-none commits under the versions that were read.
//!
//! Two adapters: [`memory`] here, DynamoDB in `aws`. One contract suite ([`contract`]) proves both alike.

pub mod contract;
pub mod memory;
pub mod size;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::clock::Timestamp;

/// Most writes in one commit: DynamoDB's limit of actions in a transaction.
pub const MAX_WRITES: usize = 100;

/// Where an item lives: partition and sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// A key.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// An item as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Counts the item's writes from 1.
    pub version: u64,
    /// The content, a JSON object.
    pub body: Json,
}

impl Item {
    /// The content as a type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        T::deserialize(&self.body).map_err(|e| StoreError::Corrupt(e.to_string()))
    }
}

/// What must be true of an item for a write to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is no such item.
    Absent,
    /// Nobody has written it since this version was read.
    Version(u64),
    /// Anything.
    Any,
}

impl Expect {
    /// The state in which the item was read.
    pub fn as_read(item: Option<&Item>) -> Self {
        item.map_or(Self::Absent, |i| Self::Version(i.version))
    }
}

/// One write of a commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Replaces the item. Its version becomes the expected one plus one, 1 for a new item, and under `Any` one that
    /// nobody has read.
    Put {
        /// Which item.
        key: Key,
        /// Its new content, a JSON object.
        body: Json,
        /// Under which condition.
        expect: Expect,
        /// When the store may forget it.
        expires: Option<Timestamp>,
        /// From when [`Store::due`] lists it; `None`: never.
        due: Option<Timestamp>,
    },
    /// Removes the item.
    Delete {
        /// Which item.
        key: Key,
        /// Under which condition.
        expect: Expect,
    },
    /// Writes nothing, but the commit fails where this does not hold.
    Check {
        /// Which item.
        key: Key,
        /// The condition.
        expect: Expect,
    },
}

impl Write {
    /// A put without expiry and due time.
    pub fn put(key: Key, body: &impl Serialize, expect: Expect) -> Result<Self, StoreError> {
        let body = serde_json::to_value(body).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(Self::Put { key, body, expect, expires: None, due: None })
    }

    /// The same put, forgotten at `at`.
    pub fn expiring(mut self, at: Timestamp) -> Self {
        if let Self::Put { expires, .. } = &mut self {
            *expires = Some(at);
        }
        self
    }

    /// The same put, listed as due from `at`.
    pub fn due(mut self, at: Option<Timestamp>) -> Self {
        if let Self::Put { due, .. } = &mut self {
            *due = at;
        }
        self
    }

    /// Which item it is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key, .. } | Self::Check { key, .. } => key,
        }
    }
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    /// All writes happened.
    Done,
    /// None happened: the conditions at these positions did not hold. Empty: another commit was in the way.
    Lost(Vec<usize>),
}

/// Why the store could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It did not answer, or refused for load. A commit may or may not have happened.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// It refused for good: rights, a missing table, a limit.
    #[error("the store refuses: {0}")]
    Refused(String),
    /// An item does not have the expected form.
    #[error("a stored item cannot be read: {0}")]
    Corrupt(String),
}

/// The store of units, runs, secrets' hashes and gates.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads items, consistently, in the order asked for; `None` where there is none.
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError>;

    /// Writes all or nothing. At most [`MAX_WRITES`] writes, no item twice, none larger than [`size::MAX_ITEM`] and together no
    /// more than [`size::MAX_COMMIT`]; else it is `Refused`.
    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError>;

    /// Items of a partition whose sort key starts with `prefix`, by sort key, behind `after` if given; consistent.
    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        newest_first: bool,
        limit: usize,
    ) -> Result<Vec<(Key, Item)>, StoreError>;

    /// Keys of items whose due time is `until` or before, earliest first: all of them, or as many as `limit` says. May lag
    /// behind commits by moments.
    async fn due(&self, until: Timestamp, limit: usize) -> Result<Vec<Key>, StoreError>;
}
