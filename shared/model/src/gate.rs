//! The gate: who may start now, who waits until when and why. Pure functions of (now, state, request).
//!
//! Invariants 1 and 2 of the design live here: one run of a unit at a time, and never more than `starts` starts in any
//! window. The window is a sliding one: a start counts for `window` from the moment it happened, so the sixth of seven
//! simultaneous requests starts exactly one window after the first.

use crate::budget::{self, Answer};
use crate::clock::Timestamp;
use crate::domain::DomainState;
use crate::ids::{RunId, UnitId};
use crate::limits::{MAX_WAITING, PARK_MARGIN, SCHEDULE_ASK, UnitLimits};
use crate::schedule_gate;
use crate::unit::{Lease, Parked, UnitState, WaitNote, WaitReason, Waiting};

/// Who asks the gate, and for which unit.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The unit.
    pub unit: &'a UnitId,
    /// Its limits.
    pub limits: &'a UnitLimits,
    /// The worker.
    pub owner: &'a str,
    /// How the worker's nudge is woken, if it has to park for the output budget.
    pub wake: Option<&'a str>,
}

/// What a worker that took a nudge is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing waits: the nudge was one too many.
    Idle,
    /// The first request starts; the state after it.
    Start(Box<UnitState>),
    /// The running run has no worker, because that died or parked the run: take it up again; the state after it.
    Resume(Box<UnitState>),
    /// The run that is parked for the output budget would not get it yet: it keeps its place, and asks again.
    Parked {
        /// The state after it.
        state: Box<UnitState>,
        /// The domain's state after it.
        domain: Box<DomainState>,
        /// Until when, and why.
        note: WaitNote,
    },
    /// The running run's worker is gone, and so were too many before it, even those that were only to end it: give it up;
    /// the state after it.
    GiveUp {
        /// The state after it.
        state: Box<UnitState>,
        /// The run.
        seq: u64,
    },
    /// Ask again at `until`; the state that tells why.
    Wait {
        /// The state after it.
        state: Box<UnitState>,
        /// When and why.
        note: WaitNote,
    },
    /// The first request has waited too long; the state after it.
    TimedOut {
        /// The state after it.
        state: Box<UnitState>,
        /// The run.
        seq: u64,
    },
}

/// The instant from which the rate admits one more start: now, or when the oldest of the last `starts` starts leaves the window.
pub fn rate_opens(now: Timestamp, starts: &[Timestamp], limits: &UnitLimits) -> Timestamp {
    match starts.len().checked_sub(limits.starts.max(1)) {
        Some(at) => (starts[at] + limits.window()).max(now),
        None => now,
    }
}

/// Decides what the unit's next step is.
pub fn decide(now: Timestamp, unit: &UnitState, domain: &DomainState, request: &Request<'_>) -> Decision {
    let limits = request.limits;
    let first = unit.waiting.front().map(|first| Waiting { deadline: deadline(now, first, domain), ..*first });
    if let Some(first) = first.filter(|first| first.deadline <= now) {
        let mut state = unit.clone();
        state.waiting.pop_front();
        state.wait = state.wait.filter(|_| is_parked(unit));
        state.put_off = None;
        state.to_log.push(first.seq);
        return Decision::TimedOut { state: Box::new(state), seq: first.seq };
    }
    if let Some(lease) = &unit.running {
        return match lease.parked {
            Some(parked) => decide_parked(now, unit, domain, (lease, parked), first, request),
            None => decide_running(now, unit, domain, lease, first, request),
        };
    }
    let Some(first) = first else { return Decision::Idle };
    if schedule_gate::holds(now, domain, first.since) {
        return wait(unit, Some(first), now + SCHEDULE_ASK, WaitReason::Schedule);
    }
    let opens = rate_opens(now, &unit.starts, limits);
    if opens > now {
        return wait(unit, Some(first), opens, WaitReason::Rate);
    }
    let mut state = unit.clone();
    state.waiting.pop_front();
    state.wait = None;
    state.put_off = None;
    start(now, &mut state, Lease::first(first.seq, request.owner, now + limits.lease()), limits);
    Decision::Start(Box::new(state))
}

/// When a request is given up: what schedules held it back since it came is not counted, up to the domain's cap.
pub fn deadline(now: Timestamp, request: &Waiting, domain: &DomainState) -> Timestamp {
    request.deadline + schedule_gate::held(now, domain, request.since)
}

/// Notes a start.
pub(crate) fn start(now: Timestamp, state: &mut UnitState, lease: Lease, limits: &UnitLimits) {
    state.starts.retain(|at| *at + limits.window() > now);
    // Clocks of two workers may differ by a little; the list stays in order all the same.
    state.starts.push(state.starts.last().map_or(now, |last| now.max(*last)));
    state.running = Some(lease);
}

fn is_parked(unit: &UnitState) -> bool {
    unit.running.as_ref().is_some_and(|lease| lease.parked.is_some())
}

fn decide_running(
    now: Timestamp,
    unit: &UnitState,
    domain: &DomainState,
    lease: &Lease,
    first: Option<Waiting>,
    request: &Request<'_>,
) -> Decision {
    let entered = domain.schedules.iter().any(|s| s.run.unit == *request.unit && s.run.seq == lease.seq);
    if lease.until > now && !lease.scheduled {
        return wait(unit, first, lease.until, WaitReason::Lock);
    }
    // A scheduled run is its own group's to take up; and while one is running, no realtime run works beside it.
    if (lease.scheduled && (entered || lease.until > now)) || (!lease.scheduled && schedule_gate::running(domain)) {
        return wait(unit, first, now + SCHEDULE_ASK, WaitReason::Schedule);
    }
    if lease.is_hopeless() || lease.scheduled {
        let mut state = unit.clone();
        state.running = None;
        state.to_log.push(lease.seq);
        return Decision::GiveUp { state: Box::new(state), seq: lease.seq };
    }
    resume(now, unit, lease, request)
}

/// A parked run is taken up when it would get the budget, be that at its time or because it was woken.
fn decide_parked(
    now: Timestamp,
    unit: &UnitState,
    domain: &DomainState,
    (lease, parked): (&Lease, Parked),
    first: Option<Waiting>,
    request: &Request<'_>,
) -> Decision {
    if schedule_gate::running(domain) {
        return wait(unit, first, now + SCHEDULE_ASK, WaitReason::Schedule);
    }
    let run = RunId { unit: request.unit.clone(), seq: lease.seq };
    let until = now + request.limits.lease();
    let asked = budget::Request { run: &run, records: parked.records, until, wake: request.wake };
    match budget::ask(now, domain, &asked) {
        // Its worker asks once more, when it has read again what it wants to write. Too large, or too long: it ends the run.
        Answer::Granted { .. } | Answer::TooLarge | Answer::GivenUp { .. } => resume(now, unit, lease, request),
        Answer::Wait { .. } if now < parked.wake => wait(unit, first, parked.wake, WaitReason::Budget),
        Answer::Wait { state: domain, until: wake, before, given_up } => {
            let parked = Parked { wake, before, given_up: Some(given_up), ..parked };
            let (state, domain, note) = park(now, unit, lease, parked, *domain, &run);
            Decision::Parked { state: Box::new(state), domain: Box::new(domain), note }
        }
    }
}

/// The states after a run has been parked for the output budget: its unit stays locked and its entry stays in the domain,
/// until its nudge comes back and a margin longer.
pub fn park(
    now: Timestamp,
    unit: &UnitState,
    lease: &Lease,
    parked: Parked,
    mut domain: DomainState,
    run: &RunId,
) -> (UnitState, DomainState, WaitNote) {
    let until = parked.wake + PARK_MARGIN;
    let note = WaitNote { until: parked.wake, reason: WaitReason::Budget };
    let parked = Some(parked);
    let running = Some(Lease { owner: String::new(), until, writing: 0, parked, awaits: None, ..lease.clone() });
    domain.enter(now, run, until);
    (UnitState { running, wait: Some(note), ..unit.clone() }, domain, note)
}

fn resume(now: Timestamp, unit: &UnitState, lease: &Lease, request: &Request<'_>) -> Decision {
    let running = Some(lease.next(request.owner, now + request.limits.lease()));
    Decision::Resume(Box::new(UnitState { running, wait: None, ..unit.clone() }))
}

/// Waits until then, but never past the first request's deadline.
fn wait(unit: &UnitState, first: Option<Waiting>, until: Timestamp, reason: WaitReason) -> Decision {
    let until = first.map_or(until, |f| until.min(f.deadline));
    let note = WaitNote { until, reason };
    let mut state = unit.clone();
    state.wait = Some(note);
    state.put_off = first.filter(|f| unit.waiting.front().is_some_and(|stored| stored.deadline < f.deadline));
    Decision::Wait { state: Box::new(state), note }
}

/// What becomes of new requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// They wait, in this order; the state after it.
    Queued {
        /// The state after it.
        state: Box<UnitState>,
        /// Seq and deadline of each.
        runs: Vec<Waiting>,
    },
    /// They could not start before their wait limit.
    TooMany {
        /// When a request could be admitted again, at the earliest.
        retry_at: Timestamp,
    },
    /// The unit is disabled.
    Disabled,
}

/// Decides whether `count` new requests are admitted, together and in order.
///
/// They are refused where even with runs that take no time the last of them could not start within the wait limit.
pub fn admit(now: Timestamp, unit: &UnitState, limits: &UnitLimits, count: usize) -> Admission {
    if !unit.enabled {
        return Admission::Disabled;
    }
    let deadline = now + limits.wait();
    let starts = forecast(now, unit, limits, count);
    let last = starts.last().copied().unwrap_or(now);
    if last >= deadline || unit.waiting.len() + count > MAX_WAITING {
        let late = std::time::Duration::from_millis(u64::try_from(last.0 - deadline.0).unwrap_or(0));
        return Admission::TooMany { retry_at: now + late.max(std::time::Duration::from_secs(1)) };
    }
    let mut state = unit.clone();
    let runs: Vec<Waiting> = (1..=count as u64).map(|n| Waiting { seq: unit.last + n, since: now, deadline }).collect();
    state.last += count as u64;
    state.waiting.extend(runs.iter().copied());
    Admission::Queued { state: Box::new(state), runs }
}

/// The earliest starts of the next `count` requests behind those that wait, by the rate alone (runs that take no time).
pub fn forecast(now: Timestamp, unit: &UnitState, limits: &UnitLimits, count: usize) -> Vec<Timestamp> {
    let mut starts = unit.starts.clone();
    let mut at = now;
    for _ in 0..unit.waiting.len() + count {
        at = rate_opens(at, &starts, limits);
        starts.push(at);
    }
    starts.split_off(starts.len() - count)
}

#[cfg(test)]
mod tests;
