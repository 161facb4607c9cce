//! bulkRequest (2.5).

use serde_json::{Value, json};

use crate::support::{Stage, v};

fn part(method: &str, resource: &str, payload: Value) -> Value {
    json!({"method": method, "api": format!("/k/v1/{resource}.json"), "payload": payload})
}

async fn stage() -> Stage {
    Stage::with(json!({"code": {"type": "SINGLE_LINE_TEXT", "unique": true}, "n": {"type": "NUMBER"}})).await
}

#[tokio::test]
async fn parts_run_in_order_and_see_each_other() {
    let stage = stage().await;
    let app = stage.app;
    let requests = json!([
        part("POST", "record", json!({"app": app, "record": {"code": v("A")}})),
        part("POST", "records", json!({"app": app, "records": [{"code": v("B")}, {"code": v("C")}]})),
        part(
            "PUT",
            "records",
            json!({"app": app, "upsert": true,
            "records": [{"updateKey": {"field": "code", "value": "B"}, "record": {"n": v(2)}}]})
        ),
        part("DELETE", "records", json!({"app": app, "ids": [1], "revisions": [null]})),
        part("PUT", "record", json!({"app": app, "id": 3, "record": {"code": v("A")}})),
    ]);
    let told = stage.call("POST", "bulkRequest", json!({"requests": requests})).await.good();
    let wanted = json!([
        {"id": "1", "revision": "1"},
        {"ids": ["2", "3"], "revisions": ["1", "1"]},
        {"records": [{"id": "2", "revision": "2", "operation": "UPDATE"}]},
        {},
        {"revision": "2"},
    ]);
    assert_eq!(told, json!({"results": wanted}));
}

#[tokio::test]
async fn a_failing_part_takes_everything_back() {
    let stage = stage().await;
    let app = stage.app;
    stage.add(json!({"code": v("A"), "n": v(1)})).await;
    stage.add(json!({"code": v("B")})).await;
    let before = stage.control.records(app);
    let requests = json!([
        part("PUT", "record", json!({"app": app, "id": 1, "record": {"code": v("Z"), "n": v(5)}})),
        part("DELETE", "records", json!({"app": app, "ids": [2]})),
        part("POST", "record", json!({"app": app, "record": {"code": v("B")}})),
        part("PUT", "record", json!({"app": app, "id": 1, "revision": 1, "record": {}})),
        part("POST", "record", json!({"app": app, "record": {}})),
    ]);
    let answer = stage.call("POST", "bulkRequest", json!({"requests": requests.clone()})).await;
    assert_eq!(answer.status, 409);
    assert_eq!(answer.body.get("code"), None, "the code stands inside the results");
    let results = answer.body["results"].as_array().cloned().unwrap_or_default();
    assert_eq!(results.len(), 5);
    for (index, result) in results.iter().enumerate() {
        match index {
            3 => assert_eq!(result["code"], "GAIA_CO02"),
            _ => assert_eq!(*result, json!({})),
        }
    }
    assert_eq!(stage.control.records(app), before);
    let again = json!({"app": app, "record": {"code": v("Z")}});
    assert_eq!(stage.call("POST", "record", again).await.status, 200, "the index of unique values went back too");
    let taken = json!({"app": app, "record": {"code": v("A")}});
    assert_eq!(stage.call("POST", "record", taken).await.refusal(), (400, "CB_VA01"));
}

#[tokio::test]
async fn validation_errors_and_limits_of_parts_stand_in_the_results() {
    let stage = stage().await;
    let app = stage.app;
    let bad = json!([part("POST", "records", json!({"app": app, "records": [{"n": v(1)}, {"n": v("x")}]}))]);
    let answer = stage.call("POST", "bulkRequest", json!({"requests": bad})).await;
    assert_eq!(answer.status, 400);
    let wanted = json!({"records[1][n].value": {"messages": ["数字でなければなりません。"]}});
    assert_eq!(answer.body["results"][0]["errors"], wanted);
    let many = part("POST", "records", json!({"app": app, "records": vec![json!({}); 101]}));
    let answer = stage.call("POST", "bulkRequest", json!({"requests": [many]})).await;
    assert!(answer.body["results"][0]["errors"]["records"].is_object(), "{}", answer.body);
    let full = part("POST", "records", json!({"app": app, "records": vec![json!({}); 100]}));
    let answer = stage.call("POST", "bulkRequest", json!({"requests": vec![full.clone(); 21]})).await;
    assert_eq!(answer.refusal(), (400, "CB_VA01"));
    assert_eq!(stage.control.count(app), 0);
    stage.call("POST", "bulkRequest", json!({"requests": vec![full; 20]})).await.good();
    assert_eq!(stage.control.count(app), 2000);
}

#[tokio::test]
async fn only_writes_of_the_same_space_are_allowed() {
    let stage = stage().await;
    let app = stage.app;
    let refused = [
        part("GET", "records", json!({"app": app})),
        part("POST", "records/cursor", json!({"app": app})),
        json!({"method": "POST", "api": "/k/guest/3/v1/record.json", "payload": {"app": app}}),
        part("POST", "bulkRequest", json!({"requests": []})),
    ];
    for request in refused {
        let answer = stage.call("POST", "bulkRequest", json!({"requests": [request]})).await;
        assert_eq!((answer.status, &answer.body["results"][0]["code"]), (400, &json!("CB_IL02")), "{}", answer.body);
    }
}

#[tokio::test]
async fn several_apps_need_several_tokens() {
    let stage = stage().await;
    let other = stage.control.create_app(sim::AppSpec::new("other")).expect("an app");
    let token = stage.control.add_token(other, &[sim::Right::Add]).expect("a token");
    let requests = json!({"requests": [
        part("POST", "record", json!({"app": stage.app, "record": {}})),
        part("POST", "record", json!({"app": other, "record": {}})),
    ]});
    let path = "/k/v1/bulkRequest.json";
    let one = stage.send("POST", path, requests.clone(), &[]).await;
    assert_eq!(one.body["results"][1]["code"], "GAIA_IA02");
    let both = format!("{}, {token}", stage.token);
    stage.send("POST", path, requests, &[("x-cybozu-api-token", &both)]).await.good();
    assert_eq!((stage.control.count(stage.app), stage.control.count(other)), (1, 1));
    let call = stage.control.calls().pop().expect("a call");
    assert_eq!((call.apps, call.parts.len()), (vec![stage.app, other], 2));
}
