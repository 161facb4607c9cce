//! Steps inside a step: what a `for_each` does with each group. They stand in order, each behind those that it takes rows
//! from; the first takes the group, the last yields the result.

use crate::commands::{Definition, Role};
use crate::document::Step;
use crate::located::Located;
use crate::plan::{Given, Node, NodeId, Op};
use crate::problem::Problem;

use super::from::{Source, find, sources};
use super::graph::{at_name, command, count_inputs, like_a_branch};
use super::step::{StepCheck, is_blind};

/// What inner steps call the rows of the group.
pub(crate) const GROUP: [&str; 2] = ["入力", "group"];

/// Inner steps whose graph is sound.
#[derive(Debug)]
pub(crate) struct Inner {
    steps: Vec<InnerStep>,
    /// The apps that they name.
    pub apps: Vec<u64>,
}

#[derive(Debug)]
struct InnerStep {
    step: Step,
    definition: &'static Definition,
    inputs: Vec<Source>,
}

impl Inner {
    /// Reads inner steps and checks what can be checked without columns. Problems name the inner step.
    pub(crate) fn read(items: &[Located], problems: &mut Vec<Problem>) -> Option<Self> {
        let before = problems.len();
        let steps: Vec<Step> = items.iter().filter_map(|item| Step::read(item, problems)).collect();
        let mut known: Vec<Source> =
            GROUP.iter().map(|name| Source { text: (*name).to_owned(), step: None, branch: None }).collect();
        let mut used = vec![false; steps.len()];
        let (mut inner, mut apps) = (Vec::new(), Vec::new());
        for (i, step) in steps.iter().enumerate() {
            names(&steps, i, problems);
            let definition = command(step, problems);
            let mut inputs = Vec::new();
            for from in &step.from {
                match find(&known, &steps[..i], i, from) {
                    Ok(source) => inputs.push(source.clone()),
                    Err(problem) => problems.push(problem.in_step(&step.name.value)),
                }
            }
            inputs.iter().filter_map(|source| source.step).for_each(|step| used[step] = true);
            known.extend(sources(&steps[..=i]).into_iter().filter(|source| source.step == Some(i)));
            let Some(definition) = definition else { continue };
            count_inputs(step, Some(definition), problems);
            if definition.role != Role::Middle || ["for_each", "data_check"].contains(&definition.name) {
                problems.push(not_inside(step));
                continue;
            }
            let settings: Vec<&str> = definition.settings.iter().map(|s| s.name).collect();
            if !step.refuse_unknown_keys(&settings, problems) {
                let mut own = Vec::new();
                apps.extend((definition.shape)(&step.settings, &mut own));
                // Inner steps are always checked with their columns.
                own.retain(|problem| !is_blind(problem));
                problems.extend(own.into_iter().map(|p| p.in_step(&step.name.value)));
            }
            inner.push(InnerStep { step: step.clone(), definition, inputs });
        }
        like_a_branch(&steps, problems);
        uses(&steps, &used, problems);
        (problems.len() == before).then_some(Self { steps: inner, apps })
    }
}

fn names(steps: &[Step], i: usize, problems: &mut Vec<Problem>) {
    let step = &steps[i];
    let name = step.name.value.as_str();
    if name.trim().is_empty() {
        problems.push(at_name(step, "no_step_name", "ステップの名前が空です。", "The step's name is empty."));
    } else if GROUP.contains(&name) {
        problems.push(at_name(
            step,
            "reserved_name",
            &format!("「{name}」はグループの行の名前です。ステップには別の名前を付けてください。"),
            &format!("\"{name}\" means the rows of the group; give the step another name."),
        ));
    } else if steps[..i].iter().any(|other| other.name.value == name) {
        problems.push(at_name(
            step,
            "step_twice",
            &format!("「{name}」という名前のステップが二つあります。名前を変えてください。"),
            &format!("There are two steps named \"{name}\"; rename one."),
        ));
    }
}

fn not_inside(step: &Step) -> Problem {
    Problem::new(
        "not_inside",
        format!(
            "{} は for_each の中では使えません。中に置けるのは入力と出力の間のコマンドだけで、for_each も置けません。",
            step.command.value
        ),
        format!(
            "{} cannot stand inside for_each: only commands between inputs and outputs can, and not for_each itself.",
            step.command.value
        ),
    )
    .in_step(&step.name.value)
    .in_setting("command")
    .at(step.command.position)
}

/// Every result is used, but for that of the last step, which is the result of all.
fn uses(steps: &[Step], used: &[bool], problems: &mut Vec<Problem>) {
    let Some((last, others)) = steps.split_last() else { return };
    for (step, _) in others.iter().zip(used).filter(|(_, used)| !**used) {
        problems.push(at_name(
            step,
            "unused",
            "このステップの結果はどこでも使われていません。下のステップの「from」に書くか、ステップを消してください。",
            "Nothing uses the result of this step; name it in \"from\" of a step below, or remove it.",
        ));
    }
    if crate::commands::branch_names(last).is_some() {
        problems.push(at_name(
            last,
            "result_has_branches",
            "最後のステップの結果がグループの結果になるので、枝に分かれるコマンドは最後に置けません。",
            "The last step yields the result of the group, so a step with branches cannot be the last.",
        ));
    }
}

/// Inner steps as nodes.
pub(crate) struct InnerPlan {
    /// The nodes; the last is the result.
    pub nodes: Vec<Node>,
    /// Nodes of the outer plan that the inner ones take rows from, besides the group.
    pub reads: Vec<NodeId>,
}

impl StepCheck<'_> {
    /// Lowers inner steps over the columns of the first input. Apps that they read become reads of the outer plan, so that
    /// each is read once and not once per group.
    pub(crate) fn inner(&mut self, inner: &Inner) -> Option<InnerPlan> {
        let columns = self.columns(0);
        let given = Given { input: 0, columns: (0..columns.len()).collect() };
        let step = GROUP[0].to_owned();
        let mut nodes = vec![Node { step, command: self.command, inputs: Vec::new(), op: Op::Given(given), columns }];
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        let mut made: Vec<Option<NodeId>> = Vec::new();
        let mut branches: Vec<Vec<(String, NodeId)>> = Vec::new();
        for InnerStep { step, definition, inputs } in &inner.steps {
            let node_of = |source: &Source| match (source.step, &source.branch) {
                (None, _) => Some(0),
                (Some(i), None) => made.get(i).copied().flatten(),
                (Some(i), Some(name)) => branches.get(i)?.iter().find(|(b, _)| b == name).map(|(_, id)| *id),
            };
            let inputs: Option<Vec<NodeId>> = inputs.iter().map(node_of).collect();
            let (mut node, mut own) = (None, Vec::new());
            if let Some(inputs) = inputs {
                let mut check = StepCheck {
                    step,
                    command: definition.name,
                    inputs,
                    nodes: &mut nodes,
                    schemas: self.schemas,
                    problems: &mut problems,
                    notes: &mut notes,
                    branches: Vec::new(),
                };
                node = (definition.lower)(&mut check);
                own = check.branches;
            }
            made.push(node);
            branches.push(own);
        }
        let sound = problems.is_empty();
        problems.into_iter().for_each(|p| self.problem(p));
        notes.into_iter().for_each(|n| self.note(n));
        let result = made.last().copied().flatten()?;
        if !sound {
            return None;
        }
        // What a step adds behind its result (it does not today) would not be the result.
        nodes.truncate(result + 1);
        let reads = self.hoist(&mut nodes);
        Some(InnerPlan { nodes, reads })
    }

    /// Moves reads out of an inner plan.
    fn hoist(&mut self, nodes: &mut [Node]) -> Vec<NodeId> {
        let mut reads = Vec::new();
        for node in nodes.iter_mut().filter(|node| matches!(node.op, Op::Read(_))) {
            reads.push(self.nodes.len());
            let given = Given { input: reads.len(), columns: (0..node.columns.len()).collect() };
            let read = std::mem::replace(&mut node.op, Op::Given(given));
            self.nodes.push(Node {
                step: format!("{}/{}", self.step.name.value, node.step),
                command: node.command,
                inputs: Vec::new(),
                op: read,
                columns: node.columns.clone(),
            });
        }
        reads
    }
}
