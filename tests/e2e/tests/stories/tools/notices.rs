//! `suiro notify`, and what arrives.

use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};
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
