//! Webhooks that wait become one run.

use std::time::Duration;

use model::ids::RunId;
use model::ledger::{Admitted, Ledger, Request};
use model::limits::UnitLimits;
use model::run::{Method, ParameterSet, RunState};
use model::store::Expect;
use model::store::Write;
use model::unit::Unit;
use model::value::Value;

use crate::scene::{Scene, ending, request, scene};

async fn coalescing(limits: UnitLimits) -> Scene {
    let mut scene = scene(limits).await;
    scene.unit = Unit { coalesce: true, ..scene.unit };
    let put = Write::put(model::keys::unit(&scene.unit.id), &scene.unit, Expect::Any).unwrap();
    scene.ledger.store().commit(vec![put]).await.unwrap();
    scene
}

fn of_record(n: u64) -> Request {
    let mut request = request(Method::Webhook, Some(&format!("n-{n}")));
    request.trigger.records = vec![n.to_string()];
    request.payload.sets = vec![ParameterSet::from([("顧客".to_owned(), Value::text(format!("c-{n}")))])];
    request
}

impl Scene {
    async fn record(&self, n: u64) -> Admitted {
        self.admit(&[of_record(n)]).await
    }
}

async fn customers(ledger: &Ledger, run: &RunId) -> Vec<String> {
    let run = ledger.run(run).await.unwrap();
    let sets = ledger.payload(&run).await.unwrap().sets;
    let text = |set: &ParameterSet| match &set["顧客"] {
        Value::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    };
    sets.iter().map(text).collect()
}

#[tokio::test]
async fn webhooks_that_wait_run_once_with_the_parameters_of_all() {
    let scene = coalescing(UnitLimits::default()).await;
    let (ledger, unit) = (&scene.ledger, &scene.unit);
    assert!(matches!(scene.record(1).await, Admitted::Queued(_)));
    let first = scene.run(unit, "w").await;
    let Admitted::Queued(waiting) = scene.record(2).await else { panic!("what runs is not joined") };
    for n in 3..=5 {
        assert_eq!(scene.record(n).await, Admitted::Joined(waiting[0].clone()));
    }
    assert_eq!(scene.record(4).await, Admitted::Duplicate(waiting.clone()), "each notification once");
    assert_eq!(ledger.state(&unit.id).await.unwrap().waiting.len(), 1, "they take one place");
    ledger.end(&first, &ending(RunState::Succeeded), true).await.unwrap();

    let second = scene.run(unit, "w").await;
    assert_eq!((&second.run.id, second.run.trigger.records.join(" ")), (&waiting[0], "2 3 4 5".to_owned()));
    assert_eq!(customers(ledger, &second.run.id).await, ["c-2", "c-3", "c-4", "c-5"]);
    assert!(matches!(scene.record(6).await, Admitted::Queued(_)), "it has started");
    ledger.end(&second, &ending(RunState::Failed), true).await.unwrap();
    let Admitted::Queued(again) = ledger.run_again(&second.run.id).await.unwrap() else { panic!("queued") };
    assert_eq!(customers(ledger, &again[0]).await, ["c-2", "c-3", "c-4", "c-5"], "all of them are run again");
    assert!(matches!(scene.record(7).await, Admitted::Queued(_)), "what was asked for by hand is not joined");
}

#[tokio::test]
async fn a_run_that_several_callers_joined_is_told_of_to_each() {
    let scene = coalescing(UnitLimits::default()).await;
    let of = |n: u64, client: Option<&str>| {
        let mut request = of_record(n);
        request.trigger.client = client.map(str::to_owned);
        [request]
    };
    let Admitted::Queued(runs) = scene.admit(&of(1, Some("shop"))).await else { panic!("queued") };
    let told = async || {
        let trigger = scene.ledger.run(&runs[0]).await.unwrap().trigger;
        [None, Some("shop"), Some("bank"), Some("press")].map(|caller| trigger.told_to(caller))
    };
    assert_eq!(scene.admit(&of(2, Some("shop"))).await, Admitted::Joined(runs[0].clone()));
    assert_eq!(told().await, [false, true, false, false], "one caller's alone");
    assert_eq!(scene.admit(&of(3, Some("bank"))).await, Admitted::Joined(runs[0].clone()));
    assert_eq!(told().await, [true, true, true, false]);
    for (n, client) in [(4, None), (5, Some("shop"))] {
        assert_eq!(scene.admit(&of(n, client)).await, Admitted::Joined(runs[0].clone()));
        assert_eq!(told().await, [true, true, true, false], "each once, and for good");
    }
    scene.ledger.cancel(&runs[0]).await.unwrap();
    let Admitted::Queued(again) = scene.ledger.run_again(&runs[0]).await.unwrap() else { panic!("queued") };
    let trigger = scene.ledger.run(&again[0]).await.unwrap().trigger;
    assert_eq!([Some("shop"), Some("bank"), Some("press")].map(|caller| trigger.told_to(caller)), [true, true, false]);
}

#[tokio::test]
async fn equal_parameters_count_once() {
    let scene = coalescing(UnitLimits::default()).await;
    let Admitted::Queued(runs) = scene.record(1).await else { panic!("queued") };
    let mut same = of_record(2);
    same.payload = of_record(1).payload;
    assert_eq!(scene.admit(&[same]).await, Admitted::Joined(runs[0].clone()));
    assert_eq!(customers(&scene.ledger, &runs[0]).await, ["c-1"]);
}

#[tokio::test]
async fn programs_keep_a_run_of_their_own_and_nobody_is_overtaken() {
    let scene = coalescing(UnitLimits::default()).await;
    scene.record(1).await;
    scene.ask(&scene.unit).await;
    let Admitted::Queued(behind) = scene.record(2).await else { panic!("behind the program's") };
    assert_eq!(scene.record(3).await, Admitted::Joined(behind[0].clone()));
    assert_eq!(behind[0].seq, 3);
}

#[tokio::test]
async fn who_comes_late_is_not_given_up_with_who_came_early() {
    let limits = UnitLimits { wait_ms: 100_000, ..UnitLimits::default() };
    let scene = coalescing(limits).await;
    scene.record(1).await;
    scene.clock.advance(Duration::from_secs(50));
    assert!(matches!(scene.record(2).await, Admitted::Joined(_)));
    scene.clock.advance(Duration::from_secs(1));
    let Admitted::Queued(second) = scene.record(3).await else { panic!("a run of its own") };
    assert_eq!(scene.record(4).await, Admitted::Joined(second[0].clone()));
}

#[tokio::test]
async fn a_run_that_is_taken_back_ends_for_all_and_is_joined_no_more() {
    let scene = coalescing(UnitLimits::default()).await;
    let Admitted::Queued(runs) = scene.record(1).await else { panic!("queued") };
    scene.record(2).await;
    assert_eq!(scene.ledger.cancel(&runs[0]).await.unwrap().gathered.map(|g| g.requests), Some(2));
    assert!(matches!(scene.record(3).await, Admitted::Queued(_)));
}

#[tokio::test]
async fn many_at_once_end_in_as_many_parameters_whoever_wins() {
    let scene = std::sync::Arc::new(coalescing(UnitLimits::default()).await);
    let asked: Vec<_> = (1..=20)
        .map(|n| {
            let scene = scene.clone();
            tokio::spawn(async move { scene.record(n).await })
        })
        .collect();
    let mut runs = std::collections::BTreeSet::new();
    for one in asked {
        match one.await.unwrap() {
            Admitted::Queued(queued) => runs.insert(queued[0].clone()),
            Admitted::Joined(run) => runs.insert(run),
            other => panic!("{other:?}"),
        };
    }
    let mut told = Vec::new();
    for run in &runs {
        told.extend(customers(&scene.ledger, run).await);
    }
    told.sort();
    let mut wanted: Vec<String> = (1..=20).map(|n| format!("c-{n}")).collect();
    wanted.sort();
    assert_eq!((told, runs.len()), (wanted, 1));
}

#[tokio::test]
async fn a_unit_that_does_not_ask_for_it_runs_each_by_itself() {
    let scene = scene(UnitLimits::default()).await;
    for n in 1..=3 {
        assert!(matches!(scene.record(n).await, Admitted::Queued(_)));
    }
}
