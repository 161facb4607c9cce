//! Examples of the gate of scheduled runs.

use super::*;
use crate::caps::UnitCaps;
use crate::gate::{Admission, Decision};
use crate::ids::UnitId;
use crate::limits::{MAX_ATTEMPTS, MAX_ENDERS, UnitLimits};
use crate::schedule::ScheduleId;
use crate::unit::{Awaits, Parked};

const LIMITS: UnitLimits =
    UnitLimits { starts: 5, window_ms: 60_000, wait_ms: 600_000, lease_ms: 90_000, caps: UnitCaps::NONE };
const HOUR: i64 = 3_600_000;

fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

fn run(unit: &str, seq: u64) -> RunId {
    RunId { unit: UnitId(unit.into()), seq }
}

fn decides(now: i64, unit: &UnitState, domain: &DomainState) -> Turn {
    let request = Request { unit: &UnitId("batch".into()), limits: &LIMITS, owner: "w", wake: None };
    decide(at(now), unit, domain, &request)
}

fn realtime(now: i64, unit: &UnitState, domain: &DomainState) -> Decision {
    let request = Request { unit: &UnitId("web".into()), limits: &LIMITS, owner: "w", wake: None };
    gate::decide(at(now), unit, domain, &request)
}

/// A schedule of the unit `batch` falls due.
fn falls_due(now: i64, unit: &mut UnitState, domain: &mut DomainState) {
    unit.last += 1;
    unit.scheduled.push(unit.last);
    let run = run("batch", unit.last);
    let schedule = ScheduleId("s".into());
    let deadline = at(now + HOUR);
    enter(at(now), domain, Scheduled { run, schedule, due: at(now), deadline, lease: None, wait: None, rests: None });
}

fn starts(now: i64, unit: &mut UnitState, domain: &mut DomainState) {
    match decides(now, unit, domain) {
        Turn::Start(after) => (*unit, *domain) = *after,
        other => panic!("at {now}: {other:?}"),
    }
}

fn ends(now: i64, unit: &mut UnitState, domain: &mut DomainState) {
    let seq = unit.running.take().expect("running").seq;
    domain.leave(at(now), &run("batch", seq));
}

fn waiting(now: i64) -> UnitState {
    match gate::admit(at(now), &UnitState::default(), &LIMITS, 1) {
        Admission::Queued { state, .. } => *state,
        other => panic!("{other:?}"),
    }
}

fn waits(turn: Turn) -> WaitNote {
    match turn {
        Turn::Wait(domain, note) => {
            assert_eq!(domain.schedules[0].wait, Some(note), "it is told");
            note
        }
        other => panic!("{other:?}"),
    }
}

fn held_back(decision: &Decision) -> bool {
    matches!(decision, Decision::Wait { note, .. } if note.reason == WaitReason::Schedule)
}

#[test]
fn a_due_schedule_stops_starts_waits_for_those_that_run_and_then_runs() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    domain.enter(at(0), &run("other", 1), at(90_000));
    falls_due(1_000, &mut unit, &mut domain);
    let web = waiting(500);
    assert!(held_back(&realtime(1_000, &web, &domain)), "no new start");
    assert_eq!(waits(decides(1_000, &unit, &domain)), WaitNote { until: at(16_000), reason: WaitReason::Realtime });
    domain.leave(at(5_000), &run("other", 1));
    starts(5_000, &mut unit, &mut domain);
    assert_eq!(unit.running.as_ref().map(|l| (l.seq, l.scheduled)), Some((1, true)), "it has its unit's lock");
    assert_eq!((unit.starts.as_slice(), unit.scheduled.len()), ([at(5_000)].as_slice(), 0), "and counts as a start");
    assert!(held_back(&realtime(5_000, &web, &domain)), "no start beside it");
    assert_eq!(waits(decides(6_000, &unit, &domain)).reason, WaitReason::Lock, "a doubled nudge");
    ends(50_000, &mut unit, &mut domain);
    assert!(matches!(realtime(50_000, &web, &domain), Decision::Start(_)));
    assert_eq!(decides(50_000, &unit, &domain), Turn::Idle);
}

#[test]
fn between_two_scheduled_runs_those_that_waited_start_for_a_minute_and_those_that_come_do_not() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    falls_due(0, &mut unit, &mut domain);
    starts(0, &mut unit, &mut domain);
    ends(10_000, &mut unit, &mut domain);
    let (waited, came) = (waiting(9_999), waiting(10_001));
    assert!(matches!(realtime(69_999, &waited, &domain), Decision::Start(_)));
    assert!(held_back(&realtime(10_001, &came, &domain)), "else the schedule would starve");
    assert_eq!(waits(decides(10_000, &unit, &domain)), WaitNote { until: at(70_000), reason: WaitReason::Schedule });
    assert!(held_back(&realtime(70_000, &waited, &domain)), "for at most a minute");
    starts(70_000, &mut unit, &mut domain);
    assert_eq!(unit.running.as_ref().map(|l| l.seq), Some(2));
}

#[test]
fn a_schedule_that_falls_due_in_an_interlude_waits_for_its_end() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    starts(0, &mut unit, &mut domain);
    ends(10_000, &mut unit, &mut domain);
    falls_due(11_000, &mut unit, &mut domain);
    assert!(matches!(realtime(12_000, &waiting(10_000), &domain), Decision::Start(_)));
    assert_eq!(waits(decides(12_000, &unit, &domain)).until, at(70_000));
}

#[test]
fn waiting_for_a_schedule_does_not_use_up_the_wait_limit_but_has_a_cap() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    let web = waiting(0); // given up at 600 s
    falls_due(100_000, &mut unit, &mut domain);
    starts(100_000, &mut unit, &mut domain);
    assert!(held_back(&realtime(HOUR, &web, &domain)), "an hour, and it still waits");
    let late = UnitState { starts: vec![at(HOUR); 5], ..web.clone() };
    ends(HOUR, &mut unit, &mut domain);
    let Decision::Wait { note, .. } = realtime(HOUR + 1, &late, &domain) else { panic!("waits for the rate") };
    assert_eq!(note, WaitNote { until: at(HOUR + 60_000), reason: WaitReason::Rate });
    let until = HOUR + 500_000;
    assert!(matches!(realtime(until - 1, &web, &domain), Decision::Start(_)), "100 s before, 500 s after");
    assert!(matches!(realtime(until, &web, &domain), Decision::TimedOut { .. }));
    // What was due before it came does not count for it.
    let came = waiting(HOUR - 100_000);
    assert_eq!(gate::deadline(at(until), &came.waiting[0], &domain), at(HOUR + 600_000));
    falls_due(HOUR, &mut unit, &mut domain);
    domain.limits.held_ms = 1_000;
    assert!(matches!(realtime(HOUR, &web, &domain), Decision::TimedOut { .. }), "the cap");
}

#[test]
fn a_dead_scheduled_run_still_holds_starts_back_and_is_taken_up_by_its_own_group_alone() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    starts(0, &mut unit, &mut domain);
    assert!(held_back(&realtime(95_000, &waiting(1), &domain)));
    let request = Request { unit: &UnitId("batch".into()), limits: &LIMITS, owner: "v", wake: None };
    assert!(held_back(&gate::decide(at(95_000), &unit, &domain, &request)), "a nudge of its unit does not take it up");
    for death in 1..MAX_ATTEMPTS + MAX_ENDERS {
        match decides(i64::from(death) * 90_000, &unit, &domain) {
            Turn::Resume(after) => (unit, domain) = *after,
            other => panic!("{other:?}"),
        }
        let lease = unit.running.clone().expect("running");
        assert_eq!((lease.attempt, lease.deaths, lease.scheduled), (death + 1, death, true));
        assert_eq!(lease.is_to_end(), death >= MAX_ATTEMPTS);
        assert_eq!(domain.schedules[0].lease, Some(lease.until));
    }
    let Turn::GiveUp(after) = decides(i64::from(MAX_ATTEMPTS + MAX_ENDERS) * 90_000, &unit, &domain) else {
        panic!("given up")
    };
    let (unit, domain) = *after;
    assert_eq!((unit.running, unit.to_log, domain.schedules.len()), (None, vec![1], 0));
}

#[test]
fn a_dead_realtime_run_is_taken_up_before_the_schedule_starts_or_after_it_never_beside_it() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    let mut dead = waiting(0);
    dead.waiting.clear();
    dead.running = Some(Lease::first(1, "gone", at(90_000)));
    domain.enter(at(0), &run("web", 1), at(90_000));
    falls_due(1_000, &mut unit, &mut domain);
    assert!(matches!(realtime(90_000, &dead, &domain), Decision::Resume(_)), "the schedule is only due");
    starts(90_000, &mut unit, &mut domain);
    assert!(held_back(&realtime(90_001, &dead, &domain)));
    let parked = Some(Parked { records: 5, wake: at(50_000), before: 0, given_up: None });
    let asleep = UnitState { running: Some(Lease { parked, ..Lease::first(1, "", at(80_000)) }), ..dead.clone() };
    assert!(held_back(&realtime(90_001, &asleep, &domain)), "nor one that was parked and forgotten");
    ends(100_000, &mut unit, &mut domain);
    assert!(matches!(realtime(100_000, &dead, &domain), Decision::Resume(_)));
}

#[test]
fn a_schedule_waits_for_its_units_dead_run_and_for_its_units_rate() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    unit.running = Some(Lease::first(9, "gone", at(0)));
    assert_eq!(waits(decides(10, &unit, &domain)).reason, WaitReason::Lock);
    unit.running = None;
    unit.starts = vec![at(-10_000); 5];
    assert_eq!(waits(decides(10, &unit, &domain)), WaitNote { until: at(50_000), reason: WaitReason::Rate });
    starts(50_000, &mut unit, &mut domain);
}

#[test]
fn what_cannot_start_in_an_hour_is_given_up_and_holds_nobody_back_any_longer() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    domain.enter(at(0), &run("other", 1), at(2 * HOUR));
    falls_due(0, &mut unit, &mut domain);
    assert_eq!(waits(decides(HOUR - 1, &unit, &domain)).until, at(HOUR), "never past its deadline");
    assert!(matches!(realtime(HOUR, &waiting(HOUR - 1), &domain), Decision::Start(_)), "even before somebody looks");
    let Turn::TimedOut(after) = decides(HOUR, &unit, &domain) else { panic!("given up") };
    assert_eq!((after.0.to_log, after.0.scheduled.len(), after.1.schedules.len()), (vec![1], 0, 0));
    assert_eq!(after.1.schedule_ended, Some(at(HOUR)), "whom it held back has an interlude before the next one");
}

/// Its worker has left it, because something does not answer; it is tried again at `until`.
fn left(unit: &mut UnitState, domain: &mut DomainState, now: i64, until: i64) {
    let lease = unit.running.as_mut().expect("running");
    let awaits = Awaits::again(None, (at(now), at(until)), "503", None);
    (lease.until, lease.handed_over, lease.awaits) = (at(until), true, Some(awaits));
    let run = run("batch", lease.seq);
    rest(at(now), domain, &run, at(until));
}

#[test]
fn a_scheduled_run_that_waits_for_kintone_holds_nobody_back_until_it_is_tried_again() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    starts(0, &mut unit, &mut domain);
    left(&mut unit, &mut domain, 10_000, 40_000);
    assert!(matches!(realtime(39_999, &waiting(20_000), &domain), Decision::Start(_)), "it rests");
    assert_eq!(waits(decides(20_000, &unit, &domain)), WaitNote { until: at(40_000), reason: WaitReason::Kintone });
    assert!(domain.due().is_some_and(|due| due <= at(70_000)), "the sweep will look");
    domain.enter(at(39_000), &run("web", 1), at(129_000));
    assert!(held_back(&realtime(40_000, &waiting(20_000), &domain)), "now it is its turn again");
    assert_eq!(waits(decides(40_000, &unit, &domain)).reason, WaitReason::Realtime, "once they have ended");
    domain.leave(at(45_000), &run("web", 1));
    let Turn::Resume(after) = decides(45_000, &unit, &domain) else { panic!("taken up") };
    assert_eq!((after.1.schedules[0].lease, after.1.schedules[0].rests), (Some(at(135_000)), None));
}

#[test]
fn while_one_rests_the_next_of_the_row_runs_and_never_both() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    starts(0, &mut unit, &mut domain);
    let scheduled = Scheduled { run: run("second", 1), ..domain.schedules[0].clone() };
    enter(at(1_000), &mut domain, Scheduled { lease: None, ..scheduled });
    left(&mut unit, &mut domain, 10_000, 40_000);
    let mut second = UnitState { last: 1, scheduled: vec![1], ..UnitState::default() };
    assert_eq!(head(at(10_000), &domain).map(|s| &s.run), Some(&run("second", 1)));
    starts(10_000, &mut second, &mut domain);
    assert_eq!(head(at(40_000), &domain).map(|s| &s.run), Some(&run("second", 1)), "it runs on; the other waits");
    domain.leave(at(50_000), &run("second", 1));
    assert_eq!(head(at(50_000), &domain).map(|s| &s.run), Some(&run("batch", 1)));
    assert!(matches!(decides(110_000, &unit, &domain), Turn::Resume(_)), "behind the interlude");
}

#[test]
fn one_whose_rest_is_over_lets_those_end_that_have_begun_and_those_start_that_waited() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    starts(0, &mut unit, &mut domain);
    left(&mut unit, &mut domain, 10_000, 40_000);
    // A run that is parked for the budget asks for it on.
    let parked = Parked { records: 1, wake: at(41_000), before: 0, given_up: None };
    let lease = Lease { parked: Some(parked), ..Lease::first(1, "", at(41_000)) };
    let web = UnitState { running: Some(lease), ..UnitState::default() };
    domain.enter(at(39_000), &run("web", 1), at(161_000));
    assert!(matches!(realtime(41_000, &web, &domain), Decision::Resume(_)), "it is not running, but due");
    domain.leave(at(50_000), &run("web", 1));
    // Behind another scheduled run there is an interlude.
    domain.schedule_ended = Some(at(50_000));
    assert!(matches!(realtime(51_000, &waiting(45_000), &domain), Decision::Start(_)));
    assert_eq!(waits(decides(51_000, &unit, &domain)), WaitNote { until: at(110_000), reason: WaitReason::Schedule });
    assert!(matches!(decides(110_000, &unit, &domain), Turn::Resume(_)));
}

#[test]
fn a_rest_does_not_put_deadlines_off() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    let web = waiting(0); // given up at 600 s
    falls_due(100_000, &mut unit, &mut domain);
    starts(100_000, &mut unit, &mut domain);
    let mut now = 110_000;
    while now < 500_000 {
        left(&mut unit, &mut domain, now, now + 30_000);
        now += 30_000;
        let Turn::Resume(after) = decides(now, &unit, &domain) else { panic!("at {now}") };
        (unit, domain) = *after;
        now += 1_000;
    }
    // 10 s at first, and 1 s at each of 13 tries.
    assert_eq!(now, 110_000 + 13 * 31_000);
    assert_eq!(gate::deadline(at(now), &web.waiting[0], &domain), at(600_000 + 10_000 + 13_000));
}

#[test]
fn a_schedule_whose_unit_waits_for_kintone_holds_nobody_back() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    let awaits = Some(Awaits::again(None, (at(0), at(90_000)), "401", None));
    let lease = Lease { handed_over: true, awaits, ..Lease::first(9, "", at(90_000)) };
    unit.running = Some(lease);
    falls_due(0, &mut unit, &mut domain);
    let Turn::Wait(after, note) = decides(1_000, &unit, &domain) else { panic!("waits") };
    assert_eq!(note, WaitNote { until: at(90_000), reason: WaitReason::Kintone });
    assert!(matches!(realtime(2_000, &waiting(1_000), &after), Decision::Start(_)));
    assert!(held_back(&realtime(90_000, &waiting(1_000), &after)), "then it asks again");
}

#[test]
fn an_entry_without_its_run_is_taken_out() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    falls_due(0, &mut unit, &mut domain);
    unit.scheduled.clear();
    let Turn::Gone(after) = decides(1, &unit, &domain) else { panic!("gone") };
    assert!(after.schedules.is_empty());
    let orphan = Lease { scheduled: true, ..Lease::first(1, "gone", at(0)) };
    let stuck = UnitState { running: Some(orphan), ..UnitState::default() };
    assert!(
        matches!(realtime(1, &stuck, &DomainState::default()), Decision::GiveUp { seq: 1, .. }),
        "and a scheduled run without its entry does not lock its unit for ever"
    );
}

#[test]
fn the_sweep_looks_by_what_the_row_says() {
    let (mut unit, mut domain) = (UnitState::default(), DomainState::default());
    assert_eq!(domain.due(), None);
    falls_due(0, &mut unit, &mut domain);
    assert_eq!(domain.due(), Some(at(60_000)), "its nudge may be lost");
    domain.enter(at(50_000), &run("other", 1), at(140_000));
    assert_eq!(domain.due(), Some(at(60_000)), "what else is written does not put it off");
    let Turn::Wait(after, _) = decides(50_000, &unit, &domain) else { panic!("waits") };
    assert_eq!(after.due(), Some(at(125_000)), "the end of its wait and a minute");
    domain.leave(at(60_000), &run("other", 1));
    starts(60_000, &mut unit, &mut domain);
    assert_eq!(domain.due(), Some(at(180_000)), "the end of its lease and half a minute");
}
