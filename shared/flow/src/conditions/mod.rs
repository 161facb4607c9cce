//! Conditions as people write them, `{ field, operator, value }`, for reads (kintone decides) and for filters (we decide).

mod here;
mod kintone;

pub use here::{check_here, operators};
pub use kintone::check_kintone;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::located::{At, OneOrMany};
use crate::plan::{Operand, Operator};
use crate::problem::Problem;

/// One condition as written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Field code, or name of a column.
    pub field: At<String>,
    /// The comparison.
    pub operator: At<OperatorName>,
    /// What is compared with: one, or several for `in`, `not in`.
    #[serde(default, alias = "values")]
    pub value: Option<OneOrMany>,
}

/// Whether all conditions must hold or one is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// All
    #[default]
    All,
    /// One is enough
    Any,
}

/// A comparison as written: kintone's signs and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum OperatorName {
    /// Equal
    #[serde(rename = "=")]
    Equal,
    /// Not equal
    #[serde(rename = "!=")]
    NotEqual,
    /// Less
    #[serde(rename = "<")]
    Less,
    /// Less or equal
    #[serde(rename = "<=")]
    LessOrEqual,
    /// Greater
    #[serde(rename = ">")]
    Greater,
    /// Greater or equal
    #[serde(rename = ">=")]
    GreaterOrEqual,
    /// One of
    #[serde(rename = "in")]
    In,
    /// None of
    #[serde(rename = "not in")]
    NotIn,
    /// Contains
    #[serde(rename = "like")]
    Like,
    /// Does not contain
    #[serde(rename = "not like")]
    NotLike,
    /// Blank
    #[serde(rename = "is empty")]
    Empty,
    /// Not blank
    #[serde(rename = "is not empty")]
    NotEmpty,
}

impl From<OperatorName> for Operator {
    fn from(name: OperatorName) -> Self {
        match name {
            OperatorName::Equal => Self::Equal,
            OperatorName::NotEqual => Self::NotEqual,
            OperatorName::Less => Self::Less,
            OperatorName::LessOrEqual => Self::LessOrEqual,
            OperatorName::Greater => Self::Greater,
            OperatorName::GreaterOrEqual => Self::GreaterOrEqual,
            OperatorName::In => Self::In,
            OperatorName::NotIn => Self::NotIn,
            OperatorName::Like => Self::Like,
            OperatorName::NotLike => Self::NotLike,
            OperatorName::Empty => Self::Empty,
            OperatorName::NotEmpty => Self::NotEmpty,
        }
    }
}

/// The operator as it is written in documents, plans and kintone's queries.
pub fn operator_text(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::In => "in",
        Operator::NotIn => "not in",
        Operator::OnlyIn => "only in",
        Operator::Like => "like",
        Operator::NotLike => "not like",
        Operator::Empty => "is empty",
        Operator::NotEmpty => "is not empty",
    }
}

impl Condition {
    /// Where its problems are told: `conditions: field`.
    pub fn setting(&self) -> String {
        format!("conditions: {}", self.field.value)
    }

    /// Reports an operator without what it is compared with, or with too much.
    pub fn shape(&self, problems: &mut Vec<Problem>) {
        let operator = Operator::from(self.operator.value);
        let values = self.value.as_ref().map(|v| v.0.len());
        let text = operator_text(operator);
        let wrong = match (operator, values) {
            (Operator::Empty | Operator::NotEmpty, None) => return,
            (Operator::Empty | Operator::NotEmpty, Some(_)) => (
                format!("「{text}」に値は要りません。「value」を消してください。"),
                format!("\"{text}\" takes no value; remove \"value\"."),
            ),
            (_, None) => (
                format!("「{text}」で比べる値（value）がありません。空と比べるには「is empty」を使います。"),
                format!("There is no value to compare with by \"{text}\"; to test for blank use \"is empty\"."),
            ),
            (Operator::In | Operator::NotIn, Some(n)) if n > 0 => return,
            (Operator::In | Operator::NotIn, Some(_)) => {
                (format!("「{text}」の値が一つもありません。"), format!("\"{text}\" has no values at all."))
            }
            (_, Some(1)) => return,
            (_, Some(_)) => (
                format!("「{text}」で比べられる値は一つです。いくつかのどれか、には「in」を使います。"),
                format!("\"{text}\" compares with one value; use \"in\" for one of several."),
            ),
        };
        problems
            .push(Problem::new("wrong_values", wrong.0, wrong.1).in_setting("conditions").at(self.operator.position));
    }

    /// The values, each where it was written.
    pub fn values(&self) -> &[At<String>] {
        self.value.as_ref().map_or(&[], |v| &v.0)
    }
}

/// A value as operand: `%name%` is a parameter; a text that really begins and ends so is written with a second `%` in front.
pub fn operand(value: &str) -> Operand {
    let inner = value.strip_prefix('%').and_then(|v| v.strip_suffix('%'));
    match inner {
        Some(inner) if inner.starts_with('%') && inner.len() > 1 => Operand::Literal(value[1..].to_owned()),
        Some(name) if !name.is_empty() && !name.contains('%') => Operand::Parameter(name.to_owned()),
        _ => Operand::Literal(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_make_parameters_and_can_be_escaped() {
        for (text, expected) in [
            ("%レコード番号%", Operand::Parameter("レコード番号".into())),
            ("%$id%", Operand::Parameter("$id".into())),
            ("%%x%", Operand::Literal("%x%".into())),
            ("100%", Operand::Literal("100%".into())),
            ("%", Operand::Literal("%".into())),
            ("%%", Operand::Literal("%%".into())),
            ("%a% %b%", Operand::Literal("%a% %b%".into())),
        ] {
            assert_eq!(operand(text), expected, "{text}");
        }
    }
}
