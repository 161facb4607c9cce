//! Files: what a supplier put there becomes records, and records become files; a second run appends.

use connect::storage::{FileStore, When};
use model::file_path::FilePath;
use model::ids::UnitId;
use model::run::{FlowState, RunState};
use serde_json::json;
use suiro::demo::company::order;
use suiro::units::{self, Wanted};

use crate::story::{Stage, stage};

/// A delivery becomes stock; the list of all stock goes out as a workbook, and a line per run into a history; the
/// workbook comes back in as movements.
const FLOWS: [&str; 3] = [
    "
suiro: 1
name: 入庫
steps:
  - name: 入庫ファイル
    command: input_file
    file: 入庫/%受注番号%.csv
    format: csv
    csv: { encoding: shift_jis, delimiter: tab }
    columns: [商品コード, 商品名, { name: 数量, kind: number, format: \"#,##0\", as: 在庫数 }]
  - { name: 在庫, command: output_app, from: 入庫ファイル, app: ${在庫}, method: update, key: 商品コード, insert: true }
  - name: 履歴
    command: output_file
    from: 入庫ファイル
    file: 履歴.csv
    format: csv
    mode: append
    csv: { newline: lf }
    columns: [商品コード, 在庫数]
",
    "
suiro: 1
name: 一覧
steps:
  - { name: 在庫, command: input_app, app: ${在庫}, fields: [商品コード, 商品名, 在庫数] }
  - { name: 一覧, command: output_file, from: 在庫, file: 一覧/在庫.xlsx, format: excel, excel: { sheet: 在庫 } }
  - { name: 控え, command: output_file, from: 在庫, file: 控え.csv, format: csv, mode: new_name, columns: [商品名] }
",
    "
suiro: 1
name: 戻し
steps:
  - name: 一覧
    command: input_file
    file: 一覧/在庫.xlsx
    format: excel
    missing: error
    columns: [商品コード, { name: 在庫数, kind: number, as: 数量 }]
  - { name: 移動, command: output_app, from: 一覧, app: ${在庫移動}, method: append }
",
];

fn path(text: &str) -> FilePath {
    FilePath::new(text).unwrap()
}

async fn unit(stage: &Stage) -> (UnitId, FileStore) {
    let company = &stage.company;
    let wanted = Wanted {
        name: "入庫".into(),
        base_url: stage.sim.base_url(),
        guest_space: None,
        credential: model::ports::Credential::Tokens {
            tokens: company.tokens.split(',').map(str::to_owned).collect(),
            basic: None,
        },
        expires: None,
        app: company.orders,
        events: Default::default(),
        flows: FLOWS.map(|text| company.flow(text)).into(),
        log_app: Some(company.log),
        undo: Default::default(),
        coalesce: false,
        limits: Default::default(),
        doors: Default::default(),
    };
    let added = units::add(&stage.stack.ledger, stage.stack.vault.as_ref(), &stage.stack.connector, wanted).await;
    let (unit, secret) = added.unwrap();
    let url = format!("{}/r/{unit}/{}", stage.stack.base_url(), secret.reveal());
    stage.control().add_webhook(company.orders, &url, &sim::ALL_EVENTS).unwrap();
    let domain = stage.stack.ledger.unit(&unit).await.unwrap().domain;
    let store = stage.stack.files.unit(&domain, &unit);
    (unit, store)
}

async fn text(store: &FileStore, name: &str) -> Option<String> {
    let found = store.get(&path(name), u64::MAX).await.unwrap();
    found.map(|f| String::from_utf8(f.bytes.to_vec()).unwrap())
}

async fn ended(stage: &Stage, unit: &UnitId, count: usize) -> model::run::Run {
    stage
        .until("the run ends", || async {
            let runs = stage.stack.ledger.runs(unit, 10).await.unwrap();
            runs.iter().filter(|r| r.state.ended()).count() == count
        })
        .await;
    stage.stack.ledger.runs(unit, 10).await.unwrap().remove(0)
}

/// `商品コード→商品名→数量` and two rows, as a supplier's Windows writes them.
const DELIVERY: &[u8] = b"\x8F\xA4\x95i\x83R\x81[\x83h\t\x8F\xA4\x95i\x96\xBC\t\x90\x94\x97\xCA\r\nP-001\t\x82\xE8\x82\xF1\x82\xB2\t1,200\r\nP-009\t\x82\xE0\x82\xE0\t7\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_suppliers_file_becomes_records_and_records_become_files() {
    let stage = stage().await;
    let company = &stage.company;
    let (unit, store) = unit(&stage).await;
    store.put(&path("入庫/D-1.csv"), DELIVERY.into(), &When::Always).await.unwrap();
    stage.control().screen_add(company.orders, order("D-1", "P-001", 1)).unwrap();
    let run = ended(&stage, &unit, 1).await;
    assert_eq!(run.state, RunState::Succeeded, "{run:#?}");

    assert_eq!(stage.value(company.stock, 1, "在庫数"), json!("1200"));
    let stock = stage.control().records(company.stock);
    assert_eq!((stock.len(), &stock[3].fields["商品名"]), (4, &json!("もも")));
    assert_eq!(text(&store, "履歴.csv").await.as_deref(), Some("商品コード,在庫数\nP-001,1200\nP-009,7\n"));
    let names = text(&store, "控え-1.csv").await;
    assert_eq!(names.as_deref(), Some("商品名\r\nりんご\r\nみかん\r\nぶどう\r\nもも\r\n"));
    let moved: Vec<_> = stage.control().records(company.movements).iter().map(|r| r.fields["数量"].clone()).collect();
    assert_eq!(moved, ["1200", "40", "5", "7"].map(|n| json!(n)), "by way of the workbook");
    assert_eq!(run.flows.iter().map(|f| f.output_records).collect::<Vec<_>>(), [4, 8, 4], "records and rows of files");
    let listed: Vec<_> = store.list(None).await.unwrap().into_iter().map(|f| f.path).collect();
    assert_eq!(listed, ["一覧/在庫.xlsx", "入庫/D-1.csv", "履歴.csv", "控え-1.csv"]);

    // The next order has no file yet: the flow goes on, says so, and nothing but the header would be appended.
    stage.control().screen_add(company.orders, order("D-2", "P-001", 1)).unwrap();
    let run = ended(&stage, &unit, 2).await;
    assert_eq!(run.state, RunState::Succeeded, "{run:#?}");
    assert!(run.flows[0].message.contains("入庫/D-2.csv: ファイルがありません"), "{}", run.flows[0].message);
    assert_eq!(text(&store, "履歴.csv").await.as_deref(), Some("商品コード,在庫数\nP-001,1200\nP-009,7\n"));
    assert!(text(&store, "控え-2.csv").await.is_some(), "a name of its own for every run");

    // A parameter cannot lead to another folder.
    stage.control().screen_add(company.orders, order("../D-1", "P-001", 1)).unwrap();
    let run = ended(&stage, &unit, 3).await;
    assert_eq!((run.state, run.flows[0].state), (RunState::Failed, FlowState::Failed));
    assert!(run.message.contains("parameter_no_file_name"), "{}", run.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_another_header_writes_nothing() {
    let stage = stage().await;
    let (unit, store) = unit(&stage).await;
    store.put(&path("入庫/D-1.csv"), "code\tname\n".into(), &When::Always).await.unwrap();
    stage.control().screen_add(stage.company.orders, order("D-1", "P-001", 1)).unwrap();
    let run = ended(&stage, &unit, 1).await;
    assert_eq!((run.state, run.code), (RunState::Failed, Some(model::catalogue::FLOW_FAILED)));
    assert!(run.message.contains("商品コード"), "{}", run.message);
    assert_eq!(stage.value(stage.company.stock, 1, "在庫数"), json!("100"));
    assert_eq!(text(&store, "履歴.csv").await, None);
}
