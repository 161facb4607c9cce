//! The plan as far as one step, with all columns of that step: for previews, and for tests of steps.

use model::field::AppSchema;

use super::{Lowered, lower, sort};
use crate::document::Document;
use crate::plan::{NodeId, Op, Plan};
use crate::problem::{Problem, proposal};

/// A plan that ends at a step.
#[derive(Clone, Debug)]
pub struct UpTo {
    /// The plan: the nodes that the step needs.
    pub plan: Plan,
    /// The node whose rows are the step's. For an output, the rows that it takes.
    pub node: NodeId,
}

/// The plan of one step. Problems of other steps do not matter as long as this one does not stand behind them, so that a
/// flow can be looked at while it is being written.
pub fn up_to<'a>(
    document: &Document,
    step: &str,
    schemas: &dyn Fn(u64) -> Option<&'a AppSchema>,
) -> Result<UpTo, Vec<Problem>> {
    let Lowered { mut plan, known, mut problems, of_step, of_branch, .. } = lower(document, schemas);
    // Which days are holidays decides what any step yields.
    let of_holidays = |p: &&Problem| p.step.is_none() && p.setting.as_deref() == Some("holidays");
    let holidays: Vec<Problem> = problems.iter().filter(of_holidays).cloned().collect();
    if !holidays.is_empty() {
        return Err(holidays);
    }
    let index = document.steps.iter().position(|s| s.name.value == step);
    if index.is_none() && !of_branch.contains_key(step) {
        let (ja, en) = proposal(step, document.steps.iter().map(|s| s.name.as_str()));
        let (ja, en) =
            (format!("「{step}」というステップはありません。{ja}"), format!("There is no step \"{step}\".{en}"));
        return Err(vec![Problem::new("unknown_step", ja, en)]);
    }
    let Some(found) = index.and_then(|i| of_step[i]).or_else(|| of_branch.get(step).copied()) else {
        sort(&mut problems);
        return Err(problems);
    };
    let node = match &plan.nodes[found].op {
        Op::Write(_) => plan.nodes[found].inputs.first().copied().unwrap_or(found),
        _ => found,
    };
    let numbers = keep(&mut plan, node);
    let node = numbers[node].unwrap_or_default();
    crate::pushdown::push_down(&mut plan, &known);
    crate::prune::prune_to(&mut plan, node);
    Ok(UpTo { plan, node })
}

/// Drops the nodes that `last` does not need; old index to new.
fn keep(plan: &mut Plan, last: NodeId) -> Vec<Option<NodeId>> {
    let mut needed = vec![false; plan.nodes.len()];
    needed[last] = true;
    if let Some(holidays) = plan.holidays.node {
        needed[holidays] = true;
    }
    for id in (0..plan.nodes.len()).rev() {
        if needed[id] {
            plan.nodes[id].inputs.iter().for_each(|input| needed[*input] = true);
        }
    }
    let mut next = 0;
    let numbers: Vec<Option<NodeId>> = needed
        .iter()
        .map(|needed| {
            next += usize::from(*needed);
            needed.then(|| next - 1)
        })
        .collect();
    let mut old = 0;
    plan.nodes.retain(|_| {
        old += 1;
        needed[old - 1]
    });
    for node in &mut plan.nodes {
        node.inputs = node.inputs.iter().filter_map(|input| numbers[*input]).collect();
    }
    plan.holidays.node = plan.holidays.node.and_then(|id| numbers[id]);
    numbers
}
