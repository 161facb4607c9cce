//! A plan as text, for `suiro flow plan` and for snapshots: one block per node, inner nodes before their consumers.

use std::fmt;

use crate::commands::aggregate_name;
use crate::kinds::kind_name;
use crate::plan::{Conditions, JoinColumn, JoinKind, Method, Node, NodeId, OnError, Op, Plan, Predicate, Read, Write};
use crate::query;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strict = if self.strict { ", strict" } else { "" };
        writeln!(f, "flow {} ({}{strict})", self.name, self.zone)?;
        (0..self.nodes.len()).try_for_each(|id| self.print_node(f, id))
    }
}

impl Plan {
    fn print_node(&self, f: &mut fmt::Formatter<'_>, id: NodeId) -> fmt::Result {
        let node = &self.nodes[id];
        let inputs = node.inputs.iter().map(|i| format!(" #{i}")).collect::<String>();
        let from = if inputs.is_empty() { String::new() } else { format!(" <-{inputs}") };
        writeln!(f, "#{id} {} [{}]{from}", node.step, node.command)?;
        // Names of the columns that the operation's indices mean.
        let input = |side: usize, column: usize| -> &str {
            let columns = node.inputs.get(side).and_then(|i| self.nodes.get(*i)).map_or(&[][..], |n| &n.columns);
            columns.get(column).map_or("?", |c| c.name.as_str())
        };
        match &node.op {
            Op::Read(read) => print_read(f, node, read)?,
            Op::Filter(predicate) => writeln!(f, "    keep {}", predicate_text(predicate))?,
            Op::Join(join) => {
                let kind = match join.kind {
                    JoinKind::Inner => "inner",
                    JoinKind::Left => "left",
                    JoinKind::Right => "right",
                    JoinKind::Full => "full",
                };
                let keys = join.keys.iter().map(|(l, r)| format!("{} = {}", input(0, *l), input(1, *r)));
                writeln!(f, "    {kind} join on {}", keys.collect::<Vec<_>>().join(", "))?;
                for (column, place) in node.columns.iter().zip(&join.output) {
                    let (side, name) = match place {
                        JoinColumn::Left(c) => ("left", input(0, *c)),
                        JoinColumn::Right(c) => ("right", input(1, *c)),
                    };
                    if name != column.name {
                        writeln!(f, "    {} is {side} {name}", column.name)?;
                    }
                }
            }
            Op::Group(group) => {
                let keys = group.keys.iter().map(|k| input(0, *k)).collect::<Vec<_>>().join(", ");
                writeln!(f, "    by ({keys})")?;
                for (column, a) in
                    node.columns[group.keys.len().min(node.columns.len())..].iter().zip(&group.aggregates)
                {
                    writeln!(f, "    {} = {}({})", column.name, aggregate_name(a.function), input(0, a.column))?;
                }
            }
            Op::Compute(assigns) => {
                for assign in assigns {
                    let name = node.columns.get(assign.column).map_or("?", |c| c.name.as_str());
                    let blank = if assign.on_error == OnError::Blank { "  [error: blank]" } else { "" };
                    writeln!(f, "    {name} := {}{blank}", assign.expr.source())?;
                }
            }
            Op::Select(indices) => {
                for (column, i) in node.columns.iter().zip(indices) {
                    if column.name != input(0, *i) {
                        writeln!(f, "    {} is {}", column.name, input(0, *i))?;
                    }
                }
            }
            Op::Write(write) => print_write(f, write, |c| input(0, c))?,
        }
        if matches!(node.op, Op::Write(_)) {
            return Ok(());
        }
        let columns = node.columns.iter().map(|c| format!("{}: {}", c.name, kind_name(c.kind)));
        writeln!(f, "    => {}", columns.collect::<Vec<_>>().join(", "))
    }
}

fn print_read(f: &mut fmt::Formatter<'_>, node: &Node, read: &Read) -> fmt::Result {
    writeln!(f, "    read app {}", read.app)?;
    if let Some(conditions) = &read.conditions {
        writeln!(f, "    where {}", conditions_text(conditions))?;
    }
    for (column, field) in node.columns.iter().zip(&read.fields) {
        if *field != column.name {
            writeln!(f, "    {} is field {field}", column.name)?;
        }
    }
    Ok(())
}

fn print_write<'a>(f: &mut fmt::Formatter<'_>, write: &Write, name: impl Fn(usize) -> &'a str) -> fmt::Result {
    let how = match &write.method {
        Method::Update { key, insert } => {
            format!("update by {}{}", key.join(", "), if *insert { ", insert the rest" } else { "" })
        }
        Method::Regenerate { allow_empty } => {
            format!("regenerate{}", if *allow_empty { ", may become empty" } else { "" })
        }
        Method::Append => "append".to_owned(),
    };
    writeln!(f, "    write app {}: {how}", write.app)?;
    for (column, field) in &write.mapping {
        writeln!(f, "    {field} <- {}", name(*column))?;
    }
    Ok(())
}

fn predicate_text(predicate: &Predicate) -> String {
    match predicate {
        Predicate::Conditions(conditions) => conditions_text(conditions),
        Predicate::AnyOf(lists) => {
            lists.iter().map(|l| format!("({})", conditions_text(l))).collect::<Vec<_>>().join(" or ")
        }
        Predicate::Formula(expr) => expr.source().to_owned(),
    }
}

fn conditions_text(conditions: &Conditions) -> String {
    query::any_of(std::slice::from_ref(conditions))
}
