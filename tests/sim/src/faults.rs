//! Faults that a test orders: which calls they meet, and what then happens instead of a good answer.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FaultKind {
    /// 503 with the text `Service Unavailable`, as during maintenance; nothing is done.
    ServiceUnavailable,
    /// 502 with an HTML page, as from a gateway; nothing is done.
    BadGateway,
    /// The connection is reset before anything is done.
    ResetBefore,
    /// Everything is done, then the connection is reset.
    ResetAfter,
    /// Everything is done, and no answer ever comes.
    LostResponse,
    /// Everything is done; the body comes in pieces of `bytes` with a pause of `pause_ms` before each.
    SlowBody {
        /// Bytes of a piece.
        bytes: usize,
        /// Milliseconds before each piece.
        pause_ms: u64,
    },
    /// Everything is done; the connection is reset after the first `bytes` of the body.
    CutBody {
        /// Bytes that arrive.
        bytes: usize,
    },
    /// The call waits so long before it is served, in milliseconds.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// 429 `GAIA_TO04`; nothing is done.
    TooManyRequests,
    /// 400 `GAIA_DA02`; nothing is done.
    DatabaseLock,
}

/// A fault with the calls that it meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The path, where `*` stands for anything: `/k/v1/records.json`, `*/bulkRequest.json`, `*`.
    #[serde(default = "anything")]
    pub path: String,
    /// The method (that of the override where the call has one); any where absent.
    #[serde(default)]
    pub method: Option<String>,
    /// How many calls pass before the fault strikes.
    #[serde(default)]
    pub skip: u64,
    /// How often it strikes; for ever where absent.
    #[serde(default = "once")]
    pub count: Option<u64>,
    /// What goes wrong.
    pub fault: FaultKind,
}

fn anything() -> String {
    "*".to_owned()
}

#[allow(clippy::unnecessary_wraps)]
fn once() -> Option<u64> {
    Some(1)
}

impl Fault {
    /// A fault that strikes the next call of a path, once.
    pub fn new(path: &str, fault: FaultKind) -> Self {
        Self { path: path.to_owned(), method: None, skip: 0, count: Some(1), fault }
    }

    /// Only calls of this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Lets so many calls pass first.
    #[must_use]
    pub fn skip(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// Strikes so often.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// Strikes until the faults are cleared.
    #[must_use]
    pub fn for_ever(mut self) -> Self {
        self.count = None;
        self
    }
}

/// The faults that wait for their calls.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Adds one.
    pub fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Drops all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Those that have not struck as often as they should.
    pub fn pending(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    /// The fault that meets this call, if any: the first that fits and has no calls to let pass. Every fitting fault
    /// before it counts the call as passed.
    pub fn strike(&self, method: &str, path: &str) -> Option<FaultKind> {
        let mut faults = self.lock();
        let mut struck = None;
        for (index, fault) in faults.iter_mut().enumerate() {
            let fits = fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fits(&fault.path, path);
            if !fits {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(count) = &mut fault.count {
                *count = count.saturating_sub(1);
            }
            struck = Some((index, fault.fault.clone(), fault.count == Some(0)));
            break;
        }
        let (index, kind, used_up) = struck?;
        if used_up {
            faults.remove(index);
        }
        Some(kind)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether a path fits a pattern in which `*` stands for any run of characters.
fn fits(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut left) = path.strip_prefix(head) else { return false };
    let pieces: Vec<&str> = rest.split('*').collect();
    let (last, middle) = pieces.split_last().map_or(("", [].as_slice()), |(last, middle)| (*last, middle));
    for piece in middle {
        let Some(at) = left.find(piece) else { return false };
        left = &left[at + piece.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(fits("*", "/k/v1/records.json"));
        assert!(fits("*/records.json", "/k/v1/records.json"));
        assert!(fits("/k/*/record*.json", "/k/guest/3/v1/records.json"));
        assert!(!fits("*/record.json", "/k/v1/records.json"));
        assert!(!fits("/k/v1/records.json", "/k/v1/records.jsonx"));
    }

    #[test]
    fn skip_and_count() {
        let faults = Faults::default();
        faults.add(Fault::new("*/records.json", FaultKind::BadGateway).method("post").skip(1).times(2));
        let strike = || faults.strike("POST", "/k/v1/records.json");
        assert_eq!(faults.strike("GET", "/k/v1/records.json"), None);
        assert_eq!(strike(), None);
        assert_eq!(strike(), Some(FaultKind::BadGateway));
        assert_eq!(strike(), Some(FaultKind::BadGateway));
        assert_eq!(strike(), None);
        assert!(faults.pending().is_empty());
    }
}
