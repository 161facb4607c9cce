//! The limits of calls (2.1), parameters that miss or do not fit (8.3), and the concurrency gate (8.4).

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Stage, Told, invalid, told};

const REQUIRED: (&str, &str) = ("必須です。", "Required field.");

#[tokio::test]
async fn limits_and_parameters() {
    let stage = Stage::with(json!({"a": {"type": "SINGLE_LINE_TEXT"}})).await;
    let app = stage.app;
    let many = |count: usize| vec![json!({}); count];
    let ids = |count: u64| (1..=count).collect::<Vec<_>>();
    let query = |query: &str| json!({"app": app, "query": query});
    let limit = told(
        400,
        "GAIA_QU01",
        "limit には 500 以下の値を指定してください。",
        "The value for limit must be 500 or less.",
    );
    let offset = told(
        400,
        "GAIA_QU02",
        "offset には 10,000 以下の値を指定してください。",
        "The value for offset must be 10,000 or less.",
    );
    const TOO_MANY: &[(&str, &str, &str)] = &[(
        "records",
        "一度に100件までのレコードを追加できます。",
        "A maximum of 100 records can be added at one time.",
    )];
    const TOO_MANY_UPDATES: &[(&str, &str, &str)] = &[(
        "records",
        "一度に100件までのレコードを更新できます。",
        "A maximum of 100 records can be updated at one time.",
    )];
    const DELETES: (&str, &str, &str) = (
        "ids",
        "一度に1件から100件までのレコードを削除できます。",
        "Between 1 and 100 records can be deleted at one time.",
    );
    const NO_IDS: &[(&str, &str, &str)] = &[DELETES, ("ids", REQUIRED.0, REQUIRED.1)];
    const APP: &[(&str, &str, &str)] = &[("app", REQUIRED.0, REQUIRED.1)];
    const APP_AND_ID: &[(&str, &str, &str)] = &[("app", REQUIRED.0, REQUIRED.1), ("id", REQUIRED.0, REQUIRED.1)];
    const AT_LEAST_ONE: &[(&str, &str, &str)] = &[("app", "最小でも1以上です。", "must be greater than or equal to 1")];
    const ENUM: &[(&str, &str, &str)] =
        &[("order", "Enum値のいずれかでなければなりません。", "must be one of the enum value")];
    let json_error = || told(400, "CB_IJ01", "不正なJSON文字列です。", "Invalid JSON string.");
    let cases: Vec<(&str, &str, &str, Value, Told)> = vec![
        ("limit 501", "GET", "records", query("limit 501"), limit),
        ("offset 10001", "GET", "records", query("limit 1 offset 10001"), offset),
        ("101 added", "POST", "records", json!({"app": app, "records": many(101)}), invalid(TOO_MANY)),
        ("101 changed", "PUT", "records", json!({"app": app, "records": many(101)}), invalid(TOO_MANY_UPDATES)),
        ("101 deleted", "DELETE", "records", json!({"app": app, "ids": ids(101)}), invalid(&[DELETES])),
        ("none deleted", "DELETE", "records", json!({"app": app, "ids": []}), invalid(&[DELETES])),
        ("nothing said", "DELETE", "records", json!({"app": app}), invalid(NO_IDS)),
        ("no app", "GET", "records", json!({}), invalid(APP)),
        ("no app, no id", "GET", "record", json!({}), invalid(APP_AND_ID)),
        ("app 0", "GET", "records", json!({"app": 0}), invalid(AT_LEAST_ONE)),
        ("app -1", "POST", "record", json!({"app": "-1", "record": {}}), invalid(AT_LEAST_ONE)),
        ("app is no number", "GET", "records", json!({"app": "x"}), json_error()),
        ("a list for a body", "POST", "record", json!([1]), json_error()),
        ("a text for a record", "POST", "record", json!({"app": app, "record": "x"}), json_error()),
        ("a bare value", "POST", "record", json!({"app": app, "record": {"a": "x"}}), json_error()),
        ("an object for a text", "POST", "record", json!({"app": app, "record": {"a": {"value": {}}}}), json_error()),
        ("order of comments", "GET", "record/comments", json!({"app": app, "record": 1, "order": "up"}), invalid(ENUM)),
        (
            "another method",
            "DELETE",
            "record",
            json!({"app": app, "id": 1}),
            told(400, "CB_IL02", "不正なリクエストです。", "Illegal request."),
        ),
    ];
    stage.add(json!({})).await;
    for (tag, method, resource, body, wanted) in cases {
        stage.refuses(tag, method, resource, body, &wanted).await;
    }
    let accepted = stage.call("POST", "records", json!({"app": app, "records": many(100)})).await.good();
    assert_eq!(accepted["ids"].as_array().map(Vec::len), Some(100));
    assert_eq!(stage.call("DELETE", "records", json!({"app": app, "ids": ids(100)})).await.good(), json!({}));
    for path in ["/k/v1/records.JSON", "/k/v1/nothing.json", "/other"] {
        assert_eq!(stage.send("GET", path, Value::Null, &[]).await.status, 404, "{path}");
    }
    let broken = stage.client.post(format!("{}/k/v1/record.json", stage.sim.base_url()));
    let broken = broken.header("x-cybozu-api-token", &stage.token).body("{\"app\":").send().await.expect("an answer");
    assert_eq!(broken.status().as_u16(), 400);
}

#[tokio::test]
async fn the_language_is_asked_or_set() {
    let stage = Stage::with(json!({})).await;
    let message = async |headers: &[(&str, &str)]| {
        let answer = stage.send("GET", "/k/v1/records.json", Value::Null, headers).await;
        answer.body["message"].as_str().unwrap_or_default().to_owned()
    };
    let (ja, en) = ("入力内容が正しくありません。", "Missing or invalid input.");
    assert_eq!(message(&[]).await, ja);
    assert_eq!(message(&[("accept-language", "*")]).await, ja);
    assert_eq!(message(&[("accept-language", "en-US,en;q=0.9")]).await, en);
    stage.control.switch(|switches| switches.language = "en".to_owned());
    assert_eq!(message(&[]).await, en);
}

#[tokio::test]
async fn over_the_concurrency_limit_calls_are_refused() {
    let stage = Stage::with(json!({})).await;
    stage.control.switch(|switches| {
        switches.concurrency_limit = 2;
        switches.service_time_ms = 400;
    });
    let call = || stage.send("GET", "/k/v1/records.json", json!({"app": stage.app}), &[]);
    let late = async {
        sim::clock::pause(Duration::from_millis(100)).await;
        call().await
    };
    let (first, second, third) = tokio::join!(call(), call(), late);
    assert_eq!((first.status, second.status), (200, 200));
    let mut running = [first.header("x-concurrencylimit-running"), second.header("x-concurrencylimit-running")];
    running.sort_unstable();
    assert_eq!(running, [Some("1"), Some("2")]);
    assert_eq!(first.header("x-concurrencylimit-limit"), Some("2"));
    assert_eq!(third.refusal(), (429, "GAIA_TO04"));
    assert_eq!(third.body["message"], "The number of concurrent API requests exceeds the limit.");
    assert_eq!(third.header("x-concurrencylimit-running"), Some("3"));
    assert_eq!(third.header("x-cybozu-error"), Some("GAIA_TO04"));
    assert_eq!(third.header("retry-after"), None);
    assert_eq!(call().await.header("x-concurrencylimit-running"), Some("1"), "it counts down again");
}
