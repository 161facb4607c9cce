//! Conditions of SUMIF and its kin: a value that must be equal, or a text with an operator in front: `">=10"`, `"<>甲"`, `"東京*"`.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use model::value::Value;

use super::ErrorValue;
use super::ast::BinaryOp;
use super::calendar;
use super::compare::compare;
use super::convert::{text, text_number};
use super::wildcards::Wildcards;

/// A condition on one value.
pub(super) struct Criterion {
    op: BinaryOp,
    wanted: Value,
    pattern: Option<Wildcards>,
}

/// The operators that a condition may begin with, longer ones first.
const OPERATORS: [(&str, BinaryOp); 6] = [
    ("<>", BinaryOp::NotEqual),
    ("<=", BinaryOp::LessOrEqual),
    (">=", BinaryOp::GreaterOrEqual),
    ("<", BinaryOp::Less),
    (">", BinaryOp::Greater),
    ("=", BinaryOp::Equal),
];

impl Criterion {
    /// The condition that a value is. Blank asks for blank.
    pub fn new(value: &Value) -> Self {
        let Value::Text(written) = value else {
            return Self { op: BinaryOp::Equal, wanted: value.clone(), pattern: None };
        };
        let (op, rest) = OPERATORS
            .into_iter()
            .find_map(|(sign, op)| written.strip_prefix(sign).map(|rest| (op, rest)))
            .unwrap_or((BinaryOp::Equal, written));
        let wanted = read(rest);
        let pattern = match (&wanted, op) {
            (Value::Text(text), BinaryOp::Equal | BinaryOp::NotEqual) => Some(Wildcards::new(text)),
            _ => None,
        };
        Self { op, wanted, pattern }
    }

    /// Whether a value fulfils it. Only values of one sort are compared by size: a text is neither above nor below a number.
    pub fn holds(&self, value: &Value, zone: &TimeZone) -> Result<bool, ErrorValue> {
        let equal = match &self.pattern {
            _ if self.wanted.is_blank() || value.is_blank() => self.wanted.is_blank() && value.is_blank(),
            // A text is looked for: numbers and truth values are none.
            Some(_) if matches!(value, Value::Number(_) | Value::Bool(_)) => false,
            Some(pattern) => pattern.matches(&text(value, zone)?),
            None => compare(&alike(value, &self.wanted), &self.wanted, zone)?.is_eq(),
        };
        Ok(match self.op {
            BinaryOp::Equal => equal,
            BinaryOp::NotEqual => !equal,
            op => self.ordered(value, zone)?.is_some_and(|order| match op {
                BinaryOp::Less => order.is_lt(),
                BinaryOp::LessOrEqual => order.is_le(),
                BinaryOp::Greater => order.is_gt(),
                _ => order.is_ge(),
            }),
        })
    }

    /// The order of a value and the wanted one, where both are of one sort.
    fn ordered(&self, value: &Value, zone: &TimeZone) -> Result<Option<Ordering>, ErrorValue> {
        let value = alike(value, &self.wanted);
        let sort = |value: &Value| match value {
            Value::Blank => None,
            Value::Number(_) | Value::Date(_) | Value::Time(_) | Value::Datetime(_) => Some(1),
            Value::Bool(_) => Some(2),
            _ => Some(3),
        };
        match (sort(&value), sort(&self.wanted)) {
            (Some(a), Some(b)) if a == b => compare(&value, &self.wanted, zone).map(Some),
            _ => Ok(None),
        }
    }
}

/// What is written behind an operator: a number, a truth value, a day, a time, else a text.
fn read(written: &str) -> Value {
    if let Some(number) = text_number(written) {
        return Value::Number(number);
    }
    match written.to_ascii_uppercase().as_str() {
        "TRUE" => Value::Bool(true),
        "FALSE" => Value::Bool(false),
        _ => calendar::parse_date(written)
            .map(Value::Date)
            .or_else(|| calendar::parse_time(written).map(Value::Time))
            .unwrap_or_else(|| Value::text(written)),
    }
}

/// Texts of numbers count as numbers beside a number: lists of options hold texts only.
fn alike(value: &Value, wanted: &Value) -> Value {
    match (value, wanted) {
        (Value::Text(text), Value::Number(_)) => text_number(text).map_or_else(|| value.clone(), Value::Number),
        _ => value.clone(),
    }
}
