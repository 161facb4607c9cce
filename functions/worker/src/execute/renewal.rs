//! Keeping a run while it is worked on: its lease and its nudge.

use std::sync::atomic::{AtomicBool, Ordering};

use model::clock::{Clock, Timestamp};
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
    let mut until = ticket.until;
    if lapses(clock.as_ref(), until, hold.hide(lease)).await.is_none() {
        return Stop::Superseded;
    }
    loop {
        clock.sleep_until(clock.now() + lease / 3).await;
        let asked = clock.now();
        match lapses(clock.as_ref(), until, deps.ledger.renew(ticket)).await {
            Some(Ok(())) => until = asked + lease,
            Some(Err(LedgerError::Superseded(_) | LedgerError::ReservationLapsed(_))) | None => {
                return Stop::Superseded;
            }
            // The store may answer again before the lease is over; after it, somebody else may be running.
            Some(Err(error)) => tracing::warn!(run = %ticket.run.id, %error, "lease not renewed"),
        }
        if waits && wrote.load(Ordering::Relaxed) {
            let noted = lapses(clock.as_ref(), until, deps.ledger.goes_on(ticket)).await;
            waits = !matches!(noted, Some(Ok(())));
        }
        if lapses(clock.as_ref(), until, hold.hide(lease)).await.is_none() {
            return Stop::Superseded;
        }
    }
}

/// What an access comes to; `None` where the lease is over before it answers, or already: a store that hangs must not let
/// the work go on past it.
async fn lapses<T>(clock: &dyn Clock, until: Timestamp, access: impl Future<Output = T>) -> Option<T> {
    if clock.now() >= until {
        return None;
    }
    tokio::select! {
        biased;
        done = access => Some(done),
        () = clock.sleep_until(until) => None,
    }
}
