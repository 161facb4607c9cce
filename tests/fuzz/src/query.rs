//! The simulator's reading of kintone's query language: parse, check, ask.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use sim::Record;
use sim::form::{FieldDef, Form};
use sim::query::{Context, Filter, Sorter, check, parse};

/// A refusal has a text; a query that passes the check can be asked of any record.
pub fn query(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = match parse(text, true) {
        Ok(parsed) => parsed,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let form = form();
    if let Err(error) = check(&parsed, &form) {
        return assert!(!error.to_string().is_empty());
    }
    let zone = TimeZone::get("Asia/Tokyo").expect("bundled");
    let context = Context::new("2026-04-14T23:30:15Z".parse().expect("an instant"), zone);
    let (full, blank) = (record(full()), record(json!({})));
    if let Some(condition) = &parsed.condition
        && let Ok(filter) = Filter::new(condition, &form, &context)
    {
        filter.matches(&full);
        filter.matches(&blank);
    }
    let sorter = Sorter::new(&parsed.order, &form);
    let _ = sorter.key(&full) < sorter.key(&blank);
}

fn properties() -> Map<String, Value> {
    let options = json!({ "大": { "label": "大", "index": "0" }, "小": { "label": "小", "index": "1" } });
    let all = json!({
        "レコード番号": { "type": "RECORD_NUMBER" },
        "作成者": { "type": "CREATOR" },
        "更新日時": { "type": "UPDATED_TIME" },
        "文字列": { "type": "SINGLE_LINE_TEXT" },
        "メモ": { "type": "MULTI_LINE_TEXT" },
        "数値": { "type": "NUMBER" },
        "チェック": { "type": "CHECK_BOX", "options": options },
        "選択": { "type": "DROP_DOWN", "options": options },
        "添付": { "type": "FILE" },
        "日付": { "type": "DATE" },
        "時刻": { "type": "TIME" },
        "日時": { "type": "DATETIME" },
        "ユーザー": { "type": "USER_SELECT" },
        "明細": { "type": "SUBTABLE", "fields": {
            "品名": { "type": "SINGLE_LINE_TEXT" }, "個数": { "type": "NUMBER" }, "納期": { "type": "DATE" } } },
    });
    all.as_object().cloned().unwrap_or_default()
}

fn form() -> Form {
    let read = |(code, p): (String, Value)| Some((code.as_str().into(), FieldDef::from_properties(&code, &p).ok()?));
    let fields = properties().into_iter().filter_map(read);
    Form { fields: fields.collect(), app_code: None, statuses: vec!["未処理".into(), "完了".into()] }
}

fn full() -> Value {
    json!({
        "レコード番号": "1", "作成者": { "code": "sato", "name": "佐藤" }, "更新日時": "2026-04-14T23:30:00Z",
        "文字列": "りんご", "メモ": "二つ\nある", "数値": "-1.5", "チェック": ["大"], "選択": "小", "添付": [],
        "日付": "2026-04-15", "時刻": "08:30", "日時": "2026-04-14T23:30:00Z",
        "ユーザー": [{ "code": "sato", "name": "佐藤" }],
        "明細": [{ "id": "1", "value": { "品名": { "value": "A" }, "個数": { "value": "3" }, "納期": { "value": "" } } }],
    })
}

fn record(values: Value) -> Record {
    let fields = values.as_object().map(|all| all.iter().map(|(code, v)| (code.as_str().into(), v.clone())).collect());
    Record { id: 1, revision: 1, written_at: jiff::Timestamp::UNIX_EPOCH, fields: fields.unwrap_or_default() }
}
