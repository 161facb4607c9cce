//! Grouping and its aggregates.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use crate::commands::aggregate_name;

/// Grouping. Without keys the whole input is one group (also when it is empty: no row then).
#[derive(Clone, Debug)]
pub struct Group {
    /// Key columns, first in the result. Blank is a key like any other.
    pub keys: Vec<usize>,
    /// Aggregates, behind the keys in the result.
    pub aggregates: Vec<Aggregate>,
}

/// One aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// What is computed.
    pub function: AggregateFunction,
    /// Of which input column.
    pub column: usize,
}

/// Aggregate functions. All but `CountAll` skip blanks; of blanks alone, sums and counts are 0 and the others blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// Exact sum
    Sum,
    /// Exact mean, rounded half up at max(10, places) + 4 places
    Average,
    /// Middle value; mean of the two middle ones
    Median,
    /// Smallest
    Min,
    /// Largest
    Max,
    /// How many are not blank
    Count,
    /// How many rows
    CountAll,
    /// How many different values
    CountDistinct,
    /// First in input order
    First,
    /// Last in input order
    Last,
}

/// Every key and aggregate was asked for, so all of its own columns stay.
impl Operation for Group {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        vec![self.keys.iter().copied().chain(self.aggregates.iter().map(|a| a.column)).collect()]
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        self.aggregates.iter_mut().for_each(|a| a.column = numbers.input(a.column));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        writeln!(f, "    by ({})", names.inputs(&self.keys))?;
        for (column, a) in names.node.columns.iter().skip(self.keys.len()).zip(&self.aggregates) {
            writeln!(f, "    {} = {}({})", column.name, aggregate_name(a.function), names.input(0, a.column))?;
        }
        Ok(())
    }
}
