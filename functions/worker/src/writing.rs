//! Writing what a flow computed: packed into bulks, in order, each behind the fence where there is one.

use connect::kintone::{
    Bulk, BulkBuilder, Change, Class, Committed, EncodeError, Fence, Kintone, Rejection, Target, WriteError, Writer,
};
use engine::Changes;
use model::catalogue;
use model::field::AppSchema;
use model::value::Value;

use crate::flow_run::{FlowError, OutputChanges, Schemas};

/// How many deletes and adds of a replacement go together: a part each, so that both stand in one bulk.
const TOGETHER: usize = connect::kintone::RECORDS_PER_PART;

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
}

impl WritingError {
    /// What to tell.
    pub fn error(&self) -> Option<&FlowError> {
        match self {
            Self::Conflict(e) | Self::Refused(e) | Self::Unknown(e) => Some(e),
            Self::Superseded => None,
        }
    }
}

/// Sends a flow's bulks.
pub struct Sending<'a> {
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
        Self { writer, mark, sent: 0, written: 0, total: 0 }
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
            // Records are packed a bulk at a time and sent while the next is packed.
            for step in part.steps() {
                part.pack(&step, &mut packing).map_err(|e| WritingError::Refused(cannot_encode(&e)))?;
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
}

/// A run of changes of one sort.
enum Step {
    /// These of the updates, which differ in the same fields.
    Updates(Vec<usize>),
    /// These of the deletes.
    Deletes(std::ops::Range<usize>),
    /// These of the adds.
    Adds(std::ops::Range<usize>),
}

struct OutputPart<'a> {
    app: u64,
    changes: &'a Changes,
    schema: Option<&'a AppSchema>,
}

impl OutputPart<'_> {
    /// Updates first, by the fields that differ; then deletes and adds side by side, so that a replaced app is never
    /// seen empty.
    fn steps(&self) -> Vec<Step> {
        let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
        for (index, update) in self.changes.updates.iter().enumerate() {
            let codes: Vec<String> = self.changes.changed(update).into_iter().map(|(code, _)| code).collect();
            match groups.iter_mut().find(|(known, _)| *known == codes) {
                Some((_, members)) => members.push(index),
                None => groups.push((codes, vec![index])),
            }
        }
        let mut steps: Vec<Step> = Vec::new();
        for (_, members) in groups {
            steps.extend(members.chunks(TOGETHER).map(|c| Step::Updates(c.to_vec())));
        }
        let (deletes, adds) = (self.changes.deletes.len(), self.changes.adds.len());
        let mut at = 0;
        while at < deletes.max(adds) {
            if at < deletes {
                steps.push(Step::Deletes(at..deletes.min(at + TOGETHER)));
            }
            if at < adds {
                steps.push(Step::Adds(at..adds.min(at + TOGETHER)));
            }
            at += TOGETHER;
        }
        steps
    }

    fn pack(&self, step: &Step, packing: &mut Packing) -> Result<(), EncodeError> {
        match step {
            Step::Updates(members) => {
                for index in members {
                    let update = &self.changes.updates[*index];
                    let (target, values) = self.split(self.changes.changed(update))?;
                    let change = Change::Update { id: update.id, revision: Some(update.revision), values: &values };
                    packing.push(&target, change)?;
                }
            }
            Step::Deletes(range) => {
                let target = Target { app: self.app, fields: Vec::new() };
                for delete in &self.changes.deletes[range.clone()] {
                    packing.push(&target, Change::Delete { id: delete.id, revision: Some(delete.revision) })?;
                }
            }
            Step::Adds(range) => {
                for row in &self.changes.adds[range.clone()] {
                    let (target, values) = self.split(self.changes.record(*row))?;
                    packing.push(&target, Change::Insert { values: &values })?;
                }
            }
        }
        Ok(())
    }

    fn split(&self, record: Vec<(String, Value)>) -> Result<(Target, Vec<Value>), EncodeError> {
        let (mut fields, mut values) = (Vec::with_capacity(record.len()), Vec::with_capacity(record.len()));
        for (code, value) in record {
            let known = self.schema.and_then(|s| s.field(&code)).cloned();
            fields.push(known.ok_or_else(|| EncodeError { field: code, reason: "not a field of the app".into() })?);
            values.push(value);
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
        lines.push(line);
        lines.extend(c.counts.iter().map(|count| format!("  {}", counted(count))));
    }
    for step in &computed.steps {
        lines.extend(step.counts.iter().map(|count| format!("{}: {}", step.step, counted(count))));
    }
    lines.join("\n")
}

fn counted(count: &engine::Count) -> String {
    format!("{}: {} × {}", count.field, count.reason.japanese(), count.count)
}
