//! Too many at once, the same twice, and what the unit does not take.

use std::collections::BTreeSet;

use model::limits::UnitLimits;
use model::run::RunState;
use model::unit::Event;
use serde_json::{Value as Json, json};
use suiro::units::Wanted;

use super::{Visitor, record_json, seconds, visitor, visitor_by_hand, with};
use crate::story::all_succeeded;

/// One start in sixty seconds, and two minutes' patience: one runs, one waits, and the next could not start in time.
pub(super) fn narrow() -> UnitLimits {
    UnitLimits { starts: 1, window_ms: 60_000, wait_ms: 120_000, ..UnitLimits::default() }
}

/// Sends two orders by webhook, of which the second waits.
async fn fill(stage: &Visitor, record: u64) {
    for n in 1..=2 {
        stage.accepted(stage.sending(&stage.company.url, &stage.notification(&format!("n-{n}"), record))).await;
    }
    stage.until_ended(1).await;
    stage.until("the second waits", || async { stage.state().await.wait.is_some() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_are_told_when_to_ask_again() {
    let (stage, clock) = visitor_by_hand(narrow()).await;
    let id = stage.put_order("A-1");
    let token = stage.token(stage.secret()).await;
    fill(&stage, id).await;
    let run_url = stage.trigger_url(stage.secret(), "run");
    let sheet = json!({ "app": { "id": stage.company.orders }, "records": [record_json(id)] });
    let one = stage.run_body(&token, id);
    let two = with(&with(&one, "record", Json::Null), "records", json!([record_json(id), record_json(id)]));
    // The next start that is free is at 120 s, which is a moment too late for a request of now.
    for (request, after) in [
        (stage.sending(&run_url, &one), "1"),
        (stage.sending(&stage.sheet_url(), &sheet), "1"),
        (stage.sending(&run_url, &two), "60"),
    ] {
        let asked = stage.refused(request, 429, "unit.too_many_waiting").await;
        assert_eq!(asked.header("retry-after"), Some(after), "{asked:#?}");
    }
    clock.advance(seconds(1));
    stage.refused(stage.sending(&run_url, &two), 429, "unit.too_many_waiting").await;
    stage.accepted(stage.sending(&run_url, &one)).await;
    clock.advance(seconds(59));
    stage.until_ended(2).await;
    clock.advance(seconds(60));
    let runs = stage.until_ended(3).await;
    assert_eq!(runs.len(), 3);
    all_succeeded(&runs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_too_many_is_recorded_as_timed_out_and_can_be_run_again() {
    let (stage, clock) = visitor_by_hand(narrow()).await;
    let id = stage.put_order("A-1");
    fill(&stage, id).await;
    let before = stage.state().await;
    let late = stage.ask(stage.sending(&stage.company.url, &stage.notification("n-3", id))).await;
    late.says(202, "run.timed_out");
    let after = stage.state().await;
    assert_eq!((&after.waiting, after.last, after.refused), (&before.waiting, 3, 1), "it does not wait");
    let run = stage.runs().await.remove(2);
    assert_eq!((run.state, run.id.to_string()), (RunState::TimedOut, late.run()));
    assert!(run.started_at.is_none() && run.ended_at.is_some());
    let repeated = stage.ask(stage.sending(&stage.company.url, &stage.notification("n-3", id))).await;
    repeated.says(200, "request.duplicate");
    assert_eq!(repeated.run(), late.run());

    let body = json!({ "accessToken": stage.token(stage.secret()).await, "runId": late.run() });
    let status = stage.ask(stage.sending(&stage.trigger_url(stage.secret(), "status"), &body)).await;
    assert_eq!(
        (status.status, &status.json["state"], &status.json["error"]),
        (200, &json!("timed_out"), &json!("run.timed_out"))
    );

    // It sends no nudge of its own: the second's finds it, or the sweep's.
    clock.advance(seconds(60));
    stage.until_ended(3).await;
    clock.advance(seconds(62));
    stage
        .until("all is logged", || async {
            stage.state().await.to_log.is_empty() && stage.runs().await[1].state.ended()
        })
        .await;
    let log = stage.log_record(&run.id);
    assert_eq!((&log.fields["state"], &log.fields["notification_Id"]), (&json!("timed_out"), &json!("n-3")));
    let message = log.text("log_message").unwrap_or_default();
    assert!(message.contains("run.timed_out") && message.contains("suiro run again"), "{message}");
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("98"), "it wrote nothing");

    stage.stack.ledger.run_again(&run.id).await.expect("run again");
    clock.advance(seconds(60));
    let runs = stage.until_ended(4).await;
    assert_eq!((runs[3].state, runs[3].again_of.as_ref()), (RunState::Succeeded, Some(&run.id)));
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("97"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_run_once_however_often_it_comes() {
    let stage = visitor().await;
    let id = stage.put_order("A-1");
    let body = stage.notification("f3b6e0b2-6f5c-4c4e-9a43-2d1c0b8a7e65", id);
    let (asked, said, again) = tokio::join!(
        stage.ask(stage.sending(&stage.company.url, &body)),
        stage.ask(stage.sending(&stage.company.url, &body)),
        stage.ask(stage.sending(&stage.company.url, &body)),
    );
    let mut answers = vec![asked, said, again];
    answers.sort_by_key(|a| a.status);
    assert_eq!(answers.iter().map(|a| a.status).collect::<Vec<_>>(), [200, 200, 202], "{answers:#?}");
    all_succeeded(&stage.until_ended(1).await);
    answers.push(stage.refused(stage.sending(&stage.company.url, &body), 200, "request.duplicate").await);
    let runs: BTreeSet<_> = answers.iter().map(super::Asked::run).collect();
    assert_eq!(runs, BTreeSet::from([format!("{}-1", stage.company.unit)]));
    assert_eq!((stage.runs().await.len(), stage.control().count(stage.company.movements)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_unit_does_not_take_is_answered_and_not_run() {
    let stage = visitor().await;
    let id = stage.put_order("A-1");
    let ledger = &stage.stack.ledger;
    let additions = |wanted: &mut Wanted| wanted.events = [Event::AddRecord].into();
    let (unit, url) = stage.add_unit_with("登録だけ", additions).await;
    let added = stage.notification("n-1", id);
    for (n, event) in Event::ALL.into_iter().filter(|e| *e != Event::AddRecord).enumerate() {
        let body = with(&added, "type", json!(event.as_str()));
        let body = with(&with(&body, "recordId", json!(id.to_string())), "id", json!(format!("n-{n}")));
        let asked = stage.ask(stage.sending(&url, &body)).await;
        asked.says(200, "request.event_ignored");
        assert!(asked.json.get("runId").is_none(), "{asked:#?}");
    }
    assert_eq!(ledger.state(&unit).await.expect("a state").last, 0);
    stage.accepted(stage.sending(&url, &added)).await;
    stage
        .until("the addition runs", || async {
            ledger.runs(&unit, 10).await.expect("runs").iter().any(|r| r.state == RunState::Succeeded)
        })
        .await;
    assert_eq!(ledger.runs(&unit, 10).await.expect("runs").len(), 1);
}
