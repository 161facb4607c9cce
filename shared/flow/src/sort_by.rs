//! `keys: [name, { field: name, order: desc, blanks: last }]`: an order of rows, as several commands' settings write it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer};

use crate::check::StepCheck;
use crate::kinds::{is_scalar, kind_words};
use crate::located::At;
use crate::plan::{Column, SortKey};
use crate::problem::Problem;
use crate::settings::{Either, name_or};

/// One key of an order: `name` (ascending), or a map with the details.
#[derive(Clone, Debug)]
pub(crate) struct SortBy {
    field: At<String>,
    order: Direction,
    blanks: Option<Blanks>,
}

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SortByMap {
    field: At<String>,
    #[serde(default)]
    order: Direction,
    #[serde(default)]
    blanks: Option<Blanks>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    #[default]
    Asc,
    Desc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Blanks {
    First,
    Last,
}

impl<'de> Deserialize<'de> for SortBy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<SortByMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(name) => Self { field: At { value: name, position }, order: Direction::Asc, blanks: None },
            Either::Map(SortByMap { field, order, blanks }) => Self { field, order, blanks },
        })
    }
}

impl JsonSchema for SortBy {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SortBy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<SortByMap>(generator)
    }
}

/// The keys over these columns; `None` where one of them was reported. Blank is the smallest value where the key does
/// not say otherwise: first in ascending order, last in descending order.
pub(crate) fn sort_keys(
    check: &mut StepCheck<'_>,
    columns: &[Column],
    keys: &[SortBy],
    setting: &str,
) -> Option<Vec<SortKey>> {
    let found: Vec<Option<SortKey>> = keys.iter().map(|key| sort_key(check, columns, key, setting)).collect();
    found.into_iter().collect()
}

fn sort_key(check: &mut StepCheck<'_>, columns: &[Column], key: &SortBy, setting: &str) -> Option<SortKey> {
    let column = check.column(columns, &key.field, setting, key.field.position)?;
    if !is_scalar(columns[column].kind) {
        let kind = kind_words(columns[column].kind);
        check.problem(
            Problem::new(
                "sort_kind",
                format!("「{}」は{}なので並べ替えのキーにできません。", columns[column].name, kind.ja),
                format!("\"{}\" is of kind {} and has no order to sort by.", columns[column].name, kind.en),
            )
            .in_setting(setting)
            .at(key.field.position),
        );
        return None;
    }
    let descending = key.order == Direction::Desc;
    let blanks_last = key.blanks.map_or(descending, |b| b == Blanks::Last);
    Some(SortKey { column, descending, blanks_last })
}

/// Key columns by name, each of one simple value; `None` where one of them was reported.
pub(crate) fn key_columns(
    check: &mut StepCheck<'_>,
    columns: &[Column],
    names: &[At<String>],
    setting: &str,
) -> Option<Vec<usize>> {
    let found: Vec<Option<usize>> = names.iter().map(|name| key_column(check, columns, name, setting)).collect();
    found.into_iter().collect()
}

/// A key column by name; reported where it is missing or holds no simple value.
pub(crate) fn key_column(
    check: &mut StepCheck<'_>,
    columns: &[Column],
    name: &At<String>,
    setting: &str,
) -> Option<usize> {
    let column = check.column(columns, name, setting, name.position)?;
    if is_scalar(columns[column].kind) {
        return Some(column);
    }
    let kind = kind_words(columns[column].kind);
    check.problem(
        Problem::new(
            "key_kind",
            format!("「{}」は{}なのでキーにできません。", columns[column].name, kind.ja),
            format!("\"{}\" is of kind {} and cannot be a key.", columns[column].name, kind.en),
        )
        .in_setting(setting)
        .at(name.position),
    );
    None
}
