//! Schedules: kept, falling due once, overlapping, run like any run, taken back, gone with their unit.

use std::time::Duration;

use model::clock::{Clock as _, Timestamp};
use model::ids::UnitId;
use model::keys;
use model::ledger::{LedgerError, Reserved, ScheduleView, Taken, Ticket, UnitChange};
use model::limits::{MAX_SCHEDULED, UnitLimits};
use model::ports::Nudge;
use model::run::{Method, RunState};
use model::schedule::{Overlap, Pattern, Schedule, ScheduleError, ScheduleId};
use model::store::{Expect, Write};
use model::unit::{Unit, WaitReason};

use crate::scene::{DOMAIN, Scene, ending, scene};

const HOUR: Duration = Duration::from_secs(3_600);

fn hourly(unit: &Unit, overlap: Overlap) -> Schedule {
    Schedule { overlap, ..Schedule::new(&unit.id, Pattern::Hourly { minute: 0 }) }
}

impl Scene {
    async fn due(&self) -> Vec<Nudge> {
        let due = self.ledger.fall_due(100).await.unwrap();
        assert_eq!(due.failed, []);
        due.nudges
    }

    async fn take_scheduled(&self) -> Taken {
        self.ledger.take_scheduled(DOMAIN, "s").await.unwrap()
    }

    async fn scheduled(&self) -> Box<Ticket> {
        match self.take_scheduled().await {
            Taken::Run(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    async fn view(&self) -> ScheduleView {
        self.ledger.schedules(DOMAIN, None).await.unwrap().remove(0)
    }
}

#[tokio::test]
async fn a_schedule_falls_due_once_and_is_a_run_like_any_other() {
    let scene = scene(UnitLimits::default()).await;
    let start = scene.clock.now();
    assert_eq!(start, Timestamp(1_800_000_000_000), "on the hour");
    let view = scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    assert_eq!((view.next, view.schedule.id.0.len()), (Some(start + HOUR), 12));
    assert!(scene.due().await.is_empty());
    scene.clock.advance(HOUR);
    let nudge = Nudge::scheduled(DOMAIN, scene.unit.id.clone());
    assert_eq!(scene.due().await, [nudge]);
    assert!(scene.due().await.is_empty(), "once");
    assert_eq!(scene.view().await.next, Some(start + HOUR + HOUR));
    let state = scene.ledger.state(&scene.unit.id).await.unwrap();
    assert_eq!((state.scheduled.as_slice(), state.waiting.len()), ([1].as_slice(), 0), "it waits in the domain's gate");

    let ticket = scene.scheduled().await;
    assert_eq!((ticket.run.trigger.method, ticket.run.trigger.app), (Method::Schedule, scene.unit.app));
    assert_eq!(ticket.run.schedule, Some(view.schedule.id.clone()));
    assert!(scene.ledger.payload(&ticket.run).await.is_ok());
    scene.ask(&scene.unit).await;
    let Taken::Wait { note, .. } = scene.take(&scene.unit, "w").await else { panic!("held back") };
    assert_eq!(note.reason, WaitReason::Schedule);
    assert_eq!(scene.ledger.reserve(&ticket, 200_000, None).await.unwrap(), Reserved::Granted { woken: vec![] });
    assert!(scene.ledger.gate(DOMAIN).await.unwrap().writing.is_empty(), "the budget is the realtime runs'");
    for _ in 0..10 {
        scene.clock.advance(Duration::from_secs(60));
        scene.ledger.renew(&ticket).await.unwrap();
    }
    let ended = scene.ledger.end(&ticket, &ending(RunState::Succeeded), false).await.unwrap();
    assert_eq!((ended.run.state, ended.run.schedule.as_ref()), (RunState::Succeeded, Some(&view.schedule.id)));
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().to_log, [1], "logged like any run");
    let run = scene.run(&scene.unit, "w").await;
    assert_eq!(run.run.id.seq, 2, "it waited eleven minutes, and its wait limit of ten is not used up");
    assert!(matches!(scene.take_scheduled().await, Taken::Idle(_)));
}

#[tokio::test]
async fn what_overlaps_is_skipped_and_counted_or_queued() {
    for (overlap, waiting, skipped) in [(Overlap::Skip, 1, 2), (Overlap::Queue, 3, 0)] {
        let scene = scene(UnitLimits::default()).await;
        scene.ledger.put_schedule(hourly(&scene.unit, overlap)).await.unwrap();
        for _ in 0..3 {
            scene.clock.advance(HOUR);
            scene.due().await;
        }
        assert_eq!(scene.ledger.gate(DOMAIN).await.unwrap().schedules.len(), waiting, "{overlap:?}");
        assert_eq!(scene.view().await.skipped, skipped);
    }
}

#[tokio::test]
async fn times_that_were_missed_are_one() {
    let scene = scene(UnitLimits::default()).await;
    scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Queue)).await.unwrap();
    scene.clock.advance(HOUR * 5 + HOUR / 2);
    assert_eq!(scene.due().await.len(), 1);
    let (view, start) = (scene.view().await, Timestamp(1_800_000_000_000));
    assert_eq!((view.last, view.next), (Some(start + HOUR), Some(start + HOUR * 6)));
}

#[tokio::test]
async fn one_that_cannot_be_read_does_not_keep_others_from_falling_due() {
    let scene = scene(UnitLimits::default()).await;
    let view = scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    let broken = keys::schedule(DOMAIN, &scene.unit.id, &ScheduleId("broken".into()));
    let nonsense = Write::put(broken.clone(), &serde_json::json!({ "v": 9 }), Expect::Absent).unwrap();
    scene.ledger.store().commit(vec![nonsense.due(Some(scene.clock.now()))]).await.unwrap();
    scene.clock.advance(HOUR);
    let due = scene.ledger.fall_due(100).await.unwrap();
    assert_eq!((due.nudges.len(), due.failed.len()), (1, 1));
    assert_eq!(due.failed[0].0, broken.sk);
    assert_eq!(scene.scheduled().await.run.schedule, Some(view.schedule.id));
}

#[tokio::test]
async fn the_row_is_bounded_and_a_disabled_unit_or_schedule_runs_nothing() {
    let scene = scene(UnitLimits::default()).await;
    for _ in 0..MAX_SCHEDULED + 3 {
        scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    }
    let off = Schedule { enabled: false, ..hourly(&scene.unit, Overlap::Skip) };
    assert_eq!(scene.ledger.put_schedule(off).await.unwrap().next, None);
    scene.clock.advance(HOUR);
    let mut entered = 0;
    for _ in 0..3 {
        entered += scene.due().await.iter().filter(|nudge| nudge.scheduled).count();
    }
    assert_eq!(entered, MAX_SCHEDULED);
    let views = scene.ledger.schedules(DOMAIN, Some(&scene.unit.id)).await.unwrap();
    assert_eq!(views.iter().map(|view| view.skipped).sum::<u64>(), 3);
    scene.ledger.set_enabled(&scene.unit.id, false).await.unwrap();
    let other = scene.add("二").await;
    assert!(scene.ledger.schedules(DOMAIN, Some(&other.id)).await.unwrap().is_empty());
    scene.clock.advance(HOUR);
    for _ in 0..3 {
        scene.due().await;
    }
    assert_eq!(scene.ledger.gate(DOMAIN).await.unwrap().schedules.len(), MAX_SCHEDULED, "nothing more");
}

#[tokio::test]
async fn a_scheduled_run_that_waits_can_be_taken_back() {
    let scene = scene(UnitLimits::default()).await;
    scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    scene.clock.advance(HOUR);
    scene.due().await;
    let run = scene.ledger.runs(&scene.unit.id, 1).await.unwrap().remove(0);
    assert_eq!(scene.ledger.cancel(&run.id).await.unwrap().state, RunState::Cancelled);
    let state = scene.ledger.state(&scene.unit.id).await.unwrap();
    assert!(scene.ledger.gate(DOMAIN).await.unwrap().schedules.is_empty() && state.scheduled.is_empty());
    assert!(matches!(scene.take_scheduled().await, Taken::Idle(_)));
}

#[tokio::test]
async fn a_dead_scheduled_worker_is_missed_and_a_late_one_is_told() {
    let scene = scene(UnitLimits::default()).await;
    scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    scene.clock.advance(HOUR);
    scene.due().await;
    let first = scene.scheduled().await;
    scene.clock.advance(Duration::from_secs(119));
    assert!(scene.due().await.is_empty());
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(scene.due().await, [Nudge::scheduled(DOMAIN, scene.unit.id.clone())], "nobody has looked in time");
    let second = scene.scheduled().await;
    assert_eq!((second.resumed, second.run.attempt), (true, 2));
    let superseded = LedgerError::Superseded(first.run.id.clone());
    assert_eq!(scene.ledger.renew(&first).await, Err(superseded.clone()));
    assert_eq!(scene.ledger.end(&first, &ending(RunState::Succeeded), true).await, Err(superseded));
    scene.ledger.renew(&second).await.unwrap();
    scene.ledger.lapse_leases(DOMAIN).await.unwrap();
    assert_eq!(scene.scheduled().await.run.attempt, 3, "whoever knows that no worker lives need not wait");
}

/// Found by the exploration in `tests/checking`.
#[tokio::test]
async fn a_worker_that_stalled_beyond_its_lease_does_not_come_back_beside_a_scheduled_run() {
    let scene = scene(UnitLimits::default()).await;
    let other = scene.add("二").await;
    scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    scene.clock.advance(HOUR - Duration::from_secs(60));
    let stalled = scene.started(&other, "w").await;
    scene.clock.advance(Duration::from_secs(90));
    scene.due().await;
    let scheduled = scene.scheduled().await;
    let superseded = LedgerError::Superseded(stalled.run.id.clone());
    assert_eq!(scene.ledger.renew(&stalled).await, Err(superseded.clone()), "nobody has its run, and yet");
    assert_eq!(scene.ledger.reserve(&stalled, 1, None).await, Err(superseded));
    let Taken::Wait { note, .. } = scene.take(&other, "v").await else { panic!("not beside it") };
    assert_eq!(note.reason, WaitReason::Schedule);
    scene.ledger.end(&scheduled, &ending(RunState::Succeeded), true).await.unwrap();
    assert_eq!(scene.run(&other, "v").await.run.attempt, 2, "after it");
}

#[tokio::test]
async fn what_cannot_start_in_time_ends_as_timed_out() {
    let scene = scene(UnitLimits::default()).await;
    let other = scene.add("二").await;
    scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    let running = scene.started(&other, "w").await;
    for _ in 0..60 {
        scene.clock.advance(Duration::from_secs(60));
        scene.ledger.renew(&running).await.unwrap();
    }
    scene.due().await;
    for _ in 0..60 {
        let Taken::Wait { note, .. } = scene.take_scheduled().await else { panic!("a realtime run is running") };
        assert_eq!(note.reason, WaitReason::Realtime);
        scene.clock.advance(Duration::from_secs(60));
        scene.ledger.renew(&running).await.unwrap();
    }
    let Taken::Ended(run) = scene.take_scheduled().await else { panic!("given up") };
    assert_eq!((run.state, run.id.unit), (RunState::TimedOut, scene.unit.id.clone()));
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().to_log, [1]);
}

#[tokio::test]
async fn schedules_change_and_go_with_their_unit() {
    let scene = scene(UnitLimits::default()).await;
    let nowhere = Unit { id: UnitId("unowhere".into()), ..scene.unit.clone() };
    let refused = scene.ledger.put_schedule(hourly(&nowhere, Overlap::Skip)).await;
    assert_eq!(refused, Err(LedgerError::NoUnit(nowhere.id)));
    let wrong = Schedule { pattern: Pattern::Hourly { minute: 60 }, ..hourly(&scene.unit, Overlap::Skip) };
    let refused = scene.ledger.put_schedule(wrong).await;
    assert!(matches!(refused, Err(LedgerError::Schedule(ScheduleError::Pattern(_)))), "{refused:?}");
    let first = scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap().schedule;
    let later = Schedule { pattern: Pattern::Hourly { minute: 30 }, ..first.clone() };
    let changed = scene.ledger.put_schedule(later).await.unwrap();
    assert_eq!(changed.next, Some(scene.clock.now() + HOUR / 2));
    assert_eq!(scene.ledger.schedules(DOMAIN, None).await.unwrap(), [changed], "changed, not added");
    scene.ledger.put_schedule(hourly(&scene.unit, Overlap::Skip)).await.unwrap();
    scene.ledger.remove_schedule(DOMAIN, &scene.unit.id, &first.id).await.unwrap();
    let gone = scene.ledger.remove_schedule(DOMAIN, &scene.unit.id, &first.id).await;
    assert_eq!(gone, Err(LedgerError::NoSchedule(first.id)));
    scene.clock.advance(HOUR);
    assert_eq!(scene.due().await.len(), 1);
    let remove = UnitChange::Remove(scene.unit.id.clone());
    let busy = scene.ledger.change_units(std::slice::from_ref(&remove)).await;
    assert_eq!(busy, Err(LedgerError::Busy(scene.unit.id.clone())), "a run of it is due");
    let ticket = scene.scheduled().await;
    scene.ledger.end(&ticket, &ending(RunState::Succeeded), true).await.unwrap();
    scene.ledger.change_units(&[remove]).await.unwrap();
    assert!(scene.ledger.schedules(DOMAIN, None).await.unwrap().is_empty());
}
