//! Columns that look at other rows of the same group: running totals, previous rows, ranks, shares.

use std::fmt;

use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::sort::{SortKey, print_keys};

/// New columns behind those of the input, each computed inside a group of rows in an order.
#[derive(Clone, Debug)]
pub struct Window {
    /// Columns of equal value make a group; without any, all rows are one. Blank is a key like any other.
    pub keys: Vec<usize>,
    /// The order inside a group; equal rows, and all rows without keys, stand in the order of the input.
    pub order: Vec<SortKey>,
    /// The new columns.
    pub columns: Vec<WindowColumn>,
    /// True where the result has the rows group by group in that order; else they stay where they were.
    pub sorted: bool,
}

/// One new column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowColumn {
    /// What is computed.
    pub function: WindowFunction,
    /// Of which column; `None` for functions of the rows' places alone.
    pub column: Option<usize>,
}

/// Functions over the rows of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowFunction {
    /// The value so many rows before; blank where there is no such row.
    Previous(u32),
    /// The value so many rows behind; blank where there is no such row.
    Next(u32),
    /// The value less that of so many rows before; of dates the days between. Blank where one of the two is.
    Difference(u32),
    /// The first value of the group that is not blank.
    First,
    /// The last value of the group that is not blank.
    Last,
    /// The last value up to this row that is not blank.
    Carry,
    /// 1, 2, 3, …
    RowNumber,
    /// One more than the rows with a smaller key: 1, 1, 3.
    Rank,
    /// One more than the smaller keys: 1, 1, 2.
    DenseRank,
    /// The exact sum of the group.
    Total,
    /// The value by the sum of the group, rounded as every division. Blank for blank, and where the sum is 0 (counted).
    Share,
    /// Over all rows of the group up to this one.
    Running(Measure),
    /// Over this row and those before it, so many in all; over fewer at the start of the group.
    Moving(Measure, u32),
}

/// What is measured over some rows. Blanks are skipped; of blanks alone, sum and count are 0 and the others blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Exact sum
    Sum,
    /// Exact sum by count, rounded as every division
    Average,
    /// Smallest
    Min,
    /// Largest
    Max,
    /// How many are not blank
    Count,
}

impl Operation for Window {
    fn needs(&self, used: &Columns, widths: &Widths) -> Vec<Columns> {
        let width = widths.inputs.first().copied().unwrap_or(0);
        let passed = used.iter().copied().filter(|c| *c < width);
        let own = self.keys.iter().copied().chain(self.order.iter().map(|k| k.column));
        vec![passed.chain(own).chain(self.columns.iter().filter_map(|c| c.column)).collect()]
    }

    /// Every function was asked for, so all of the new columns stay.
    fn kept(&self, _: &Columns, widths: &Widths, input: &[usize]) -> Vec<usize> {
        let width = widths.inputs.first().copied().unwrap_or(0);
        input.iter().copied().chain(width..widths.own).collect()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.keys.iter_mut().for_each(|k| *k = numbers.input(*k));
        self.order.iter_mut().for_each(|k| *k = k.renumbered(numbers));
        self.columns.iter_mut().for_each(|c| c.column = c.column.map(|c| numbers.input(c)));
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let place = if self.sorted { ", result in that order" } else { "" };
        writeln!(f, "    by ({}), order ({}){place}", names.inputs(&self.keys), print_keys(&self.order, names))?;
        let new = names.node.columns.len().saturating_sub(self.columns.len());
        for (column, c) in names.node.columns.iter().skip(new).zip(&self.columns) {
            let of = c.column.map_or("", |c| names.input(0, c));
            writeln!(f, "    {} = {}({of})", column.name, function_text(c.function))?;
        }
        Ok(())
    }
}

fn function_text(function: WindowFunction) -> String {
    use WindowFunction as W;
    let measure = |m: Measure| match m {
        Measure::Sum => "sum",
        Measure::Average => "average",
        Measure::Min => "min",
        Measure::Max => "max",
        Measure::Count => "count",
    };
    match function {
        W::Previous(n) => format!("previous {n}"),
        W::Next(n) => format!("next {n}"),
        W::Difference(n) => format!("difference {n}"),
        W::First => "first".into(),
        W::Last => "last".into(),
        W::Carry => "carry".into(),
        W::RowNumber => "row_number".into(),
        W::Rank => "rank".into(),
        W::DenseRank => "dense_rank".into(),
        W::Total => "total".into(),
        W::Share => "share".into(),
        W::Running(m) => format!("running_{}", measure(m)),
        W::Moving(m, n) => format!("moving_{} {n}", measure(m)),
    }
}
