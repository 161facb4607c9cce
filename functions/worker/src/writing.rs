//! Writing what a flow computed: packed into bulks, in order, each behind the fence where there is one.

use connect::kintone::{
    Bulk, BulkBuilder, Change, Class, Committed, EncodeError, Fence, Kintone, KintoneError, Rejection, Target,
    WriteError, Writer,
};
use engine::{Batch, Changes, Put, Record, StepReport};
use model::catalogue;
use model::field::AppSchema;
use model::value::Value;

use crate::attachments::copy;
use crate::flow_run::{FlowError, OutputChanges, Schemas};

/// Why a flow's writing ended early.
#[derive(Debug)]
pub enum WritingError {
    /// A record changed since it was read, and nothing of the flow was written: read and compute again.
    Conflict(FlowError),
    /// kintone refused a bulk; those before it are written.
    Refused(FlowError),
    /// It cannot be known whether a bulk was written.
    Unknown(FlowError),
    /// Another worker owns the run: stop, say nothing.
    Superseded,
    /// Something that the flow needs before it writes does not answer: nothing was written, a later attempt may go on.
    Later(String),
}

impl WritingError {
    /// What to tell.
    pub fn error(&self) -> Option<&FlowError> {
        match self {
            Self::Conflict(e) | Self::Refused(e) | Self::Unknown(e) => Some(e),
            Self::Superseded | Self::Later(_) => None,
        }
    }
}

/// Sends a flow's bulks.
pub struct Sending<'a> {
    kintone: Kintone,
    writer: Writer,
    /// Makes the mark of a bulk: (how many bulks with this one, whether it is the last).
    mark: &'a (dyn Fn(usize, bool) -> String + Sync),
    sent: usize,
    /// Records that are known to be written.
    pub written: usize,
    /// All records of the flow.
    total: usize,
}

impl<'a> Sending<'a> {
    /// Sends through this client, behind this fence if there is one.
    pub fn new(kintone: &Kintone, fence: Option<Fence>, mark: &'a (dyn Fn(usize, bool) -> String + Sync)) -> Self {
        let writer = match fence {
            Some(fence) => kintone.fenced_writer(fence),
            None => kintone.writer(),
        };
        Self { kintone: kintone.clone(), writer, mark, sent: 0, written: 0, total: 0 }
    }

    /// The fence as it stands now.
    pub fn fence(&self) -> Option<&Fence> {
        self.writer.fence()
    }

    /// Writes all outputs of a flow, in order.
    pub async fn write(
        &mut self,
        builder: BulkBuilder,
        outputs: &[OutputChanges],
        schemas: &Schemas,
    ) -> Result<(), WritingError> {
        self.total = outputs.iter().map(|o| o.changes.len()).sum();
        let mut packing = Packing { builder, full: Vec::new() };
        for output in outputs {
            let part = OutputPart { app: output.app, changes: &output.changes, schema: schemas.get(output.app) };
            let batches = part.changes.sequence();
            // Records are packed a bulk at a time and sent while the next is packed.
            for (at, batch) in batches.iter().enumerate() {
                packing.keep_together(&batches[at..], batches[..at].last());
                let writes = part.writes(batch, &self.kintone).await.map_err(|e| self.not_copied(&e))?;
                part.pack(&writes, &mut packing).map_err(|e| WritingError::Refused(cannot_encode(&e)))?;
                for bulk in packing.full.drain(..) {
                    self.submit(bulk, false).await?;
                }
            }
        }
        if let Some(bulk) = packing.builder.cut() {
            self.submit(bulk, true).await?;
        }
        let last = self.writer.finish().await;
        self.note(last)
    }

    async fn submit(&mut self, bulk: Bulk, last: bool) -> Result<(), WritingError> {
        let mark = (self.mark)(self.sent + 1, last);
        let before = self.writer.submit(bulk, &mark).await;
        self.note(before)?;
        self.sent += 1;
        Ok(())
    }

    /// Takes note of what became of a bulk.
    fn note(&mut self, outcome: Result<Option<Committed>, WriteError>) -> Result<(), WritingError> {
        match outcome {
            Ok(committed) => {
                self.written += committed.map_or(0, |c| c.count);
                Ok(())
            }
            Err(WriteError::Fenced { .. }) => Err(WritingError::Superseded),
            Err(WriteError::Unknown(error)) => {
                let (ja, en) = self.so_far();
                Err(WritingError::Unknown(FlowError::new(
                    catalogue::UNCERTAIN,
                    format!("{error}。{ja}"),
                    format!("{error}. {en}"),
                )))
            }
            Err(WriteError::Refused(rejection)) => Err(self.refused(&rejection)),
        }
    }

    /// A file that cannot be copied ends the flow like a bulk that is refused.
    fn not_copied(&self, error: &KintoneError) -> WritingError {
        let (ja, en) = self.so_far();
        let code = match error.class {
            Class::Permission => catalogue::NOT_PERMITTED,
            class if class.is_temporary() => catalogue::KINTONE_UNAVAILABLE,
            _ => catalogue::WRITE_REFUSED,
        };
        WritingError::Refused(FlowError::new(code, format!("{error}。{ja}"), format!("{error}. {en}")))
    }

    fn refused(&self, rejection: &Rejection) -> WritingError {
        let class = rejection.error.class;
        let stale = matches!(class, Class::Conflict | Class::NotFound) && rejection.part.is_some();
        if class == Class::Conflict && rejection.part.is_none() && self.fence().is_some() {
            return WritingError::Superseded;
        }
        let records: Vec<String> = rejection
            .records
            .iter()
            .map(|r| {
                let field = r.field.as_deref().unwrap_or("-");
                format!("#{} {field}: {}", r.position + 1, r.messages.join(" "))
            })
            .collect();
        let (ja, en) = self.so_far();
        let code = match class {
            Class::Permission => catalogue::NOT_PERMITTED,
            _ if stale => catalogue::CONFLICT,
            class if class.is_temporary() => catalogue::KINTONE_UNAVAILABLE,
            _ => catalogue::WRITE_REFUSED,
        };
        let detail = format!("{} {}", rejection.error, records.join("; "));
        let error = FlowError::new(code, format!("{}。{ja}", detail.trim()), format!("{}. {en}", detail.trim()));
        if stale && self.written == 0 { WritingError::Conflict(error) } else { WritingError::Refused(error) }
    }

    /// What was and what was not written.
    fn so_far(&self) -> (String, String) {
        let (written, total) = (self.written, self.total);
        (
            format!("書き込み済み{written}件、残り{}件(全{total}件)", total - written.min(total)),
            format!("Written: {written} records, not written: {} of {total}", total - written.min(total)),
        )
    }
}

fn cannot_encode(error: &EncodeError) -> FlowError {
    FlowError::new(catalogue::WRITE_REFUSED, error.to_string(), error.to_string())
}

struct Packing {
    builder: BulkBuilder,
    full: Vec<Bulk>,
}

impl Packing {
    fn push(&mut self, target: &Target, change: Change<'_>) -> Result<(), EncodeError> {
        self.full.extend(self.builder.push(target, change)?);
        Ok(())
    }

    /// Deletes stand in one bulk with the adds behind them, so that nobody sees an app that is replaced without records:
    /// where the rest of the bulk is too short for them, they begin the next one.
    fn keep_together(&mut self, ahead: &[Batch], before: Option<&Batch>) {
        let deletes = ahead.iter().take_while(|b| matches!(b, Batch::Delete(_))).count();
        let added = matches!(ahead.get(deletes), Some(Batch::Add(_)));
        let begins = deletes > 0 && !matches!(before, Some(Batch::Delete(_)));
        if begins && added && self.builder.parts_left() < deletes + 1 {
            self.full.extend(self.builder.cut());
        }
    }
}

/// A write, with its files copied.
enum Ready {
    Update { id: u64, revision: u64, record: Record },
    Delete { id: u64, revision: u64 },
    Add(Record),
}

struct OutputPart<'a> {
    app: u64,
    changes: &'a Changes,
    schema: Option<&'a AppSchema>,
}

impl OutputPart<'_> {
    /// The writes of a batch.
    async fn writes(&self, batch: &Batch, kintone: &Kintone) -> Result<Vec<Ready>, KintoneError> {
        let mut writes = Vec::new();
        match batch {
            Batch::Put(puts) => {
                for Put { update, revision, release } in puts {
                    let update = &self.changes.updates[*update];
                    let mut record = release.clone().unwrap_or_else(|| self.changes.changed(update));
                    copy(kintone, &self.changes.before(update), &mut record).await?;
                    writes.push(Ready::Update { id: update.id, revision: *revision, record });
                }
            }
            Batch::Delete(deletes) => writes.extend(deletes.iter().map(|index| {
                let delete = self.changes.deletes[*index];
                Ready::Delete { id: delete.id, revision: delete.revision }
            })),
            Batch::Add(range) => {
                for row in &self.changes.adds[range.clone()] {
                    let mut record = self.changes.record(*row);
                    copy(kintone, &Record::new(), &mut record).await?;
                    writes.push(Ready::Add(record));
                }
            }
        }
        Ok(writes)
    }

    fn pack(&self, writes: &[Ready], packing: &mut Packing) -> Result<(), EncodeError> {
        packing.builder.split();
        for write in writes {
            match write {
                Ready::Update { id, revision, record } => {
                    let (target, values) = self.split(record)?;
                    packing.push(&target, Change::Update { id: *id, revision: Some(*revision), values: &values })?;
                }
                Ready::Delete { id, revision } => {
                    let target = Target { app: self.app, fields: Vec::new() };
                    packing.push(&target, Change::Delete { id: *id, revision: Some(*revision) })?;
                }
                Ready::Add(record) => {
                    let (target, values) = self.split(record)?;
                    packing.push(&target, Change::Insert { values: &values })?;
                }
            }
        }
        Ok(())
    }

    fn split(&self, record: &Record) -> Result<(Target, Vec<Value>), EncodeError> {
        let (mut fields, mut values) = (Vec::with_capacity(record.len()), Vec::with_capacity(record.len()));
        for (code, value) in record {
            let known = self.schema.and_then(|s| s.field(code)).cloned();
            let unknown = || EncodeError { field: code.clone(), reason: "not a field of the app".into() };
            fields.push(known.ok_or_else(unknown)?);
            values.push(value.clone());
        }
        Ok((Target { app: self.app, fields }, values))
    }
}

/// One line per output: what was written, and what was counted on the way.
pub fn summary(computed: &crate::flow_run::Computed) -> String {
    let mut lines = Vec::new();
    for output in &computed.outputs {
        let c = &output.changes;
        let skipped = c.skipped.blank_key + c.skipped.no_partner;
        let mut line = format!(
            "{}: 追加{}件 更新{}件 削除{}件 変更なし{}件",
            output.step,
            c.adds.len(),
            c.updates.len(),
            c.deletes.len(),
            c.unchanged
        );
        if skipped > 0 {
            line += &format!(" 対象外{skipped}件");
        }
        let copies = c.copies();
        if copies > 0 {
            line += &format!(" 添付ファイルのコピー{copies}件");
        }
        lines.push(line);
        lines.extend(c.counts.iter().map(|count| format!("  {}", counted(count))));
    }
    for file in &computed.files {
        lines.push(format!("{}: {} {}行", file.step, file.path, file.rows));
    }
    for called in &computed.calls {
        lines.push(format!(
            "{0}: 実行単位「{1}」の呼び出し {2}行 / calls the unit {1:?} with {2} rows",
            called.step,
            called.unit,
            called.sets.len()
        ));
    }
    lines.extend(counts(&computed.steps));
    lines.join("\n")
}

/// One line per thing that the steps counted.
pub fn counts(steps: &[StepReport]) -> Vec<String> {
    let of_step = |step: &StepReport| -> Vec<String> {
        step.counts.iter().map(|count| format!("{}: {}", step.step, counted(count))).collect()
    };
    steps.iter().flat_map(of_step).collect()
}

fn counted(count: &engine::Count) -> String {
    format!("{}: {} × {}", count.field, count.reason.japanese(), count.count)
}
