//! Tables and files, from app to app.

use serde_json::{Value as Json, json};
use sim::AppSpec;

use super::{flow, stage, text, unique};
use crate::story::all_succeeded;

fn table(columns: &[(&str, Json)]) -> Json {
    let fields: serde_json::Map<String, Json> = columns
        .iter()
        .map(|(code, property)| {
            let mut property = property.clone();
            property["code"] = json!(code);
            property["label"] = json!(code);
            ((*code).to_owned(), property)
        })
        .collect();
    json!({ "type": "SUBTABLE", "fields": fields })
}

fn rows(record: &sim::Record, code: &str) -> Vec<(String, Vec<String>)> {
    let cells = |row: &Json| {
        let cells = row["value"].as_object().expect("cells");
        cells.values().map(|cell| cell["value"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let rows = record.fields[code].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| (row["id"].as_str().expect("an id").to_owned(), cells(row))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_merged_by_key_and_written_only_where_it_differs() {
    let stage = stage().await;
    let moves = table(&[("商品", text()), ("数", json!({ "type": "NUMBER" })), ("メモ", text())]);
    let target = stage.app(AppSpec::new("台帳").field("受注番号", unique()).field("明細", moves));
    let row = |cells: &[(&str, &str)]| json!({ "value": cells.iter().map(|(c, v)| ((*c).to_owned(), json!({ "value": v }))).collect::<serde_json::Map<_, _>>() });
    let held = json!({ "受注番号": { "value": "T-1" }, "明細": { "value": [
        row(&[("商品", "P-000"), ("数", "9"), ("メモ", "残る")]),
        row(&[("商品", "P-001"), ("数", "1"), ("メモ", "手書き")]),
    ] } });
    stage.control().put_records(target, vec![held]).unwrap();
    let before = rows(&stage.control().records(target)[0], "明細");
    let rest = format!(
        "  - {{ name: 表, command: create_table, from: 受注, keys: [受注番号], table: 明細, fields: [商品コード, 受注数] }}\n  - name: 出力\n    command: output_app\n    from: 表\n    app: {target}\n    method: update\n    key: 受注番号\n    tables:\n      明細: {{ method: merge, key: 商品, mapping: {{ 商品: 商品コード, 数: 受注数 }} }}\n"
    );
    let unit = stage.unit("台帳", &[flow("台帳", &rest)]).await;
    let id = stage.put("T-1", 5);
    stage.tell(&unit, id).await;
    all_succeeded(&stage.ended(&unit, 1).await);
    let record = &stage.control().records(target)[0];
    let after = rows(record, "明細");
    let cells = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    assert_eq!(after[0], before[0], "a row without a partner stays");
    assert_eq!(after[1].0, before[1].0, "the row is the same row");
    let mut found = after[1].1.clone();
    found.sort();
    let mut wanted = cells(&["P-001", "5", "手書き"]);
    wanted.sort();
    assert_eq!(found, wanted, "with what the flow does not carry");

    let revision = record.revision;
    stage.tell(&unit, id).await;
    all_succeeded(&stage.ended(&unit, 2).await);
    assert_eq!(stage.control().records(target)[0].revision, revision, "an equal table is not written");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_copied_once() {
    let stage = stage().await;
    let photos = || json!({ "type": "FILE" });
    let source = stage.app(AppSpec::new("写真").field("商品", unique()).field("写真", photos()));
    let target = stage.app(AppSpec::new("公開").field("商品", unique()).field("写真", photos()));
    let kintone = {
        let (name, password) = suiro::demo::company::ADMINISTRATOR;
        let credential = connect::kintone::Credential::password(name, password);
        let connection = connect::kintone::Connection::new(stage.sim.base_url(), credential);
        stage.stack.connector.open(connection).unwrap()
    };
    let upload = |name: &'static str, text: &'static str| {
        let kintone = kintone.clone();
        async move {
            let chunks = vec![Ok::<_, std::io::Error>(text.as_bytes().into())];
            kintone.upload_file(name, "text/plain", futures::stream::iter(chunks)).await.unwrap()
        }
    };
    let (a, b) = (upload("a.txt", "いち").await, upload("b.txt", "に").await);
    let record = json!({ "商品": { "value": "P" }, "写真": { "value": [{ "fileKey": a }, { "fileKey": b }] } });
    stage.control().put_records(source, vec![record]).unwrap();
    let text = format!(
        "suiro: 1\nname: 公開\nsteps:\n  - {{ name: 写真, command: input_app, app: {source} }}\n  - {{ name: 出力, command: output_app, from: 写真, app: {target}, method: update, key: 商品, insert: true, mapping: {{ 商品: 商品, 写真: 写真 }} }}\n"
    );
    let unit = stage.unit("公開", &[text]).await;
    let id = stage.put("F-1", 1);
    stage.tell(&unit, id).await;
    let runs = stage.ended(&unit, 1).await;
    all_succeeded(&runs);
    assert!(runs[0].flows[0].message.contains("添付ファイルのコピー2件"), "{}", runs[0].flows[0].message);
    let copied = stage.control().records(target)[0].clone();
    let names: Vec<&str> =
        copied.fields["写真"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a.txt", "b.txt"]);
    let key = copied.fields["写真"][1]["fileKey"].as_str().unwrap();
    let download = kintone.download_file(key).await.unwrap();
    let content: Vec<_> = futures::TryStreamExt::try_collect::<Vec<bytes::Bytes>>(download.content).await.unwrap();
    assert_eq!(content.concat(), "に".as_bytes());

    stage.tell(&unit, id).await;
    all_succeeded(&stage.ended(&unit, 2).await);
    assert_eq!(stage.control().records(target)[0].revision, copied.revision, "equal files are not copied again");
}
