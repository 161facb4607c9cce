//! Files beside records: what stops a flow stops it before the first record, and what was staged does not stay behind.

use connect::storage::{FileStore, OwnName, When};
use model::catalogue::{self, Code};
use model::file_path::FilePath;
use model::numbering::{Cycle, NamedNumber};
use model::run::{Run, RunState};
use sim::AppSpec;

use super::{Made, flow, stage, unique};
use crate::story::{Stage, all_succeeded};

/// A unit that adds a record and a line in a file.
async fn both(stage: &Stage) -> (u64, Made, FileStore) {
    let app = stage.app(AppSpec::new("請求").field("受注番号", unique()));
    let rest = format!(
        "  - {{ name: 請求, command: output_app, from: 受注, app: {app}, method: append, mapping: {{ 受注番号: 受注番号 }} }}\n  - {{ name: 履歴, command: output_file, from: 受注, file: 履歴.csv, format: csv, mode: append, csv: {{ newline: lf }}, columns: [受注番号] }}\n"
    );
    let unit = stage.unit("両方", &[flow("両方", &rest)]).await;
    let domain = stage.stack.ledger.unit(&unit.unit).await.unwrap().domain;
    let store = stage.stack.files.unit(&domain, &unit.unit);
    (app, unit, store)
}

fn history() -> FilePath {
    FilePath::new("履歴.csv").unwrap()
}

async fn text(store: &FileStore) -> String {
    let found = store.get(&history(), u64::MAX).await.unwrap().expect("the file");
    String::from_utf8(found.bytes.to_vec()).unwrap()
}

async fn refused(run: &Run, code: Code, store: &FileStore) {
    assert_eq!((run.state, run.code), (RunState::Failed, Some(code)), "{run:#?}");
    assert_eq!(run.flows[0].output_records, 0);
    let staged = OwnName::staged(&run.id.to_string(), 0, 0);
    assert_eq!(store.get_own(&staged, u64::MAX).await.unwrap(), None, "nothing that was staged stays behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_appended_to_stops_the_flow_before_its_records() {
    let stage = stage().await;
    let (app, unit, store) = both(&stage).await;
    for (n, held) in [(1, "x,y\n1,2\n".as_bytes()), (2, "受注番号\n\"A-0\n".as_bytes()), (3, b"\x8E\xF3\n")] {
        store.put(&history(), held.to_vec().into(), &When::Always).await.unwrap();
        stage.tell(&unit, stage.put(&format!("A-{n}"), 1)).await;
        let run = stage.ended(&unit, n).await.pop().unwrap();
        refused(&run, catalogue::FLOW_FAILED, &store).await;
        assert_eq!(stage.control().count(app), 0, "as the code says, nothing was written");
        assert_eq!(store.get(&history(), u64::MAX).await.unwrap().unwrap().bytes, held);
    }
    store.put(&history(), "受注番号\nA-0\n".into(), &When::Always).await.unwrap();
    stage.tell(&unit, stage.put("A-4", 1)).await;
    let run = stage.ended(&unit, 4).await.pop().unwrap();
    assert_eq!((run.state, stage.control().count(app)), (RunState::Succeeded, 1), "{run:#?}");
    assert_eq!(text(&store).await, "受注番号\nA-0\nA-4\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_files_are_numbered_with_the_domains_number() {
    let stage = stage().await;
    let domain = stage.stack.ledger.unit(&stage.company.unit).await.unwrap().domain;
    let named = NamedNumber { name: "伝票番号".into(), start: 7, cycle: Cycle::None };
    stage.stack.ledger.put_named_number(&domain, &named).await.unwrap();
    let rest = "  - { name: 履歴, command: output_file, from: 受注, file: 履歴.csv, format: csv, mode: append, csv: { newline: lf }, columns: [受注番号], numbers: [{ as: 伝票番号, name: 伝票番号, digits: 3, prefix: D-, suffix: 号 }] }\n";
    let unit = stage.unit("履歴", &[flow("履歴", rest)]).await;
    let store = stage.stack.files.unit(&domain, &unit.unit);
    for n in 1..=2 {
        stage.tell(&unit, stage.put(&format!("A-{n}"), 1)).await;
        all_succeeded(&stage.ended(&unit, n).await);
    }
    assert_eq!(text(&store).await, "受注番号,伝票番号\nA-1,D-007号\nA-2,D-008号\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_kintone_refuses_leave_no_file() {
    let stage = stage().await;
    let (app, unit, store) = both(&stage).await;
    stage.control().put_records(app, vec![serde_json::json!({ "受注番号": { "value": "A-1" } })]).unwrap();
    stage.tell(&unit, stage.put("A-1", 1)).await;
    let run = stage.ended(&unit, 1).await.pop().unwrap();
    refused(&run, catalogue::WRITE_REFUSED, &store).await;
    assert_eq!(store.get(&history(), u64::MAX).await.unwrap(), None);
}
