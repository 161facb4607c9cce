//! Taking, renewing and ending runs: what a worker does with a nudge.

use super::{Ledger, LedgerError, RACES};
use crate::catalogue::{self, Code};
use crate::clock::Timestamp;
use crate::gate::{self, Decision};
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::limits;
use crate::run::{Ending, Run, RunState};
use crate::store::{Expect, Item, Write};
use crate::unit::{DomainState, Lease, Unit, UnitState, WaitNote};

/// A worker's right to one run.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The unit as it was when the run was taken.
    pub unit: Unit,
    /// The run.
    pub run: Run,
    /// Who took it.
    pub owner: String,
    /// True where a worker before this one had it and is gone.
    pub resumed: bool,
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

struct Read {
    unit: Unit,
    state: UnitState,
    state_item: Item,
    domain: DomainState,
    domain_item: Option<Item>,
}

impl Ledger {
    async fn read(&self, id: &UnitId, domain: &str) -> Result<Read, LedgerError> {
        let wanted = [keys::unit(id), keys::state(id), keys::gate(domain)];
        let [unit, state, gate] = <[Option<Item>; 3]>::try_from(self.store.get(&wanted).await?)
            .map_err(|_| crate::store::StoreError::Corrupt("three items were asked for".into()))?;
        let no_unit = || LedgerError::NoUnit(id.clone());
        let state_item = state.ok_or_else(no_unit)?;
        Ok(Read {
            unit: unit.ok_or_else(no_unit)?.decode()?,
            state: state_item.decode()?,
            state_item,
            domain: gate.as_ref().map(Item::decode).transpose()?.unwrap_or_default(),
            domain_item: gate,
        })
    }

    /// Takes the unit's next step: starts or resumes a run, or says why not.
    pub async fn take(&self, id: &UnitId, domain: &str, owner: &str) -> Result<Taken, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let read = self.read(id, domain).await?;
            let taken = match gate::decide(now, &read.state, &read.domain, &read.unit.limits, owner) {
                Decision::Idle => Some(Taken::Idle(read.state.to_log.clone())),
                Decision::Start(state) => self.start(now, &read, *state, false, round).await?,
                Decision::Resume(state) => self.start(now, &read, *state, true, round).await?,
                Decision::Wait { state, note } => {
                    let told = read.state.wait == Some(note);
                    let write = self.put_state(id, &state, &read.state_item, now)?;
                    let to_log = read.state.to_log.clone();
                    (told || self.won(vec![write], round).await?).then_some(Taken::Wait { note, to_log })
                }
                Decision::TimedOut { state, seq } => {
                    let end = (RunState::TimedOut, catalogue::TIMED_OUT);
                    self.end_unrun(now, &read, *state, seq, end, round).await?
                }
                Decision::GiveUp { state, seq } => {
                    let end = (RunState::Uncertain, catalogue::WORKER_DIED);
                    self.end_unrun(now, &read, *state, seq, end, round).await?
                }
            };
            if let Some(taken) = taken {
                return Ok(taken);
            }
        }
        Err(Self::too_many_races())
    }

    async fn start(
        &self,
        now: Timestamp,
        read: &Read,
        state: UnitState,
        resumed: bool,
        round: u32,
    ) -> Result<Option<Taken>, LedgerError> {
        let Some(lease) = state.running.clone() else { return Ok(None) };
        let (mut run, run_item) = self.run_item(&read.unit.id, lease.seq).await?;
        run.state = RunState::Running;
        run.attempt = lease.attempt;
        run.started_at = run.started_at.or(Some(now));
        run.waited = run.waited.or(read.state.wait);
        let writes = vec![
            self.put_state(&read.unit.id, &state, &read.state_item, now)?,
            Write::put(keys::run(&run.id), &run, Expect::Version(run_item.version))?,
            put_domain(read, now, Some((&run.id, lease.until)), &run.id)?,
        ];
        if !self.won(writes, round).await? {
            return Ok(None);
        }
        let ticket = Ticket { unit: read.unit.clone(), run, owner: lease.owner, resumed };
        Ok(Some(Taken::Run(Box::new(ticket))))
    }

    /// Ends a run without running it (again).
    async fn end_unrun(
        &self,
        now: Timestamp,
        read: &Read,
        state: UnitState,
        seq: u64,
        (end, code): (RunState, Code),
        round: u32,
    ) -> Result<Option<Taken>, LedgerError> {
        let (mut run, run_item) = self.run_item(&read.unit.id, seq).await?;
        run.state = end;
        run.code = Some(code);
        run.ended_at = Some(now);
        let put = Write::put(keys::run(&run.id), &run, Expect::Version(run_item.version))?;
        let writes = vec![
            self.put_state(&read.unit.id, &state, &read.state_item, now)?,
            put.expiring(now + limits::RUN_KEPT),
            put_domain(read, now, None, &run.id)?,
        ];
        Ok(self.won(writes, round).await?.then(|| Taken::Ended(Box::new(run))))
    }

    async fn run_item(&self, unit: &UnitId, seq: u64) -> Result<(Run, Item), LedgerError> {
        let id = RunId { unit: unit.clone(), seq };
        let item = self.get_one(keys::run(&id)).await?.ok_or(LedgerError::NoRun(id))?;
        Ok((item.decode()?, item))
    }

    /// Renews the lease. `Superseded` where another worker has taken the run up: stop at once.
    pub async fn renew(&self, ticket: &Ticket) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            let until = now + ticket.unit.limits.lease();
            ticket.own(&mut read.state)?.until = until;
            let writes = vec![
                self.put_state(&ticket.unit.id, &read.state, &read.state_item, now)?,
                put_domain(&read, now, Some((&ticket.run.id, until)), &ticket.run.id)?,
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

    /// Ends the run: its record, the unit's lock and the domain's entry in one transaction.
    ///
    /// `logged` says that its log record is already written; else the run stays on the unit's list of those to log.
    /// Where it succeeded, what its flows have called is requested in the same transaction.
    pub async fn end(&self, ticket: &Ticket, ending: &Ending, logged: bool) -> Result<Run, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let mut read = self.read(&ticket.unit.id, &ticket.unit.domain).await?;
            ticket.own(&mut read.state)?;
            read.state.running = None;
            if !logged {
                read.state.to_log.push(ticket.run.id.seq);
                let most = limits::MOST_TO_LOG;
                let over = read.state.to_log.len().saturating_sub(most);
                read.state.to_log.drain(..over); // weeks without a log app: the state must stay writable
            }
            let (mut run, run_item) = self.run_item(&ticket.unit.id, ticket.run.id.seq).await?;
            run.state = ending.state;
            run.code = ending.code;
            run.message.clone_from(&ending.message);
            run.flows.clone_from(&ending.flows);
            run.ended_at = Some(now);
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
                put_domain(&read, now, None, &run.id)?,
            ];
            writes.extend(called.writes);
            if self.won(writes, round).await? {
                return Ok(run);
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
            state.to_log.retain(|s| *s != seq);
            if self.won(vec![self.put_state(unit, &state, &item, now)?], round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }

    /// Units that the sweep should nudge: something waits, runs or is to be logged, and nobody has looked in time.
    pub async fn forgotten(&self, limit: usize) -> Result<Vec<UnitId>, LedgerError> {
        let keys = self.store.due(self.clock.now(), limit).await?;
        Ok(keys.iter().filter_map(keys::unit_of_state).collect())
    }
}

impl Ticket {
    /// The lease in the state, if it is still this ticket's.
    fn own<'a>(&self, state: &'a mut UnitState) -> Result<&'a mut Lease, LedgerError> {
        state
            .running
            .as_mut()
            .filter(|l| l.seq == self.run.id.seq && l.owner == self.owner && l.attempt == self.run.attempt)
            .ok_or_else(|| LedgerError::Superseded(self.run.id.clone()))
    }
}

/// The domain's entry of a run, set or removed; entries whose lease has lapsed go with it.
fn put_domain(
    read: &Read,
    now: Timestamp,
    reader: Option<(&RunId, Timestamp)>,
    run: &RunId,
) -> Result<Write, LedgerError> {
    let mut domain = read.domain.clone();
    domain.readers.retain(|id, until| id != run && *until > now);
    domain.scheduled.retain(|_, until| *until > now);
    domain.writing.retain(|id, r| r.until > now && (reader.is_some() || id != run));
    if let Some((id, until)) = reader {
        domain.readers.insert(id.clone(), until);
    }
    let expect = Expect::as_read(read.domain_item.as_ref());
    Ok(Write::put(keys::gate(&read.unit.domain), &domain, expect)?)
}
