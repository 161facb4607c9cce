//! The log app's form: krewData's field codes, a unique `run_id`, the journal, and a table of the flows.

use connect::kintone::{Deployed, Kintone, KintoneError};
use model::field::{Field, FieldType};
use serde_json::{Map, Value as Json, json};

/// Unique text: the run's id.
pub const RUN_ID: &str = "run_id";
/// Multi-line text: the journal that fences writes.
pub const JOURNAL: &str = "journal";
/// Date and time: when the run ended; blank until then.
pub const END_TIME: &str = "end_time";
/// Date and time: when the run was asked for.
pub const QUEUED_TIME: &str = "queued_time";
/// Text: the schedule that started the run, where one did.
pub const SCHEDULE_ID: &str = "schedule_Id";
/// The table of flows.
pub const FLOWS: &str = "flows";

/// Codes, types and labels (ja / en) of the plain fields, in the form's order. The first eleven are krewData's.
const PLAIN: [(&str, FieldType, &str); 17] = [
    ("execution_unit_Id", FieldType::SingleLineText, "実行単位ID / Unit ID"),
    ("execution_unit_name", FieldType::SingleLineText, "実行単位 / Unit"),
    ("execution_method", FieldType::SingleLineText, "実行方法 / Method"),
    ("notification_Id", FieldType::SingleLineText, "通知ID / Notification ID"),
    ("event_type", FieldType::SingleLineText, "イベント / Event"),
    ("execution_user", FieldType::SingleLineText, "実行ユーザー / User"),
    ("app_Id", FieldType::Number, "アプリID / App ID"),
    ("state", FieldType::SingleLineText, "状態 / State"),
    ("start_time", FieldType::Datetime, "開始日時 / Start"),
    (END_TIME, FieldType::Datetime, "終了日時 / End"),
    ("log_message", FieldType::MultiLineText, "ログメッセージ / Message"),
    (RUN_ID, FieldType::SingleLineText, "実行ID / Run ID"),
    (QUEUED_TIME, FieldType::Datetime, "受付日時 / Queued"),
    ("wait_reason", FieldType::SingleLineText, "待機理由 / Wait reason"),
    ("records", FieldType::MultiLineText, "レコード番号 / Records"),
    (SCHEDULE_ID, FieldType::SingleLineText, "スケジュールID / Schedule ID"),
    (JOURNAL, FieldType::MultiLineText, "ジャーナル / Journal"),
];

/// Codes, types and labels of the table's columns.
const OF_FLOW: [(&str, FieldType, &str); 6] = [
    ("flow_name", FieldType::SingleLineText, "フロー / Flow"),
    ("flow_state", FieldType::SingleLineText, "状態 / State"),
    ("input_records", FieldType::Number, "入力レコード数 / Input records"),
    ("output_records", FieldType::Number, "出力レコード数 / Output records"),
    ("api_counts", FieldType::Number, "APIリクエスト数 / API requests"),
    ("flow_message", FieldType::MultiLineText, "メッセージ / Message"),
];

/// A field of the log app by its code.
pub fn field(code: &str) -> Field {
    if code == FLOWS {
        let mut table = Field::new(FLOWS, FieldType::Subtable);
        table.fields = OF_FLOW.iter().map(|(code, kind, _)| Field::new(*code, *kind)).collect();
        return table;
    }
    let kind = PLAIN.iter().find(|(c, _, _)| *c == code).map_or(FieldType::Other, |(_, kind, _)| *kind);
    Field::new(code, kind)
}

/// The form, as kintone's properties.
pub fn properties() -> Map<String, Json> {
    let plain = |(code, kind, label): &(&str, FieldType, &str)| {
        let mut property = json!({ "type": kind, "code": code, "label": label });
        if *code == RUN_ID {
            property["unique"] = json!(true);
            property["required"] = json!(true);
        }
        ((*code).to_owned(), property)
    };
    let mut all: Map<String, Json> = PLAIN.iter().map(plain).collect();
    let columns: Map<String, Json> = OF_FLOW.iter().map(plain).collect();
    all.insert(
        FLOWS.into(),
        json!({ "type": "SUBTABLE", "code": FLOWS, "label": "フロー / Flows", "fields": columns }),
    );
    all
}

/// Why there is no app.
#[derive(Debug, thiserror::Error)]
pub enum LogAppError {
    /// kintone refused.
    #[error(transparent)]
    Kintone(#[from] KintoneError),
    /// kintone did not make the form live.
    #[error("kintone did not deploy the app: {0:?}")]
    NotDeployed(Deployed),
    /// Its field for the run's id takes the same value twice: nothing would keep a run from being written twice.
    #[error(
        "ログアプリのフィールド「{RUN_ID}」は「値の重複を禁止する」に設定してください / the log app's field {RUN_ID} must be set to prohibit duplicate values"
    )]
    NotUnique,
}

/// Creates the log app and waits until it is live; answers its number. Needs a password: tokens belong to apps.
pub async fn create(kintone: &Kintone, name: &str) -> Result<u64, LogAppError> {
    create_with(kintone, name, &properties()).await
}

/// Creates an app with this form and waits until it is live; answers its number.
pub(crate) async fn create_with(kintone: &Kintone, name: &str, form: &Map<String, Json>) -> Result<u64, LogAppError> {
    let app = kintone.create_app(name, None).await?;
    kintone.add_missing_fields(app, form).await?;
    deployed(kintone, app).await
}

/// Adds what an existing app lacks of the log app's form; answers the codes that were added. An app that lacks nothing
/// needs no right to manage it.
pub async fn complete(kintone: &Kintone, app: u64) -> Result<Vec<String>, LogAppError> {
    let live = kintone.schema(app).await?.schema;
    if live.field(RUN_ID).is_some_and(|field| !field.unique) {
        return Err(LogAppError::NotUnique);
    }
    if properties().keys().all(|code| live.field(code).is_some()) {
        return Ok(Vec::new());
    }
    let codes = kintone.add_missing_fields(app, &properties()).await?;
    if !codes.is_empty() {
        deployed(kintone, app).await?;
    }
    Ok(codes)
}

async fn deployed(kintone: &Kintone, app: u64) -> Result<u64, LogAppError> {
    match kintone.deploy(app).await? {
        Deployed::Success => Ok(app),
        other => Err(LogAppError::NotDeployed(other)),
    }
}
