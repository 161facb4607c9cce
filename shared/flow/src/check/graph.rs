//! The graph of a document: names, commands, numbers of inputs, one connected whole from inputs to outputs, no circles.

use std::collections::BTreeMap;

use super::from::{Source, find, sources};
use crate::commands::{Definition, Role, branch_names, definition, definitions, inputs_text, versions};
use crate::document::{Document, Step};
use crate::problem::{Problem, proposal};

/// The graph of a document, as far as it is sound.
#[derive(Debug)]
pub(super) struct Graph {
    /// The command of each step, where it is known.
    pub commands: Vec<Option<&'static Definition>>,
    /// What each step takes rows from; `None` where one of them is unknown.
    pub sources: Vec<Option<Vec<Source>>>,
    /// Steps in an order in which each stands behind its inputs, in the order of the document where there is a choice. Steps in circles are missing.
    pub order: Vec<usize>,
}

impl Graph {
    /// Tells of branches whose rows no step takes.
    pub(super) fn unused_branches(&self, document: &Document, notes: &mut Vec<Problem>) {
        let taken = |source: &Source| self.sources.iter().flatten().flatten().any(|other| other == source);
        for source in sources(&document.steps).iter().filter(|source| source.branch.is_some() && !taken(source)) {
            let (Some(step), Some(branch)) = (source.step.and_then(|i| document.steps.get(i)), &source.branch) else {
                continue;
            };
            notes.push(at_name(
                step,
                "unused_branch",
                &format!("枝「{branch}」の行はどこでも使われません。"),
                &format!("No step takes the rows of the branch \"{branch}\"."),
            ));
        }
    }
}

/// Builds the graph and reports everything that is wrong with it.
pub(super) fn graph(document: &Document, problems: &mut Vec<Problem>) -> Graph {
    let steps = &document.steps;
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, step) in steps.iter().enumerate() {
        if step.name.trim().is_empty() {
            problems.push(at_name(step, "no_step_name", "ステップの名前が空です。", "The step's name is empty."));
        } else if index.contains_key(step.name.as_str()) {
            problems.push(at_name(
                step,
                "step_twice",
                &format!("「{}」という名前のステップが二つあります。名前を変えてください。", step.name.value),
                &format!("There are two steps named \"{}\"; rename one.", step.name.value),
            ));
        } else {
            index.insert(&step.name, i);
        }
    }
    like_a_branch(steps, problems);
    let commands: Vec<_> = steps.iter().map(|step| command(step, problems)).collect();
    let all = sources(steps);
    let unread: Vec<&str> = document.unread.iter().flatten().map(String::as_str).collect();
    let sources: Vec<_> = (0..steps.len()).map(|i| inputs(i, steps, &all, &unread, problems)).collect();
    let step_of = |from: &Vec<Source>| from.iter().filter_map(|source| source.step).collect();
    let inputs: Vec<Option<Vec<usize>>> = sources.iter().map(|from| from.as_ref().map(step_of)).collect();
    for (step, definition) in steps.iter().zip(&commands) {
        count_inputs(step, *definition, problems);
    }
    // What a step that could not be read takes, and does, is not known.
    if document.unread.is_empty() {
        uses(steps, &commands, &inputs, problems);
        connected(steps, &inputs, problems);
    }
    let order = order(&inputs);
    let circle: Vec<&Step> = in_circles(&inputs, &order).into_iter().map(|i| &steps[i]).collect();
    if order.len() < steps.len()
        && let Some(first) = circle.first()
    {
        let names = circle.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(" → ");
        problems.push(at_name(
            first,
            "circle",
            &format!("ステップが輪になっています: {names}。「from」を直してください。"),
            &format!("These steps wait for each other in a circle: {names}. Correct \"from\"."),
        ));
    }
    Graph { commands, sources, order }
}

/// A step that is called as a branch of another is: a `from` could mean either.
pub(super) fn like_a_branch(steps: &[Step], problems: &mut Vec<Problem>) {
    for step in steps {
        let of = |other: &&Step| {
            let branch = step.name.strip_prefix(other.name.as_str()).and_then(|rest| rest.strip_prefix('/'));
            branch.is_some_and(|branch| branch_names(other).is_some_and(|all| all.iter().any(|name| name == branch)))
        };
        if let Some(other) = steps.iter().find(of) {
            let (name, other) = (&step.name.value, &other.name.value);
            problems.push(at_name(
                step,
                "step_like_a_branch",
                &format!("「{name}」は、ステップ「{other}」の枝の名前と同じです。ステップの名前を変えてください。"),
                &format!("\"{name}\" is the name of a branch of the step \"{other}\"; rename this step."),
            ));
        }
    }
}

pub(super) fn at_name(step: &Step, code: &'static str, ja: &str, en: &str) -> Problem {
    Problem::new(code, ja, en).in_step(&step.name.value).at(step.name.position)
}

pub(super) fn command(step: &Step, problems: &mut Vec<Problem>) -> Option<&'static Definition> {
    let found = definition(&step.command, step.version.value);
    let known = versions(&step.command);
    if found.is_none() && !known.is_empty() {
        let known = known.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let (name, version) = (&step.command.value, step.version.value);
        problems.push(
            Problem::new(
                "unknown_command_version",
                format!("コマンド {name} に版 {version} はありません。あるのは: {known}"),
                format!("The command {name} has no version {version}. There are: {known}"),
            )
            .in_step(&step.name.value)
            .in_setting("version")
            .at(step.version.position),
        );
    } else if found.is_none() {
        let (ja, en) = proposal(&step.command, definitions().iter().map(|d| d.name));
        problems.push(
            Problem::new(
                "unknown_command",
                format!("「{}」というコマンドはありません。{ja}", step.command.value),
                format!("There is no command \"{}\".{en}", step.command.value),
            )
            .in_step(&step.name.value)
            .in_setting("command")
            .at(step.command.position),
        );
    }
    found
}

/// The sources of a step; `None` where one of them is unknown.
fn inputs(
    own: usize,
    steps: &[Step],
    sources: &[Source],
    unread: &[&str],
    problems: &mut Vec<Problem>,
) -> Option<Vec<Source>> {
    let step = &steps[own];
    let mut all = Vec::new();
    for from in &step.from {
        match find(sources, steps, own, from) {
            Ok(source) => all.push(source.clone()),
            // It is there, and told of already.
            Err(_) if unread.iter().any(|name| names(from, name)) => {}
            Err(problem) => problems.push(problem.in_step(&step.name.value)),
        }
    }
    (all.len() == step.from.len()).then_some(all)
}

pub(super) fn count_inputs(step: &Step, definition: Option<&Definition>, problems: &mut Vec<Problem>) {
    let Some(definition) = definition else { return };
    let given = step.from.len();
    if definition.inputs.contains(&given) {
        return;
    }
    let (wanted_ja, wanted_en) = inputs_text(definition);
    let (ja, en) = match definition.inputs.end() {
        0 => (
            format!("{} はフローの始まりです。「from」を消してください。", definition.title.ja),
            format!("{} starts a flow; remove \"from\".", definition.title.en),
        ),
        _ => (
            format!("{} の入力は {wanted_ja}です（今は {given} 個）。「from」を直してください。", definition.title.ja),
            format!("{} takes {wanted_en} input(s), not {given}; correct \"from\".", definition.title.en),
        ),
    };
    problems.push(
        Problem::new("wrong_inputs", ja, en)
            .in_step(&step.name.value)
            .in_setting("from")
            .at(step.from.first().map_or(step.name.position, |f| f.position)),
    );
}

/// Whether a `from` means this step, or tries to mean a branch of it.
fn names(from: &str, step: &str) -> bool {
    from.strip_prefix(step).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every result is used, outputs give none, and there is an output at all.
fn uses(steps: &[Step], commands: &[Option<&Definition>], inputs: &[Option<Vec<usize>>], problems: &mut Vec<Problem>) {
    let is_output = |i: usize| commands[i].is_some_and(|d| d.role == Role::Output);
    for (i, step) in steps.iter().enumerate() {
        let used = inputs.iter().flatten().any(|from| from.contains(&i))
            || steps.iter().any(|s| s.from.iter().any(|f| names(f, &step.name.value)));
        if !used && !is_output(i) && commands[i].is_some() {
            problems.push(at_name(
                step,
                "unused",
                "このステップの結果はどこでも使われていません。出力につなぐか、ステップを消してください。",
                "Nothing uses the result of this step; connect it to an output or remove it.",
            ));
        }
        if let Some(from) = &inputs[i] {
            for input in from.iter().filter(|input| is_output(**input)) {
                let name = &steps[*input].name.value;
                problems.push(at_name(
                    step,
                    "behind_output",
                    &format!("「{name}」は出力なので、その後ろにはつなげません。その前のステップから取ってください。"),
                    &format!("\"{name}\" is an output, and nothing can stand behind it; take the rows from the step before it."),
                ));
            }
        }
    }
    if commands.iter().all(Option::is_some) && !(0..steps.len()).any(is_output) {
        problems.push(Problem::new(
            "no_output",
            "フローに出力がありません。output_app を加えてください。",
            "The flow has no output; add an output_app step.",
        ));
    }
}

/// One connected graph: otherwise these are several flows.
fn connected(steps: &[Step], inputs: &[Option<Vec<usize>>], problems: &mut Vec<Problem>) {
    // Unknown inputs are reported already; whether the rest hangs together cannot be told then.
    let Some(inputs) = inputs.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() else { return };
    let mut part: Vec<usize> = (0..steps.len()).collect();
    for (i, from) in inputs.iter().enumerate() {
        for j in from.iter() {
            let (a, b) = (part[i].min(part[*j]), part[i].max(part[*j]));
            part.iter_mut().filter(|p| **p == b).for_each(|p| *p = a);
        }
    }
    if let Some((step, _)) = steps.iter().zip(&part).find(|(_, p)| **p != part[0]) {
        problems.push(at_name(
            step,
            "not_connected",
            &format!(
                "「{}」は「{}」とつながっていません。つなぐか、別のフローに分けてください。",
                step.name.value, steps[0].name.value
            ),
            &format!(
                "\"{}\" is not connected with \"{}\"; connect them or make two flows.",
                step.name.value, steps[0].name.value
            ),
        ));
    }
}

/// The steps without an order that also lead to one another: those that only stand behind a circle are left out.
fn in_circles(inputs: &[Option<Vec<usize>>], order: &[usize]) -> Vec<usize> {
    let mut rest: Vec<usize> = (0..inputs.len()).filter(|i| !order.contains(i) && inputs[*i].is_some()).collect();
    loop {
        let leads_on =
            |i: &usize| rest.iter().any(|other| inputs[*other].as_ref().is_some_and(|from| from.contains(i)));
        let fewer: Vec<usize> = rest.iter().copied().filter(leads_on).collect();
        if fewer.len() == rest.len() {
            return rest;
        }
        rest = fewer;
    }
}

fn order(inputs: &[Option<Vec<usize>>]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    loop {
        let next = (0..inputs.len()).find(|i| {
            !order.contains(i) && inputs[*i].as_ref().is_some_and(|from| from.iter().all(|f| order.contains(f)))
        });
        match next {
            Some(i) => order.push(i),
            None => return order,
        }
    }
}
