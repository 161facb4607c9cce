//! The output budget: the example of the design, parking and waking, the dead and the late.

use std::time::Duration;

use model::catalogue;
use model::clock::Clock as _;
use model::ids::RunId;
use model::ledger::{Admitted, LedgerError, Reserved, Taken};
use model::limits::{AGAIN, AGAIN_LIMIT, BUDGET_ASK, BUDGET_WAIT, DomainLimits, MAX_ATTEMPTS, MAX_ENDERS, UnitLimits};
use model::notice::About;
use model::run::{FlowState, Method, RunState};
use model::standing::{Line, standing};
use model::unit::{Awaits, TOLD_AFTER, WaitNote, WaitReason};

use crate::scene::{DOMAIN, ending, request, scene};

fn granted() -> Reserved {
    Reserved::Granted { woken: Vec::new() }
}

#[tokio::test]
async fn the_third_unit_waits_parked_and_goes_on_when_one_has_finished() {
    let scene = scene(UnitLimits::default()).await;
    let (second, third) = (scene.add("二").await, scene.add("三").await);
    let one = scene.started(&scene.unit, "w1").await;
    let two = scene.started(&second, "w2").await;
    let three = scene.started(&third, "w3").await;
    assert_eq!(scene.ledger.reserve(&one, 12_000, Some("w1")).await.unwrap(), granted());
    assert_eq!(scene.ledger.reserve(&two, 8_000, Some("w2")).await.unwrap(), granted());
    let now = scene.clock.now();
    let until = now + BUDGET_ASK;
    assert_eq!(scene.ledger.reserve(&three, 500, Some("w3")).await.unwrap(), Reserved::Parked { until, before: 0 });

    let superseded = LedgerError::Superseded(three.run.id.clone());
    assert_eq!(scene.ledger.renew(&three).await, Err(superseded.clone()), "it is nobody's while it is parked");
    assert_eq!(scene.ledger.end(&three, &ending(RunState::Succeeded), true).await, Err(superseded));
    scene.ask(&third).await;
    let note = WaitNote { until, reason: WaitReason::Budget };
    let Taken::Wait { note: told, .. } = scene.take(&third, "w4").await else { panic!("the unit is locked") };
    assert_eq!((told, scene.ledger.state(&third.id).await.unwrap().wait), (note, Some(note)), "and says why");

    assert_eq!(scene.ledger.release(&two).await.unwrap(), ["w3"], "one has finished, and the third is woken");
    assert!(scene.ledger.release(&two).await.unwrap().is_empty(), "it holds no more");
    let taken = scene.run(&third, "w5").await;
    assert_eq!((taken.run.id.seq, taken.run.attempt, taken.resumed), (three.run.id.seq, 2, true));
    assert_eq!(scene.ledger.reserve(&taken, 500, Some("w5")).await.unwrap(), granted());
    let gate = scene.ledger.gate(DOMAIN).await.unwrap();
    assert_eq!((gate.writing.values().map(|r| r.records).sum::<u64>(), gate.line.len()), (12_500, 0));
    let done = scene.ledger.end(&taken, &ending(RunState::Succeeded), true).await.unwrap();
    assert_eq!((done.run.state, done.run.waited), (RunState::Succeeded, Some(note)), "its record tells of the wait");
    let gate = scene.ledger.gate(DOMAIN).await.unwrap();
    assert_eq!((gate.writing.len(), gate.readers.len()), (1, 2), "an end gives everything back");
}

#[tokio::test]
async fn an_end_wakes_whom_it_makes_room_for() {
    let scene = scene(UnitLimits::default()).await;
    let second = scene.add("二").await;
    let one = scene.started(&scene.unit, "w1").await;
    let two = scene.started(&second, "w2").await;
    assert_eq!(scene.ledger.reserve(&one, 20_000, None).await.unwrap(), granted());
    assert!(matches!(scene.ledger.reserve(&two, 1, Some("w2")).await.unwrap(), Reserved::Parked { .. }));
    let done = scene.ledger.end(&one, &ending(RunState::Failed), true).await.unwrap();
    assert_eq!(done.woken, ["w2"]);
}

#[tokio::test]
async fn a_wait_of_many_rounds_costs_no_taking_up_and_is_no_death() {
    let scene = scene(UnitLimits::default()).await;
    let second = scene.add("二").await;
    let one = scene.started(&scene.unit, "w1").await;
    let two = scene.started(&second, "w2").await;
    scene.ledger.reserve(&one, 20_000, None).await.unwrap();
    scene.ledger.reserve(&two, 5, Some("old")).await.unwrap();
    for _ in 0..40 {
        scene.clock.advance(BUDGET_ASK);
        scene.ledger.renew(&one).await.unwrap();
        assert!(matches!(scene.take(&second, "new").await, Taken::Wait { .. }));
    }
    assert_eq!(scene.ledger.release(&one).await.unwrap(), ["new"], "the handle of the delivery that waits now");
    assert_eq!(scene.run(&second, "w3").await.run.attempt, 2);
}

#[tokio::test]
async fn the_dead_are_counted_and_parking_is_not() {
    let scene = scene(UnitLimits::default()).await;
    let second = scene.add("二").await;
    let one = scene.started(&scene.unit, "w1").await;
    let mut two = scene.started(&second, "w2").await;
    for death in 1..MAX_ATTEMPTS {
        assert_eq!(scene.ledger.reserve(&one, 20_000, None).await.unwrap(), granted());
        assert!(matches!(scene.ledger.reserve(&two, 5, None).await.unwrap(), Reserved::Parked { .. }));
        scene.ledger.release(&one).await.unwrap();
        let woken = scene.run(&second, "woken").await;
        assert_eq!(scene.ledger.reserve(&woken, 5, None).await.unwrap(), granted());
        for _ in 0..3 {
            scene.clock.advance(Duration::from_secs(30)); // the second's worker is dead, the first's is not
            scene.ledger.renew(&one).await.unwrap();
        }
        two = match scene.take(&second, "next").await {
            Taken::Run(ticket) => ticket,
            other => panic!("after {death} deaths: {other:?}"),
        };
        assert_eq!(two.run.attempt, 1 + 2 * death, "no two takers have the same number");
    }
    scene.clock.advance(Duration::from_secs(90));
    for deaths in MAX_ATTEMPTS..MAX_ATTEMPTS + MAX_ENDERS {
        let ending = scene.run(&second, "ending").await;
        assert_eq!(ending.to_end, Some(deaths), "it is told to end the run");
        scene.clock.advance(Duration::from_secs(90));
    }
    let Taken::Ended(run) = scene.take(&second, "last").await else { panic!("given up") };
    assert_eq!((run.state, run.code), (RunState::Uncertain, Some(catalogue::WORKER_DIED)));
    assert!(run.message.contains("workers died 8 times"), "{}", run.message);
    let flows: Vec<_> = run.flows.iter().map(|flow| (flow.name.as_str(), flow.state)).collect();
    assert_eq!(flows, [("引当", FlowState::Uncertain)]);
}

#[tokio::test]
async fn a_worker_that_stalled_while_it_held_room_is_told_to_stop() {
    let scene = scene(UnitLimits::default()).await;
    let one = scene.started(&scene.unit, "w1").await;
    scene.ledger.reserve(&one, 20_000, None).await.unwrap();
    scene.clock.advance(Duration::from_secs(60));
    scene.ledger.renew(&one).await.unwrap();
    scene.clock.advance(Duration::from_secs(90));
    let lapsed = LedgerError::ReservationLapsed(one.run.id.clone());
    assert_eq!(scene.ledger.renew(&one).await, Err(lapsed), "lease and reservation end together");
    let again = scene.run(&scene.unit, "w2").await;
    assert_eq!(scene.ledger.reserve(&again, 20_000, None).await.unwrap(), granted(), "the dead hold nothing");
    assert_eq!(scene.ledger.release(&one).await, Err(LedgerError::Superseded(one.run.id.clone())));
    assert_eq!(scene.ledger.gate(DOMAIN).await.unwrap().writing.len(), 1, "nor can the late give back another's room");
}

#[tokio::test]
async fn who_takes_a_run_up_holds_nothing_of_the_worker_before_it() {
    let scene = scene(UnitLimits::default()).await;
    let (second, third) = (scene.add("二").await, scene.add("三").await);
    let one = scene.started(&scene.unit, "w1").await;
    scene.ledger.reserve(&one, 20_000, None).await.unwrap();
    let two = scene.started(&second, "w2").await;
    assert!(matches!(scene.ledger.reserve(&two, 20_000, Some("w2")).await.unwrap(), Reserved::Parked { .. }));
    // Its last bulk is written, the release does not come through, and it leaves the run to the next worker.
    let at = scene.clock.now() + AGAIN;
    scene.ledger.hand_over(&one, at, None).await.unwrap();
    let gate = scene.ledger.gate(DOMAIN).await.unwrap();
    assert_eq!(gate.writing.len(), 1, "a bulk of its may still be on its way");
    scene.clock.advance(AGAIN);
    let again = scene.run(&scene.unit, "w3").await;
    assert!(again.resumed);
    let gate = scene.ledger.gate(DOMAIN).await.unwrap();
    assert_eq!((gate.writing.len(), gate.line.len()), (0, 1), "free, and who waits has its place");
    // It reads for long, and the others write meanwhile.
    let two = scene.run(&second, "w4").await;
    assert_eq!(scene.ledger.reserve(&two, 20_000, None).await.unwrap(), granted());
    for _ in 0..20 {
        scene.clock.advance(Duration::from_secs(30));
        scene.ledger.renew(&again).await.unwrap();
        scene.ledger.renew(&two).await.unwrap();
    }
    scene.ledger.release(&two).await.unwrap();
    let three = scene.started(&third, "w5").await;
    assert_eq!(scene.ledger.reserve(&three, 20_000, None).await.unwrap(), granted());
    assert_eq!(
        scene.ledger.reserve(&again, 20_000, None).await.map(|r| matches!(r, Reserved::Parked { .. })),
        Ok(true)
    );
}

#[tokio::test]
async fn the_budget_is_the_administrators_and_a_flow_above_it_is_refused_at_once() {
    let scene = scene(UnitLimits::default()).await;
    let second = scene.add("二").await;
    scene.ledger.set_domain_limits(DOMAIN, DomainLimits { budget: 1_000, ..DomainLimits::default() }).await.unwrap();
    let one = scene.started(&scene.unit, "w1").await;
    assert_eq!(scene.ledger.reserve(&one, 1_001, None).await.unwrap(), Reserved::TooLarge { budget: 1_000 });
    assert_eq!(scene.ledger.reserve(&one, 0, None).await.unwrap(), granted(), "who writes nothing needs no room");
    assert_eq!(scene.ledger.reserve(&one, 1_000, None).await.unwrap(), granted());
    let two = scene.started(&second, "w2").await;
    assert!(matches!(scene.ledger.reserve(&two, 900, None).await.unwrap(), Reserved::Parked { .. }));
    scene.ledger.set_domain_limits(DOMAIN, DomainLimits { budget: 899, ..DomainLimits::default() }).await.unwrap();
    let two = scene.run(&second, "w3").await;
    assert_eq!(scene.ledger.reserve(&two, 900, None).await.unwrap(), Reserved::TooLarge { budget: 899 });
    let gate = scene.ledger.gate(DOMAIN).await.unwrap();
    assert_eq!((gate.limits.budget, gate.readers.len()), (899, 2), "starts and renewals keep the limits");
}

#[tokio::test]
async fn who_finds_nothing_left_to_write_leaves_the_line() {
    let scene = scene(UnitLimits::default()).await;
    let (second, third) = (scene.add("二").await, scene.add("三").await);
    let one = scene.started(&scene.unit, "w1").await;
    scene.ledger.reserve(&one, 20_000, None).await.unwrap();
    for unit in [&second, &third] {
        let ticket = scene.started(unit, "w").await;
        assert!(matches!(scene.ledger.reserve(&ticket, 5, Some(&unit.id.0)).await.unwrap(), Reserved::Parked { .. }));
    }
    scene.ledger.release(&one).await.unwrap();
    let two = scene.run(&second, "w2").await;
    let woken = vec![third.id.to_string()];
    assert_eq!(scene.ledger.reserve(&two, 0, None).await.unwrap(), Reserved::Granted { woken });
    assert_eq!(scene.ledger.gate(DOMAIN).await.unwrap().line.len(), 1, "only the third");
    scene.run(&third, "w3").await;
}

#[tokio::test]
async fn a_parked_run_whose_nudge_is_lost_is_found() {
    let scene = scene(UnitLimits::default()).await;
    let second = scene.add("二").await;
    let one = scene.started(&scene.unit, "w1").await;
    let two = scene.started(&second, "w2").await;
    scene.ledger.reserve(&one, 20_000, None).await.unwrap();
    scene.ledger.reserve(&two, 5, None).await.unwrap();
    scene.clock.advance(BUDGET_ASK + Duration::from_secs(29));
    assert!(scene.ledger.forgotten(9).await.unwrap().is_empty(), "its nudge may still come");
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(scene.ledger.forgotten(9).await.unwrap(), std::slice::from_ref(&second.id));
}

#[tokio::test]
async fn the_budget_is_over_realtime_runs_alone() {
    let scene = scene(UnitLimits::default()).await;
    let other = scene.add("二").await;
    let realtime = scene.started(&other, "w1").await;
    assert_eq!(scene.ledger.reserve(&realtime, 20_000, None).await.unwrap(), granted());
    for method in [Method::Again, Method::Undo] {
        assert!(matches!(scene.admit(&[request(method, None)]).await, Admitted::Queued(_)));
        let by_hand = scene.run(&scene.unit, "w2").await;
        assert_eq!(scene.ledger.reserve(&by_hand, 50_000, Some("w2")).await.unwrap(), granted(), "{method:?}");
        scene.ledger.renew(&by_hand).await.unwrap();
        assert_eq!(scene.ledger.gate(DOMAIN).await.unwrap().writing.len(), 1, "only the realtime run's");
        scene.ledger.end(&by_hand, &ending(RunState::Succeeded), true).await.unwrap();
    }
}

#[tokio::test]
async fn what_repeats_a_scheduled_run_has_its_caps() {
    let scene = scene(UnitLimits::default()).await;
    let mut caps = Vec::new();
    for method in [Method::Webhook, Method::Schedule] {
        scene.admit(&[request(method, None)]).await;
        let mut ticket = scene.run(&scene.unit, "w").await;
        for _ in 0..2 {
            scene.ledger.end(&ticket, &ending(RunState::Failed), true).await.unwrap();
            scene.ledger.run_again(&ticket.run.id).await.unwrap();
            scene.clock.advance(Duration::from_secs(60));
            ticket = scene.run(&scene.unit, "w").await;
            caps.push(ticket.caps.written);
        }
        scene.ledger.end(&ticket, &ending(RunState::Failed), true).await.unwrap();
    }
    assert_eq!(caps, [50_000, 50_000, 200_000, 200_000]);
}

#[tokio::test]
async fn who_asked_first_is_not_overtaken_while_it_stages_or_computes_again() {
    let scene = scene(UnitLimits::default()).await;
    let (second, third) = (scene.add("二").await, scene.add("三").await);
    let one = scene.started(&scene.unit, "w1").await;
    let two = scene.started(&second, "w2").await;
    let three = scene.started(&third, "w3").await;
    scene.ledger.reserve(&one, 20_000, None).await.unwrap();
    assert_eq!(scene.ledger.reserve_if_free(&two, 20_000).await.unwrap(), Reserved::Full);
    scene.ledger.release(&one).await.unwrap();
    // It stages what it wants to write; a small one asks meanwhile.
    let parked = scene.ledger.reserve(&three, 5, Some("w3")).await.unwrap();
    assert!(matches!(parked, Reserved::Parked { before: 1, .. }), "{parked:?}");
    scene.ledger.reserve(&one, 1, None).await.unwrap();
    assert!(matches!(scene.ledger.reserve(&two, 20_000, Some("w2")).await.unwrap(), Reserved::Granted { .. }));
    scene.ledger.release(&two).await.unwrap();
    // What was parked is taken up, and computes for ten minutes before it asks again.
    let three = scene.run(&third, "w4").await;
    for _ in 0..20 {
        scene.clock.advance(Duration::from_secs(30));
        scene.ledger.renew(&three).await.unwrap();
        scene.ledger.renew(&two).await.unwrap();
    }
    let late = scene.ledger.reserve(&two, 20_000, None).await.unwrap();
    assert!(matches!(late, Reserved::Parked { before: 1, .. }), "behind it: {late:?}");
    assert!(matches!(scene.ledger.reserve(&three, 5, None).await.unwrap(), Reserved::Granted { .. }));
}

#[tokio::test]
async fn who_waits_for_the_budget_tells_its_place_and_is_given_up_in_the_end() {
    let scene = scene(UnitLimits::default()).await;
    let (second, third) = (scene.add("二").await, scene.add("三").await);
    let one = scene.started(&scene.unit, "w1").await;
    scene.ledger.reserve(&one, 20_000, None).await.unwrap();
    let since = scene.clock.now();
    for unit in [&second, &third] {
        let ticket = scene.started(unit, "w").await;
        assert_eq!(scene.ledger.reserve_if_free(&ticket, 5).await.unwrap(), Reserved::Full);
        assert!(matches!(scene.ledger.reserve(&ticket, 5, Some(&unit.id.0)).await.unwrap(), Reserved::Parked { .. }));
    }
    let state = scene.ledger.state(&third.id).await.unwrap();
    let lease = state.running.clone().unwrap();
    let run = scene.ledger.run(&RunId { unit: third.id.clone(), seq: lease.seq }).await.unwrap();
    let told = standing(scene.clock.now(), &run, &state, &third.limits).unwrap();
    assert_eq!((told.line, told.given_up), (Line::Budget(2), Some(since + BUDGET_WAIT)));
    let mut rounds = 0;
    let ticket = loop {
        match scene.take(&second, "again").await {
            Taken::Run(ticket) => break ticket,
            Taken::Wait { note, .. } => {
                scene.clock.advance(scene.clock.now().until(note.until));
                scene.ledger.renew(&one).await.unwrap();
            }
            other => panic!("{other:?}"),
        }
        rounds += 1;
        assert!(rounds < 3_000, "it waits for ever");
    };
    assert_eq!(scene.clock.now(), since + BUDGET_WAIT);
    let reserved = scene.ledger.reserve_if_free(&ticket, 5).await.unwrap();
    let Reserved::GivenUp { since: told, .. } = reserved else { panic!("{reserved:?}") };
    assert_eq!(told, since);
    let gate = scene.ledger.gate(DOMAIN).await.unwrap();
    assert!(gate.line.iter().all(|place| place.run != ticket.run.id), "it stands in line no more");
}

#[tokio::test]
async fn a_run_that_waits_for_kintone_tells_it_and_its_owner_is_told_once() {
    let scene = scene(UnitLimits::default()).await;
    let mut ticket = scene.started(&scene.unit, "w1").await;
    let since = scene.clock.now();
    let mut told = 0;
    for round in 0..30 {
        let (now, next) = (scene.clock.now(), scene.clock.now() + AGAIN);
        let awaits = Awaits::again(ticket.awaits.as_ref(), (now, next), "429", (round == 0).then_some((570, 600)));
        scene.ledger.hand_over(&ticket, next, Some(awaits)).await.unwrap();
        let state = scene.ledger.state(&scene.unit.id).await.unwrap();
        let standing = standing(now, &ticket.run, &state, &scene.unit.limits).unwrap();
        assert_eq!((standing.line, standing.since, standing.until), (Line::Outside, Some(since), Some(next)));
        assert_eq!((standing.given_up, standing.written), (Some(since + AGAIN_LIMIT), Some((570, 600))));
        let notices = state.notices.iter().filter(|notice| notice.about == About::Awaits);
        let counted: u64 = notices.map(|notice| notice.count).sum();
        assert_eq!(counted, u64::from(now >= since + TOLD_AFTER), "after {:?}", since.until(now));
        told = counted;
        scene.clock.advance(AGAIN);
        ticket = scene.run(&scene.unit, &format!("w{round}")).await;
    }
    assert_eq!(told, 1);
    scene.ledger.goes_on(&ticket).await.unwrap();
    let state = scene.ledger.state(&scene.unit.id).await.unwrap();
    assert_eq!(standing(scene.clock.now(), &ticket.run, &state, &scene.unit.limits), None, "it has written again");
    assert!(state.running.is_some_and(|lease| lease.deaths == 0));
}
