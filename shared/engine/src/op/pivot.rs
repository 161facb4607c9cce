//! Spreads the values of one column over columns: every cell is a group of its own, and the groups of one value are taken
//! out of all of them as a column.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Pivot};
use jiff::tz::TimeZone;

use super::aggregate::aggregate;
use super::select::{column, named};
use crate::column::Column;
use crate::error::{EngineError, Limited};
use crate::ids::{self, Groups};
use crate::report::{Counts, Reason, Sample, shown};
use crate::table::Table;
use crate::text::value_text;

/// Columns of a table of the largest size, as the limit of rows counts them.
const COLUMNS: u64 = 30;

/// The cross table. Refused where it would have more cells than a table of `limit` rows.
pub(crate) fn pivot(
    input: &Table,
    spec: &Pivot,
    shape: &[Shape],
    zone: &TimeZone,
    limit: u64,
    strict: bool,
    counts: &mut Counts,
) -> Result<Table, EngineError> {
    let keys = spec.keys.iter().map(|i| column(input, *i)).collect::<Result<Vec<_>, _>>()?;
    let groups = ids::groups(&keys, input.rows())?;
    let spread = column(input, spec.spread)?;
    let shown_classes = spec.values.len() + usize::from(spec.others);
    // The last class takes what belongs nowhere.
    let classes = shown_classes + 1;
    // Cells are numbered in 32 bits, each aggregate's for itself.
    let limit = limit.saturating_mul(COLUMNS).min(u64::from(u32::MAX));
    if groups.len() as u64 * classes as u64 * spec.aggregates.len() as u64 > limit {
        return Err(EngineError::Limit { step: String::new(), what: Limited::Cells, limit });
    }
    let class_of = classify(spread, spec)?;
    let cells = Groups {
        of: groups.of.iter().zip(&class_of).map(|(group, class)| group * classes as u32 + class).collect(),
        // Only named in messages, for which any row of the key will do.
        firsts: groups.firsts.iter().flat_map(|first| std::iter::repeat_n(*first, classes)).collect(),
    };
    let mut told = Told { input, field: spread.name(), zone, strict, counts };
    told.left_out(spread, &class_of, shown_classes as u32)?;
    if spec.single {
        told.doubled(spread, &cells, &class_of, shown_classes as u32)?;
    }
    let firsts = UInt32Array::from(groups.firsts.clone());
    let mut columns = Vec::with_capacity(shape.len());
    for key in keys {
        columns.push(key.with_array(take(key.array(), &firsts, None)?));
    }
    let mut of_cells = Vec::with_capacity(spec.aggregates.len());
    for (spec, shape) in spec.aggregates.iter().zip(shape.iter().skip(columns.len())) {
        let values = where_listed(column(input, spec.column)?, &class_of, shown_classes as u32)?;
        of_cells.push(aggregate(input, &values, &spec.function, &cells, &shape.name, zone)?);
    }
    for class in 0..shown_classes {
        let cell: UInt32Array = (0..groups.len()).map(|group| (group * classes + class) as u32).collect();
        for cells in &of_cells {
            columns.push(cells.with_array(take(cells.array(), &cell, None)?));
        }
    }
    named(Table::new(columns, groups.len())?, shape)
}

/// The class of each row: the place of its value in the list, else the class of the others.
fn classify(spread: &Column, spec: &Pivot) -> Result<Vec<u32>, EngineError> {
    let groups = ids::of_column(spread)?;
    let others = spec.values.len() as u32;
    let class = |first: &u32| {
        let value = spread.value(*first as usize);
        (0u32..).zip(&spec.values).find(|(_, listed)| **listed == value).map_or(others, |(class, _)| class)
    };
    let classes: Vec<u32> = groups.firsts.iter().map(class).collect();
    Ok(groups.of.iter().map(|group| classes[*group as usize]).collect())
}

/// The values without those of rows that no column takes: what nobody asked for must not fail.
fn where_listed(values: &Column, class_of: &[u32], nowhere: u32) -> Result<Column, EngineError> {
    if !class_of.contains(&nowhere) {
        return Ok(values.clone());
    }
    let rows = (0u32..).zip(class_of).map(|(row, class)| (*class != nowhere).then_some(row));
    Ok(values.with_array(take(values.array(), &rows.collect::<UInt32Array>(), None)?))
}

/// Counts rows that are not part of the result, or refuses them.
struct Told<'a> {
    input: &'a Table,
    field: &'a str,
    zone: &'a TimeZone,
    strict: bool,
    counts: &'a mut Counts,
}

impl Told<'_> {
    fn tell(&mut self, column: &Column, row: usize, reason: Reason) -> Result<(), EngineError> {
        let value = shown(&value_text(&column.value(row), self.zone));
        if self.strict {
            return Err(EngineError::Conversion { place: self.input.place(self.field, row), value, reason });
        }
        let record = || self.input.record(row);
        self.counts.add(self.field, reason, || Sample {
            row: row + 1,
            group: None,
            table_row: None,
            record: record(),
            value,
        });
        Ok(())
    }

    /// Rows of values that are not listed, where no column takes them.
    fn left_out(&mut self, spread: &Column, class_of: &[u32], nowhere: u32) -> Result<(), EngineError> {
        let rows = class_of.iter().enumerate().filter(|(_, class)| **class == nowhere).map(|(row, _)| row);
        rows.into_iter().try_for_each(|row| self.tell(spread, row, Reason::NotListed))
    }

    /// Rows of a cell that has one already.
    fn doubled(&mut self, spread: &Column, cells: &Groups, class_of: &[u32], nowhere: u32) -> Result<(), EngineError> {
        let mut taken = vec![false; cells.len()];
        for (row, cell) in cells.of.iter().enumerate().filter(|(row, _)| class_of[*row] != nowhere) {
            if std::mem::replace(&mut taken[*cell as usize], true) {
                self.tell(spread, row, Reason::DoubleCell)?;
            }
        }
        Ok(())
    }
}
