//! The log record of a run: written when it starts and when it ends, and the fence of its writes in between.

mod opening;

use std::time::Duration;

use connect::kintone::{Class, Fence, Kintone, KintoneError, ReadField, Target};
use model::clock::Clock;
use model::field::{Field, FieldType};
use model::run::{FlowResult, Run};
use model::unit::Unit;
use model::value::{Row, Value};

use crate::journal::{Mark, Standing};
use crate::log_app::{self, END_TIME, FLOWS, JOURNAL, QUEUED_TIME, RUN_ID, SCHEDULE_ID};

pub use opening::{OpenError, open};

/// A run's log record, open for writing.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// Its fence.
    pub fence: Fence,
    /// How far a worker before this one got; `None`: somebody else wrote into the journal.
    pub standing: Option<Standing>,
    /// What the journal held, as it stands there.
    pub mark: Option<Mark>,
}

/// How often a call about the log record is repeated; it can be, since what it writes is the same each time.
const TRIES: u64 = 4;

/// Repeats what may be repeated: after an answer that was lost, or while kintone is away for moments.
async fn persistently<T, F>(clock: &dyn Clock, call: impl FnMut() -> F) -> Result<T, KintoneError>
where
    F: Future<Output = Result<T, KintoneError>>,
{
    repeatedly(clock, |error| error.class == Class::Unknown || error.class.is_temporary(), call).await
}

/// Repeats a call as long as its error is one of these.
async fn repeatedly<T, F>(
    clock: &dyn Clock,
    again: impl Fn(&KintoneError) -> bool,
    mut call: impl FnMut() -> F,
) -> Result<T, KintoneError>
where
    F: Future<Output = Result<T, KintoneError>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match call().await {
            Err(error) if tries < TRIES && again(&error) => {
                tracing::warn!(%error, tries, "a call about the log record is repeated");
                clock.pause(Duration::from_millis(250 << tries)).await;
            }
            other => return other,
        }
    }
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
    let content = match &run.schedule {
        Some(schedule) => Content::new().set(SCHEDULE_ID, Value::text(&schedule.0)),
        // A log app from before there were schedules lacks the field, and needs it for scheduled runs alone.
        None => Content::new(),
    };
    content
        .set("execution_unit_Id", Value::text(&unit.id.0))
        .set("execution_unit_name", Value::text(&unit.name))
        .set("execution_method", Value::text(trigger.method.label()))
        .set("notification_Id", Value::text(trigger.notification.clone().unwrap_or_default()))
        .set("event_type", Value::text(trigger.event.map_or("", |e| e.as_str())))
        .set("execution_user", Value::text(&trigger.user))
        .set("app_Id", number(trigger.app))
        .set("records", Value::text(trigger.records.join("\n")))
        .set(QUEUED_TIME, Value::Datetime(run.queued_at.seconds()))
        .set("start_time", time(run.started_at))
        .set(END_TIME, time(run.ended_at))
        .set("state", Value::text(run.state.as_str()))
        .set("wait_reason", Value::text(run.waited.map(|w| w.reason.label()).unwrap_or_default()))
}

/// How a run ended, and its flows.
fn tail(content: Content, run: &Run) -> Content {
    let mut message = run.code.map(|c| format!("{}: {}\n{}", c, c.ja(), c.en())).unwrap_or_default();
    if !run.message.is_empty() {
        message = format!("{message}\n{}", run.message).trim_start().to_owned();
    }
    if let Some(gathered) = run.gathered.filter(|gathered| gathered.requests > 1) {
        let n = gathered.requests;
        message = format!(
            "{message}\n待っていたWebhook{n}件をまとめて実行しました / {n} webhooks that waited became this run"
        );
    }
    content.set("log_message", Value::text(message.trim_start())).set(FLOWS, rows(&run.flows))
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

/// Leaves this attempt's mark in the journal of a run that a worker before this one had; the first attempt's is an empty
/// journal. That worker is fenced off by it for good: the mark is not its own.
pub async fn take_over(
    kintone: &Kintone,
    clock: &dyn Clock,
    record: &mut LogRecord,
    attempt: u32,
) -> Result<(), CloseError> {
    let failure = record.mark.as_ref().and_then(|mark| mark.failure.clone());
    let mark = match &record.standing {
        Some(Standing::Between(flows)) => Mark { failure, ..Mark::begin(attempt, flows.clone()) },
        Some(Standing::Files(mark)) => Mark { attempt, ..mark.clone() },
        Some(Standing::Within(mark)) => Mark { attempt, ..mark.clone() },
        None => return Ok(()),
    };
    if attempt == 1 { Ok(()) } else { leave(kintone, clock, record, mark.to_text()).await }
}

/// Leaves a mark in the journal, if this worker still holds the fence.
pub async fn leave(kintone: &Kintone, clock: &dyn Clock, log: &mut LogRecord, mark: String) -> Result<(), CloseError> {
    let left = Content::new().set(JOURNAL, Value::text(&mark));
    let target = left.target(log.fence.app);
    for _ in 0..TRIES {
        let update = || kintone.update_record(&target, log.fence.record, Some(log.fence.revision), &left.values);
        match persistently(clock, update).await {
            Ok(revision) => {
                (log.fence.revision, log.fence.mark) = (revision, mark);
                return Ok(());
            }
            Err(error) if error.class == Class::Conflict => {
                // The first of two tries landed, or a person edited the record; the mark says which.
                let read = persistently(clock, || read_journal(kintone, log.fence.app, log.fence.record)).await;
                let (found, revision) = read.map_err(CloseError::Kintone)?;
                log.fence.revision = revision;
                if found == mark {
                    log.fence.mark = mark;
                    return Ok(());
                }
                if found != log.fence.mark {
                    return Err(CloseError::Superseded);
                }
            }
            Err(error) => return Err(CloseError::Kintone(error)),
        }
    }
    Err(CloseError::Superseded)
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

impl From<KintoneError> for CloseError {
    fn from(error: KintoneError) -> Self {
        Self::Kintone(error)
    }
}

/// Writes how the run ended, if this worker still holds the fence.
pub async fn close(
    kintone: &Kintone,
    clock: &dyn Clock,
    log: &LogRecord,
    unit: &Unit,
    run: &Run,
) -> Result<(), CloseError> {
    let content = tail(head(unit, run), run);
    let target = content.target(log.fence.app);
    let mut revision = log.fence.revision;
    for _ in 0..TRIES {
        let update = || kintone.update_record(&target, log.fence.record, Some(revision), &content.values);
        match persistently(clock, update).await {
            Ok(_) => return Ok(()),
            Err(error) if error.class == Class::Conflict => {
                // A person may have edited the log record, or the first of two tries landed; the mark says whose it is.
                let read = persistently(clock, || read_journal(kintone, log.fence.app, log.fence.record)).await;
                let (found, now) = read.map_err(CloseError::Kintone)?;
                if found != log.fence.mark {
                    return Err(CloseError::Superseded);
                }
                revision = now;
            }
            Err(error) => return Err(CloseError::Kintone(error)),
        }
    }
    Err(CloseError::Superseded)
}

/// Writes the record of a run that has ended, whoever wrote what before; but not over another run's.
pub async fn write_ended(
    kintone: &Kintone,
    clock: &dyn Clock,
    app: u64,
    unit: &Unit,
    run: &Run,
) -> Result<(), KintoneError> {
    if opening::is_anothers(kintone, clock, app, run).await? {
        tracing::warn!(run = %run.id, app, "the log app has a record of another run of this number: this one gets none");
        return Ok(());
    }
    let content = tail(head(unit, run), run);
    let (key, value) = run_id(run);
    kintone.upsert_record(&content.target(app), &key, &value, &content.values).await.map(|_| ())
}
