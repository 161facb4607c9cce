//! One flow: check, read, compute, compare. What comes out is what would be written; `writing` writes it.
//!
//! Also behind `suiro flow run`, so that a dry run shows exactly what a run does.

mod caps;
mod computed;
mod error;
mod present;
mod refused;
mod sources;

use std::collections::BTreeMap;

use connect::kintone::{Calls, Kintone, KintoneError, ReadField};
use engine::{Changes, Counts, RunContext, StepReport, Table, TableBuilder, Target};
use flow::check::UpTo;
use flow::document::Document;
use flow::formula::Parameters;
use flow::plan::{Column, Method, NodeId, Op, Plan, RUN_PARAMETER, Write};
use jiff::tz::TimeZone;
use model::caps::RecordCaps;
use model::catalogue;
use model::field::AppSchema;
use model::value::Value;

use crate::files::{At, FileOutput, Files};
pub use computed::{Computed, LookedAt, OutputChanges};
pub use error::FlowError;
pub(crate) use error::not_permitted;
pub use present::KEYS_READ;
use sources::{Revisions, Sources};

/// The apps' fields, read once per run.
#[derive(Clone, Debug, Default)]
pub struct Schemas(BTreeMap<u64, AppSchema>);

impl Schemas {
    /// Reads those that are not known yet.
    pub async fn read(&mut self, kintone: &Kintone, apps: impl IntoIterator<Item = u64>) -> Result<(), KintoneError> {
        for app in apps {
            let std::collections::btree_map::Entry::Vacant(place) = self.0.entry(app) else { continue };
            let read = kintone.schema(app).await?;
            if read.precision_assumed {
                tracing::info!(app, "number settings not readable; kintone's defaults are assumed");
            }
            place.insert(read.schema);
        }
        Ok(())
    }

    /// All that were read.
    pub fn all(&self) -> impl Iterator<Item = &AppSchema> {
        self.0.values()
    }

    /// An app's fields.
    pub fn get(&self, app: u64) -> Option<&AppSchema> {
        self.0.get(&app)
    }
}

/// Checks a document against the apps that it names.
pub async fn plan(text: &str, kintone: &Kintone, schemas: &mut Schemas) -> Result<Plan, FlowError> {
    let document = Document::read(text).map_err(|p| FlowError::of_problems(&p))?;
    schemas.read(kintone, flow::check::apps(&document)).await?;
    flow::check::check(&document, &|app| schemas.get(app)).map_err(|p| FlowError::of_problems(&p))
}

/// What a flow runs with.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The client; it counts the flow's calls.
    pub kintone: &'a Kintone,
    /// The apps' fields.
    pub schemas: &'a Schemas,
    /// Unix seconds, fixed per run.
    pub now: i64,
    /// Files, where the flow may read and write some.
    pub files: Option<&'a Files>,
    /// Records that the flow may read and write.
    pub caps: RecordCaps,
}

impl Run<'_> {
    /// Reads, computes, and compares with what the output apps hold. Writes nothing.
    pub async fn compute(&self, plan: &Plan, sets: &[Parameters]) -> Result<Computed, FlowError> {
        let bound = flow::bind::bind(plan, sets).map_err(|p| FlowError::of_problems(&[*p]))?;
        let zone = zone(plan)?;
        let Sources { tables, rows: input_records, counted, revisions } = self.read_sources(&bound, &zone).await?;
        let mut parameters = bound.parameters.clone();
        parameters.insert(RUN_PARAMETER, Value::text(self.files.map_or("", |files| &files.run)));
        let context =
            RunContext { now: self.now, zone: &zone, parameters: &parameters, limits: engine::Limits::default() };
        let mut result = engine::run(&bound.plan, tables, &context)?;
        counted.into_iter().for_each(|(node, counts)| count(&mut result.steps, node, counts));
        caps::check_expanded(self.caps, input_records, &result.steps)?;
        let (mut outputs, mut files, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        for output in result.outputs {
            let node = &bound.plan.nodes[output.node];
            if let Op::WriteFile(write) = &node.op {
                let at = At { step: &node.step, now: self.now, zone: &zone, strict: plan.strict };
                let store = self.store(&node.step)?;
                let (file, counts) = store.make(&output.table, write, at).await?;
                store.check_append(&file, at).await?;
                files.push(file);
                count(&mut result.steps, output.node, counts);
            }
            if let Op::Call(call) = &node.op {
                calls.extend(engine::called(&node.step, call, &output.table, &zone));
            }
            let Op::Write(write) = &node.op else { continue };
            let schema = self.schemas.get(write.app).ok_or_else(|| unknown_app(write.app))?;
            let target = Target { step: &node.step, write, schema, zone: &zone, strict: plan.strict };
            let present = self.read_present(&output.table, &target).await?;
            let mut changes = engine::diff(&output.table, &target, &present)?;
            computed_from(&mut changes, write.app, &revisions);
            let adds_by_key = !matches!(write.method, Method::Append) && !changes.adds.is_empty();
            let key = if let Method::Update { key, .. } = &write.method { key.clone() } else { Vec::new() };
            outputs.push(OutputChanges { step: node.step.clone(), app: write.app, changes, key, adds_by_key });
        }
        let computed = Computed { input_records, steps: result.steps, outputs, files, calls, stopped: result.stopped };
        caps::check_written(self.caps, &computed)?;
        Ok(computed)
    }

    /// The files that a flow makes, without their rows: where they go and how they are laid out.
    pub(crate) async fn blank_files(&self, plan: &Plan, sets: &[Parameters]) -> Result<Vec<FileOutput>, FlowError> {
        let bound = flow::bind::bind(plan, sets).map_err(|p| FlowError::of_problems(&[*p]))?;
        let zone = zone(plan)?;
        let mut files = Vec::new();
        for node in &bound.plan.nodes {
            let Op::WriteFile(write) = &node.op else { continue };
            let at = At { step: &node.step, now: self.now, zone: &zone, strict: plan.strict };
            files.push(self.store(&node.step)?.make(&Table::empty(&node.columns), write, at).await?.0);
        }
        Ok(files)
    }

    /// The rows of one step. Reads only what the step needs; writes nothing.
    pub async fn rows_of(&self, upto: &UpTo, sets: &[Parameters]) -> Result<LookedAt, FlowError> {
        let bound = flow::bind::bind(&upto.plan, sets).map_err(|p| FlowError::of_problems(&[*p]))?;
        let zone = zone(&upto.plan)?;
        let Sources { tables, rows: input_records, counted, .. } = self.read_sources(&bound, &zone).await?;
        let context =
            RunContext { now: self.now, zone: &zone, parameters: &bound.parameters, limits: engine::Limits::default() };
        let (table, mut result) = engine::look_at(&bound.plan, tables, upto.node, &context)?;
        counted.into_iter().for_each(|(node, counts)| count(&mut result.steps, node, counts));
        caps::check_expanded(self.caps, input_records, &result.steps)?;
        Ok(LookedAt { table, input_records, steps: result.steps, stopped: result.stopped })
    }
}

/// What was read before the records were compared is what was computed from: where somebody has changed such a record in
/// between, kintone shall refuse it.
fn computed_from(changes: &mut Changes, app: u64, revisions: &Revisions) {
    for update in &mut changes.updates {
        update.revision = revisions.get(&(app, update.id)).copied().unwrap_or(update.revision);
    }
    for delete in &mut changes.deletes {
        delete.revision = revisions.get(&(app, delete.id)).copied().unwrap_or(delete.revision);
    }
}

/// Puts what was counted outside the engine beside what a step did in it.
fn count(steps: &mut [StepReport], node: NodeId, counts: Counts) {
    if let Some(step) = steps.iter_mut().find(|s| s.node == node) {
        step.counts = counts;
    }
}

pub(crate) fn read_field(schema: &AppSchema, code: &str, column: &Column) -> ReadField {
    let known = schema.field(code).and_then(ReadField::of);
    known.unwrap_or_else(|| ReadField::new(code, column.kind))
}

pub(crate) fn concat(sinks: Vec<TableBuilder>) -> Result<Table, FlowError> {
    let tables = sinks.into_iter().map(TableBuilder::finish).collect::<Result<Vec<_>, _>>()?;
    Ok(Table::concat(tables)?)
}

fn zone(plan: &Plan) -> Result<TimeZone, FlowError> {
    TimeZone::get(&plan.zone).map_err(|e| FlowError::new(catalogue::FLOW_INVALID, e.to_string(), e.to_string()))
}

pub(crate) fn unknown_app(app: u64) -> FlowError {
    FlowError::new(
        catalogue::NOT_PERMITTED,
        format!("アプリ{app}が見つかりません。"),
        format!("App {app} is not known."),
    )
}

/// The write of an output step.
pub(crate) fn writes(plan: &Plan) -> impl Iterator<Item = &Write> {
    plan.nodes.iter().filter_map(|n| if let Op::Write(write) = &n.op { Some(write) } else { None })
}

/// The apps that a plan writes to, and reads from.
pub fn apps(plan: &Plan) -> (Vec<u64>, Vec<u64>) {
    let reads = plan.nodes.iter().filter_map(|n| if let Op::Read(read) = &n.op { Some(read.app) } else { None });
    (reads.collect(), writes(plan).map(|w| w.app).collect())
}

/// A client like this one that counts its calls apart.
pub fn counting(kintone: &Kintone) -> (Kintone, Calls) {
    let calls = Calls::new();
    (kintone.counting(calls.clone()), calls)
}
