//! What was accepted before is known by what its sender repeats, and is answered with the runs of the first time: the id of a
//! notification, the id that a caller gave its request, or a signature.

use serde::{Deserialize, Serialize};

use super::{Admitted, Ledger, LedgerError, Request};
use crate::clock::Timestamp;
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::limits;
use crate::run::Method;
use crate::store::{Expect, Key, Write};

/// As what a request was accepted.
#[derive(Default, Serialize, Deserialize)]
struct Accepted {
    /// The run of a notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    /// The runs of a call, in order. Signatures that an earlier version stored name none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    runs: Vec<RunId>,
}

impl Accepted {
    fn all(self) -> Vec<RunId> {
        self.run.into_iter().chain(self.runs).collect()
    }
}

/// By what requests are known when they come again.
enum Mark {
    /// By the sender's id.
    Id,
    /// By the signature, until then.
    Signature(Timestamp),
}

/// Where it stands by what these requests are known; with which of them are known by it.
fn marks(unit: &UnitId, requests: &[Request]) -> Vec<(Key, Mark, Vec<usize>)> {
    let mut marks: Vec<(Key, Mark, Vec<usize>)> = Vec::new();
    for (n, request) in requests.iter().enumerate() {
        let Some(key) = request.trigger.remembered(unit) else { continue };
        // The requests of a call have its one id.
        match marks.iter_mut().find(|(known, ..)| *known == key) {
            Some((.., of)) => of.push(n),
            None => marks.push((key, Mark::Id, vec![n])),
        }
    }
    // Likewise its one signature.
    let signed = requests.iter().find_map(|request| request.trigger.signed.as_ref());
    marks.extend(signed.map(|signed| {
        let key = keys::signature(unit, &signed.signature);
        (key, Mark::Signature(signed.until), (0..requests.len()).collect())
    }));
    marks
}

/// Which writes of a commit say that what it asks for has not been accepted before.
pub(super) struct Marked(Vec<(usize, Key, Mark)>);

/// Writes that requests were accepted as these runs.
pub(super) fn mark(
    unit: &UnitId,
    requests: &[Request],
    ids: &[RunId],
    now: Timestamp,
    writes: &mut Vec<Write>,
) -> Result<Marked, LedgerError> {
    let mut marked = Vec::new();
    for (key, mark, of) in marks(unit, requests) {
        let mut runs: Vec<RunId> = of.iter().filter_map(|n| ids.get(*n)).cloned().collect();
        let webhook = of.iter().all(|n| requests[*n].trigger.method == Method::Webhook);
        let (accepted, until) = match mark {
            // As earlier versions read it, which may still be answering.
            Mark::Id if webhook => (Accepted { run: runs.pop(), runs }, now + limits::NOTIFICATION_KEPT),
            Mark::Id => (Accepted { run: None, runs }, now + limits::NOTIFICATION_KEPT),
            Mark::Signature(until) => (Accepted { run: None, runs }, until),
        };
        writes.push(Write::put(key.clone(), &accepted, Expect::Absent)?.expiring(until));
        marked.push((writes.len() - 1, key, mark));
    }
    Ok(Marked(marked))
}

impl Ledger {
    /// What requests were accepted as, where a commit was lost because they had been.
    pub(super) async fn accepted_in(&self, marked: &Marked, failed: &[usize]) -> Result<Option<Admitted>, LedgerError> {
        for (_, key, mark) in marked.0.iter().filter(|(at, ..)| failed.contains(at)) {
            if let Some(admitted) = self.accepted_by(key, mark, true).await? {
                return Ok(Some(admitted));
            }
        }
        Ok(None)
    }

    /// The same where nothing was to be committed, for callers that give ids or sign: a unit that has filled up since, or was
    /// disabled, must not have them ask for it anew.
    pub(super) async fn accepted_before(
        &self,
        unit: &UnitId,
        requests: &[Request],
    ) -> Result<Option<Admitted>, LedgerError> {
        let asked = requests.iter().any(|r| r.trigger.request_id.is_some() || r.trigger.signed.is_some());
        for (key, mark, _) in marks(unit, requests).iter().filter(|_| asked) {
            if let Some(admitted) = self.accepted_by(key, mark, false).await? {
                return Ok(Some(admitted));
            }
        }
        Ok(None)
    }

    /// What somebody was accepted as who is known by this. `there` says that there was somebody a moment ago.
    async fn accepted_by(&self, key: &Key, mark: &Mark, there: bool) -> Result<Option<Admitted>, LedgerError> {
        let accepted: Option<Accepted> = self.get_one(key.clone()).await?.map(|item| item.decode()).transpose()?;
        let known = accepted.is_some();
        let runs = accepted.unwrap_or_default().all();
        Ok(match mark {
            // Forgotten in between: it is decided again.
            Mark::Id => (!runs.is_empty()).then_some(Admitted::Duplicate(runs)),
            // One that was used is never used again, even where it was forgotten in between.
            Mark::Signature(_) => (known || there).then_some(Admitted::SignatureUsed(runs)),
        })
    }
}
