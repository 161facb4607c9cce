//! What a picture shows of each thing.

use std::collections::BTreeMap;

use model::domain::{Place, Reservation, Scheduled};
use model::ids::RunId;
use model::ledger::ScheduleView;
use model::run::{Method, RunState, Trigger};
use model::schedule::{Pattern, Schedule, ScheduleId};
use model::unit::{Awaits, Lease, Parked, Unit, UnitState, WaitReason, Waiting};

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

fn id(seq: u64) -> RunId {
    RunId { unit: UnitId("u1".into()), seq }
}

fn domain(gate: DomainState, state: UnitState) -> Picture {
    let unit = Unit { id: UnitId("u1".into()), ..Unit::new("example.cybozu.com", "受注処理", 1, "c") };
    let pattern = Pattern::Hourly { minute: 0 };
    let schedule = Schedule { id: ScheduleId("s1".into()), ..Schedule::new(&unit.id, pattern) };
    let run = serde_json::json!({
        "v": 1, "id": id(7), "state": RunState::Running, "trigger": Trigger::new(Method::Schedule, 1),
        "queued_at": NOW, "deadline": later(3_600),
    });
    let runs = vec![serde_json::from_value(run).expect("a run")];
    let schedules = vec![ScheduleView { schedule, next: Some(later(3_600)), last: None, skipped: 2 }];
    let units = vec![UnitView { unit, state }];
    let refused = [(UnitId("u1".into()), 4)].into();
    let domain = Domain { name: "example.cybozu.com".into(), gate, units, refused, schedules, runs };
    Picture { now: NOW, domains: vec![domain] }
}

/// The line that has all of these.
fn shows(lines: &[String], parts: &[&str]) {
    assert!(lines.iter().any(|line| parts.iter().all(|part| line.contains(part))), "{parts:?}: {lines:#?}");
}

#[test]
fn gate_units_schedules_and_runs_are_shown() {
    let wait = Some(WaitNote { until: later(15), reason: WaitReason::Realtime });
    let scheduled = |seq, lease, wait| Scheduled {
        run: id(seq),
        schedule: ScheduleId("s1".into()),
        due: NOW,
        deadline: later(3_600),
        lease,
        wait,
        rests: None,
    };
    let gate = DomainState {
        readers: BTreeMap::from([(id(1), later(90)), (id(2), later(-1))]),
        writing: BTreeMap::from([(id(1), Reservation { records: 2_600, until: later(90) })]),
        line: [Place { run: id(3), records: 1_000, until: later(120), since: Some(NOW), wake: None }].into(),
        schedules: [scheduled(7, None, wait), scheduled(8, Some(later(90)), None)].into(),
        ..DomainState::default()
    };
    let parked = Some(Parked { records: 1_000, wake: later(15), before: 0, given_up: Some(later(21_600)) });
    let state = UnitState {
        waiting: [Waiting { seq: 9, since: NOW, deadline: later(600) }].into(),
        scheduled: vec![7],
        running: Some(Lease { parked, ..Lease::first(3, "", later(135)) }),
        wait: Some(WaitNote { until: later(15), reason: WaitReason::Budget }),
        ..UnitState::default()
    };
    let lines = lines(&domain(gate, state));
    shows(&lines, &["realtime 1 ", "writing 2,600 / 20,000", "in line 1 ", "scheduled 2"]);
    shows(&lines, &["in line 1", "u1-3", "1,000", "latest", &full_time(later(21_600))]);
    shows(&lines, &["scheduled 1", "u1-7", "s1", "realtime runs (15 s)"]);
    shows(&lines, &["scheduled 2", "u1-8", "running"]);
    shows(&lines, &["受注処理", "u1", "有効 / on", "2", "#3 (待 / parked)", "4", "output budget (15 s)"]);
    shows(&lines, &["s1", "受注処理", "2027-01-15 18:00 (Fri)", "2"]);
    shows(&lines, &["u1-7", "受注処理", "running", "Schedule"]);
}

#[test]
fn a_run_that_waits_for_kintone_says_since_when_and_why() {
    let awaits = Awaits::again(None, (NOW, later(30)), "PUT bulkRequest.json (app 3): 429", Some((570, 600)));
    let running = Some(Lease { awaits: Some(awaits), ..Lease::first(3, "", later(30)) });
    let lines = lines(&domain(DomainState::default(), UnitState { running, ..UnitState::default() }));
    shows(&lines, &["waits for kintone", "u1-3", &full_time(NOW), "written 570/600"]);
    shows(&lines, &["next try", &full_time(later(30)), "given up", &full_time(later(21_600))]);
    shows(&lines, &["PUT bulkRequest.json (app 3): 429"]);
    shows(&lines, &["受注処理", "#3 (待 / waits)"]);
    let offset = full_time(NOW);
    assert!(offset.as_bytes().get(19).is_some_and(|sign| matches!(sign, b'+' | b'-')), "with its offset: {offset}");
}

#[test]
fn what_is_idle_disabled_or_not_there_is_shown_as_that() {
    let state = UnitState {
        enabled: false,
        wait: Some(WaitNote { until: NOW, reason: WaitReason::Rate }),
        ..UnitState::default()
    };
    let mut picture = domain(DomainState::default(), state);
    picture.domains[0].schedules[0].schedule.enabled = false;
    let drawn = lines(&picture);
    shows(&drawn, &["受注処理", "無効 / off", "-", "4"]);
    assert!(!drawn.iter().any(|line| line.contains("starts per minute")), "nobody waits: {drawn:#?}");
    shows(&drawn, &["s1", "無効 / disabled"]);
    let nothing = lines(&Picture { now: NOW, domains: Vec::new() });
    shows(&nothing, &["no units"]);
}

#[test]
fn long_numbers_are_grouped() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
}
