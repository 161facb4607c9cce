//! Columns that formulas compute.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use crate::formula::Expr;

/// One computed column.
#[derive(Clone, Debug)]
pub struct Assign {
    /// Index in the node's columns: an existing one is replaced, one past the input's is new.
    pub column: usize,
    /// The formula over the node's columns.
    pub expr: Expr,
    /// What an error value becomes.
    pub on_error: OnError,
}

/// What an error value of a formula (`#DIV/0!`) becomes when it reaches a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnError {
    /// The flow fails and names row, record number and field.
    #[default]
    Fail,
    /// Blank, counted.
    Blank,
}

impl Operation for Vec<Assign> {
    /// What is used behind it and not replaced, and what its formulas read.
    fn needs(&self, used: &Columns, widths: &Widths) -> Vec<Columns> {
        let mut live = used.clone();
        for assign in self.iter().rev() {
            live.remove(&assign.column);
            live.extend(assign.expr.columns());
        }
        let width = widths.inputs.first().copied().unwrap_or(0);
        vec![live.into_iter().filter(|c| *c < width).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        let mut columns = input.to_vec();
        for assign in self {
            if !columns.contains(&assign.column) {
                columns.push(assign.column);
            }
        }
        columns
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        for assign in self {
            assign.column = numbers.own[assign.column];
            assign.expr.remap(|c| numbers.own[c]);
        }
    }

    fn formulas(&self) -> Vec<&Expr> {
        self.iter().map(|a| &a.expr).collect()
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        for assign in self {
            let blank = if assign.on_error == OnError::Blank { "  [error: blank]" } else { "" };
            writeln!(f, "    {} := {}{blank}", names.own(assign.column), assign.expr.source())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    // The plans of the integration tests show pruning on whole flows; here is the one rule that is easy to get wrong.
    use super::*;
    use crate::formula;
    use crate::plan::Column;
    use model::field::Kind;

    #[test]
    fn a_column_that_is_replaced_before_it_is_read_is_not_asked_for() {
        let columns: Vec<Column> = ["a", "b", "c"].iter().map(|n| Column::new(*n, Kind::Number)).collect();
        let assign = |column, text: &str| {
            let expr = formula::check(&formula::parse(text).unwrap(), &columns).unwrap();
            Assign { column, expr, on_error: OnError::Fail }
        };
        let op = vec![assign(1, "a + 1"), assign(2, "c + b")];
        let (used, widths) = (Columns::from([1, 2]), Widths { own: 3, inputs: vec![3] });
        assert_eq!(op.needs(&used, &widths), [Columns::from([0, 2])]);
        assert_eq!(op.kept(&used, &widths, &[0, 2]), [0, 2, 1]);
    }
}
