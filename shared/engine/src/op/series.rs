//! Makes the rows of a range.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array};
use flow::formula::{Context, Expr};
use flow::plan::{Column as Shape, Series, SeriesStep};
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use model::decimal::Decimal;
use model::field::Kind;
use model::value::Value;

use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::{EngineError, FormulaPart, Limited, Place};
use crate::table::Table;
use crate::text::{date_of, days_of};

/// The one column of the series.
pub(crate) fn series(spec: &Series, shape: &[Shape], context: &Context<'_>) -> Result<Table, EngineError> {
    let [shape] = shape else { return Err(EngineError::plan("a series has one column")) };
    let name = shape.name.as_str();
    let array = match &spec.step {
        SeriesStep::Numbers(step) => numbers(spec, step, name, context)?,
        SeriesStep::Days(n) => days(spec, name, context, |first, i| {
            i64::from(*n)
                .checked_mul(i)
                .and_then(|days| date_of(first)?.checked_add(Span::new().try_days(days).ok()?).ok())
        })?,
        SeriesStep::Months(n) => days(spec, name, context, |first, i| {
            i64::from(*n)
                .checked_mul(i)
                .and_then(|months| date_of(first)?.checked_add(Span::new().try_months(months).ok()?).ok())
        })?,
        SeriesStep::BusinessDays => {
            let all = bounded(spec, name, context, |first, i| date_of(first)?.checked_add(i.days()).ok())?;
            Arc::new(Date32Array::from_iter_values(all.into_iter().filter(|day| works(*day, context))))
        }
    };
    let rows = array.len();
    Table::new(vec![Column::new(name, shape.kind, array)?], rows)
}

/// No Saturday, no Sunday, no holiday.
fn works(day: i32, context: &Context<'_>) -> bool {
    let weekend = |date: Date| matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    !date_of(day).is_none_or(weekend) && !context.holidays.contains(&day)
}

fn evaluate(expr: &Expr, name: &str, expected: Kind, context: &Context<'_>) -> Result<Value, EngineError> {
    let place = || Box::new(Place::field(name));
    let no_row: Vec<Value> = Vec::new();
    let value = expr.eval(&no_row, context).map_err(|error| {
        let part = FormulaPart::of(expr, &no_row, context);
        EngineError::Formula { place: place(), error: error.to_string(), part }
    })?;
    match value.kind() {
        Some(found) if found == expected => Ok(value),
        Some(found) => Err(EngineError::Kind { place: place(), expected, found }),
        None => Err(EngineError::Formula { place: place(), error: "blank（空）".into(), part: Box::default() }),
    }
}

fn too_many(spec: &Series) -> EngineError {
    EngineError::Limit { step: String::new(), what: Limited::Rows, limit: u64::from(spec.limit) }
}

/// The days from the first to the last: `day(first, i)` is the i-th.
fn bounded(
    spec: &Series,
    name: &str,
    context: &Context<'_>,
    day: impl Fn(i32, i64) -> Option<Date>,
) -> Result<Vec<i32>, EngineError> {
    let date = |expr| match evaluate(expr, name, Kind::Date, context)? {
        Value::Date(day) => Ok(day),
        other => Err(EngineError::plan(format!("{other:?} is no date"))),
    };
    let (first, last) = (date(&spec.from)?, date(&spec.to)?);
    let mut days = Vec::new();
    // Beyond the calendar's last year there is no day.
    while let Some(next) = day(first, days.len() as i64).and_then(days_of).filter(|next| *next <= last) {
        if days.len() as u64 >= u64::from(spec.limit) {
            return Err(too_many(spec));
        }
        days.push(next);
    }
    Ok(days)
}

fn days(
    spec: &Series,
    name: &str,
    context: &Context<'_>,
    day: impl Fn(i32, i64) -> Option<Date>,
) -> Result<ArrayRef, EngineError> {
    Ok(Arc::new(Date32Array::from(bounded(spec, name, context, day)?)))
}

fn numbers(spec: &Series, step: &Expr, name: &str, context: &Context<'_>) -> Result<ArrayRef, EngineError> {
    let number = |expr| match evaluate(expr, name, Kind::Number, context)? {
        Value::Number(number) => Ok(number),
        other => Err(EngineError::plan(format!("{other:?} is no number"))),
    };
    let (first, last, step): (Decimal, Decimal, Decimal) = (number(&spec.from)?, number(&spec.to)?, number(step)?);
    if step.is_zero() {
        return Err(EngineError::Formula {
            place: Box::new(Place::field(name)),
            error: "step 0".into(),
            part: Box::default(),
        });
    }
    let place = |row| Box::new(Place::field(name).at(row));
    let mut builder = ColumnBuilder::new(Kind::Number);
    let mut next = first;
    while if step.is_negative() { next >= last } else { next <= last } {
        let row = builder.len();
        if row as u64 >= u64::from(spec.limit) {
            return Err(too_many(spec));
        }
        builder.push_value(&Value::Number(next)).map_err(|refusal| refusal.error(place(row)))?;
        next = next.checked_add(step).map_err(|_| EngineError::Overflow { place: place(row) })?;
    }
    builder.finish().map_err(|e| e.of(name))
}
