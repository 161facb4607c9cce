//! Opening the log record of a run, so that whoever comes late opens nothing that another has closed.

use connect::kintone::{Class, Fence, Kintone, KintoneError, ReadField, ReadRequest, Upserted};
use model::clock::Clock;
use model::field::Kind;
use model::run::Run;
use model::unit::Unit;
use model::value::{RowSink, Value};

use super::{Content, LogRecord, TRIES, head, persistently, repeatedly, run_id};
use crate::files::StillOurs;
use crate::journal::{Mark, Standing};
use crate::log_app::{self, END_TIME, JOURNAL, QUEUED_TIME, RUN_ID};

/// Writes that the run runs. A worker that had the run before is fenced off from here on: the record's revision has moved.
///
/// A worker that comes late must not open what another has closed: the first attempt only adds the record, which `run_id`
/// keeps from being there twice; a later one changes it at the revision at which it has read it, and where it finds an end
/// there, a worker before it has written that and died, or the run is not its own any more: `ours` tells.
pub async fn open(
    kintone: &Kintone,
    clock: &dyn Clock,
    app: u64,
    (unit, run): (&Unit, &Run),
    ours: &dyn StillOurs,
) -> Result<LogRecord, OpenError> {
    let content = head(unit, run);
    let opened = |written: Upserted, journal: String| {
        let standing = match run.attempt {
            1 => Some(Standing::Between(Vec::new())),
            _ => Standing::read(&journal),
        };
        let mark = Mark::read(&journal);
        let (record, revision, field) = (written.id, written.revision, log_app::field(JOURNAL));
        let fence = Fence { app, record, revision, journal: field, mark: journal, more: Vec::new() };
        LogRecord { fence, standing, mark }
    };
    let mut found = if run.attempt == 1 { None } else { find(kintone, clock, app, run).await? };
    for _ in 0..TRIES {
        let Some(there) = found else {
            match add(kintone, clock, app, run, &content).await {
                Ok(added) => return Ok(opened(added, String::new())),
                // It is there already, if that is what is wrong with it; or the answer was lost.
                Err(error) if matches!(error.class, Class::Conflict | Class::Invalid | Class::Unknown) => {
                    found = find(kintone, clock, app, run).await?;
                    if found.is_none() && error.class != Class::Unknown {
                        return Err(error.into());
                    }
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
        };
        if there.another {
            return Err(OpenError::Another(there.at.id));
        }
        if run.attempt == 1 {
            // The answer to its own adding was lost; or others have been there since.
            return match there.journal.is_empty() && !there.ended {
                true => Ok(opened(there.at, String::new())),
                false => Err(OpenError::Superseded),
            };
        }
        if there.ended && ours.still_ours().await.is_err() {
            return Err(OpenError::Superseded);
        }
        let (id, revision, target) = (there.at.id, there.at.revision, content.target(app));
        let update = || kintone.update_record(&target, id, Some(revision), &content.values);
        match persistently(clock, update).await {
            Ok(revision) => return Ok(opened(Upserted { revision, ..there.at }, there.journal)),
            // A person has edited it, or another worker; or the first of two tries landed.
            Err(error) if matches!(error.class, Class::Conflict | Class::NotFound) => {
                found = find(kintone, clock, app, run).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(OpenError::Superseded)
}

/// Why it was not opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another worker owns the run.
    Superseded,
    /// The record of this id is another run's of the same number: of a table that was restored, or of another place.
    Another(u64),
    /// kintone.
    Kintone(KintoneError),
}

impl From<KintoneError> for OpenError {
    fn from(error: KintoneError) -> Self {
        Self::Kintone(error)
    }
}

/// A run's log record, as it was found.
struct Found {
    at: Upserted,
    journal: String,
    /// Whether it tells of an end.
    ended: bool,
    /// Whether it is another run's: it was not noted as this one's, and tells of a request of another minute.
    another: bool,
}

/// Whether the log app has a record of this run's number that is another run's.
pub(super) async fn is_anothers(
    kintone: &Kintone,
    clock: &dyn Clock,
    app: u64,
    run: &Run,
) -> Result<bool, KintoneError> {
    Ok(find(kintone, clock, app, run).await?.is_some_and(|found| found.another))
}

async fn find(kintone: &Kintone, clock: &dyn Clock, app: u64, run: &Run) -> Result<Option<Found>, KintoneError> {
    let mut fields: Vec<ReadField> = ["$id", "$revision"].map(|name| ReadField::new(name, Kind::Number)).into();
    fields.extend([JOURNAL, END_TIME, QUEUED_TIME].iter().filter_map(|code| ReadField::of(&log_app::field(code))));
    let width = fields.len();
    let request = ReadRequest { app, fields, condition: None };
    let ids = [run.id.to_string()];
    let read = || kintone.read_by_keys(&request, RUN_ID, &ids, || RowSink::new(width));
    let read = persistently(clock, read).await?;
    let natural = |value: &Value| match value {
        Value::Number(number) => number.to_i64().and_then(|n| u64::try_from(n).ok()),
        _ => None,
    };
    // kintone keeps minutes.
    let other = |queued: &Value| match queued {
        Value::Datetime(seconds) => seconds.div_euclid(60) != run.queued_at.seconds().div_euclid(60),
        _ => false,
    };
    let found = |row: Vec<Value>| match row.as_slice() {
        [id, revision, journal, end, queued] => Some(Found {
            at: Upserted { id: natural(id)?, revision: natural(revision)?, inserted: false },
            journal: if let Value::Text(text) = journal { text.clone() } else { String::new() },
            ended: *end != Value::Blank,
            another: run.log_record != natural(id) && other(queued),
        }),
        _ => None,
    };
    let mut all: Vec<Found> = read.sinks.into_iter().flat_map(|sink| sink.rows).filter_map(found).collect();
    // There is one, where somebody has not made the field take the same twice; then the one that was noted is the run's.
    let noted = all.iter().position(|found| run.log_record == Some(found.at.id)).unwrap_or(0);
    Ok((noted < all.len()).then(|| all.swap_remove(noted)))
}

async fn add(
    kintone: &Kintone,
    clock: &dyn Clock,
    app: u64,
    run: &Run,
    content: &Content,
) -> Result<Upserted, KintoneError> {
    let (key, value) = run_id(run);
    let mut target = content.target(app);
    target.fields.push(key);
    let values: Vec<Value> = content.values.iter().cloned().chain([value]).collect();
    // A lost answer is looked into before it is added again.
    repeatedly(clock, |error| error.class.is_temporary(), || kintone.add_record(&target, &values)).await
}
