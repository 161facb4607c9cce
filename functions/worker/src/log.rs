//! The log record of a run: written when it starts and when it ends, and the fence of its writes in between.

use connect::kintone::{Class, Fence, Kintone, KintoneError, ReadField, Target};
use model::field::{Field, FieldType};
use model::run::{FlowResult, Run};
use model::unit::{Unit, WaitReason};
use model::value::{Row, Value};

use crate::journal::Standing;
use crate::log_app::{self, FLOWS, JOURNAL, RUN_ID};

/// A run's log record, open for writing.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// Its fence.
    pub fence: Fence,
    /// How far a worker before this one got.
    pub standing: Option<Standing>,
    /// The journal as it was found.
    pub journal: String,
}

/// A list of fields and their values.
struct Content {
    fields: Vec<Field>,
    values: Vec<Value>,
}

impl Content {
    fn new() -> Self {
        Self { fields: Vec::new(), values: Vec::new() }
    }

    fn set(mut self, code: &str, value: Value) -> Self {
        self.fields.push(log_app::field(code));
        self.values.push(value);
        self
    }

    fn target(&self, app: u64) -> Target {
        Target { app, fields: self.fields.clone() }
    }
}

fn number(n: u64) -> Value {
    Value::Number(i64::try_from(n).unwrap_or(i64::MAX).into())
}

fn head(unit: &Unit, run: &Run) -> Content {
    let time = |at: Option<model::clock::Timestamp>| at.map_or(Value::Blank, |t| Value::Datetime(t.seconds()));
    let trigger = &run.trigger;
    Content::new()
        .set("execution_unit_Id", Value::text(&unit.id.0))
        .set("execution_unit_name", Value::text(&unit.name))
        .set("execution_method", Value::text(trigger.method.label()))
        .set("notification_Id", Value::text(trigger.notification.clone().unwrap_or_default()))
        .set("event_type", Value::text(trigger.event.map_or("", |e| e.as_str())))
        .set("execution_user", Value::text(&trigger.user))
        .set("app_Id", number(trigger.app))
        .set("records", Value::text(trigger.records.join("\n")))
        .set("queued_time", Value::Datetime(run.queued_at.seconds()))
        .set("start_time", time(run.started_at))
        .set("end_time", time(run.ended_at))
        .set("state", Value::text(run.state.as_str()))
        .set("wait_reason", Value::text(run.waited.map_or("", |w| reason(w.reason))))
}

/// What the log app says about a wait.
fn reason(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Lock => "同じ実行単位が実行中 / the unit was running",
        WaitReason::Rate => "1分あたりの実行回数の上限 / starts per minute",
        WaitReason::Schedule => "スケジュール実行中 / a scheduled run",
        WaitReason::Budget => "同時出力レコード数の上限 / output budget",
    }
}

/// How a run ended, and its flows.
fn tail(content: Content, run: &Run) -> Content {
    let mut message = run.code.map(|c| format!("{}: {}\n{}", c, c.ja(), c.en())).unwrap_or_default();
    if !run.message.is_empty() {
        message = format!("{message}\n{}", run.message).trim_start().to_owned();
    }
    content.set("log_message", Value::text(message)).set(FLOWS, rows(&run.flows))
}

fn rows(flows: &[FlowResult]) -> Value {
    if flows.is_empty() {
        return Value::Blank;
    }
    let row = |f: &FlowResult| {
        let cells = [
            ("flow_name", Value::text(&f.name)),
            ("flow_state", Value::text(f.state.as_str())),
            ("input_records", number(f.input_records)),
            ("output_records", number(f.output_records)),
            ("api_counts", number(f.api_requests)),
            ("flow_message", Value::text(&f.message)),
        ];
        Row { id: None, cells: cells.into_iter().map(|(code, value)| (code.to_owned(), value)).collect() }
    };
    Value::Rows(flows.iter().map(row).collect())
}

fn run_id(run: &Run) -> (Field, Value) {
    (Field::new(RUN_ID, FieldType::SingleLineText), Value::Text(run.id.to_string()))
}

/// Writes that the run runs. A worker that had it before is fenced off from here on: the record's revision has moved.
pub async fn open(kintone: &Kintone, app: u64, unit: &Unit, run: &Run) -> Result<LogRecord, KintoneError> {
    let content = head(unit, run);
    let (key, value) = run_id(run);
    let written = kintone.upsert_record(&content.target(app), &key, &value, &content.values).await?;
    let (mut revision, mut standing, mut journal) = (written.revision, None, String::new());
    if run.attempt > 1 && !written.inserted {
        (journal, revision) = read_journal(kintone, app, written.id).await?;
        standing = Standing::read(&journal);
    } else if run.attempt > 1 {
        standing = Some(Standing::Between(Vec::new()));
    }
    let fence = Fence { app, record: written.id, revision, journal: log_app::field(JOURNAL), more: Vec::new() };
    Ok(LogRecord { fence, standing, journal })
}

/// The journal and the revision of a log record.
async fn read_journal(kintone: &Kintone, app: u64, id: u64) -> Result<(String, u64), KintoneError> {
    let fields = [ReadField::of(&log_app::field(JOURNAL))].into_iter().flatten().collect::<Vec<_>>();
    let record = kintone.read_one(app, id, &fields).await?;
    Ok(match record {
        Some(record) => match record.values.into_iter().next() {
            Some(Value::Text(text)) => (text, record.revision),
            _ => (String::new(), record.revision),
        },
        None => (String::new(), 0),
    })
}

/// Why the end was not written.
#[derive(Debug)]
pub enum CloseError {
    /// Another worker owns the run.
    Superseded,
    /// kintone.
    Kintone(KintoneError),
}

/// Writes how the run ended, if this worker still holds the fence.
pub async fn close(
    kintone: &Kintone,
    log: &LogRecord,
    unit: &Unit,
    run: &Run,
    mark: Option<&str>,
) -> Result<(), CloseError> {
    let content = tail(head(unit, run), run);
    let target = content.target(log.fence.app);
    let mut revision = log.fence.revision;
    for again in [true, false] {
        let written = kintone.update_record(&target, log.fence.record, Some(revision), &content.values).await;
        match written {
            Ok(_) => return Ok(()),
            Err(error) if again && error.class == Class::Conflict => {
                // A person may have edited the log record; then the journal is still ours.
                let read = read_journal(kintone, log.fence.app, log.fence.record).await.map_err(CloseError::Kintone)?;
                if read.0 != mark.unwrap_or(&log.journal) {
                    return Err(CloseError::Superseded);
                }
                revision = read.1;
            }
            Err(error) => return Err(CloseError::Kintone(error)),
        }
    }
    Err(CloseError::Superseded)
}

/// Writes the record of a run that has ended, whoever wrote what before.
pub async fn write_ended(kintone: &Kintone, app: u64, unit: &Unit, run: &Run) -> Result<(), KintoneError> {
    let content = tail(head(unit, run), run);
    let (key, value) = run_id(run);
    kintone.upsert_record(&content.target(app), &key, &value, &content.values).await.map(|_| ())
}
