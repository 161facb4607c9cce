//! The domain's output budget: how many records its realtime runs are writing at this moment (invariant 3 of the design).
//! Pure functions of (now, state, request).
//!
//! A run asks once per flow, for all outputs of that flow together, and never while it holds a reservation: so nobody who
//! holds waits for anybody, and there is no circle. Who does not fit takes a place in line; only the first of the line is
//! served, so that a large write is not overtaken for ever by small ones. Places and reservations of the dead lapse.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::{DomainState, Place, Reservation};
use crate::ids::RunId;
use crate::limits::{BUDGET_ASK, PARK_MARGIN};

/// The shortest time until a run is told to ask again: queues count in seconds.
const SHORTEST: Duration = Duration::from_secs(1);

/// What a run wants.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The run.
    pub run: &'a RunId,
    /// How many records it wants to write, over all outputs of its flow.
    pub records: u64,
    /// Until when a reservation reaches that is granted now.
    pub until: Timestamp,
    /// How its nudge is woken, if it has to park.
    pub wake: Option<&'a str>,
}

/// What a run is told that wants to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may write.
    Granted {
        /// The state after it.
        state: Box<DomainState>,
        /// How to wake those who may be served now that the line has moved.
        woken: Vec<String>,
    },
    /// It waits; its place is kept for [`PARK_MARGIN`] beyond `until`.
    Wait {
        /// The state after it.
        state: Box<DomainState>,
        /// When to ask again at the latest.
        until: Timestamp,
        /// How many stand before it in line.
        before: usize,
        /// When it is given up, if it has not got room by then.
        given_up: Timestamp,
    },
    /// It has waited too long, and gives its place up.
    GivenUp {
        /// The state after it.
        state: Box<DomainState>,
        /// Since when it has waited.
        since: Timestamp,
        /// How to wake those who may be served now.
        woken: Vec<String>,
    },
    /// It wants more than the whole budget: it would wait for ever.
    TooLarge,
}

/// Records that are in writing now.
pub fn in_writing(now: Timestamp, state: &DomainState) -> u64 {
    state.writing.values().filter(|r| r.until > now).map(|r| r.records).sum()
}

/// Decides whether a run may write so many records now. Asking again is how a run renews its place.
pub fn ask(now: Timestamp, state: &DomainState, request: &Request<'_>) -> Answer {
    let budget = state.limits.budget;
    if request.records > budget {
        return Answer::TooLarge;
    }
    let mut state = state.clone();
    state.lapse(now);
    // A run asks while it holds only after its worker died between asking and being told: it starts over.
    state.writing.remove(request.run);
    let place = match state.line.iter().position(|p| p.run == *request.run) {
        Some(place) => place,
        None => {
            let run = request.run.clone();
            state.line.push_back(Place { run, records: request.records, until: now, since: Some(now), wake: None });
            state.line.len() - 1
        }
    };
    if place == 0 && in_writing(now, &state).saturating_add(request.records) <= budget {
        state.line.pop_front();
        let reservation = Reservation { records: request.records, until: request.until };
        state.writing.insert(request.run.clone(), reservation);
        let woken = servable(now, &state);
        return Answer::Granted { state: Box::new(state), woken };
    }
    let since = state.line[place].since.unwrap_or(now);
    let given_up = since + state.limits.budget_wait();
    if given_up <= now {
        let woken = release(now, &mut state, request.run);
        return Answer::GivenUp { state: Box::new(state), since, woken };
    }
    // Nobody wakes those who wait for the dead; they come back when the first of those before them lapses.
    let lapses = state.writing.values().map(|r| r.until).chain(state.line.iter().take(place).map(|p| p.until)).min();
    let latest = now + BUDGET_ASK;
    let until = lapses.map_or(latest, |lapse| lapse.min(latest)).min(given_up).max(now + SHORTEST);
    let own = &mut state.line[place];
    own.records = request.records;
    own.until = until + PARK_MARGIN;
    own.since = Some(since);
    own.wake = request.wake.map(str::to_owned);
    Answer::Wait { state: Box::new(state), until, before: place, given_up }
}

/// Renews a run's place in line and, where its worker is `writing`, its reservation. False: that worker holds none (any
/// more), and somebody else may be writing instead. Who writes nothing extends no reservation.
pub fn renew(now: Timestamp, state: &mut DomainState, run: &RunId, writing: bool, until: Timestamp) -> bool {
    keep_place(now, state, run, until);
    if !writing {
        return true;
    }
    match state.writing.get_mut(run) {
        Some(reservation) => {
            reservation.until = until;
            true
        }
        None => false,
    }
}

/// A worker takes a run up: its place in line is kept, and what the worker before it has reserved is free again. That one
/// writes nothing more, or had it lapse; a bulk of its that is still on its way to kintone is refused from the moment on at
/// which the log record is opened anew, and is a part of one reservation for the seconds until then.
pub fn take_up(now: Timestamp, state: &mut DomainState, run: &RunId, until: Timestamp) {
    keep_place(now, state, run, until);
    state.writing.remove(run);
}

/// Keeps a run's place in line while its worker lives: it stages what it wants to write, or computes it once more. Who
/// stands behind it waits for that; for how long at most, the limit of the wait says.
pub fn keep_place(now: Timestamp, state: &mut DomainState, run: &RunId, until: Timestamp) {
    state.lapse(now);
    if let Some(place) = state.line.iter_mut().find(|place| place.run == *run) {
        place.until = place.until.max(until);
    }
}

/// Gives back what a run holds, and its place in line. Answers how to wake those who may be served now.
pub fn release(now: Timestamp, state: &mut DomainState, run: &RunId) -> Vec<String> {
    state.lapse(now);
    state.writing.remove(run);
    state.line.retain(|p| p.run != *run);
    servable(now, state)
}

/// How to wake those at the head of the line who fit into the budget together.
fn servable(now: Timestamp, state: &DomainState) -> Vec<String> {
    let mut free = state.limits.budget.saturating_sub(in_writing(now, state));
    let mut woken = Vec::new();
    for place in &state.line {
        match free.checked_sub(place.records) {
            Some(rest) => free = rest,
            None => break,
        }
        woken.extend(place.wake.clone());
    }
    woken
}

#[cfg(test)]
mod tests;
