//! Aggregates of one column over groups: exact sums, averages and medians; counts; and values picked from a row.

use std::cmp::Ordering;

use arrow_array::UInt32Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_select::take::take;
use flow::plan::AggregateFunction;
use jiff::tz::TimeZone;
use model::decimal::arith::Sum;
use model::decimal::{Decimal, DecimalError};
use model::field::Kind;
use model::value::Value;

use super::deviation::{Deviation, deviations};
use super::joined::joined;
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::ids::{Groups, is_simple, of_column, pairs};
use crate::number::decimal;
use crate::order::Codes;
use crate::table::Table;

/// One aggregate of a column, as a column named `name` with one value per group.
pub(crate) fn aggregate(
    input: &Table,
    column: &Column,
    function: &AggregateFunction,
    groups: &Groups,
    name: &str,
    zone: &TimeZone,
) -> Result<Column, EngineError> {
    use AggregateFunction as F;
    let column = column.renamed(name);
    let deviation = |sample, root| numbers(name, groups, deviations(&column, groups, Deviation { sample, root }));
    match function {
        F::Sum
        | F::Average
        | F::Median
        | F::VarianceSample
        | F::VariancePopulation
        | F::StdevSample
        | F::StdevPopulation
            if column.kind() != Kind::Number =>
        {
            Err(unsupported(&column, function))
        }
        F::Min | F::Max if !is_simple(column.kind()) => Err(unsupported(&column, function)),
        F::Sum => numbers(name, groups, sums(&column, groups).into_iter().map(|t| t.finish().map(Some))),
        F::Average => {
            let counts = counts(groups, |row| !column.is_blank(row));
            let means = sums(&column, groups).into_iter().zip(counts).map(|(total, count)| match count {
                0 => Ok(None),
                n => total.mean(n).map(Some),
            });
            numbers(name, groups, means)
        }
        F::Median => numbers(name, groups, medians(&column, groups).into_iter()),
        F::Count => whole(name, groups, counts(groups, |row| !column.is_blank(row))),
        F::CountAll => whole(name, groups, counts(groups, |_| true)),
        F::CountDistinct => whole(name, groups, distinct(&column, groups)?),
        F::First => pick(&column, groups, |_, _| false),
        F::Last => pick(&column, groups, |_, _| true),
        F::VarianceSample => deviation(true, false),
        F::VariancePopulation => deviation(false, false),
        F::StdevSample => deviation(true, true),
        F::StdevPopulation => deviation(false, true),
        F::Join(spec) => Column::new(name, Kind::Text, joined(input, &column, spec, groups, zone)?),
        F::Min | F::Max => {
            let mut order = Codes::new(column.len());
            order.push_column(&column, false, false)?;
            let wanted = if *function == F::Min { Ordering::Less } else { Ordering::Greater };
            pick(&column, groups, |new, best| order.compare(new, best) == wanted)
        }
    }
}

fn unsupported(column: &Column, function: &AggregateFunction) -> EngineError {
    let place = Box::new(Place::field(column.name()));
    EngineError::Unsupported { place, what: format!("{function:?}"), kind: column.kind() }
}

/// A sum of mantissas of one scale, in 128 bits as long as they suffice.
#[derive(Clone, Default)]
struct Total {
    small: i128,
    scale: u32,
    large: Option<Box<Sum>>,
}

impl Total {
    fn add(&mut self, mantissa: i128) {
        match self.small.checked_add(mantissa) {
            Some(total) => self.small = total,
            None => {
                self.spill();
                self.small = mantissa;
            }
        }
    }

    /// Moves the 128 bits into the wide sum, in two halves: each of them is a decimal.
    fn spill(&mut self) {
        let large = self.large.get_or_insert_default();
        let half = self.small / 2;
        large.add(decimal(half, self.scale));
        large.add(decimal(self.small - half, self.scale));
        self.small = 0;
    }

    fn mean(mut self, count: i64) -> Result<Decimal, DecimalError> {
        if self.large.is_none()
            && let Ok(total) = Decimal::from_parts(self.small, self.scale)
        {
            return total.checked_div(Decimal::from(count));
        }
        self.spill();
        self.large.unwrap_or_default().mean(count)
    }

    fn finish(mut self) -> Result<Decimal, DecimalError> {
        if self.large.is_none()
            && let Ok(total) = Decimal::from_parts(self.small, self.scale)
        {
            return Ok(total);
        }
        self.spill();
        self.large.unwrap_or_default().finish()
    }
}

fn sums(column: &Column, groups: &Groups) -> Vec<Total> {
    let mut totals = vec![Total { scale: column.scale(), ..Total::default() }; groups.firsts.len()];
    for (mantissa, group) in column.array().as_primitive::<Decimal128Type>().iter().zip(&groups.of) {
        if let Some(mantissa) = mantissa {
            totals[*group as usize].add(mantissa);
        }
    }
    totals
}

fn counts(groups: &Groups, counted: impl Fn(usize) -> bool) -> Vec<i64> {
    let mut counts = vec![0; groups.firsts.len()];
    for (row, group) in groups.of.iter().enumerate() {
        counts[*group as usize] += i64::from(counted(row));
    }
    counts
}

fn medians(column: &Column, groups: &Groups) -> Vec<Result<Option<Decimal>, DecimalError>> {
    let mut values: Vec<Vec<i128>> = vec![Vec::new(); groups.firsts.len()];
    for (mantissa, group) in column.array().as_primitive::<Decimal128Type>().iter().zip(&groups.of) {
        values[*group as usize].extend(mantissa);
    }
    let scale = column.scale();
    values
        .into_iter()
        .map(|mut of_group| {
            of_group.sort_unstable();
            let middle = of_group.len() / 2;
            match of_group.len() {
                0 => Ok(None),
                n if n % 2 == 1 => Ok(Some(decimal(of_group[middle], scale))),
                _ => {
                    let (low, high) = (decimal(of_group[middle - 1], scale), decimal(of_group[middle], scale));
                    match low.checked_add(high) {
                        // Half of a number has one decimal more: this is exact.
                        Ok(sum) => sum.div_to(Decimal::from(2), sum.scale() + 1),
                        Err(_) => {
                            let mut both = Sum::new();
                            both.add(low);
                            both.add(high);
                            both.mean(2)
                        }
                    }
                    .map(Some)
                }
            }
        })
        .collect()
}

fn distinct(column: &Column, groups: &Groups) -> Result<Vec<i64>, EngineError> {
    let mut counts = vec![0; groups.firsts.len()];
    if is_simple(column.kind()) {
        let values = pairs(groups, &of_column(column)?);
        for row in values.firsts.iter().map(|row| *row as usize).filter(|row| !column.is_blank(*row)) {
            counts[groups.of[row] as usize] += 1;
        }
        return Ok(counts);
    }
    let mut seen: hashbrown::HashSet<(u32, Value)> = hashbrown::HashSet::new();
    for (row, group) in groups.of.iter().enumerate().filter(|(row, _)| !column.is_blank(*row)) {
        counts[*group as usize] += i64::from(seen.insert((*group, column.value(row))));
    }
    Ok(counts)
}

/// For each group the value of one row: the first that is not blank, replaced by each later one that is `better`.
fn pick(column: &Column, groups: &Groups, better: impl Fn(usize, usize) -> bool) -> Result<Column, EngineError> {
    let mut best: Vec<Option<u32>> = vec![None; groups.firsts.len()];
    for ((row, at), group) in (0..column.len()).zip(0u32..).zip(&groups.of) {
        let best = &mut best[*group as usize];
        if !column.is_blank(row) && best.is_none_or(|b| better(row, b as usize)) {
            *best = Some(at);
        }
    }
    Ok(column.with_array(take(column.array(), &UInt32Array::from(best), None)?))
}

fn whole(name: &str, groups: &Groups, counts: Vec<i64>) -> Result<Column, EngineError> {
    numbers(name, groups, counts.into_iter().map(|n| Ok(Some(Decimal::from(n)))))
}

/// A number column of one result per group. A result that fails is told of its group: no record of it is the cause.
fn numbers(
    name: &str,
    groups: &Groups,
    results: impl Iterator<Item = Result<Option<Decimal>, DecimalError>>,
) -> Result<Column, EngineError> {
    let mut builder = ColumnBuilder::new(Kind::Number);
    for (result, first) in results.zip(&groups.firsts) {
        let place = || Place::field(name).in_group(*first as usize);
        let overflow = || EngineError::Overflow { place: Box::new(place()) };
        let value = result.map_err(|_| overflow())?.map_or(Value::Blank, Value::Number);
        builder.push_value(&value).map_err(|refusal| refusal.error(Box::new(place())))?;
    }
    Column::new(name, Kind::Number, builder.finish().map_err(|e| e.of(name))?)
}
