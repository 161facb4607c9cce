//! Once a minute: nudge the units that nobody has looked at in time.
//!
//! A nudge may be lost, a worker may die, a deadline may pass with nobody awake. The table knows: a unit's state is due
//! when something waits, runs or is still to be logged and its time has come. The sweep nudges; the worker does the rest.

pub mod config;

use std::sync::Arc;

use model::ids::UnitId;
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

/// Most nudges for one unit in one sweep: as many requests as a wait limit serves by default. Where the nudges of more
/// were lost, the next sweep sends more.
const MOST_OF_UNIT: usize = 50;

/// Nudges what is due; answers how many units that were.
///
/// A nudge takes one run further, so a unit whose nudges are all lost gets one for each request that waits: with a single
/// one the others would wait for further sweeps, and most beyond their wait limit. One too many does nothing.
pub async fn sweep(deps: &Deps) -> Result<usize, LedgerError> {
    let units = deps.ledger.forgotten(MOST).await?;
    let mut nudged = 0;
    for id in units {
        match nudge(deps, &id).await {
            Ok(()) => nudged += 1,
            Err(error) => tracing::warn!(unit = %id, error, "a due unit is not nudged; the next sweep tries again"),
        }
    }
    Ok(nudged)
}

async fn nudge(deps: &Deps, id: &UnitId) -> Result<(), String> {
    let unit = deps.ledger.unit(id).await.map_err(|e| e.to_string())?;
    let state = deps.ledger.state(id).await.map_err(|e| e.to_string())?;
    let nudge = Nudge::new(unit.domain, unit.id);
    // Due at first and at rest by now: somebody was faster, and one nudge harms nobody.
    for _ in 0..state.nudges().clamp(1, MOST_OF_UNIT) {
        deps.nudges.nudge(&nudge).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use async_trait::async_trait;
    use model::clock::{ManualClock, Timestamp};
    use model::ledger::{NewUnit, Request, Taken};
    use model::limits::UnitLimits;
    use model::ports::NudgeError;
    use model::run::{Ending, Method, Payload, RunState, Trigger};
    use model::store::memory::MemoryStore;
    use model::unit::Unit;

    use super::*;

    #[derive(Default)]
    struct Sent(Mutex<Vec<Nudge>>);

    #[async_trait]
    impl Nudges for Sent {
        async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
            self.0.lock().expect("unpoisoned").push(nudge.clone());
            Ok(())
        }
    }

    fn unit(domain: &str) -> Unit {
        let limits = UnitLimits { starts: 100, ..UnitLimits::default() };
        Unit { limits, ..Unit::new(domain, "受注処理", 1, "c") }
    }

    fn request() -> Request {
        let trigger = Trigger { user: "sato".into(), ..Trigger::new(Method::Api, 1) };
        Request { trigger, payload: Payload::default(), again_of: None }
    }

    #[tokio::test]
    async fn every_request_whose_nudge_was_lost_gets_one() {
        let clock = Arc::new(ManualClock::new(Timestamp(1_800_000_000_000)));
        let ledger = Ledger::new(Arc::new(MemoryStore::new(clock.clone())), clock.clone());
        let sent = Arc::new(Sent::default());
        let deps = Deps { ledger: ledger.clone(), nudges: sent.clone() };
        let new = NewUnit { unit: unit("example.cybozu.com"), flows: Vec::new() };
        let (id, _) = ledger.add_unit(new).await.expect("a unit");
        let unit = ledger.unit(&id).await.expect("the unit");
        ledger.admit(&unit, None, &vec![request(); 7], true).await.expect("admitted");
        assert_eq!(sweep(&deps).await, Ok(0), "their nudges may still come");
        clock.advance(Duration::from_secs(61));
        assert_eq!(sweep(&deps).await, Ok(1));
        let nudges = std::mem::take(&mut *sent.0.lock().expect("unpoisoned"));
        assert_eq!(nudges, vec![Nudge::new("example.cybozu.com", id.clone()); 7]);
        for nudge in nudges {
            let taken = ledger.take(&id, &nudge.domain, "w").await.expect("taken");
            let Taken::Run(ticket) = taken else { panic!("each nudge takes one run: {taken:?}") };
            let ending = Ending { state: RunState::Succeeded, code: None, message: String::new(), flows: Vec::new() };
            ledger.end(&ticket, &ending, true).await.expect("ended");
        }
        clock.advance(Duration::from_secs(3600));
        assert_eq!(sweep(&deps).await, Ok(0), "all is done");
        for _ in 0..=MOST_OF_UNIT {
            ledger.admit(&unit, None, &[request()], true).await.expect("admitted");
        }
        clock.advance(Duration::from_secs(61));
        assert_eq!(sweep(&deps).await, Ok(1));
        assert_eq!(sent.0.lock().expect("unpoisoned").len(), MOST_OF_UNIT);
    }
}
