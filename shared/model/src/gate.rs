//! The gate: who may start now, who waits until when and why. Pure functions of (now, state, request).
//!
//! Invariants 1 and 2 of the design live here: one run of a unit at a time, and never more than `starts` starts in any
//! window. The window is a sliding one: a start counts for `window` from the moment it happened, so the sixth of seven
//! simultaneous requests starts exactly one window after the first.

use crate::clock::Timestamp;
use crate::limits::{MAX_ATTEMPTS, MAX_WAITING, UnitLimits};
use crate::unit::{DomainState, Lease, UnitState, WaitNote, WaitReason, Waiting};

/// What a worker that took a nudge is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing waits: the nudge was one too many.
    Idle,
    /// The first request starts; the state after it.
    Start(Box<UnitState>),
    /// The running run's worker is gone: take it up again; the state after it.
    Resume(Box<UnitState>),
    /// The running run's worker is gone, and so were too many before it: give it up; the state after it.
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
pub fn decide(now: Timestamp, unit: &UnitState, domain: &DomainState, limits: &UnitLimits, owner: &str) -> Decision {
    let first = unit.waiting.front().copied();
    if let Some(first) = first.filter(|first| first.deadline <= now) {
        let mut state = unit.clone();
        state.waiting.pop_front();
        state.wait = None;
        state.to_log.push(first.seq);
        return Decision::TimedOut { state: Box::new(state), seq: first.seq };
    }
    if let Some(lease) = &unit.running {
        return decide_running(now, unit, lease, limits, owner);
    }
    let Some(first) = first else { return Decision::Idle };
    if let Some(until) = domain.scheduled.values().filter(|until| **until > now).max() {
        return wait(unit, Some(first), *until, WaitReason::Schedule);
    }
    let opens = rate_opens(now, &unit.starts, limits);
    if opens > now {
        return wait(unit, Some(first), opens, WaitReason::Rate);
    }
    let mut state = unit.clone();
    state.waiting.pop_front();
    state.wait = None;
    state.starts.retain(|at| *at + limits.window() > now);
    // Clocks of two workers may differ by a little; the list stays in order all the same.
    state.starts.push(state.starts.last().map_or(now, |last| now.max(*last)));
    state.running = Some(Lease { seq: first.seq, owner: owner.to_owned(), until: now + limits.lease(), attempt: 1 });
    Decision::Start(Box::new(state))
}

fn decide_running(now: Timestamp, unit: &UnitState, lease: &Lease, limits: &UnitLimits, owner: &str) -> Decision {
    if lease.until > now {
        return wait(unit, unit.waiting.front().copied(), lease.until, WaitReason::Lock);
    }
    let mut state = unit.clone();
    if lease.attempt >= MAX_ATTEMPTS {
        state.running = None;
        state.to_log.push(lease.seq);
        return Decision::GiveUp { state: Box::new(state), seq: lease.seq };
    }
    state.running = Some(Lease {
        seq: lease.seq,
        owner: owner.to_owned(),
        until: now + limits.lease(),
        attempt: lease.attempt + 1,
    });
    Decision::Resume(Box::new(state))
}

/// Waits until then, but never past the first request's deadline.
fn wait(unit: &UnitState, first: Option<Waiting>, until: Timestamp, reason: WaitReason) -> Decision {
    let until = first.map_or(until, |f| until.min(f.deadline));
    let note = WaitNote { until, reason };
    let mut state = unit.clone();
    state.wait = Some(note);
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
    let runs: Vec<Waiting> = (1..=count as u64).map(|n| Waiting { seq: unit.last + n, deadline }).collect();
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
mod tests {
    use super::*;

    const LIMITS: UnitLimits = UnitLimits { starts: 5, window_ms: 60_000, wait_ms: 600_000, lease_ms: 90_000 };

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    fn queued(count: usize) -> UnitState {
        match admit(at(0), &UnitState::default(), &LIMITS, count) {
            Admission::Queued { state, .. } => *state,
            other => panic!("{other:?}"),
        }
    }

    fn started(now: i64, unit: &UnitState) -> UnitState {
        match decide(at(now), unit, &DomainState::default(), &LIMITS, "w") {
            Decision::Start(state) => *state,
            other => panic!("at {now}: {other:?}"),
        }
    }

    #[test]
    fn the_sixth_of_seven_starts_sixty_seconds_after_the_first() {
        let mut unit = queued(7);
        for n in 0..5i64 {
            unit = started(n * 1000, &unit);
            assert_eq!(unit.running.as_ref().map(|l| l.seq), Some(n as u64 + 1), "arrival order");
            unit.running = None;
        }
        let Decision::Wait { note, .. } = decide(at(5_000), &unit, &DomainState::default(), &LIMITS, "w") else {
            panic!("the sixth waits")
        };
        assert_eq!(note, WaitNote { until: at(60_000), reason: WaitReason::Rate });
        assert!(matches!(decide(at(59_999), &unit, &DomainState::default(), &LIMITS, "w"), Decision::Wait { .. }));
        unit = started(60_000, &unit);
        unit.running = None;
        let Decision::Wait { note, .. } = decide(at(60_000), &unit, &DomainState::default(), &LIMITS, "w") else {
            panic!("the seventh waits for the second's token")
        };
        assert_eq!(note.until, at(61_000));
    }

    #[test]
    fn a_running_unit_is_locked_until_its_lease_lapses_and_is_then_resumed() {
        let unit = started(0, &queued(2));
        let Decision::Wait { note, .. } = decide(at(1), &unit, &DomainState::default(), &LIMITS, "v") else {
            panic!("locked")
        };
        assert_eq!(note, WaitNote { until: at(90_000), reason: WaitReason::Lock });
        let Decision::Resume(state) = decide(at(90_000), &unit, &DomainState::default(), &LIMITS, "v") else {
            panic!("resumed")
        };
        let lease = state.running.clone().expect("running");
        assert_eq!((lease.seq, lease.owner.as_str(), lease.attempt), (1, "v", 2));
        assert_eq!(state.starts, unit.starts, "resuming is no start");
    }

    #[test]
    fn a_run_that_kills_its_workers_is_given_up() {
        let mut unit = started(0, &queued(1));
        unit.running.as_mut().expect("running").attempt = MAX_ATTEMPTS;
        let Decision::GiveUp { state, seq } = decide(at(90_000), &unit, &DomainState::default(), &LIMITS, "v") else {
            panic!("given up")
        };
        assert_eq!((seq, state.running, state.to_log), (1, None, vec![1]));
    }

    #[test]
    fn waiting_ends_at_the_deadline() {
        let mut unit = queued(1);
        unit.starts = vec![at(599_000); 5];
        let Decision::Wait { note, .. } = decide(at(599_000), &unit, &DomainState::default(), &LIMITS, "w") else {
            panic!("waits")
        };
        assert_eq!(note.until, at(600_000), "never past the deadline");
        let Decision::TimedOut { state, seq } = decide(at(600_000), &unit, &DomainState::default(), &LIMITS, "w")
        else {
            panic!("timed out")
        };
        assert_eq!((seq, state.waiting.len(), state.to_log), (1, 0, vec![1]));
    }

    #[test]
    fn a_scheduled_run_holds_realtime_starts_back() {
        let domain = DomainState { scheduled: [("nightly".into(), at(30_000))].into(), ..DomainState::default() };
        let unit = queued(1);
        let Decision::Wait { note, .. } = decide(at(0), &unit, &domain, &LIMITS, "w") else { panic!("waits") };
        assert_eq!(note, WaitNote { until: at(30_000), reason: WaitReason::Schedule });
        assert!(matches!(decide(at(30_000), &unit, &domain, &LIMITS, "w"), Decision::Start(_)), "its lease has lapsed");
    }

    #[test]
    fn a_deadline_passes_also_while_another_run_is_running() {
        let mut unit = started(0, &queued(2));
        unit.running.as_mut().expect("running").until = at(700_000);
        let Decision::TimedOut { state, seq } = decide(at(600_000), &unit, &DomainState::default(), &LIMITS, "w")
        else {
            panic!("timed out")
        };
        assert_eq!((seq, state.waiting.len()), (2, 0));
        assert_eq!(state.running, unit.running, "the running one goes on");
    }

    #[test]
    fn fifty_of_a_burst_are_admitted_and_the_next_is_told_when_to_come_back() {
        let unit = queued(50);
        assert_eq!(forecast(at(0), &unit, &LIMITS, 1), [at(600_000)]);
        assert_eq!(admit(at(0), &unit, &LIMITS, 1), Admission::TooMany { retry_at: at(1_000) });
        let mut begun = queued(50);
        begun.waiting.drain(..5);
        begun.starts = vec![at(0); 5];
        assert!(matches!(admit(at(0), &begun, &LIMITS, 1), Admission::TooMany { .. }));
        assert!(
            matches!(admit(at(1), &begun, &LIMITS, 1), Admission::Queued { .. }),
            "as soon as it could start in time"
        );
    }

    #[test]
    fn a_disabled_unit_admits_nothing() {
        let unit = UnitState { enabled: false, ..UnitState::default() };
        assert_eq!(admit(at(0), &unit, &LIMITS, 1), Admission::Disabled);
    }
}
