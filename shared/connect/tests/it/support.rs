//! A simulator, a client that waits for nothing, and short ways to say what a test needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::{
    Bulk, Change, Connection, Connector, Credential, Fence, HostPolicy, Kintone, Pause, ReadField, ReadRequest,
    Settings, Target,
};
use model::field::{Field, FieldType, Kind};
use model::value::{RowSink, Value};
use serde_json::json;
use sim::{ALL_RIGHTS, AppSpec, Control, Options, Sim};

/// Counts the pauses and takes none.
#[derive(Default)]
pub struct NoPause(pub AtomicU64);

#[async_trait]
impl Pause for NoPause {
    async fn pause(&self, _: Duration) {
        self.0.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

pub async fn sim() -> Sim {
    Sim::start(Options::default()).await.unwrap()
}

pub fn settings() -> Settings {
    Settings {
        hosts: HostPolicy { allow_local: true, allowed: vec![] },
        pause: Arc::new(NoPause::default()),
        ..Settings::default()
    }
}

pub fn open(sim: &Sim, credential: Credential) -> Kintone {
    Kintone::new(Connection::new(sim.base_url(), credential), settings()).unwrap()
}

/// A client with all rights in these apps.
pub fn client(sim: &Sim, apps: &[u64]) -> Kintone {
    client_with(sim, apps, settings())
}

pub fn client_with(sim: &Sim, apps: &[u64], settings: Settings) -> Kintone {
    let connection = Connection::new(sim.base_url(), all_rights(sim, apps));
    Connector::new(settings).unwrap().open(connection).unwrap()
}

pub fn all_rights(sim: &Sim, apps: &[u64]) -> Credential {
    let tokens: Vec<String> = apps.iter().map(|app| sim.control().add_token(*app, &ALL_RIGHTS).unwrap()).collect();
    Credential::tokens(&tokens.join(","))
}

/// 商品: a unique code, a number, a table.
pub fn stock_app(control: &Control) -> u64 {
    let table = json!({"type": "SUBTABLE", "fields": {
        "入出庫日": {"type": "DATE", "code": "入出庫日", "label": "入出庫日"},
        "数": {"type": "NUMBER", "code": "数", "label": "数", "maxValue": "1000"},
    }});
    let spec = AppSpec::new("在庫")
        .field("商品コード", json!({"type": "SINGLE_LINE_TEXT", "unique": true}))
        .field("在庫数", json!({"type": "NUMBER", "maxValue": "1000000"}))
        .field("明細", table);
    control.create_app(spec).unwrap()
}

/// The log app with one record of ours: the fence of a run.
pub fn fence(control: &Control) -> Fence {
    let spec = AppSpec::new("ログ")
        .field("journal", json!({"type": "SINGLE_LINE_TEXT"}))
        .field("state", json!({"type": "SINGLE_LINE_TEXT"}));
    let app = control.create_app(spec).unwrap();
    let record = control.put_records(app, vec![json!({"journal": {"value": "start"}})]).unwrap()[0];
    let journal = Field::new("journal", FieldType::SingleLineText);
    let state = (Field::new("state", FieldType::SingleLineText), Value::Text("running".into()));
    Fence { app, record, revision: 1, journal, mark: "start".into(), more: vec![state] }
}

pub fn text(text: impl Into<String>) -> Value {
    Value::text(text)
}

pub fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

pub fn request(app: u64, fields: &[(&str, Kind)], condition: Option<&str>) -> ReadRequest {
    ReadRequest {
        app,
        fields: fields.iter().map(|(code, kind)| ReadField::new(*code, *kind)).collect(),
        condition: condition.map(str::to_owned),
    }
}

pub fn stock_target(app: u64) -> Target {
    let fields = vec![Field::new("商品コード", FieldType::SingleLineText), Field::new("在庫数", FieldType::Number)];
    Target { app, fields }
}

/// Bulks that add `count` records `P1`, `P2`, … to the stock app.
pub fn inserts(kintone: &Kintone, app: u64, count: usize, fenced: bool) -> Vec<Bulk> {
    let (target, mut builder) = (stock_target(app), kintone.bulk_builder(fenced));
    let mut bulks = Vec::new();
    for n in 1..=count {
        let values = [text(format!("P{n}")), number(&n.to_string())];
        bulks.extend(builder.push(&target, Change::Insert { values: &values }).unwrap());
    }
    bulks.extend(builder.cut());
    bulks
}

/// All records of an app by `$id`, in kintone's text, as the simulator holds them.
pub fn held(control: &Control, app: u64, code: &str) -> Vec<(u64, String)> {
    let text = |record: &sim::Record| record.fields[code].as_str().unwrap_or_default().to_owned();
    control.records(app).iter().map(|record| (record.id, text(record))).collect()
}

/// The rows of all sinks, in order.
pub fn rows(sinks: Vec<RowSink>) -> Vec<Vec<Value>> {
    sinks.into_iter().flat_map(|sink| sink.rows).collect()
}

/// The values of one column as ids.
pub fn ids(rows: &[Vec<Value>], column: usize) -> Vec<u64> {
    let id = |value: &Value| match value {
        Value::Number(n) => u64::try_from(n.to_i64().unwrap()).unwrap(),
        other => panic!("{other:?}"),
    };
    rows.iter().map(|row| id(&row[column])).collect()
}

/// How many calls of this path the simulator got.
pub fn calls_of(control: &Control, path: &str) -> usize {
    control.calls().iter().filter(|call| call.path.ends_with(path)).count()
}
