//! Once a minute: nudge the units that nobody has looked at in time.
//!
//! A nudge may be lost, a worker may die, a deadline may pass with nobody awake. The table knows: a unit's state is due
//! when something waits, runs or is still to be logged and its time has come. The sweep nudges; the worker does the rest.

pub mod config;

use std::sync::Arc;

use model::ledger::{Ledger, LedgerError};
use model::ports::{Nudge, Nudges};

/// What sweep may use.
#[derive(Clone)]
pub struct Deps {
    /// Units and their due times.
    pub ledger: Ledger,
    /// The queue.
    pub nudges: Arc<dyn Nudges>,
}

/// Most units in one sweep; the rest is due still and comes with the next.
const MOST: usize = 500;

/// Nudges what is due; answers how many units that were.
pub async fn sweep(deps: &Deps) -> Result<usize, LedgerError> {
    let units = deps.ledger.forgotten(MOST).await?;
    let mut nudged = 0;
    for id in units {
        let unit = match deps.ledger.unit(&id).await {
            Ok(unit) => unit,
            Err(error) => {
                tracing::warn!(unit = %id, %error, "a due unit cannot be read");
                continue;
            }
        };
        match deps.nudges.nudge(&Nudge::new(unit.domain, unit.id)).await {
            Ok(()) => nudged += 1,
            Err(error) => tracing::warn!(unit = %id, %error, "nudge not sent; the next sweep tries again"),
        }
    }
    Ok(nudged)
}
