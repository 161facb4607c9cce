//! What is waited for, in words that are stored and words for people.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Why a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// Another run of the unit is running.
    Lock,
    /// The unit has had its starts of this window.
    Rate,
    /// A scheduled run is running or due in the domain; or it is a scheduled run, and leaves time to those that waited.
    Schedule,
    /// Realtime runs of the domain are still running, and it is a scheduled run.
    Realtime,
    /// The domain's runs are writing as many records as they may.
    Budget,
    /// It has started, and kintone, or the store of files, does not answer.
    Kintone,
}

impl WaitReason {
    /// What is waited for, in Japanese.
    pub fn ja(self) -> &'static str {
        match self {
            Self::Lock => "同じ実行単位が実行中",
            Self::Rate => "1分あたりの実行回数の上限",
            Self::Schedule => "スケジュール実行中",
            Self::Realtime => "リアルタイム実行中",
            Self::Budget => "同時出力レコード数の上限",
            Self::Kintone => "kintoneなどの応答",
        }
    }

    /// What is waited for, in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::Lock => "another run of the unit",
            Self::Rate => "starts per minute",
            Self::Schedule => "a scheduled run",
            Self::Realtime => "realtime runs",
            Self::Budget => "output budget",
            Self::Kintone => "an answer of kintone",
        }
    }

    /// Both, for people.
    pub fn label(self) -> String {
        format!("{} / {}", self.ja(), self.en())
    }
}

/// What the first request waits for, or the run that is parked; told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WaitNote {
    /// Until when it waits at least.
    pub until: Timestamp,
    /// Why.
    pub reason: WaitReason,
}
