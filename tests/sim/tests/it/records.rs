//! Shapes of reads and writes, update keys, upsert and revisions (2.2 to 2.4 of the reference).

use serde_json::{Value, json};
use sim::{AppSpec, Generate};

use crate::support::{Stage, invalid, told, v};

async fn stage() -> Stage {
    Stage::with(json!({
        "code": {"type": "SINGLE_LINE_TEXT", "unique": true},
        "no": {"type": "NUMBER", "unique": true},
        "memo": {"type": "MULTI_LINE_TEXT"},
    }))
    .await
}

#[tokio::test]
async fn a_record_is_told_with_types_and_strings() {
    let stage = stage().await;
    let id = stage.add(json!({"code": v("A"), "no": v(3), "unknown": v("x"), "$id": v("9")})).await;
    let record = stage.get(id).await;
    assert_eq!(record["$id"], json!({"type": "__ID__", "value": "1"}));
    assert_eq!(record["$revision"], json!({"type": "__REVISION__", "value": "1"}));
    assert_eq!(record["レコード番号"], json!({"type": "RECORD_NUMBER", "value": "1"}));
    assert_eq!(record["no"], json!({"type": "NUMBER", "value": "3"}));
    let administrator = json!({"code": "Administrator", "name": "Administrator"});
    assert_eq!(record["作成者"], json!({"type": "CREATOR", "value": administrator}));
    assert!(record["作成日時"]["value"].as_str().is_some_and(|time| time.ends_with(":00Z")));
    assert!(record.get("unknown").is_none(), "unknown codes are passed over");
    assert!(record.get("ステータス").is_none(), "no status without process management");
}

#[tokio::test]
async fn an_app_code_stands_before_record_numbers() {
    let stage = Stage::of(AppSpec { code: Some("ORD".to_owned()), ..AppSpec::new("x") }).await;
    assert_eq!(stage.add(json!({})).await, 1);
    assert_eq!(stage.value(1, "レコード番号").await, "ORD-1");
}

#[tokio::test]
async fn reads_take_fields_totals_and_every_way_of_parameters() {
    let stage = stage().await;
    stage.control.generate(&Generate { app: stage.app, count: 120, ..Generate::default() }).expect("records");
    let (app, ids) = (stage.app, |told: &Value| {
        let records = told["records"].as_array().cloned().unwrap_or_default();
        records.iter().map(|record| record["$id"]["value"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    });
    let told = stage.call("GET", "records", json!({ "app": app })).await.good();
    assert_eq!(told["totalCount"], Value::Null);
    assert_eq!((ids(&told).len(), ids(&told)[0].as_str()), (100, "120"), "100 records, newest first");

    let url =
        format!("/k/v1/records.json?app={app}&fields[0]=code&fields%5B1%5D=%24id&query=%24id+%3C%203&totalCount=true");
    let told = stage.send("GET", &url, Value::Null, &[]).await.good();
    let empty =
        |id: &str| json!({"code": {"type": "SINGLE_LINE_TEXT", "value": ""}, "$id": {"type": "__ID__", "value": id}});
    assert_eq!(told, json!({"records": [empty("2"), empty("1")], "totalCount": "2"}));

    let body = json!({"app": app.to_string(), "query": "order by $id asc limit 2 offset 3", "totalCount": true});
    let told = stage.send("POST", "/k/v1/records.json", body, &[("x-http-method-override", "GET")]).await.good();
    assert_eq!((ids(&told), &told["totalCount"]), (vec!["4".to_owned(), "5".to_owned()], &json!("120")));
    for (query, wanted) in
        [("$id > 3 and $id <= 5 order by $id asc", vec!["4", "5"]), ("$id > 119 limit 5", vec!["120"])]
    {
        assert_eq!(
            ids(&stage.call("GET", "records", json!({"app": app, "query": query})).await.good()),
            wanted,
            "{query}"
        );
    }
    let ignored =
        stage.send("PUT", "/k/v1/record.json", json!({"app": app, "id": 1}), &[("x-http-method-override", "GET")]);
    assert_eq!(ignored.await.good(), json!({"revision": "2"}), "an override counts on POST alone");
}

#[tokio::test]
async fn empty_lists_are_no_error() {
    let stage = stage().await;
    let empty = json!({"app": stage.app, "records": []});
    assert_eq!(stage.call("POST", "records", empty.clone()).await.good(), json!({"ids": [], "revisions": []}));
    assert_eq!(stage.call("PUT", "records", empty).await.good(), json!({"records": []}));
}

#[tokio::test]
async fn many_records_are_written_all_or_none() {
    let stage = stage().await;
    let app = stage.app;
    let body = json!({"app": app, "records": [{"code": v("A")}, {"code": v("B")}]});
    assert_eq!(
        stage.call("POST", "records", body.clone()).await.good(),
        json!({"ids": ["1", "2"], "revisions": ["1", "1"]})
    );
    let twice = json!({"app": app, "records": [{"code": v("C")}, {"code": v("C")}]});
    let wanted = invalid(&[(
        "records[1].code.value",
        "値がほかのレコードと重複しています。",
        "This value already exists in another record.",
    )]);
    stage.refuses("the second of a pair", "POST", "records", twice, &wanted).await;
    let updates = json!({"app": app, "records": [{"id": 1, "record": {"memo": v("x")}}, {"id": 9, "record": {}}]});
    assert_eq!(stage.call("PUT", "records", updates).await.refusal(), (404, "GAIA_RE01"));
    let deletes = json!({"app": app, "ids": [1, 9]});
    assert_eq!(stage.call("DELETE", "records", deletes).await.refusal(), (404, "GAIA_RE01"));
    let revisions: Vec<_> = stage.control.records(app).iter().map(|record| (record.id, record.revision)).collect();
    assert_eq!(revisions, [(1, 1), (2, 1)]);
    let url = format!("/k/v1/records.json?app={app}&ids[0]=1&ids[1]=2");
    assert_eq!(stage.send("DELETE", &url, Value::Null, &[]).await.good(), json!({}));
    assert_eq!(stage.control.count(app), 0);
    assert_eq!(
        stage.add(json!({})).await,
        5,
        "ids are never used again, not even those taken back with two failed calls"
    );
}

#[tokio::test]
async fn revisions_are_checked_where_they_are_sent() {
    let stage = stage().await;
    let app = stage.app;
    stage.add(json!({"code": v("A")})).await;
    let update = |revision: Value| json!({"app": app, "id": "1", "revision": revision, "record": {"memo": v("x")}});
    for (revision, wanted) in
        [(json!(1), "2"), (json!("2"), "3"), (json!(-1), "4"), (Value::Null, "5"), (json!("-1"), "6")]
    {
        assert_eq!(stage.call("PUT", "record", update(revision)).await.good(), json!({"revision": wanted}));
    }
    let stale = told(
        409,
        "GAIA_CO02",
        "指定したrevisionは最新ではありません。ほかのユーザーがレコードを更新した可能性があります。",
        "The revision is not the latest. Someone may update a record.",
    );
    stage.refuses("update", "PUT", "record", update(json!(3)), &stale).await;
    let delete = |revisions: Value| json!({"app": app, "ids": [1], "revisions": revisions});
    stage.refuses("delete", "DELETE", "records", delete(json!([5])), &stale).await;
    stage.control.switch(|switches| switches.lock_failure_one_in = 1);
    assert_eq!(stage.call("PUT", "record", update(json!(3))).await.refusal(), (400, "GAIA_DA02"));
    assert_eq!(stage.call("DELETE", "records", delete(json!([null]))).await.good(), json!({}));
}

#[tokio::test]
async fn update_keys() {
    let stage = stage().await;
    let app = stage.app;
    stage.add(json!({"code": v("A"), "no": v("1.50")})).await;
    let by =
        |field: &str, value: Value| json!({"app": app, "updateKey": {"field": field, "value": value}, "record": {}});
    for (tag, field, value) in
        [("text", "code", json!("A")), ("number", "no", json!("1.5")), ("bare", "no", json!(1.5))]
    {
        assert_eq!(stage.call("PUT", "record", by(field, value)).await.status, 200, "{tag}");
    }
    let missing = stage.call("PUT", "record", by("code", json!("Z"))).await;
    assert_eq!(missing.refusal(), (404, "GAIA_RE20"));
    stage.control.switch(|switches| switches.missing_key_status = 400);
    assert_eq!(stage.call("PUT", "record", by("code", json!("Z"))).await.refusal(), (400, "GAIA_RE20"));
    assert_eq!(stage.call("PUT", "record", by("memo", json!("A"))).await.refusal(), (400, "CB_VA01"));
    assert_eq!(stage.call("PUT", "record", by("code", json!("x".repeat(65)))).await.refusal(), (400, "CB_VA01"));
    let mut both = by("code", json!("A"));
    both["id"] = json!(1);
    assert_eq!(stage.call("PUT", "record", both).await.refusal(), (400, "CB_VA01"));
    let mut inside = by("code", json!("A"));
    inside["record"] = json!({"code": v("B")});
    stage.control.switch(|switches| switches.refuse_key_in_record = true);
    assert_eq!(stage.call("PUT", "record", inside).await.refusal(), (400, "CB_VA01"));
    let neither = invalid(&[("id", "必須です。", "Required field.")]);
    stage.refuses("neither", "PUT", "record", json!({"app": app, "record": {}}), &neither).await;
}

#[tokio::test]
async fn upsert_updates_what_is_there_and_adds_what_is_not() {
    let stage = stage().await;
    let app = stage.app;
    stage.add(json!({"code": v("A")})).await;
    let records = json!([
        {"updateKey": {"field": "code", "value": "A"}, "record": {"memo": v("old")}},
        {"updateKey": {"field": "no", "value": 7}, "record": {"memo": v("new")}},
        {"id": 9_007_199_254_740_991_u64, "record": {"code": v("far")}},
        {"id": "1", "record": {}},
    ]);
    let told = stage.call("PUT", "records", json!({"app": app, "upsert": true, "records": records})).await.good();
    let entry =
        |id: &str, revision: &str, operation: &str| json!({"id": id, "revision": revision, "operation": operation});
    let wanted =
        [entry("1", "2", "UPDATE"), entry("2", "1", "INSERT"), entry("3", "1", "INSERT"), entry("1", "3", "UPDATE")];
    assert_eq!(told["records"], json!(wanted));
    assert_eq!(stage.value(2, "no").await, "7", "the key field is filled from the key");
    let without = json!({"app": app, "upsert": true, "records": [{"record": {}}]});
    let wanted = invalid(&[("records[0].id", "必須です。", "Required field.")]);
    stage.refuses("neither id nor key", "PUT", "records", without, &wanted).await;
    assert_eq!(stage.control.count(app), 3);
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let stage = stage().await;
    let no_record = told(
        404,
        "GAIA_RE01",
        "指定したレコード（id: 99999）が見つかりません。",
        "The specified record (ID: 99999) is not found.",
    );
    stage.refuses("record", "GET", "record", json!({"app": stage.app, "id": 99999}), &no_record).await;
    let no_app = told(
        404,
        "GAIA_AP01",
        "指定したアプリ（id: 99999）が見つかりません。削除されている可能性があります。",
        "The app (ID: 99999) not found. The app may have been deleted.",
    );
    stage.refuses("app", "GET", "app", json!({"id": 99999}), &no_app).await;
    stage.refuses("app of records", "GET", "records", json!({"app": "99999"}), &no_app).await;
}
