//! Runs a plan: node by node, each result dropped when its last consumer is done.

use std::collections::BTreeSet;
use std::rc::Rc;

use flow::formula::{Context, Parameters};
use flow::plan::{Node, NodeId, Op, Plan};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::error::EngineError;
use crate::op::select::{named, select};
use crate::op::{
    append::append, check::check, check::pass, check::stops, check::violations, compute::compute, distinct::distinct,
    expand::expand, fill::fill, filter::filter, for_each::for_each, group::group, join::join, lookup::lookup,
    nest::nest, pivot::pivot, retype::retype, series::series, sort::sort, unpivot::unpivot, window::window,
};
use crate::report::Counts;
use crate::table::Table;

/// What bounds a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most rows that a step may yield that can yield more than it takes: joins, expanded tables, groups with steps of their own.
    pub join_rows: u64,
}

impl Default for Limits {
    /// A million rows of thirty columns take about 1.4 GB at the peak (measured: 45 bytes per cell): the largest worker's size.
    fn default() -> Self {
        Self { join_rows: 1_000_000 }
    }
}

/// What a run sees besides its rows.
#[derive(Clone, Copy, Debug)]
pub struct RunContext<'a> {
    /// Unix seconds, fixed when the run starts.
    pub now: i64,
    /// The flow's time zone.
    pub zone: &'a TimeZone,
    /// Parameters of the run.
    pub parameters: &'a Parameters,
    /// Bounds.
    pub limits: Limits,
}

/// Rows for a write node.
#[derive(Clone, Debug)]
pub struct Output {
    /// The write node.
    pub node: NodeId,
    /// Its input.
    pub table: Table,
}

/// What one node did.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// The node.
    pub node: NodeId,
    /// The step that it comes from.
    pub step: String,
    /// That step's command.
    pub command: &'static str,
    /// Rows of each input.
    pub rows_in: Vec<usize>,
    /// Rows of the result; of a write: rows to write.
    pub rows_out: usize,
    /// Rows that expanding tables made beyond the records that it was given, in this step or in a step inside it.
    pub expanded: u64,
    /// What was changed or dropped.
    pub counts: Counts,
}

/// What a run yields.
#[derive(Clone, Debug, Default)]
pub struct RunResult {
    /// Rows to write, in the order of the write nodes.
    pub outputs: Vec<Output>,
    /// One report per node, in the order of the nodes.
    pub steps: Vec<StepReport>,
    /// The data check that stopped the flow; the outputs are then those of errors.
    pub stopped: Option<Stopped>,
}

/// A data check that stopped the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stopped {
    /// The check's step.
    pub step: String,
    /// How many rows, and numbers of rows, are wrong.
    pub errors: u64,
}

fn is_of_errors(plan: &Plan, node: NodeId) -> bool {
    matches!(plan.nodes.get(node).map(|n| &n.op), Some(Op::Write(write)) if write.errors_of.is_some())
}

/// Runs the plan over one table per read node, in node order. Pure: nothing is read or written.
pub fn run(plan: &Plan, sources: Vec<Table>, context: &RunContext<'_>) -> Result<RunResult, EngineError> {
    Execution::new(plan, sources, context, plan.nodes.len()).finish()
}

/// Runs the plan as far as one node and yields that node's rows: previews, and the examples of commands.
pub fn run_to(plan: &Plan, sources: Vec<Table>, node: NodeId, context: &RunContext<'_>) -> Result<Table, EngineError> {
    look_at(plan, sources, node, context).map(|(table, _)| table)
}

/// [`run_to`], with what the steps before it did. A data check that would stop the flow does not, but is named.
pub fn look_at(
    plan: &Plan,
    sources: Vec<Table>,
    node: NodeId,
    context: &RunContext<'_>,
) -> Result<(Table, RunResult), EngineError> {
    let mut execution = Execution::new(plan, sources, context, node + 1);
    execution.preview = true;
    if let Some(consumers) = execution.consumers.get_mut(node) {
        *consumers += 1;
    }
    while execution.next < execution.end {
        execution.step()?;
    }
    let table = execution.results.get_mut(node).and_then(Option::take);
    Ok((table.ok_or_else(|| EngineError::plan(format!("no node {node}")))?, execution.result))
}

/// Runs an inner plan over what the node around it hands in; its last node's rows, and what its nodes did.
pub(crate) fn run_group(
    plan: &Plan,
    given: Vec<Table>,
    context: &RunContext<'_>,
    holidays: &Rc<BTreeSet<i32>>,
) -> Result<(Table, Vec<StepReport>), EngineError> {
    let last = plan.nodes.len().checked_sub(1).ok_or_else(|| EngineError::plan("an inner plan without nodes"))?;
    let mut execution =
        Execution { given, holidays: holidays.clone(), ..Execution::new(plan, Vec::new(), context, plan.nodes.len()) };
    execution.consumers[last] += 1;
    while execution.next < execution.end {
        execution.step()?;
    }
    let table = execution.results[last].take().ok_or_else(|| EngineError::plan("an inner plan without a result"))?;
    Ok((table, execution.result.steps))
}

struct Execution<'a> {
    plan: &'a Plan,
    sources: std::vec::IntoIter<Table>,
    /// What the node around this plan hands in, where it is an inner one.
    given: Vec<Table>,
    context: &'a RunContext<'a>,
    /// The flow's days off: those of its document, and, once that node has run, those that it read.
    holidays: Rc<BTreeSet<i32>>,
    /// How many consumers of each node are still to come.
    consumers: Vec<usize>,
    results: Vec<Option<Table>>,
    result: RunResult,
    /// How many errors the check at hand found, where they stop the flow.
    stop: Option<u64>,
    /// Rows are looked at: no check stops them.
    preview: bool,
    /// [`StepReport::expanded`] of the node at hand.
    expanded: u64,
    next: NodeId,
    end: NodeId,
}

impl<'a> Execution<'a> {
    fn new(plan: &'a Plan, sources: Vec<Table>, context: &'a RunContext<'a>, end: NodeId) -> Self {
        let end = end.min(plan.nodes.len());
        let mut consumers = vec![0; plan.nodes.len()];
        for input in plan.nodes.iter().take(end).flat_map(|n| &n.inputs) {
            if let Some(count) = consumers.get_mut(*input) {
                *count += 1;
            }
        }
        let results = vec![None; plan.nodes.len()];
        Self {
            plan,
            sources: sources.into_iter(),
            given: Vec::new(),
            context,
            holidays: Rc::new(plan.holidays.days.iter().copied().collect()),
            consumers,
            results,
            result: RunResult::default(),
            stop: None,
            preview: false,
            expanded: 0,
            next: 0,
            end,
        }
    }

    fn finish(mut self) -> Result<RunResult, EngineError> {
        while self.next < self.end {
            self.step()?;
        }
        if self.sources.next().is_some() {
            return Err(EngineError::plan("more tables than read nodes"));
        }
        Ok(self.result)
    }

    /// Runs the next node.
    fn step(&mut self) -> Result<(), EngineError> {
        let (id, plan) = (self.next, self.plan);
        let node = &plan.nodes[id];
        let inputs = node.inputs.iter().map(|input| self.take(*input)).collect::<Result<Vec<_>, _>>();
        let inputs = inputs.map_err(|e| e.in_step(&node.step))?;
        let rows_in = inputs.iter().map(Table::rows).collect();
        let mut counts = Counts::default();
        let table = self.compute(node, inputs, &mut counts).map_err(|e| e.in_step(&node.step))?;
        if plan.holidays.node == Some(id) {
            let dates = table.columns().first().ok_or_else(|| EngineError::plan("holidays without a column"))?;
            Rc::make_mut(&mut self.holidays).extend((0..dates.len()).filter_map(|row| dates.date(row)));
        }
        self.result.steps.push(StepReport {
            node: id,
            step: node.step.clone(),
            command: node.command,
            rows_in,
            rows_out: table.rows(),
            expanded: std::mem::take(&mut self.expanded),
            counts,
        });
        let stopped = self.stop.take().map(|errors| Stopped { step: node.step.clone(), errors });
        if stopped.is_some() && self.preview {
            self.result.stopped = self.result.stopped.take().or(stopped);
        } else if stopped.is_some() {
            // What was found wrong is written; nothing else is.
            self.result.stopped = stopped;
            self.result.outputs.retain(|output| is_of_errors(plan, output.node));
            self.end = id + 1;
            self.sources = Vec::new().into_iter();
        }
        if matches!(node.op, Op::Write(_) | Op::WriteFile(_) | Op::Call(_)) {
            self.result.outputs.push(Output { node: id, table: table.clone() });
        }
        if self.consumers[id] > 0 {
            self.results[id] = Some(table);
        }
        self.next += 1;
        Ok(())
    }

    /// The result of a node, for one consumer; the last one takes it away.
    fn take(&mut self, node: NodeId) -> Result<Table, EngineError> {
        let missing = || EngineError::plan(format!("node {node} has no result"));
        let left = self.consumers.get_mut(node).ok_or_else(missing)?;
        *left = left.saturating_sub(1);
        if *left == 0 { self.results[node].take() } else { self.results[node].clone() }.ok_or_else(missing)
    }

    fn compute(&mut self, node: &Node, inputs: Vec<Table>, counts: &mut Counts) -> Result<Table, EngineError> {
        let RunContext { now, zone, parameters, limits } = *self.context;
        let context = Context::new(now, zone, parameters).with_holidays(&self.holidays);
        let shape = &node.columns;
        let mut inputs = inputs.into_iter();
        let mut input = || inputs.next().ok_or_else(|| EngineError::plan("an input is missing"));
        match &node.op {
            Op::Read(_) | Op::ReadFile(_) | Op::Members(_) => {
                let source = self.sources.next().ok_or_else(|| EngineError::plan("no table for this read node"))?;
                named(source, shape)
            }
            Op::Filter(predicate) => filter(&input()?, predicate, &context, self.plan.strict, counts),
            Op::Join(spec) => join(&input()?, &input()?, spec, shape, limits.join_rows),
            Op::Group(spec) => group(&input()?, spec, shape, zone),
            Op::Pivot(spec) => pivot(&input()?, spec, shape, zone, limits.join_rows, self.plan.strict, counts),
            Op::Unpivot(spec) => unpivot(&input()?, spec, shape, limits.join_rows),
            Op::Distinct(spec) => distinct(&input()?, spec),
            Op::Fill(spec) => fill(&input()?, spec),
            Op::Append(spec) => append(&inputs.collect::<Vec<_>>(), spec, shape),
            Op::Series(spec) => series(spec, shape, &context),
            Op::Compute(assigns) => compute(&input()?, assigns, shape, &context, counts),
            Op::Select(indices) => select(&input()?, indices, shape),
            Op::Expand(spec) => {
                let records = input()?;
                let rows = expand(&records, spec, shape, limits.join_rows)?;
                self.expanded = rows.rows().saturating_sub(records.rows()) as u64;
                Ok(rows)
            }
            Op::Nest(spec) => nest(&input()?, spec, shape),
            Op::Retype(retypes) => retype(&input()?, retypes, shape, zone, self.plan.strict, counts),
            Op::Lookup(spec) => lookup(&input()?, &input()?, spec, shape, zone, counts),
            Op::ForEach(spec) => {
                let done = for_each(inputs.collect(), spec, shape, self.context, &self.holidays, counts);
                let (rows, expanded) = done.map_err(|e| e.inside(&node.step))?;
                self.expanded = expanded;
                Ok(rows)
            }
            Op::Given(given) => {
                let table = self.given.get(given.input).ok_or_else(|| EngineError::plan("no rows were given"))?;
                select(table, &given.columns, shape)
            }
            Op::Sort(spec) => sort(&input()?, spec),
            Op::Window(spec) => window(&input()?, spec, shape, self.plan.strict, counts),
            Op::Check(spec) => check(&inputs.collect::<Vec<_>>(), spec, shape, &context, counts),
            Op::Violations(spec) => named(violations(&input()?, spec, &node.step, &context)?, shape),
            Op::Pass(spec) => {
                let rows = input()?;
                self.stop = stops(&rows, spec)?;
                pass(&rows, spec, shape)
            }
            Op::Write(_) | Op::WriteFile(_) | Op::Call(_) => input(),
        }
    }
}
