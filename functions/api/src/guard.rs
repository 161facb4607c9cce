//! What this process remembers of units that refuse, so that a flood costs next to no reads and writes.
//!
//! What was read for a refused call is good for refusing more calls for a second; accepted is only what was read anew.
//! Refused calls are counted here and noted in the table at the first of them, then at most once a second and unit
//! ([`model::refusals`]); a process that is frozen between two calls notes the rest with the next call that it gets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::clock::Timestamp;
use model::ids::{RunId, UnitId};
use model::ledger::{Ledger, RefusedNoted};
use model::refusals::{Cause, Counts, FLUSH_EVERY, Tally};
use model::secret_url::Secret;
use model::unit::Unit;

use crate::door::Opened;

/// Most secrets of which something is remembered; beyond it all is read anew, and nothing is lost.
const MOST_REMEMBERED: usize = 1_000;
/// Most notifications of one secret that are remembered as seen.
const MOST_SEEN: usize = 1_000;

/// The memory of a process.
#[derive(Debug, Default)]
pub struct Guard(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    /// By the secret's hash.
    recent: HashMap<String, Recent>,
    /// By the secret's hash.
    tokens: HashMap<String, Issued>,
    tallies: HashMap<UnitId, (Arc<Unit>, Tally)>,
}

#[derive(Debug)]
struct Recent {
    at: Timestamp,
    opened: Arc<Opened>,
    seen: HashMap<String, RunId>,
}

/// An access token that this process gave out a moment ago.
#[derive(Clone, Debug)]
pub struct Issued {
    /// When.
    pub at: Timestamp,
    /// It.
    pub token: Secret,
    /// Until when it is good.
    pub until: Timestamp,
    /// Whom it was given to.
    pub opened: Arc<Opened>,
}

fn fresh(at: Timestamp, now: Timestamp) -> bool {
    now < at + FLUSH_EVERY
}

impl Guard {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stood behind a secret's door a moment ago, if a call was refused there.
    pub fn recent(&self, hash: &str, now: Timestamp) -> Option<Arc<Opened>> {
        self.memory().recent.get(hash).filter(|recent| fresh(recent.at, now)).map(|recent| recent.opened.clone())
    }

    /// Remembers what stood behind a secret's door when it was read at `now`, for further refusals.
    pub fn remember(&self, hash: &str, opened: &Arc<Opened>, now: Timestamp) {
        let mut memory = self.memory();
        if memory.recent.len() >= MOST_REMEMBERED {
            memory.recent.retain(|_, recent| fresh(recent.at, now));
        }
        if let Some(recent) = memory.recent.get_mut(hash) {
            (recent.at, recent.opened) = (now, opened.clone());
        } else if memory.recent.len() < MOST_REMEMBERED {
            let recent = Recent { at: now, opened: opened.clone(), seen: HashMap::new() };
            memory.recent.insert(hash.to_owned(), recent);
        }
    }

    /// Remembers that a notification has been accepted, as this run: that stays so.
    pub fn see(&self, hash: &str, notification: &str, run: &RunId) {
        if let Some(recent) = self.memory().recent.get_mut(hash) {
            if recent.seen.len() >= MOST_SEEN {
                recent.seen.clear();
            }
            recent.seen.insert(notification.to_owned(), run.clone());
        }
    }

    /// The run as which a notification was accepted, if this process remembers it.
    pub fn seen(&self, hash: &str, notification: &str) -> Option<RunId> {
        self.memory().recent.get(hash)?.seen.get(notification).cloned()
    }

    /// The token that was given out to this secret a moment ago: whoever asks again so soon is given the same.
    pub fn issued(&self, hash: &str, now: Timestamp) -> Option<Issued> {
        self.memory().tokens.get(hash).filter(|issued| fresh(issued.at, now)).cloned()
    }

    /// Remembers a token that was given out.
    pub fn issue(&self, hash: &str, issued: Issued) {
        let mut memory = self.memory();
        if memory.tokens.len() >= MOST_REMEMBERED {
            memory.tokens.retain(|_, held| fresh(held.at, issued.at));
        }
        if memory.tokens.len() < MOST_REMEMBERED {
            memory.tokens.insert(hash.to_owned(), issued);
        }
    }

    /// Counts a refused call of a unit, and notes what is due.
    pub async fn count(&self, ledger: &Ledger, unit: &Arc<Unit>, cause: Cause) {
        {
            let mut memory = self.memory();
            let (known, tally) =
                memory.tallies.entry(unit.id.clone()).or_insert_with(|| (unit.clone(), Tally::default()));
            known.clone_from(unit);
            tally.count(cause, 1);
        }
        self.note(ledger).await;
    }

    /// Notes in the table what is due, of all units. What the store does not take now is noted later.
    pub async fn note(&self, ledger: &Ledger) {
        for (unit, counts) in self.due(ledger.clock().now()) {
            match ledger.note_refused(&unit, &counts).await {
                Ok(noted) => self.noted(&unit, &noted),
                Err(error) => {
                    tracing::warn!(unit = %unit.id, %error, "refused calls are not noted; the next note holds them too");
                    self.hold(&unit, &counts);
                }
            }
        }
    }

    fn due(&self, now: Timestamp) -> Vec<(Arc<Unit>, Counts)> {
        let mut memory = self.memory();
        memory.tallies.retain(|_, (_, tally)| !tally.idle(now));
        let due = memory.tallies.values_mut().filter(|(_, tally)| tally.due(now));
        due.map(|(unit, tally)| (unit.clone(), tally.take(now))).collect()
    }

    fn noted(&self, unit: &Unit, noted: &RefusedNoted) {
        if noted.begun {
            tracing::warn!(unit = %unit.id, "a flood of refused calls has begun; they are counted");
        }
        if noted.switched_off {
            tracing::warn!(unit = %unit.id, "the unit is disabled: too many calls were refused");
        }
        let mut memory = self.memory();
        if let Some((_, tally)) = memory.tallies.get_mut(&unit.id) {
            tally.flood = noted.flood.is_some();
        }
        if noted.begun || noted.switched_off {
            // What was read before tells of neither. What has been seen stays seen.
            let stale = memory.recent.values_mut().filter(|recent| recent.opened.unit.id == unit.id);
            stale.for_each(|recent| recent.at = Timestamp::default());
        }
    }

    fn hold(&self, unit: &Arc<Unit>, counts: &Counts) {
        let mut memory = self.memory();
        let (_, tally) = memory.tallies.entry(unit.id.clone()).or_insert_with(|| (unit.clone(), Tally::default()));
        tally.counts.add(counts);
    }
}
