//! Admission, duplicates, URLs, taking back and running again.

use std::time::Duration;

use model::ids::UnitId;
use model::keys;
use model::ledger::{Admitted, LedgerError, Taken, UnitChange};
use model::limits::UnitLimits;
use model::run::{Ending, Method, RunState};
use model::unit::Unit;

use crate::scene::{DOMAIN, request, scene};

#[tokio::test]
async fn a_notification_is_admitted_once() {
    let scene = scene(UnitLimits::default()).await;
    let Admitted::Queued(first) = scene.webhook("n-1").await else { panic!("queued") };
    assert_eq!(scene.webhook("n-1").await, Admitted::Duplicate(first));
    assert!(matches!(scene.webhook("n-2").await, Admitted::Queued(_)));
    let state = scene.ledger.state(&scene.unit.id).await.unwrap();
    assert_eq!((state.last, state.waiting.len()), (2, 2), "a duplicate takes no place");
}

#[tokio::test]
async fn records_of_one_call_are_admitted_together_and_in_order() {
    let scene = scene(UnitLimits::default()).await;
    let three = vec![request(Method::Api, None); 3];
    let Admitted::Queued(runs) = scene.admit(&three).await else { panic!("queued") };
    assert_eq!(runs.iter().map(|r| r.seq).collect::<Vec<_>>(), [1, 2, 3]);
    let sixty = vec![request(Method::Api, None); 48];
    assert!(matches!(scene.admit(&sixty).await, Admitted::TooMany { .. }), "all or none");
    assert_eq!(scene.ledger.state(&scene.unit.id).await.unwrap().last, 3);
}

#[tokio::test]
async fn an_old_url_dies_at_once_or_after_its_overlap() {
    let scene = scene(UnitLimits::default()).await;
    assert!(scene.opens(&scene.secret).await);
    let second = scene.ledger.regenerate_url(&scene.unit.id, Some(Duration::from_secs(60))).await.unwrap();
    assert!(scene.opens(&scene.secret).await && scene.opens(&second).await, "both, for a minute");
    scene.clock.advance(Duration::from_secs(60));
    assert!(!scene.opens(&scene.secret).await && scene.opens(&second).await);
    let third = scene.ledger.regenerate_url(&scene.unit.id, None).await.unwrap();
    assert!(!scene.opens(&second).await && scene.opens(&third).await, "dead at once");
    assert_eq!(scene.ledger.unit(&scene.unit.id).await.unwrap().secrets.len(), 1);
}

#[tokio::test]
async fn a_waiting_run_can_be_taken_back_and_an_ended_one_run_again() {
    let scene = scene(UnitLimits::default()).await;
    let Admitted::Queued(runs) = scene.admit(&vec![request(Method::Api, None); 2]).await else { panic!("queued") };
    let again = scene.ledger.run_again(&runs[0]).await;
    assert_eq!(again, Err(LedgerError::WrongState(runs[0].clone(), "queued")));
    assert_eq!(scene.ledger.cancel(&runs[0]).await.unwrap().state, RunState::Cancelled);
    assert!(matches!(scene.ledger.cancel(&runs[0]).await, Err(LedgerError::WrongState(_, "cancelled"))));
    let Taken::Run(ticket) = scene.ledger.take(&scene.unit.id, DOMAIN, "w").await.unwrap() else { panic!("runs") };
    assert_eq!(ticket.run.id, runs[1], "the one behind it runs");
    let Admitted::Queued(new) = scene.ledger.run_again(&runs[0]).await.unwrap() else { panic!("queued") };
    let run = scene.ledger.run(&new[0]).await.unwrap();
    assert_eq!(scene.ledger.payload(&run).await.unwrap().sets.len(), 1, "with its parameters");
    assert_eq!((run.again_of, run.trigger.records), (Some(runs[0].clone()), vec!["7".to_owned()]));
}

#[tokio::test]
async fn a_stalled_worker_can_neither_renew_nor_end_what_another_has() {
    let scene = scene(UnitLimits::default()).await;
    scene.webhook("n-1").await;
    let take = |owner: &'static str| scene.ledger.take(&scene.unit.id, DOMAIN, owner);
    let Taken::Run(first) = take("one").await.unwrap() else { panic!("runs") };
    assert!(matches!(take("two").await.unwrap(), Taken::Wait { .. }), "locked");
    scene.clock.advance(Duration::from_secs(90));
    let Taken::Run(second) = take("two").await.unwrap() else { panic!("taken up") };
    assert!(second.resumed);
    let ending = Ending { state: RunState::Succeeded, code: None, message: String::new(), flows: Vec::new() };
    let superseded = LedgerError::Superseded(first.run.id.clone());
    assert_eq!(scene.ledger.renew(&first).await, Err(superseded.clone()));
    assert_eq!(scene.ledger.end(&first, &ending, true).await.map(|_| ()), Err(superseded));
    scene.ledger.renew(&second).await.unwrap();
    assert_eq!(scene.ledger.end(&second, &ending, false).await.unwrap().run.state, RunState::Succeeded);
    let Taken::Idle(to_log) = take("three").await.unwrap() else { panic!("idle") };
    assert_eq!(to_log, [1], "its log record is still to be written");
}

#[tokio::test]
async fn a_disabled_unit_refuses_and_what_waits_still_runs() {
    let scene = scene(UnitLimits::default()).await;
    scene.webhook("n-1").await;
    scene.ledger.set_enabled(&scene.unit.id, false).await.unwrap();
    assert_eq!(scene.webhook("n-2").await, Admitted::Disabled);
    assert!(matches!(scene.ledger.take(&scene.unit.id, DOMAIN, "w").await.unwrap(), Taken::Run(_)));
    scene.ledger.set_enabled(&scene.unit.id, true).await.unwrap();
    assert!(matches!(scene.webhook("n-2").await, Admitted::Queued(_)));
}

#[tokio::test]
async fn what_is_due_is_found_and_what_is_idle_is_not() {
    let scene = scene(UnitLimits::default()).await;
    assert!(scene.ledger.forgotten(10).await.unwrap().is_empty());
    scene.webhook("n-1").await;
    assert!(scene.ledger.forgotten(10).await.unwrap().is_empty(), "its nudge may still come");
    scene.clock.advance(Duration::from_secs(61));
    assert_eq!(scene.ledger.forgotten(10).await.unwrap(), std::slice::from_ref(&scene.unit.id));
    let Taken::Run(ticket) = scene.ledger.take(&scene.unit.id, DOMAIN, "w").await.unwrap() else { panic!("runs") };
    assert!(scene.ledger.forgotten(10).await.unwrap().is_empty(), "it is running");
    let ending = Ending { state: RunState::Failed, code: None, message: String::new(), flows: Vec::new() };
    scene.ledger.end(&ticket, &ending, true).await.unwrap();
    assert_eq!(scene.ledger.forgotten(10).await.unwrap(), std::slice::from_ref(&scene.unit.id), "its owner is told");
    let notices = scene.ledger.state(&scene.unit.id).await.unwrap().notices;
    scene.ledger.notice_told(&scene.unit.id, &notices[0], true, &[]).await.unwrap();
    scene.clock.advance(Duration::from_secs(86_400));
    assert!(scene.ledger.forgotten(10).await.unwrap().is_empty(), "nothing to do");
}

#[tokio::test]
async fn units_change_together_or_not_at_all() {
    let scene = scene(UnitLimits::default()).await;
    let ledger = &scene.ledger;
    let two = UnitChange::Replace {
        unit: Box::new(Unit { name: "新".into(), flows: vec!["a".into(), "b".into()], ..scene.unit.clone() }),
        flows: vec!["A".into(), "B".into()],
    };
    let lost = UnitChange::Remove(UnitId("unowhere".into()));
    let refused = ledger.change_units(&[two.clone(), lost]).await;
    assert!(matches!(refused, Err(LedgerError::NoUnit(_))), "{refused:?}");
    assert_eq!(ledger.unit(&scene.unit.id).await.unwrap(), scene.unit, "nothing was changed");

    let copy = UnitChange::Add { unit: Box::new(scene.unit.clone()), flows: vec!["C".into()], enabled: false };
    let done = ledger.change_units(&[two, copy]).await.unwrap();
    let changed = ledger.unit(&scene.unit.id).await.unwrap();
    assert_eq!((changed.name.as_str(), &changed.secrets), ("新", &scene.unit.secrets));
    assert_eq!(ledger.flows(&changed).await.unwrap(), ["A", "B"]);
    assert!(scene.opens(&scene.secret).await, "the URL stays");
    assert_eq!((&done[0].id, &done[0].secret), (&scene.unit.id, &None));
    let added = ledger.unit(&done[1].id).await.unwrap();
    assert!(done[1].secret.is_some() && added.id != scene.unit.id && added.secrets != scene.unit.secrets);
    assert!(!ledger.state(&added.id).await.unwrap().enabled);
    assert_eq!(ledger.units(DOMAIN).await.unwrap().len(), 2);

    let one =
        UnitChange::Replace { unit: Box::new(Unit { flows: vec!["z".into()], ..changed }), flows: vec!["Z".into()] };
    ledger.change_units(&[one, UnitChange::Remove(added.id.clone())]).await.unwrap();
    let now = ledger.unit(&scene.unit.id).await.unwrap();
    assert_eq!(ledger.flows(&now).await.unwrap(), ["Z"]);
    let gone = [keys::flow(&now.id, 1), keys::unit(&added.id), keys::state(&added.id), keys::flow(&added.id, 0)];
    assert!(ledger.store().get(&gone).await.unwrap().iter().all(Option::is_none));
    assert!(!scene.opens(done[1].secret.as_ref().unwrap()).await);
}

#[tokio::test]
async fn a_unit_that_comes_back_keeps_its_url() {
    let scene = scene(UnitLimits::default()).await;
    scene.ledger.change_units(&[UnitChange::Remove(scene.unit.id.clone())]).await.unwrap();
    assert!(!scene.opens(&scene.secret).await);
    let back = UnitChange::Add { unit: Box::new(scene.unit.clone()), flows: vec!["A".into()], enabled: true };
    let done = scene.ledger.change_units(&[back]).await.unwrap();
    assert_eq!((&done[0].id, &done[0].secret), (&scene.unit.id, &None));
    assert!(scene.opens(&scene.secret).await);
}

#[tokio::test]
async fn a_busy_unit_is_not_changed() {
    let scene = scene(UnitLimits::default()).await;
    let replace = || UnitChange::Replace { unit: Box::new(scene.unit.clone()), flows: vec!["A".into()] };
    let remove = || UnitChange::Remove(scene.unit.id.clone());
    scene.webhook("n-1").await;
    let busy = |result: Result<_, LedgerError>| matches!(result, Err(LedgerError::Busy(_)));
    assert!(busy(scene.ledger.change_units(&[remove()]).await), "something waits");
    scene.ledger.change_units(&[replace()]).await.unwrap();
    let taken = scene.ledger.take(&scene.unit.id, DOMAIN, "w").await.unwrap();
    assert!(matches!(taken, Taken::Run(_)), "it runs");
    assert!(busy(scene.ledger.change_units(&[replace()]).await) && busy(scene.ledger.change_units(&[remove()]).await));
    let many = vec!["x".to_owned(); 120];
    let large = UnitChange::Add { unit: Box::new(scene.unit.clone()), flows: many, enabled: true };
    assert!(matches!(scene.ledger.change_units(&[large]).await, Err(LedgerError::TooManyChanges(_))));
}
