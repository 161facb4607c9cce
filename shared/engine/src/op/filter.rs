//! Keeps the rows for which a predicate is true.

use arrow_array::BooleanArray;
use flow::formula::{Context, Expr};
use flow::plan::Predicate;
use model::value::Value;

use super::compute::TableRow;
use super::conditions;
use crate::error::{EngineError, FormulaPart};
use crate::report::{Counts, Reason, Sample};
use crate::table::Table;

/// The rows that the predicate keeps. An error value of a formula is not true: the row is dropped and counted, or, in
/// strict mode, the flow fails.
pub(crate) fn filter(
    input: &Table,
    predicate: &Predicate,
    context: &Context<'_>,
    strict: bool,
    counts: &mut Counts,
) -> Result<Table, EngineError> {
    let keep = mask(input, predicate, context, strict, &mut |row, error| {
        counts.add("", Reason::FilterError, || Sample {
            row: row + 1,
            group: None,
            table_row: None,
            record: input.record(row),
            value: error,
        });
    })?;
    input.filter(&BooleanArray::from(keep))
}

/// For each row, whether the predicate holds. Rows that a formula cannot judge are told to `failed`.
pub(crate) fn mask(
    input: &Table,
    predicate: &Predicate,
    context: &Context<'_>,
    strict: bool,
    failed: &mut dyn FnMut(usize, String),
) -> Result<Vec<bool>, EngineError> {
    match predicate {
        Predicate::Conditions(conditions) => conditions::mask(input, conditions, context),
        Predicate::AnyOf(lists) => {
            let mut keep = vec![false; input.rows()];
            for list in lists {
                let holds = conditions::mask(input, list, context)?;
                keep.iter_mut().zip(holds).for_each(|(keep, holds)| *keep |= holds);
            }
            Ok(keep)
        }
        Predicate::Formula(expr) => formula(input, expr, context, strict, failed),
        Predicate::Branch { earlier, own } => {
            let mut taken = vec![false; input.rows()];
            for part in earlier {
                // The branch that this is tells of its rows itself.
                let holds = mask(input, part, context, strict, &mut |_, _| {})?;
                taken.iter_mut().zip(holds).for_each(|(taken, holds)| *taken |= holds);
            }
            let holds = match own {
                Some(own) => mask(input, own, context, strict, &mut |row, error| {
                    if !taken.get(row).copied().unwrap_or(false) {
                        failed(row, error);
                    }
                })?,
                None => vec![true; input.rows()],
            };
            Ok(taken.into_iter().zip(holds).map(|(taken, holds)| holds && !taken).collect())
        }
    }
}

fn formula(
    input: &Table,
    expr: &Expr,
    context: &Context<'_>,
    strict: bool,
    failed: &mut dyn FnMut(usize, String),
) -> Result<Vec<bool>, EngineError> {
    let mut keep = Vec::with_capacity(input.rows());
    for row in 0..input.rows() {
        let view = TableRow { table: input, row };
        match expr.eval(&view, context) {
            Ok(value) => keep.push(holds(&value)),
            Err(error) if strict => {
                let part = FormulaPart::of(expr, &view, context);
                return Err(EngineError::Formula { place: input.place("", row), error: error.to_string(), part });
            }
            Err(error) => {
                failed(row, error.to_string());
                keep.push(false);
            }
        }
    }
    Ok(keep)
}

/// TRUE, a number other than 0, and anything else that is not blank.
fn holds(value: &Value) -> bool {
    match value {
        Value::Blank => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => !number.is_zero(),
        _ => true,
    }
}
