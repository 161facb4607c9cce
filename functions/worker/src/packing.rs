//! Packing what a flow computed into bulks: grouped by the fields that differ, deletes and adds side by side, attached files
//! copied. Nothing is written by it.

use connect::kintone::{Bulk, BulkBuilder, Change, Class, EncodeError, Kintone, KintoneError, Target};
use engine::{Batch, Changes, Put, Record};
use model::catalogue;
use model::field::AppSchema;
use model::value::Value;

use crate::attachments::copy;
use crate::flow_run::{FlowError, OutputChanges, Schemas, not_permitted};
use crate::refused::Label;

/// What a flow writes, in the order in which it is sent.
#[derive(Debug)]
pub struct Bulks {
    /// All outputs together.
    pub bulks: Vec<Bulk>,
    /// Which of the writes are whose.
    pub labels: Vec<Label>,
}

/// The bulks of all outputs of a flow.
pub async fn pack(
    kintone: &Kintone,
    fenced: bool,
    outputs: &[OutputChanges],
    schemas: &Schemas,
) -> Result<Bulks, FlowError> {
    let mut packing = Packing { builder: kintone.bulk_builder(fenced), full: Vec::new(), pushed: 0 };
    let mut labels = Vec::new();
    for output in outputs {
        let part = OutputPart { app: output.app, changes: &output.changes, schema: schemas.get(output.app) };
        let batches = part.changes.sequence();
        for (at, batch) in batches.iter().enumerate() {
            packing.keep_together(&batches[at..], batches[..at].last());
            let writes = part.writes(batch, kintone).await.map_err(|e| not_copied(&e))?;
            part.pack(&writes, &mut packing).map_err(|e| cannot_encode(&e))?;
        }
        let start = labels.last().map_or(0, |label: &Label| label.positions.end);
        let key = if output.key.is_empty() { part.unique() } else { output.key.clone() };
        labels.push(Label { positions: start..packing.pushed, step: output.step.clone(), key });
    }
    packing.full.extend(packing.builder.cut());
    Ok(Bulks { bulks: packing.full, labels })
}

/// A file that cannot be copied ends the flow before it writes.
fn not_copied(error: &KintoneError) -> FlowError {
    let code = match error.class {
        Class::Permission => not_permitted(error),
        class if class.is_temporary() => catalogue::KINTONE_UNAVAILABLE,
        _ => catalogue::WRITE_REFUSED,
    };
    FlowError::new(
        code,
        format!("{error}。まだ何も書き込んでいません。"),
        format!("{error}. Nothing of the flow was written."),
    )
}

fn cannot_encode(error: &EncodeError) -> FlowError {
    FlowError::new(catalogue::WRITE_REFUSED, error.to_string(), error.to_string())
}

struct Packing {
    builder: BulkBuilder,
    full: Vec<Bulk>,
    /// How many writes were given to the builder.
    pushed: usize,
}

impl Packing {
    fn push(&mut self, target: &Target, change: Change<'_>) -> Result<(), EncodeError> {
        self.full.extend(self.builder.push(target, change)?);
        self.pushed += 1;
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
    /// The fields by which people tell the app's records apart.
    fn unique(&self) -> Vec<String> {
        let fields = self.schema.map_or(&[][..], |schema| &schema.fields);
        fields.iter().filter(|field| field.unique).map(|field| field.code.clone()).collect()
    }

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
