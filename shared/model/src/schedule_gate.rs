//! The gate of a domain's scheduled runs (invariant 4 of the design): who of them is next, and whom they hold back.
//! Pure functions of (now, state, request).
//!
//! What falls due stands in one row per domain, in the order in which it fell due, and runs one at a time. As long as
//! anything stands there, no realtime run starts; the first of the row waits for the realtime runs that are running, then
//! runs. After each of them comes an interlude, in which requests that were already waiting start. A realtime run whose
//! worker died is taken up before a due schedule starts, or after it has ended, never beside it.

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
    if domain.schedules.is_empty() {
        domain.held.push(Held { from: now, until: None });
        let over = domain.held.len().saturating_sub(MAX_HELD);
        domain.held.drain(..over);
    }
    domain.schedules.push_back(scheduled);
}

/// Takes a scheduled run out that ended, or never ran. Others stay as they are.
pub fn leave(now: Timestamp, domain: &mut DomainState, run: &RunId) {
    let Some(at) = domain.schedules.iter().position(|s| s.run == *run) else { return };
    if domain.schedules.remove(at).is_some_and(|s| s.lease.is_some()) {
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

/// Whether a scheduled run has started and not ended, be its worker alive or not.
pub fn running(domain: &DomainState) -> bool {
    domain.schedules.iter().any(|s| s.lease.is_some())
}

/// Until when requests that waited when the last scheduled run ended may start before the next one.
fn interlude(domain: &DomainState) -> Option<(Timestamp, Timestamp)> {
    domain.schedule_ended.map(|ended| (ended, ended + domain.limits.interlude()))
}

/// Whether schedules hold a request back that came at `since`.
pub fn holds(now: Timestamp, domain: &DomainState, since: Timestamp) -> bool {
    let due = domain.schedules.iter().any(|s| s.lease.is_some() || s.deadline > now);
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
    let Some(head) = domain.schedules.front() else { return Turn::Idle };
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
        return wait(domain, until, WaitReason::Schedule);
    }
    if domain.readers.values().any(|until| *until > now) {
        return wait(domain, now + SCHEDULE_ASK, WaitReason::Realtime);
    }
    // A run of the unit whose worker died is taken up by a nudge of the unit, and waited for.
    if unit.running.is_some() {
        return wait(domain, now + SCHEDULE_ASK, WaitReason::Lock);
    }
    let opens = rate_opens(now, &unit.starts, request.limits);
    if opens > now {
        return wait(domain, opens, WaitReason::Rate);
    }
    let until = now + request.limits.lease();
    let lease = Lease { scheduled: true, ..Lease::first(seq, request.owner, until) };
    gate::start(now, &mut state, lease, request.limits);
    Turn::Start(Box::new((state, leased(domain, until))))
}

fn decide_running(
    now: Timestamp,
    unit: &UnitState,
    domain: &DomainState,
    (head, lease): (&Scheduled, &Lease),
    request: &Request<'_>,
) -> Turn {
    if lease.until > now {
        return wait(domain, lease.until, WaitReason::Lock);
    }
    let mut state = unit.clone();
    if lease.is_hopeless() {
        state.running = None;
        state.to_log.push(lease.seq);
        return without(now, state, domain, &head.run, Turn::GiveUp);
    }
    let until = now + request.limits.lease();
    state.running = Some(lease.next(request.owner, until));
    Turn::Resume(Box::new((state, leased(domain, until))))
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

fn leased(domain: &DomainState, until: Timestamp) -> DomainState {
    let mut domain = domain.clone();
    if let Some(head) = domain.schedules.front_mut() {
        head.lease = Some(until);
        head.wait = None;
    }
    domain
}

/// Waits until then, but never past the deadline of what has not started.
fn wait(domain: &DomainState, until: Timestamp, reason: WaitReason) -> Turn {
    let mut domain = domain.clone();
    let mut note = WaitNote { until, reason };
    if let Some(head) = domain.schedules.front_mut() {
        if head.lease.is_none() {
            note.until = until.min(head.deadline);
        }
        head.wait = Some(note);
    }
    Turn::Wait(Box::new(domain), note)
}

#[cfg(test)]
mod tests;
