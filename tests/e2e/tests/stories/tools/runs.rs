//! `suiro run`, beside a running serve and without one.

use model::run::{Method, RunState};
use serde_json::json;

use super::Tools;

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_shown_taken_back_and_run_again() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &["--starts", "1", "--window", "600", "--wait-limit", "3600"]).await;
    let none = tools.suiro(&["run", "list", "受注処理"]).await;
    assert!(none.good().is_empty() && none.err.contains("no runs yet"), "{none:#?}");
    let id = tools.put_order("A-1");
    for _ in 0..4 {
        assert_eq!(tools.notify(&added.url, id).await, 202);
    }
    tools.until_ended(&added.unit, 1).await;
    let run = |n: u64| format!("{}-{n}", added.unit);
    let waits =
        || async { tools.suiro(&["run", "show", &run(2), "--json"]).await.json()["wait"]["reason"] == json!("rate") };
    tools.stage.until("the second waits for the rate", waits).await;

    let listed = tools.suiro(&["run", "list", "受注処理", "--limit", "2"]).await;
    let lines: Vec<&str> = listed.good().lines().collect();
    assert_eq!(lines.len(), 2);
    for (line, n) in lines.iter().zip([4, 3]) {
        assert!(line.starts_with(&run(n)) && line.contains("queued  Webhook  #1"), "newest first: {line}");
    }
    let done = tools.suiro(&["run", "show", &run(1)]).await;
    for part in ["succeeded", "引当/出荷", "在庫レコード追加", "終了 / ended"] {
        assert!(done.good().contains(part), "{part}: {done:#?}");
    }
    let waiting = tools.suiro(&["run", "show", &run(3)]).await;
    for part in ["待機順 / place  2", "待機理由 / reason", "given up at"] {
        assert!(waiting.good().contains(part), "{part}: {waiting:#?}");
    }
    let whole = tools.suiro(&["run", "show", &run(3), "--json"]).await.json();
    assert_eq!((&whole["run"]["state"], &whole["place"]), (&json!("queued"), &json!(2)));

    let cancelled = tools.suiro(&["run", "cancel", &run(3)]).await;
    assert!(cancelled.good().contains("cancelled"), "{cancelled:#?}");
    tools.suiro(&["run", "cancel", &run(3)]).await.bad(1, "cancelled のため", "is cancelled; this cannot be done");
    tools.suiro(&["run", "cancel", &run(1)]).await.bad(1, "succeeded のため", "is succeeded; this cannot be done");
    tools.suiro(&["run", "again", &run(2)]).await.bad(1, "queued のため", "is queued; this cannot be done");
    for command in ["show", "again", "cancel"] {
        tools.suiro(&["run", command, &run(99)]).await.bad(1, "はありません", "no run");
        tools.suiro(&["run", command, "nonsense"]).await.bad(2, "", "is no run id");
    }
    assert_eq!(tools.suiro(&["run", "again", &run(3)]).await.good().trim(), run(5));
    tools.logged_no_secret(&[&added]);
    served.stop().await;

    // Alone the same commands hold the folder themselves.
    let again = tools.suiro(&["run", "again", &run(1), "--json"]).await.json();
    assert_eq!(again, json!({ "runs": [run(6)] }));
    let cancelled = tools.suiro(&["run", "cancel", &run(4)]).await;
    assert!(cancelled.good().contains("cancelled"), "{cancelled:#?}");
    assert!(tools.suiro(&["run", "show", &run(6)]).await.good().contains("queued  Again  #1"));
    let runs = tools.runs("受注処理").await;
    let states: Vec<_> = runs.iter().map(|r| r.state).collect();
    use RunState::{Cancelled, Queued, Succeeded};
    assert_eq!(states, [Succeeded, Queued, Cancelled, Cancelled, Queued, Queued]);
    assert_eq!((runs[5].trigger.method, runs[5].again_of.as_ref()), (Method::Again, Some(&runs[0].id)));

    // What was taken back while nobody served is in the log app once somebody serves again.
    let served = tools.serve().await;
    let logged = |n: u64| {
        tools
            .stage
            .control()
            .records(tools.stage.company.log)
            .iter()
            .any(|r| r.text("run_id") == Some(&run(n)) && r.text("state") == Some("cancelled"))
    };
    tools.stage.until("both are logged", || async { logged(3) && logged(4) }).await;
    assert_eq!((tools.apples(), tools.movements().len()), (99, 1), "only the first has run");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_again_starts_without_any_new_request() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &[]).await;
    assert_eq!(tools.notify(&added.url, tools.put_order("A-1")).await, 202);
    let first = tools.until_ended(&added.unit, 1).await.remove(0);
    tools.suiro(&["run", "again", &first.id.to_string()]).await.good();
    let runs = tools.until_ended(&added.unit, 2).await;
    assert_eq!((runs[1].state, runs[1].again_of.as_ref()), (RunState::Succeeded, Some(&first.id)));
    assert_eq!((tools.apples(), tools.movements()), (98, vec!["A-1".to_owned(), "A-1".to_owned()]));
    served.stop().await;
}
