//! Choices: what a field with options makes of a text or of a list.

use flow::plan::UnknownOption;
use model::field::{Field, FieldType};
use model::value::Value;

use super::cell::Converted;
use crate::report::Reason;

/// One choice.
///
/// A schema that does not tell the options leaves the check to kintone.
pub(super) fn choose_one(text: &str, field: &Field, unknown: UnknownOption) -> Converted {
    if text.is_empty() || field.options.is_empty() || field.options.iter().any(|option| option == text) {
        return Converted::clean(Value::text(text));
    }
    let first = match unknown {
        // A radio button cannot be without a choice once it has one; kintone shows its first option first.
        UnknownOption::ByType => field.field_type == FieldType::RadioButton,
        UnknownOption::First => true,
        UnknownOption::Blank => false,
    };
    let instead = field.options.first().filter(|_| first).map_or(Value::Blank, Value::text);
    Converted::lossy(instead, Reason::UnknownOption)
}

/// Several choices, in the field's order and each once. The first option stands for those that are unknown only where that
/// is asked for.
pub(super) fn choose_some(texts: &[String], field: &Field, unknown: UnknownOption) -> Converted {
    if field.options.is_empty() {
        return Converted::clean(if texts.is_empty() { Value::Blank } else { Value::Texts(texts.to_vec()) });
    }
    let lost = texts.iter().any(|text| !field.options.contains(text));
    let instead = field.options.first().filter(|_| lost && unknown == UnknownOption::First);
    let chosen = |option: &&String| texts.contains(option) || instead == Some(option);
    let known: Vec<String> = field.options.iter().filter(chosen).cloned().collect();
    let value = if known.is_empty() { Value::Blank } else { Value::Texts(known) };
    if lost { Converted::lossy(value, Reason::UnknownOption) } else { Converted::clean(value) }
}
