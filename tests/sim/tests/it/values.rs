//! How values are read and told (4.1, 4.2), tables (4.3) and defaults (4.5).

use serde_json::{Value, json};
use sim::AppSpec;

use crate::support::{Stage, v};

async fn stage() -> Stage {
    let options = json!({"A": {"index": "0"}, "B": {"index": "1"}});
    Stage::with(json!({
        "text": {"type": "SINGLE_LINE_TEXT"}, "lines": {"type": "MULTI_LINE_TEXT"}, "rich": {"type": "RICH_TEXT"},
        "link": {"type": "LINK"}, "n": {"type": "NUMBER"},
        "radio": {"type": "RADIO_BUTTON", "options": options}, "drop": {"type": "DROP_DOWN", "options": options},
        "check": {"type": "CHECK_BOX", "options": options}, "multi": {"type": "MULTI_SELECT", "options": options},
        "day": {"type": "DATE"}, "clock": {"type": "TIME"}, "at": {"type": "DATETIME"},
        "user": {"type": "USER_SELECT"}, "org": {"type": "ORGANIZATION_SELECT"}, "group": {"type": "GROUP_SELECT"},
        "file": {"type": "FILE"},
        "label": {"type": "LABEL"}, "hr": {"type": "HR"}, "group_of_fields": {"type": "GROUP"},
        "table": {"type": "SUBTABLE", "fields": {"x": {"type": "SINGLE_LINE_TEXT"}, "y": {"type": "NUMBER"}}},
    }))
    .await
}

#[tokio::test]
async fn every_type_has_its_empty_form() {
    let stage = stage().await;
    stage.add(json!({})).await;
    let record = stage.get(1).await;
    let (text, list, null) = (json!(""), json!([]), Value::Null);
    for (code, kind, empty) in [
        ("text", "SINGLE_LINE_TEXT", &text),
        ("lines", "MULTI_LINE_TEXT", &text),
        ("rich", "RICH_TEXT", &text),
        ("link", "LINK", &text),
        ("n", "NUMBER", &text),
        ("radio", "RADIO_BUTTON", &null),
        ("drop", "DROP_DOWN", &null),
        ("check", "CHECK_BOX", &list),
        ("multi", "MULTI_SELECT", &list),
        ("day", "DATE", &null),
        ("clock", "TIME", &null),
        ("at", "DATETIME", &text),
        ("user", "USER_SELECT", &list),
        ("org", "ORGANIZATION_SELECT", &list),
        ("group", "GROUP_SELECT", &list),
        ("file", "FILE", &list),
        ("table", "SUBTABLE", &list),
    ] {
        assert_eq!(record[code], json!({"type": kind, "value": empty}), "{code}");
    }
    for code in ["label", "hr", "group_of_fields"] {
        assert!(record.get(code).is_none(), "{code}");
    }
}

#[tokio::test]
async fn values_take_their_stored_form() {
    let stage = stage().await;
    let cases = [
        ("text", json!("a"), json!("a")),
        ("text", json!(12), json!("12")),
        ("text", Value::Null, json!("")),
        ("n", json!(123.45), json!("123.45")),
        ("n", json!("1.5e1"), json!("15")),
        ("n", json!(" 42 "), json!("42")),
        ("n", json!("12.34567"), json!("12.3457")),
        ("n", json!("0.00005"), json!("0")),
        ("n", json!(""), json!("")),
        ("n", Value::Null, json!("")),
        ("drop", json!("A"), json!("A")),
        ("drop", json!(""), Value::Null),
        ("radio", json!("B"), json!("B")),
        ("check", json!(["B", "A"]), json!(["B", "A"])),
        ("check", Value::Null, json!([])),
        ("day", json!("2015"), json!("2015-01-01")),
        ("day", json!("2015-7"), json!("2015-07-01")),
        ("day", json!("2015-7-5"), json!("2015-07-05")),
        ("day", json!(""), Value::Null),
        ("clock", json!("9:05"), json!("09:05")),
        ("at", json!("2026-04-23T14:11:59Z"), json!("2026-04-23T14:11:00Z")),
        ("at", json!("2026-04-23T14:11:00+09:00"), json!("2026-04-23T05:11:00Z")),
        ("at", json!("2026-04-23"), json!("2026-04-23T00:00:00Z")),
        ("user", json!([{"code": "Administrator"}]), json!([{"code": "Administrator", "name": "Administrator"}])),
        ("table", Value::Null, json!([])),
    ];
    for (code, sent, stored) in cases {
        let id = stage.add(json!({code: {"type": "IGNORED", "value": sent}})).await;
        assert_eq!(stage.value(id, code).await, stored, "{code} {sent}");
    }
    for (code, sent) in [("day", "2015-02-30"), ("clock", "25:00"), ("at", "now")] {
        let answer = stage.call("POST", "record", json!({"app": stage.app, "record": {code: v(sent)}})).await;
        assert_eq!(answer.refusal(), (400, "CB_VA01"), "{code} {sent}");
    }
    stage.control.switch(|switches| switches.empty_datetime_is_null = true);
    let id = stage.add(json!({"at": v("")})).await;
    assert_eq!(stage.value(id, "at").await, Value::Null);
}

#[tokio::test]
async fn an_app_has_its_own_precision() {
    let precision = json!({"digits": "8", "decimalPlaces": 2, "roundingMode": "DOWN"});
    let spec = AppSpec { number_precision: Some(precision), ..AppSpec::new("p") };
    let stage = Stage::of(spec.field("n", json!({"type": "NUMBER"}))).await;
    let id = stage.add(json!({"n": v("123456.789")})).await;
    assert_eq!(stage.value(id, "n").await, "123456.78");
    let long = stage.call("POST", "record", json!({"app": stage.app, "record": {"n": v("1234567")}})).await;
    assert_eq!(long.body["errors"]["record.n.value"]["messages"], json!(["有効桁数を超えています。"]));
    let told = stage.call("GET", "app/settings", json!({"app": stage.app})).await.good();
    assert_eq!(told["numberPrecision"], json!({"digits": "8", "decimalPlaces": "2", "roundingMode": "DOWN"}));
}

#[tokio::test]
async fn rows_are_matched_by_their_ids() {
    let stage = stage().await;
    let app = stage.app;
    let row = |x: &str, y: &str| json!({"value": {"x": v(x), "y": v(y)}});
    stage.add(json!({"table": v(json!([row("a", "1"), row("b", "abc")]))})).await;
    let table = stage.value(1, "table").await;
    let (first, second) = (table[0]["id"].clone(), table[1]["id"].clone());
    assert_eq!(table[0]["value"]["x"], json!({"type": "SINGLE_LINE_TEXT", "value": "a"}));
    assert_eq!(table[1]["value"]["y"]["value"], "", "no number in a table is empty, without an error");
    let put = |rows: Value| stage.call("PUT", "record", json!({"app": app, "id": 1, "record": {"table": v(rows)}}));
    stage.call("PUT", "record", json!({"app": app, "id": 1, "record": {"text": v("t")}})).await.good();
    assert_eq!(stage.value(1, "table").await, table, "a table that is not sent stays");
    put(json!([{"id": second, "value": {"y": v(5)}}, {"id": "", "value": {"x": v("new")}}, {"id": "987654"}]))
        .await
        .good();
    let after = stage.value(1, "table").await;
    let cells =
        |index: usize| (after[index]["value"]["x"]["value"].clone(), after[index]["value"]["y"]["value"].clone());
    assert_eq!((&after[0]["id"], cells(0)), (&second, (json!("b"), json!("5"))), "unsent cells keep their values");
    assert_eq!(cells(1), (json!("new"), json!("")));
    assert_eq!(after.as_array().map(Vec::len), Some(3), "a row that is not sent goes, an unknown id is a new row");
    let ids: Vec<_> = [0, 1, 2].iter().map(|row| after[*row]["id"].as_str().unwrap_or("").to_owned()).collect();
    assert!(!ids.contains(&first.as_str().unwrap_or("").to_owned()) && !ids.contains(&"987654".to_owned()), "{ids:?}");
    let id = after[0]["id"].clone();
    assert_eq!(put(json!([{"id": id}, {"id": id}])).await.refusal(), (400, "GAIA_SI01"));
    assert_eq!(put(json!([{"id": "x"}])).await.refusal(), (400, "CB_IJ01"));
    stage.control.switch(|switches| switches.table_rows_merge = false);
    put(json!([{"id": id, "value": {"y": v(6)}}])).await.good();
    assert_eq!(stage.value(1, "table").await[0]["value"]["x"]["value"], "");
    put(json!([])).await.good();
    assert_eq!(stage.value(1, "table").await, json!([]));
}

#[tokio::test]
async fn defaults_fill_what_a_new_record_does_not_name() {
    let options = json!({"A": {"index": "0"}});
    let stage = Stage::with(json!({
        "t": {"type": "SINGLE_LINE_TEXT", "defaultValue": "dt"},
        "n": {"type": "NUMBER", "defaultValue": "1.50"},
        "c": {"type": "CHECK_BOX", "options": options, "defaultValue": ["A"]},
        "day": {"type": "DATE", "defaultNowValue": true},
        "at": {"type": "DATETIME", "defaultNowValue": true},
        "user": {"type": "USER_SELECT", "defaultValue": [{"type": "USER", "code": "Administrator"}]},
        "table": {"type": "SUBTABLE", "fields": {"x": {"type": "SINGLE_LINE_TEXT", "defaultValue": "dx"}}},
    }))
    .await;
    stage.control.clock().stop_at("2026-03-31T20:00:30Z".parse().expect("an instant"));
    stage.add(json!({"table": v(json!([{"value": {}}]))})).await;
    let record = stage.get(1).await;
    for (code, wanted) in [
        ("t", json!("dt")),
        ("n", json!("1.5")),
        ("c", json!(["A"])),
        ("day", json!("2026-04-01")),
        ("at", json!("2026-03-31T20:00:00Z")),
        ("user", json!([{"code": "Administrator", "name": "Administrator"}])),
    ] {
        assert_eq!(record[code]["value"], wanted, "{code}");
    }
    assert_eq!(record["table"]["value"][0]["value"]["x"]["value"], "dx");
    let empty = stage.add(json!({"t": v(""), "n": v(""), "c": v(json!([])), "day": v(""), "user": v(json!([]))})).await;
    let record = stage.get(empty).await;
    assert_eq!(
        (&record["t"]["value"], &record["c"]["value"]),
        (&json!(""), &json!([])),
        "an explicit blank stays blank"
    );
    stage.call("PUT", "record", json!({"app": stage.app, "id": empty, "record": {}})).await.good();
    assert_eq!(stage.value(empty, "t").await, "", "an update fills no defaults");
}
