//! The gate of a domain's scheduled runs (invariant 4 of the design): who of them is next, and whom they hold back.
//! Pure functions of (now, state, request).
//!
//! What falls due stands in one row per domain, in the order in which it fell due, and runs one at a time. As long as
//! anything stands there, no realtime run starts; the first of the row waits for the realtime runs that are running, then
//! runs. After each of them comes an interlude, in which requests that were already waiting start. A realtime run whose
//! worker died is taken up before a due schedule starts, or after it has ended, never beside it.
//!
//! What waits for something outside that does not answer rests: it stands at the end of the row, and holds nobody back
//! until it is tried again. Then it waits for the realtime runs once more.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::{DomainState, Held, Scheduled};
use crate::gate::{self, Request, rate_opens};
use crate::ids::RunId;
use crate::limits::{MAX_HELD, SCHEDULE_ASK};
use crate::unit::{Lease, UnitState, WaitNote, WaitReason};

/// What the domain's next step with its scheduled runs is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing is due: the nudge was one too many.
    Idle,
    /// The first of the row starts; the states after it.
    Start(Box<(UnitState, DomainState)>),
    /// Its worker is gone: take it up again; the states after it.
    Resume(Box<(UnitState, DomainState)>),
    /// Its worker is gone, and so were too many before it: give it up; the states after it.
    GiveUp(Box<(UnitState, DomainState)>),
    /// It has waited too long; the states after it.
    TimedOut(Box<(UnitState, DomainState)>),
    /// Ask again then; the state that tells why.
    Wait(Box<DomainState>, WaitNote),
    /// Its run is no longer there to be run: the state without it.
    Gone(Box<DomainState>),
}

/// Enters a scheduled run that fell due.
pub fn enter(now: Timestamp, domain: &mut DomainState, scheduled: Scheduled) {
    if domain.schedules.iter().all(|s| s.is_resting(now)) {
        holds_from(now, now, domain);
    }
    domain.schedules.push_back(scheduled);
}

/// Requests are held back from an instant on, which may be still to come.
fn holds_from(now: Timestamp, from: Timestamp, domain: &mut DomainState) {
    match domain.held.last_mut().filter(|held| held.until.is_none()) {
        Some(held) if held.from <= now => {}
        Some(held) => held.from = from,
        None => domain.held.push(Held { from, until: None }),
    }
    let over = domain.held.len().saturating_sub(MAX_HELD);
    domain.held.drain(..over);
}

/// Takes a scheduled run out that ended, or never ran. Others stay as they are. An interlude follows one that ran, and one
/// that was given up: whom it has held back has waited as long.
pub fn leave(now: Timestamp, domain: &mut DomainState, run: &RunId) {
    let Some(at) = domain.schedules.iter().position(|s| s.run == *run) else { return };
    if domain.schedules.remove(at).is_some_and(|s| s.lease.is_some() || s.deadline <= now) {
        domain.schedule_ended = Some(now);
    }
    if let Some(held) = domain.held.last_mut().filter(|_| domain.schedules.is_empty()) {
        held.until = held.until.or(Some(now));
    }
}

/// Renews the entry of a scheduled run that is running. False: it does not stand there.
pub fn renew(domain: &mut DomainState, run: &RunId, until: Timestamp) -> bool {
    match domain.schedules.iter_mut().find(|s| s.run == *run && s.lease.is_some()) {
        Some(scheduled) => {
            scheduled.lease = Some(until);
            true
        }
        None => false,
    }
}

/// Puts a scheduled run that waits for something outside to the end of the row, where it rests until it is tried again.
pub fn rest(now: Timestamp, domain: &mut DomainState, run: &RunId, until: Timestamp) {
    let Some(at) = domain.schedules.iter().position(|s| s.run == *run) else { return };
    let Some(mut scheduled) = domain.schedules.remove(at) else { return };
    scheduled.rests = Some(until);
    scheduled.wait = Some(WaitNote { until, reason: WaitReason::Kintone });
    if scheduled.lease.is_some() {
        scheduled.lease = Some(until);
    }
    domain.schedules.push_back(scheduled);
    // Where all rest, nobody is held back until the first of them is awake.
    let awake = domain.schedules.iter().map(|s| s.rests.filter(|until| *until > now)).min().flatten();
    if let Some(awake) = awake {
        domain.held.iter_mut().filter(|held| held.until.is_none()).for_each(|held| held.until = Some(now));
        holds_from(now, awake, domain);
    }
}

/// Ends the rest of a scheduled run that has begun: nobody works it, and it is taken up again at once.
pub fn wake(domain: &mut DomainState, run: &RunId, now: Timestamp) {
    if let Some(scheduled) = domain.schedules.iter_mut().find(|s| s.run == *run && s.lease.is_some()) {
        (scheduled.lease, scheduled.rests) = (Some(now), scheduled.rests.map(|_| now));
    }
}

/// Whose turn it is: the first that does not rest, or else the one that is tried again first.
pub fn head(now: Timestamp, domain: &DomainState) -> Option<&Scheduled> {
    let awake = domain.schedules.iter().find(|s| !s.is_resting(now));
    awake.or_else(|| domain.schedules.iter().min_by_key(|s| s.rests))
}

/// Whether a scheduled run has started and not ended, be its worker alive or not. One that was left to rest is not running
/// until it is taken up again: when its rest is over, it is due.
pub fn running(domain: &DomainState) -> bool {
    domain.schedules.iter().any(|s| s.lease.is_some() && s.rests.is_none())
}

/// Until when requests that waited when the last scheduled run ended may start before the next one.
fn interlude(domain: &DomainState) -> Option<(Timestamp, Timestamp)> {
    domain.schedule_ended.map(|ended| (ended, ended + domain.limits.interlude()))
}

/// Whether schedules hold a request back that came at `since`.
pub fn holds(now: Timestamp, domain: &DomainState, since: Timestamp) -> bool {
    let due = domain.schedules.iter().any(|s| !s.is_resting(now) && (s.lease.is_some() || s.deadline > now));
    let may = |(ended, until): (Timestamp, Timestamp)| since <= ended && now < until;
    running(domain) || (due && !interlude(domain).is_some_and(may))
}

/// For how long schedules have held back a request that came at `since`, up to the domain's cap.
pub fn held(now: Timestamp, domain: &DomainState, since: Timestamp) -> Duration {
    let of = |held: &Held| held.from.max(since).until(held.until.unwrap_or(now).min(now));
    domain.held.iter().map(of).sum::<Duration>().min(domain.limits.held())
}

/// Decides about the first of the row. `unit` is the state of its unit.
pub fn decide(now: Timestamp, unit: &UnitState, domain: &DomainState, request: &Request<'_>) -> Turn {
    let Some(head) = head(now, domain) else { return Turn::Idle };
    let own = unit.running.as_ref().filter(|lease| lease.scheduled && lease.seq == head.run.seq);
    match (head.lease, own) {
        (Some(_), Some(lease)) => decide_running(now, unit, domain, (head, lease), request),
        (None, None) if unit.scheduled.contains(&head.run.seq) => decide_due(now, unit, domain, head, request),
        _ => {
            let mut domain = domain.clone();
            leave(now, &mut domain, &head.run);
            Turn::Gone(Box::new(domain))
        }
    }
}

fn decide_due(now: Timestamp, unit: &UnitState, domain: &DomainState, head: &Scheduled, request: &Request<'_>) -> Turn {
    let seq = head.run.seq;
    let mut state = unit.clone();
    state.scheduled.retain(|s| *s != seq);
    if head.deadline <= now {
        state.to_log.push(seq);
        return without(now, state, domain, &head.run, Turn::TimedOut);
    }
    if let Some((_, until)) = interlude(domain).filter(|(_, until)| *until > now) {
        return wait(domain, head, until, WaitReason::Schedule);
    }
    if is_read(now, domain) {
        return wait(domain, head, now + SCHEDULE_ASK, WaitReason::Realtime);
    }
    // A run of the unit whose worker died is taken up by a nudge of the unit, and waited for. One that waits for something
    // outside may do so for long.
    if let Some(lease) = &unit.running {
        return match lease.awaits.is_some() && lease.handed_over {
            true => rests(now, domain, head, lease.until.max(now + SCHEDULE_ASK)),
            false => wait(domain, head, now + SCHEDULE_ASK, WaitReason::Lock),
        };
    }
    let opens = rate_opens(now, &unit.starts, request.limits);
    if opens > now {
        return wait(domain, head, opens, WaitReason::Rate);
    }
    let until = now + request.limits.lease();
    let lease = Lease { scheduled: true, ..Lease::first(seq, request.owner, until) };
    gate::start(now, &mut state, lease, request.limits);
    Turn::Start(Box::new((state, leased(domain, head, until))))
}

fn decide_running(
    now: Timestamp,
    unit: &UnitState,
    domain: &DomainState,
    (head, lease): (&Scheduled, &Lease),
    request: &Request<'_>,
) -> Turn {
    if lease.until > now {
        let reason = if head.is_resting(now) { WaitReason::Kintone } else { WaitReason::Lock };
        return wait(domain, head, lease.until, reason);
    }
    // While it rested, realtime runs may have started, and others of the row ended.
    if head.rests.is_some() {
        if let Some((_, until)) = interlude(domain).filter(|(_, until)| *until > now) {
            return wait(domain, head, until, WaitReason::Schedule);
        }
        if is_read(now, domain) {
            return wait(domain, head, now + SCHEDULE_ASK, WaitReason::Realtime);
        }
    }
    let mut state = unit.clone();
    if lease.is_hopeless() {
        state.running = None;
        state.to_log.push(lease.seq);
        return without(now, state, domain, &head.run, Turn::GiveUp);
    }
    let until = now + request.limits.lease();
    state.running = Some(lease.next(request.owner, until));
    Turn::Resume(Box::new((state, leased(domain, head, until))))
}

fn without(
    now: Timestamp,
    state: UnitState,
    domain: &DomainState,
    run: &RunId,
    turn: fn(Box<(UnitState, DomainState)>) -> Turn,
) -> Turn {
    let mut domain = domain.clone();
    leave(now, &mut domain, run);
    turn(Box::new((state, domain)))
}

/// Whether a realtime run is running.
fn is_read(now: Timestamp, domain: &DomainState) -> bool {
    domain.readers.values().any(|until| *until > now)
}

/// Who runs stands first.
fn leased(domain: &DomainState, head: &Scheduled, until: Timestamp) -> DomainState {
    let mut domain = domain.clone();
    domain.schedules.retain(|s| s.run != head.run);
    domain.schedules.push_front(Scheduled { lease: Some(until), wait: None, rests: None, ..head.clone() });
    domain
}

/// It rests until then, but never past its deadline.
fn rests(now: Timestamp, domain: &DomainState, head: &Scheduled, until: Timestamp) -> Turn {
    let mut domain = domain.clone();
    let until = until.min(head.deadline);
    rest(now, &mut domain, &head.run, until);
    Turn::Wait(Box::new(domain), WaitNote { until, reason: WaitReason::Kintone })
}

/// Waits until then, but never past the deadline of what has not started.
fn wait(domain: &DomainState, head: &Scheduled, until: Timestamp, reason: WaitReason) -> Turn {
    let mut domain = domain.clone();
    let mut note = WaitNote { until, reason };
    if let Some(head) = domain.schedules.iter_mut().find(|s| s.run == head.run) {
        if head.lease.is_none() {
            note.until = until.min(head.deadline);
        }
        head.wait = Some(note);
    }
    Turn::Wait(Box::new(domain), note)
}

#[cfg(test)]
mod tests;
