//! Floods: found, counted, told as one, over; and units that switch themselves off.

use std::sync::Arc;
use std::time::Duration;

use model::catalogue;
use model::clock::Clock as _;
use model::ledger::{Admitted, LedgerError};
use model::limits::{MAX_TO_LOG, RUN_KEPT, UnitLimits};
use model::notice::{self, About};
use model::refusals::{Cause, Counts, FLOOD_AFTER, FLOOD_QUIET};
use model::run::{Method, RunState};
use model::unit::{DisableAfter, Disabled, Doors, Unit};

use crate::scene::{Scene, scene};

/// One start a minute and a second's patience: the first request waits, all others come too late.
async fn full() -> Scene {
    let scene = scene(UnitLimits { wait_ms: 1_000, starts: 1, ..UnitLimits::default() }).await;
    assert!(matches!(scene.webhook("first").await, Admitted::Queued(_)));
    scene
}

fn late(calls: u64) -> Counts {
    Counts::of(Cause::Late, calls)
}

#[tokio::test]
async fn where_no_log_is_written_late_webhooks_are_recorded_up_to_a_bound() {
    let scene = full().await;
    for n in 0..MAX_TO_LOG {
        assert!(matches!(scene.webhook(&n.to_string()).await, Admitted::Late(_)));
    }
    let before = scene.ledger.state(&scene.unit.id).await.unwrap();
    assert_eq!((before.to_log.len(), before.refused as usize), (MAX_TO_LOG, MAX_TO_LOG));
    assert!(matches!(scene.webhook("one more").await, Admitted::TooMany { .. }));
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap(), before, "and costs no write");
}

#[tokio::test]
async fn a_flood_is_one_run_that_grows_and_ends() {
    let scene = full().await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    for n in 0..3 {
        assert!(matches!(scene.webhook(&n.to_string()).await, Admitted::Late(_)));
    }
    ledger.logged(&unit.id, 2).await.unwrap();
    assert_eq!(ledger.note_refused(unit, &late(3)).await.unwrap().flood, None);
    let noted = ledger.note_refused(unit, &late(FLOOD_AFTER)).await.unwrap();
    let flood = noted.flood.expect("a flood");
    assert!(noted.begun && !noted.switched_off);
    let state = ledger.state(&unit.id).await.unwrap();
    assert_eq!((flood.seq, state.last, state.flood), (5, 5, Some(5)));
    assert_eq!((state.to_log, state.late), (vec![5], vec![]), "its record tells of those that are not logged yet");
    let run = ledger.run(&flood).await.unwrap();
    assert_eq!(
        (run.state, run.trigger.method, run.code),
        (RunState::TimedOut, Method::Flood, Some(catalogue::UNIT_FLOOD))
    );
    assert_eq!(run.flood.as_ref().map(|f| (f.counts.sum(), f.runs.clone())), Some((FLOOD_AFTER + 3, vec![3, 4])));
    assert_eq!(ledger.run_again(&flood).await, Err(LedgerError::Flood(flood.clone())));

    assert_eq!(scene.webhook("n").await, Admitted::Flood(flood.clone()));
    let again = ledger.note_refused(unit, &late(1_000)).await.unwrap();
    assert_eq!((again.flood, again.begun), (Some(flood.clone()), false));
    assert_eq!(ledger.state(&unit.id).await.unwrap().last, 5, "counted, not recorded");

    let told = ledger.flood_to_tell(&flood).await.unwrap().expect("at once");
    assert!(told.run.message.contains("1103件") && told.run.message.contains("going on"), "{}", told.run.message);
    ledger.flood_told(&told).await.unwrap();
    assert_eq!(ledger.flood_to_tell(&flood).await.unwrap(), None, "not again so soon");
    scene.clock.advance(FLOOD_QUIET);
    let told = ledger.flood_to_tell(&flood).await.unwrap().expect("its end");
    assert!(told.run.message.contains("over"), "{}", told.run.message);
    // It grows while the record of its end is written: then it goes on.
    ledger.note_refused(unit, &late(1)).await.unwrap();
    ledger.flood_told(&told).await.unwrap();
    assert_eq!(ledger.state(&unit.id).await.unwrap().flood, Some(5));
    scene.clock.advance(FLOOD_QUIET);
    let told = ledger.flood_to_tell(&flood).await.unwrap().expect("its end");
    ledger.flood_told(&told).await.unwrap();
    let state = ledger.state(&unit.id).await.unwrap();
    assert_eq!((state.to_log, state.flood), (vec![], None));
    let refusals = ledger.refusals(&unit.id).await.unwrap();
    assert_eq!((refusals.flood, refusals.total), (None, late(FLOOD_AFTER + 1_004)));
    assert_eq!(
        ledger.run(&flood).await.unwrap().flood.map(|f| (f.over, f.counts)),
        Some((true, late(FLOOD_AFTER + 1_004)))
    );
    // The first has been given up by now; the next to wait takes its place, and who comes after it is late by itself.
    ledger.cancel(&flood_free(&scene, 1)).await.unwrap();
    assert!(matches!(scene.webhook("later").await, Admitted::Queued(_)));
    assert!(matches!(scene.webhook("too late").await, Admitted::Late(_)));
}

#[tokio::test]
async fn what_others_are_refused_for_costs_honest_webhooks_no_record() {
    let scene = full().await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    let outsiders = Counts::of(Cause::Address, FLOOD_AFTER + 1);
    assert!(ledger.note_refused(unit, &outsiders).await.unwrap().begun);
    let Admitted::Late(run) = scene.webhook("late").await else { panic!("recorded by itself") };
    assert!(matches!(ledger.run_again(&run).await.unwrap(), Admitted::TooMany { .. }), "it could be run again");
    ledger.note_refused(unit, &late(FLOOD_AFTER + 1)).await.unwrap();
    assert!(matches!(scene.webhook("n").await, Admitted::Flood(_)), "now they are too many themselves");
}

#[tokio::test]
async fn a_drip_after_the_crowd_costs_honest_webhooks_no_record() {
    let scene = full().await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    let flood = ledger.note_refused(unit, &late(FLOOD_AFTER + 1)).await.unwrap().flood.expect("a flood");
    assert_eq!(scene.webhook("in the crowd").await, Admitted::Flood(flood.clone()));
    for cause in [Cause::Dead, Cause::Content, Cause::Duplicate, Cause::Dead] {
        scene.clock.advance(Duration::from_secs(50));
        ledger.note_refused(unit, &Counts::of(cause, 1)).await.unwrap();
        let told = ledger.flood_to_tell(&flood).await.unwrap().into_iter();
        for told in told {
            assert!(told.run.message.contains("going on"), "{}", told.run.message);
            ledger.flood_told(&told).await.unwrap();
        }
    }
    let state = ledger.state(&unit.id).await.unwrap();
    assert_eq!(state.flood, Some(flood.seq), "the flood goes on");
    ledger.cancel(&flood_free(&scene, 1)).await.unwrap();
    scene.webhook("it waits").await;
    let Admitted::Late(run) = scene.webhook("too late").await else { panic!("recorded by itself") };
    ledger.cancel(&flood_free(&scene, 3)).await.unwrap();
    assert!(matches!(ledger.run_again(&run).await.unwrap(), Admitted::Queued(_)), "and can be run again");
}

#[tokio::test]
async fn a_crowd_ends_by_time_where_no_log_is_ever_written() {
    let scene = full().await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    let flood = ledger.note_refused(unit, &late(FLOOD_AFTER + 1)).await.unwrap().flood.expect("a flood");
    // Its calls come for five minutes more, at two processes.
    let mut versions = std::collections::BTreeSet::new();
    for _ in 0..300 {
        scene.clock.advance(Duration::from_secs(1));
        for _ in 0..2 {
            ledger.note_refused(unit, &late(5)).await.unwrap();
        }
        let item = ledger.store().get(&[model::keys::state(&unit.id)]).await.unwrap().remove(0).unwrap();
        versions.insert(item.version);
        let taken = ledger.state(&unit.id).await.unwrap().takes_late(scene.clock.now());
        assert_eq!(taken, Some(flood.seq));
    }
    assert!(versions.len() <= 11, "the state is written seldom: {versions:?}");
    scene.clock.advance(FLOOD_QUIET * 2);
    ledger.cancel(&flood_free(&scene, 1)).await.unwrap();
    scene.webhook("it waits").await;
    assert!(matches!(scene.webhook("too late").await, Admitted::Late(_)), "recorded by itself again");
    let state = ledger.state(&unit.id).await.unwrap();
    assert_eq!((state.flood, state.to_log.contains(&flood.seq)), (Some(flood.seq), true), "its record is still owed");
}

#[tokio::test]
async fn a_crowd_does_not_put_off_what_is_to_be_logged() {
    let scene = full().await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    ledger.cancel(&flood_free(&scene, 1)).await.unwrap();
    ledger.note_refused(unit, &late(FLOOD_AFTER + 1)).await.unwrap();
    for _ in 0..12 {
        scene.clock.advance(Duration::from_secs(10));
        ledger.note_refused(unit, &late(5)).await.unwrap();
    }
    assert_eq!(ledger.forgotten(9).await.unwrap(), std::slice::from_ref(&unit.id));
}

/// A log app that takes nothing for a quarter: what has expired by then is owed to nobody.
#[tokio::test]
async fn what_has_expired_unlogged_is_taken_off_and_a_flood_with_it() {
    let scene = full().await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    let Admitted::Late(late_one) = scene.webhook("late").await else { panic!("recorded") };
    ledger.note_refused(unit, &Counts::of(Cause::Address, FLOOD_AFTER + 1)).await.unwrap();
    let state = ledger.state(&unit.id).await.unwrap();
    assert_eq!((state.to_log.as_slice(), state.flood), ([3].as_slice(), Some(3)));
    let flood = flood_free(&scene, 3);
    ledger.expired_unlogged(&flood).await.unwrap();
    assert_eq!(ledger.state(&unit.id).await.unwrap(), state, "it is still there");
    let Admitted::Late(second) = scene.webhook("late too").await else { panic!("recorded") };
    scene.clock.advance(RUN_KEPT);
    assert_eq!(ledger.run(&flood).await, Err(LedgerError::NoRun(flood.clone())));
    for run in [&late_one, &flood, &second] {
        ledger.expired_unlogged(run).await.unwrap();
    }
    let state = ledger.state(&unit.id).await.unwrap();
    assert_eq!((state.to_log, state.late, state.flood), (vec![], vec![], None));
    assert_eq!(ledger.refusals(&unit.id).await.unwrap().flood, None);
    let again = ledger.note_refused(unit, &late(FLOOD_AFTER + 1)).await.unwrap();
    assert!(again.begun, "the next one is another");
}

#[tokio::test]
async fn a_second_flood_of_a_day_is_told_too() {
    let scene = full().await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    for n in 1..=2 {
        let flood = ledger.note_refused(unit, &late(FLOOD_AFTER + 1)).await.unwrap().flood.expect("a flood");
        let state = ledger.state(&unit.id).await.unwrap();
        let notices = notice::to_tell(ledger.clock().now(), &state.notices);
        assert_eq!(notices.iter().filter(|n| n.about == About::Flood).count(), 1, "flood {n}: {notices:?}");
        for notice in &notices {
            ledger.notice_told(&unit.id, notice, true, &[]).await.unwrap();
        }
        scene.clock.advance(FLOOD_QUIET);
        let told = ledger.flood_to_tell(&flood).await.unwrap().expect("its end");
        ledger.flood_told(&told).await.unwrap();
    }
}

fn flood_free(scene: &Scene, seq: u64) -> model::ids::RunId {
    model::ids::RunId { unit: scene.unit.id.clone(), seq }
}

#[tokio::test]
async fn processes_that_note_at_once_lose_nothing_and_find_one_flood() {
    let scene = Arc::new(full().await);
    let mut tasks = Vec::new();
    for _ in 0..40 {
        let scene = scene.clone();
        tasks.push(tokio::spawn(async move { scene.ledger.note_refused(&scene.unit, &late(7)).await.unwrap() }));
    }
    let mut begun = 0;
    for task in tasks {
        begun += u32::from(task.await.unwrap().begun);
    }
    let refusals = scene.ledger.refusals(&scene.unit.id).await.unwrap();
    assert_eq!((begun, refusals.total.sum(), refusals.flood.unwrap().counts.sum()), (1, 280, 280));
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().last, 2, "one run for it");
}

#[tokio::test]
async fn a_unit_switches_itself_off_where_it_is_told_to() {
    let scene = full().await;
    let doors = Doors { disable_after: Some(DisableAfter { refusals: 50, minutes: 5 }), ..Doors::default() };
    let unit = Unit { doors, ..scene.unit.clone() };
    let note = async |counts: Counts| scene.ledger.note_refused(&unit, &counts).await;
    assert!(!note(late(49)).await.unwrap().switched_off);
    assert!(!note(Counts::of(Cause::Address, 500)).await.unwrap().switched_off, "a stranger cannot do it");
    scene.clock.advance(Duration::from_secs(120));
    assert!(note(late(1)).await.unwrap().switched_off);
    let state = scene.ledger.state(&unit.id).await.unwrap();
    let at = scene.ledger.clock().now();
    assert_eq!((state.enabled, state.disabled), (false, Some(Disabled { at, refusals: Some(50) })));
    assert_eq!(scene.webhook("n").await, Admitted::Disabled);
    assert!(!note(late(60)).await.unwrap().switched_off, "it is off");
    scene.ledger.set_enabled(&unit.id, true).await.unwrap();
    assert_eq!(scene.ledger.state(&unit.id).await.unwrap().disabled, None);
    assert!(!note(late(1)).await.unwrap().switched_off, "counting starts anew");
    scene.ledger.set_enabled(&unit.id, false).await.unwrap();
    assert_eq!(scene.ledger.state(&unit.id).await.unwrap().disabled, Some(Disabled { at, refusals: None }));
}

#[tokio::test]
async fn a_unit_in_a_flood_can_be_removed() {
    let scene = full().await;
    scene.ledger.note_refused(&scene.unit, &late(FLOOD_AFTER + 1)).await.unwrap();
    scene.ledger.cancel(&flood_free(&scene, 1)).await.unwrap();
    scene.ledger.logged(&scene.unit.id, 1).await.unwrap();
    let remove = model::ledger::UnitChange::Remove(scene.unit.id.clone());
    scene.ledger.change_units(&[remove]).await.unwrap();
    assert_eq!(scene.ledger.refusals(&scene.unit.id).await.unwrap(), model::refusals::Refusals::default());
}
