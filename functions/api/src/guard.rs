//! What this process remembers of units that refuse, so that a flood costs next to no reads and writes.
//!
//! Where a few calls a second are refused each is read for. Where there are more, what was read for one of them refuses more
//! calls for a second; accepted is only what was read anew.
//! Refused calls are counted here and noted in the table at the first of them, then at most once a second and unit
//! ([`model::refusals`]); a process that is frozen between two calls notes the rest with the next call that it gets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::clock::Timestamp;
use model::ids::{RunId, UnitId};
use model::ledger::{Ledger, RefusedNoted};
use model::refusals::{Cause, Counts, FLUSH_EVERY, Tally};
use model::secret_url::Secret;
use model::store::Key;
use model::unit::Unit;

use crate::door::Opened;

/// Refused calls of a secret in a second from which on what was read is remembered, unless a flood is known: below it, whoever
/// changes a unit sees that at once.
const OFTEN: u32 = 5;
/// Tokens given to a secret in a second from which on further calls are given the same.
const TOKENS_OFTEN: u32 = 10;
/// Most secrets of which something is remembered; beyond it all is read anew, and nothing is lost.
const MOST_REMEMBERED: usize = 1_000;
/// Most requests of one secret that are remembered as seen.
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
    /// When it was read.
    at: Timestamp,
    /// Since when reads are counted, and how many there were.
    since: Timestamp,
    reads: u32,
    opened: Arc<Opened>,
    /// By where the table remembers them: the runs as which requests were accepted.
    seen: HashMap<String, Vec<RunId>>,
}

/// Access tokens that this process gave out a moment ago to one secret.
#[derive(Clone, Debug)]
struct Issued {
    since: Timestamp,
    count: u32,
    token: Secret,
    until: Timestamp,
}

fn fresh(at: Timestamp, now: Timestamp) -> bool {
    now < at + FLUSH_EVERY
}

impl Guard {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stood behind a secret's door a moment ago, if calls are refused there again and again.
    pub fn recent(&self, hash: &str, now: Timestamp) -> Option<Arc<Opened>> {
        let memory = self.memory();
        let recent = memory.recent.get(hash).filter(|recent| fresh(recent.at, now))?;
        let flood = memory.tallies.get(&recent.opened.unit.id).is_some_and(|(_, tally)| tally.flood);
        (flood || recent.reads >= OFTEN).then(|| recent.opened.clone())
    }

    /// Remembers what stood behind a secret's door when it was read at `now`, for further refusals.
    pub fn remember(&self, hash: &str, opened: &Arc<Opened>, now: Timestamp) {
        let mut memory = self.memory();
        if memory.recent.len() >= MOST_REMEMBERED {
            memory.recent.retain(|_, recent| fresh(recent.at, now));
        }
        if let Some(recent) = memory.recent.get_mut(hash) {
            (recent.at, recent.opened) = (now, opened.clone());
            if fresh(recent.since, now) {
                recent.reads += 1;
            } else {
                (recent.since, recent.reads) = (now, 1);
            }
        } else if memory.recent.len() < MOST_REMEMBERED {
            let recent = Recent { at: now, since: now, reads: 1, opened: opened.clone(), seen: HashMap::new() };
            memory.recent.insert(hash.to_owned(), recent);
        }
    }

    /// Remembers that a request has been accepted, as these runs: that stays so.
    pub fn see(&self, hash: &str, key: Key, runs: &[RunId]) {
        if let Some(recent) = self.memory().recent.get_mut(hash) {
            if recent.seen.len() >= MOST_SEEN {
                recent.seen.clear();
            }
            recent.seen.insert(key.sk, runs.to_vec());
        }
    }

    /// The runs as which a request was accepted, if this process remembers it.
    pub fn seen(&self, hash: &str, key: &Key) -> Option<Vec<RunId>> {
        self.memory().recent.get(hash)?.seen.get(&key.sk).cloned()
    }

    /// A token that was given out to this secret a moment ago, and until when it is good, if many were: then whoever asks is
    /// given the same, and a flood of them costs some writes a second.
    pub fn issued(&self, hash: &str, now: Timestamp) -> Option<(Secret, Timestamp)> {
        let memory = self.memory();
        let issued =
            memory.tokens.get(hash).filter(|issued| fresh(issued.since, now) && issued.count >= TOKENS_OFTEN)?;
        Some((issued.token.clone(), issued.until))
    }

    /// Remembers a token that was given out.
    pub fn issue(&self, hash: &str, token: &Secret, until: Timestamp, now: Timestamp) {
        let mut memory = self.memory();
        if memory.tokens.len() >= MOST_REMEMBERED {
            memory.tokens.retain(|_, held| fresh(held.since, now));
        }
        let before = memory.tokens.get(hash).filter(|issued| fresh(issued.since, now));
        let (since, count) = before.map_or((now, 1), |issued| (issued.since, issued.count + 1));
        if before.is_some() || memory.tokens.len() < MOST_REMEMBERED {
            memory.tokens.insert(hash.to_owned(), Issued { since, count, token: token.clone(), until });
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
