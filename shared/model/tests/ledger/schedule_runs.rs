//! Scheduled runs beyond falling due: run by hand, with values, and what their unit's state tells and does not forget.

use std::time::Duration;

use model::clock::Clock as _;
use model::keys;
use model::ledger::{Entered, LedgerError, ScheduleView, Taken, UnitChange};
use model::limits::{MAX_SCHEDULED, SWEEP_GRACE, UnitLimits};
use model::ports::Nudge;
use model::run::{ParameterSet, RunState};
use model::schedule::{Overlap, Pattern, Schedule, ScheduleError, ScheduleId};
use model::standing::standing;
use model::unit::{Unit, UnitState, WaitReason};
use model::value::Value;

use crate::scene::{DOMAIN, Scene, ending, scene};

const HOUR: Duration = Duration::from_secs(3_600);

impl Scene {
    async fn hourly(&self, overlap: Overlap) -> ScheduleView {
        let schedule = Schedule { overlap, ..Schedule::new(&self.unit.id, Pattern::Hourly { minute: 0 }) };
        self.ledger.put_schedule(schedule).await.unwrap()
    }

    async fn run_now(&self, id: &ScheduleId) -> Entered {
        self.ledger.run_schedule(DOMAIN, &self.unit.id, id).await.unwrap()
    }

    async fn only(&self) -> ScheduleView {
        self.ledger.schedules(DOMAIN, None).await.unwrap().remove(0)
    }

    async fn state(&self, unit: &Unit) -> UnitState {
        self.ledger.state(&unit.id).await.unwrap()
    }
}

fn run_of(entered: Entered) -> model::ids::RunId {
    match entered {
        Entered::Run(run) => run,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_schedule_that_is_run_by_hand_stands_in_the_row_and_falls_due_as_before() {
    let scene = scene(UnitLimits::default()).await;
    let view = scene.hourly(Overlap::Skip).await;
    let id = &view.schedule.id;
    let run = run_of(scene.run_now(id).await);
    assert_eq!(scene.only().await, view, "nothing is counted, and its next time stays");
    let due = scene.ledger.fall_due(100).await.unwrap();
    assert_eq!(due.nudges, [Nudge::scheduled(DOMAIN, scene.unit.id.clone())], "the next sweep nudges");
    assert_eq!(scene.run_now(id).await, Entered::Overlaps);
    let Taken::Run(ticket) = scene.ledger.take_scheduled(DOMAIN, "s").await.unwrap() else { panic!("it starts") };
    assert_eq!((&ticket.run.id, ticket.run.schedule.as_ref()), (&run, Some(id)));
    assert_eq!(scene.run_now(id).await, Entered::Overlaps, "while it runs, too");
    scene.ledger.end(&ticket, &ending(RunState::Succeeded), true).await.unwrap();
    scene.ledger.set_enabled(&scene.unit.id, false).await.unwrap();
    assert_eq!(scene.run_now(id).await, Entered::Disabled);
    scene.ledger.set_enabled(&scene.unit.id, true).await.unwrap();
    let off = Schedule { enabled: false, ..view.schedule.clone() };
    assert_eq!(scene.ledger.put_schedule(off).await.unwrap().next, None);
    run_of(scene.run_now(id).await);
    assert_eq!(scene.only().await.next, None, "a disabled one runs by hand, and does not fall due by it");
    let nobody = ScheduleId("snobody".into());
    let gone = scene.ledger.run_schedule(DOMAIN, &scene.unit.id, &nobody).await;
    assert_eq!(gone, Err(LedgerError::NoSchedule(nobody)));
}

#[tokio::test]
async fn what_queues_is_run_by_hand_until_the_row_is_full() {
    let scene = scene(UnitLimits::default()).await;
    let id = scene.hourly(Overlap::Queue).await.schedule.id;
    for seq in 1..=MAX_SCHEDULED as u64 {
        assert_eq!(run_of(scene.run_now(&id).await).seq, seq);
    }
    assert_eq!(scene.run_now(&id).await, Entered::Full);
}

#[tokio::test]
async fn a_unit_that_names_values_is_scheduled_with_all_of_them_and_its_runs_get_them() {
    let scene = scene(UnitLimits::default()).await;
    let parameters = ["担当者", "区分"].map(|name| (name.to_owned(), None)).into();
    let unit = Unit { parameters, ..scene.unit.clone() };
    let replace = UnitChange::Replace { unit: Box::new(unit.clone()), flows: vec!["suiro: 1".into()] };
    scene.ledger.change_units(&[replace]).await.unwrap();
    let with = |set: ParameterSet| Schedule {
        parameters: set,
        ..Schedule::new(&scene.unit.id, Pattern::Hourly { minute: 0 })
    };
    let one: ParameterSet = [("区分".to_owned(), Value::text("夜間"))].into();
    let refused = scene.ledger.put_schedule(with(one.clone())).await.unwrap_err();
    assert_eq!(refused, LedgerError::Schedule(ScheduleError::Parameters(vec!["担当者".into()])));
    let text = refused.to_string();
    assert!(text.contains("%担当者%") && !text.contains("%区分%"), "it names what lacks: {text}");
    assert!(text.contains("値を決めてください") && text.contains("give each a value"), "{text}");

    let off = Schedule { enabled: false, ..with(one.clone()) };
    let off = scene.ledger.put_schedule(off).await.unwrap().schedule;
    assert!(scene.ledger.put_schedule(Schedule { enabled: true, ..off.clone() }).await.is_err(), "only switched off");
    scene.ledger.remove_schedule(DOMAIN, &scene.unit.id, &off.id).await.unwrap();

    let both: ParameterSet = one.into_iter().chain([("担当者".to_owned(), Value::Blank)]).collect();
    scene.ledger.put_schedule(with(both.clone())).await.unwrap();
    scene.clock.advance(HOUR);
    assert_eq!(scene.ledger.fall_due(100).await.unwrap().nudges.len(), 1);
    let Taken::Run(ticket) = scene.ledger.take_scheduled(DOMAIN, "s").await.unwrap() else { panic!("it starts") };
    assert_eq!(scene.ledger.payload(&ticket.run).await.unwrap().sets, [both], "a blank is a value too");
}

/// Items from before there were parameters, and states from before deadlines were put off.
#[tokio::test]
async fn what_was_stored_before_is_still_read() {
    let scene = scene(UnitLimits::default()).await;
    let view = scene.hourly(Overlap::Skip).await;
    let key = keys::schedule(DOMAIN, &scene.unit.id, &view.schedule.id);
    let item = scene.ledger.store().get(&[key]).await.unwrap().remove(0).unwrap();
    assert!(item.body.get("parameters").is_none(), "{}", item.body);
    assert_eq!(item.decode::<ScheduleView>().unwrap(), view);
    let item = scene.ledger.store().get(&[keys::state(&scene.unit.id)]).await.unwrap().remove(0).unwrap();
    assert!(item.body.get("put_off").is_none(), "{}", item.body);
    assert_eq!(item.decode::<UnitState>().unwrap().put_off, None);
}

#[tokio::test]
async fn the_state_tells_by_how_much_schedules_put_the_first_request_off() {
    let scene = scene(UnitLimits { wait_ms: 30_000, ..UnitLimits::default() }).await;
    let other = scene.add("二").await;
    scene.hourly(Overlap::Skip).await;
    scene.clock.advance(HOUR);
    scene.ledger.fall_due(100).await.unwrap();
    let Taken::Run(ticket) = scene.ledger.take_scheduled(DOMAIN, "s").await.unwrap() else { panic!("it starts") };
    scene.ask(&other).await;
    let asked = scene.clock.now();
    scene.clock.advance(Duration::from_secs(45));
    let Taken::Wait { note, .. } = scene.take(&other, "w").await else { panic!("held back, and not given up") };
    assert_eq!(note.reason, WaitReason::Schedule);
    let state = scene.state(&other).await;
    let put_off = asked + Duration::from_secs(30 + 45);
    assert_eq!(state.put_off.map(|first| (first.seq, first.deadline)), Some((1, put_off)));
    let run = scene.ledger.runs(&other.id, 1).await.unwrap().remove(0);
    let told = standing(scene.clock.now(), &run, &state, &other.limits).unwrap();
    assert_eq!((told.given_up, told.reason), (Some(put_off), Some(WaitReason::Schedule)));
    scene.ledger.end(&ticket, &ending(RunState::Succeeded), true).await.unwrap();
    scene.run(&other, "w").await;
    assert_eq!(scene.state(&other).await.put_off, None, "it has started");
}

#[tokio::test]
async fn a_scheduled_run_does_not_put_off_when_the_sweep_looks_at_its_units_requests() {
    let scene = scene(UnitLimits::default()).await;
    let id = scene.hourly(Overlap::Queue).await.schedule.id;
    scene.ask(&scene.unit).await;
    let asked = scene.clock.now();
    scene.clock.advance(SWEEP_GRACE - Duration::from_secs(1));
    run_of(scene.run_now(&id).await);
    let Taken::Run(ticket) = scene.ledger.take_scheduled(DOMAIN, "s").await.unwrap() else { panic!("it starts") };
    scene.ledger.end(&ticket, &ending(RunState::Succeeded), true).await.unwrap();
    assert_eq!(scene.state(&scene.unit).await.due(scene.clock.now()), Some(asked + SWEEP_GRACE));
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(scene.ledger.forgotten(10).await.unwrap(), std::slice::from_ref(&scene.unit.id));
}
