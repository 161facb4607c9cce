//! Admission: from a verified request to a queued run, in one transaction.

use super::accepted::{Marked, mark};
use super::{Ledger, LedgerError, RACES};
use crate::catalogue;
use crate::clock::Timestamp;
use crate::coalesce::{self, Gathered};
use crate::gate::{self, Admission};
use crate::ids::RunId;
use crate::keys;
use crate::limits;
use crate::run::{Method, Payload, Run, RunState, Trigger};
use crate::store::{Commit, Expect, Item, StoreError, Write};
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
    /// A webhook that became part of this run, which waits already.
    Joined(RunId),
    /// A webhook that could not start in time: recorded as `timed_out`, can be run again.
    Late(RunId),
    /// A webhook that could not start in time while the unit is in a flood: nothing is recorded. Who asked counts it; this
    /// run stands for all of them.
    Flood(RunId),
    /// The same was accepted before, as these runs: a notification, or a request with its sender's id.
    Duplicate(Vec<RunId>),
    /// The signature of the request has started these runs before; none where an earlier version has not noted them.
    SignatureUsed(Vec<RunId>),
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
        if let Some(run) = self.joined(now, unit, &state, requests).await? {
            return self.join(unit, item, requests, run, (now, round)).await;
        }
        let webhook = requests.iter().all(|r| r.trigger.method == Method::Webhook);
        // Who has stopped a unit must be able to mend what it did, without letting anybody else in.
        let mends = requests.iter().all(|r| r.trigger.undo.is_some());
        let enabled = state.enabled;
        let state = UnitState { enabled: enabled || mends, ..state };
        let admission = gate::admit(now, &state, &unit.limits, requests.len());
        if !matches!(admission, Admission::Queued { .. })
            && let Some(before) = self.accepted_before(&unit.id, requests).await?
        {
            return Ok(Some(before));
        }
        let (next, runs, run_state) = match admission {
            Admission::Disabled => return Ok(Some(Admitted::Disabled)),
            Admission::Queued { state, runs } => (*state, runs, RunState::Queued),
            Admission::TooMany { retry_at } if !webhook => return Ok(Some(Admitted::TooMany { retry_at })),
            Admission::TooMany { retry_at } => match state.takes_late(now) {
                Some(seq) => return Ok(Some(Admitted::Flood(RunId { unit: unit.id.clone(), seq }))),
                None if state.to_log.len() >= limits::MAX_TO_LOG => return Ok(Some(Admitted::TooMany { retry_at })),
                None => {
                    let (next, runs) = late(&state, now, requests.len());
                    (next, runs, RunState::TimedOut)
                }
            },
        };
        let ids: Vec<RunId> = runs.iter().map(|w| RunId { unit: unit.id.clone(), seq: w.seq }).collect();
        let next = UnitState { enabled, ..next };
        let put = self.put_state(&unit.id, &next, item, now)?;
        let mut writes = vec![if nudging { put } else { put.due(Some(now)) }];
        for ((request, waiting), id) in requests.iter().zip(&runs).zip(&ids) {
            writes.push(put_run(unit, request, waiting, id, run_state, now)?);
            let kept = now + limits::PAYLOAD_KEPT;
            writes.push(Write::put(keys::payload(id), &request.payload, Expect::Absent)?.expiring(kept));
        }
        let marked = mark(&unit.id, requests, &ids, now, &mut writes)?;
        match self.store.commit(writes).await? {
            Commit::Done if run_state == RunState::TimedOut => Ok(ids.into_iter().next().map(Admitted::Late)),
            Commit::Done => Ok(Some(Admitted::Queued(ids))),
            Commit::Lost(failed) => self.lost(&marked, &failed, round).await,
        }
    }

    /// The run that a webhook joins, with what it is then; `None` where it becomes a run of its own.
    async fn joined(
        &self,
        now: Timestamp,
        unit: &Unit,
        state: &UnitState,
        requests: &[Request],
    ) -> Result<Option<(Run, Item)>, LedgerError> {
        let ([request], Some(seq)) = (requests, coalesce::candidate(now, unit, state)) else { return Ok(None) };
        let (run, run_item) = self.run_item(&unit.id, seq).await?;
        let joined = coalesce::join(&run, &request.trigger, bytes(request)?);
        Ok(joined.map(|joined| (joined, run_item)))
    }

    /// Has a webhook join a run. A run that starts, ends or is joined by another at this moment is written by them too,
    /// and one of them is decided again.
    async fn join(
        &self,
        unit: &Unit,
        item: &Item,
        requests: &[Request],
        (run, run_item): (Run, Item),
        (now, round): (Timestamp, u32),
    ) -> Result<Option<Admitted>, LedgerError> {
        let id = run.id.clone();
        let mut writes = vec![
            Write::Check { key: keys::state(&unit.id), expect: Expect::Version(item.version) },
            Write::put(keys::run(&id), &run, Expect::Version(run_item.version))?,
        ];
        let number = run.gathered.map_or(0, |gathered| gathered.requests);
        for request in requests {
            let put = Write::put(keys::joined(&id, number), &request.payload, Expect::Absent)?;
            writes.push(put.expiring(now + limits::PAYLOAD_KEPT));
        }
        let marked = mark(&unit.id, requests, std::slice::from_ref(&id), now, &mut writes)?;
        match self.store.commit(writes).await? {
            Commit::Done => Ok(Some(Admitted::Joined(id))),
            Commit::Lost(failed) => self.lost(&marked, &failed, round).await,
        }
    }

    /// What a commit that was lost to somebody means: what it asks for is there already, or it is decided again.
    async fn lost(&self, marked: &Marked, failed: &[usize], round: u32) -> Result<Option<Admitted>, LedgerError> {
        if let Some(before) = self.accepted_in(marked, failed).await? {
            return Ok(Some(before));
        }
        self.back_off(round).await;
        Ok(None)
    }
}

/// How much of an item the parameters of a request take.
fn bytes(request: &Request) -> Result<usize, LedgerError> {
    let json = serde_json::to_vec(&request.payload).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    Ok(json.len())
}

/// Webhooks that could not start in time get their place in the order, and end at once.
pub(super) fn late(state: &UnitState, now: Timestamp, count: usize) -> (UnitState, Vec<Waiting>) {
    let mut next = state.clone();
    let runs = next.record_late(now, count);
    (next, runs)
}

pub(super) fn put_run(
    unit: &Unit,
    request: &Request,
    waiting: &Waiting,
    id: &RunId,
    state: RunState,
    now: Timestamp,
) -> Result<Write, LedgerError> {
    let gathered = match state {
        RunState::Queued => Gathered::first(unit, &request.trigger, bytes(request)?),
        _ => None,
    };
    let run = Run { gathered, ..new_run(request, waiting, id, state, now) };
    let write = Write::put(keys::run(id), &run, Expect::Absent)?;
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
        gathered: None,
    }
}
