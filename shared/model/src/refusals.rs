//! Refused calls: counted in the process that refuses them, noted in the table now and then, and told as one flood.
//!
//! A call that a unit refuses costs no write of its own. Each process of api keeps a [`Tally`] per unit and notes it at the
//! first refusal, and from then on at most once in [`FLUSH_EVERY`]. The table holds [`Refusals`] per unit, an item apart
//! from the unit's state, so that a flood is in nobody's way. Pure functions of (now, state, request), as everywhere.

mod counts;
mod flood;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::notice::ONCE_IN;
use crate::unit::DisableAfter;

pub use counts::{Cause, Counts};
pub use flood::{Crowd, Flood};

/// How often a process notes the refused calls of a unit, and how old what it knows of a unit that refuses may be: a
/// request that could have been accepted is refused no longer than that.
pub const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// Refused calls of a unit within [`FLOOD_WINDOW`] beyond which they are a flood. kintone itself sends at most 60
/// notifications a minute and domain (reference/kintone-api.md), so an honest sender of webhooks stays below it.
pub const FLOOD_AFTER: u64 = 100;
/// The window of that number.
pub const FLOOD_WINDOW: Duration = Duration::from_secs(60);
/// How many refused calls a process holds back at most while no flood is known: of a flood that several processes take in,
/// each tells its part early, and few late webhooks are recorded one by one before it is found.
pub const HELD_BACK: u64 = FLOOD_AFTER / 4;
/// How long nothing has to be refused before a flood is over; and how long no call of a crowd, before the crowd is.
pub const FLOOD_QUIET: Duration = Duration::from_secs(60);
/// By how much more the end of a crowd is moved on than it has to be, so that the unit's state is written for it at most
/// once in that time.
const CROWD_STEP: Duration = Duration::from_secs(30);
/// How often the log record of a flood that goes on is written anew: often enough to be believed, seldom enough for kintone.
pub const FLOOD_TOLD_EVERY: Duration = Duration::from_secs(60);
/// Longest time over which refusals are summed up for switching a unit off: an hour, a bucket for each minute.
pub const MAX_DISABLE_MINUTES: u64 = 60;

/// What a process holds of a unit's refused calls and has not noted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Not noted yet.
    pub counts: Counts,
    /// When it noted last.
    pub noted: Option<Timestamp>,
    /// Whether the unit was in a flood then.
    pub flood: bool,
}

impl Tally {
    /// Counts a refused call.
    pub fn count(&mut self, cause: Cause, calls: u64) {
        self.counts.add(&Counts::of(cause, calls));
    }

    /// Whether what is held is to be noted now: at the first refusal, then once in [`FLUSH_EVERY`]; and earlier where it
    /// may be part of a flood that nobody knows of yet.
    pub fn due(&self, now: Timestamp) -> bool {
        let held = self.counts.sum();
        let rested = self.noted.is_none_or(|at| at + FLUSH_EVERY <= now);
        held > 0 && (rested || (!self.flood && held >= HELD_BACK))
    }

    /// Takes what is held, to note it.
    pub fn take(&mut self, now: Timestamp) -> Counts {
        self.noted = Some(now);
        std::mem::take(&mut self.counts)
    }

    /// Whether nothing is lost if it is forgotten.
    pub fn idle(&self, now: Timestamp) -> bool {
        self.counts.sum() == 0 && self.noted.is_none_or(|at| at + FLUSH_EVERY <= now)
    }
}

/// What the table holds of a unit's refused calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// Version of this form: 1.
    pub v: u8,
    /// Ever, by cause.
    #[serde(default)]
    pub total: Counts,
    /// The window in which a flood may be found: since when, and what was refused in it.
    #[serde(default)]
    pub window: Option<(Timestamp, Counts)>,
    /// Refused because too many waited, by the minute since 1970; the newest last.
    #[serde(default)]
    pub minutes: Vec<(i64, u64)>,
    /// The flood that is going on.
    #[serde(default)]
    pub flood: Option<Flood>,
    /// Its calls that were let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowd: Option<Crowd>,
    /// When it was last noted to be told that a URL is called that is no longer good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead: Option<Timestamp>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self { v: 1, total: Counts::default(), window: None, minutes: Vec::new(), flood: None, crowd: None, dead: None }
    }
}

/// What became of a unit's refusals when more were noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The item after it.
    pub refusals: Refusals,
    /// A flood has been found: what it holds already. Its run is to be made.
    pub begins: Option<(Timestamp, Counts)>,
    /// The flood is one of calls that were let in and found too many waiting: until then late webhooks are no longer
    /// recorded one by one. Said when a crowd is found, and now and then while it lasts. What others are refused for must
    /// not cost honest webhooks their records.
    pub crowds: Option<Timestamp>,
    /// The unit is to be switched off: so many were refused in its time.
    pub disables: Option<u64>,
    /// It is to be told that a URL is called that is no longer good: once a day.
    pub tells_dead: bool,
}

/// Decides what becomes of a unit's refusals when a process notes more of them.
pub fn note(now: Timestamp, before: &Refusals, more: &Counts, disable: Option<&DisableAfter>) -> Noted {
    let mut refusals = before.clone();
    refusals.total.add(more);
    let minute = now.seconds().div_euclid(60);
    let horizon = i64::try_from(MAX_DISABLE_MINUTES).unwrap_or(i64::MAX);
    refusals.minutes.retain(|(at, _)| *at > minute - horizon);
    match refusals.minutes.last_mut() {
        // Clocks of two processes may differ by a little; the list stays in order all the same.
        Some((at, n)) if *at >= minute => *n = n.saturating_add(more.crowd()),
        _ if more.crowd() > 0 => refusals.minutes.push((minute, more.crowd())),
        _ => {}
    }
    let mut begins = None;
    let crowds;
    if let Some(flood) = &mut refusals.flood {
        flood.counts.add(more);
        crowds = refusals.crowd.get_or_insert_default().grow(now, more.crowd());
        flood.last = flood.last.max(now);
        refusals.window = None;
    } else {
        let (since, mut counts) =
            refusals.window.filter(|(since, _)| *since + FLOOD_WINDOW > now).unwrap_or((now, Counts::default()));
        counts.add(more);
        refusals.window = Some((since, counts));
        begins = (counts.sum() > FLOOD_AFTER).then_some((since, counts));
        let mut crowd = Crowd { since, ..Crowd::default() };
        crowds = crowd.grow(now, counts.crowd());
        refusals.crowd = begins.map(|_| crowd);
    }
    let disables = disable.and_then(|after| {
        let minutes = i64::try_from(after.minutes).unwrap_or(horizon);
        let of_late: u64 = refusals.minutes.iter().filter(|(at, _)| *at > minute - minutes).map(|(_, n)| n).sum();
        (of_late >= after.refusals && more.crowd() > 0).then_some(of_late)
    });
    if disables.is_some() {
        // Who switches the unit on again starts counting anew.
        refusals.minutes.clear();
    }
    let tells_dead = more.dead > 0 && refusals.dead.is_none_or(|at| at + ONCE_IN <= now);
    if tells_dead {
        refusals.dead = Some(now);
    }
    Noted { refusals, begins, crowds, disables, tells_dead }
}

#[cfg(test)]
mod tests;
