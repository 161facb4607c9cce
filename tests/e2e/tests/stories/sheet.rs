//! The seed's own table: a sheet call runs each flow once with OR-ed conditions, webhook and API once per record.

use serde_json::{Value as Json, json};
use suiro::demo::company::order;

use crate::story::{Stage, all_succeeded, stage};

async fn three_orders(stage: &Stage) -> Vec<Json> {
    let product = ["P-001", "P-002", "P-003"];
    let add =
        |n: usize| stage.control().screen_add(stage.company.orders, order(&format!("O-{n}"), product[n], 2)).unwrap();
    let ids = (0..3).map(add).collect::<Vec<_>>();
    assert_eq!(ids, [1, 2, 3]);
    ids.iter().map(|id| json!({ "レコード番号": { "type": "RECORD_NUMBER", "value": id.to_string() } })).collect()
}

/// The conditions on the order app that kintone was asked, one per read of a flow's input.
fn asked(stage: &Stage) -> Vec<String> {
    let reads = stage.control().calls().into_iter().filter(|c| c.method == "GET" && c.apps == [stage.company.orders]);
    let conditions = reads.filter_map(|c| c.query).filter(|q| q.contains("レコード番号 = ")).collect::<Vec<_>>();
    conditions.into_iter().map(|q| q.split(" and ($id > 0)").next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_call_runs_each_flow_once_with_three_or_ed_conditions() {
    let stage = stage().await;
    let records = three_orders(&stage).await;
    stage.control().clear_calls();
    let body = json!({ "app": { "id": stage.company.orders }, "user": "sato", "records": records });
    let (status, answer) = stage.post(&format!("{}/sheet", stage.company.url), &body).await;
    assert_eq!(status, 202, "{answer}");
    let runs = stage.until_ended(1).await;
    all_succeeded(&runs);
    assert_eq!(runs.len(), 1, "one run for three records");
    let asked = asked(&stage);
    let or = r#"((レコード番号 = "1") or (レコード番号 = "2") or (レコード番号 = "3"))"#;
    assert_eq!(asked[0].replace("((", "(").replace("))", ")"), or.replace("((", "(").replace("))", ")"));
    assert_eq!(
        asked.iter().filter(|q| q.matches("レコード番号 = ").count() == 3).count(),
        2,
        "once per flow: {asked:#?}"
    );
    assert_eq!(stage.control().count(stage.company.movements), 3);
    for id in 1..=3 {
        let before = suiro::demo::company::PRODUCTS[id as usize - 1].2;
        assert_eq!(stage.value(stage.company.stock, id, "在庫数"), json!((before - 2).to_string()));
    }
    assert_eq!(runs[0].trigger.records, ["1", "2", "3"]);
    assert_eq!(stage.log_record(&runs[0].id).fields["execution_method"], json!("krewSheet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_runs_each_flow_once_per_record() {
    let stage = stage().await;
    let records = three_orders(&stage).await;
    let url = stage.company.url.rsplit('/').next().unwrap();
    let trigger = format!("{}/trigger/v1/{url}", stage.stack.base_url());
    let body = json!({ "krewdataAppUrl": "https://example.cybozu.com/k/5/", "serialNumber": "QUJD" });
    let (status, token) = stage.post(&format!("{trigger}/token"), &body).await;
    assert_eq!((status, &token["status"]), (200, &json!("OK")), "{token}");
    stage.control().clear_calls();
    let body = json!({ "accessToken": token["accessToken"], "user": "sato", "appId": stage.company.orders, "records": records });
    let (status, answer) = stage.post(&format!("{trigger}/run"), &body).await;
    assert_eq!(status, 202, "{answer}");
    let runs = stage.until_ended(3).await;
    all_succeeded(&runs);
    let asked = asked(&stage);
    assert!(asked.iter().all(|q| q.matches("レコード番号 = ").count() == 1), "one equality each: {asked:#?}");
    for (n, run) in runs.iter().enumerate() {
        assert_eq!(run.trigger.records, [(n + 1).to_string()], "in the order of the call");
        let body = json!({ "accessToken": token["accessToken"], "runId": run.id });
        let (_, standing) = stage.post(&format!("{trigger}/status"), &body).await;
        assert_eq!(standing["state"], json!("succeeded"), "{standing}");
    }
}
