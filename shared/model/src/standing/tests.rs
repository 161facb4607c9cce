//! Each line that a run can wait in, and what is told of it.

use super::*;
use crate::domain::Scheduled;
use crate::ids::{RunId, UnitId};
use crate::run::Trigger;
use crate::schedule::ScheduleId;
use crate::unit::{Awaits, Lease, Parked, Waiting};

/// Two starts a minute.
fn limits() -> UnitLimits {
    UnitLimits { starts: 2, ..UnitLimits::default() }
}

fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

fn run(seq: u64, method: Method, state: RunState) -> Run {
    let id = RunId { unit: UnitId("u".into()), seq };
    let text = serde_json::json!({
        "v": 1, "id": id, "state": state, "trigger": Trigger::new(method, 1), "queued_at": 0, "deadline": 600_000,
    });
    serde_json::from_value(text).expect("a run")
}

/// Two starts of two are used, and these wait.
fn unit(waiting: u64) -> UnitState {
    let waits = |seq| Waiting { seq, since: at(0), deadline: at(600_000) };
    UnitState {
        last: 2 + waiting,
        waiting: (3..3 + waiting).map(waits).collect(),
        starts: vec![at(0), at(0)],
        ..UnitState::default()
    }
}

fn stands(unit: &UnitState, seq: u64) -> Option<Standing> {
    standing(at(1_000), &run(seq, Method::Api, RunState::Queued), unit, &limits())
}

#[test]
fn the_queue_tells_place_reason_and_times() {
    let wait = Some(WaitNote { until: at(60_000), reason: WaitReason::Rate });
    let unit = UnitState { wait, ..unit(3) };
    let third = stands(&unit, 5).expect("it waits");
    assert_eq!((third.line, third.reason, third.until), (Line::Unit(3), Some(WaitReason::Rate), Some(at(60_000))));
    assert_eq!(third.earliest, Some(at(120_000)), "two start in the next window, it in the one after");
    assert_eq!(stands(&unit, 4).and_then(|s| s.earliest), Some(at(60_000)));
    assert_eq!(third.given_up, Some(at(600_000)));
    let text = third.ja();
    assert!(text.contains("3番目") && text.contains("1分あたり") && text.contains("1970-01-01T00:10:00Z"), "{text}");
    let text = third.en();
    assert!(text.contains("Number 3") && text.contains("starts per minute") && text.contains("given up"), "{text}");
    assert_eq!(stands(&unit, 9), None, "it does not wait");
}

#[test]
fn behind_a_run_it_is_that_run_and_the_parked_one_waits_for_room() {
    let parked = Some(Parked { records: 100, wake: at(15_000), before: 1, given_up: Some(at(900_000)) });
    let running = Some(Lease { parked, ..Lease::first(2, "", at(135_000)) });
    let wait = Some(WaitNote { until: at(15_000), reason: WaitReason::Budget });
    let unit = UnitState { running, wait, ..unit(1) };
    assert_eq!(stands(&unit, 3).and_then(|s| s.reason), Some(WaitReason::Lock));
    let first = standing(at(1_000), &run(2, Method::Api, RunState::Running), &unit, &limits()).expect("parked");
    assert_eq!((first.line, first.reason, first.until), (Line::Budget(2), Some(WaitReason::Budget), Some(at(15_000))));
    assert!(first.en().contains("output budget") && first.en().contains("as number 2"), "{}", first.en());
    assert!(first.en().contains("by 1970-01-01T00:15:00Z, or fails then"), "{}", first.en());
    assert!(first.ja().contains("(2番目)") && first.ja().contains("失敗として終了"), "{}", first.ja());
    let working = UnitState { running: Some(Lease::first(2, "w", at(90_000))), wait: None, ..unit };
    assert_eq!(standing(at(1_000), &run(2, Method::Api, RunState::Running), &working, &limits()), None);
    assert_eq!(stands(&working, 3).and_then(|s| s.reason), Some(WaitReason::Lock), "although nobody has looked");
}

#[test]
fn a_run_that_waits_for_kintone_says_since_when_until_when_and_how_far_it_is() {
    let awaits = Some(Awaits::again(None, (at(60_000), at(90_000)), "429", Some((570, 600))));
    let unit = UnitState { running: Some(Lease { awaits, ..Lease::first(2, "", at(90_000)) }), ..unit(1) };
    let told = standing(at(61_000), &run(2, Method::Api, RunState::Running), &unit, &limits()).expect("it waits");
    assert_eq!((told.line, told.reason), (Line::Outside, Some(WaitReason::Kintone)));
    assert_eq!((told.since, told.until, told.written), (Some(at(60_000)), Some(at(90_000)), Some((570, 600))));
    assert_eq!(told.given_up, Some(at(60_000) + crate::limits::AGAIN_LIMIT));
    let (ja, en) = (told.ja(), told.en());
    for part in ["1970-01-01T00:01:00Z", "1970-01-01T00:01:30Z", "1970-01-01T06:01:00Z", "570", "600"] {
        assert!(ja.contains(part) && en.contains(part), "{part}: {ja} {en}");
    }
    assert!(ja.contains("kintoneなどの応答") && en.contains("given up"), "{ja} {en}");
    assert!(!ja.contains("429") && !en.contains("429"), "what went wrong is its owner's to know");
    assert_eq!(stands(&unit, 3).and_then(|s| s.reason), Some(WaitReason::Lock));
}

#[test]
fn what_schedules_put_off_is_told_of_the_first() {
    let wait = Some(WaitNote { until: at(16_000), reason: WaitReason::Schedule });
    let put_off = Some(Waiting { seq: 3, since: at(0), deadline: at(700_000) });
    let unit = UnitState { wait, put_off, ..unit(2) };
    assert_eq!(stands(&unit, 3).and_then(|s| s.given_up), Some(at(700_000)));
    assert_eq!(stands(&unit, 4).and_then(|s| s.given_up), Some(at(600_000)), "at the least");
    let first = stands(&unit, 3).expect("it waits");
    assert_eq!(first.earliest, None, "only the schedule knows");
    assert!(first.ja().contains("延びます") && first.en().contains("put off"), "{first:?}");
}

#[test]
fn a_scheduled_run_waits_in_the_row_of_its_domain() {
    let run = run(3, Method::Schedule, RunState::Queued);
    let alone = standing(at(1_000), &run, &UnitState { scheduled: vec![3], ..unit(0) }, &limits()).expect("it waits");
    assert_eq!((alone.line, alone.reason, alone.given_up), (Line::Domain(None), None, Some(at(600_000))));
    let scheduled = |seq, wait| Scheduled {
        run: RunId { seq, ..run.id.clone() },
        schedule: ScheduleId("s".into()),
        due: at(0),
        deadline: at(3_600_000),
        lease: None,
        wait,
        rests: None,
    };
    let note = WaitNote { until: at(16_000), reason: WaitReason::Realtime };
    let first = DomainState { schedules: [scheduled(3, Some(note))].into(), ..DomainState::default() };
    let told = alone.in_row(&run, &first);
    assert_eq!(
        (told.line, told.reason, told.until),
        (Line::Domain(Some(1)), Some(WaitReason::Realtime), Some(at(16_000)))
    );
    assert_eq!(told.given_up, Some(at(3_600_000)));
    let second =
        DomainState { schedules: [scheduled(2, Some(note)), scheduled(3, None)].into(), ..DomainState::default() };
    let told = alone.in_row(&run, &second);
    assert_eq!((told.line, told.reason, told.until), (Line::Domain(Some(2)), Some(WaitReason::Schedule), None));
    assert!(told.en().contains("Number 2 of the domain's scheduled runs"), "{}", told.en());
    assert_eq!(alone.in_row(&run, &DomainState::default()), alone);
}
