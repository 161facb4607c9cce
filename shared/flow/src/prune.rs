//! Takes columns that nobody uses out of a plan, so that kintone is asked only for fields that matter.
//!
//! One pass backward finds what each node's consumers use, one pass forward renumbers. Formulas and aggregates that were
//! asked for stay even where their result is not used: whether a flow fails must not depend on what follows.

use std::collections::BTreeSet;

use crate::plan::{Conditions, JoinColumn, Node, Op, Plan, Predicate};

/// Prunes the plan.
pub(crate) fn prune(plan: &mut Plan) {
    let nodes = &mut plan.nodes;
    let old: Vec<usize> = nodes.iter().map(|n| n.columns.len()).collect();
    let mut used: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    for id in (0..nodes.len()).rev() {
        let node = &nodes[id];
        if used[id].is_empty() {
            used[id].extend(cheapest(node)); // rows of no column at all could not be counted
        }
        let width = node.inputs.first().map_or(0, |i| old[*i]);
        for (side, columns) in needs(node, &used[id], width).into_iter().enumerate() {
            used[node.inputs[side]].extend(columns);
        }
    }
    let mut keep: Vec<Vec<usize>> = Vec::new();
    for id in 0..nodes.len() {
        let inputs = nodes[id].inputs.clone();
        let first = inputs.first().map_or(&[][..], |i| &keep[*i]);
        let kept = kept(&nodes[id], &used[id], first);
        // Old column index -> new one, per input and for the node itself. What is not kept is never asked for.
        let maps: Vec<Vec<usize>> = inputs.iter().map(|i| renumber(&keep[*i], old[*i])).collect();
        apply(&mut nodes[id], &kept, &maps, old[id]);
        keep.push(kept);
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

/// The columns of the node that stay, in their new order. `input`: those that its first input keeps.
fn kept(node: &Node, used: &BTreeSet<usize>, input: &[usize]) -> Vec<usize> {
    match &node.op {
        // These hand on every column that reaches them: another consumer of their input may have asked for more.
        Op::Filter(_) | Op::Write(_) => input.to_vec(),
        Op::Compute(assigns) => {
            let mut columns = input.to_vec();
            for assign in assigns {
                if !columns.contains(&assign.column) {
                    columns.push(assign.column);
                }
            }
            columns
        }
        // Every key and aggregate was asked for.
        Op::Group(_) => (0..node.columns.len()).collect(),
        Op::Read(_) | Op::Join(_) | Op::Select(_) => used.iter().copied().collect(),
    }
}

/// The input columns whose values a computation needs: what is used behind it and not replaced, and what its formulas read.
fn computed_from(node: &Node, used: &BTreeSet<usize>, width: usize) -> BTreeSet<usize> {
    let Op::Compute(assigns) = &node.op else { return BTreeSet::new() };
    let mut live = used.clone();
    for assign in assigns.iter().rev() {
        live.remove(&assign.column);
        live.extend(assign.expr.columns());
    }
    live.into_iter().filter(|c| *c < width).collect()
}

/// The columns that a node needs of each of its inputs; `width` is that of the first.
fn needs(node: &Node, used: &BTreeSet<usize>, width: usize) -> Vec<BTreeSet<usize>> {
    let one = |columns: BTreeSet<usize>| vec![columns];
    match &node.op {
        Op::Read(_) => Vec::new(),
        Op::Filter(predicate) => one(used.iter().copied().chain(predicate_columns(predicate)).collect()),
        Op::Write(write) => one(write.mapping.iter().map(|(c, _)| *c).collect()),
        Op::Compute(_) => one(computed_from(node, used, width)),
        Op::Group(group) => one(group.keys.iter().copied().chain(group.aggregates.iter().map(|a| a.column)).collect()),
        Op::Select(indices) => one(used.iter().map(|c| indices[*c]).collect()),
        Op::Join(join) => {
            let (mut left, mut right): (BTreeSet<_>, BTreeSet<_>) = join.keys.iter().copied().unzip();
            for column in used {
                match join.output[*column] {
                    JoinColumn::Left(c) => left.insert(c),
                    JoinColumn::Right(c) => right.insert(c),
                };
            }
            vec![left, right]
        }
    }
}

fn predicate_columns(predicate: &Predicate) -> Vec<usize> {
    let of = |c: &Conditions| c.tests.iter().filter_map(|t| t.column).collect::<Vec<_>>();
    match predicate {
        Predicate::Conditions(conditions) => of(conditions),
        Predicate::AnyOf(lists) => lists.iter().flat_map(of).collect(),
        Predicate::Formula(expr) => expr.columns(),
    }
}

/// Renumbers the node: `maps` for columns of the inputs, `keep` for its own.
fn apply(node: &mut Node, keep: &[usize], maps: &[Vec<usize>], old_width: usize) {
    node.columns = keep.iter().map(|c| node.columns[*c].clone()).collect();
    let own = renumber(keep, old_width);
    let empty = Vec::new();
    let input = maps.first().unwrap_or(&empty);
    match &mut node.op {
        Op::Read(read) => read.fields = keep.iter().map(|c| read.fields[*c].clone()).collect(),
        Op::Filter(Predicate::Conditions(conditions)) => renumber_tests(conditions, input),
        Op::Filter(Predicate::AnyOf(lists)) => lists.iter_mut().for_each(|c| renumber_tests(c, input)),
        Op::Filter(Predicate::Formula(expr)) => expr.remap(|c| input[c]),
        Op::Select(indices) => *indices = keep.iter().map(|c| input[indices[*c]]).collect(),
        Op::Group(group) => {
            group.keys.iter_mut().for_each(|k| *k = input[*k]);
            group.aggregates.iter_mut().for_each(|a| a.column = input[a.column]);
        }
        Op::Join(join) => {
            let right = maps.get(1).unwrap_or(&empty);
            join.keys.iter_mut().for_each(|(l, r)| (*l, *r) = (input[*l], right[*r]));
            let place = |c: &JoinColumn| match *c {
                JoinColumn::Left(c) => JoinColumn::Left(input[c]),
                JoinColumn::Right(c) => JoinColumn::Right(right[c]),
            };
            join.output = keep.iter().map(|c| place(&join.output[*c])).collect();
        }
        Op::Compute(assigns) => {
            for assign in assigns {
                assign.column = own[assign.column];
                assign.expr.remap(|c| own[c]);
            }
        }
        Op::Write(write) => write.mapping.iter_mut().for_each(|(c, _)| *c = input[*c]),
    }
}

fn renumber_tests(conditions: &mut Conditions, map: &[usize]) {
    for test in &mut conditions.tests {
        test.column = test.column.map(|c| map[c]);
    }
}

#[cfg(test)]
mod tests {
    // The plans of the integration tests show pruning on whole flows; here is the one rule that is easy to get wrong.
    use super::*;
    use crate::formula;
    use crate::plan::{Assign, Column, OnError};
    use model::field::Kind;

    #[test]
    fn a_column_that_is_replaced_before_it_is_read_is_not_asked_for() {
        let columns: Vec<Column> =
            ["a", "b", "c"].iter().map(|n| Column { name: (*n).into(), kind: Kind::Number }).collect();
        let assign = |column, text: &str| {
            let expr = formula::check(&formula::parse(text).unwrap(), &columns).unwrap();
            Assign { column, expr, on_error: OnError::Fail }
        };
        let node = Node {
            step: String::new(),
            command: "data_edit",
            inputs: vec![0],
            op: Op::Compute(vec![assign(1, "a + 1"), assign(2, "c + b")]),
            columns: columns.clone(),
        };
        let used = BTreeSet::from([1, 2]);
        assert_eq!(computed_from(&node, &used, 3), BTreeSet::from([0, 2]));
        assert_eq!(kept(&node, &used, &[0, 2]), [0, 2, 1]);
    }
}
