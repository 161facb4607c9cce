//! Files (6).

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::{Answer, Stage, told, v};

async fn upload(stage: &Stage, field: &'static str, name: &str, bytes: &'static [u8]) -> Answer {
    let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str("text/plain").expect("a type");
    let request = stage.client.post(format!("{}/k/v1/file.json", stage.sim.base_url()));
    let request = request.header("x-cybozu-api-token", &stage.token).multipart(Form::new().part(field, part));
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Answer { status, headers, body: answer.json().await.unwrap_or_default() }
}

async fn stage() -> Stage {
    Stage::with(json!({"f": {"type": "FILE"}})).await
}

#[tokio::test]
async fn an_upload_is_attached_and_the_record_has_another_key() {
    let stage = stage().await;
    let key = upload(&stage, "file", "見積.txt", b"content").await.good()["fileKey"].take();
    assert_eq!(key.as_str().map(str::len), Some(36), "a UUID");
    stage.add(json!({"f": v(json!([{"fileKey": key}]))})).await;
    let held = stage.value(1, "f").await[0].take();
    assert_eq!(
        (&held["name"], &held["size"], &held["contentType"]),
        (&json!("見積.txt"), &json!("7"), &json!("text/plain"))
    );
    let download = async |key: &Value| {
        let path = format!("/k/v1/file.json?fileKey={}", key.as_str().unwrap_or_default());
        stage.send("GET", &path, Value::Null, &[]).await
    };
    let answer = download(&held["fileKey"]).await;
    assert_eq!((answer.status, &answer.body), (200, &json!("content")));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    assert!(answer.header("content-disposition").is_some_and(|told| told.contains("filename")));
    let missing = told(
        404,
        "GAIA_BL01",
        "指定したファイルが見つかりません。削除されている可能性があります。",
        "The specified file is not found. The file may have been deleted.",
    );
    stage.refuses("an upload's key downloads nothing", "GET", "file", json!({"fileKey": key}), &missing).await;
    let foreign = json!({"app": stage.app, "record": {"f": v(json!([{"fileKey": held["fileKey"]}]))}});
    stage.refuses("a record's key attaches nothing elsewhere", "POST", "record", foreign, &missing).await;

    let second = upload(&stage, "file", "b.txt", b"2").await.good()["fileKey"].take();
    let both = json!([{"fileKey": held["fileKey"]}, {"fileKey": second}]);
    stage.call("PUT", "record", json!({"app": stage.app, "id": 1, "record": {"f": v(both)}})).await.good();
    let files = stage.value(1, "f").await;
    assert_eq!((&files[0], &files[1]["name"]), (&held, &json!("b.txt")), "resent keys keep their files");
    let search = json!({"app": stage.app, "query": "f like \"content\"", "totalCount": true});
    assert_eq!(stage.call("GET", "records", search).await.good()["totalCount"], "1", "like reads a file's text");
}

#[tokio::test]
async fn uploads_that_are_not_attached_expire() {
    let stage = stage().await;
    let key = upload(&stage, "file", "a.txt", b"x").await.good()["fileKey"].take();
    let attach = json!({"app": stage.app, "record": {"f": v(json!([{"fileKey": key}]))}});
    stage.control.clock().advance(Duration::from_secs(3 * 24 * 3600 - 60));
    stage.call("POST", "record", attach.clone()).await.good();
    stage.control.clock().advance(Duration::from_secs(120));
    assert_eq!(stage.call("POST", "record", attach).await.refusal(), (404, "GAIA_BL01"));
    assert_eq!(upload(&stage, "other", "a.txt", b"x").await.refusal(), (400, "CB_VA01"));
}
