//! Calls of other units: noted while the flow that asks for them is about to write, admitted in the commit that ends the run.
//!
//! A call is noted before its flow writes anything, so that a run that is taken up again behind that flow still knows it. It
//! becomes a request only where the run succeeds, in the one transaction that ends it: once, whatever crashes.

use super::admission::{Request, late, put_run};
use super::{Ledger, LedgerError, RACES, Ticket};
use crate::calls::{self, Call};
use crate::clock::Timestamp;
use crate::gate::{self, Admission};
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::limits;
use crate::run::{Method, Run, RunState, Trigger};
use crate::store::{Expect, Write, size};
use crate::unit::{Unit, UnitState, Waiting};

#[derive(serde::Serialize, serde::Deserialize)]
struct Noted {
    calls: Vec<Call>,
}

/// Requests that come of a run's calls.
#[derive(Default)]
pub(super) struct Called {
    /// Their writes, the calling unit's own state not among them.
    pub writes: Vec<Write>,
    /// Units that have gone since the call was noted.
    pub gone: Vec<UnitId>,
}

impl Ledger {
    /// Notes what flow number `flow` of the run asks for, in place of what it asked for before (it may be computed anew).
    /// `Superseded` where another worker has the run; `Calls` where they are too large, alone or with those of the flows
    /// before it: then nothing is noted.
    pub async fn note_calls(&self, ticket: &Ticket, flow: usize, asked: &[Call]) -> Result<(), LedgerError> {
        let key = keys::calls(&ticket.run.id, flow);
        for round in 0..RACES {
            let mut wanted = vec![keys::run(&ticket.run.id), key.clone()];
            if !asked.is_empty() {
                wanted.extend((0..flow).map(|n| keys::calls(&ticket.run.id, n)));
            }
            let mut items = self.store.get(&wanted).await?.into_iter();
            let item = items.next().flatten().ok_or_else(|| LedgerError::NoRun(ticket.run.id.clone()))?;
            let known = items.next().flatten();
            let before: usize = items.flatten().map(|item| size::of_body(&item.body)).sum();
            let mut run: Run = item.decode()?;
            if run.attempt != ticket.run.attempt {
                return Err(LedgerError::Superseded(run.id));
            }
            if asked.is_empty() && known.is_none() {
                return Ok(());
            }
            let body = Noted { calls: asked.to_vec() };
            let noted = Write::put(key.clone(), &body, Expect::as_read(known.as_ref()))?;
            let noted = noted.expiring(self.clock.now() + limits::PAYLOAD_KEPT);
            calls::check_sum(size::of(&noted), before)?;
            // Whoever takes the run over in between makes this note fail.
            run.calls = true;
            let run = Write::put(keys::run(&run.id), &run, Expect::Version(item.version))?;
            if self.won(vec![noted, run], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// What the flows of a run have asked for so far, in order.
    pub async fn noted_calls(&self, ticket: &Ticket) -> Result<Vec<Call>, LedgerError> {
        let wanted: Vec<_> = (0..ticket.unit.flows.len()).map(|n| keys::calls(&ticket.run.id, n)).collect();
        let mut calls = Vec::new();
        for item in self.store.get(&wanted).await?.into_iter().flatten() {
            calls.extend(item.decode::<Noted>()?.calls);
        }
        Ok(calls)
    }

    /// How many calls the flows before this one have asked for.
    pub async fn noted_calls_before(&self, ticket: &Ticket, flow: usize) -> Result<usize, LedgerError> {
        let wanted: Vec<_> = (0..flow).map(|n| keys::calls(&ticket.run.id, n)).collect();
        let items = self.store.get(&wanted).await?;
        items.into_iter().flatten().map(|item| Ok(item.decode::<Noted>()?.calls.len())).sum()
    }

    /// The requests of a run that ends now. `own` is the state of its own unit as it will be written: a unit that calls
    /// itself is queued there. A unit that was disabled since the call was checked takes it all the same.
    pub(super) async fn call(
        &self,
        now: Timestamp,
        ticket: &Ticket,
        calls: &[Call],
        own: &mut UnitState,
    ) -> Result<Called, LedgerError> {
        let mut called = Called::default();
        let mut targets: Vec<&UnitId> = Vec::new();
        for call in calls {
            if !targets.contains(&&call.unit) {
                targets.push(&call.unit);
            }
        }
        for id in targets {
            let requests: Vec<Request> =
                calls.iter().filter(|call| call.unit == *id).map(|call| request(ticket, call)).collect();
            let mut items = self.store.get(&[keys::unit(id), keys::state(id)]).await?;
            let (state, unit) = (items.pop().flatten(), items.pop().flatten());
            let (Some(state), Some(unit)) = (state, unit) else {
                called.gone.push(id.clone());
                continue;
            };
            let unit: Unit = unit.decode()?;
            let mine = *id == ticket.unit.id;
            let before: UnitState = if mine { own.clone() } else { state.decode()? };
            let (after, waiting, as_what) = queue(now, before, &unit, requests.len());
            match mine {
                true => *own = after,
                false => called.writes.push(self.put_state(id, &after, &state, now)?),
            }
            for (request, waiting) in requests.iter().zip(&waiting) {
                let run = RunId { unit: id.clone(), seq: waiting.seq };
                called.writes.push(put_run(&unit, request, waiting, &run, as_what, now)?);
                let payload = Write::put(keys::payload(&run), &request.payload, Expect::Absent)?;
                called.writes.push(payload.expiring(now + limits::PAYLOAD_KEPT));
            }
        }
        Ok(called)
    }
}

fn request(ticket: &Ticket, call: &Call) -> Request {
    let run = &ticket.run;
    let trigger = Trigger {
        user: run.trigger.user.clone(),
        records: call.records.clone(),
        caller: Some(run.id.clone()),
        hops: run.trigger.hops + 1,
        ..Trigger::new(Method::Call, call.app)
    };
    Request { trigger, payload: call.payload.clone(), again_of: None }
}

/// Queues so many requests; where too many wait already they are recorded as `timed_out`, like a webhook that comes too
/// late, and can be run again.
fn queue(now: Timestamp, state: UnitState, unit: &Unit, count: usize) -> (UnitState, Vec<Waiting>, RunState) {
    let enabled = state.enabled;
    let open = UnitState { enabled: true, ..state };
    let (state, runs, as_what) = match gate::admit(now, &open, &unit.limits, count) {
        Admission::Queued { state, runs } => (*state, runs, RunState::Queued),
        Admission::TooMany { .. } | Admission::Disabled => {
            let (state, runs) = late(&open, now, count);
            (state, runs, RunState::TimedOut)
        }
    };
    (UnitState { enabled, ..state }, runs, as_what)
}
