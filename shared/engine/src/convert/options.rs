//! Choices: what a field with options makes of a text or of a list.

use model::field::{Field, FieldType};
use model::value::Value;

use super::cell::Converted;
use crate::report::Reason;

/// One choice.
///
/// A schema that does not tell the options leaves the check to kintone.
pub(super) fn choose_one(text: &str, field: &Field) -> Converted {
    if field.options.is_empty() || field.options.iter().any(|option| option == text) {
        return Converted::clean(Value::text(text));
    }
    // A radio button cannot be without a choice once it has one; kintone shows its first option first.
    let instead = match field.field_type {
        FieldType::RadioButton => field.options.first().cloned().map_or(Value::Blank, Value::text),
        _ => Value::Blank,
    };
    Converted::lossy(instead, Reason::UnknownOption)
}

/// Several choices, in the field's order and each once.
pub(super) fn choose_some(texts: &[String], field: &Field) -> Converted {
    if field.options.is_empty() {
        return Converted::clean(if texts.is_empty() { Value::Blank } else { Value::Texts(texts.to_vec()) });
    }
    let known: Vec<String> = field.options.iter().filter(|option| texts.contains(option)).cloned().collect();
    let unknown = texts.iter().any(|text| !field.options.contains(text));
    let value = if known.is_empty() { Value::Blank } else { Value::Texts(known) };
    if unknown { Converted::lossy(value, Reason::UnknownOption) } else { Converted::clean(value) }
}
