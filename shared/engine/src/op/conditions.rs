//! Conditions as in a kintone list, evaluated on columns.
//!
//! | columns | rule |
//! | --- | --- |
//! | all | a blank equals "" and nothing else; `!=` and `not in` hold for it; `<` and the like never do |
//! | text | compared exactly; `like` is "contains"; `<` by code point; white space alone is empty |
//! | number, date, time, datetime, truth value | compared by value; no `like` |
//! | lists of choices and of users | `in`: one item is among the operands (`=` is `in` with one); `like`: one item contains |
//! | files | as lists, by file name |
//! | tables | empty or not, nothing else |

use std::cmp::Ordering;

use flow::conditions::operator_text;
use flow::formula::Context;
use flow::plan::{Conditions, Operand, Operator, Test};
use model::field::Kind;
use model::value::Value;

use super::select::column;
use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::table::Table;
use crate::text::{parse, value_text};

/// For each row, whether the conditions hold. Without any condition all rows do.
pub(crate) fn mask(input: &Table, conditions: &Conditions, context: &Context<'_>) -> Result<Vec<bool>, EngineError> {
    let mut keep = vec![conditions.tests.is_empty() || !conditions.any; input.rows()];
    for test in &conditions.tests {
        let index = test.column.ok_or_else(|| EngineError::plan(format!("condition on {}: no column", test.field)))?;
        let column = column(input, index)?;
        let holds = compile(column, test, context)?;
        for (row, keep) in keep.iter_mut().enumerate() {
            // What is settled is not asked again.
            if *keep != conditions.any {
                *keep = holds(row);
            }
        }
    }
    Ok(keep)
}

/// A condition on rows, by number.
type Holds<'a> = Box<dyn Fn(usize) -> bool + 'a>;

fn compile<'a>(column: &'a Column, test: &Test, context: &Context<'_>) -> Result<Holds<'a>, EngineError> {
    let kind = column.kind();
    match test.operator {
        Operator::Empty => return Ok(Box::new(|row| empty(column, row))),
        Operator::NotEmpty => return Ok(Box::new(|row| !empty(column, row))),
        _ => {}
    }
    let unsupported = || EngineError::Unsupported {
        place: Box::new(Place::field(column.name())),
        what: operator_text(test.operator).to_owned(),
        kind,
    };
    if kind == Kind::Rows {
        return Err(unsupported());
    }
    let operands = operands(kind, test, context)?;
    match kind {
        Kind::Text => {
            let texts: Vec<Option<String>> = operands.into_iter().map(text_of).collect();
            text_test(column, test.operator, texts).ok_or_else(unsupported)
        }
        Kind::Texts | Kind::Entities | Kind::Files => {
            let texts: Vec<Option<String>> = operands.into_iter().map(text_of).collect();
            list_test(column, test.operator, texts).ok_or_else(unsupported)
        }
        Kind::Number => {
            let wanted = operands.into_iter().map(|v| if let Value::Number(n) = v { Some(n) } else { None }).collect();
            ordered(test.operator, |row| column.number(row), wanted).ok_or_else(unsupported)
        }
        Kind::Date | Kind::Time | Kind::Datetime | Kind::Bool => {
            let wanted = operands.iter().map(whole).collect();
            ordered(test.operator, |row| whole(&column.value(row)), wanted).ok_or_else(unsupported)
        }
        Kind::Rows => Err(unsupported()),
    }
}

/// The number that orders dates, times, instants and truth values.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Date(n) | Value::Time(n) => Some(i64::from(*n)),
        Value::Datetime(n) => Some(*n),
        Value::Bool(truth) => Some(i64::from(*truth)),
        _ => None,
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// Blank, or nothing but white space: as kintone's `is empty`.
fn empty(column: &Column, row: usize) -> bool {
    column.is_blank(row) || column.text(row).is_some_and(|text| text.chars().all(char::is_whitespace))
}

/// Comparison by value. `None` for operators that need text.
fn ordered<'a, T: Ord + 'a>(
    operator: Operator,
    value: impl Fn(usize) -> Option<T> + 'a,
    operands: Vec<Option<T>>,
) -> Option<Holds<'a>> {
    let holds: fn(Ordering) -> bool = match operator {
        Operator::Equal | Operator::In => return Some(Box::new(move |row| operands.contains(&value(row)))),
        Operator::NotEqual | Operator::NotIn => return Some(Box::new(move |row| !operands.contains(&value(row)))),
        Operator::Less => Ordering::is_lt,
        Operator::LessOrEqual => Ordering::is_le,
        Operator::Greater => Ordering::is_gt,
        Operator::GreaterOrEqual => Ordering::is_ge,
        _ => return None,
    };
    let limit = operands.into_iter().next().flatten();
    Some(Box::new(move |row| value(row).zip(limit.as_ref()).is_some_and(|(v, limit)| holds(v.cmp(limit)))))
}

fn text_test(column: &Column, operator: Operator, operands: Vec<Option<String>>) -> Option<Holds<'_>> {
    match operator {
        Operator::Like => Some(Box::new(move |row| operands.iter().any(|part| contains(column.text(row), part)))),
        Operator::NotLike => Some(Box::new(move |row| !operands.iter().any(|part| contains(column.text(row), part)))),
        Operator::Equal | Operator::In => {
            Some(Box::new(move |row| operands.iter().any(|wanted| wanted.as_deref() == column.text(row))))
        }
        Operator::NotEqual | Operator::NotIn => {
            Some(Box::new(move |row| !operands.iter().any(|wanted| wanted.as_deref() == column.text(row))))
        }
        _ => ordered(operator, |row| column.text(row).map(str::to_owned), operands),
    }
}

fn list_test(column: &Column, operator: Operator, operands: Vec<Option<String>>) -> Option<Holds<'_>> {
    let any = move |row, same: fn(Option<&str>, &Option<String>) -> bool| {
        let labels = column.labels(row);
        operands.iter().any(|wanted| {
            if labels.is_empty() { same(None, wanted) } else { labels.iter().any(|label| same(Some(label), wanted)) }
        })
    };
    let equal: fn(Option<&str>, &Option<String>) -> bool = |label, wanted| label == wanted.as_deref();
    match operator {
        Operator::Equal | Operator::In => Some(Box::new(move |row| any(row, equal))),
        Operator::NotEqual | Operator::NotIn => Some(Box::new(move |row| !any(row, equal))),
        Operator::Like => Some(Box::new(move |row| any(row, contains))),
        Operator::NotLike => Some(Box::new(move |row| !any(row, contains))),
        _ => None,
    }
}

/// Blank contains blank alone.
fn contains(text: Option<&str>, part: &Option<String>) -> bool {
    match (text, part) {
        (Some(text), Some(part)) => text.contains(part.as_str()),
        (None, None) => true,
        _ => false,
    }
}

/// The operands as values of the column's kind; of texts for lists, whose items are compared.
fn operands(kind: Kind, test: &Test, context: &Context<'_>) -> Result<Vec<Value>, EngineError> {
    let bad = |operand: &str| EngineError::Operand {
        place: Box::new(Place::field(test.field.clone())),
        operand: operand.to_owned(),
    };
    let kind = if matches!(kind, Kind::Texts | Kind::Entities | Kind::Files) { Kind::Text } else { kind };
    let read = |text: &str| parse(kind, text, context.zone).ok_or_else(|| bad(text));
    let mut values = Vec::with_capacity(test.operands.len());
    for operand in &test.operands {
        match operand {
            Operand::Literal(text) => values.push(read(text)?),
            Operand::Parameter(name) => match context.parameters.get(name) {
                None => return Err(bad(&format!("%{name}%"))),
                Some(Value::Texts(items)) => {
                    for item in items {
                        values.push(read(item)?);
                    }
                }
                Some(Value::Entities(items)) => {
                    for item in items {
                        values.push(read(&item.code)?);
                    }
                }
                Some(value) if value.is_blank() || value.kind() == Some(kind) => values.push(value.clone()),
                Some(value) => values.push(read(&value_text(value, context.zone))?),
            },
            Operand::Function(text) => return Err(bad(text)),
        }
    }
    if values.is_empty() {
        return Err(bad(""));
    }
    Ok(values)
}
