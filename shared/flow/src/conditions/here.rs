//! Conditions that the engine evaluates on columns.

use model::field::Kind;

use super::kintone::{form, function_name};
use super::{Condition, operand, operator_text};
use crate::check::StepCheck;
use crate::kinds::{is_ordered, kind_words};
use crate::literal;
use crate::plan::{Column, Operand, Operator as O, Test};
use crate::problem::Problem;

/// What the engine offers for a kind.
pub fn operators(kind: Kind) -> &'static [O] {
    match kind {
        Kind::Text => &[O::Equal, O::NotEqual, O::In, O::NotIn, O::Like, O::NotLike, O::Empty, O::NotEmpty],
        Kind::Bool => &[O::Equal, O::NotEqual, O::Empty, O::NotEmpty],
        kind if is_ordered(kind) => &[
            O::Equal,
            O::NotEqual,
            O::Less,
            O::LessOrEqual,
            O::Greater,
            O::GreaterOrEqual,
            O::In,
            O::NotIn,
            O::Empty,
            O::NotEmpty,
        ],
        Kind::Texts | Kind::Entities => &[O::In, O::NotIn, O::Empty, O::NotEmpty],
        _ => &[O::Empty, O::NotEmpty],
    }
}

/// Checks a condition against columns. `None`: reported, in this setting.
pub fn check_here(check: &mut StepCheck<'_>, columns: &[Column], condition: &Condition, setting: &str) -> Option<Test> {
    let index = check.column(columns, &condition.field, setting, condition.field.position)?;
    let kind = columns[index].kind;
    let operator = O::from(condition.operator.value);
    let known = operators(kind);
    if !known.contains(&operator) {
        let usable = known.iter().map(|o| operator_text(*o)).collect::<Vec<_>>().join("  ");
        let text = operator_text(operator);
        check.problem(
            Problem::new(
                "operator_not_for_kind",
                format!(
                    "列「{}」は{}なので「{text}」は使えません。使えるもの: {usable}",
                    condition.field.value,
                    kind_words(kind).ja
                ),
                format!(
                    "The column \"{}\" is of kind {}, which does not know \"{text}\". Usable: {usable}",
                    condition.field.value,
                    kind_words(kind).en
                ),
            )
            .in_setting(setting)
            .at(condition.operator.position),
        );
        return None;
    }
    let before = check.problem_count();
    let mut operands = Vec::new();
    for value in condition.values() {
        let operand = operand(value);
        if let Operand::Literal(text) = &operand {
            let words = kind_words(kind);
            let bad = if kind != Kind::Text && function_name(text).is_some() {
                Some((
                    format!(
                        "「{text}」のような関数は input_app の条件で使えます。ここでは「formula」に書いてください。"
                    ),
                    format!("Functions such as {text} belong to the conditions of input_app; here write a formula."),
                ))
            } else if !text.is_empty()
                && !matches!(kind, Kind::Texts | Kind::Entities)
                && literal::parse(kind, text).is_none()
            {
                Some((
                    format!("「{text}」は{}ではありません（{}）。", words.ja, form(kind)),
                    format!("\"{text}\" is no value of kind {} ({}).", words.en, form(kind)),
                ))
            } else {
                None
            };
            if let Some((ja, en)) = bad {
                check.problem(Problem::new("bad_value", ja, en).in_setting(setting).at(value.position));
            }
        }
        operands.push(operand);
    }
    (check.problem_count() == before).then(|| Test {
        field: condition.field.value.clone(),
        column: Some(index),
        operator,
        operands,
    })
}
