//! Numbers: exact under concurrency, behind what the app holds, and the same for a run that computes anew.

use model::catalogue;
use model::numbering::{Cycle, NamedNumber};
use model::run::RunState;
use serde_json::json;
use sim::{AppSpec, Fault, FaultKind};

use super::{flow, stage, text, unique};
use crate::story::all_succeeded;

fn output(app: u64, numbers: &str) -> String {
    flow(
        "採番",
        &format!(
            "  - name: 出力\n    command: output_app\n    from: 受注\n    app: {app}\n    method: append\n    mapping: {{ 受注番号: 受注番号, 商品: 商品コード }}\n    numbers:\n{numbers}\n"
        ),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn two_units_number_the_same_app_at_the_same_time() {
    let stage = stage().await;
    let number = json!({ "type": "NUMBER", "unique": true });
    let app = stage.app(
        AppSpec::new("請求")
            .field("受注番号", text())
            .field("商品", text())
            .field("番号", unique())
            .field("通番", number),
    );
    // What people numbered by hand, also with other texts in front.
    let held = ["M-007", "M-003", "X-900", "M-x"].map(|n| json!({ "番号": { "value": n } }));
    stage.control().put_records(app, held.to_vec()).unwrap();
    let domain = stage.stack.ledger.unit(&stage.company.unit).await.unwrap().domain;
    let named = NamedNumber { name: "通し番号".into(), start: 500, cycle: Cycle::FiscalYear { first_month: 4 } };
    stage.stack.ledger.put_named_number(&domain, &named).await.unwrap();
    let numbers = "      - { field: 番号, digits: 3, prefix: M- }\n      - { field: 通番, digits: 1, unit: domain, name: 通し番号 }";
    let units = [stage.unit("甲", &[output(app, numbers)]).await, stage.unit("乙", &[output(app, numbers)]).await];
    let orders: Vec<u64> = (0..24).map(|n| stage.put(&format!("N-{n}"), 1)).collect();
    for (n, id) in orders.iter().enumerate() {
        stage.tell(&units[n % 2], *id).await;
    }
    for unit in &units {
        all_succeeded(&stage.ended(unit, 12).await);
    }
    let mut given = stage.column(app, "番号").split_off(held.len());
    given.sort();
    assert_eq!(
        given,
        (8..32).map(|n| format!("M-{n:03}")).collect::<Vec<_>>(),
        "24 records, each number once, none left out"
    );
    let mut given: Vec<u64> = stage.column(app, "通番").iter().filter_map(|n| n.parse().ok()).collect();
    given.sort_unstable();
    assert_eq!(given, (500..524).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_burns_no_number() {
    let stage = stage().await;
    let app = stage.app(AppSpec::new("伝票").field("受注番号", unique()).field("商品", text()).field("番号", text()));
    let document = format!(
        "suiro: 1\nname: 更新\nsteps:\n  - {{ name: 受注, command: input_app, app: ${{受注}} }}\n  - name: 出力\n    command: output_app\n    from: 受注\n    app: {app}\n    method: update\n    key: 受注番号\n    insert: true\n    order: [受注番号]\n    mapping: {{ 受注番号: 受注番号, 商品: 商品コード }}\n    numbers: [{{ field: 番号, digits: 2, group: 商品, prefix_formula: '商品コード & \"/\"', suffix: 号 }}]\n"
    );
    let unit = stage.unit("更新", &[document]).await;
    stage.tell(&unit, stage.put("A-1", 1)).await;
    all_succeeded(&stage.ended(&unit, 1).await);
    let first = stage.control().records(app).remove(0).id;
    // The next run changes that record and adds another; while its bulk is on the way, a person changes the first too.
    let changed = |name: &str| stage.control().screen_update(app, first, json!({ "商品": { "value": name } })).unwrap();
    changed("人の手");
    stage.control().add_fault(Fault::new("*/bulkRequest.json", FaultKind::Delay { ms: 600 }).times(1));
    stage.tell(&unit, stage.put("A-2", 1)).await;
    stage.until("the bulk is on its way", || async { stage.control().faults().is_empty() }).await;
    changed("また人の手");
    all_succeeded(&stage.ended(&unit, 2).await);
    stage.tell(&unit, stage.put("A-3", 1)).await;
    all_succeeded(&stage.ended(&unit, 3).await);
    assert_eq!(stage.column(app, "番号"), ["P-001/01号", "P-001/02号", "P-001/03号"]);
    assert_eq!(stage.column(app, "商品"), ["P-001"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_not_registered_is_told_before_anything_is_written() {
    let stage = stage().await;
    let app = stage.app(AppSpec::new("請求").field("受注番号", text()).field("商品", text()).field("番号", text()));
    let unit =
        stage.unit("甲", &[output(app, "      - { field: 番号, digits: 3, unit: domain, name: 請求番号 }")]).await;
    stage.tell(&unit, stage.put("U-1", 1)).await;
    let run = stage.ended(&unit, 1).await.remove(0);
    assert_eq!((run.state, run.code), (RunState::Failed, Some(catalogue::NUMBER_UNKNOWN)), "{run:#?}");
    assert!(run.message.contains("請求番号"), "{}", run.message);
    assert_eq!(stage.control().count(app), 0);
}

/// An append of the order's number and its product, with these numbers.
fn prefixed(app: u64, prefix: &str) -> String {
    output(app, &format!("      - {{ field: 番号, digits: 3, prefix_formula: '{prefix}' }}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_come_later_go_behind_what_the_app_holds_with_them() {
    let stage = stage().await;
    let spec = AppSpec::new("請求").field("受注番号", text()).field("商品", text());
    let app = stage.app(spec.field("番号", unique()));
    let held = ["A-001", "A-002", "B-001", "B-002", "B-003", "B-004", "B-005", "C-009"];
    stage.control().put_records(app, held.map(|n| json!({ "番号": { "value": n } })).to_vec()).unwrap();
    // The first letter of the order's number is the prefix; another unit numbers the same field with a text of its own.
    let by_order = stage.unit("記号", &[prefixed(app, "LEFT(受注番号, 1) & \"-\"")]).await;
    let fixed = stage.unit("固定", &[prefixed(app, "\"C-\"")]).await;
    for (n, (unit, order)) in
        [(&by_order, "A1"), (&by_order, "B1"), (&by_order, "B2"), (&fixed, "X1"), (&by_order, "A2")].iter().enumerate()
    {
        stage.tell(unit, stage.put(order, 1)).await;
        stage.until("the record is there", || async { stage.control().count(app) == held.len() + n + 1 }).await;
    }
    all_succeeded(&stage.ended(&by_order, 4).await);
    all_succeeded(&stage.ended(&fixed, 1).await);
    let given = stage.column(app, "番号").split_off(held.len());
    assert_eq!(given, ["A-003", "B-006", "B-007", "C-010", "A-011"], "one number line, and no number twice");
}
