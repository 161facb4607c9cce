//! Spreading the values of one column over columns.

use std::fmt;

use model::value::Value;

use super::group::Aggregate;
use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use crate::commands::aggregate_name;
use crate::literal;

/// One row per distinct key, in order of first appearance, with aggregates for each value of a column.
///
/// The result has the keys, then for each class its aggregates. A class without rows has what blanks alone have: sums and
/// counts are 0, the others blank.
#[derive(Clone, Debug)]
pub struct Pivot {
    /// Key columns, first in the result. Blank is a key like any other.
    pub keys: Vec<usize>,
    /// The column whose values are spread.
    pub spread: usize,
    /// Its values, a class each; blank is a value like any other.
    pub values: Vec<Value>,
    /// Whether one more class takes all other values; else their rows are counted, and an error in strict mode.
    pub others: bool,
    /// The aggregates of each class.
    pub aggregates: Vec<Aggregate>,
    /// One row of a key and a value is all there may be: further ones are counted, and an error in strict mode.
    pub single: bool,
}

/// Every key and aggregate was asked for, so all of its own columns stay.
impl Operation for Pivot {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        let own = self.keys.iter().copied().chain([self.spread]);
        vec![own.chain(self.aggregates.iter().flat_map(Aggregate::columns)).collect()]
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        self.spread = numbers.input(self.spread);
        self.aggregates.iter_mut().for_each(|a| a.renumber(numbers));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let values = self.values.iter().map(|v| format!("\"{}\"", literal::print(v).unwrap_or_default()));
        let others = if self.others { ", others" } else { "" };
        let values = values.collect::<Vec<_>>().join(", ");
        writeln!(f, "    by ({}), {} = {values}{others}", names.inputs(&self.keys), names.input(0, self.spread))?;
        for a in &self.aggregates {
            writeln!(f, "    each {}({})", aggregate_name(&a.function), names.input(0, a.column))?;
        }
        Ok(())
    }
}
