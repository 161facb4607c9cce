//! The rules of fields: key, Japanese and English text of every row (8.3).

use serde_json::{Value, json};

use crate::support::{Stage, invalid, v};

type Rows = &'static [(&'static str, &'static str, &'static str)];

async fn stage() -> Stage {
    let options = json!({"A": {"index": "0"}, "B": {"index": "1"}});
    Stage::with(json!({
        "text": {"type": "SINGLE_LINE_TEXT", "unique": true},
        "short": {"type": "SINGLE_LINE_TEXT", "maxLength": "5"},
        "num": {"type": "NUMBER", "minValue": "2", "maxValue": "100"},
        "drop": {"type": "DROP_DOWN", "options": options},
        "radio": {"type": "RADIO_BUTTON", "options": options, "required": true},
        "check": {"type": "CHECK_BOX", "options": options},
        "link": {"type": "LINK"},
        "mail": {"type": "LINK", "protocol": "MAIL"},
        "calc": {"type": "CALC", "expression": "num * 2", "required": true},
        "table": {"type": "SUBTABLE", "fields": {
            "inner": {"type": "SINGLE_LINE_TEXT", "maxLength": "2"},
            "innerNum": {"type": "NUMBER"},
            "innerDrop": {"type": "DROP_DOWN", "options": options},
        }},
    }))
    .await
}

#[tokio::test]
async fn values_that_break_a_rule() {
    let stage = stage().await;
    stage.add(json!({"text": v("taken")})).await;
    let row = |cells: Value| json!({"value": [{"value": {"inner": v("ok")}}, {"value": cells}]});
    let cases: Vec<(Value, Rows)> = vec![
        (
            json!({"text": v("taken")}),
            &[(
                "record.text.value",
                "値がほかのレコードと重複しています。",
                "This value already exists in another record.",
            )],
        ),
        (
            json!({"short": v("あいうえおか")}),
            &[("record.short.value", "6文字より短くなければなりません。", "Enter less than 6 characters.")],
        ),
        (
            json!({"num": v(100.5)}),
            &[("record.num.value", "100以下である必要があります。", "The value must be 100 or less.")],
        ),
        (
            json!({"num": v("1.9")}),
            &[("record.num.value", "2以上である必要があります。", "The value must be 2 or more.")],
        ),
        (json!({"num": v("abc")}), &[("record[num].value", "数字でなければなりません。", "Only numbers are allowed.")]),
        (
            json!({"drop": v("Z")}),
            &[("record.drop.value", "\"Z\"は選択肢にありません。", "The value, \"Z\", is not in options.")],
        ),
        (
            json!({"radio": v("Z")}),
            &[("record.radio.value", "\"Z\"は選択肢にありません。", "The value, \"Z\", is not in options.")],
        ),
        (
            json!({"check": v(json!(["A", "Y", "Z"]))}),
            &[
                ("record.check.values[1].value", "\"Y\"は選択肢にありません。", "The value, \"Y\", is not in options."),
                ("record.check.values[2].value", "\"Z\"は選択肢にありません。", "The value, \"Z\", is not in options."),
            ],
        ),
        (
            json!({"link": v("example")}),
            &[(
                "record.link.value",
                "URL の形式が正しくありません。http://、https://、ftp://から始まる URL を入力してください。",
                "The URL format is not valid. Enter a URL that starts with http://, https:// or ftp://.",
            )],
        ),
        (
            json!({"table": row(json!({"inner": v("abc")}))}),
            &[(
                "record.table.value[1].value.inner.value",
                "3文字より短くなければなりません。",
                "Enter less than 3 characters.",
            )],
        ),
        (
            json!({"table": row(json!({"innerDrop": v("Z")}))}),
            &[(
                "record.table.value[1].value.innerDrop.value",
                "\"Z\"は選択肢にありません。",
                "The value, \"Z\", is not in options.",
            )],
        ),
        (
            json!({"text": v("taken"), "short": v("123456"), "num": v("x")}),
            &[
                ("record[num].value", "数字でなければなりません。", "Only numbers are allowed."),
                (
                    "record.text.value",
                    "値がほかのレコードと重複しています。",
                    "This value already exists in another record.",
                ),
                ("record.short.value", "6文字より短くなければなりません。", "Enter less than 6 characters."),
            ],
        ),
        (
            json!({"num": v("1234567890123")}),
            &[("record.num.value", "有効桁数を超えています。", "The number of significant digits exceeds the limit.")],
        ),
    ];
    for (record, wanted) in cases {
        let tag = record.to_string();
        stage.refuses(&tag, "POST", "record", json!({"app": stage.app, "record": record}), &invalid(wanted)).await;
    }
    assert_eq!(stage.control.count(stage.app), 1);
    let good = json!({"short": v("あいうえお"), "num": v("100"), "mail": v("a@example.jp"), "link": v("https://a.jp")});
    let id = stage.add(good).await;
    assert_eq!(stage.value(id, "short").await, "あいうえお");
}

#[tokio::test]
async fn required_values_have_a_key_by_type() {
    let options = json!({"A": {"index": "0"}});
    let stage = Stage::with(json!({
        "text": {"type": "SINGLE_LINE_TEXT", "required": true},
        "day": {"type": "DATE", "required": true},
        "check": {"type": "CHECK_BOX", "options": options, "required": true},
        "multi": {"type": "MULTI_SELECT", "options": options, "required": true},
        "file": {"type": "FILE", "required": true},
        "user": {"type": "USER_SELECT", "required": true},
        "withDefault": {"type": "SINGLE_LINE_TEXT", "required": true, "defaultValue": "x"},
    }))
    .await;
    const WANTED: Rows = &[
        ("record.text.value", "必須です。", "Required."),
        ("record.day.value", "必須です。", "Required."),
        ("record.check.values", "必須です。", "Required."),
        ("record.multi.values", "必須です。", "Required."),
        ("record.file.values", "必須です。", "Required."),
        ("record.user.values.value", "必須です。", "Required."),
    ];
    stage.refuses("nothing sent", "POST", "record", json!({"app": stage.app, "record": {}}), &invalid(WANTED)).await;
    let batch = json!({"app": stage.app, "records": [{"text": v("a"), "day": v("2026-01-01"), "check": v(json!(["A"])),
        "multi": v(json!(["A"])), "file": v(json!([])), "user": v(json!([{"code": "Administrator"}]))}]});
    let wanted = invalid(&[("records[0].file.values", "必須です。", "Required.")]);
    stage.refuses("in a batch", "POST", "records", batch, &wanted).await;
}

#[tokio::test]
async fn a_number_that_is_required_and_none_gives_both() {
    let stage = Stage::with(json!({"n": {"type": "NUMBER", "required": true}})).await;
    let wanted = invalid(&[
        ("record[n].value", "数字でなければなりません。", "Only numbers are allowed."),
        ("record.n.value", "必須です。", "Required."),
    ]);
    stage.refuses("abc", "POST", "record", json!({"app": stage.app, "record": {"n": v("abc")}}), &wanted).await;
}

#[tokio::test]
async fn a_minimal_length_holds_for_empty_texts_too() {
    let stage = Stage::with(json!({"t": {"type": "SINGLE_LINE_TEXT", "minLength": "3"}})).await;
    let wanted =
        || invalid(&[("record.t.value", "2文字より長くなければなりません。", "Enter more than 2 characters.")]);
    for record in [json!({"t": v("ab")}), json!({"t": v("")}), json!({})] {
        stage.refuses("too short", "POST", "record", json!({"app": stage.app, "record": record}), &wanted()).await;
    }
    stage.add(json!({"t": v("abc")})).await;
}

#[tokio::test]
async fn an_update_is_checked_as_the_whole_record() {
    let stage = Stage::with(json!({"a": {"type": "SINGLE_LINE_TEXT"}, "b": {"type": "SINGLE_LINE_TEXT"}})).await;
    let app = stage.app;
    stage.add(json!({})).await;
    let change = json!({"app": app, "properties": {"a": {"type": "SINGLE_LINE_TEXT", "required": true}}});
    stage.call("PUT", "preview/app/form/fields", change).await.good();
    stage.call("POST", "preview/app/deploy", json!({"apps": [{"app": app}]})).await.good();
    let update = json!({"app": app, "id": 1, "record": {"b": v("x")}});
    let wanted = invalid(&[("record.a.value", "必須です。", "Required.")]);
    stage.refuses("a newly required field is empty", "PUT", "record", update, &wanted).await;
    stage.call("PUT", "record", json!({"app": app, "id": 1, "record": {"a": v("y")}})).await.good();
}
