//! The control endpoint and handle: orders by HTTP, generated records, the list of calls, counters, stopping.

use std::time::Duration;

use serde_json::{Value, json};
use sim::{Generate, IdPattern, Options, Sim};

use crate::support::{Stage, v};

async fn order(stage: &Stage, method: &str, path: &str, body: Value) -> (u16, Value) {
    let answer = stage.send(method, &format!("/_sim/{path}"), body, &[]).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn everything_can_be_ordered_over_http() {
    let stage = Stage::with(json!({})).await;
    let good = async |method: &str, path: &str, body: Value| {
        let (status, body) = order(&stage, method, path, body).await;
        assert_eq!(status, 200, "{method} {path}: {body}");
        body
    };
    good("POST", "reset", Value::Null).await;
    let spec = json!({"name": "在庫", "code": "ST", "lang": "en", "fields": {"n": {"type": "NUMBER"}}});
    assert_eq!(good("POST", "apps", spec).await, json!({"app": 1}));
    let token = json!({"app": 1, "rights": ["view", "add"], "token": "T"});
    assert_eq!(good("POST", "tokens", token).await, json!({"token": "T"}));
    let random = good("POST", "tokens", json!({"app": 1, "rights": ["view"]})).await;
    assert_eq!(random["token"].as_str().map(str::len), Some(40));
    good("POST", "users", json!({"login": "sato", "password": "p", "zone": "Asia/Tokyo"})).await;
    let records = json!({"app": 1, "records": [{"n": v(1)}, {"n": v(2)}]});
    assert_eq!(good("POST", "records", records).await, json!({"ids": [1, 2]}));
    let generated = good("POST", "generate", json!({"app": 1, "count": 3, "template": {"n": v("{n}")}})).await;
    assert_eq!(generated, json!({"first": 3, "last": 5}));
    let dump = good("GET", "apps/1/records", Value::Null).await;
    let told: Vec<_> = dump["records"].as_array().into_iter().flatten().map(|record| &record["n"]["value"]).collect();
    assert_eq!(told, ["1", "2", "1", "2", "3"]);
    assert_eq!(dump["records"][0]["Record_number"]["value"], "ST-1");
    let switches = good("PATCH", "switches", json!({"serviceTimeMs": 1, "language": "en"})).await;
    assert_eq!((&switches["serviceTimeMs"], &switches["concurrencyLimit"]), (&json!(1), &json!(100)));
    good("POST", "faults", json!({"path": "*/app.json", "fault": {"kind": "slow_body", "bytes": 1, "pause_ms": 1}}))
        .await;
    assert_eq!(good("GET", "faults", Value::Null).await["faults"].as_array().map(Vec::len), Some(1));
    good("DELETE", "faults", Value::Null).await;
    good("PUT", "basic", json!({"user": "b", "password": "q"})).await;
    good("DELETE", "basic", Value::Null).await;
    good("POST", "webhooks", json!({"app": 1, "url": "http://127.0.0.1:9/x", "events": ["DELETE_RECORD"]})).await;
    assert_eq!(good("POST", "screen", json!({"act": "add", "app": 1, "record": {"n": v(9)}})).await, json!({"id": 6}));
    good("POST", "screen", json!({"act": "update", "app": 1, "id": 6, "record": {"n": v(8)}})).await;
    assert_eq!(
        good("POST", "screen", json!({"act": "comment", "app": 1, "id": 6, "text": "x"})).await,
        json!({"id": 1})
    );
    good("POST", "screen", json!({"act": "delete", "app": 1, "id": 6})).await;
    stage.control.webhooks_idle().await;
    assert_eq!(good("GET", "webhooks", Value::Null).await["deliveries"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        good("PUT", "time", json!({"stopAt": "2026-04-01T00:00:00Z"})).await,
        json!({"now": "2026-04-01T00:00:00Z"})
    );
    assert_eq!(good("PUT", "time", json!({"advanceS": 1.5})).await, json!({"now": "2026-04-01T00:00:01.5Z"}));
    good("PUT", "time", json!({"reset": true})).await;
    assert_ne!(good("GET", "time", Value::Null).await, json!({"now": "2026-04-01T00:00:01.5Z"}));
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused_with_a_reason() {
    let stage = Stage::with(json!({})).await;
    let cases = [
        ("POST", "apps", json!({"nam": "x"})),
        ("POST", "apps", json!({"fields": {"a": {"type": "SOUND"}}})),
        ("POST", "apps", json!({"id": 1})),
        ("POST", "tokens", json!({"app": 77, "rights": []})),
        ("POST", "records", json!({"app": 77, "records": []})),
        ("PATCH", "switches", json!({"servicetime": 1})),
        ("POST", "faults", json!({"fault": {"kind": "meteor"}})),
        ("POST", "screen", json!({"act": "delete", "app": 1, "id": 5})),
        ("GET", "apps/x/records", Value::Null),
    ];
    for (method, path, body) in cases {
        let (status, told) = order(&stage, method, path, body.clone()).await;
        assert_eq!(status, 400, "{path} {body}");
        assert!(told["error"].as_str().is_some_and(|why| !why.is_empty()), "{path} {body}");
    }
    assert_eq!(order(&stage, "GET", "nothing", Value::Null).await.0, 404);
}

#[tokio::test]
async fn calls_are_listed_and_counted_per_app_and_day() {
    let stage = Stage::with(json!({"n": {"type": "NUMBER"}})).await;
    let app = stage.app;
    stage.control.clock().stop_at("2026-04-01T23:59:59Z".parse().expect("an instant"));
    let long = format!("n > 1{}", " and n > 1".repeat(100));
    stage.call("GET", "records", json!({"app": app, "query": long})).await.good();
    stage.control.clock().advance(Duration::from_secs(1));
    let part = json!({"method": "POST", "api": "/k/v1/records.json", "payload": {"app": app, "records": [{}, {}]}});
    stage.call("POST", "bulkRequest", json!({"requests": [part, part]})).await.good();
    stage.call("GET", "record", json!({"app": app, "id": 99})).await;
    let calls = stage.control.calls();
    let told: Vec<_> = calls.iter().map(|call| (call.method.as_str(), call.path.as_str(), call.status)).collect();
    assert_eq!(
        told,
        [
            ("GET", "/k/v1/records.json", 200),
            ("POST", "/k/v1/bulkRequest.json", 200),
            ("GET", "/k/v1/record.json", 404),
        ]
    );
    assert_eq!(calls[0].query.as_ref().map(String::len), Some(500));
    assert_eq!(calls[1].parts.iter().map(|part| (part.app, part.records)).collect::<Vec<_>>(), [(Some(app), 2); 2]);
    assert!(calls[1].request_bytes > 0 && calls[1].response_bytes > 0);
    assert_eq!(calls[2].code.as_deref(), Some("GAIA_RE01"));
    let counters = stage.control.counters();
    assert_eq!(counters["2026-04-01"][&app], 1);
    assert_eq!(counters["2026-04-02"][&app], 2);
    stage.control.switch(|switches| switches.count_bulk_parts = true);
    stage.call("POST", "bulkRequest", json!({"requests": [part, part]})).await.good();
    assert_eq!(stage.control.counters()["2026-04-02"][&app], 4);
    stage.control.clear_calls();
    assert!(stage.control.calls().is_empty());
}

#[tokio::test]
async fn generated_ids_are_dense_or_sparse_and_the_same_for_one_seed() {
    let ids = async |ids: IdPattern, id_step: u64, seed: u64| {
        let stage = Stage::with(json!({"t": {"type": "SINGLE_LINE_TEXT"}})).await;
        let template = json!({"t": v("{id}-{n%2}-{r10}")}).as_object().cloned().unwrap_or_default();
        let order = Generate { app: stage.app, count: 2000, ids, id_step, seed, template };
        stage.control.generate(&order).expect("records");
        let records = stage.control.records(stage.app);
        let texts: Vec<String> = records.iter().map(|record| record.text("t").unwrap_or("").to_owned()).collect();
        (records.iter().map(|record| record.id).collect::<Vec<_>>(), texts)
    };
    let (dense, texts) = ids(IdPattern::Dense, 0, 1).await;
    assert_eq!(dense, (1..=2000).collect::<Vec<_>>());
    assert!(texts[6].starts_with("7-1-"), "{}", texts[6]);
    assert_eq!(ids(IdPattern::Dense, 5, 1).await.0[..3], [5, 10, 15]);
    let sparse = ids(IdPattern::Sparse, 0, 1).await;
    assert_eq!(sparse, ids(IdPattern::Sparse, 0, 1).await);
    assert_ne!(sparse.0, ids(IdPattern::Sparse, 0, 2).await.0);
    let last = *sparse.0.last().expect("ids");
    assert!((14_000..26_000).contains(&last), "a tenth of the range is filled: {last}");
}

#[tokio::test]
async fn both_addresses_answer_and_stopping_stops() {
    let sim = Sim::start(Options::default()).await.expect("a port");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let answer = client.get(format!("http://{host}:{}/_sim/time", sim.port())).send().await;
        assert_eq!(answer.expect("an answer").status().as_u16(), 200, "{host}");
    }
    let url = format!("{}/_sim/time", sim.base_url());
    sim.stop().await;
    assert!(client.get(url).send().await.is_err());
}
