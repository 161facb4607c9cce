//! What a run waits for that lies outside: kintone in maintenance, a lock, a store of files that does not answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalogue::{self, Code};
use crate::clock::Timestamp;
use crate::limits::AGAIN_LIMIT;
use crate::unit::Lease;

/// After how long its owner is told: longer than a lock, a deployment or a restart takes, shorter than a maintenance.
pub const TOLD_AFTER: Duration = Duration::from_secs(300);

/// Bytes of the reason that are kept: it stands in the unit's state.
const WHY: usize = 300;

/// That a run waits for something that does not answer, and is taken up again and again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Awaits {
    /// Since when. What was written in between begins it anew.
    pub since: Timestamp,
    /// When it is tried again.
    pub next: Timestamp,
    /// What went wrong last, in technical words. It names apps and no values of records.
    pub why: String,
    /// What kind of thing that is, where it is known better than that kintone does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Records of the flow at hand that are written, of how many, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<(u64, u64)>,
    /// Whether its owner has been told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
    /// Whether nothing of the run was sent to anywhere before it was left: the next worker knows it without any log record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untouched: bool,
}

impl Awaits {
    /// It has not answered, once more; `before` is what was waited for until now.
    pub fn again(
        before: Option<&Awaits>,
        (now, next): (Timestamp, Timestamp),
        why: &str,
        written: Option<(u64, u64)>,
    ) -> Self {
        let end = why.char_indices().map(|(at, _)| at).take_while(|at| *at < WHY).last().unwrap_or(0);
        let why = why.get(..end).filter(|_| why.len() > WHY).unwrap_or(why).to_owned();
        let (since, told) = before.map_or((now, false), |before| (before.since, before.told));
        let written = written.or(before.and_then(|before| before.written));
        Self { since, next, why, code: None, written, told, untouched: false }
    }

    /// What its owner is told.
    pub fn code(&self) -> Code {
        self.code.unwrap_or(catalogue::KINTONE_UNAVAILABLE)
    }

    /// When the run is given up.
    pub fn given_up(&self) -> Timestamp {
        self.since + AGAIN_LIMIT
    }

    /// Whether its owner is to be told now.
    pub fn is_to_tell(&self, now: Timestamp) -> bool {
        !self.told && self.since + TOLD_AFTER <= now
    }
}

impl Lease {
    /// Whether who left the run with this lease has said that nothing of it was sent to anywhere. Who died has said nothing.
    pub fn left_untouched(&self) -> bool {
        self.awaits.as_ref().is_some_and(|awaits| awaits.untouched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    #[test]
    fn a_wait_goes_on_from_its_beginning() {
        let first = Awaits::again(None, (at(0), at(30_000)), "429", Some((570, 600)));
        let next = Awaits::again(Some(&first), (at(31_000), at(61_000)), "503", None);
        assert_eq!(
            (next.since, next.next, next.why.as_str(), next.written),
            (at(0), at(61_000), "503", Some((570, 600)))
        );
        assert_eq!(next.given_up(), at(0) + AGAIN_LIMIT);
        assert!(!next.is_to_tell(at(299_999)) && next.is_to_tell(at(300_000)));
        let told = Awaits { told: true, ..next };
        assert!(!Awaits::again(Some(&told), (at(400_000), at(430_000)), "503", None).is_to_tell(at(400_000)), "once");
        let long = Awaits::again(None, (at(0), at(0)), &"長".repeat(200), None);
        assert!(long.why.len() <= WHY && long.why.len() > WHY - 6, "{}", long.why.len());
    }
}
