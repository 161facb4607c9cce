//! Record caps: a flow that reads or writes more than it may fails before it has read it all, and writes nothing.

use model::caps::{OwnCaps, UnitCaps};
use model::catalogue;
use model::limits::UnitLimits;
use model::run::{Run, RunState};
use serde_json::json;

use crate::made::{limited, unit};
use crate::story::{Stage, stage};

/// Copies the movements' numbers to the orders.
const COPIES: &str = "
suiro: 1
name: 写し
steps:
  - { name: 移動, command: input_app, app: ${在庫移動}, fields: [受注番号] }
  - { name: 在庫, command: input_app, app: ${在庫}, fields: [商品コード] }
  - { name: 品名, command: data_edit, from: 在庫, edits: [{ field: 受注番号, formula: 商品コード }] }
  - { name: 合わせる, command: append_records, from: [移動, 品名], fields: common }
  - { name: 受注, command: output_app, from: 合わせる, app: ${受注}, method: append }
";

/// Makes the movements those of the articles and nothing else.
const REPLACES: &str = "
suiro: 1
name: 置き換え
steps:
  - { name: 在庫, command: input_app, app: ${在庫}, fields: [商品コード] }
  - { name: 品名, command: data_edit, from: 在庫, edits: [{ field: 受注番号, formula: 商品コード }] }
  - { name: 移動, command: output_app, from: 品名, app: ${在庫移動}, method: regenerate }
";

fn own(read: Option<u64>, written: Option<u64>) -> UnitLimits {
    let caps = UnitCaps { realtime: OwnCaps { read, written }, ..UnitCaps::NONE };
    UnitLimits { caps, ..UnitLimits::default() }
}

fn failed(run: &Run, code: catalogue::Code, told: &[&str]) {
    assert_eq!((run.state, run.code), (RunState::Failed, Some(code)), "{run:#?}");
    for text in told {
        assert!(run.message.contains(text), "{text}: {}", run.message);
    }
}

fn movements(stage: &Stage, count: usize) {
    let record = |n: usize| json!({ "受注番号": { "value": format!("M-{n}") } });
    stage.control().put_records(stage.company.movements, (0..count).map(record).collect()).unwrap();
}

fn reads(stage: &Stage) -> usize {
    stage.control().calls().iter().filter(|call| call.path.ends_with("/records.json") && call.method == "GET").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_records_are_refused_before_they_are_read() {
    let stage = stage().await;
    let orders = stage.control().count(stage.company.orders);
    movements(&stage, 10_001);
    let copies = unit(&stage, "写し", COPIES, true).await;
    let before = reads(&stage);
    let run = copies.ran(&stage).await;
    failed(&run, catalogue::TOO_MANY_READ, &["10004件、上限10000件", "ステップ「移動」 10001件", "step \"在庫\" 3"]);
    assert_eq!(reads(&stage) - before, 2, "one page of each app");
    assert_eq!(stage.control().count(stage.company.orders), orders, "nothing is written");
    // The log record says it, too.
    let message = stage.log_record(&run.id).fields["log_message"].to_string();
    assert!(message.contains("input.too_many") && message.contains("10004"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn units_and_domains_set_their_own() {
    let stage = stage().await;
    movements(&stage, 20);
    let orders = stage.control().count(stage.company.orders);
    let reading = limited(&stage, "読む", COPIES, true, own(Some(22), None)).await.ran(&stage).await;
    failed(&reading, catalogue::TOO_MANY_READ, &["23件、上限22件"]);
    let writing = limited(&stage, "書く", COPIES, true, own(Some(23), Some(22))).await.ran(&stage).await;
    failed(&writing, catalogue::TOO_MANY_WRITTEN, &["23件、上限22件", "ステップ「受注」 23件"]);
    // What a unit does not set is the domain's.
    let fits = limited(&stage, "収まる", COPIES, true, own(Some(23), Some(23))).await;
    let domain = stage.stack.ledger.unit(&fits.id).await.unwrap().domain;
    let mut limits = stage.stack.ledger.gate(&domain).await.unwrap().limits;
    limits.caps.realtime.written = 5;
    stage.stack.ledger.set_domain_limits(&domain, limits).await.unwrap();
    let shared = unit(&stage, "共通", COPIES, true).await.ran(&stage).await;
    failed(&shared, catalogue::TOO_MANY_WRITTEN, &["23件、上限5件"]);
    assert_eq!(stage.control().count(stage.company.orders), orders, "nothing is written so far");
    assert_eq!(fits.ran(&stage).await.state, RunState::Succeeded);
    assert_eq!(stage.control().count(stage.company.orders), orders + 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_which_too_much_would_go_is_not_read_either() {
    let stage = stage().await;
    let replaces = unit(&stage, "置き換え", REPLACES, true).await;
    let held = stage.control().count(stage.company.movements);
    movements(&stage, 10_004 - held);
    let before = reads(&stage);
    let run = replaces.ran(&stage).await;
    failed(
        &run,
        catalogue::TOO_MANY_WRITTEN,
        &["10001件以上、上限10000件", "ステップ「移動」 アプリの10004件を3件にする"],
    );
    assert_eq!(reads(&stage) - before, 2, "one page of each app");
    assert_eq!(stage.control().count(stage.company.movements), 10_004, "nothing is written");
}
