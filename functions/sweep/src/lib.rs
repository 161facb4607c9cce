//! Once a minute: nudge the units that nobody has looked at in time.
//!
//! A nudge may be lost, a worker may die, a deadline may pass with nobody awake. The table knows: a unit's state is due
//! when something waits, runs or is still to be logged and its time has come. The sweep nudges; the worker does the rest.
//! What a unit's owner is to be told stands there too, and the sweep tells it (`notify`).

pub mod config;
mod notify;

use std::sync::Arc;

use model::ids::UnitId;
use model::ledger::{Ledger, LedgerError};
use model::notice::{self, Notice};
use model::ports::{Messenger, Nudge, Nudges, Vault};
use model::unit::Unit;

/// What sweep may use.
#[derive(Clone)]
pub struct Deps {
    /// Units and their due times.
    pub ledger: Ledger,
    /// The queue.
    pub nudges: Arc<dyn Nudges>,
    /// The URLs that notices go to.
    pub vault: Arc<dyn Vault>,
    /// The way there.
    pub messenger: Arc<dyn Messenger>,
}

/// Most units in one sweep; the rest is due still and comes with the next.
const MOST: usize = 500;

/// Most nudges for one unit in one sweep: as many requests as a wait limit serves by default. Where the nudges of more
/// were lost, the next sweep sends more.
const MOST_OF_UNIT: usize = 50;

/// Most units whose notices are told in one sweep; the rest comes with the next.
const MOST_TOLD: usize = 30;

/// Nudges what is due, and tells what owners are to be told; answers how many units that were.
///
/// A nudge takes one run further, so a unit whose nudges are all lost gets one for each request that waits: with a single
/// one the others would wait for further sweeps, and most beyond their wait limit. One too many does nothing.
pub async fn sweep(deps: &Deps) -> Result<usize, LedgerError> {
    let units = deps.ledger.forgotten(MOST).await?;
    let (mut nudged, mut telling) = (0, Vec::new());
    for id in units {
        match look(deps, &id).await {
            Ok((sent, told)) => {
                nudged += usize::from(sent);
                telling.extend(told);
            }
            Err(error) => tracing::warn!(unit = %id, error, "a due unit is not nudged; the next sweep tries again"),
        }
    }
    // Nudges first: a webhook that is slow to answer keeps no run waiting.
    for (unit, notices) in telling.into_iter().take(MOST_TOLD) {
        notify::tell(deps, &unit, &notices).await;
    }
    Ok(nudged)
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
