//! Keeps the rows for which a predicate is true.

use arrow_array::BooleanArray;
use flow::formula::{Context, Expr};
use flow::plan::Predicate;
use model::value::Value;

use super::compute::TableRow;
use super::conditions;
use crate::error::EngineError;
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
    let keep = match predicate {
        Predicate::Conditions(conditions) => conditions::mask(input, conditions, context)?,
        Predicate::AnyOf(lists) => {
            let mut keep = vec![false; input.rows()];
            for list in lists {
                let holds = conditions::mask(input, list, context)?;
                keep.iter_mut().zip(holds).for_each(|(keep, holds)| *keep |= holds);
            }
            keep
        }
        Predicate::Formula(expr) => formula(input, expr, context, strict, counts)?,
    };
    input.filter(&BooleanArray::from(keep))
}

fn formula(
    input: &Table,
    expr: &Expr,
    context: &Context<'_>,
    strict: bool,
    counts: &mut Counts,
) -> Result<Vec<bool>, EngineError> {
    let mut keep = Vec::with_capacity(input.rows());
    for row in 0..input.rows() {
        match expr.eval(&TableRow { table: input, row }, context) {
            Ok(value) => keep.push(holds(&value)),
            Err(error) if strict => {
                return Err(EngineError::Formula { place: input.place("", row), error: error.to_string() });
            }
            Err(error) => {
                counts.add("", Reason::FilterError, || Sample {
                    row: row + 1,
                    record: input.record(row),
                    value: error.to_string(),
                });
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
