//! Lookups (4.4).

use serde_json::{Value, json};
use sim::{AppSpec, Right};

use crate::support::{Stage, v};

/// A product app and an order app that looks up products, in itself and in its table.
async fn stage() -> (Stage, u64) {
    let products = AppSpec::new("商品")
        .field("品番", json!({"type": "SINGLE_LINE_TEXT", "unique": true}))
        .field("品名", json!({"type": "SINGLE_LINE_TEXT"}))
        .field("単価", json!({"type": "NUMBER"}));
    let mut stage = Stage::of(products).await;
    let source = stage.app;
    stage
        .control
        .put_records(source, vec![json!({"品番": v("P1"), "品名": v("りんご"), "単価": v(100)})])
        .expect("a product");
    let lookup = |name: &str, price: &str| {
        json!({"type": "SINGLE_LINE_TEXT", "lookup": {
            "relatedApp": {"app": source.to_string(), "code": ""},
            "relatedKeyField": "品番",
            "fieldMappings": [{"field": name, "relatedField": "品名"}, {"field": price, "relatedField": "単価"}],
        }})
    };
    let orders = AppSpec::new("注文")
        .field("商品", lookup("商品名", "価格"))
        .field("商品名", json!({"type": "SINGLE_LINE_TEXT"}))
        .field("価格", json!({"type": "NUMBER"}))
        .field("メモ", json!({"type": "SINGLE_LINE_TEXT"}))
        .field(
            "明細",
            json!({"type": "SUBTABLE", "fields": {
                "行商品": lookup("行名", "行価格"),
                "行名": {"type": "SINGLE_LINE_TEXT"},
                "行価格": {"type": "NUMBER"},
            }}),
        );
    stage.app = stage.control.create_app(orders).expect("an app");
    let own = stage.control.add_token(stage.app, &sim::ALL_RIGHTS).expect("a token");
    let reading = stage.control.add_token(source, &[Right::View]).expect("a token");
    stage.token = format!("{own},{reading}");
    (stage, source)
}

#[tokio::test]
async fn a_key_that_is_found_fills_the_mapped_fields() {
    let (stage, source) = stage().await;
    let app = stage.app;
    stage.add(json!({"商品": v("P1"), "商品名": v("違う"), "明細": v(json!([{"value": {"行商品": v("P1"), "行価格": v(9)}}]))})).await;
    let record = stage.get(1).await;
    assert_eq!((&record["商品名"]["value"], &record["価格"]["value"]), (&json!("りんご"), &json!("100")));
    let row = &record["明細"]["value"][0]["value"];
    assert_eq!((&row["行名"]["value"], &row["行価格"]["value"]), (&json!("りんご"), &json!("100")));

    stage.control.screen_update(source, 1, json!({"品名": v("青りんご")})).expect("a product");
    let put = |record: Value| stage.call("PUT", "record", json!({"app": app, "id": 1, "record": record}));
    put(json!({"メモ": v("x"), "商品名": v("勝手")})).await.good();
    assert_eq!(
        stage.value(1, "商品名").await,
        "りんご",
        "kept: the key was not sent, the source's change does not spread"
    );
    put(json!({"商品": v("P1")})).await.good();
    assert_eq!(stage.value(1, "商品名").await, "青りんご");
    put(json!({"商品": v("")})).await.good();
    assert_eq!((stage.value(1, "商品名").await, stage.value(1, "価格").await), (json!(""), json!("")));
}

#[tokio::test]
async fn a_key_that_is_not_found_refuses_the_write() {
    let (stage, _) = stage().await;
    let records = json!([{"商品": v("P1")}, {"商品": v("P8")}, {"商品": v("P9")}]);
    let answer = stage.call("POST", "records", json!({"app": stage.app, "records": records})).await;
    assert_eq!(answer.refusal(), (400, "GAIA_LO04"));
    let message = answer.body["message"].as_str().unwrap_or_default();
    assert!(message.contains("「P8」") && !message.contains("P9") && answer.body.get("errors").is_none(), "{message}");
    assert_eq!(stage.control.count(stage.app), 0);
}

#[tokio::test]
async fn the_source_app_needs_its_own_token() {
    let (stage, _) = stage().await;
    let own = stage.token.split(',').next().unwrap_or_default().to_owned();
    let body = json!({"app": stage.app, "record": {"商品": v("P1")}});
    let answer = stage.send("POST", "/k/v1/record.json", body, &[("x-cybozu-api-token", &own)]).await;
    assert_eq!(answer.refusal(), (400, "GAIA_LO04"));
}
