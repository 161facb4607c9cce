//! Bodies of webhooks and sheet calls that are not what they should be.

use model::limits::{MAX_BODY, MAX_SHEET_RECORDS};
use serde_json::{Value as Json, json};

use super::{MARK, record_json, visitor, with};
use crate::story::all_succeeded;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_object_is_refused_on_every_way() {
    let stage = visitor().await;
    let trigger = |way| stage.trigger_url(stage.secret(), way);
    let ways = [stage.company.url.clone(), stage.sheet_url(), trigger("token"), trigger("run"), trigger("status")];
    let whole = stage.notification("n-1", 1).to_string();
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"app=1&type=ADD_RECORD",
        b"{\"type\": \"\xff\xfe\"}",
        &whole.as_bytes()[..whole.len() - 1],
        deep.as_bytes(),
        b"[]",
        "\"極秘4711\"".as_bytes(),
        b"null",
    ];
    for way in &ways {
        for body in bodies {
            stage.refused(stage.http.post(way).body(body.to_vec()), 400, "request.malformed").await;
        }
        let object = stage.refused(stage.http.post(way).body("[1]"), 400, "request.malformed").await;
        assert!(object.text.contains("an object is expected"), "{object:#?}");
        let place = stage.refused(stage.http.post(way).body("{\n  \"type\": x}"), 400, "request.malformed").await;
        assert!(place.text.contains("line 2, column 11"), "{place:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_one_mebibyte_is_taken_and_one_byte_more_is_not() {
    let stage = visitor().await;
    let id = stage.put_order("A-1");
    let sized = |size: usize| {
        let mut body = with(&stage.notification("n-large", id), "padding", json!(""));
        body["padding"] = json!("x".repeat(size - body.to_string().len()));
        assert_eq!(body.to_string().len(), size);
        body
    };
    for way in [stage.company.url.clone(), stage.sheet_url(), stage.trigger_url(stage.secret(), "run")] {
        stage.refused(stage.sending(&way, &sized(MAX_BODY + 1)), 413, "request.too_large").await;
    }
    stage.accepted(stage.sending(&stage.company.url, &sized(MAX_BODY))).await;
    all_succeeded(&stage.until_ended(1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_lacks_something_is_refused_by_name() {
    let stage = visitor().await;
    let good = stage.notification("n-1", 1);
    let deletion = json!({
        "id": "n-2", "type": "DELETE_RECORD", "app": { "id": stage.company.orders }, "recordId": "1",
        "deletedBy": { "code": "sato", "name": MARK },
    });
    let comment = json!({
        "id": "n-3", "type": "ADD_RECORD_COMMENT", "app": { "id": stage.company.orders }, "recordId": "1",
        "comment": { "id": "1", "text": MARK, "creator": { "code": "sato", "name": MARK } },
    });
    let other_app = (stage.company.orders + 1).to_string();
    let number = |value: Json| with(&good["record"], "レコード番号", value);
    let cases: [(Json, &str, &str); 24] = [
        (with(&good, "type", Json::Null), "request.invalid", "\"type\""),
        (with(&good, "type", json!(1)), "request.invalid", "\"type\""),
        (with(&good, "type", json!("極秘4711")), "request.event_unknown", ""),
        (with(&good, "type", json!("add_record")), "request.event_unknown", ""),
        (with(&good, "app", Json::Null), "request.invalid", "\"app.id\""),
        (with(&good, "app", json!(1)), "request.invalid", "\"app.id\""),
        (with(&good, "app", json!({ "id": "極秘4711" })), "request.invalid", "\"app.id\""),
        (with(&good, "app", json!({ "id": -1 })), "request.invalid", "\"app.id\""),
        (with(&good, "app", json!({ "id": other_app.clone() })), "request.other_app", &other_app),
        (with(&good, "id", json!(7)), "request.invalid", "\"id\""),
        (with(&good, "id", json!("")), "request.invalid", "\"id\""),
        (with(&good, "id", json!("n".repeat(101))), "request.invalid", "\"id\""),
        (with(&good, "record", Json::Null), "request.invalid", "\"record\""),
        (with(&good, "record", json!([{}])), "request.invalid", "\"record\""),
        (
            with(&good, "record", number(json!("極秘4711"))),
            "request.invalid",
            "オブジェクトではありません|record.レコード番号: must be an object",
        ),
        (
            with(&good, "record", number(json!({}))),
            "request.invalid",
            "record.レコード番号: \"value\" がありません|record.レコード番号: has no \"value\"",
        ),
        (
            with(&good, "record", number(json!({ "type": "DATE", "value": MARK }))),
            "request.invalid",
            "日付ではありません|is no date",
        ),
        (
            with(&good, "record", number(json!({ "type": "NUMBER", "value": MARK }))),
            "request.invalid",
            "数値ではありません|is no number",
        ),
        (
            with(&good, "record", number(json!({ "type": 1, "value": MARK }))),
            "request.invalid",
            "文字列ではありません|\"type\" that is no text",
        ),
        (with(&deletion, "recordId", Json::Null), "request.invalid", "\"recordId\""),
        (with(&deletion, "recordId", json!("極秘4711")), "request.invalid", "\"recordId\""),
        (with(&deletion, "recordId", json!({ "value": 1 })), "request.invalid", "\"recordId\""),
        (with(&comment, "recordId", Json::Null), "request.invalid", "\"recordId\""),
        (with(&comment, "app", json!({ "id": other_app.clone() })), "request.other_app", &other_app),
    ];
    for (body, code, detail) in cases {
        let asked = stage.refused(stage.sending(&stage.company.url, &body), 400, code).await;
        let (ja, en) = detail.split_once('|').unwrap_or((detail, detail));
        for (language, detail) in [("description", ja), ("descriptionEn", en)] {
            assert!(asked.json[language].as_str().is_some_and(|d| d.contains(detail)), "{detail}: {asked:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_call_has_one_to_five_hundred_records() {
    let stage = visitor().await;
    let (url, id) = (stage.sheet_url(), stage.put_order("A-1"));
    let rows = |count: usize| Json::Array(vec![record_json(id); count]);
    let good = json!({ "app": { "id": stage.company.orders }, "user": "sato", "records": rows(1) });
    let other_app = stage.company.orders + 1;
    for (body, code) in [
        (with(&good, "records", rows(0)), "request.invalid"),
        (with(&good, "records", rows(MAX_SHEET_RECORDS + 1)), "request.invalid"),
        (with(&good, "records", Json::Null), "request.invalid"),
        (with(&good, "records", record_json(id)), "request.invalid"),
        (with(&good, "records", json!([record_json(id), MARK])), "request.invalid"),
        (with(&good, "records", json!([record_json(id), { "レコード番号": MARK }])), "request.invalid"),
        (with(&good, "app", Json::Null), "request.invalid"),
        (with(&good, "app", json!({ "id": [] })), "request.invalid"),
        (with(&good, "app", json!({ "id": other_app })), "request.other_app"),
    ] {
        stage.refused(stage.sending(&url, &body), 400, code).await;
    }
    stage.accepted(stage.sending(&url, &with(&good, "records", rows(MAX_SHEET_RECORDS)))).await;
    let runs = stage.until_ended(1).await;
    all_succeeded(&runs);
    assert_eq!((runs.len(), runs[0].trigger.records.len()), (1, MAX_SHEET_RECORDS), "one run for all rows");
}
