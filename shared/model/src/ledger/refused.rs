//! Refused calls: noted for a process that counted them, found to be a flood, and told as one run.

use super::{Ledger, LedgerError, RACES};
use crate::catalogue;
use crate::clock::Timestamp;
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::limits;
use crate::notice::{self, About};
use crate::refusals::{self, Counts, Flood, Refusals};
use crate::run::{Method, Run, RunState, Trigger};
use crate::store::{Expect, Item, Write};
use crate::unit::{Disabled, Unit, UnitState};

/// What a process learns when it has noted refused calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedNoted {
    /// The run that stands for the flood that the unit is in.
    pub flood: Option<RunId>,
    /// Whether a flood was found just now.
    pub begun: bool,
    /// Whether the unit was switched off just now.
    pub switched_off: bool,
}

/// A flood whose log record is to be written now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FloodToTell {
    /// The run that stands for it, as it is to be told.
    pub run: Run,
    flood: Flood,
}

impl Ledger {
    /// What is kept of a unit's refused calls.
    pub async fn refusals(&self, unit: &UnitId) -> Result<Refusals, LedgerError> {
        Ok(self.refusals_item(unit).await?.0)
    }

    async fn refusals_item(&self, unit: &UnitId) -> Result<(Refusals, Option<Item>), LedgerError> {
        let item = self.get_one(keys::refusals(unit)).await?;
        Ok((item.as_ref().map(Item::decode).transpose()?.unwrap_or_default(), item))
    }

    /// Notes calls that a process has refused: one read and one write of a small item, however many they are. Where they
    /// make a flood, its run is made; where they are as many as the unit's setting names, the unit is switched off: each
    /// in the same commit.
    pub async fn note_refused(&self, unit: &Unit, more: &Counts) -> Result<RefusedNoted, LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let (before, item) = self.refusals_item(&unit.id).await?;
            let refusals::Noted { refusals: mut after, begins, crowds, disables, tells_dead } =
                refusals::note(now, &before, more, unit.doors.disable_after.as_ref());
            let mut writes = Vec::new();
            let mut noted = RefusedNoted { begun: begins.is_some(), ..RefusedNoted::default() };
            if begins.is_some() || crowds.is_some() || disables.is_some() || tells_dead {
                let no_unit = || LedgerError::NoUnit(unit.id.clone());
                let state_item = self.get_one(keys::state(&unit.id)).await?.ok_or_else(no_unit)?;
                let mut state: UnitState = state_item.decode()?;
                if let Some(refusals) = disables.filter(|_| state.enabled) {
                    state.enabled = false;
                    state.disabled = Some(Disabled { at: now, refusals: Some(refusals) });
                    noted.switched_off = true;
                    let code = Some(catalogue::UNIT_SWITCHED_OFF);
                    notice::note(now, &mut state.notices, About::SwitchedOff, code, None);
                }
                if tells_dead {
                    notice::note(now, &mut state.notices, About::DeadUrl, Some(catalogue::URL_DEAD), None);
                }
                state.crowded_until = crowds.or(state.crowded_until);
                let puts_off = begins.is_none() && state.running.is_none() && state.waiting.is_empty();
                if let Some((first, counts)) = begins {
                    let flood = begin(now, &mut state, first, counts);
                    let run = flood_run(unit, &flood, now);
                    let code = Some(catalogue::UNIT_FLOOD);
                    notice::note(now, &mut state.notices, About::Flood, code, Some(flood.seq));
                    let put = Write::put(keys::run(&run.id), &run, Expect::Absent)?;
                    writes.push(put.expiring(now + limits::RUN_KEPT));
                    after.flood = Some(flood);
                    after.window = None;
                }
                let put = self.put_state(&unit.id, &state, &state_item, now)?;
                // A crowd writes this again and again, and must not put off what is still to be logged.
                writes.push(if puts_off && !state.to_log.is_empty() { put.due(Some(now)) } else { put });
            }
            noted.flood = after.flood.as_ref().map(|flood| RunId { unit: unit.id.clone(), seq: flood.seq });
            writes.push(Write::put(keys::refusals(&unit.id), &after, Expect::as_read(item.as_ref()))?);
            if self.won(writes, round).await? {
                return Ok(noted);
            }
        }
        Err(Self::too_many_races())
    }

    /// The flood that this run stands for, if its log record is to be written now.
    pub async fn flood_to_tell(&self, id: &RunId) -> Result<Option<FloodToTell>, LedgerError> {
        let (refusals, _) = self.refusals_item(&id.unit).await?;
        let (mut run, _) = self.run_item(&id.unit, id.seq).await?;
        let now = self.clock.now();
        // A flood that the item no longer holds is told as its run has it.
        let flood = refusals.flood.filter(|flood| flood.seq == id.seq).or_else(|| run.flood.clone());
        let Some(mut flood) = flood.filter(|flood| flood.to_tell(now)) else { return Ok(None) };
        flood.over = flood.ebbed(now);
        flood.told = Some(now);
        show(&mut run, &flood);
        Ok(Some(FloodToTell { run, flood }))
    }

    /// Notes that the log record is written. A flood that was told to be over, and that has not grown since, is closed: the
    /// next late webhook is recorded by itself again.
    pub async fn flood_told(&self, told: &FloodToTell) -> Result<(), LedgerError> {
        let id = &told.run.id;
        for round in 0..RACES {
            let now = self.clock.now();
            let (mut refusals, refusals_item) = self.refusals_item(&id.unit).await?;
            let (mut run, run_item) = self.run_item(&id.unit, id.seq).await?;
            show(&mut run, &told.flood);
            let put = Write::put(keys::run(id), &run, Expect::Version(run_item.version))?;
            let mut writes = vec![put.expiring(now + limits::RUN_KEPT)];
            let held = refusals.flood.as_mut().filter(|flood| flood.seq == id.seq);
            let grown = held.as_ref().is_some_and(|flood| flood.counts != told.flood.counts);
            if let Some(flood) = held {
                flood.told = told.flood.told;
                if told.flood.over && !grown {
                    (refusals.flood, refusals.crowd) = (None, None);
                }
                writes.push(Write::put(keys::refusals(&id.unit), &refusals, Expect::as_read(refusals_item.as_ref()))?);
            }
            if told.flood.over && !grown {
                let no_unit = || LedgerError::NoUnit(id.unit.clone());
                let item = self.get_one(keys::state(&id.unit)).await?.ok_or_else(no_unit)?;
                let mut state: UnitState = item.decode()?;
                state.to_log.retain(|seq| *seq != id.seq);
                if state.flood == Some(id.seq) {
                    close(&mut state);
                }
                writes.push(self.put_state(&id.unit, &state, &item, now)?);
            }
            if self.won(writes, round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }
}

impl Ledger {
    /// Notes that there is nothing left of a run that could be logged: its item has expired. Where it stood for a flood,
    /// that one is closed. Changes nothing where the run is there.
    pub async fn expired_unlogged(&self, id: &RunId) -> Result<(), LedgerError> {
        for round in 0..RACES {
            let now = self.clock.now();
            let item =
                self.get_one(keys::state(&id.unit)).await?.ok_or_else(|| LedgerError::NoUnit(id.unit.clone()))?;
            let mut state: UnitState = item.decode()?;
            if !state.to_log.contains(&id.seq) || self.get_one(keys::run(id)).await?.is_some() {
                return Ok(());
            }
            let mut writes = Vec::new();
            if state.flood == Some(id.seq) {
                let (mut refusals, refusals_item) = self.refusals_item(&id.unit).await?;
                (refusals.flood, refusals.crowd) = (None, None);
                writes.push(Write::put(keys::refusals(&id.unit), &refusals, Expect::as_read(refusals_item.as_ref()))?);
                close(&mut state);
            }
            state.note_logged(id.seq);
            writes.push(self.put_state(&id.unit, &state, &item, now)?);
            if self.won(writes, round).await? {
                return Ok(());
            }
        }
        Err(Self::too_many_races())
    }
}

/// The flood that a unit is in is over.
fn close(state: &mut UnitState) {
    (state.flood, state.crowded_until) = (None, None);
    // The next flood is another cause.
    notice::over(&mut state.notices, About::Flood);
}

/// A flood takes a place in the unit's order, and the late webhooks whose log record is still to be written along.
fn begin(now: Timestamp, state: &mut UnitState, first: Timestamp, counts: Counts) -> Flood {
    let runs: Vec<u64> = std::mem::take(&mut state.late).into_iter().filter(|seq| state.to_log.contains(seq)).collect();
    state.to_log.retain(|seq| !runs.contains(seq));
    state.last += 1;
    state.to_log.push(state.last);
    state.flood = Some(state.last);
    Flood { seq: state.last, first, last: now, counts, runs, told: None, over: false }
}

/// The run that stands for a flood: it has ended before it began.
fn flood_run(unit: &Unit, flood: &Flood, now: Timestamp) -> Run {
    let mut run = Run {
        v: 1,
        id: RunId { unit: unit.id.clone(), seq: flood.seq },
        state: RunState::TimedOut,
        trigger: Trigger::new(Method::Flood, unit.app),
        queued_at: flood.first,
        deadline: now,
        started_at: None,
        ended_at: Some(now),
        attempt: 0,
        waited: None,
        log_record: None,
        code: Some(catalogue::UNIT_FLOOD),
        message: String::new(),
        flows: Vec::new(),
        again_of: None,
        schedule: None,
        calls: false,
        flood: None,
        gathered: None,
        undone_by: None,
    };
    show(&mut run, flood);
    run
}

fn show(run: &mut Run, flood: &Flood) {
    run.ended_at = Some(flood.last);
    run.message = flood.message();
    run.flood = Some(flood.clone());
}
