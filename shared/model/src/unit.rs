//! Units: what an administrator defines ([`Unit`]) and what the gate keeps of each ([`UnitState`]).

mod awaits;
mod doors;
mod ends;
mod lease;
mod wait;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::field::Kind;
use crate::ids::UnitId;
use crate::limits::UnitLimits;
use crate::notice::{self, Delivery, Notice};
use crate::secret_url::SecretRef;

pub use awaits::{Awaits, TOLD_AFTER};
pub use doors::{DisableAfter, Doors};
pub use lease::{Lease, Parked};
pub use wait::{WaitNote, WaitReason};

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
    /// When the credential dies, as its owner says; kintone does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// Whether what a unit's runs write can be taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// No: nothing is kept for it.
    #[default]
    Off,
    /// Yes: what records held before is kept of the last runs.
    Kept,
    /// Yes, and where a flow fails, what the run has written is taken back at once: all or nothing.
    AllOrNothing,
}

impl Undo {
    /// Whether what records held before is kept.
    pub fn keeps(self) -> bool {
        self != Self::Off
    }
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
    /// Whether what its runs write can be taken back.
    #[serde(default)]
    pub undo: Undo,
    /// Whether webhooks that wait become one run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub coalesce: bool,
    /// Its limits.
    #[serde(default)]
    pub limits: UnitLimits,
    /// How it reaches kintone.
    pub connection: String,
    /// Hashes of the secrets of its URL.
    #[serde(default)]
    pub secrets: Vec<SecretRef>,
    /// Whom it lets in.
    #[serde(default)]
    pub doors: Doors,
    /// How often its definition has been replaced; a reading of it that is older than that of its state is known by it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changed: u64,
}

impl Unit {
    /// A unit with an id still to be given, without flows, and with the usual limits.
    pub fn new(domain: &str, name: &str, app: u64, connection: &str) -> Self {
        Self {
            v: 1,
            id: UnitId(String::new()),
            domain: domain.to_owned(),
            name: name.to_owned(),
            app,
            events: BTreeSet::new(),
            flows: Vec::new(),
            parameters: BTreeMap::new(),
            record_number: None,
            log_app: None,
            undo: Undo::Off,
            coalesce: false,
            limits: UnitLimits::default(),
            connection: connection.to_owned(),
            secrets: Vec::new(),
            doors: Doors::default(),
            changed: 0,
        }
    }
}

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Waiting {
    /// Its run.
    pub seq: u64,
    /// Since when.
    #[serde(default)]
    pub since: Timestamp,
    /// When it is given up; what schedules held it back is added to it ([`crate::gate::deadline`]).
    pub deadline: Timestamp,
}

fn is_zero<N: Default + PartialEq>(n: &N) -> bool {
    *n == N::default()
}

/// When a unit was switched off, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Disabled {
    /// When.
    pub at: Timestamp,
    /// How many calls were refused in the time that its setting names; `None`: an administrator switched it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusals: Option<u64>,
}

/// What the gate keeps of a unit. One item, changed under its version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnitState {
    /// Version of this form: 1.
    pub v: u8,
    /// A disabled unit admits nothing; what waits already still runs.
    pub enabled: bool,
    /// How often the unit has been changed, as [`Unit::changed`] says: who reads both sees whether they belong together.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changed: u64,
    /// The seq of the last run admitted; 0 before the first.
    pub last: u64,
    /// Requests that wait, in order.
    pub waiting: VecDeque<Waiting>,
    /// Scheduled runs that wait in the domain's gate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheduled: Vec<u64>,
    /// The run that is running.
    #[serde(default)]
    pub running: Option<Lease>,
    /// When the starts of the present window were.
    pub starts: Vec<Timestamp>,
    /// What the first request waits for, or the run that is parked.
    #[serde(default)]
    pub wait: Option<WaitNote>,
    /// The first request as the gate saw it last, where schedules have put its deadline off: who may not read the gate
    /// learns it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_off: Option<Waiting>,
    /// Ended runs whose log record is still to be written.
    #[serde(default)]
    pub to_log: Vec<u64>,
    /// Webhooks that came too late and were recorded one by one, ever. All refused calls are counted in
    /// [`crate::refusals::Refusals`].
    #[serde(default)]
    pub refused: u64,
    /// Those among `to_log` that are such webhooks: where a flood is found, its log record tells of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<u64>,
    /// The run that stands for the flood that is going on: until it is over, late webhooks are counted there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flood: Option<u64>,
    /// Until when that flood is one of calls that were let in and found too many waiting: only then are late webhooks no
    /// longer recorded one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowded_until: Option<Timestamp>,
    /// When it was switched off, and why; `None` while it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Disabled>,
    /// What its owner is to be told of, and has been.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// What became of the last notice that each target was sent, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub deliveries: BTreeMap<String, Delivery>,
}

impl Default for UnitState {
    fn default() -> Self {
        Self {
            v: 1,
            enabled: true,
            changed: 0,
            last: 0,
            waiting: VecDeque::new(),
            scheduled: Vec::new(),
            running: None,
            starts: Vec::new(),
            wait: None,
            put_off: None,
            to_log: Vec::new(),
            refused: 0,
            late: Vec::new(),
            flood: None,
            crowded_until: None,
            disabled: None,
            notices: Vec::new(),
            deliveries: BTreeMap::new(),
        }
    }
}

impl UnitState {
    /// The run that late webhooks are counted in, where a flood of them is going on. It ends by time: whether the log app
    /// takes its record has no say in it.
    pub fn takes_late(&self, now: Timestamp) -> Option<u64> {
        self.flood.filter(|_| self.crowded_until.is_some_and(|until| until > now))
    }

    /// When the sweep should look at the unit again; `None` when there is nothing to do.
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        [self.work_due(now), notice::due(&self.notices)].into_iter().flatten().min()
    }

    fn work_due(&self, now: Timestamp) -> Option<Timestamp> {
        use crate::limits::SWEEP_GRACE;
        if let Some(lease) = &self.running {
            return Some(lease.parked.map_or(lease.until, |p| p.wake) + SWEEP_GRACE / 2);
        }
        if let Some(first) = self.waiting.front() {
            // Not from now on: scheduled runs write this item again and again, and take no request further.
            let wake = self.wait.map_or(first.since, |wait| wait.until);
            return Some(wake + SWEEP_GRACE);
        }
        // Sooner than the sweep comes: a schedule of every minute must not put it off.
        (!self.to_log.is_empty()).then(|| now + SWEEP_GRACE / 2)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_before_decode() {
        let unit = Unit::new("example.cybozu.com", "受注処理", 1, "c");
        let mut stored = serde_json::to_value(&unit).expect("JSON");
        stored.as_object_mut().expect("an object").remove("doors");
        assert_eq!(serde_json::from_value::<Unit>(stored).expect("a unit"), unit);
        let state = serde_json::json!({ "v": 1, "enabled": true, "last": 3, "waiting": [], "starts": [] });
        let expected = UnitState { last: 3, ..UnitState::default() };
        assert_eq!(serde_json::from_value::<UnitState>(state).expect("a state"), expected);
    }
}
