//! Units: what an administrator defines ([`Unit`]) and what the gate keeps ([`UnitState`], [`DomainState`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::field::Kind;
use crate::ids::{RunId, UnitId};
use crate::limits::UnitLimits;
use crate::secret_url::SecretRef;

/// What a webhook tells of: kintone's event names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Event {
    /// A record was added
    AddRecord,
    /// A record was edited
    UpdateRecord,
    /// A record was deleted
    DeleteRecord,
    /// A record's status changed
    UpdateStatus,
    /// A comment was written
    AddRecordComment,
}

impl Event {
    /// Every event.
    pub const ALL: [Event; 5] =
        [Self::AddRecord, Self::UpdateRecord, Self::DeleteRecord, Self::UpdateStatus, Self::AddRecordComment];

    /// kintone's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AddRecord => "ADD_RECORD",
            Self::UpdateRecord => "UPDATE_RECORD",
            Self::DeleteRecord => "DELETE_RECORD",
            Self::UpdateStatus => "UPDATE_STATUS",
            Self::AddRecordComment => "ADD_RECORD_COMMENT",
        }
    }

    /// By kintone's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.as_str() == name)
    }
}

/// How a domain is reached: where, and under which name its credential lies in the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The name, unique in the domain.
    pub name: String,
    /// `https://example.cybozu.com`; the local stack also takes http.
    pub base_url: String,
    /// The guest space that its apps are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_space: Option<u64>,
    /// The vault's name of the credential.
    pub credential: String,
}

/// An execution unit (実行単位): flows in order, started by one app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Version of this form: 1.
    pub v: u8,
    /// Its id.
    pub id: UnitId,
    /// The domain it belongs to.
    pub domain: String,
    /// What people call it.
    pub name: String,
    /// The app whose webhooks start it.
    pub app: u64,
    /// Which events start it; none: all.
    #[serde(default)]
    pub events: BTreeSet<Event>,
    /// The flows' names, in order.
    pub flows: Vec<String>,
    /// Fields of the calling record that its flows name as `%field%`: all that is kept of a payload. With the kind that
    /// the calling app's field has, for callers who leave the type out.
    #[serde(default)]
    pub parameters: BTreeMap<String, Option<Kind>>,
    /// Code of the calling app's record number field, which delete and comment events fill too.
    #[serde(default)]
    pub record_number: Option<String>,
    /// The log app; without it nothing fences the writes (DESIGN 6).
    #[serde(default)]
    pub log_app: Option<u64>,
    /// Its limits.
    #[serde(default)]
    pub limits: UnitLimits,
    /// How it reaches kintone.
    pub connection: String,
    /// Hashes of the secrets of its URL.
    #[serde(default)]
    pub secrets: Vec<SecretRef>,
}

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its run.
    pub seq: u64,
    /// When it is given up.
    pub deadline: Timestamp,
}

/// Who runs the unit now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The run.
    pub seq: u64,
    /// The worker.
    pub owner: String,
    /// Until when it may go on without renewing.
    pub until: Timestamp,
    /// How often the run was taken up, from 1.
    pub attempt: u32,
}

/// Why a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// Another run of the unit is running.
    Lock,
    /// The unit has had its starts of this window.
    Rate,
    /// A scheduled run is running or due in the domain.
    Schedule,
    /// The domain's runs are writing as many records as they may.
    Budget,
}

/// What the first request waits for, told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitNote {
    /// Until when it waits at least.
    pub until: Timestamp,
    /// Why.
    pub reason: WaitReason,
}

/// What the gate keeps of a unit. One item, changed under its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitState {
    /// Version of this form: 1.
    pub v: u8,
    /// A disabled unit admits nothing; what waits already still runs.
    pub enabled: bool,
    /// The seq of the last run admitted; 0 before the first.
    pub last: u64,
    /// Requests that wait, in order.
    pub waiting: VecDeque<Waiting>,
    /// The run that is running.
    #[serde(default)]
    pub running: Option<Lease>,
    /// When the starts of the present window were.
    pub starts: Vec<Timestamp>,
    /// What the first request waits for.
    #[serde(default)]
    pub wait: Option<WaitNote>,
    /// Ended runs whose log record is still to be written.
    #[serde(default)]
    pub to_log: Vec<u64>,
    /// Requests that were refused because too many waited, ever.
    #[serde(default)]
    pub refused: u64,
}

impl Default for UnitState {
    fn default() -> Self {
        Self {
            v: 1,
            enabled: true,
            last: 0,
            waiting: VecDeque::new(),
            running: None,
            starts: Vec::new(),
            wait: None,
            to_log: Vec::new(),
            refused: 0,
        }
    }
}

impl UnitState {
    /// When the sweep should look at the unit again; `None` when there is nothing to do.
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        use crate::limits::SWEEP_GRACE;
        if let Some(lease) = &self.running {
            return Some(lease.until + SWEEP_GRACE / 2);
        }
        if !self.waiting.is_empty() {
            let wake = self.wait.map_or(now, |w| w.until.max(now));
            return Some(wake + SWEEP_GRACE);
        }
        (!self.to_log.is_empty()).then(|| now + SWEEP_GRACE)
    }

    /// How many nudges bring the unit to rest, where none is under way: one for each run that waits or runs, or one for
    /// the log records alone.
    pub fn nudges(&self) -> usize {
        let runs = self.waiting.len() + usize::from(self.running.is_some());
        runs.max(usize::from(!self.to_log.is_empty()))
    }

    /// The place of a run in the queue, from 1; `None` when it does not wait.
    pub fn place(&self, seq: u64) -> Option<usize> {
        self.waiting.iter().position(|w| w.seq == seq).map(|i| i + 1)
    }
}

/// What the gate keeps of a domain: holders as maps, never as counts (DESIGN 3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainState {
    /// Realtime runs that are running, and until when their leases reach.
    #[serde(default)]
    pub readers: BTreeMap<RunId, Timestamp>,
    /// Scheduled runs that are running or due, and until when their leases reach: realtime starts wait for them.
    #[serde(default)]
    pub scheduled: BTreeMap<String, Timestamp>,
    /// Records that runs are writing at this moment (reservations of the output budget).
    #[serde(default)]
    pub writing: BTreeMap<RunId, Reservation>,
}

/// Records that a run is writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// How many.
    pub records: u64,
    /// Until when the reservation reaches.
    pub until: Timestamp,
}
