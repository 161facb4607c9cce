//! Webhooks (9).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use serde_json::{Value, json};
use sim::webhook::Outcome;
use sim::{ALL_EVENTS, AppSpec, WebhookEvent};

use crate::support::{Stage, v};

type Heard = Arc<Mutex<Vec<Value>>>;

/// A receiver that keeps what it hears.
async fn receiver() -> (String, Heard) {
    let heard = Heard::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let service = Router::new()
        .fallback(|State(heard): State<Heard>, body: String| async move {
            heard.lock().expect("the list").push(serde_json::from_str(&body).unwrap_or_default());
        })
        .with_state(Arc::clone(&heard));
    tokio::spawn(async move { axum::serve(listener, service).await });
    (url, heard)
}

async fn stage() -> (Stage, Heard) {
    let process = json!({"enable": true,
        "states": {"未": {"index": 0, "assignee": {"type": "ONE", "entities": []}}, "済": {"index": 1, "assignee": {"type": "ONE", "entities": []}}},
        "actions": [{"name": "終える", "from": "未", "to": "済"}]});
    let spec = AppSpec { process: Some(process), ..AppSpec::new("受注") };
    let stage = Stage::of(spec.field("品", json!({"type": "SINGLE_LINE_TEXT"}))).await;
    let (url, heard) = receiver().await;
    stage.control.add_webhook(stage.app, &url, &ALL_EVENTS).expect("a webhook");
    (stage, heard)
}

fn take(heard: &Heard) -> Vec<Value> {
    std::mem::take(&mut *heard.lock().expect("the list"))
}

#[tokio::test]
async fn single_calls_and_the_screen_tell_everything() {
    let (stage, heard) = stage().await;
    let app = stage.app;
    stage.control.clock().stop_at("2026-07-03T09:38:09Z".parse().expect("an instant"));
    stage.add(json!({"品": v("りんご")})).await;
    stage.call("PUT", "record", json!({"app": app, "id": 1, "record": {"品": v("梨")}})).await.good();
    stage.call("PUT", "record/status", json!({"app": app, "id": 1, "action": "終える"})).await.good();
    let comment = json!({"app": app, "record": 1, "comment": {"text": "やあ"}});
    stage.call("POST", "record/comment", comment).await.good();
    stage.control.screen_delete(app, 1).expect("a record");
    stage.control.webhooks_idle().await;
    let told = take(&heard);
    let types: Vec<_> = told.iter().map(|each| each["type"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(types, ["ADD_RECORD", "UPDATE_RECORD", "UPDATE_STATUS", "ADD_RECORD_COMMENT", "DELETE_RECORD"]);
    let base = stage.sim.base_url();
    for each in &told {
        assert_eq!(each["app"], json!({"id": "1", "name": "受注"}));
        assert_eq!(each["id"].as_str().map(str::len), Some(36));
    }
    let added = &told[0];
    assert_eq!(added["recordTitle"], "りんご");
    assert_eq!(added["url"], format!("{base}/k/1/show#record=1"));
    assert_eq!(added["record"]["品"], json!({"type": "SINGLE_LINE_TEXT", "value": "りんご"}));
    assert_eq!(added["record"]["$revision"]["value"], "1");
    assert_eq!(
        (&told[2]["record"]["ステータス"]["value"], &told[2]["record"]["$revision"]["value"]),
        (&json!("済"), &json!("4"))
    );
    let person = json!({"code": "Administrator", "name": "Administrator"});
    let comment =
        json!({"id": "1", "text": "やあ ", "createdAt": "2026-07-03T09:38:09Z", "creator": person, "mentions": []});
    assert_eq!((&told[3]["comment"], &told[3]["recordId"]), (&comment, &json!("1")));
    assert_eq!(told[3]["url"], format!("{base}/k/1/show#record=1&comment=1"));
    assert_eq!(
        (&told[4]["recordId"], &told[4]["deletedBy"], &told[4]["deletedAt"]),
        (&json!("1"), &person, &json!("2026-07-03T09:38:09Z"))
    );
}

#[tokio::test]
async fn calls_over_many_records_tell_nothing() {
    let (stage, heard) = stage().await;
    let app = stage.app;
    stage.call("POST", "records", json!({"app": app, "records": [{}, {}]})).await.good();
    stage.call("PUT", "records", json!({"app": app, "records": [{"id": 1, "record": {}}]})).await.good();
    stage.call("PUT", "records/status", json!({"app": app, "records": [{"id": 1, "action": "終える"}]})).await.good();
    let single = json!({"method": "POST", "api": "/k/v1/record.json", "payload": {"app": app, "record": {}}});
    stage.call("POST", "bulkRequest", json!({"requests": [single]})).await.good();
    stage.call("DELETE", "records", json!({"app": app, "ids": [1]})).await.good();
    stage.control.put_records(app, vec![json!({})]).expect("a record");
    let refused = stage.call("PUT", "record", json!({"app": app, "id": 99, "record": {}})).await;
    assert_eq!(refused.status, 404);
    stage.control.webhooks_idle().await;
    assert_eq!(take(&heard), Vec::<Value>::new());
}

#[tokio::test]
async fn sixty_a_minute_and_the_rest_is_dropped() {
    let (stage, heard) = stage().await;
    stage.control.clock().stop_at("2026-04-01T00:00:00Z".parse().expect("an instant"));
    for _ in 0..62 {
        stage.control.screen_add(stage.app, json!({})).expect("a record");
    }
    stage.control.webhooks_idle().await;
    assert_eq!(take(&heard).len(), 60);
    let dropped = stage.control.deliveries().into_iter().filter(|each| each.outcome == Outcome::OverTheLimit).count();
    assert_eq!(dropped, 2);
    stage.control.clock().advance(Duration::from_secs(60));
    stage.control.screen_add(stage.app, json!({})).expect("a record");
    stage.control.webhooks_idle().await;
    assert_eq!(take(&heard).len(), 1);
}

#[tokio::test]
async fn switches_double_and_reorder() {
    let (stage, heard) = stage().await;
    stage.control.switch(|switches| {
        switches.webhook_duplicates = true;
        switches.webhook_reorder = true;
        switches.webhook_delay_ms = 50;
    });
    for title in ["a", "b"] {
        stage.control.screen_add(stage.app, json!({"品": v(title)})).expect("a record");
    }
    stage.control.webhooks_idle().await;
    let told = take(&heard);
    let titles: Vec<_> = told.iter().map(|each| each["recordTitle"].as_str().unwrap_or_default()).collect();
    assert_eq!(titles, ["b", "b", "a", "a"]);
    assert_eq!(told[0]["id"], told[1]["id"], "a duplicate carries the same id");
    assert_ne!(told[0]["id"], told[2]["id"]);
}

#[tokio::test]
async fn events_are_chosen_failures_are_logged_and_apps_have_ten() {
    let (stage, heard) = stage().await;
    stage.control.clear_webhooks(stage.app);
    let url = "http://127.0.0.1:9/nobody";
    stage.control.add_webhook(stage.app, url, &[WebhookEvent::UpdateRecord]).expect("a webhook");
    let id = stage.control.screen_add(stage.app, json!({})).expect("a record");
    stage.control.screen_update(stage.app, id, json!({})).expect("a record");
    stage.control.webhooks_idle().await;
    let deliveries = stage.control.deliveries();
    assert_eq!(deliveries.len(), 1);
    assert!(matches!(deliveries[0].outcome, Outcome::Failed { .. }), "{deliveries:?}");
    assert!(take(&heard).is_empty());
    for _ in 0..9 {
        stage.control.add_webhook(stage.app, url, &ALL_EVENTS).expect("up to ten");
    }
    assert!(stage.control.add_webhook(stage.app, url, &ALL_EVENTS).is_err());
}
