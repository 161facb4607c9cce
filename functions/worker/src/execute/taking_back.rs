//! Keeping what is needed to take a run back, and taking back.

use std::collections::{BTreeSet, HashMap};

use connect::kintone::{Committed, Kintone, ReadRequest};
use connect::storage::StorageError;
use engine::{Record, Table, TableBuilder};
use flow::plan::Column;
use model::catalogue;
use model::field::{Field, FieldType, Kind};
use model::limits::UNDO_RUNS;
use model::run::{FlowResult, FlowState};
use model::value::Value;

use super::one_flow::{At, COMPUTATIONS, stopped_writing};
use super::packed::Packed;
use super::tasks::Taking;
use super::{Stop, Work};
use crate::flow_run::{Computed, FlowError, OutputChanges, concat, read_field};
use crate::log::LogRecord;
use crate::undo::OfFlow;
use crate::undo::finding::find;
use crate::undo::images::{self, Head, Image};
use crate::undo::left::{Restored, Telling};
use crate::undo::restoring::Restoring;
use crate::undo::standing::{Standing, Wrote};
use crate::writing::{WritingError, summary};

impl Work<'_> {
    pub(super) fn of_flow(&self, flow: usize) -> OfFlow<'_> {
        OfFlow { store: &self.files.store, run: &self.files.run, flow }
    }

    /// Keeps what the records hold, where the unit asks for it, before any of it is written.
    pub(super) async fn keep_images(
        &self,
        at: &At<'_>,
        computed: &Computed,
        packed: &mut Packed,
    ) -> Result<(), WritingError> {
        if !self.ticket.unit.undo.keeps() || computed.in_apps() + computed.in_files() == 0 {
            return Ok(());
        }
        let full = self.deleted_records(at.kintone, &computed.outputs).await?;
        let images = images::of(&computed.outputs, &full);
        let name = packed.name(self.ticket.run.attempt);
        let of_flow = self.of_flow(at.index);
        of_flow.keep(&name, Head::of(computed), &images).await.map_err(not_kept)?;
        if packed.staged.bulks.is_empty() {
            // Of a flow that writes files alone it is known that nothing can be taken back.
            let nothing = Committed { records: Vec::new(), count: 0, fence_revision: None };
            of_flow.note(&name, 0, 0, &nothing).await.map_err(not_kept)?;
        }
        packed.images = Some(name);
        Ok(())
    }

    /// Runs that are far behind are not taken back any more. A run that wrote nothing forgets them, too.
    pub(super) async fn forget_old_images(&self) {
        let seq = self.ticket.run.id.seq.saturating_sub(UNDO_RUNS - 1);
        if !self.ticket.unit.undo.keeps() || seq <= 1 {
            return;
        }
        if let Err(error) = self.files.store.forget_undo_below(seq).await {
            tracing::warn!(run = %self.ticket.run.id, %error, "what was kept to take old runs back is left over");
        }
    }

    /// All fields of the records that are deleted, as far as they can be written again.
    async fn deleted_records(
        &self,
        kintone: &Kintone,
        outputs: &[OutputChanges],
    ) -> Result<HashMap<(u64, u64), Record>, WritingError> {
        let mut full = HashMap::new();
        for output in outputs.iter().filter(|output| !output.changes.deletes.is_empty()) {
            let Some(schema) = self.schemas.get(output.app) else { continue };
            let own = ["$id", "$revision"].map(|name| Column::new(name, Kind::Number));
            // The status is told, where it cannot be given back.
            let kept = |field: &&Field| field.writable() || field.field_type == FieldType::Status;
            let fields: Vec<_> = schema.fields.iter().filter(kept).collect();
            let columns: Vec<Column> =
                own.into_iter().chain(fields.iter().filter_map(|f| Column::of_field(f))).collect();
            let read_fields = columns.iter().map(|column| read_field(schema, &column.name, column)).collect();
            let request = ReadRequest { app: output.app, fields: read_fields, condition: None };
            let ids: Vec<String> = output.changes.deletes.iter().map(|delete| delete.id.to_string()).collect();
            let read = kintone.read_by_keys(&request, "$id", &ids, || TableBuilder::new(&columns)).await;
            let refused = |error: FlowError| WritingError::Refused(error);
            let table: Table = concat(read.map_err(|e| refused(e.into()))?.sinks).map_err(refused)?;
            let mut revisions = HashMap::new();
            for row in table.to_rows() {
                let mut row = row.into_iter();
                let (Some(id), Some(revision)) = (natural(row.next()), natural(row.next())) else { continue };
                revisions.insert(id, revision);
                let record = fields.iter().map(|field| field.code.clone()).zip(row).collect();
                full.insert((output.app, id), record);
            }
            // What was changed since it was compared is compared anew.
            let stale = output.changes.deletes.iter().find(|d| revisions.get(&d.id) != Some(&d.revision));
            if let Some(delete) = stale {
                let text = format!("アプリ / app {}, #{}", output.app, delete.id);
                return Err(WritingError::Conflict(FlowError::new(catalogue::CONFLICT, text.clone(), text)));
            }
        }
        Ok(full)
    }

    /// Notes the bulks of a worker before this one that took effect, where it has not: the journal tells of them.
    pub(super) async fn note_missing(&mut self, kintone: &Kintone, log: &LogRecord) -> Result<(), Stop> {
        let Some(mark) = &log.mark else { return Ok(()) };
        let Some(computation) = &mark.images else { return Ok(()) };
        let noted = self.of_flow(mark.flow).note_missing(computation, mark.chunk, mark.writes).await;
        noted.map_err(|error| Stop::Later(None, error.to_string()))?;
        self.find_lost(kintone, mark.flow, Wrote::Noted).await.map_err(|why| Stop::Later(None, why))
    }

    /// Finds the ids of added records as [`Work::find_added`] does. It is an error, with its reason, only where it is worth
    /// another try: what was written was written, and who may not read the records now may when they are taken back.
    pub(super) async fn find_lost(&mut self, kintone: &Kintone, flow: usize, wrote: Wrote) -> Result<(), String> {
        let Err(error) = self.find_added(kintone, flow, wrote).await else { return Ok(()) };
        tracing::warn!(run = %self.ticket.run.id, ?error, "the ids of added records are not found");
        match error {
            WritingError::Later(_, why) => Err(why),
            WritingError::Refused(error) if error.code == catalogue::KINTONE_UNAVAILABLE => Err(error.message()),
            _ => Ok(()),
        }
    }

    /// Finds the ids of added records where the answer that named them was lost: at once, while nobody has changed them.
    /// `wrote` is what the flow has written so far.
    async fn find_added(&mut self, kintone: &Kintone, flow: usize, wrote: Wrote) -> Result<(), WritingError> {
        let later = |error: StorageError| WritingError::Later(None, error.to_string());
        let Some(took) = self.of_flow(flow).took(wrote).await.map_err(later)? else { return Ok(()) };
        let unknown = |(image, id): &&(Image, Option<u64>)| matches!(image, Image::Add { .. }) && id.is_none();
        let apps: BTreeSet<u64> = took.images.iter().filter(unknown).map(|(image, _)| image.app()).collect();
        if apps.is_empty() {
            return Ok(());
        }
        let refused = |error: FlowError| WritingError::Refused(error);
        self.schemas.read(kintone, apps.iter().copied()).await.map_err(|e| refused(e.into()))?;
        let run = &self.ticket.run;
        let since = run.started_at.unwrap_or(run.queued_at);
        let mut ids: Vec<u64> = took.images.iter().map(|(_, id)| id.unwrap_or(0)).collect();
        let known: BTreeSet<u64> = ids.iter().copied().collect();
        for app in apps {
            let Some(schema) = self.schemas.get(app) else { continue };
            let places = took.images.iter().enumerate().filter(|(_, entry)| unknown(entry));
            let added: Vec<(usize, &Record)> = places
                .filter_map(|(at, (image, _))| match image {
                    Image::Add { app: of, record } if *of == app => Some((at, record)),
                    _ => None,
                })
                .collect();
            let records: Vec<&Record> = added.iter().map(|(_, record)| *record).collect();
            let found = find(kintone, schema, since, &records, &known).await.map_err(refused)?;
            for ((at, _), id) in added.iter().zip(found) {
                ids[*at] = id.unwrap_or(0);
            }
        }
        self.of_flow(flow).note_found(&took.computation, ids).await.map_err(later)
    }

    /// What a run did, by what was kept.
    async fn done_by(&self, taking: &Taking) -> Result<Standing, WritingError> {
        let run = taking.run.to_string();
        let mut standing = Standing::default();
        for (flow, wrote) in &taking.flows {
            let of_flow = OfFlow { store: &self.files.store, run: &run, flow: *flow };
            let took = of_flow.took(*wrote).await.map_err(|error| WritingError::Later(None, error.to_string()))?;
            let Some(took) = took else {
                let number = flow + 1;
                return Err(WritingError::Refused(FlowError::new(
                    catalogue::UNDO_REFUSED,
                    format!("{number}番目のフローは書き込みをしましたが、元に戻すための控えがありません。"),
                    format!("Flow {number} has written records, and nothing is kept to take them back."),
                )));
            };
            standing.follow(took);
        }
        Ok(standing)
    }

    /// Takes back what a run wrote and nobody has changed since.
    pub(super) async fn take_back(
        &mut self,
        at: &At<'_>,
        taking: &Taking,
        result: &mut FlowResult,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        let standing = self.done_by(taking).await?;
        if !taking.dry_run {
            self.stands = standing.len() as u64;
        }
        let apps = standing.records.keys().map(|(app, _)| *app).chain(standing.unknown.iter().map(|(app, _)| *app));
        let apps: Vec<u64> = apps.collect();
        let refused = |error: FlowError| WritingError::Refused(error);
        self.schemas.read(at.kintone, apps).await.map_err(|e| refused(e.into()))?;
        for computation in 1..=COMPUTATIONS {
            let restoring = Restoring { kintone: at.kintone, schemas: &self.schemas, since: taking.since };
            let mut restored = restoring.restored(&standing).await.map_err(refused)?;
            let computed = computed(&mut restored);
            result.input_records = restored.read;
            let counted = [summary(&computed), restored.notes.join("\n")];
            let counted = counted.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
            let telling = Telling { counted, left: restored.left, back: restored.back };
            result.message = telling.text();
            result.state = if telling.left.is_empty() { FlowState::Succeeded } else { FlowState::Failed };
            if taking.dry_run {
                return Ok(());
            }
            let telling = (&*result, Some(telling));
            let mut packed = match self.packed(at, computation, &computed, telling, log.is_some()).await {
                Err(WritingError::Conflict(_)) if computation < COMPUTATIONS => continue,
                packed => packed?,
            };
            self.reserve(at.kintone, at.index, &mut packed, log).await?;
            match self.send_back(at, packed, computation == COMPUTATIONS, result, log).await {
                Err(WritingError::Conflict(_)) => self.release().await.map_err(stopped_writing)?,
                outcome => return outcome,
            }
        }
        Ok(())
    }
}

/// What is taken back, as a flow that writes.
fn computed(restored: &mut Restored) -> Computed {
    Computed {
        input_records: restored.read,
        steps: Vec::new(),
        outputs: std::mem::take(&mut restored.outputs),
        files: Vec::new(),
        calls: Vec::new(),
        stopped: None,
    }
}

fn natural(value: Option<Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => u64::try_from(number.to_i64()?).ok(),
        _ => None,
    }
}

fn not_kept(error: StorageError) -> WritingError {
    let text = error.to_string();
    WritingError::Refused(FlowError::new(catalogue::FILE_FAILED, text.clone(), text))
}
