//! The nodes of a `data_edit`: edits that follow one another share a node as long as no column changes its kind.

use model::field::Kind;

use crate::check::StepCheck;
use crate::commands::join::free_name;
use crate::formula::Expr;
use crate::plan::{Assign, Column, NodeId, OnError, Op, Window};

/// The step's columns so far, and the nodes that made them.
pub(super) struct Build {
    input: NodeId,
    columns: Vec<Column>,
    pending: Vec<Assign>,
}

impl Build {
    pub(super) fn new(check: &StepCheck<'_>) -> Self {
        let input = check.inputs().first().copied().unwrap_or_default();
        Self { input, columns: check.columns(0), pending: Vec::new() }
    }

    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// The column takes the results of a formula; `None` where the formula was reported. A column of another kind gives way
    /// to a new one in its place.
    pub(super) fn assign(
        &mut self,
        check: &mut StepCheck<'_>,
        name: &str,
        kind: Kind,
        computed: Option<(Expr, OnError)>,
    ) {
        let existing = self.position(name);
        let replaced = existing.filter(|i| self.columns[*i].kind != kind);
        let column = match existing {
            Some(i) if replaced.is_none() => i,
            _ => {
                let name = if replaced.is_some() { free_name(name, &self.columns) } else { name.to_owned() };
                self.columns.push(Column::new(name, kind));
                self.columns.len() - 1
            }
        };
        if let Some((expr, on_error)) = computed {
            self.pending.push(Assign { column, expr, on_error });
        }
        if let Some(old) = replaced {
            let mut order: Vec<usize> = (0..self.columns.len() - 1).collect();
            order[old] = self.columns.len() - 1;
            self.select(check, &order, Some((old, name)));
        }
    }

    /// Adds a window's column behind the others, under a free name.
    pub(super) fn window(&mut self, check: &mut StepCheck<'_>, window: Window) -> String {
        self.flush(check);
        let name = free_name("行番号", &self.columns);
        self.columns.push(Column::new(&name, Kind::Number));
        self.input = check.node_over(vec![self.input], Op::Window(window), self.columns.clone());
        name
    }

    /// Leaves a column out.
    pub(super) fn drop(&mut self, check: &mut StepCheck<'_>, name: &str) {
        let order: Vec<usize> = (0..self.columns.len()).filter(|i| self.columns[*i].name != name).collect();
        self.select(check, &order, None);
    }

    /// The last node.
    pub(super) fn finish(mut self, check: &mut StepCheck<'_>) -> NodeId {
        self.flush(check);
        self.input
    }

    fn select(&mut self, check: &mut StepCheck<'_>, order: &[usize], rename: Option<(usize, &str)>) {
        self.flush(check);
        let mut columns: Vec<Column> = order.iter().map(|i| self.columns[*i].clone()).collect();
        if let Some((i, name)) = rename {
            columns[i] = columns[i].named(name);
        }
        self.input = check.node_over(vec![self.input], Op::Select(order.to_vec()), columns.clone());
        self.columns = columns;
    }

    fn flush(&mut self, check: &mut StepCheck<'_>) {
        if !self.pending.is_empty() {
            let assigns = std::mem::take(&mut self.pending);
            self.input = check.node_over(vec![self.input], Op::Compute(assigns), self.columns.clone());
        }
    }
}
