//! Holding a run: what a worker does with the run that it took, until it has ended it.

use super::taking::put_gate;
use super::{Ledger, LedgerError, RACES, Ticket};
use crate::budget;
use crate::caps::Start;
use crate::clock::Timestamp;
use crate::ids::UnitId;
use crate::keys;
use crate::limits;
use crate::notice::{self, About};
use crate::run::{Ending, Method, Run, RunState};
use crate::schedule_gate;
use crate::store::{Expect, Write};
use crate::unit::{Awaits, Lease, UnitState};

/// A run that has been ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The run.
    pub run: Run,
    /// Handles of the parked nudges whose runs may write now: wake them.
    pub woken: Vec<String>,
    /// Runs that ended before it and whose log record is still to be written, where nothing waits that would bring another nudge soon.
    pub to_log: Vec<u64>,
}

impl Ledger {
    /// Renews the lease, the domain's entry and, where it holds one, the reservation, all or none.
    ///
    /// `Superseded` where another worker has taken the run up, it has been parked, or its lease has lapsed: a schedule may have
    /// started since, even if nobody has the run. `ReservationLapsed` where others may be writing in its stead. In all cases the
    /// worker stops at once and writes nothing more.
    pub async fn renew(&self, ticket: &Ticket) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            let until = now + ticket.unit.limits.lease();
            let lease = ticket.own(&mut read.state)?;
            if !budget::renew(now, &mut read.domain, &ticket.run.id, lease.writing > 0, until) {
                return Err(LedgerError::ReservationLapsed(ticket.run.id.clone()));
            }
            ticket.alive(now, lease)?;
            lease.until = until;
            match ticket.scheduled() {
                true if schedule_gate::renew(&mut read.domain, &ticket.run.id, until) => {}
                true => return Err(LedgerError::Superseded(ticket.run.id.clone())),
                false => read.domain.enter(now, &ticket.run.id, until),
            }
            let writes = vec![
                self.put_state(&ticket.unit.id, &read.state, &read.state_item, now)?,
                put_gate(&read, &read.domain)?,
            ];
            if self.won(writes, round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Notes which log record was opened for the run, so that one that is deleted later is missed.
    pub async fn note_log(&self, ticket: &Ticket, record: u64) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let (mut run, item) = self.run_item(&ticket.unit.id, ticket.run.id.seq).await?;
            if run.attempt != ticket.run.attempt {
                return Err(LedgerError::Superseded(run.id));
            }
            run.log_record = Some(record);
            if self.won(vec![Write::put(keys::run(&run.id), &run, Expect::Version(item.version))?], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Leaves the run to the next worker, which takes it up then: this one's time is up, or something that the run needs does not
    /// answer: that is told by its standing, and after some minutes to the unit's owner. It is no death. Answers how to wake those who may write now.
    pub async fn hand_over(
        &self,
        ticket: &Ticket,
        at: Timestamp,
        awaits: Option<Awaits>,
    ) -> Result<Vec<String>, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            let lease = ticket.own(&mut read.state)?;
            ticket.alive(now, lease)?;
            (lease.until, lease.handed_over, lease.awaits) = (at, true, awaits.clone());
            // What it holds of the output budget is others', while it waits for something outside.
            let mut woken = Vec::new();
            if awaits.is_some() {
                lease.writing = 0;
                woken = budget::release(now, &mut read.domain, &ticket.run.id);
            }
            if let Some(awaits) = lease.awaits.as_mut().filter(|awaits| awaits.is_to_tell(now)) {
                awaits.told = true;
                let (code, run) = (Some(awaits.code()), Some(ticket.run.id.seq));
                notice::note(now, &mut read.state.notices, About::Awaits, code, run);
            }
            // Who waits for what lies outside does nothing: nobody has to wait for it meanwhile.
            match (ticket.scheduled(), awaits.is_some()) {
                (true, true) => schedule_gate::rest(now, &mut read.domain, &ticket.run.id, at),
                (true, false) => drop(schedule_gate::renew(&mut read.domain, &ticket.run.id, at)),
                (false, true) => drop(read.domain.readers.remove(&ticket.run.id)),
                (false, false) => read.domain.enter(now, &ticket.run.id, at + ticket.unit.limits.lease()),
            }
            let writes = vec![
                self.put_state(&ticket.unit.id, &read.state, &read.state_item, now)?,
                put_gate(&read, &read.domain)?,
            ];
            if self.won(writes, round).await? {
                return Ok(woken);
            }
        }
        Err(Self::too_many_races())
    }

    /// What the run waited for has answered, and it goes on.
    pub async fn goes_on(&self, ticket: &Ticket) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            ticket.own(&mut read.state)?.awaits = None;
            notice::over(&mut read.state.notices, About::Awaits);
            let write = self.put_state(&ticket.unit.id, &read.state, &read.state_item, self.clock.now())?;
            if self.won(vec![write], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Ends the run: its record, the unit's lock and all that it holds of the domain, in one transaction.
    ///
    /// `logged` says that its log record is already written; else the run stays on the unit's list of those to log.
    /// Where it succeeded, what its flows have called is requested in the same transaction.
    pub async fn end(&self, ticket: &Ticket, ending: &Ending, logged: bool) -> Result<Ended, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            ticket.own(&mut read.state)?;
            read.state.running = None;
            let woken = read.domain.leave(now, &ticket.run.id);
            if ticket.run.trigger.undo.as_ref().is_some_and(|undo| undo.dry_run) {
                // It has written nothing: who looks first has no start less for what is done then.
                let started = ticket.run.started_at;
                let own = read.state.starts.iter().position(|at| Some(*at) == started);
                own.map(|own| read.state.starts.remove(own));
            }
            if !logged {
                read.state.note_unlogged(ticket.run.id.seq);
            }
            let (mut run, run_item) = self.run_item(&ticket.unit.id, ticket.run.id.seq).await?;
            run.state = ending.state;
            run.code = ending.code;
            run.message.clone_from(&ending.message);
            run.flows.clone_from(&ending.flows);
            run.ended_at = Some(now);
            noticed(now, &mut read.state, &run);
            let calls = match ending.state {
                RunState::Succeeded if run.calls => self.noted_calls(ticket).await?,
                _ => Vec::new(),
            };
            let called = self.call(now, ticket, &calls, &mut read.state).await?;
            for unit in &called.gone {
                run.message = format!("{}\n呼び出す実行単位がありません / a unit to call is gone: {unit}", run.message);
            }
            let put = Write::put(keys::run(&run.id), &run, Expect::Version(run_item.version))?;
            let mut writes = vec![
                self.put_state(&ticket.unit.id, &read.state, &read.state_item, now)?,
                put.expiring(now + limits::RUN_KEPT),
                put_gate(&read, &read.domain)?,
            ];
            writes.extend(called.writes);
            if self.won(writes, round).await? {
                // Its own record could not be written a moment ago: that is the sweep's.
                let mut to_log = if read.state.waiting.is_empty() { read.state.to_log } else { Vec::new() };
                to_log.retain(|seq| *seq != run.id.seq);
                return Ok(Ended { run, woken, to_log });
            }
        }
        Err(Self::too_many_races())
    }

    /// Notes that the log record of an ended run is written.
    pub async fn logged(&self, unit: &UnitId, seq: u64) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let item = self.get_one(keys::state(unit)).await?.ok_or_else(|| LedgerError::NoUnit(unit.clone()))?;
            let mut state: UnitState = item.decode()?;
            if !state.to_log.contains(&seq) {
                return Ok(());
            }
            state.note_logged(seq);
            if self.won(vec![self.put_state(unit, &state, &item, now)?], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }
}

/// Notes what the unit's owner is to be told of the end of a run.
pub(super) fn noticed(now: Timestamp, state: &mut UnitState, run: &Run) {
    let about = match run.state {
        // What was taken back says nothing of whether the flows work again.
        RunState::Succeeded if run.trigger.method == Method::Undo => return,
        RunState::Succeeded => return notice::succeeded(&mut state.notices),
        RunState::Failed => About::Failed,
        RunState::TimedOut => About::TimedOut,
        RunState::Uncertain => About::Uncertain,
        RunState::Cancelled | RunState::Queued | RunState::Running => return,
    };
    notice::note(now, &mut state.notices, about, run.code, Some(run.id.seq));
}

impl Ticket {
    /// Whether a schedule started the run.
    pub fn scheduled(&self) -> bool {
        self.run.trigger.method == Method::Schedule
    }

    /// Whether the run uses the domain's output budget: neither a schedule nor a person started it.
    pub fn realtime(&self) -> bool {
        Start::from(self.run.trigger.method) == Start::Realtime
    }

    /// Whether the lease still holds.
    pub(super) fn alive(&self, now: Timestamp, lease: &Lease) -> Result<(), LedgerError> {
        if lease.until > now { Ok(()) } else { Err(LedgerError::Superseded(self.run.id.clone())) }
    }

    /// The lease in the state, if it is still this ticket's.
    pub(super) fn own<'a>(&self, state: &'a mut UnitState) -> Result<&'a mut Lease, LedgerError> {
        let own = |lease: &&mut Lease| {
            let same = lease.seq == self.run.id.seq && lease.owner == self.owner && lease.attempt == self.run.attempt;
            same && lease.parked.is_none()
        };
        state.running.as_mut().filter(own).ok_or_else(|| LedgerError::Superseded(self.run.id.clone()))
    }
}
