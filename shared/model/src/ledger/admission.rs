//! Admission: from a verified request to a queued run, in one transaction.

use super::{Ledger, LedgerError, RACES};
use crate::catalogue;
use crate::clock::Timestamp;
use crate::gate::{self, Admission};
use crate::ids::RunId;
use crate::keys;
use crate::limits;
use crate::notice::{self, About};
use crate::run::{Method, Payload, Run, RunState, Trigger};
use crate::store::{Commit, Expect, Item, Write};
use crate::unit::{Unit, UnitState, Waiting};

/// One run that is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// What started it.
    pub trigger: Trigger,
    /// The values that its flows name.
    pub payload: Payload,
    /// The run that it repeats.
    pub again_of: Option<RunId>,
}

/// What became of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// They are queued, in this order.
    Queued(Vec<RunId>),
    /// A webhook that could not start in time: recorded as `timed_out`, can be run again.
    Late(RunId),
    /// A webhook that could not start in time while the unit is in a flood: nothing is recorded. Who asked counts it; this
    /// run stands for all of them.
    Flood(RunId),
    /// The notification was admitted before, as this run.
    Duplicate(RunId),
    /// The signature of the request has started a run before.
    SignatureUsed,
    /// Refused: too many wait. Nothing is recorded; who asked counts it.
    TooMany {
        /// When to ask again, at the earliest.
        retry_at: Timestamp,
    },
    /// Refused: the unit is disabled.
    Disabled,
}

impl Ledger {
    /// Admits requests of one unit together and in order: all are queued, or none.
    ///
    /// `state` is the unit's state if the caller has read it already. `nudging` says that the caller sends a nudge for
    /// each; without one, the sweep's next round finds them.
    pub async fn admit(
        &self,
        unit: &Unit,
        state: Option<Item>,
        requests: &[Request],
        nudging: bool,
    ) -> Result<Admitted, LedgerError> {
        let mut known = state;
        for round in 0..RACES {
            let item = match known.take() {
                Some(item) => item,
                None => {
                    let item = self.get_one(keys::state(&unit.id)).await?;
                    item.ok_or_else(|| LedgerError::NoUnit(unit.id.clone()))?
                }
            };
            if let Some(admitted) = self.admit_once(unit, &item, requests, (nudging, round)).await? {
                return Ok(admitted);
            }
        }
        Err(Self::too_many_races())
    }

    async fn admit_once(
        &self,
        unit: &Unit,
        item: &Item,
        requests: &[Request],
        (nudging, round): (bool, u32),
    ) -> Result<Option<Admitted>, LedgerError> {
        let now = self.clock.now();
        let state: UnitState = item.decode()?;
        let webhook = requests.iter().all(|r| r.trigger.method == Method::Webhook);
        let (next, runs, run_state) = match gate::admit(now, &state, &unit.limits, requests.len()) {
            Admission::Disabled => return Ok(Some(Admitted::Disabled)),
            Admission::Queued { state, runs } => (*state, runs, RunState::Queued),
            Admission::TooMany { retry_at } if !webhook => return Ok(Some(Admitted::TooMany { retry_at })),
            Admission::TooMany { retry_at } => match state.flood {
                Some(seq) => return Ok(Some(Admitted::Flood(RunId { unit: unit.id.clone(), seq }))),
                None if state.to_log.len() >= limits::MAX_TO_LOG => return Ok(Some(Admitted::TooMany { retry_at })),
                None => {
                    let (next, runs) = late(&state, now, requests.len());
                    (next, runs, RunState::TimedOut)
                }
            },
        };
        let ids: Vec<RunId> = runs.iter().map(|w| RunId { unit: unit.id.clone(), seq: w.seq }).collect();
        let put = self.put_state(&unit.id, &next, item, now)?;
        let mut writes = vec![if nudging { put } else { put.due(Some(now)) }];
        let mut notes = Vec::new();
        for ((request, waiting), id) in requests.iter().zip(&runs).zip(&ids) {
            writes.push(put_run(request, waiting, id, run_state, now)?);
            let kept = now + limits::PAYLOAD_KEPT;
            writes.push(Write::put(keys::payload(id), &request.payload, Expect::Absent)?.expiring(kept));
            if let Some(note) = &request.trigger.notification {
                let body = serde_json::json!({ "run": id });
                let note = keys::notification(&unit.id, note);
                notes.push(writes.len());
                let kept = now + limits::NOTIFICATION_KEPT;
                writes.push(Write::put(note, &body, Expect::Absent)?.expiring(kept));
            }
        }
        // All requests of a call have its one signature.
        let signed = requests.iter().find_map(|request| request.trigger.signed.as_ref());
        let signature = signed.map(|_| writes.len());
        if let Some(signed) = signed {
            let key = keys::signature(&unit.id, &signed.signature);
            writes.push(Write::put(key, &serde_json::json!({}), Expect::Absent)?.expiring(signed.until));
        }
        let note_keys: Vec<_> = notes.iter().map(|at| (*at, writes[*at].key().clone())).collect();
        match self.store.commit(writes).await? {
            Commit::Done if run_state == RunState::TimedOut => Ok(ids.into_iter().next().map(Admitted::Late)),
            Commit::Done => Ok(Some(Admitted::Queued(ids))),
            Commit::Lost(failed) => {
                if signature.is_some_and(|at| failed.contains(&at)) {
                    return Ok(Some(Admitted::SignatureUsed));
                }
                let seen = note_keys.into_iter().find(|(at, _)| failed.contains(at));
                if let Some((_, key)) = seen
                    && let Some(run) = self.get_one(key).await?.and_then(|i| i.body["run"].as_str()?.parse().ok())
                {
                    return Ok(Some(Admitted::Duplicate(run)));
                }
                self.back_off(round).await;
                Ok(None)
            }
        }
    }
}

/// Webhooks that could not start in time get their place in the order, and end at once.
pub(super) fn late(state: &UnitState, now: Timestamp, count: usize) -> (UnitState, Vec<Waiting>) {
    let mut next = state.clone();
    let runs: Vec<_> = (1..=count as u64).map(|n| Waiting { seq: state.last + n, since: now, deadline: now }).collect();
    next.last += count as u64;
    next.refused += count as u64;
    next.to_log.extend(runs.iter().map(|w| w.seq));
    next.late.extend(runs.iter().map(|w| w.seq));
    for run in &runs {
        notice::note(now, &mut next.notices, About::TimedOut, Some(catalogue::TIMED_OUT), Some(run.seq));
    }
    (next, runs)
}

pub(super) fn put_run(
    request: &Request,
    waiting: &Waiting,
    id: &RunId,
    state: RunState,
    now: Timestamp,
) -> Result<Write, LedgerError> {
    let write = Write::put(keys::run(id), &new_run(request, waiting, id, state, now), Expect::Absent)?;
    Ok(if state.ended() { write.expiring(now + limits::RUN_KEPT) } else { write })
}

/// A run as it is when it is admitted.
pub(super) fn new_run(request: &Request, waiting: &Waiting, id: &RunId, state: RunState, now: Timestamp) -> Run {
    let ended = state.ended();
    Run {
        v: 1,
        id: id.clone(),
        state,
        trigger: request.trigger.clone(),
        queued_at: now,
        deadline: waiting.deadline,
        started_at: None,
        ended_at: ended.then_some(now),
        attempt: 0,
        waited: None,
        log_record: None,
        code: ended.then_some(catalogue::TIMED_OUT),
        message: String::new(),
        flows: Vec::new(),
        again_of: request.again_of.clone(),
        undone_by: None,
        schedule: None,
        calls: false,
        flood: None,
    }
}
