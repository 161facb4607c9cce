//! Once a minute: enter the schedules that have fallen due, and nudge the units that nobody has looked at in time.
//!
//! A schedule is due when its instant has come; the ledger makes it a run in its domain's row. A nudge may be lost, a worker
//! may die, a deadline may pass with nobody awake. The table knows: a unit's state is due when something waits, runs or is
//! still to be logged and its time has come. The sweep enters and nudges; the worker does the rest.
//! What a unit's owner is to be told stands there too, and the sweep tells it (`notify`).

pub mod config;
mod notify;
mod senders;

pub use senders::Senders;

use std::sync::Arc;
use std::time::Duration;

use model::clock::Timestamp;
use model::ids::UnitId;
use model::ledger::{Ledger, LedgerError};
use model::notice::{self, Notice};
use model::ports::{Nudge, Nudges};
use model::turns;
use model::unit::Unit;

/// What sweep may use.
#[derive(Clone)]
pub struct Deps {
    /// Units and their due times.
    pub ledger: Ledger,
    /// The queue.
    pub nudges: Arc<dyn Nudges>,
    /// The ways to whom is told.
    pub senders: Senders,
}

/// Most due items that a sweep knows of, units and schedules: a bound for its memory (some ten megabytes of keys), and
/// more than an installation has.
const MOST_DUE: usize = 100_000;

/// For how long a sweep nudges units: half of the minute that it has, the rest is for schedules and for telling. Who has
/// not had its turn is due still.
const NUDGING: Duration = Duration::from_secs(30);

/// Units that a sweep is sure to look at within that time: two reads and a message each are tens of milliseconds. Where
/// more are due, each sweep begins behind those: units that stay due, because nothing takes their log records, must not keep
/// others from their turn.
const SURE: usize = 500;

/// Most nudges for one unit in one sweep: as many requests as a wait limit serves by default. Where the nudges of more
/// were lost, the next sweep sends more.
const MOST_OF_UNIT: usize = 50;

/// Most units whose notices are told in one sweep; the rest comes with the next.
const MOST_TOLD: usize = 30;

/// What a sweep has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Units that were nudged.
    pub units: usize,
    /// Nudges sent for scheduled runs.
    pub scheduled: usize,
    /// Units and schedules with which it did not work; they are logged, and due still.
    pub failed: usize,
}

/// Enters and nudges what is due, and tells what owners are to be told.
///
/// What fails does not keep the rest from its turn: neither one unit or schedule the others, nor all schedules the units.
/// An error says that one of the two could not be looked for at all; the other has been done all the same.
pub async fn sweep(deps: &Deps) -> Result<Swept, LedgerError> {
    let mut swept = Swept::default();
    // Looked for before schedules are entered, which writes the states of units and may put their due times off.
    let units = deps.ledger.forgotten(MOST_DUE).await.map(|units| in_turn(deps.ledger.clock().now(), units));
    // Done first: a start is late by as much as it waits here.
    let schedules = enter_schedules(deps, &mut swept).await;
    let telling = nudge_units(deps, units.as_deref().unwrap_or_default(), &mut swept).await;
    // Nudges first: a webhook that is slow to answer keeps no run waiting.
    for (unit, notices) in telling.into_iter().take(MOST_TOLD) {
        notify::tell(deps, &unit, &notices).await;
    }
    schedules.and(units).map(|_| swept)
}

async fn enter_schedules(deps: &Deps, swept: &mut Swept) -> Result<(), LedgerError> {
    let fallen = deps.ledger.fall_due(MOST_DUE).await.inspect_err(|error| {
        tracing::error!(%error, "schedules are not looked at; the next sweep tries again");
    })?;
    for (schedule, error) in fallen.failed {
        swept.failed += 1;
        tracing::warn!(schedule, %error, "a due schedule is not entered; the next sweep tries again");
    }
    for nudge in fallen.nudges {
        match deps.nudges.nudge(&nudge).await {
            Ok(()) => swept.scheduled += 1,
            Err(error) => {
                swept.failed += 1;
                tracing::warn!(domain = nudge.domain, %error, "scheduled runs are not nudged; a later sweep tries again");
            }
        }
    }
    Ok(())
}

/// Units in the order in which this sweep looks at them: earliest due first, and where they may be too many for it, from
/// another place each minute, so that within some minutes each has its turn.
fn in_turn(now: Timestamp, mut units: Vec<UnitId>) -> Vec<UnitId> {
    let begin = turns::begin(now, units.len(), SURE);
    units.rotate_left(begin);
    units
}

/// A nudge takes one run further, so a unit whose nudges are all lost gets one for each request that waits: with a single
/// one the others would wait for further sweeps, and most beyond their wait limit. One too many does nothing.
///
/// Answers what is to be told.
async fn nudge_units(deps: &Deps, units: &[UnitId], swept: &mut Swept) -> Vec<(Unit, Vec<Notice>)> {
    let mut telling = Vec::new();
    let clock = deps.ledger.clock();
    let until = clock.now() + NUDGING;
    for (n, id) in units.iter().enumerate() {
        if clock.now() >= until {
            tracing::warn!(left = units.len() - n, "not all due units are looked at in time; the next sweep goes on");
            break;
        }
        match look(deps, id).await {
            Ok((sent, told)) => {
                swept.units += usize::from(sent);
                telling.extend(told);
            }
            Err(error) => {
                swept.failed += 1;
                tracing::warn!(unit = %id, error, "a due unit is not nudged; the next sweep tries again");
            }
        }
    }
    telling
}

/// Nudges a due unit, if it has anything to do beside its notices; answers whether, and the notices.
async fn look(deps: &Deps, id: &UnitId) -> Result<(bool, Option<(Unit, Vec<Notice>)>), String> {
    let unit = deps.ledger.unit(id).await.map_err(|e| e.to_string())?;
    let state = deps.ledger.state(id).await.map_err(|e| e.to_string())?;
    let notices = notice::to_tell(deps.ledger.clock().now(), &state.notices);
    let nudges = match state.nudges() {
        0 if !notices.is_empty() => 0,
        // Due at first and at rest by now: somebody was faster, and one nudge harms nobody.
        nudges => nudges.clamp(1, MOST_OF_UNIT),
    };
    let nudge = Nudge::new(unit.domain.clone(), unit.id.clone());
    for _ in 0..nudges {
        deps.nudges.nudge(&nudge).await.map_err(|e| e.to_string())?;
    }
    Ok((nudges > 0, (!notices.is_empty()).then_some((unit, notices))))
}

#[cfg(test)]
mod tests;
