//! Examples of the gate's decisions.

use std::time::Duration;

use super::*;
use crate::budget::Request as Ask;
use crate::caps::UnitCaps;
use crate::limits::{MAX_ATTEMPTS, MAX_ENDERS};

const LIMITS: UnitLimits =
    UnitLimits { starts: 5, window_ms: 60_000, wait_ms: 600_000, lease_ms: 90_000, caps: UnitCaps::NONE };

fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

fn name() -> UnitId {
    UnitId("u".into())
}

fn by(owner: &'static str) -> Request<'static> {
    // A leaked name per call is what a test may afford.
    Request { unit: Box::leak(Box::new(name())), limits: &LIMITS, owner, wake: None }
}

fn queued(count: usize) -> UnitState {
    match admit(at(0), &UnitState::default(), &LIMITS, count) {
        Admission::Queued { state, .. } => *state,
        other => panic!("{other:?}"),
    }
}

fn started(now: i64, unit: &UnitState) -> UnitState {
    match decide(at(now), unit, &DomainState::default(), &by("w")) {
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
    let Decision::Wait { note, .. } = decide(at(5_000), &unit, &DomainState::default(), &by("w")) else {
        panic!("the sixth waits")
    };
    assert_eq!(note, WaitNote { until: at(60_000), reason: WaitReason::Rate });
    assert!(matches!(decide(at(59_999), &unit, &DomainState::default(), &by("w")), Decision::Wait { .. }));
    unit = started(60_000, &unit);
    unit.running = None;
    let Decision::Wait { note, .. } = decide(at(60_000), &unit, &DomainState::default(), &by("w")) else {
        panic!("the seventh waits for the second's token")
    };
    assert_eq!(note.until, at(61_000));
}

#[test]
fn a_running_unit_is_locked_until_its_lease_lapses_and_is_then_resumed() {
    let unit = started(0, &queued(2));
    let Decision::Wait { note, .. } = decide(at(1), &unit, &DomainState::default(), &by("v")) else { panic!("locked") };
    assert_eq!(note, WaitNote { until: at(90_000), reason: WaitReason::Lock });
    let Decision::Resume(state) = decide(at(90_000), &unit, &DomainState::default(), &by("v")) else {
        panic!("resumed")
    };
    let lease = state.running.clone().expect("running");
    assert_eq!((lease.seq, lease.owner.as_str(), lease.attempt), (1, "v", 2));
    assert_eq!(state.starts, unit.starts, "resuming is no start");
}

#[test]
fn a_run_that_kills_its_workers_is_given_up() {
    let mut unit = started(0, &queued(1));
    for deaths in [MAX_ATTEMPTS, MAX_ATTEMPTS + MAX_ENDERS - 1] {
        unit.running.as_mut().expect("running").deaths = deaths - 1;
        let Decision::Resume(state) = decide(at(90_000), &unit, &DomainState::default(), &by("v")) else {
            panic!("after {deaths} deaths somebody reads what was written")
        };
        let lease = state.running.expect("running");
        assert_eq!((lease.deaths, lease.is_to_end()), (deaths, true));
    }
    unit.running.as_mut().expect("running").deaths = MAX_ATTEMPTS + MAX_ENDERS - 1;
    let Decision::GiveUp { state, seq } = decide(at(90_000), &unit, &DomainState::default(), &by("v")) else {
        panic!("given up")
    };
    assert_eq!((seq, state.running, state.to_log), (1, None, vec![1]));
}

#[test]
fn waiting_ends_at_the_deadline() {
    let mut unit = queued(1);
    unit.starts = vec![at(599_000); 5];
    let Decision::Wait { note, .. } = decide(at(599_000), &unit, &DomainState::default(), &by("w")) else {
        panic!("waits")
    };
    assert_eq!(note.until, at(600_000), "never past the deadline");
    let Decision::TimedOut { state, seq } = decide(at(600_000), &unit, &DomainState::default(), &by("w")) else {
        panic!("timed out")
    };
    assert_eq!((seq, state.waiting.len(), state.to_log), (1, 0, vec![1]));
}

#[test]
fn a_deadline_passes_also_while_another_run_is_running() {
    let mut unit = started(0, &queued(2));
    unit.running.as_mut().expect("running").until = at(700_000);
    let Decision::TimedOut { state, seq } = decide(at(600_000), &unit, &DomainState::default(), &by("w")) else {
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
    assert!(matches!(admit(at(1), &begun, &LIMITS, 1), Admission::Queued { .. }), "as soon as it could start in time");
}

#[test]
fn a_disabled_unit_admits_nothing() {
    let unit = UnitState { enabled: false, ..UnitState::default() };
    assert_eq!(admit(at(0), &unit, &LIMITS, 1), Admission::Disabled);
}

/// It wants to write 500 records, and asks again then.
fn asks_at(wake: Timestamp) -> Parked {
    Parked { records: 500, wake, before: 0, given_up: None }
}

/// A unit whose run is parked at 0, because another run of the domain writes all that may be written until 90 s.
fn parked() -> (UnitState, DomainState) {
    let (mut unit, mut domain) = (started(0, &queued(2)), DomainState::default());
    let other = RunId { unit: UnitId("other".into()), seq: 1 };
    let all = Ask { run: &other, records: 20_000, until: at(90_000), wake: None };
    let Answer::Granted { state, .. } = budget::ask(at(0), &domain, &all) else { panic!("granted") };
    domain = *state;
    let run = RunId { unit: name(), seq: 1 };
    let wanted = Ask { run: &run, records: 500, until: at(90_000), wake: Some("handle") };
    let Answer::Wait { state, until, .. } = budget::ask(at(0), &domain, &wanted) else { panic!("waits") };
    let lease = unit.running.clone().expect("running");
    (unit, domain, _) = park(at(0), &unit, &lease, asks_at(until), *state, &run);
    (unit, domain)
}

#[test]
fn a_parked_run_keeps_its_unit_and_its_entry_and_asks_again_without_a_worker() {
    let (unit, domain) = parked();
    let lease = unit.running.clone().expect("still locked");
    assert_eq!((lease.owner.as_str(), lease.until), ("", at(135_000)), "15 s, and a margin of 120 s");
    assert_eq!(domain.readers.values().copied().collect::<Vec<_>>(), [at(135_000)]);
    assert_eq!(unit.due(at(0)), Some(at(45_000)), "the sweep looks when its nudge has not come back");
    let Decision::Wait { note, .. } = decide(at(14_999), &unit, &domain, &by("w")) else { panic!("not yet") };
    assert_eq!(note, WaitNote { until: at(15_000), reason: WaitReason::Budget });
    let Decision::Parked { state, domain, note } = decide(at(15_000), &unit, &domain, &by("w")) else {
        panic!("asks again")
    };
    assert_eq!(note, WaitNote { until: at(30_000), reason: WaitReason::Budget });
    assert_eq!(state.running.as_ref().map(|l| (l.until, l.attempt)), Some((at(150_000), 1)), "no taking up");
    assert_eq!((domain.line[0].until, domain.line.len()), (at(150_000), 1), "its place goes on");
}

#[test]
fn a_parked_run_is_taken_up_to_be_ended_when_it_has_waited_too_long() {
    let (mut unit, mut domain) = parked();
    domain.limits.budget_wait_ms = 40_000;
    let mut now = 15_000;
    while now < 40_000 {
        let Decision::Parked { state, domain: after, note } = decide(at(now), &unit, &domain, &by("w")) else {
            panic!("it waits at {now}")
        };
        let parked = state.running.as_ref().and_then(|lease| lease.parked).expect("parked");
        assert_eq!((parked.before, parked.given_up), (0, Some(at(40_000))));
        (unit, domain, now) = (*state, *after, note.until.0);
    }
    assert_eq!(now, 40_000, "it asks at its end, not behind it");
    let Decision::Resume(state) = decide(at(40_000), &unit, &domain, &by("w")) else { panic!("taken up") };
    assert_eq!(state.running.map(|lease| lease.parked), Some(None));
}

#[test]
fn a_parked_run_is_taken_up_when_it_would_be_served_and_that_is_no_death() {
    let (mut unit, mut domain) = parked();
    for round in 0..20u32 {
        domain.writing.clear();
        let Decision::Resume(state) = decide(at(3_000), &unit, &domain, &by("w")) else { panic!("woken") };
        let lease = state.running.clone().expect("running");
        assert_eq!((lease.attempt, lease.deaths, lease.owner.as_str()), (round + 2, 0, "w"));
        assert_eq!((lease.parked, state.wait, domain.line.len()), (None, None, 1), "it keeps its place until it asks");
        unit = *state;
        let run = RunId { unit: name(), seq: 1 };
        (unit, domain, _) = park(at(3_000), &unit, &lease, asks_at(at(4_000)), domain, &run);
    }
    assert_eq!(unit.running.map(|l| l.attempt), Some(21), "more than workers may die");
}

#[test]
fn a_parked_run_that_nobody_came_back_to_is_taken_up_like_any_other() {
    let (unit, mut domain) = parked();
    domain.lapse(at(3_600_000));
    let Decision::Resume(state) = decide(at(599_999), &unit, &domain, &by("w")) else { panic!("taken up") };
    assert_eq!(state.running.map(|l| (l.deaths, l.until)), Some((0, at(599_999) + Duration::from_secs(90))));
}

#[test]
fn a_parked_run_that_has_become_too_large_is_taken_up_to_be_told() {
    let (unit, mut domain) = parked();
    domain.limits.budget = 499;
    assert!(matches!(decide(at(1), &unit, &domain, &by("w")), Decision::Resume(_)));
}

#[test]
fn who_waits_behind_a_parked_run_is_given_up_at_its_deadline_and_the_parked_one_stays() {
    let (mut unit, domain) = parked();
    unit.waiting[0].deadline = at(10_000);
    let Decision::Wait { note, .. } = decide(at(1), &unit, &domain, &by("w")) else { panic!("waits") };
    assert_eq!(note.until, at(10_000), "the deadline of the one behind it");
    let Decision::TimedOut { state, seq } = decide(at(10_000), &unit, &domain, &by("w")) else { panic!("timed out") };
    assert_eq!((seq, state.wait.map(|w| w.reason)), (2, Some(WaitReason::Budget)));
    assert_eq!(state.running, unit.running);
}
