//! The list of calls received, and the daily counters per app.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How much of a query a call's entry keeps, in characters.
pub const QUERY_KEPT: usize = 500;

/// One part of a bulkRequest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The method.
    pub method: String,
    /// The path.
    pub api: String,
    /// The app.
    pub app: Option<u64>,
    /// How many records it writes.
    pub records: usize,
}

/// One call received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// When it arrived (the simulator's time).
    pub at: Timestamp,
    /// When the answer was ready.
    pub answered: Timestamp,
    /// The method: that of the override where the call has one.
    pub method: String,
    /// The path, without the query string.
    pub path: String,
    /// The apps that it names, each once.
    pub apps: Vec<u64>,
    /// The status of the answer; 0 where the connection was reset or no answer was given.
    pub status: u16,
    /// The error code of the answer, where it has one.
    pub code: Option<String>,
    /// The parts of a bulkRequest.
    pub parts: Vec<Part>,
    /// Bytes of the request's body.
    pub request_bytes: usize,
    /// Bytes of the answer's body.
    pub response_bytes: usize,
    /// The first 500 characters of the query.
    pub query: Option<String>,
    /// How many requests ran when this one started, itself among them.
    pub running: u64,
}

/// What has been received.
#[derive(Debug, Default)]
pub struct CallLog {
    calls: Mutex<Vec<Call>>,
    days: Mutex<BTreeMap<(String, u64), u64>>,
}

impl CallLog {
    /// Notes a call and counts it for its apps on its day; `weight` calls per app of a bulkRequest come from `parts`
    /// where these are to be counted singly.
    pub fn note(&self, call: Call, count_parts: bool) {
        // The day begins at 00:00 UTC, which is 09:00 in Japan.
        let day = call.at.strftime("%Y-%m-%d").to_string();
        let mut days = lock(&self.days);
        for app in &call.apps {
            let weight = if count_parts && !call.parts.is_empty() {
                call.parts.iter().filter(|part| part.app == Some(*app)).count() as u64
            } else {
                1
            };
            *days.entry((day.clone(), *app)).or_default() += weight;
        }
        drop(days);
        lock(&self.calls).push(call);
    }

    /// The calls, in the order in which their answers were ready.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    /// Forgets the calls; the counters stay.
    pub fn clear_calls(&self) {
        lock(&self.calls).clear();
    }

    /// Calls by day (`2026-04-01`, UTC) and app.
    pub fn counters(&self) -> BTreeMap<String, BTreeMap<u64, u64>> {
        let mut by_day: BTreeMap<String, BTreeMap<u64, u64>> = BTreeMap::new();
        for ((day, app), count) in lock(&self.days).iter() {
            by_day.entry(day.clone()).or_default().insert(*app, *count);
        }
        by_day
    }

    /// Forgets everything.
    pub fn reset(&self) {
        self.clear_calls();
        lock(&self.days).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
