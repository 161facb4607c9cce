//! The main job: a webhook changes records.

use serde_json::json;
use suiro::demo::company::order;

use crate::story::{all_succeeded, stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_of_an_order_allocates_stock_and_appends_a_movement() {
    let stage = stage().await;
    let company = &stage.company;
    stage.control().add_webhook(company.orders, &company.url, &sim::ALL_EVENTS).unwrap();
    let id = stage.control().screen_add(company.orders, order("A-1", "P-001", 30)).unwrap();
    let runs = stage.until_ended(1).await;
    all_succeeded(&runs);
    assert_eq!(stage.value(company.stock, 1, "在庫数"), json!("70"));
    assert_eq!(stage.value(company.stock, 1, "引当済"), json!("30"));
    assert_eq!(stage.value(company.orders, id, "引当数"), json!("30"));
    assert_eq!(stage.value(company.orders, id, "状況"), json!("引当済"));
    let movements = stage.control().records(company.movements);
    assert_eq!(movements.len(), 1);
    assert_eq!(movements[0].fields["数量"], json!("30"));
    assert_eq!(stage.runs().await.len(), 1, "what Suiro writes starts nothing");

    let log = stage.log_record(&runs[0].id);
    assert_eq!(log.fields["state"], json!("succeeded"));
    assert_eq!(log.fields["execution_unit_name"], json!("受注処理"));
    assert_eq!(log.fields["event_type"], json!("ADD_RECORD"));
    let flows = log.fields["flows"].as_array().unwrap();
    assert_eq!(flows.len(), 2);
    assert_eq!(flows[0]["value"]["flow_name"]["value"], json!("引当/出荷"));
    assert_eq!(flows[0]["value"]["output_records"]["value"], json!("2"));
    assert_eq!(flows[1]["value"]["flow_state"]["value"], json!("succeeded"));
}
