//! A plan as text, for `suiro flow plan` and for snapshots: one block per node, inner nodes before their consumers.

use std::fmt;

use crate::kinds::kind_name;
use crate::plan::operation::Names;
use crate::plan::{NodeId, Op, Plan};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strict = if self.strict { ", strict" } else { "" };
        writeln!(f, "flow {} ({}{strict})", self.name, self.zone)?;
        (0..self.nodes.len()).try_for_each(|id| self.print_node(f, id))
    }
}

impl Plan {
    /// The nodes alone, for plans inside plans.
    pub(crate) fn nodes_text(&self) -> String {
        struct Nodes<'a>(&'a Plan);
        impl fmt::Display for Nodes<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (0..self.0.nodes.len()).try_for_each(|id| self.0.print_node(f, id))
            }
        }
        Nodes(self).to_string()
    }

    fn print_node(&self, f: &mut fmt::Formatter<'_>, id: NodeId) -> fmt::Result {
        let node = &self.nodes[id];
        let inputs = node.inputs.iter().map(|i| format!(" #{i}")).collect::<String>();
        let from = if inputs.is_empty() { String::new() } else { format!(" <-{inputs}") };
        writeln!(f, "#{id} {} [{}]{from}", node.step, node.command)?;
        node.op.operation().print(f, &Names { plan: self, node })?;
        if matches!(node.op, Op::Write(_) | Op::WriteFile(_)) {
            return Ok(());
        }
        let columns = node.columns.iter().map(|c| format!("{}: {}", c.name, kind_name(c.kind)));
        writeln!(f, "    => {}", columns.collect::<Vec<_>>().join(", "))
    }
}
