//! Cursors (2.6), and searches that are cut or late (3.5).

use std::time::Duration;

use serde_json::{Value, json};
use sim::Generate;

use crate::support::{Stage, told, v};

async fn stage(count: u64) -> Stage {
    let stage = Stage::with(json!({"n": {"type": "NUMBER"}, "t": {"type": "SINGLE_LINE_TEXT"}})).await;
    let template = json!({"n": v("{n}"), "t": v("東京都")}).as_object().cloned().unwrap_or_default();
    let order = Generate { app: stage.app, count, template, ..Generate::default() };
    stage.control.generate(&order).expect("records");
    stage
}

const GONE: crate::support::Told = told(
    404,
    "GAIA_CN01",
    "指定したカーソルは存在しないか、既に有効期限が切れています。",
    "The specified cursor does not exist or has already expired.",
);

#[tokio::test]
async fn a_cursor_tells_everything_once_and_is_gone() {
    let stage = stage(250).await;
    let body = json!({"app": stage.app, "query": "n > 10 order by n asc", "fields": ["n"]});
    let cursor = stage.call("POST", "records/cursor", body).await.good();
    assert_eq!(cursor["totalCount"], "240");
    let id = json!({"id": cursor["id"]});
    let (mut told, mut pages) = (Vec::new(), 0);
    loop {
        let page = stage.call("GET", "records/cursor", id.clone()).await.good();
        pages += 1;
        told.extend(page["records"].as_array().cloned().unwrap_or_default());
        if page["next"] == false {
            break;
        }
    }
    assert_eq!(pages, 3, "100 a page");
    let numbers: Vec<_> = told.iter().map(|record| record["n"]["value"].as_str().unwrap_or("").to_owned()).collect();
    assert_eq!(numbers, (11..=250).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(told[0], json!({"n": {"type": "NUMBER", "value": "11"}}));
    stage.refuses("after the last page", "GET", "records/cursor", id.clone(), &GONE).await;
    stage.refuses("deleting it then", "DELETE", "records/cursor", id, &GONE).await;
}

#[tokio::test]
async fn the_domain_holds_ten_and_they_expire() {
    let stage = stage(3).await;
    let create = || stage.call("POST", "records/cursor", json!({"app": stage.app, "size": 1}));
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(create().await.good()["id"].take());
    }
    let full = told(
        429,
        "GAIA_TM12",
        "作成できるカーソルの上限に達しているため、カーソルを作成できません。\
         不要なカーソルを削除するか、しばらく経ってから再実行してください。",
        "A cursor cannot be created because the maximum number of cursors has been reached. \
         Delete unnecessary cursors, or try again later.",
    );
    stage.refuses("the 11th", "POST", "records/cursor", json!({"app": stage.app}), &full).await;
    assert_eq!(stage.call("DELETE", "records/cursor", json!({"id": ids[9]})).await.good(), json!({}));
    create().await.good();
    stage.control.clock().advance(Duration::from_secs(599));
    stage.call("GET", "records/cursor", json!({"id": ids[0]})).await.good();
    stage.control.clock().advance(Duration::from_secs(2));
    stage.call("GET", "records/cursor", json!({"id": ids[0]})).await.good();
    stage.refuses("not used for ten minutes", "GET", "records/cursor", json!({"id": ids[1]}), &GONE).await;
}

#[tokio::test]
async fn a_cursor_takes_no_limit_and_at_most_500_a_page() {
    let stage = stage(1).await;
    for body in
        [json!({"query": "limit 5"}), json!({"query": "n > 0 offset 1"}), json!({"size": 501}), json!({"size": 0})]
    {
        let mut body: Value = body;
        body["app"] = json!(stage.app);
        let answer = stage.call("POST", "records/cursor", body.clone()).await;
        assert_eq!(answer.refusal(), (400, "CB_VA01"), "{body}");
    }
}

#[tokio::test]
async fn a_search_that_finds_too_much_is_cut_and_says_so() {
    let stage = stage(20).await;
    let search =
        |query: &str| stage.call("GET", "records", json!({"app": stage.app, "query": query, "totalCount": true}));
    let whole = search("t like \"東京\"").await;
    assert_eq!((whole.header("x-cybozu-warning"), &whole.body["totalCount"]), (None, &json!("20")));
    stage.control.switch(|switches| switches.like_threshold = 15);
    let cut = search("t like \"東京\"").await;
    assert_eq!(cut.header("x-cybozu-warning"), Some("Filter aborted because of too many search results"));
    assert_eq!((cut.status, &cut.body["totalCount"]), (200, &json!("15")));
    let plain = search("n > 0").await;
    assert_eq!((plain.header("x-cybozu-warning"), &plain.body["totalCount"]), (None, &json!("20")));
}

#[tokio::test]
async fn a_search_knows_a_record_only_when_it_is_indexed() {
    let stage = stage(0).await;
    stage.control.switch(|switches| switches.index_delay_ms = 5_000);
    stage.add(json!({"t": v("東京都")})).await;
    let count = async || {
        let body = json!({"app": stage.app, "query": "t like \"東京\"", "totalCount": true});
        stage.call("GET", "records", body).await.good()["totalCount"].take()
    };
    assert_eq!(count().await, "0");
    stage.control.clock().advance(Duration::from_secs(6));
    assert_eq!(count().await, "1");
}
