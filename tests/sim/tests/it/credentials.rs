//! Authentication and rights (7).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sim::{AppSpec, Right, UserSpec};

use crate::support::Stage;

const PASSWORD: &str = "x-cybozu-authorization";
const TOKEN: &str = "x-cybozu-api-token";

/// Headers, the refusal that they meet, and its English message where that is of interest.
type Case<'a> = (&'a [(&'a str, &'a str)], (u16, &'a str), &'a str);

fn pair(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

#[tokio::test]
async fn wrong_and_missing_credentials() {
    let stage = Stage::with(json!({})).await;
    stage.control.add_user(UserSpec::new("sato", "p:q"));
    let twin = stage.control.add_token(stage.app, &[Right::View]).expect("a token");
    let other = stage.control.create_app(AppSpec::new("other")).expect("an app");
    let foreign = stage.control.add_token(other, &[Right::View]).expect("a token");
    let (good, wrong, nobody) = (pair("sato", "p:q"), pair("sato", "x"), pair("ito", "p:q"));
    let two_of_one_app = format!("{},{twin}", stage.token);
    let both = format!("{},{foreign}", stage.token);
    let cases: &[Case<'_>] = &[
        (&[(TOKEN, "")], (401, "CB_AU01"), "Please login."),
        (&[(PASSWORD, &wrong)], (401, "CB_WA01"), ""),
        (&[(PASSWORD, &nobody)], (401, "CB_WA01"), ""),
        (&[(PASSWORD, "%%%")], (401, "CB_WA01"), ""),
        (&[(TOKEN, "unknown")], (400, "GAIA_IA02"), ""),
        (&[(TOKEN, &foreign)], (400, "GAIA_IA02"), ""),
        (&[(TOKEN, &two_of_one_app)], (400, "GAIA_DA03"), "You cannot specify a duplicate API token for the same app."),
        (&[(PASSWORD, &good)], (200, ""), ""),
        (&[(TOKEN, &both)], (200, ""), ""),
        (&[(PASSWORD, &wrong), (TOKEN, &stage.token)], (401, "CB_WA01"), ""),
        (&[(PASSWORD, &good), (TOKEN, "unknown")], (200, ""), ""),
    ];
    for (headers, wanted, message) in cases {
        let mut sent = headers.to_vec();
        sent.push(("accept-language", "en"));
        let answer = stage.send("GET", "/k/v1/records.json", json!({"app": stage.app}), &sent).await;
        assert_eq!(answer.refusal(), *wanted, "{headers:?}");
        if !message.is_empty() {
            assert_eq!(answer.body["message"], *message);
        }
    }
    let ten = (0..10).map(|n| {
        let app = stage.control.create_app(AppSpec::new(&n.to_string())).expect("an app");
        stage.control.add_token(app, &[Right::View]).expect("a token")
    });
    let ten = ten.collect::<Vec<_>>().join(",");
    let answer = stage.send("GET", "/k/v1/records.json", json!({"app": stage.app}), &[(TOKEN, &ten)]).await;
    assert_eq!(answer.status, 400, "nine tokens at most");
}

#[tokio::test]
async fn each_call_needs_its_right() {
    let stage = Stage::with(json!({"t": {"type": "SINGLE_LINE_TEXT", "unique": true}})).await;
    let app = stage.app;
    let calls: &[(&str, &str, Value, &[Right])] = &[
        ("POST", "record", json!({"app": app, "record": {}}), &[Right::Add]),
        ("POST", "records", json!({"app": app, "records": [{}, {}, {}]}), &[Right::Add]),
        ("GET", "record", json!({"app": app, "id": 1}), &[Right::View]),
        ("GET", "records", json!({"app": app}), &[Right::View]),
        ("POST", "records/cursor", json!({"app": app}), &[Right::View]),
        ("GET", "record/comments", json!({"app": app, "record": 1}), &[Right::View]),
        ("PUT", "record", json!({"app": app, "id": 1, "record": {}}), &[Right::Edit]),
        ("PUT", "records", json!({"app": app, "records": []}), &[Right::Edit]),
        ("PUT", "records", json!({"app": app, "upsert": true, "records": []}), &[Right::Edit, Right::Add]),
        ("DELETE", "records", json!({"app": app, "ids": [2]}), &[Right::Delete]),
        ("GET", "preview/app/form/fields", json!({"app": app}), &[Right::Admin]),
        ("PUT", "preview/app/settings", json!({"app": app, "name": "x"}), &[Right::Admin]),
    ];
    for (method, resource, body, needed) in calls {
        let path = format!("/k/v1/{resource}.json");
        let mut lacking: Vec<Right> = sim::ALL_RIGHTS.to_vec();
        lacking.retain(|right| Some(right) != needed.last());
        let short = stage.control.add_token(app, &lacking).expect("a token");
        let answer = stage.send(method, &path, body.clone(), &[(TOKEN, &short), ("accept-language", "en")]).await;
        assert_eq!(answer.refusal(), (403, "GAIA_NO01"), "{method} {resource}");
        assert_eq!(answer.body["message"], "Using this API token, you cannot run the specified API.");
        let user = UserSpec { rights: Some([(app, lacking)].into()), ..UserSpec::new("u", "p") };
        stage.control.add_user(user);
        let answer =
            stage.send(method, &path, body.clone(), &[(PASSWORD, &pair("u", "p")), ("accept-language", "en")]).await;
        assert_eq!(answer.refusal(), (403, "CB_NO02"), "{method} {resource}");
        assert_eq!(answer.body["message"], "No privilege to proceed.");
        let enough = stage.control.add_token(app, needed).expect("a token");
        let answer = stage.send(method, &path, body.clone(), &[(TOKEN, &enough)]).await;
        assert_eq!(answer.status, 200, "{method} {resource}: {}", answer.body);
    }
}

#[tokio::test]
async fn only_who_manages_the_app_says_who_made_a_record() {
    let stage = Stage::with(json!({})).await;
    let record = json!({"作成者": {"value": {"code": "sato"}}, "作成日時": {"value": "2020-01-02T03:04:05Z"}});
    let body = json!({"app": stage.app, "record": record});
    let adding = stage.control.add_token(stage.app, &[Right::Add]).expect("a token");
    let answer = stage.send("POST", "/k/v1/record.json", body.clone(), &[(TOKEN, &adding)]).await;
    assert_eq!(answer.refusal(), (403, "GAIA_NO01"));
    stage.call("POST", "record", body).await.good();
    assert_eq!(stage.value(1, "作成者").await["code"], "sato");
    assert_eq!(stage.value(1, "作成日時").await, "2020-01-02T03:04:00Z");
}

#[tokio::test]
async fn basic_stands_in_front_of_everything() {
    let stage = Stage::with(json!({})).await;
    stage.control.set_basic(Some(("b", "q")));
    let call = async |headers: &[(&str, &str)]| {
        stage.send("GET", "/k/v1/records.json", json!({"app": stage.app}), headers).await.status
    };
    assert_eq!(call(&[]).await, 401);
    assert_eq!(call(&[("authorization", &format!("Basic {}", pair("b", "x")))]).await, 401);
    assert_eq!(call(&[("authorization", &format!("Basic {}", pair("b", "q")))]).await, 200);
}

#[tokio::test]
async fn guest_spaces_have_their_own_paths() {
    let stage = Stage::of(AppSpec { guest_space: Some(7), ..AppSpec::new("guest") }).await;
    let normal = stage.control.create_app(AppSpec::new("normal")).expect("an app");
    stage.control.add_user(UserSpec::new("sato", "p"));
    let login = pair("sato", "p");
    let call = async |path: &str, app: u64| {
        let answer = stage.send("GET", path, json!({"app": app}), &[(PASSWORD, &login)]).await;
        (answer.status, answer.body["code"].as_str().unwrap_or_default().to_owned())
    };
    let told = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(call("/k/guest/7/v1/records.json", stage.app).await, told(200, ""));
    assert_eq!(call("/k/v1/records.json", stage.app).await, told(400, "GAIA_IL23"));
    assert_eq!(call("/k/guest/8/v1/records.json", stage.app).await, told(403, "CB_NO02"));
    assert_eq!(call("/k/guest/7/v1/records.json", normal).await, told(403, "CB_NO02"));
    assert_eq!(call("/k/v1/records.json", normal).await, told(200, ""));
}
