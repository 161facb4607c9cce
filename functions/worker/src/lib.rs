//! One nudge: gate, flows in order, log.
//!
//! [`handle`] is the whole of it; main.rs hosts it on Lambda, `suiro serve` in a process. `execute` runs one run,
//! `flow_run` one flow (also behind `suiro flow run`), `log` writes the log app and keeps the fence.

mod attachments;
pub mod config;
pub mod counted;
pub mod error_app;
mod execute;
pub mod files;
pub mod flow_run;
pub mod hosting;
mod journal;
mod log;
pub mod log_app;
pub mod observer;
pub mod outside;
pub mod packing;
pub mod refused;
mod staging;
mod told;
pub mod undo;
pub mod writing;

use std::pin::Pin;
use std::sync::Arc;

use connect::kintone::{Class, KintoneError};
use model::clock::Timestamp;
use model::ids::{RunId, UnitId};
use model::ledger::{Ledger, LedgerError, Taken};
use model::ports::{Hide, Nudge, Nudges, Vault};
use model::run::Method;
use model::store::StoreError;
use model::turns;
use model::unit::Unit;

pub use crate::execute::{Hold, NoHold};
use crate::observer::{Happening, Observer};
use crate::outside::{Outside, OutsideError};

/// What worker may use.
#[derive(Clone)]
pub struct Deps {
    /// Units, runs, gates.
    pub ledger: Ledger,
    /// Credentials.
    pub vault: Arc<dyn Vault>,
    /// kintone.
    pub connector: connect::kintone::Connector,
    /// Files of units.
    pub files: connect::storage::Storage,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
    /// Nudges for units that a run has called.
    pub nudges: Arc<dyn Nudges>,
    /// Wakes parked nudges.
    pub wake: Arc<dyn Hide>,
}

/// What becomes of a nudge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It is used up.
    Done,
    /// It is to come back at this instant.
    Park(Timestamp),
}

/// Handles one nudge: at most one run is run. `owner` names this worker's try, `hold` keeps the nudge hidden meanwhile.
///
/// An error means that the nudge is to come back soon: the store did not answer. Nothing is lost by it.
///
/// The future is boxed: it is large, and hosts spawn it.
pub fn handle<'a>(
    deps: &'a Deps,
    nudge: &'a Nudge,
    owner: &'a str,
    hold: &'a dyn Hold,
) -> Pin<Box<dyn Future<Output = Result<Handled, LedgerError>> + Send + 'a>> {
    Box::pin(handle_nudge(deps, nudge, owner, hold))
}

async fn handle_nudge(deps: &Deps, nudge: &Nudge, owner: &str, hold: &dyn Hold) -> Result<Handled, LedgerError> {
    let (unit, domain) = (&nudge.unit, nudge.domain.as_str());
    loop {
        let taken = match nudge.scheduled {
            true => deps.ledger.take_scheduled(domain, owner).await,
            false => deps.ledger.take_waking(unit, domain, owner, hold.handle()).await,
        };
        match taken {
            Ok(Taken::Idle(to_log)) => {
                log_ended(deps, unit, &to_log).await;
                return Ok(Handled::Done);
            }
            Ok(Taken::Wait { note, to_log }) => {
                deps.observer.tell(&Happening::Waits { unit: unit.clone(), note });
                log_ended(deps, unit, &to_log).await;
                return Ok(Handled::Park(note.until));
            }
            Ok(Taken::Ended(run)) => {
                deps.observer.tell(&Happening::Ended(run.clone()));
                log_ended(deps, &run.id.unit, &[run.id.seq]).await;
            }
            Ok(Taken::Run(ticket)) => {
                deps.observer.tell(&Happening::Starts(ticket.clone()));
                return execute::execute(deps, &ticket, hold).await;
            }
            Err(LedgerError::NoUnit(unit)) => {
                tracing::warn!(%unit, "a nudge for a unit that is gone");
                return Ok(Handled::Done);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Most log records that are made up for with one nudge: a log app that was away for long must not keep runs waiting.
const LOGGED_AT_ONCE: usize = 20;
/// How many of them may fail because something does not answer, before the rest is left for the next nudge.
const AWAY_AT_ONCE: usize = 3;

/// Writes the log records of runs that ended without one. What cannot be written now stays on the unit's list, and keeps no
/// others from being tried: not those behind it, and where they are too many for once not those that are tried next.
async fn log_ended(deps: &Deps, unit: &UnitId, seqs: &[u64]) {
    let begin = turns::begin(deps.ledger.clock().now(), seqs.len(), LOGGED_AT_ONCE);
    let mut away = 0;
    for seq in seqs.iter().cycle().skip(begin).take(seqs.len().min(LOGGED_AT_ONCE)) {
        let id = RunId { unit: unit.clone(), seq: *seq };
        let Err(error) = log_one(deps, &id).await else { continue };
        tracing::warn!(run = %id, %error, "log record not written; the sweep will come back to it");
        away += usize::from(is_away(&*error));
        if away == AWAY_AT_ONCE {
            return;
        }
    }
}

/// Whether kintone, the vault or the table does not answer for now: others would wait for the same.
fn is_away(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let kintone = error.downcast_ref::<KintoneError>();
    let kintone = kintone.is_some_and(|error| error.class == Class::Unknown || error.class.is_temporary());
    let outside = matches!(error.downcast_ref(), Some(OutsideError::Later(_)));
    kintone || outside || matches!(error.downcast_ref(), Some(LedgerError::Store(StoreError::Unavailable(_))))
}

async fn log_one(deps: &Deps, id: &RunId) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let unit = deps.ledger.unit(&id.unit).await?;
    let run = match deps.ledger.run(id).await {
        Err(LedgerError::NoRun(_)) => {
            tracing::warn!(run = %id, "the run expired before its log record could be written: it gets none");
            return Ok(deps.ledger.expired_unlogged(id).await?);
        }
        run => run?,
    };
    if run.trigger.method == Method::Flood {
        return log_flood(deps, &unit, id).await;
    }
    if let Some(app) = unit.log_app {
        let outside = Outside::open(deps, &unit).await?;
        log::write_ended(&outside.kintone, deps.ledger.clock().as_ref(), app, &unit, &run).await?;
    }
    Ok(deps.ledger.logged(&id.unit, id.seq).await?)
}

/// Writes the log record of a flood, from time to time and when it is over. Until then it stays on the unit's list.
async fn log_flood(deps: &Deps, unit: &Unit, id: &RunId) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let Some(told) = deps.ledger.flood_to_tell(id).await? else { return Ok(()) };
    if let Some(app) = unit.log_app {
        let outside = Outside::open(deps, unit).await?;
        log::write_ended(&outside.kintone, deps.ledger.clock().as_ref(), app, unit, &told.run).await?;
    }
    Ok(deps.ledger.flood_told(&told).await?)
}
