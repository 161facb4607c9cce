//! The rules of fields, checked on the whole record that is about to be stored.

use std::cmp::Ordering;

use serde_json::Value;

use super::number;
use super::write::Place;
use crate::form::FieldType;
use crate::kintone::app::App;
use crate::kintone::rules::Rule;
use crate::kintone::text::Text;
use crate::record::{Fields, row_value};

const REQUIRED: Text = Text::fixed("必須です。", "Required.");
const DUPLICATE: Text =
    Text::fixed("値がほかのレコードと重複しています。", "This value already exists in another record.");
const BAD_URL: Text = Text::fixed(
    "URL の形式が正しくありません。http://、https://、ftp://から始まる URL を入力してください。",
    "The URL format is not valid. Enter a URL that starts with http://, https:// or ftp://.",
);
const BAD_MAIL: Text =
    Text::fixed("メールアドレスの形式が正しくありません。", "The e-mail address format is not valid.");

/// Checks a record's fields against the app's rules; what is wrong is added to `errors`. `id` is the record's own id,
/// whose values do not count as duplicates.
pub fn check(
    app: &App,
    rules: &[Rule],
    fields: &Fields,
    id: u64,
    index: Option<usize>,
    errors: &mut Vec<(String, Text)>,
) {
    let place = Place::of(index);
    for rule in rules {
        let value = fields.get(&rule.code).unwrap_or(&Value::Null);
        if rule.kind == FieldType::Subtable {
            for (row_index, row) in value.as_array().map_or(&[][..], Vec::as_slice).iter().enumerate() {
                let place = Place { row: Some((&rule.code, row_index)), ..place };
                for inner in &rule.inner {
                    check_one(inner, row_value(row, &inner.code).unwrap_or(&Value::Null), place, errors);
                }
            }
            continue;
        }
        check_one(rule, value, place, errors);
        if rule.unique
            && let Some(text) = value.as_str().filter(|text| !text.is_empty())
            && app.find_unique(&rule.code, text).is_some_and(|holder| holder != id)
        {
            errors.push((place.path(&rule.code, "value"), DUPLICATE));
        }
    }
}

fn check_one(rule: &Rule, value: &Value, place: Place<'_>, errors: &mut Vec<(String, Text)>) {
    let path = || place.path(&rule.code, "value");
    if rule.required && is_empty(value) {
        let tail = match rule.kind {
            FieldType::CheckBox | FieldType::MultiSelect | FieldType::File => "values",
            kind if kind.is_selection_of_entities() => "values.value",
            _ => "value",
        };
        errors.push((place.path(&rule.code, tail), REQUIRED));
    }
    let text = value.as_str().unwrap_or("");
    let length = if rule.min_length.is_some() || rule.max_length.is_some() { text.chars().count() } else { 0 };
    if let Some(most) = rule.max_length
        && length > most
    {
        let bound = most + 1;
        errors.push((
            path(),
            Text::made(
                format!("{bound}文字より短くなければなりません。"),
                format!("Enter less than {bound} characters."),
            ),
        ));
    }
    if let Some(least) = rule.min_length
        && length < least
    {
        let bound = least.saturating_sub(1);
        errors.push((
            path(),
            Text::made(
                format!("{bound}文字より長くなければなりません。"),
                format!("Enter more than {bound} characters."),
            ),
        ));
    }
    if text.is_empty() {
        return;
    }
    if let Some(most) = &rule.max_value
        && number::compare(text, most) == Some(Ordering::Greater)
    {
        errors.push((
            path(),
            Text::made(format!("{most}以下である必要があります。"), format!("The value must be {most} or less.")),
        ));
    }
    if let Some(least) = &rule.min_value
        && number::compare(text, least) == Some(Ordering::Less)
    {
        errors.push((
            path(),
            Text::made(format!("{least}以上である必要があります。"), format!("The value must be {least} or more.")),
        ));
    }
    match rule.protocol.as_deref() {
        Some("WEB") if !["http://", "https://", "ftp://"].iter().any(|scheme| text.starts_with(scheme)) => {
            errors.push((path(), BAD_URL));
        }
        Some("MAIL") if !text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty()) => {
            errors.push((path(), BAD_MAIL));
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
