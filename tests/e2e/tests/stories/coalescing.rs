//! Webhooks that wait become one run, for units that ask for it.

use std::sync::Arc;
use std::time::Duration;

use model::clock::{ManualClock, Timestamp};
use model::limits::UnitLimits;
use model::run::RunState;
use serde_json::json;
use suiro::demo::company::order;
use suiro::units::{self, UnitError, Wanted};

use crate::made::made;
use crate::story::{Stage, stage_with};

const START: Timestamp = Timestamp(1_800_000_000_000);

/// Counts the product of the order that calls.
const COUNT: &str = "
suiro: 1
name: 数える
steps:
  - name: 在庫
    command: input_app
    app: ${在庫}
    fields: [商品コード, 在庫数]
    conditions:
      - { field: 商品コード, operator: \"=\", value: \"%商品コード%\" }
  - { name: 加算, command: data_edit, from: 在庫, edits: [{ field: 在庫数, formula: 在庫数+1000 }] }
  - { name: 出力, command: output_app, from: 加算, app: ${在庫}, method: update, key: 商品コード }
";

fn counted(stage: &Stage) -> Vec<bool> {
    let records = stage.control().records(stage.company.stock);
    records.iter().map(|r| r.text("在庫数").is_some_and(|n| n.parse::<u64>().is_ok_and(|n| n >= 1_000))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_come_while_one_waits_are_one_run() {
    let clock = Arc::new(ManualClock::new(START));
    let stage = stage_with(clock.clone(), UnitLimits::default()).await;
    let control = stage.control();
    let unit = made(&stage, "まとめる", &[COUNT], |wanted| {
        wanted.coalesce = true;
        wanted.limits = UnitLimits { starts: 1, ..UnitLimits::default() };
    })
    .await;
    let told = |n: u64, product: &str| {
        let id = control.screen_add(stage.company.orders, order(&format!("C-{n}"), product, 1)).unwrap();
        let record = json!({ "$id": { "type": "__ID__", "value": id.to_string() },
            "商品コード": { "type": "SINGLE_LINE_TEXT", "value": product } });
        json!({ "id": format!("c-{n}"), "type": "ADD_RECORD", "app": { "id": stage.company.orders }, "record": record })
    };
    assert_eq!(stage.post(&unit.url, &told(1, "P-001")).await.0, 202);
    unit.ended(&stage).await;
    let (_, second) = stage.post(&unit.url, &told(2, "P-002")).await;
    assert_eq!(second.get("joined"), None);
    for (n, product) in [(3, "P-003"), (4, "P-002"), (5, "P-003")] {
        let (status, joined) = stage.post(&unit.url, &told(n, product)).await;
        assert_eq!((status, &joined["runId"], &joined["joined"]), (202, &second["runId"], &json!(true)));
    }
    clock.advance(Duration::from_secs(60));
    let run = unit.ended(&stage).await;
    assert_eq!((run.state, run.id.to_string()), (RunState::Succeeded, second["runId"].as_str().unwrap().to_owned()));
    assert_eq!((run.trigger.records.len(), run.written()), (4, 2), "{run:#?}");
    assert_eq!(counted(&stage)[..3], [true, true, true], "every product of every order, once");
    let log = stage.log_record(&run.id);
    assert!(log.text("log_message").unwrap().contains("4 webhooks that waited became this run"), "{log:#?}");
    assert_eq!(log.text("records").unwrap().lines().count(), 4);
    assert_eq!(stage.stack.ledger.runs(&unit.id, 10).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_that_need_one_value_are_not_coalesced() {
    let stage = stage_with(Arc::new(ManualClock::new(START)), UnitLimits::default()).await;
    let company = &stage.company;
    let flow = COUNT.replace("在庫数+1000", "在庫数+%数量%");
    let wanted = Wanted {
        name: "まとめる".into(),
        base_url: stage.sim.base_url(),
        guest_space: None,
        credential: crate::made::administrator(),
        expires: None,
        app: company.orders,
        events: Default::default(),
        flows: vec![company.flow(&flow)],
        log_app: None,
        undo: Default::default(),
        coalesce: true,
        limits: Default::default(),
        doors: Default::default(),
    };
    let added = units::add(&stage.stack.ledger, stage.stack.vault.as_ref(), &stage.stack.connector, wanted).await;
    let Err(error @ UnitError::SingleValued { .. }) = added else { panic!("{added:?}") };
    let told = error.to_string();
    assert!(
        told.contains("フロー1の手順「加算」") && told.contains("%数量%") && told.contains("--coalesce be off"),
        "{told}"
    );
}
