//! Calls of other units: what a run asks for when it has succeeded, and when that is refused.

use serde::{Deserialize, Serialize};

use crate::ids::UnitId;
use crate::limits::{MAX_CALL_RECORDS, MAX_CALLS, MAX_CALLS_OF_RUN, MAX_HOPS, MAX_PAYLOAD};
use crate::run::{Payload, Run};
use crate::store::size::MAX_ITEM;
use crate::unit::Unit;

/// A call that a run makes when it has succeeded: a request of another unit, like a sheet call of its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The unit that is called.
    pub unit: UnitId,
    /// The app that the records are of: the calling unit's.
    pub app: u64,
    /// Their numbers, where the rows have one.
    #[serde(default)]
    pub records: Vec<String>,
    /// The parameters, one set per row; none where the unit is called once without rows.
    pub payload: Payload,
}

/// Why a call is refused before anything is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallRefused {
    /// The chain of calls is as long as it may be: most likely a loop.
    #[error("the run came through {0} calls already, the most that may be")]
    TooFar(u32),
    /// The unit is disabled.
    #[error("the unit \"{0}\" is disabled")]
    Disabled(String),
    /// Its flows name parameters that the call does not pass.
    #[error("the unit \"{unit}\" needs parameters that the call does not pass: {}", missing.join(", "))]
    Parameters {
        /// Its name.
        unit: String,
        /// The parameters.
        missing: Vec<String>,
    },
    /// More rows than a call passes on.
    #[error("{0} rows; a call passes on at most {MAX_CALL_RECORDS}")]
    TooManyRows(usize),
    /// What it passes on is larger than an item of the table.
    #[error("{0} bytes; a call passes on at most {MAX_PAYLOAD}")]
    TooLarge(usize),
    /// What the calls of one flow pass on together is larger than an item of the table.
    #[error(
        "the calls of one flow pass on {0} bytes together; they may pass on {MAX_ITEM}. Pass on fewer rows or parameters, or spread the calls over flows"
    )]
    FlowTooLarge(usize),
    /// What the calls of all flows of a run pass on together is larger than the commit that ends it may be.
    #[error(
        "the calls of one run pass on {0} bytes together; they may pass on {MAX_CALLS_OF_RUN}. Pass on fewer rows or parameters"
    )]
    RunTooLarge(usize),
    /// More calls than one run may make.
    #[error("{0} calls; a run makes at most {MAX_CALLS}")]
    TooMany(usize),
}

impl CallRefused {
    /// What is wrong, in Japanese.
    pub fn ja(&self) -> String {
        match self {
            Self::TooFar(hops) => format!("すでに{hops}回の呼び出しを経た実行なので、これ以上は呼び出せません。"),
            Self::Disabled(unit) => format!("実行単位「{unit}」は無効です。"),
            Self::Parameters { unit, missing } => {
                format!("実行単位「{unit}」に要るパラメータが渡されていません: {}", missing.join(", "))
            }
            Self::TooManyRows(rows) => format!("{rows}行あります。渡せるのは{MAX_CALL_RECORDS}行までです。"),
            Self::TooLarge(bytes) => format!("渡す値が{bytes}バイトあります。{MAX_PAYLOAD}バイトまでです。"),
            Self::FlowTooLarge(bytes) => format!(
                "一つのフローの呼び出しが渡す値は合わせて{bytes}バイトあります。{MAX_ITEM}バイトまでです。渡す行かパラメータを減らすか、呼び出しを別のフローに分けてください。"
            ),
            Self::RunTooLarge(bytes) => format!(
                "一つの実行の呼び出しが渡す値は合わせて{bytes}バイトあります。{MAX_CALLS_OF_RUN}バイトまでです。渡す行かパラメータを減らしてください。"
            ),
            Self::TooMany(calls) => format!("{calls}回呼び出そうとしています。一つの実行で{MAX_CALLS}回までです。"),
        }
    }
}

/// Refuses calls that are too large together, in bytes as the table counts them: `flow` of the flow that asks for them,
/// `before` of the flows before it.
pub fn check_sum(flow: usize, before: usize) -> Result<(), CallRefused> {
    let run = before.saturating_add(flow);
    match () {
        () if flow > MAX_ITEM => Err(CallRefused::FlowTooLarge(flow)),
        () if run > MAX_CALLS_OF_RUN => Err(CallRefused::RunTooLarge(run)),
        () => Ok(()),
    }
}

impl Call {
    /// Refuses what could not be admitted later. `enabled`: whether the target takes requests now.
    pub fn check(&self, run: &Run, target: &Unit, enabled: bool) -> Result<(), CallRefused> {
        if run.trigger.hops >= MAX_HOPS {
            return Err(CallRefused::TooFar(run.trigger.hops));
        }
        if !enabled {
            return Err(CallRefused::Disabled(target.name.clone()));
        }
        let sets = &self.payload.sets;
        let lacks = |name: &&String| sets.is_empty() || sets.iter().any(|set| !set.contains_key(*name));
        let missing: Vec<String> = target.parameters.keys().filter(lacks).cloned().collect();
        if !missing.is_empty() {
            return Err(CallRefused::Parameters { unit: target.name.clone(), missing });
        }
        if sets.len() > MAX_CALL_RECORDS {
            return Err(CallRefused::TooManyRows(sets.len()));
        }
        let bytes = serde_json::to_vec(&self.payload).map_or(usize::MAX, |json| json.len());
        if bytes > MAX_PAYLOAD { Err(CallRefused::TooLarge(bytes)) } else { Ok(()) }
    }

    /// The same call with only the parameters that the target's flows name: all that is kept of a payload.
    #[must_use]
    pub fn only_named(mut self, target: &Unit) -> Self {
        for set in &mut self.payload.sets {
            set.retain(|name, _| target.parameters.contains_key(name));
        }
        self
    }
}
