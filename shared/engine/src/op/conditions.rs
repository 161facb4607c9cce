//! Conditions as in a kintone list, evaluated on columns.
//!
//! | columns | rule |
//! | --- | --- |
//! | all | a blank equals "" and nothing else; `!=` and `not in` hold for it; `<` and the like never do |
//! | text | compared exactly; `like` is "contains"; `<` by code point; white space alone is empty |
//! | number, date, time, datetime, truth value | compared by value; no `like` |
//! | lists of choices and of users | `in`: one item is among the operands (`=` is `in` with one); `only in`: every item; `like`: one item contains |
//! | files | as lists, by file name |
//! | tables | empty or not, nothing else |

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use flow::conditions::operator_text;
use flow::formula::Context;
use flow::plan::{Conditions, Operand, Operator, Test};
use model::decimal::Decimal;
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
        Judge { keep: &mut keep, any: conditions.any, column }.test(test, context)?;
    }
    Ok(keep)
}

/// A condition on its way over the rows of a column.
struct Judge<'a> {
    keep: &'a mut [bool],
    any: bool,
    column: &'a Column,
}

impl Judge<'_> {
    /// Asks about every row that is not settled yet.
    fn settle(self, holds: impl Fn(usize) -> bool) {
        for (row, keep) in self.keep.iter_mut().enumerate() {
            if *keep != self.any {
                *keep = holds(row);
            }
        }
    }

    fn test(self, test: &Test, context: &Context<'_>) -> Result<(), EngineError> {
        let (column, kind) = (self.column, self.column.kind());
        match test.operator {
            Operator::Empty => {
                self.settle(|row| empty(column, row));
                return Ok(());
            }
            Operator::NotEmpty => {
                self.settle(|row| !empty(column, row));
                return Ok(());
            }
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
        let known = match kind {
            Kind::Text => {
                let texts: Vec<Option<String>> = operands.into_iter().map(text_of).collect();
                self.text_test(test.operator, &texts)
            }
            Kind::Texts | Kind::Entities | Kind::Files => {
                let texts: Vec<Option<String>> = operands.into_iter().map(text_of).collect();
                self.list_test(test.operator, &texts)
            }
            Kind::Number => self.number_test(test.operator, &operands),
            Kind::Date | Kind::Time | Kind::Datetime | Kind::Bool => {
                let wanted: Vec<Option<i64>> = operands.iter().map(whole).collect();
                self.ordered(test.operator, |row| whole(&column.value(row)), &wanted)
            }
            Kind::Rows => None,
        };
        known.ok_or_else(unsupported)
    }

    /// Comparison by value. `None` for operators that need text.
    fn ordered<T: Ord>(
        self,
        operator: Operator,
        value: impl Fn(usize) -> Option<T>,
        operands: &[Option<T>],
    ) -> Option<()> {
        match operator {
            Operator::Equal | Operator::In => self.settle(|row| operands.contains(&value(row))),
            Operator::NotEqual | Operator::NotIn => self.settle(|row| !operands.contains(&value(row))),
            _ => {
                let holds = size(operator)?;
                let limit = operands.first()?.as_ref();
                self.settle(|row| value(row).zip(limit).is_some_and(|(v, limit)| holds(v.cmp(limit))));
            }
        }
        Some(())
    }

    /// Numbers are compared at the column's scale where the operands have it, as mantissas.
    fn number_test(self, operator: Operator, operands: &[Value]) -> Option<()> {
        let column = self.column;
        let number = |value: &Value| if let Value::Number(n) = value { Some(*n) } else { None };
        let wanted: Vec<Option<Decimal>> = operands.iter().map(number).collect();
        let mantissa = |number: &Option<Decimal>| match number {
            None => Some(None),
            Some(number) => number.mantissa_at(column.scale()).map(Some),
        };
        let Some(mantissas) = wanted.iter().map(mantissa).collect::<Option<Vec<Option<i128>>>>() else {
            return self.ordered(operator, |row| column.number(row), &wanted);
        };
        let array = column.array().as_primitive::<Decimal128Type>();
        let values = array.values();
        match array.nulls() {
            None => self.ordered(operator, |row| Some(values[row]), &mantissas),
            Some(nulls) => self.ordered(operator, |row| nulls.is_valid(row).then(|| values[row]), &mantissas),
        }
    }

    fn text_test(self, operator: Operator, operands: &[Option<String>]) -> Option<()> {
        let array = self.column.array().as_string_view();
        let text = |row: usize| array.is_valid(row).then(|| array.value(row));
        match operator {
            Operator::Like => self.settle(|row| operands.iter().any(|part| contains(text(row), part))),
            Operator::NotLike => self.settle(|row| !operands.iter().any(|part| contains(text(row), part))),
            _ => {
                let operands: Vec<Option<&str>> = operands.iter().map(Option::as_deref).collect();
                return self.ordered(operator, text, &operands);
            }
        }
        Some(())
    }

    fn list_test(self, operator: Operator, operands: &[Option<String>]) -> Option<()> {
        let column = self.column;
        let any = move |row, same: fn(Option<&str>, &Option<String>) -> bool| {
            let labels = column.labels(row);
            operands.iter().any(|wanted| {
                if labels.is_empty() {
                    same(None, wanted)
                } else {
                    labels.iter().any(|label| same(Some(label), wanted))
                }
            })
        };
        let equal: fn(Option<&str>, &Option<String>) -> bool = |label, wanted| label == wanted.as_deref();
        match operator {
            Operator::Equal | Operator::In => self.settle(|row| any(row, equal)),
            Operator::NotEqual | Operator::NotIn => self.settle(|row| !any(row, equal)),
            Operator::OnlyIn => {
                let known = |label: &str| operands.iter().any(|wanted| wanted.as_deref() == Some(label));
                self.settle(|row| match column.labels(row) {
                    labels if labels.is_empty() => any(row, equal),
                    labels => labels.into_iter().all(known),
                });
            }
            Operator::Like => self.settle(|row| any(row, contains)),
            Operator::NotLike => self.settle(|row| !any(row, contains)),
            _ => return None,
        }
        Some(())
    }
}

/// Which orders of value and operand a comparison of size holds for.
fn size(operator: Operator) -> Option<fn(Ordering) -> bool> {
    Some(match operator {
        Operator::Less => Ordering::is_lt,
        Operator::LessOrEqual => Ordering::is_le,
        Operator::Greater => Ordering::is_gt,
        Operator::GreaterOrEqual => Ordering::is_ge,
        _ => return None,
    })
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
            Operand::Parameter(name) | Operand::Narrowing { parameter: name, .. } => match context.parameters.get(name)
            {
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
