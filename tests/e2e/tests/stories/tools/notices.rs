//! `suiro notify`, and what arrives.

use std::sync::{Arc, Mutex};

use model::clock::{Clock as _, SystemClock};
use serde_json::{Value as Json, json};
use sim::{AppSpec, Right, WebhookEvent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::Tools;

/// A webhook on the loopback: keeps the bodies that it is sent.
async fn webhook() -> (String, Arc<Mutex<Vec<Json>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook/geheim", listener.local_addr().expect("an address"));
    let posted = Arc::new(Mutex::new(Vec::new()));
    let kept = posted.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (mut text, mut chunk) = (Vec::new(), [0; 4096]);
            let body = loop {
                let n = socket.read(&mut chunk).await.unwrap_or(0);
                text.extend_from_slice(&chunk[..n]);
                let all = String::from_utf8_lossy(&text).into_owned();
                let body = all.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok());
                if body.is_some() || n == 0 {
                    break body;
                }
            };
            kept.lock().expect("unpoisoned").extend::<Option<Json>>(body);
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (url, posted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_is_told_once_by_webhook() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &["--starts", "100"]).await;
    let domain = tools.suiro(&["unit", "list", "--json"]).await.json()[0]["unit"]["domain"].clone();
    let domain = domain.as_str().expect("a domain");
    let (url, posted) = webhook().await;
    let texts = || posted.lock().expect("unpoisoned").clone();
    tools.suiro(&["notify", "test", domain]).await.bad(1, "通知先がありません", "no target");
    tools.suiro(&["notify", "add", domain, "ops", "--slack", "not a URL"]).await.bad(2, "使えません", "no URL");
    tools.suiro(&["notify", "add", "other.cybozu.com", "ops", "--slack", &url]).await.bad(1, "ありません", "no unit");
    tools.suiro(&["notify", "add", domain, "ops", "--slack", &url]).await.good();
    tools.suiro(&["notify", "add", domain, "team", "--teams", &url]).await.good();
    let arrived = tools.suiro(&["notify", "test", domain]).await;
    assert_eq!(arrived.good().matches("arrived").count(), 2, "{arrived:#?}");
    let shapes = texts();
    assert!(shapes[0]["text"].is_string() && shapes[1]["attachments"][0]["content"]["type"] == "AdaptiveCard");
    let listed = tools.suiro(&["notify", "list", domain, "--json"]).await;
    assert_eq!(listed.json(), json!([{ "name": "ops", "shape": "slack" }, { "name": "team", "shape": "teams" }]));
    assert!(!listed.out.contains("geheim"), "a URL is a secret");
    tools.suiro(&["notify", "remove", domain, "team"]).await.good();
    tools.suiro(&["notify", "remove", domain, "team"]).await.bad(1, "ありません", "no target");

    // The stock app may not be read any more: both orders fail, and one notice tells of them.
    let id = tools.put_order("A-1");
    let company = &tools.stage.company;
    let blind = tools.stage.control().add_token(company.stock, &[sim::Right::Add, sim::Right::Edit]).expect("a token");
    let (kept, of_stock) = (tools.path(".suiro/credentials.json"), company.tokens.split(',').nth(1).expect("four"));
    let held = std::fs::read_to_string(&kept).expect("credentials");
    std::fs::write(&kept, held.replace(of_stock, &blind)).expect("changed");
    for _ in 0..2 {
        assert_eq!(tools.notify(&added.url, id).await, 202);
    }
    let runs = tools.until_ended(&added.unit, 2).await;
    assert!(runs.iter().all(|run| run.code.is_some()), "{runs:#?}");
    tools.stage.until("the owner is told", || async { texts().len() > 2 }).await;
    let text = texts()[2]["text"].as_str().expect("a text").to_owned();
    for part in [
        "受注処理",
        "実行に失敗しました",
        "a run has failed",
        "suiro run show",
        &format!("/k/{}/", tools.stage.company.log),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let settled = || async {
        tools.suiro(&["unit", "show", "受注処理", "--json"]).await.json()["state"]["notices"][0]["due"].is_null()
    };
    tools.stage.until("it is noted as told", settled).await;
    assert_eq!(texts().len(), 3, "once");
    served.stop().await;
}

/// An app of notices that lacks most fields, and one that a person made with field codes of their own.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_is_one_record_of_a_kintone_app_and_says_that_the_token_is_dead() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let added = tools.add_unit("受注処理", &["--starts", "100"]).await;
    let (control, base_url) = (tools.stage.control(), tools.stage.sim.base_url());
    let domain = base_url.strip_prefix("http://").expect("the simulator's address").to_owned();
    let text = || json!({ "type": "SINGLE_LINE_TEXT" });
    let app = control.create_app(AppSpec::new("通知").field("件名", text()).field("count", text())).expect("an app");
    let all = [Right::View, Right::Add, Right::Edit, Right::Admin];
    let (manager, writer) = (control.add_token(app, &all), control.add_token(app, &all[..3]));
    let (manager, writer) = (manager.expect("a token"), writer.expect("a token"));
    let number = app.to_string();
    let add = async |token: &str, more: &[&str]| {
        let usual = ["notify", "add", &domain, "app", "--kintone-app", &number, "--api-token", token];
        tools.suiro(&[&usual[..], more].concat()).await
    };
    let reached = ["--base-url", &base_url];
    add(&writer, &[]).await.bad(2, "--base-url で指定", "name the kintone");
    let lacks = add(&writer, &reached).await;
    lacks.bad(1, "title  ありません", "count  型が違います / wrong type: SINGLE_LINE_TEXT (NUMBER)");
    let given = ["--field", "title=件名", "--field", "count="];
    let lacks = add(&writer, &[&reached[..], &given].concat()).await;
    lacks.bad(1, "notice_key  ありません", "add them with --add-fields");
    assert!(!lacks.err.contains("件名 "), "{lacks:#?}");
    let given = [&reached[..], &given, &["--add-fields"]].concat();
    add(&writer, &given).await.bad(4, "管理権限を確認", "the right to manage it");
    add("wrong", &given).await.bad(4, "読み取れません", "cannot be read");
    add(&manager, &["--base-url", &base_url, "--field", "subject=件名"]).await.bad(
        2,
        "項目=フィールドコード",
        "one of: notice_key",
    );
    let listed = || async { tools.suiro(&["notify", "list", &domain, "--json"]).await.json() };
    assert_eq!(listed().await, json!([]), "nothing is stored of what cannot work");
    add(&manager, &given).await.good();
    let to = format!("{base_url}/k/{app}/");
    assert_eq!(listed().await, json!([{ "name": "app", "shape": "kintone", "to": to }]));
    let kept = std::fs::read_to_string(tools.path(".suiro/credentials.json")).expect("credentials");
    assert!(kept.contains("notify/") && kept.contains(&manager));
    tools.suiro(&["notify", "test", &domain, "ops"]).await.bad(1, "「ops」はありません", "no target");
    tools.suiro(&["notify", "test", &domain, "app"]).await.good();
    assert_eq!(control.count(app), 1, "the sample");

    // A token of the unit was deleted: kintone does not know it any more.
    let of_stock = tools.stage.company.tokens.split(',').nth(1).expect("four");
    std::fs::write(tools.path(".suiro/credentials.json"), kept.replace(of_stock, "deleted")).expect("changed");
    let fired = control.deliveries().len();
    control.add_webhook(app, "http://127.0.0.1:1/", &[WebhookEvent::AddRecord]).expect("a webhook of the app");
    for name in ["A-1", "A-2"] {
        assert_eq!(tools.notify(&added.url, tools.put_order(name)).await, 202);
    }
    let runs = tools.until_ended(&added.unit, 2).await;
    let code = model::catalogue::CREDENTIAL_REFUSED;
    assert!(runs.iter().all(|run| run.code == Some(code)), "{runs:#?}");
    tools.stage.until("the owner has a record", || async { control.count(app) > 1 }).await;
    let settled = || async {
        let shown = tools.suiro(&["unit", "show", "受注処理", "--json"]).await.json();
        shown["state"]["notices"][0]["due"].is_null()
    };
    tools.stage.until("it is noted as told", settled).await;
    let mut records = control.records(app);
    assert_eq!(records.len(), 2, "once, beside the sample");
    records.sort_by_key(|record| record.id);
    let told = |code: &str| records[1].text(code).unwrap_or_default().to_owned();
    assert!(told("件名").contains("受注処理") && told("件名").contains("a run has failed"), "{}", told("件名"));
    assert!(told("remedy").contains("suiro unit update") && told("message").contains("認めません"));
    let unit = [told("execution_unit_Id"), told("execution_unit_name"), told("code")];
    assert_eq!(unit, [added.unit.clone(), "受注処理".into(), "credential.refused".into()]);
    assert!(told("run_id").starts_with(&added.unit) && told("notice_key").starts_with(&added.unit));
    assert!(told("link").contains(&format!("/k/{}/", tools.stage.company.log)), "{}", told("link"));
    assert_eq!(
        (told("count"), control.deliveries().len()),
        (String::new(), fired),
        "left out; and no webhook was sent"
    );
    assert_eq!(listed().await[0]["last"]["error"], Json::Null);
    let shown = tools.suiro(&["notify", "list", &domain]).await;
    assert!(shown.good().contains("arrived"), "{shown:#?}");
    // A person's record fires the app's webhook; it is the first that does.
    control.screen_add(app, json!({ "件名": { "value": "手入力" } })).expect("a record");
    tools.stage.until("the webhook is fired", || async { control.deliveries().len() > fired }).await;
    assert_eq!(control.deliveries().len(), fired + 1);
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_needs_an_sns_and_a_lost_target_is_seen() {
    let tools = Tools::new().await;
    let served = tools.serve().await;
    let day = |days: i64| {
        let now = jiff::Timestamp::from_millisecond(SystemClock.now().0).expect("a time");
        let now = now.in_tz("Asia/Tokyo").expect("a zone");
        now.date().checked_add(jiff::Span::new().days(days)).expect("a day").to_string()
    };
    let past = ["--api-token", "t", "--credential-expires", "2020-01-01"];
    tools.try_add_unit("x", &past).await.bad(2, "今日より後", "after today");
    let added = tools.add_unit("受注処理", &["--credential-expires", &day(30)]).await;
    let domain = tools.stage.sim.base_url().strip_prefix("http://").expect("an address").to_owned();
    let arn = "arn:aws:sns:ap-northeast-1:000000000000:ops";
    let add = ["notify", "add", &domain, "topic", "--sns", arn];
    tools.suiro(&add).await.bad(1, "SNSはありません", "the local stack has no SNS");
    tools.suiro(&["notify", "add", &domain, "topic", "--sns", "ops"]).await.bad(
        2,
        "標準のトピック",
        "a standard topic",
    );
    tools.suiro(&["notify", "add", &domain, "t", "--sns", arn, "--field", "title=a"]).await.bad(
        2,
        "一緒に指定",
        "belong to --kintone-app",
    );
    // With an emulator's endpoint it is taken; the server that runs knows of none, and says so.
    let mut command = tools.command(&add);
    command.env("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:1");
    assert!(command.output().await.expect("suiro runs").status.success());
    let shown = || async { tools.suiro(&["unit", "show", "受注処理", "--json"]).await.json() };
    assert_eq!(shown().await["state"]["notices"].as_array().map(Vec::len), Some(2), "before, and on the day");
    let changed = tools.suiro(&["unit", "update", &added.unit, "--credential-expires", &day(3)]).await;
    changed.good();
    assert!(shown().await["credentialExpires"].as_str().expect("a day").ends_with("T15:00:00Z"));
    let last = || async { tools.suiro(&["notify", "list", &domain, "--json"]).await.json()[0]["last"].clone() };
    tools.stage.until("it is tried", || async { !last().await.is_null() }).await;
    let error = last().await["error"].as_str().expect("an error").to_owned();
    assert!(error.contains("AWS_ENDPOINT_URL_SNS"), "{error}");
    tools.suiro(&["unit", "update", &added.unit, "--credential-expires", "none"]).await.good();
    let after = shown().await;
    assert!(after["state"]["notices"].is_null() && after["credentialExpires"].is_null(), "{after:#}");
    served.stop().await;
}
