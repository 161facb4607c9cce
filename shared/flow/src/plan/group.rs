//! Grouping and its aggregates.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::sort::SortKey;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// What is computed.
    pub function: AggregateFunction,
    /// Of which input column.
    pub column: usize,
}

impl Aggregate {
    /// The columns that it looks at.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        let order = if let AggregateFunction::Join(joined) = &self.function { &joined.order[..] } else { &[] };
        order.iter().map(|key| key.column).chain([self.column])
    }

    /// Takes the new numbers.
    pub(super) fn renumber(&mut self, numbers: &Renumbered) {
        self.column = numbers.input(self.column);
        if let AggregateFunction::Join(joined) = &mut self.function {
            joined.order.iter_mut().for_each(|key| *key = key.renumbered(numbers));
        }
    }
}

/// How values become one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Between two of them.
    pub separator: String,
    /// Their order; equal ones, and all without keys, in the order of the input.
    pub order: Vec<SortKey>,
    /// Each value once, where it first stands.
    pub distinct: bool,
}

/// Aggregate functions. All but `CountAll` skip blanks; of blanks alone, sums and counts are 0 and the others blank.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Variance of a sample: the sum of the squared distances from the mean by count less one, rounded as every division;
    /// blank for fewer than two values
    VarianceSample,
    /// Variance of a whole population: by count
    VariancePopulation,
    /// Square root of the sample's variance, rounded half up at max(10, places) + 4 places
    StdevSample,
    /// Square root of the population's variance
    StdevPopulation,
    /// All values as one text; blank where there is none
    Join(Box<Joined>),
}

/// Every key and aggregate was asked for, so all of its own columns stay.
impl Operation for Group {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        vec![self.keys.iter().copied().chain(self.aggregates.iter().flat_map(Aggregate::columns)).collect()]
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        self.aggregates.iter_mut().for_each(|a| a.renumber(numbers));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        writeln!(f, "    by ({})", names.inputs(&self.keys))?;
        for (column, a) in names.node.columns.iter().skip(self.keys.len()).zip(&self.aggregates) {
            writeln!(f, "    {} = {}({})", column.name, aggregate_name(&a.function), names.input(0, a.column))?;
        }
        Ok(())
    }
}
