//! A flood of webhooks, from the URL to the log app.

use model::refusals::{FLOOD_AFTER, FLOOD_QUIET};
use model::run::Method;
use serde_json::json;

use super::crowds::narrow;
use super::{seconds, visitor_by_hand};

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_one_log_record_that_grows_and_ends() {
    let (stage, clock) = visitor_by_hand(narrow()).await;
    let id = stage.put_order("A-1");
    let send = async |name: String| stage.ask(stage.sending(&stage.company.url, &stage.notification(&name, id))).await;
    let all = FLOOD_AFTER + 50;
    let mut last = None;
    for n in 0..all {
        let asked = send(format!("flood-{n}")).await;
        assert_eq!(asked.status, 202, "{asked:#?}");
        last = Some(asked);
    }
    let last = last.expect("some were sent");
    last.says(202, "unit.flood");
    let flood = stage.runs().await.into_iter().find(|run| run.trigger.method == Method::Flood).expect("a flood");
    assert_eq!(flood.id.to_string(), last.run());
    clock.advance(seconds(2));
    stage
        .until("all are counted", || async {
            let refusals = stage.stack.ledger.refusals(&stage.company.unit).await.expect("refusals");
            refusals.total.late + 2 == all && refusals.flood.is_some_and(|f| f.counts == refusals.total)
        })
        .await;
    let logged = || stage.control().records(stage.company.log);
    let of_flood =
        || logged().into_iter().filter(|r| r.fields["run_id"] == json!(flood.id.to_string())).collect::<Vec<_>>();
    // It goes on, so that it is not over when the second request has its turn.
    clock.advance(seconds(30));
    let third = send("there is room for one more".to_owned()).await;
    assert!(third.status == 202 && third.json["error"].is_null(), "a flood keeps nobody out: {third:#?}");
    send("one too many".to_owned()).await.says(202, "unit.flood");
    stage
        .until("the flood is told", || async {
            clock.advance(seconds(1));
            of_flood().first().is_some_and(|r| r.text("log_message").unwrap_or_default().contains("going on"))
        })
        .await;
    clock.advance(FLOOD_QUIET);
    stage
        .until("its end is told", || async {
            clock.advance(seconds(1));
            of_flood().first().is_some_and(|r| r.text("log_message").unwrap_or_default().contains("over"))
        })
        .await;
    let record = of_flood().remove(0);
    let message = record.text("log_message").unwrap_or_default();
    assert!(message.contains("unit.flood") && message.contains(&format!("{}件", all - 1)), "{message}");
    assert_eq!((&record.fields["state"], &record.fields["execution_method"]), (&json!("timed_out"), &json!("Flood")));
    stage
        .until("all three have run", || async {
            clock.advance(seconds(1));
            stage.runs().await.iter().filter(|r| r.started_at.is_some() && r.state.ended()).count() == 3
        })
        .await;
    // Late webhooks that were logged before the flood was found have records of their own; all others have its.
    let methods: Vec<_> = logged().iter().map(|r| r.fields["execution_method"].clone()).collect();
    assert_eq!(methods.iter().filter(|method| **method == json!("Flood")).count(), 1);
    let told = stage.runs().await.into_iter().find_map(|run| run.flood).expect("a flood").runs;
    assert!(methods.len() as u64 + told.len() as u64 <= 3 + 1 + FLOOD_AFTER + 1, "{methods:?} {told:?}");
    for seq in told {
        let id = model::ids::RunId { unit: stage.company.unit.clone(), seq };
        assert!(!logged().iter().any(|r| r.fields["run_id"] == json!(id.to_string())), "{id} is told twice");
    }
    stage.until("it is closed", || async { stage.state().await.flood.is_none() }).await;
}
