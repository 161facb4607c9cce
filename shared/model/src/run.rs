//! Runs: one per request, from `queued` to exactly one end.

use serde::{Deserialize, Serialize};

use crate::caps::Start;
use crate::catalogue::{self, Code};
use crate::clock::Timestamp;
use crate::coalesce::Gathered;
use crate::ids::{RunId, UnitId};
use crate::refusals::Flood;
use crate::schedule::ScheduleId;
use crate::signature::Signed;
use crate::unit::{Event, WaitNote};
use crate::value::Value;

mod asked;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Admitted, waits.
    Queued,
    /// A worker has it.
    Running,
    /// Ended: all flows ran.
    Succeeded,
    /// Ended: a flow failed; later flows did not run.
    Failed,
    /// Ended: it waited too long and never ran.
    TimedOut,
    /// Ended: somebody took it back before it started.
    Cancelled,
    /// Ended: it cannot be known what was written.
    Uncertain,
}

impl RunState {
    /// Whether it is one of the five ends.
    pub fn ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    /// The stored name, also used in the log app and by `/status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Uncertain => "uncertain",
        }
    }
}

/// What started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// kintone told of a change.
    Webhook,
    /// A program asked.
    Api,
    /// A person chose rows of a list and pressed a button: one run for all of them.
    Sheet,
    /// An administrator ran an ended run again.
    Again,
    /// Another unit's run asked for it when it had succeeded.
    Call,
    /// It fell due.
    Schedule,
    /// Calls that were refused: the run stands for all of a flood, and never runs.
    Flood,
    /// An administrator takes back what an ended run wrote.
    Undo,
}

impl Method {
    /// krewData's word for the log app's `execution_method`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Webhook => "Webhook",
            Self::Api => "API",
            Self::Sheet => "krewSheet",
            Self::Again => "Again",
            Self::Call => "Call",
            Self::Schedule => "Schedule",
            Self::Flood => "Flood",
            Self::Undo => "Undo",
        }
    }
}

/// What a run takes back, instead of running flows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoing {
    /// The run whose writes it takes back.
    pub run: RunId,
    /// Only tell what would be done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// What is kept of the request, beside the parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The way in.
    pub method: Method,
    /// The event, for webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// kintone's id of the notification, for webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<String>,
    /// The id that the sender gave the request, for calls of the API and sheets: the same again starts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The calling app.
    pub app: u64,
    /// Login name of the person who caused it; empty where the request does not say.
    #[serde(default)]
    pub user: String,
    /// The records that it is about, by record number.
    #[serde(default)]
    pub records: Vec<String>,
    /// The run that called, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<RunId>,
    /// Through how many calls of units it came: 0 where no unit called.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hops: u32,
    /// The named caller whose secret it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The named callers whose webhooks became part of the run, where it is not one's alone: then `client` is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
    /// Its signature, where the caller signs: it starts nothing a second time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signed>,
    /// What it takes back, where it runs no flows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undoing>,
    /// What started the run that it repeats, where it repeats one: of a chain of them the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Method>,
}

impl Trigger {
    /// A start in this way by this app, of which no more is known.
    pub fn new(method: Method, app: u64) -> Self {
        Self {
            method,
            event: None,
            notification: None,
            request_id: None,
            app,
            user: String::new(),
            records: Vec::new(),
            caller: None,
            hops: 0,
            client: None,
            clients: Vec::new(),
            signed: None,
            undo: None,
            first: None,
        }
    }

    /// Whose caps its run has: what repeats a scheduled run may read and write as much as that one.
    pub fn start(&self) -> Start {
        match self.first {
            Some(Method::Schedule) if self.method == Method::Again => Start::Scheduled,
            _ => self.method.into(),
        }
    }
}

fn is_zero(hops: &u32) -> bool {
    *hops == 0
}

/// Values of one calling record: only the fields that the unit's flows name.
pub type ParameterSet = std::collections::BTreeMap<String, Value>;

/// What api writes and may not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// One set per record: one for webhook and API, as many as chosen rows for a sheet call.
    pub sets: Vec<ParameterSet>,
}

/// How a flow of a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowState {
    /// It ran.
    Succeeded,
    /// It failed.
    Failed,
    /// One before it failed.
    NotRun,
    /// It cannot be known what it wrote.
    Uncertain,
}

impl FlowState {
    /// The stored name, also used in the log app.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::NotRun => "not_run",
            Self::Uncertain => "uncertain",
        }
    }
}

/// What a flow of a run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowResult {
    /// The flow.
    pub name: String,
    /// Its end.
    pub state: FlowState,
    /// Records that it read, over all inputs.
    #[serde(default)]
    pub input_records: u64,
    /// Records that it added, updated or deleted.
    #[serde(default)]
    pub output_records: u64,
    /// API requests that it used.
    #[serde(default)]
    pub api_requests: u64,
    /// What there is to say: counts, or what went wrong. May name fields and record numbers.
    #[serde(default)]
    pub message: String,
}

impl FlowResult {
    /// A flow that stands so, of which no more is known.
    pub fn new(name: &str, state: FlowState) -> Self {
        let message = String::new();
        Self { name: name.to_owned(), state, input_records: 0, output_records: 0, api_requests: 0, message }
    }
}

/// A run, as the table holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Version of this form: 1.
    pub v: u8,
    /// Its id.
    pub id: RunId,
    /// Where it stands.
    pub state: RunState,
    /// What started it.
    pub trigger: Trigger,
    /// When it was admitted.
    pub queued_at: Timestamp,
    /// When it is given up if it has not started.
    pub deadline: Timestamp,
    /// When it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How often a worker took it up.
    #[serde(default)]
    pub attempt: u32,
    /// What it waited for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited: Option<WaitNote>,
    /// The log record that was opened for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_record: Option<u64>,
    /// Why it failed, or was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What there is to say beside the code.
    #[serde(default)]
    pub message: String,
    /// Its flows, in order, as far as they are decided.
    #[serde(default)]
    pub flows: Vec<FlowResult>,
    /// The run that this one repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_of: Option<RunId>,
    /// The run that took back what it wrote, or has begun to: its own where it failed and took itself back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<RunId>,
    /// The schedule that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
    /// Whether its flows have called other units: then its calls are noted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calls: bool,
    /// The flood that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flood: Option<Flood>,
    /// What it has gathered, where further webhooks may join it while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathered: Option<Gathered>,
}

impl Run {
    /// How many records its flows have written, as far as that is known.
    pub fn written(&self) -> u64 {
        self.flows.iter().map(|flow| flow.output_records).sum()
    }

    /// The unit.
    pub fn unit(&self) -> &UnitId {
        &self.id.unit
    }
}

/// That workers died with a run, in Japanese and English.
pub fn died(workers: u32) -> String {
    format!("ワーカーが{workers}回停止しました / workers died {workers} times")
}

/// How a run ended, as a worker says, or whoever found that it ends without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// One of the ends.
    pub state: RunState,
    /// Why, where it did not succeed.
    pub code: Option<Code>,
    /// What there is to say.
    pub message: String,
    /// Its flows.
    pub flows: Vec<FlowResult>,
}

impl Ending {
    /// It waited too long, and never ran.
    pub fn timed_out() -> Self {
        let code = Some(catalogue::TIMED_OUT);
        Self { state: RunState::TimedOut, code, message: String::new(), flows: Vec::new() }
    }

    /// So many workers died with it, and those that were to read what it wrote as well: nobody has read it.
    pub fn given_up(workers: u32) -> Self {
        let code = Some(catalogue::WORKER_DIED);
        Self { state: RunState::Uncertain, code, message: died(workers), flows: Vec::new() }
    }
}
