//! Taking runs: what a nudge leads to. What a worker does with the run that it took stands in `holding`.

use super::holding::noticed;
use super::{Ledger, LedgerError, RACES};
use crate::budget;
use crate::caps::RecordCaps;
use crate::clock::Timestamp;
use crate::domain::DomainState;
use crate::gate::{self, Decision};
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::limits;
use crate::run::{Ending, FlowResult, FlowState, Run, RunState};
use crate::store::{Expect, Item, Write};
use crate::unit::{Awaits, Lease, Unit, UnitState, WaitNote};

/// A worker's right to one run.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The unit as it was when the run was taken.
    pub unit: Unit,
    /// The run.
    pub run: Run,
    /// Who took it.
    pub owner: String,
    /// Records that each of its flows may read and write.
    pub caps: RecordCaps,
    /// True where a worker before this one had it: it is gone, or it parked the run.
    pub resumed: bool,
    /// Nothing of the run was sent to anywhere yet: by no worker, or those before this one said so when they left it.
    pub untouched: bool,
    /// How many workers have died with it, where they are too many for another to go on: this one reads what was written,
    /// and ends the run.
    pub to_end: Option<u32>,
    /// Whether it was cancelled while it waited.
    pub cancelled: bool,
    /// Until when it may go on without renewing.
    pub until: Timestamp,
    /// What the worker before this one waited for.
    pub awaits: Option<Awaits>,
}

/// What a nudge led to.
#[derive(Clone, Debug)]
pub enum Taken {
    /// Nothing waits. These ended runs have no log record yet.
    Idle(Vec<u64>),
    /// The worker has the run and must end it.
    Run(Box<Ticket>),
    /// Ask again then.
    Wait {
        /// When and why.
        note: WaitNote,
        /// These ended runs have no log record yet.
        to_log: Vec<u64>,
    },
    /// A run ended without running: it waited too long, or its workers died too often. Log it, then ask again.
    Ended(Box<Run>),
}

/// What decisions about a unit go by, as it was read.
pub(super) struct Read {
    pub unit: Unit,
    pub state: UnitState,
    pub state_item: Item,
    pub domain: DomainState,
    pub domain_item: Option<Item>,
}

/// How often a unit that is older than its state is read again.
const REREAD: u32 = 5;

impl Ledger {
    pub(super) async fn read(&self, id: &UnitId, domain: &str) -> Result<Read, LedgerError> {
        let wanted = [keys::unit(id), keys::state(id), keys::gate(domain)];
        for round in 0..RACES {
            let [unit, state, gate] = <[Option<Item>; 3]>::try_from(self.store.get(&wanted).await?)
                .map_err(|_| crate::store::StoreError::Corrupt("three items were asked for".into()))?;
            let no_unit = || LedgerError::NoUnit(id.clone());
            let state_item = state.ok_or_else(no_unit)?;
            let read = Read {
                unit: unit.ok_or_else(no_unit)?.decode()?,
                state: state_item.decode()?,
                state_item,
                domain: gate.as_ref().map(Item::decode).transpose()?.unwrap_or_default(),
                domain_item: gate,
            };
            // The items are not read at one instant: a unit that was replaced in between is read again. A state that is older
            // than its unit loses its next commit. Where both stay so, an earlier version has written one of them.
            if read.unit.changed >= read.state.changed || round >= REREAD {
                return Ok(read);
            }
            self.back_off(round).await;
        }
        Err(Self::too_many_races())
    }

    /// Takes the unit's next step: starts or resumes a run, or says why not.
    pub async fn take(&self, id: &UnitId, domain: &str, owner: &str) -> Result<Taken, LedgerError> {
        self.take_waking(id, domain, owner, None).await
    }

    /// The same for a nudge that can be woken, by this handle: for a run that waits for the output budget, whoever makes
    /// room is told it.
    pub async fn take_waking(
        &self,
        id: &UnitId,
        domain: &str,
        owner: &str,
        wake: Option<&str>,
    ) -> Result<Taken, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let read = self.read(id, domain).await?;
            let request = gate::Request { unit: id, limits: &read.unit.limits, owner, wake };
            let taken = match gate::decide(now, &read.state, &read.domain, &request) {
                Decision::Idle => Some(Taken::Idle(read.state.to_log.clone())),
                Decision::Start(state) => self.start_realtime(now, &read, *state, false, round).await?,
                Decision::Resume(state) => self.start_realtime(now, &read, *state, true, round).await?,
                Decision::Wait { state, note } => {
                    let told = read.state.wait == Some(note);
                    let write = self.put_state(id, &state, &read.state_item, now)?;
                    let to_log = read.state.to_log.clone();
                    (told || self.won(vec![write], round).await?).then_some(Taken::Wait { note, to_log })
                }
                Decision::Parked { state, domain, note } => {
                    let to_log = read.state.to_log.clone();
                    let writes = vec![self.put_state(id, &state, &read.state_item, now)?, put_gate(&read, &domain)?];
                    self.won(writes, round).await?.then_some(Taken::Wait { note, to_log })
                }
                Decision::TimedOut { state, seq } => {
                    let after = (*state, read.domain.clone());
                    self.end_unrun(now, &read, after, seq, Ending::timed_out(), round).await?
                }
                Decision::GiveUp { state, seq } => {
                    let after = (*state, read.domain.clone());
                    self.end_unrun(now, &read, after, seq, given_up(&read.state), round).await?
                }
            };
            if let Some(taken) = taken {
                return Ok(taken);
            }
        }
        Err(Self::too_many_races())
    }

    async fn start_realtime(
        &self,
        now: Timestamp,
        read: &Read,
        state: UnitState,
        resumed: bool,
        round: u32,
    ) -> Result<Option<Taken>, LedgerError> {
        let mut domain = read.domain.clone();
        if let Some(lease) = &state.running {
            let run = RunId { unit: read.unit.id.clone(), seq: lease.seq };
            domain.enter(now, &run, lease.until);
            // Whom this makes room for comes back by itself, within `BUDGET_ASK`.
            budget::take_up(now, &mut domain, &run, lease.until);
        }
        self.start(now, read, (state, domain), resumed, round).await
    }

    /// Hands the run that is running in this state to a worker.
    pub(super) async fn start(
        &self,
        now: Timestamp,
        read: &Read,
        (state, domain): (UnitState, DomainState),
        resumed: bool,
        round: u32,
    ) -> Result<Option<Taken>, LedgerError> {
        let Some(lease) = state.running.clone() else { return Ok(None) };
        let (mut run, run_item) = self.run_item(&read.unit.id, lease.seq).await?;
        run.state = RunState::Running;
        run.attempt = lease.attempt;
        run.started_at = run.started_at.or(Some(now));
        let scheduled = read.domain.schedules.iter().find(|s| s.run == run.id);
        run.waited = run.waited.or(scheduled.map_or(read.state.wait, |s| s.wait));
        let writes = vec![
            self.put_state(&read.unit.id, &state, &read.state_item, now)?,
            Write::put(keys::run(&run.id), &run, Expect::Version(run_item.version))?,
            put_gate(read, &domain)?,
        ];
        if !self.won(writes, round).await? {
            return Ok(None);
        }
        let caps = read.unit.limits.caps.of(run.trigger.start(), &read.domain.limits.caps);
        let to_end = lease.is_to_end().then_some(lease.deaths);
        let untouched = !resumed || read.state.running.as_ref().is_some_and(Lease::left_untouched);
        let Lease { owner, awaits, cancelled, until, .. } = lease;
        let ticket =
            Ticket { unit: read.unit.clone(), run, owner, caps, resumed, untouched, to_end, cancelled, until, awaits };
        Ok(Some(Taken::Run(Box::new(ticket))))
    }

    /// Ends a run without running it (again).
    pub(super) async fn end_unrun(
        &self,
        now: Timestamp,
        read: &Read,
        (mut state, mut domain): (UnitState, DomainState),
        seq: u64,
        end: Ending,
        round: u32,
    ) -> Result<Option<Taken>, LedgerError> {
        let (mut run, run_item) = self.run_item(&read.unit.id, seq).await?;
        (run.state, run.code, run.message) = (end.state, end.code, end.message);
        if end.state == RunState::Uncertain && run.trigger.undo.is_none() {
            let unknown = |name: &String| FlowResult::new(name, FlowState::Uncertain);
            run.flows = read.unit.flows.iter().map(unknown).collect();
        }
        run.ended_at = Some(now);
        noticed(now, &mut state, &run);
        let put = Write::put(keys::run(&run.id), &run, Expect::Version(run_item.version))?;
        // Whom this makes room for comes back by itself: what is given up here has lapsed long since.
        domain.leave(now, &run.id);
        let writes = vec![
            self.put_state(&read.unit.id, &state, &read.state_item, now)?,
            put.expiring(now + limits::RUN_KEPT),
            put_gate(read, &domain)?,
        ];
        Ok(self.won(writes, round).await?.then(|| Taken::Ended(Box::new(run))))
    }

    pub(super) async fn run_item(&self, unit: &UnitId, seq: u64) -> Result<(Run, Item), LedgerError> {
        let id = RunId { unit: unit.clone(), seq };
        let item = self.get_one(keys::run(&id)).await?.ok_or(LedgerError::NoRun(id))?;
        Ok((item.decode()?, item))
    }

    /// Units that the sweep should nudge: something waits, runs or is to be logged, and nobody has looked in time.
    pub async fn forgotten(&self, limit: usize) -> Result<Vec<UnitId>, LedgerError> {
        let keys = self.store.due(self.clock.now(), limit).await?;
        Ok(keys.iter().filter_map(keys::unit_of_state).collect())
    }
}

/// The end of a run whose workers died, and those that were to read what it wrote as well: nobody has read it.
pub(super) fn given_up(state: &UnitState) -> Ending {
    Ending::given_up(state.running.as_ref().map_or(0, Lease::deaths_by_now))
}

/// A put of the domain's gate, as it was read together with a unit.
pub(super) fn put_gate(read: &Read, domain: &DomainState) -> Result<Write, LedgerError> {
    put_gate_of(&read.unit.domain, domain, read.domain_item.as_ref())
}

/// A put of a domain's gate, due when the sweep should look.
pub(super) fn put_gate_of(name: &str, domain: &DomainState, read: Option<&Item>) -> Result<Write, LedgerError> {
    Ok(Write::put(keys::gate(name), domain, Expect::as_read(read))?.due(domain.due()))
}
