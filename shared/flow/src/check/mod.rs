//! From a document to a plan: every problem at once, each with its step, its place and its remedy.

mod from;
mod graph;
mod holidays;
mod inner;
mod step;
mod upto;

pub(crate) use inner::Inner;
pub use step::StepCheck;
pub(crate) use step::{Schemas, formula_shape, is_blind};
pub use upto::{UpTo, up_to};

use std::collections::{BTreeMap, BTreeSet};

use model::field::AppSchema;

use crate::commands::Definition;
use crate::document::{Document, Step};
use crate::plan::{FileMode, Method, Node, NodeId, Op, Plan, Write, WriteFile};
use crate::problem::Problem;

/// A sound flow: its plan, and what may surprise about it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plan, pruned and with conditions pushed into its reads.
    pub plan: Plan,
    /// What is no mistake but worth knowing: tables dropped by a join, a required field that is not written.
    pub notes: Vec<Problem>,
}

/// Checks a document against the apps' fields and makes its plan. All problems come at once.
pub fn check<'a>(document: &Document, schemas: &dyn Fn(u64) -> Option<&'a AppSchema>) -> Result<Plan, Vec<Problem>> {
    checked(document, schemas).map(|c| c.plan)
}

/// [`check`], with the notes.
pub fn checked<'a>(
    document: &Document,
    schemas: &dyn Fn(u64) -> Option<&'a AppSchema>,
) -> Result<Checked, Vec<Problem>> {
    let Lowered { mut plan, known, notes, mut problems, .. } = lower(document, schemas);
    if !problems.is_empty() {
        sort(&mut problems);
        return Err(problems);
    }
    crate::pushdown::push_down(&mut plan, &known);
    crate::prune::prune(&mut plan);
    Ok(Checked { plan, notes })
}

/// A document with its steps lowered as far as they are sound; nothing pushed down or pruned yet.
struct Lowered<'a> {
    plan: Plan,
    known: Schemas<'a>,
    notes: Vec<Problem>,
    problems: Vec<Problem>,
    /// The node of each step, where it and all before it are sound.
    of_step: Vec<Option<NodeId>>,
    /// The nodes of branches, as `step/branch`.
    of_branch: BTreeMap<String, NodeId>,
}

fn lower<'a>(document: &Document, schemas: &dyn Fn(u64) -> Option<&'a AppSchema>) -> Lowered<'a> {
    let Structure { graph, mut problems, sound, blind } = structure(document);
    let known: Schemas<'a> = apps(document).into_iter().filter_map(|app| Some((app, schemas(app)?))).collect();
    let mut notes = Vec::new();
    let mut nodes = Vec::new();
    let holidays = holidays::lower(document, &known, &mut nodes, &mut problems);
    let mut made: Vec<Option<Made>> = vec![None; document.steps.len()];
    let mut of_branch: BTreeMap<String, NodeId> = BTreeMap::new();
    let mut lowered = vec![false; document.steps.len()];
    for &i in &graph.order {
        let (Some(definition), Some(from)) = (graph.commands[i], &graph.sources[i]) else { continue };
        // A step behind a broken one whose columns nobody knows is not checked: its problems would be consequences.
        let node_of = |source: &from::Source| match &source.branch {
            Some(_) => of_branch.get(&source.text).map(|node| Made { node: *node, sound: true }),
            None => source.step.and_then(|step| made[step]),
        };
        let inputs: Option<Vec<Made>> = from.iter().map(node_of).collect();
        let Some(inputs) = inputs.filter(|inputs| definition.inputs.contains(&inputs.len())) else { continue };
        let behind_sound = inputs.iter().all(|input| input.sound);
        let inputs: Vec<NodeId> = inputs.into_iter().map(|input| input.node).collect();
        if !sound[i] {
            made[i] = stand_in(&document.steps[i], definition, &inputs, &mut nodes);
            continue;
        }
        lowered[i] = true;
        let mut step = StepCheck {
            step: &document.steps[i],
            command: definition.name,
            inputs: inputs.clone(),
            nodes: &mut nodes,
            schemas: &known,
            problems: &mut problems,
            notes: &mut notes,
            branches: Vec::new(),
        };
        let node = (definition.lower)(&mut step);
        let branches = step.branches;
        made[i] = match node {
            Some(node) => Some(Made { node, sound: behind_sound }),
            None => stand_in(&document.steps[i], definition, &inputs, &mut nodes),
        };
        let name = &document.steps[i].name.value;
        of_branch.extend(
            branches.into_iter().filter(|_| behind_sound).map(|(branch, node)| (format!("{name}/{branch}"), node)),
        );
    }
    // With its columns known a step tells these itself.
    problems.extend(blind.into_iter().zip(lowered).filter(|(_, lowered)| !lowered).flat_map(|(own, _)| own));
    graph.unused_branches(document, &mut notes);
    one_output_per_app(document, &nodes, &mut problems);
    one_output_per_file(document, &nodes, &mut problems);
    let (name, zone, strict) = (document.name.clone(), document.zone.clone(), document.strict);
    for node in &mut nodes {
        if let Op::ForEach(each) = &mut node.op {
            each.plan.zone.clone_from(&zone);
            each.plan.strict = strict;
        }
    }
    let of_step = made.into_iter().map(|made| made.filter(|made| made.sound).map(|made| made.node)).collect();
    Lowered { plan: Plan { name, zone, strict, nodes, holidays }, known, notes, problems, of_step, of_branch }
}

/// The node of a step.
#[derive(Clone, Copy)]
struct Made {
    node: NodeId,
    /// Nothing is wrong with the step, nor with any before it.
    sound: bool,
}

/// For a broken step whose columns are those of its input all the same: a node for the steps behind it to be checked with.
/// The plan that it stands in is never run.
fn stand_in(step: &Step, definition: &Definition, inputs: &[NodeId], nodes: &mut Vec<Node>) -> Option<Made> {
    const KEEP: [&str; 5] = ["filter", "sort", "remove_duplicates", "fill_blanks", "data_check"];
    let input = *inputs.first().filter(|_| KEEP.contains(&definition.name))?;
    let columns = nodes.get(input)?.columns.clone();
    let op = Op::Select((0..columns.len()).collect());
    nodes.push(Node { step: step.name.value.clone(), command: definition.name, inputs: vec![input], op, columns });
    Some(Made { node: nodes.len() - 1, sound: false })
}

/// Two outputs to one app would compute from the same records and change them one after the other: the second would
/// always find them changed. Two that only append do not meet.
fn one_output_per_app(document: &Document, nodes: &[Node], problems: &mut Vec<Problem>) {
    let writes: Vec<(&str, &Write)> = nodes
        .iter()
        .filter_map(|node| if let Op::Write(write) = &node.op { Some((node.step.as_str(), write)) } else { None })
        .collect();
    for (n, (step, write)) in writes.iter().enumerate() {
        let meets = |(_, other): &&(&str, &Write)| {
            other.app == write.app && !(other.method == Method::Append && write.method == Method::Append)
        };
        if let Some((first, _)) = writes[..n].iter().find(meets) {
            problems.push(
                Problem::new(
                    "two_outputs_to_one_app",
                    format!("アプリ{}には、ステップ「{first}」も書き込みます。一つの出力にまとめるか、フローを分けてください。", write.app),
                    format!("The step \"{first}\" writes to app {} too; make one output of them, or two flows.", write.app),
                )
                .in_step(*step)
                .at(document.steps.iter().find(|s| s.name.value == *step).map(|s| s.name.position)),
            );
        }
    }
}

/// Of two outputs that write one file, the second would undo the first. Two that append do not.
fn one_output_per_file(document: &Document, nodes: &[Node], problems: &mut Vec<Problem>) {
    let writes: Vec<(&str, &WriteFile)> = nodes
        .iter()
        .filter_map(|node| if let Op::WriteFile(write) = &node.op { Some((node.step.as_str(), write)) } else { None })
        .collect();
    for (n, (step, write)) in writes.iter().enumerate() {
        let append = |write: &WriteFile| write.mode == FileMode::Append;
        let meets = |(_, other): &&(&str, &WriteFile)| other.file == write.file && !(append(other) && append(write));
        if let Some((first, _)) = writes[..n].iter().find(meets) {
            problems.push(
                Problem::new(
                    "two_outputs_to_one_file",
                    format!("ファイル「{}」には、ステップ「{first}」も書きます。別の名前にするか、append_records で一つにまとめてください。", write.file),
                    format!("The step \"{first}\" writes the file \"{}\" too; give it another name, or bring the rows together first.", write.file),
                )
                .in_step(*step)
                .at(document.steps.iter().find(|s| s.name.value == *step).map(|s| s.name.position)),
            );
        }
    }
}

/// Checks what can be checked without any app's fields: graph, settings' shapes, syntax of formulas.
pub fn check_structure(document: &Document) -> Result<(), Vec<Problem>> {
    let Structure { mut problems, blind, .. } = structure(document);
    problems.extend(blind.into_iter().flatten());
    sort(&mut problems);
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The apps that a document names, readable or not as a whole.
pub fn apps(document: &Document) -> BTreeSet<u64> {
    let of_step = |step: &crate::document::Step| match crate::commands::definition(&step.command, step.version.value) {
        Some(definition) => (definition.shape)(&step.settings, &mut Vec::new()),
        None => Vec::new(),
    };
    // No app has the number 0: kintone would not even answer for it.
    document.steps.iter().flat_map(of_step).chain(holidays::app(document)).filter(|app| *app > 0).collect()
}

/// What is known of a document without any column.
struct Structure {
    graph: graph::Graph,
    problems: Vec<Problem>,
    /// Which steps' settings have a sound shape.
    sound: Vec<bool>,
    /// Per step, what is wrong with its formulas whatever the columns are.
    blind: Vec<Vec<Problem>>,
}

fn structure(document: &Document) -> Structure {
    let mut problems = document.problems.clone();
    let graph = graph::graph(document, &mut problems);
    let mut sound = Vec::new();
    let mut blind = vec![Vec::new(); document.steps.len()];
    for ((step, definition), blind) in document.steps.iter().zip(&graph.commands).zip(&mut blind) {
        let Some(definition) = definition else {
            sound.push(false);
            continue;
        };
        let known: Vec<&str> = definition.settings.iter().map(|s| s.name).collect();
        if step.refuse_unknown_keys(&known, &mut problems) {
            sound.push(false);
            continue;
        }
        let mut own = Vec::new();
        (definition.shape)(&step.settings, &mut own);
        let (formulas, own): (Vec<_>, Vec<_>) = own.into_iter().partition(is_blind);
        sound.push(own.is_empty());
        problems.extend(own.into_iter().map(|p| p.around(&step.name.value)));
        blind.extend(formulas.into_iter().map(|p| p.around(&step.name.value)));
    }
    Structure { graph, problems, sound, blind }
}

/// In the order of the document; what has no place comes last.
fn sort(problems: &mut [Problem]) {
    problems.sort_by_key(|p| (p.position.is_none(), p.position));
}
