//! The tables of kintone's query language, row by row, over one app that has a field of every type.

mod errors;
mod functions;
mod grammar;
mod like;
mod operators;
mod order;
mod parts;
mod tables;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Context, Filter, Query, QueryError, check, parse};
use crate::form::{FieldDef, Form};
use crate::record::Record;

/// An app with one field of each type. Field codes are the Japanese names of the types.
pub fn form() -> Form {
    let options = json!({"大": {"label": "大", "index": "0"}, "中": {"label": "中", "index": "1"}, "小": {"label": "小", "index": "2"}});
    let properties = json!({
        "レコード番号": {"type": "RECORD_NUMBER"},
        "作成者": {"type": "CREATOR"},
        "作成日時": {"type": "CREATED_TIME"},
        "更新者": {"type": "MODIFIER"},
        "更新日時": {"type": "UPDATED_TIME"},
        "ステータス": {"type": "STATUS"},
        "作業者": {"type": "STATUS_ASSIGNEE"},
        "カテゴリー": {"type": "CATEGORY"},
        "文字列": {"type": "SINGLE_LINE_TEXT"},
        "メモ": {"type": "MULTI_LINE_TEXT"},
        "リッチ": {"type": "RICH_TEXT"},
        "数値": {"type": "NUMBER"},
        "計算": {"type": "CALC", "format": "NUMBER"},
        "計算日付": {"type": "CALC", "format": "DATE"},
        "所要時間": {"type": "CALC", "format": "HOUR_MINUTE"},
        "チェック": {"type": "CHECK_BOX", "options": options},
        "ラジオ": {"type": "RADIO_BUTTON", "options": options},
        "選択": {"type": "DROP_DOWN", "label": "選択欄", "options": options},
        "複数選択": {"type": "MULTI_SELECT", "options": options},
        "添付": {"type": "FILE"},
        "日付": {"type": "DATE"},
        "時刻": {"type": "TIME"},
        "日時": {"type": "DATETIME"},
        "リンク": {"type": "LINK", "protocol": "WEB"},
        "ユーザー": {"type": "USER_SELECT"},
        "組織": {"type": "ORGANIZATION_SELECT"},
        "グループ": {"type": "GROUP_SELECT"},
        "参照": {"type": "SINGLE_LINE_TEXT", "lookup": {}},
        "関連": {"type": "REFERENCE_TABLE"},
        "明細": {"type": "SUBTABLE", "fields": {
            "品名": {"type": "SINGLE_LINE_TEXT"},
            "個数": {"type": "NUMBER"},
            "納期": {"type": "DATE"},
            "備考": {"type": "MULTI_LINE_TEXT"},
            "区分": {"type": "DROP_DOWN", "options": options},
        }},
        "order": {"type": "NUMBER"},
    });
    let fields = properties.as_object().unwrap().iter();
    Form {
        fields: fields.map(|(code, p)| (code.as_str().into(), FieldDef::from_properties(code, p).unwrap())).collect(),
        app_code: Some("ORD".into()),
        statuses: vec!["未処理".into(), "処理中".into(), "完了".into()],
    }
}

/// A record with these values, written at the epoch.
pub fn record(id: u64, values: Value) -> Record {
    let fields =
        values.as_object().unwrap().iter().map(|(code, value)| (code.as_str().into(), value.clone())).collect();
    Record { id, revision: 1, written_at: jiff::Timestamp::UNIX_EPOCH, fields }
}

/// Who asks in these tests: Satō of the sales department in Tokyo, on Wednesday, 2026-04-15 at 08:30 there, which in UTC
/// is still the day before.
pub fn context() -> Context {
    let mut context = Context::new("2026-04-14T23:30:15Z".parse().unwrap(), TimeZone::get("Asia/Tokyo").unwrap());
    context.login = Some("sato".into());
    context.organization = Some("sales".into());
    context
}

/// The query, parsed and checked against the app.
pub fn ask(text: &str) -> Result<Query, QueryError> {
    let query = parse(text, true)?;
    check(&query, &form())?;
    Ok(query)
}

/// Whether the condition selects the record.
pub fn selects_for(context: &Context, text: &str, record: &Record) -> bool {
    let query = ask(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    Filter::new(&query.condition.unwrap(), &form(), context).unwrap().matches(record)
}

/// Whether the condition selects a record (id 7) with these values.
pub fn selects(text: &str, values: Value) -> bool {
    selects_for(&context(), text, &record(7, values))
}

/// Asserts on each row: a condition, a value of the field, and whether the one selects the other.
pub fn assert_table(field: &str, rows: &[(&str, Value, bool)]) {
    for (condition, value, expected) in rows {
        let text = format!("{field} {condition}");
        assert_eq!(selects(&text, json!({field: value})), *expected, "{text} for {value}");
    }
}
