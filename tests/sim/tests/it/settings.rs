//! The app settings API: preview, deploy, and what it tells (5).

use std::time::Duration;

use serde_json::{Value, json};
use sim::UserSpec;

use crate::support::{Answer, Stage};

/// "sato:p"
const SATO: (&str, &str) = ("x-cybozu-authorization", "c2F0bzpw");

async fn stage() -> Stage {
    let stage = Stage::with(json!({})).await;
    stage.control.add_user(UserSpec::new("sato", "p"));
    stage
}

async fn as_sato(stage: &Stage, method: &str, resource: &str, body: Value) -> Answer {
    stage.send(method, &format!("/k/v1/{resource}.json"), body, &[SATO]).await
}

#[tokio::test]
async fn an_app_is_made_filled_and_deployed_after_a_while() {
    let stage = stage().await;
    stage.control.switch(|switches| switches.deploy_delay_ms = 10_000);
    stage.control.clock().stop_at("2026-04-01T00:00:00Z".parse().expect("an instant"));
    let by_token = stage.call("POST", "preview/app", json!({"name": "x"})).await;
    assert_eq!(by_token.refusal(), (403, "GAIA_NO01"), "a token belongs to an app, so it makes none");
    let made = as_sato(&stage, "POST", "preview/app", json!({"name": "ログ"})).await.good();
    assert_eq!(made, json!({"app": "2", "revision": "2"}));
    let app = json!("2");
    let options = json!({"成功": {}, "失敗": {}});
    let properties = json!({
        "run_id": {"type": "SINGLE_LINE_TEXT", "code": "run_id", "label": "Run", "unique": true},
        "state": {"type": "DROP_DOWN", "code": "state", "label": "State", "options": options, "unique": true},
        "flows": {"type": "SUBTABLE", "code": "flows", "label": "F", "fields": {"n": {"type": "NUMBER", "label": "N"}}},
    });
    let fields = "preview/app/form/fields";
    let told =
        as_sato(&stage, "POST", fields, json!({"app": app, "revision": 2, "properties": properties})).await.good();
    assert_eq!(told, json!({"revision": "3"}));
    let stale = as_sato(&stage, "POST", fields, json!({"app": app, "revision": 2, "properties": {}})).await;
    assert_eq!(stale.refusal(), (409, "GAIA_CO02"));
    let preview = as_sato(&stage, "GET", fields, json!({"app": app})).await.good();
    assert_eq!(preview["properties"]["run_id"]["maxLength"], "", "settings that were not sent are there");
    assert!(preview["properties"]["state"].get("unique").is_none(), "unique is dropped where the type cannot have it");
    assert_eq!(preview["properties"]["state"]["options"]["失敗"], json!({"label": "失敗", "index": "0"}));
    assert_eq!(preview["properties"]["flows"]["fields"]["n"]["type"], "NUMBER");

    let read = || as_sato(&stage, "GET", "records", json!({"app": "2"}));
    assert_eq!(read().await.refusal(), (404, "GAIA_AP01"), "no app before its first deploy");
    let token = stage.control.add_token(2, &sim::ALL_RIGHTS).expect("a token");
    let early = stage.send("GET", "/k/v1/records.json", json!({"app": 2}), &[("x-cybozu-api-token", &token)]).await;
    assert_eq!(early.refusal(), (400, "GAIA_IA02"), "tokens count after the deploy");
    let deploy = json!({"apps": [{"app": app, "revision": 3}]});
    assert_eq!(as_sato(&stage, "POST", "preview/app/deploy", deploy.clone()).await.good(), json!({}));
    let status = async || {
        let told = stage.send("GET", "/k/v1/preview/app/deploy.json?apps[0]=2", Value::Null, &[SATO]).await.good();
        told["apps"][0]["status"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(status().await, "PROCESSING");
    assert_eq!(as_sato(&stage, "POST", "preview/app/deploy", deploy).await.status, 400, "one at a time");
    assert_eq!(as_sato(&stage, "DELETE", fields, json!({"app": app, "fields": ["state"]})).await.status, 400);
    stage.control.clock().advance(Duration::from_secs(11));
    assert_eq!(status().await, "SUCCESS");
    assert_eq!(read().await.good()["records"], json!([]));
    let app_json = as_sato(&stage, "GET", "app", json!({"id": 2})).await.good();
    assert_eq!(
        app_json,
        json!({"appId": "2", "code": "", "name": "ログ", "description": "", "spaceId": null, "threadId": null,
            "createdAt": "2026-04-01T00:00:00.000Z", "creator": {"code": "sato", "name": "sato"},
            "modifiedAt": "2026-04-01T00:00:00.000Z", "modifier": {"code": "sato", "name": "sato"}})
    );
}

#[tokio::test]
async fn fields_change_and_go() {
    let stage = Stage::with(json!({"a": {"type": "SINGLE_LINE_TEXT"}, "b": {"type": "NUMBER"}})).await;
    let app = stage.app;
    stage.add(json!({"a": {"value": "x"}, "b": {"value": 1}})).await;
    let fields = "preview/app/form/fields";
    let change = json!({"app": app, "properties": {"a": {"type": "SINGLE_LINE_TEXT", "code": "a2", "label": "A"}}});
    stage.call("PUT", fields, change).await.good();
    let unknown = stage.call("PUT", fields, json!({"app": app, "properties": {"z": {"label": "Z"}}})).await;
    assert_eq!(unknown.refusal(), (400, "GAIA_FC01"));
    let taken = json!({"app": app, "properties": {"b": {"type": "NUMBER", "code": "b", "label": "B"}}});
    assert_eq!(stage.call("POST", fields, taken).await.refusal(), (400, "CB_VA01"));
    let odd = json!({"app": app, "properties": {"c": {"type": "SOUND", "code": "c", "label": "C"}}});
    assert_eq!(stage.call("POST", fields, odd).await.refusal(), (400, "CB_VA01"));
    stage.call("DELETE", fields, json!({"app": app, "fields": ["b"]})).await.good();
    let live = stage.call("GET", "app/form/fields", json!({"app": app})).await.good();
    assert!(live["properties"].get("b").is_some(), "the live form waits for the deploy");
    stage.call("POST", "preview/app/deploy", json!({"apps": [{"app": app}]})).await.good();
    let live = stage.call("GET", "app/form/fields", json!({"app": app, "lang": "ja"})).await.good();
    assert!(live["properties"].get("b").is_none() && live["properties"].get("a2").is_some(), "{live}");
    assert!(stage.get(1).await.get("b").is_none());
}

#[tokio::test]
async fn lookups_are_checked() {
    let stage = Stage::with(json!({"k": {"type": "SINGLE_LINE_TEXT"}})).await;
    let app = stage.app;
    let lookup = |target: &str| {
        json!({"app": app, "properties": {
            "l": {"type": "SINGLE_LINE_TEXT", "code": "l", "label": "L", "lookup": {
                "relatedApp": {"app": app.to_string()}, "relatedKeyField": "k",
                "fieldMappings": [{"field": target, "relatedField": "k"}]}},
            "t": {"type": "SINGLE_LINE_TEXT", "code": "t", "label": "T"},
        }})
    };
    let fields = "preview/app/form/fields";
    assert_eq!(stage.call("POST", fields, lookup("nothing")).await.refusal(), (400, "GAIA_FC01"));
    stage.call("POST", fields, lookup("t")).await.good();
    let deploy = stage.call("POST", "preview/app/deploy", json!({"apps": [{"app": app}]})).await;
    assert_eq!(deploy.refusal(), (400, "GAIA_LO03"), "the key field is not unique");
    let revert = json!({"apps": [{"app": app}], "revert": true});
    stage.call("POST", "preview/app/deploy", revert).await.good();
    let told = stage.call("GET", fields, json!({"app": app})).await.good();
    assert!(told["properties"].get("l").is_none());
}

#[tokio::test]
async fn general_settings_layout_and_views() {
    let stage = stage().await;
    let app = stage.app;
    let general =
        json!({"app": app, "name": "新", "description": "<b>d</b>", "numberPrecision": {"decimalPlaces": "2"}});
    stage.call("PUT", "preview/app/settings", general).await.good();
    let layout = json!([{"type": "ROW", "fields": []}]);
    stage.call("PUT", "preview/app/form/layout", json!({"app": app, "layout": layout})).await.good();
    let views = json!({"一覧": {"type": "LIST", "name": "一覧", "index": "0"}});
    stage.call("PUT", "preview/app/views", json!({"app": app, "views": views})).await.good();
    assert_eq!(stage.call("GET", "app/settings", json!({"app": app})).await.good()["name"], "受注");
    stage.call("POST", "preview/app/deploy", json!({"apps": [{"app": app}]})).await.good();
    let told = stage.call("GET", "app/settings", json!({"app": app})).await.good();
    assert_eq!((&told["name"], &told["revision"]), (&json!("新"), &json!("4")));
    assert_eq!(told["numberPrecision"], json!({"digits": "16", "decimalPlaces": "2", "roundingMode": "HALF_EVEN"}));
    assert_eq!(stage.call("GET", "app/form/layout", json!({"app": app})).await.good()["layout"], layout);
    assert_eq!(stage.call("GET", "app/views", json!({"app": app})).await.good()["views"], views);
    let long = stage.call("PUT", "preview/app/settings", json!({"app": app, "name": "x".repeat(65)})).await;
    assert_eq!(long.refusal(), (400, "CB_VA01"));
    let bad = stage.call("GET", "app/form/fields", json!({"app": app, "lang": "xx"})).await;
    assert_eq!(bad.refusal(), (400, "CB_VA01"));
}

#[tokio::test]
async fn apps_are_listed() {
    let stage = stage().await;
    for (name, code) in [("売上", "SALES"), ("在庫", "STOCK")] {
        let spec = sim::AppSpec { code: Some(code.to_owned()), ..sim::AppSpec::new(name) };
        stage.control.create_app(spec).expect("an app");
    }
    let ids = async |query: &str| {
        let told = stage.send("GET", &format!("/k/v1/apps.json{query}"), Value::Null, &[SATO]).await.good();
        let apps = told["apps"].as_array().cloned().unwrap_or_default();
        apps.iter().map(|app| app["appId"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["1", "2", "3"]);
    assert_eq!(ids("?ids[0]=3&ids[1]=1").await, ["1", "3"]);
    assert_eq!(ids("?codes[0]=STOCK").await, ["3"]);
    assert_eq!(ids("?name=%E5%A3%B2").await, ["2"]);
    assert_eq!(ids("?limit=1&offset=1").await, ["2"]);
    for limit in [0, 101] {
        let refused = stage.send("GET", &format!("/k/v1/apps.json?limit={limit}"), Value::Null, &[SATO]).await;
        assert_eq!(refused.refusal(), (400, "CB_VA01"));
    }
}
