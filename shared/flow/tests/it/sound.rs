//! What every plan keeps to, whatever was pruned: indices that exist, columns that match, keys of one kind.

use flow::plan::{ExpandColumn, JoinColumn, Method, Op, Plan, Predicate, Rule, violation_columns};
use model::field::Kind;

/// Panics where the plan breaks a promise that the engine relies on.
pub fn assert_sound(what: &str, plan: &Plan) {
    for (id, node) in plan.nodes.iter().enumerate() {
        let what = format!("{what} #{id} {}", node.step);
        assert!(node.inputs.iter().all(|i| *i < id), "{what}: inputs stand in front");
        assert!(!node.columns.is_empty(), "{what}: has columns");
        let input = |side: usize| &plan.nodes[node.inputs[side]].columns;
        match &node.op {
            Op::Read(read) => assert_eq!(read.fields.len(), node.columns.len(), "{what}"),
            Op::Filter(predicate) => {
                assert_eq!(&node.columns, input(0), "{what}: hands its input's columns on");
                let columns = columns_of(predicate);
                assert!(columns.iter().all(|c| *c < node.columns.len()), "{what}");
                if let Predicate::Conditions(c) = predicate {
                    for test in &c.tests {
                        assert_eq!(node.columns[test.column.unwrap()].name, test.field, "{what}");
                    }
                }
            }
            Op::Join(join) => {
                assert_eq!(join.output.len(), node.columns.len(), "{what}");
                for (column, place) in node.columns.iter().zip(&join.output) {
                    let kind = match place {
                        JoinColumn::Left(c) => input(0)[*c].kind,
                        JoinColumn::Right(c) => input(1)[*c].kind,
                    };
                    assert_eq!(column.kind, kind, "{what}");
                }
                for (l, r) in &join.keys {
                    assert_eq!(input(0)[*l].kind, input(1)[*r].kind, "{what}");
                }
            }
            Op::Group(group) => {
                assert_eq!(group.keys.len() + group.aggregates.len(), node.columns.len(), "{what}");
                assert!(group.aggregates.iter().all(|a| a.column < input(0).len()), "{what}");
                for (key, column) in group.keys.iter().zip(&node.columns) {
                    assert_eq!(input(0)[*key].kind, column.kind, "{what}");
                }
            }
            Op::Compute(assigns) => {
                assert_eq!(&node.columns[..input(0).len()], &input(0)[..], "{what}: input first");
                let mut there = input(0).len();
                for assign in assigns {
                    // A formula sees what is there already; a new column is the next one.
                    assert!(assign.expr.columns().iter().all(|c| *c < there), "{what}");
                    assert!(assign.column <= there, "{what}");
                    there += usize::from(assign.column == there);
                }
                assert_eq!(there, node.columns.len(), "{what}");
            }
            Op::Select(indices) => {
                assert_eq!(indices.len(), node.columns.len(), "{what}");
                for (i, column) in indices.iter().zip(&node.columns) {
                    assert_eq!(input(0)[*i].kind, column.kind, "{what}");
                }
            }
            Op::Sort(sort) => {
                assert_eq!(&node.columns, input(0), "{what}: hands its input's columns on");
                assert!(sort.keys.iter().all(|k| k.column < node.columns.len()), "{what}");
            }
            Op::Distinct(_) | Op::Fill(_) => {
                assert_eq!(&node.columns, input(0), "{what}: hands its input's columns on");
            }
            Op::Append(append) => {
                assert_eq!(append.columns.len(), node.columns.len(), "{what}");
                for (column, sides) in node.columns.iter().zip(&append.columns) {
                    assert_eq!(sides.len(), node.inputs.len(), "{what}");
                    for (side, place) in sides.iter().enumerate().filter_map(|(i, p)| Some((i, (*p)?))) {
                        assert_eq!(input(side)[place].kind, column.kind, "{what}");
                    }
                }
            }
            Op::Pivot(pivot) => {
                let classes = pivot.values.len() + usize::from(pivot.others);
                assert_eq!(pivot.keys.len() + classes * pivot.aggregates.len(), node.columns.len(), "{what}");
                assert!(pivot.aggregates.iter().all(|a| a.column < input(0).len()), "{what}");
                assert!(pivot.spread < input(0).len(), "{what}");
            }
            Op::Unpivot(unpivot) => {
                for line in &unpivot.lines {
                    assert_eq!(unpivot.keep.len() + 1 + line.columns.len(), node.columns.len(), "{what}");
                    for (place, column) in line.columns.iter().zip(&node.columns[unpivot.keep.len() + 1..]) {
                        assert_eq!(input(0)[*place].kind, column.kind, "{what}");
                    }
                }
            }
            Op::Series(_) => assert!(node.inputs.is_empty() && node.columns.len() == 1, "{what}"),
            Op::Window(window) => {
                let width = input(0).len();
                assert_eq!(&node.columns[..width], &input(0)[..], "{what}: input first");
                assert_eq!(width + window.columns.len(), node.columns.len(), "{what}");
                let named = window.keys.iter().copied().chain(window.order.iter().map(|k| k.column));
                let all = named.chain(window.columns.iter().filter_map(|c| c.column)).all(|c| c < width);
                assert!(all, "{what}");
            }
            Op::ReadFile(read) => assert_eq!(read.columns.len(), node.columns.len(), "{what}"),
            Op::WriteFile(write) => {
                assert_eq!(&node.columns, input(0), "{what}");
                assert!(write.columns.iter().all(|c| c.column < node.columns.len()), "{what}");
            }
            Op::Expand(expand) => {
                assert_eq!(expand.output.len(), node.columns.len(), "{what}");
                assert!(!input(0)[expand.table].inner.is_empty(), "{what}");
                for (column, place) in node.columns.iter().zip(&expand.output) {
                    match place {
                        ExpandColumn::Parent(c) => assert_eq!(input(0)[*c].kind, column.kind, "{what}"),
                        ExpandColumn::Cell(name) => {
                            let inner = input(0)[expand.table].inner.iter().find(|c| c.name == *name).unwrap();
                            assert_eq!(inner.kind, column.kind, "{what}");
                        }
                        ExpandColumn::RowId | ExpandColumn::RowNumber => {
                            assert_eq!(column.kind, Kind::Number, "{what}")
                        }
                    }
                }
            }
            Op::Nest(nest) => {
                assert_eq!(nest.keys.len() + 1, node.columns.len(), "{what}");
                let inner = &node.columns[nest.keys.len()].inner;
                for (cell, column) in nest.cells.iter().zip(inner) {
                    assert_eq!((&cell.name, input(0)[cell.column].kind), (&column.name, column.kind), "{what}");
                }
            }
            Op::Retype(retypes) => {
                assert_eq!(node.columns.len(), input(0).len(), "{what}");
                for retype in retypes {
                    assert_eq!(retype.field.kind(), Some(node.columns[retype.column].kind), "{what}");
                }
            }
            Op::Lookup(lookup) => {
                let width = input(0).len();
                assert_eq!(&node.columns[..width], &input(0)[..], "{what}: input first");
                assert_eq!(width + lookup.fetched.len(), node.columns.len(), "{what}");
                for (fetched, column) in lookup.fetched.iter().zip(&node.columns[width..]) {
                    assert_eq!(input(1)[fetched.column].kind, column.kind, "{what}");
                }
                for (l, r) in &lookup.keys {
                    assert_eq!(input(0)[*l].kind, input(1)[*r].kind, "{what}");
                }
            }
            Op::ForEach(each) => {
                assert_sound(&what, &each.plan);
                assert_eq!(each.keys.len() + each.output.len(), node.columns.len(), "{what}");
                for inner in &each.plan.nodes {
                    if let Op::Given(given) = &inner.op {
                        for (column, index) in inner.columns.iter().zip(&given.columns) {
                            assert_eq!(&input(given.input)[*index], column, "{what}");
                        }
                    }
                }
            }
            Op::Given(given) => assert_eq!(given.columns.len(), node.columns.len(), "{what}"),
            Op::Check(check) => {
                let width = input(0).len();
                assert_eq!(&node.columns[..width], &input(0)[..], "{what}: input first");
                assert_eq!(
                    (node.columns.len(), node.columns[width].kind),
                    (width + 1, Kind::Rows),
                    "{what}: errors last"
                );
                for test in &check.tests {
                    assert!(test.column.is_none_or(|c| c < width), "{what}");
                    match &test.rule {
                        Rule::Holds(predicate) => assert!(columns_of(predicate).iter().all(|c| *c < width), "{what}"),
                        Rule::Compared { with: expr, .. } | Rule::EachItem(expr) => {
                            assert!(test.column.is_some(), "{what}: a value to look at");
                            assert!(expr.columns().iter().all(|c| *c < width), "{what}");
                        }
                        Rule::Among(side) => assert_eq!(input(*side).len(), 1, "{what}: only what is looked among"),
                        Rule::Required | Rule::OneOf(_) => {}
                    }
                }
            }
            Op::Violations(violations) => {
                assert_eq!(input(0)[violations.errors].kind, Kind::Rows, "{what}");
                assert_eq!(node.columns, violation_columns(), "{what}");
            }
            Op::Pass(pass) => {
                assert_eq!(pass.errors, node.columns.len(), "{what}: errors stand last in its input");
                assert_eq!(&input(0)[..pass.errors], &node.columns[..], "{what}");
            }
            Op::Members(_) => assert_eq!(node.columns.len(), 1, "{what}"),
            Op::Call(call) => {
                assert_eq!(&node.columns, input(0), "{what}");
                let all = call.parameters.iter().map(|(_, column)| *column).chain(call.record);
                assert!(all.clone().all(|column| column < node.columns.len()), "{what}");
            }
            Op::Write(write) => {
                assert_eq!(&node.columns, input(0), "{what}");
                assert!(write.mapping.iter().all(|(c, _)| *c < node.columns.len()), "{what}");
                if let Method::Update { key, .. } = &write.method {
                    assert!(key.iter().all(|k| write.mapping.iter().any(|(_, code)| code == k)), "{what}");
                }
            }
        }
    }
}

fn columns_of(predicate: &Predicate) -> Vec<usize> {
    match predicate {
        Predicate::Conditions(c) => c.tests.iter().filter_map(|t| t.column).collect(),
        Predicate::AnyOf(lists) => lists.iter().flat_map(|c| &c.tests).filter_map(|t| t.column).collect(),
        Predicate::Formula(expr) => expr.columns(),
        Predicate::Branch { earlier, own } => earlier.iter().chain(own.as_deref()).flat_map(columns_of).collect(),
    }
}
