//! Takes columns that nobody uses out of a plan, so that kintone is asked only for fields that matter.
//!
//! One pass backward finds what each node's consumers use, one pass forward renumbers. Formulas and aggregates that were
//! asked for stay even where their result is not used: whether a flow fails must not depend on what follows.

use std::collections::BTreeSet;

use crate::plan::operation::{Renumbered, Widths};
use crate::plan::{Node, NodeId, Op, Plan};

/// Prunes the plan.
pub(crate) fn prune(plan: &mut Plan) {
    prune_for(plan, None);
}

/// Prunes the plan, but keeps every column of one node, for people who want to see them.
pub(crate) fn prune_to(plan: &mut Plan, node: NodeId) {
    prune_for(plan, Some(node));
}

fn prune_for(plan: &mut Plan, whole: Option<NodeId>) {
    let holidays = plan.holidays.node;
    let nodes = &mut plan.nodes;
    let old: Vec<usize> = nodes.iter().map(|n| n.columns.len()).collect();
    let widths = |node: &Node, own: usize| Widths { own, inputs: node.inputs.iter().map(|i| old[*i]).collect() };
    let mut used: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    if let Some(id) = holidays {
        used[id].insert(0);
    }
    if let Some(id) = whole {
        used[id].extend(0..old[id]);
    }
    for id in (0..nodes.len()).rev() {
        let node = &nodes[id];
        if used[id].is_empty() {
            used[id].extend(cheapest(node)); // rows of no column at all could not be counted
        }
        let needs = node.op.operation().needs(&used[id], &widths(node, old[id]));
        for (input, columns) in node.inputs.iter().zip(needs) {
            used[*input].extend(columns);
        }
    }
    let mut keep: Vec<Vec<usize>> = Vec::new();
    for id in 0..nodes.len() {
        let inputs = nodes[id].inputs.clone();
        let first = inputs.first().map_or(&[][..], |i| &keep[*i]);
        let kept = nodes[id].op.operation().kept(&used[id], &widths(&nodes[id], old[id]), first);
        let numbers = Renumbered {
            own: renumber(&kept, old[id]),
            inputs: inputs.iter().map(|i| renumber(&keep[*i], old[*i])).collect(),
            kept,
        };
        let node = &mut nodes[id];
        node.columns = numbers.kept.iter().map(|c| node.columns[*c].clone()).collect();
        node.op.operation_mut().renumber(&numbers);
        keep.push(numbers.kept);
    }
}

/// The column to keep where none is used.
fn cheapest(node: &Node) -> Option<usize> {
    let id = match &node.op {
        Op::Read(read) => read.fields.iter().position(|f| f == "$id"),
        _ => None,
    };
    id.or((!node.columns.is_empty()).then_some(0))
}

fn renumber(keep: &[usize], width: usize) -> Vec<usize> {
    let mut map = vec![0; width];
    for (new, old) in keep.iter().enumerate() {
        map[*old] = new;
    }
    map
}
