//! Values of a column that become columns: how settings list and name them. Shared by `pivot` and `transpose_rows_to_columns`.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer};

use model::value::Value;

use crate::check::StepCheck;
use crate::kinds::kind_words;
use crate::literal;
use crate::located::At;
use crate::plan::Column;
use crate::problem::{Position, Problem};
use crate::settings::{Either, name_or};

/// Most columns that a step may spread values over: kintone's own limit of fields in an app is far below.
const MOST: usize = 1_000;

/// A value that becomes columns: its text, or `{ value: text, as: name }`.
#[derive(Clone, Debug)]
pub(super) struct SpreadValue {
    value: At<String>,
    name: Option<String>,
}

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SpreadMap {
    value: At<String>,
    #[serde(rename = "as")]
    name: String,
}

impl<'de> Deserialize<'de> for SpreadValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<SpreadMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(value) => Self { value: At { value, position }, name: None },
            Either::Map(SpreadMap { value, name }) => Self { value, name: Some(name) },
        })
    }
}

impl JsonSchema for SpreadValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SpreadValue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<SpreadMap>(generator)
    }
}

/// The names of columns: `{value}` stands for the value, `{name}` for what is shown of it.
pub(super) struct Pattern<'a> {
    /// The pattern, where one is written.
    pub written: Option<&'a At<String>>,
    /// Whether the names of what is shown are needed to tell the columns apart.
    pub several: bool,
}

impl Pattern<'_> {
    /// The name of a column.
    pub(super) fn name(&self, value: &str, shown: &str) -> String {
        let default = if self.several { "{value}_{name}" } else { "{value}" };
        let pattern = self.written.map_or(default, |p| p.value.as_str());
        // One pass, so that braces inside a value stay what they are.
        let (mut name, mut rest) = (String::new(), pattern);
        while let Some(at) = rest.find('{') {
            name.push_str(&rest[..at]);
            rest = &rest[at..];
            let known = [("{value}", value), ("{name}", shown)].into_iter().find(|(mark, _)| rest.starts_with(mark));
            let (mark, text) = known.unwrap_or(("{", "{"));
            name.push_str(text);
            rest = &rest[mark.len()..];
        }
        name.push_str(rest);
        name
    }

    /// Reports a pattern that gives several columns one name.
    pub(super) fn shape(&self, problems: &mut Vec<Problem>) {
        let Some(written) = self.written else { return };
        let missing = if !written.value.contains("{value}") {
            "{value}"
        } else if self.several && !written.value.contains("{name}") {
            "{name}"
        } else {
            return;
        };
        problems.push(
            Problem::new(
                "name_pattern",
                format!("「names」に {missing} が要ります。ないと列の名前が重なります。"),
                format!("\"names\" needs {missing}, or columns would have one name."),
            )
            .in_setting("names")
            .at(written.position),
        );
    }
}

/// The listed values as values of the column, with the text that stands for each in names. `None`: reported.
pub(super) fn values(
    check: &mut StepCheck<'_>,
    column: &Column,
    listed: &At<Vec<SpreadValue>>,
    columns_each: usize,
) -> Option<Vec<(Value, String)>> {
    let before = check.problem_count();
    let mut found: Vec<(Value, String)> = Vec::new();
    let mut report = |code, at: Position, ja: String, en: String| {
        check.problem(Problem::new(code, ja, en).in_setting("values").at(at));
    };
    if listed.len() * columns_each > MOST {
        report(
            "too_many_columns",
            listed.position,
            format!("列が {} になります。上限は {MOST} です。", listed.len() * columns_each),
            format!("This makes {} columns; the limit is {MOST}.", listed.len() * columns_each),
        );
    }
    for item in &listed.value {
        let (text, at) = (item.value.value.as_str(), item.value.position);
        let Some(value) = literal::parse(column.kind, text) else {
            let kind = kind_words(column.kind);
            report(
                "no_value",
                at,
                format!("「{text}」は{}の値ではありません。", kind.ja),
                format!("\"{text}\" is no value of kind {}.", kind.en),
            );
            continue;
        };
        if found.iter().any(|(other, _)| *other == value) {
            report(
                "value_twice",
                at,
                format!("値「{text}」が二度あります。"),
                format!("The value \"{text}\" is there twice."),
            );
        }
        if value.is_blank() && item.name.is_none() {
            report(
                "no_name",
                at,
                "空の値には名前が要ります。{ value: \"\", as: 名前 } と書いてください。".into(),
                "The blank value needs a name; write { value: \"\", as: name }.".into(),
            );
        }
        found.push((value, item.name.clone().unwrap_or_else(|| text.to_owned())));
    }
    (check.problem_count() == before).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_pattern_and_keep_braces_of_values() {
        let at = |text: &str| At { value: text.to_owned(), position: Position { line: 1, column: 1 } };
        let named = |pattern: &str| Pattern { written: Some(&at(pattern)), several: true }.name("{name}月", "売上");
        assert_eq!(named("{name}-{value}"), "売上-{name}月");
        assert_eq!(named("{x}{value"), "{x}{value");
        assert_eq!(Pattern { written: None, several: true }.name("4月", "売上"), "4月_売上");
        assert_eq!(Pattern { written: None, several: false }.name("4月", "売上"), "4月");
    }
}
