//! New columns from other rows of the same group: the groups and their order, and which function is computed where.

mod measures;
mod places;
mod slide;

use std::ops::Range;

use arrow_array::{ArrayRef, UInt32Array};
use flow::plan::{Column as Shape, Measure, Window, WindowColumn, WindowFunction as F};

use super::select::{column, named};
use crate::column::Column;
use crate::error::EngineError;
use crate::ids::{Groups, groups};
use crate::order::{Codes, codes};
use crate::report::Counts;
use crate::table::Table;

/// The rows group by group, each group in its order.
struct Frame<'a> {
    input: &'a Table,
    groups: Groups,
    /// The keys of the rows: group, then order.
    codes: Codes,
    /// The row at each place.
    rows: Vec<u32>,
    /// The places of each group.
    parts: Vec<Range<usize>>,
    /// True where the result has the rows in the order of places; else in that of the input.
    sorted: bool,
}

impl<'a> Frame<'a> {
    fn new(input: &'a Table, spec: &Window) -> Result<Self, EngineError> {
        let keys = spec.keys.iter().map(|i| column(input, *i)).collect::<Result<Vec<_>, _>>()?;
        let groups = groups(&keys, input.rows())?;
        let codes = codes(input, &spec.order, Some(&groups))?;
        let rows = codes.sorted();
        let mut sizes = vec![0; groups.len()];
        groups.of.iter().for_each(|group| sizes[*group as usize] += 1);
        let mut end = 0;
        let part = |size: usize| {
            let start = end;
            end += size;
            start..end
        };
        let parts = sizes.into_iter().map(part).collect();
        Ok(Self { input, groups, codes, rows, parts, sorted: spec.sorted })
    }

    /// The row at a place.
    fn row(&self, place: usize) -> usize {
        self.rows[place] as usize
    }

    /// Where in the result the row at a place stands.
    fn target(&self, place: usize) -> usize {
        if self.sorted { place } else { self.row(place) }
    }

    /// The row of the input that stands somewhere in the result.
    fn source(&self, target: usize) -> usize {
        if self.sorted { self.row(target) } else { target }
    }

    /// All places, each with the first place of its group.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.parts.iter().flat_map(|part| part.clone().map(|place| (part.start, place)))
    }

    fn overflow(&self, row: usize, name: &str) -> EngineError {
        EngineError::Overflow { place: self.input.place(name, row) }
    }
}

/// The input's columns, and the new ones behind them.
pub(crate) fn window(
    input: &Table,
    spec: &Window,
    shape: &[Shape],
    strict: bool,
    counts: &mut Counts,
) -> Result<Table, EngineError> {
    let frame = Frame::new(input, spec)?;
    let passed = if spec.sorted { input.take(&UInt32Array::from(frame.rows.clone()))? } else { input.clone() };
    let mut columns = passed.columns().to_vec();
    for (spec, shape) in spec.columns.iter().zip(shape.iter().skip(columns.len())) {
        let array = compute(&frame, spec, &shape.name, strict, counts)?;
        columns.push(Column::new(&shape.name, shape.kind, array)?);
    }
    named(passed.with_columns(columns)?, shape)
}

fn compute(
    frame: &Frame<'_>,
    spec: &WindowColumn,
    name: &str,
    strict: bool,
    counts: &mut Counts,
) -> Result<ArrayRef, EngineError> {
    let given = || {
        let index = spec.column.ok_or_else(|| EngineError::plan(format!("{:?} of no column", spec.function)))?;
        column(frame.input, index)
    };
    match spec.function {
        F::RowNumber => Ok(places::row_numbers(frame)),
        F::Rank => Ok(places::ranks(frame, false)),
        F::DenseRank => Ok(places::ranks(frame, true)),
        F::Previous(_) | F::Next(_) | F::First | F::Last | F::Carry => places::pick(frame, given()?, spec.function),
        F::Difference(n) => measures::difference(frame, given()?, n as usize, name),
        F::Total => measures::total(frame, given()?, name),
        F::Share => measures::share(frame, given()?, name, strict, counts),
        F::Running(measure) => over(frame, given()?, measure, None, name),
        F::Moving(measure, rows) => over(frame, given()?, measure, Some(rows as usize), name),
    }
}

/// A measure over the last `rows` rows, or over all rows so far.
fn over(
    frame: &Frame<'_>,
    column: &Column,
    measure: Measure,
    rows: Option<usize>,
    name: &str,
) -> Result<ArrayRef, EngineError> {
    match measure {
        Measure::Sum => slide::sums(frame, column, rows, name),
        Measure::Average => slide::averages(frame, column, rows, name),
        Measure::Count => Ok(slide::counts(frame, column, rows)),
        Measure::Min => slide::extremes(frame, column, rows, std::cmp::Ordering::Less),
        Measure::Max => slide::extremes(frame, column, rows, std::cmp::Ordering::Greater),
    }
}
