//! Conditions that kintone evaluates: which operators a field type knows, which functions, and what a value must look like.
//! The table is kintone's own (query language, operators by field type); what kintone writes in another way is rewritten here.

use model::field::{AppSchema, Field, FieldType as T, Kind};

use super::{Condition, operand, operator_text};
use crate::check::StepCheck;
use crate::literal;
use crate::located::At;
use crate::plan::{Operand, Operator as O, Test};
use crate::problem::{Problem, proposal};

const COMPARE: &[O] = &[O::Equal, O::NotEqual, O::Less, O::LessOrEqual, O::Greater, O::GreaterOrEqual];
const NUMBERS: &[O] = &[O::Equal, O::NotEqual, O::Less, O::LessOrEqual, O::Greater, O::GreaterOrEqual, O::In, O::NotIn];
const TEXTS: &[O] = &[O::Equal, O::NotEqual, O::In, O::NotIn, O::Like, O::NotLike];
const LONG_TEXTS: &[O] = &[O::Like, O::NotLike, O::Empty, O::NotEmpty];
const RICH_TEXTS: &[O] = &[O::Like, O::NotLike];
const CHOICES: &[O] = &[O::In, O::NotIn];
const STATUS: &[O] = &[O::Equal, O::NotEqual, O::In, O::NotIn];

const DAY_FUNCTIONS: &[&str] = &[
    "TODAY",
    "YESTERDAY",
    "TOMORROW",
    "FROM_TODAY",
    "THIS_WEEK",
    "LAST_WEEK",
    "NEXT_WEEK",
    "THIS_MONTH",
    "LAST_MONTH",
    "NEXT_MONTH",
    "THIS_YEAR",
    "LAST_YEAR",
    "NEXT_YEAR",
];

/// What kintone offers for a field type.
fn operators(field: &Field) -> &'static [O] {
    match field.field_type {
        T::RecordNumber | T::Id | T::Number => NUMBERS,
        T::Calc => match field.kind() {
            Some(Kind::Number) => NUMBERS,
            _ => COMPARE,
        },
        T::SingleLineText | T::Link => TEXTS,
        T::MultiLineText | T::File => LONG_TEXTS,
        T::RichText => RICH_TEXTS,
        T::CheckBox | T::RadioButton | T::DropDown | T::MultiSelect => CHOICES,
        T::Date | T::Time | T::Datetime | T::CreatedTime | T::UpdatedTime => COMPARE,
        T::Creator | T::Modifier | T::UserSelect | T::StatusAssignee | T::OrganizationSelect | T::GroupSelect => {
            CHOICES
        }
        T::Status => STATUS,
        T::Revision | T::Category | T::Subtable | T::ReferenceTable | T::Group | T::Other => &[],
    }
}

fn functions(field: &Field) -> Vec<&'static str> {
    match (field.field_type, field.kind()) {
        (T::Datetime | T::CreatedTime | T::UpdatedTime, _) | (T::Calc, Some(Kind::Datetime)) => {
            [&["NOW"], DAY_FUNCTIONS].concat()
        }
        (T::Date, _) | (T::Calc, Some(Kind::Date)) => DAY_FUNCTIONS.to_vec(),
        (T::Creator | T::Modifier | T::UserSelect | T::StatusAssignee, _) => vec!["LOGINUSER"],
        (T::OrganizationSelect, _) => vec!["PRIMARY_ORGANIZATION"],
        _ => Vec::new(),
    }
}

/// The field of a condition: one of the form, or a column of one of its tables (then true).
fn condition_field<'s>(app: &'s AppSchema, code: &str) -> Option<(&'s Field, bool)> {
    if let Some(field) = app.field(code) {
        return Some((field, false));
    }
    app.fields.iter().flat_map(|f| &f.fields).find(|f| f.code == code).map(|f| (f, true))
}

/// Checks a condition against an app. `None`: reported.
pub fn check_kintone(check: &mut StepCheck<'_>, app: &AppSchema, condition: &Condition) -> Option<Test> {
    let Some((field, in_table)) = condition_field(app, &condition.field) else {
        let (ja, en) = proposal(&condition.field, app.fields.iter().map(|f| f.code.as_str()));
        check.problem(problem(
            "unknown_field",
            format!("アプリ {} にフィールドコード「{}」はありません。{ja}", app.app, condition.field.value),
            format!("App {} has no field code \"{}\".{en}", app.app, condition.field.value),
            &condition.field,
        ));
        return None;
    };
    let written = O::from(condition.operator.value);
    let known = operators(field);
    let operator = rewrite(written, known, in_table);
    if !known.contains(&operator) || (in_table && matches!(operator, O::Equal | O::NotEqual)) {
        let usable: Vec<&str> = known
            .iter()
            .filter(|o| !(in_table && matches!(o, O::Equal | O::NotEqual)))
            .map(|o| operator_text(*o))
            .collect();
        let (usable_ja, usable_en) = match usable.is_empty() {
            true => {
                ("このフィールドは条件に使えません。".to_owned(), "this field cannot be part of a condition".to_owned())
            }
            false => (format!("使えるもの: {}", usable.join("  ")), format!("usable: {}", usable.join("  "))),
        };
        check.problem(
            problem(
                "operator_not_for_field",
                format!("フィールド「{}」に「{}」は使えません。{usable_ja}", field.code, operator_text(written)),
                format!("The field \"{}\" does not know \"{}\"; {usable_en}.", field.code, operator_text(written)),
                &condition.field,
            )
            .at(condition.operator.position),
        );
        return None;
    }
    let before = check.problem_count();
    let mut operands: Vec<Operand> =
        condition.values().iter().map(|v| operand_for(check, field, operator, v)).collect();
    if operands.is_empty() && !matches!(operator, O::Empty | O::NotEmpty) {
        operands.push(Operand::Literal(String::new())); // "is empty", rewritten
    }
    (check.problem_count() == before).then(|| Test { field: field.code.clone(), column: None, operator, operands })
}

/// What kintone writes differently: `=` of a choice is `in`, and "is empty" of most types is a comparison with "".
fn rewrite(written: O, known: &[O], in_table: bool) -> O {
    let equal = known.contains(&O::Equal) && !in_table;
    match written {
        O::Equal | O::Empty if !known.contains(&written) && !equal && known.contains(&O::In) => O::In,
        O::NotEqual | O::NotEmpty if !known.contains(&written) && !equal && known.contains(&O::NotIn) => O::NotIn,
        O::Equal if in_table && known.contains(&O::In) => O::In,
        O::NotEqual if in_table && known.contains(&O::NotIn) => O::NotIn,
        O::Empty if !known.contains(&O::Empty) && equal => O::Equal,
        O::NotEmpty if !known.contains(&O::NotEmpty) && equal => O::NotEqual,
        other => other,
    }
}

fn problem(code: &'static str, ja: String, en: String, field: &At<String>) -> Problem {
    Problem::new(code, ja, en).in_setting(format!("conditions: {}", field.value)).at(field.position)
}

fn operand_for(check: &mut StepCheck<'_>, field: &Field, operator: O, value: &At<String>) -> Operand {
    let operand = operand(value);
    let Operand::Literal(text) = &operand else { return operand };
    let offered = functions(field);
    if let Some(name) = function_name(text) {
        if offered.contains(&name) {
            return Operand::Function(text.clone());
        }
        if !offered.is_empty() {
            let (ja, en) = proposal(name, offered.iter().copied());
            check.problem(value_problem(
                field,
                value,
                "unknown_query_function",
                format!("このフィールドで関数 {name} は使えません。{ja}"),
                format!("This field does not know the function {name}.{en}"),
            ));
            return operand;
        }
    }
    let bad = match field.kind() {
        // The record number may have the app's code in front.
        _ if text.is_empty() => None,
        Some(kind @ (Kind::Number | Kind::Date | Kind::Time | Kind::Datetime))
            if literal::parse(kind, text).is_none() =>
        {
            let words = crate::kinds::kind_words(kind);
            Some((
                format!("「{text}」は{}ではありません（{}）。", words.ja, form(kind)),
                format!("\"{text}\" is no value of kind {} ({}).", words.en, form(kind)),
            ))
        }
        _ if !matches!(operator, O::In | O::NotIn) || field.options.is_empty() || field.options.contains(text) => None,
        _ => {
            let (ja, en) = proposal(text, field.options.iter().map(String::as_str));
            Some((format!("選択肢「{text}」はありません。{ja}"), format!("There is no option \"{text}\".{en}")))
        }
    };
    if let Some((ja, en)) = bad {
        check.problem(value_problem(field, value, "bad_value", ja, en));
    }
    operand
}

fn value_problem(field: &Field, value: &At<String>, code: &'static str, ja: String, en: String) -> Problem {
    Problem::new(code, ja, en).in_setting(format!("conditions: {}", field.code)).at(value.position)
}

/// How a value of the kind is written.
pub(super) fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "1234.5",
        Kind::Date => "2026-11-21",
        Kind::Time => "15:31",
        Kind::Datetime => "2026-11-21T06:31:00Z",
        Kind::Bool => "TRUE",
        _ => "…",
    }
}

/// The name in front of the bracket, where the text looks like a call of a function.
pub(super) fn function_name(text: &str) -> Option<&str> {
    let name = text.strip_suffix(')')?.split_once('(')?.0;
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')).then_some(name)
}
