//! Keeping a run while it is worked on: its lease and its nudge.

use std::sync::atomic::{AtomicBool, Ordering};

use model::ledger::{LedgerError, Ticket};

use super::{Hold, Stop};
use crate::Deps;

/// Renews lease and nudge together, three times in a lease; returns when the run is no longer this worker's.
///
/// Where the run waited for something outside, it is noted when it has written something again.
pub(super) async fn renew(deps: &Deps, ticket: &Ticket, hold: &dyn Hold, wrote: &AtomicBool) -> Stop {
    let mut waits = ticket.awaits.is_some();
    let clock = deps.ledger.clock();
    let lease = ticket.unit.limits.lease();
    let mut until = clock.now() + lease;
    hold.hide(lease).await;
    loop {
        clock.sleep_until(clock.now() + lease / 3).await;
        let asked = clock.now();
        match deps.ledger.renew(ticket).await {
            Ok(()) => until = asked + lease,
            Err(LedgerError::Superseded(_) | LedgerError::ReservationLapsed(_)) => return Stop::Superseded,
            // The store may answer again before the lease is over; after it, somebody else may be running.
            Err(error) => tracing::warn!(run = %ticket.run.id, %error, "lease not renewed"),
        }
        if waits && wrote.load(Ordering::Relaxed) {
            waits = deps.ledger.goes_on(ticket).await.is_err();
        }
        if clock.now() >= until {
            return Stop::Superseded;
        }
        hold.hide(lease).await;
    }
}
