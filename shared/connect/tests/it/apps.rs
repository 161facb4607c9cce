//! Descriptions of apps, the making of the log app, and files.

use bytes::Bytes;
use connect::kintone::{Change, Class, Credential, Deployed, ReadField, Settings, Target};
use futures::{StreamExt as _, TryStreamExt as _};
use model::field::{Field, FieldType, NumberPrecision, RoundingMode};
use model::value::{FileRef, Value};
use serde_json::json;
use sim::{AppSpec, Fault, FaultKind, UserSpec};

use crate::support::{client, client_with, open, settings, sim, stock_app, text};

#[tokio::test]
async fn an_app_is_described() {
    let sim = sim().await;
    let control = sim.control();
    let precision = json!({"digits": "20", "decimalPlaces": "6", "roundingMode": "DOWN"});
    let options = json!({"B": {"label": "B", "index": "1"}, "A": {"label": "A", "index": "0"}});
    let spec = AppSpec { number_precision: Some(precision), ..AppSpec::new("受注") };
    let spec = spec
        .field("区分", json!({"type": "DROP_DOWN", "options": options}))
        .field("コード", json!({"type": "SINGLE_LINE_TEXT", "unique": true, "required": true}));
    let app = control.create_app(spec).unwrap();
    let described = client(&sim, &[app]).schema(app).await.unwrap();
    assert!(!described.precision_assumed && !described.name_unknown);
    let schema = described.schema;
    assert_eq!((schema.app, schema.name.as_str()), (app, "受注"));
    assert_eq!(schema.precision, NumberPrecision { digits: 20, decimal_places: 6, rounding: RoundingMode::Down });
    assert_eq!(schema.fields[..2].iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["$id", "$revision"]);
    assert_eq!(schema.field("区分").unwrap().options, ["A", "B"]);
    assert!(schema.field("コード").unwrap().unique && schema.field("コード").unwrap().required);
    assert_eq!(schema.record_number_code(), Some("レコード番号"));
    assert!(schema.fields.iter().all(|f| f.field_type != FieldType::Status), "process management is off");
    assert_eq!(client(&sim, &[app]).schema(99).await.unwrap_err().class, Class::NotFound);
}

#[tokio::test]
async fn a_log_app_is_made_and_written() {
    let sim = sim().await;
    let control = sim.control();
    control.switch(|s| s.deploy_delay_ms = 30);
    control.add_user(UserSpec::new("admin", "pw"));
    let kintone = open(&sim, Credential::password("admin", "pw"));
    let app = kintone.create_app("Suiro ログ", None).await.unwrap();
    let mut properties = json!({
        "run_id": {"type": "SINGLE_LINE_TEXT", "code": "run_id", "label": "実行ID", "unique": true},
        "state": {"type": "SINGLE_LINE_TEXT", "code": "state", "label": "状態"},
    });
    let properties = properties.as_object_mut().unwrap();
    assert_eq!(kintone.add_missing_fields(app, properties).await.unwrap(), ["run_id", "state"]);
    assert_eq!(kintone.add_missing_fields(app, properties).await.unwrap(), Vec::<String>::new());
    assert_eq!(kintone.deploy(app).await.unwrap(), Deployed::Success);

    let target = Target { app, fields: vec![Field::new("state", FieldType::SingleLineText)] };
    let (key, run) = (Field::new("run_id", FieldType::SingleLineText), text("run-1"));
    let first = kintone.upsert_record(&target, &key, &run, &[text("running")]).await.unwrap();
    assert_eq!((first.id, first.revision, first.inserted), (1, 1, true));
    let again = kintone.upsert_record(&target, &key, &run, &[text("running")]).await.unwrap();
    assert_eq!((again.id, again.revision, again.inserted), (1, 2, false));
    assert_eq!(kintone.update_record(&target, 1, Some(2), &[text("success")]).await.unwrap(), 3);
    let stale = kintone.update_record(&target, 1, Some(2), &[text("fail")]).await.unwrap_err();
    assert_eq!(stale.class, Class::Conflict);
    let record = control.record(app, 1).unwrap();
    assert_eq!((record.fields["run_id"].as_str(), record.fields["state"].as_str()), (Some("run-1"), Some("success")));

    properties.insert("note".into(), json!({"type": "MULTI_LINE_TEXT", "code": "note", "label": "メモ"}));
    assert_eq!(kintone.add_missing_fields(app, properties).await.unwrap(), ["note"]);
    assert_eq!(kintone.deploy(app).await.unwrap(), Deployed::Success);
    assert!(kintone.schema(app).await.unwrap().schema.field("note").is_some());
}

#[tokio::test]
async fn a_token_makes_no_app() {
    let sim = sim().await;
    let app = stock_app(&sim.control());
    assert_eq!(client(&sim, &[app]).create_app("x", None).await.unwrap_err().class, Class::Permission);
}

#[tokio::test]
async fn files_go_up_and_come_down_in_streams() {
    let sim = sim().await;
    let control = sim.control();
    let app = control.create_app(AppSpec::new("添付").field("書類", json!({"type": "FILE"}))).unwrap();
    let kintone = client(&sim, &[app]);
    let chunks: Vec<Bytes> = (0..200u8).map(|n| Bytes::from(vec![n; 5_000])).collect();
    let whole: Vec<u8> = chunks.concat();
    let stream = futures::stream::iter(chunks).map(Ok::<Bytes, std::io::Error>);
    let file_key = kintone.upload_file("見積 \"1\".pdf", "application/pdf", stream).await.unwrap();
    let target = Target { app, fields: vec![Field::new("書類", FieldType::File)] };
    let file = FileRef { file_key, name: String::new(), content_type: String::new(), size: String::new() };
    let mut builder = kintone.bulk_builder(false);
    builder.push(&target, Change::Insert { values: &[Value::Files(vec![file])] }).unwrap();
    kintone.commit(&builder.cut().unwrap(), None).await.unwrap();

    let fields = [ReadField::of(&target.fields[0]).unwrap()];
    let record = kintone.read_one(app, 1, &fields).await.unwrap().unwrap();
    let Value::Files(files) = &record.values[0] else { panic!("{record:?}") };
    assert_eq!((files[0].content_type.as_str(), files[0].size.as_str()), ("application/pdf", "1000000"));
    assert!(files[0].name.starts_with("見積"));
    let download = kintone.download_file(&files[0].file_key).await.unwrap();
    assert_eq!(download.content_type, "application/pdf");
    let parts: Vec<Bytes> = download.content.try_collect().await.unwrap();
    assert!(parts.concat() == whole);
    assert_eq!(kintone.download_file("no-such-key").await.unwrap_err().class, Class::NotFound);

    // A copy is the same file under a key of its own, also where kintone is away for moments, and with one call at a time.
    let one_at_a_time = client_with(&sim, &[app], Settings { concurrency: 1, ..settings() });
    control.add_fault(Fault::new("/k/v1/file.json", FaultKind::BadGateway).method("POST").times(2));
    let copied = FileRef { file_key: one_at_a_time.copy_file(&files[0]).await.unwrap(), ..files[0].clone() };
    assert_ne!(copied.file_key, files[0].file_key);
    let mut builder = kintone.bulk_builder(false);
    builder.push(&target, Change::Insert { values: &[Value::Files(vec![copied])] }).unwrap();
    kintone.commit(&builder.cut().unwrap(), None).await.unwrap();
    let record = kintone.read_one(app, 2, &fields).await.unwrap().unwrap();
    let Value::Files(copies) = &record.values[0] else { panic!("{record:?}") };
    assert_eq!(
        (&copies[0].name, &copies[0].size, &copies[0].content_type),
        (&files[0].name, &files[0].size, &files[0].content_type)
    );
    let parts: Vec<Bytes> =
        kintone.download_file(&copies[0].file_key).await.unwrap().content.try_collect().await.unwrap();
    assert!(parts.concat() == whole);
}
