//! The columns of a file in settings: a name alone, or a map with the details.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::Deserializer;

use super::CellName;
use crate::located::At;
use crate::settings::{Either, name_or};

/// A column to read.
pub(in crate::commands) struct InColumn {
    /// Name in the header, and of the column where `rename` is none.
    pub name: At<String>,
    /// The rest of it.
    pub more: InDetails,
}

/// The details of a column to read.
#[derive(Default)]
pub(in crate::commands) struct InDetails {
    /// What its values are; text by default.
    pub kind: Option<At<KindName>>,
    /// How they are written.
    pub format: Option<At<String>>,
    /// Its name in the flow.
    pub rename: Option<String>,
    /// Its place from the left, from 1, where there is no header.
    pub column: Option<At<u32>>,
    /// Its cell in a form.
    pub cell: Option<At<CellName>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InMap {
    name: At<String>,
    #[serde(default)]
    kind: Option<At<KindName>>,
    #[serde(default)]
    format: Option<At<String>>,
    #[serde(default, rename = "as")]
    rename: Option<String>,
    #[serde(default)]
    column: Option<At<u32>>,
    #[serde(default)]
    cell: Option<At<CellName>>,
}

/// `kind` of a column
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::commands) enum KindName {
    Text,
    Number,
    Date,
    Time,
    Datetime,
    Texts,
    Entities,
}

impl From<KindName> for model::field::Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Text => Self::Text,
            KindName::Number => Self::Number,
            KindName::Date => Self::Date,
            KindName::Time => Self::Time,
            KindName::Datetime => Self::Datetime,
            KindName::Texts => Self::Texts,
            KindName::Entities => Self::Entities,
        }
    }
}

impl<'de> Deserialize<'de> for InColumn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<InMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(name) => Self { name: At { value: name, position }, more: InDetails::default() },
            Either::Map(InMap { name, kind, format, rename, column, cell }) => {
                Self { name, more: InDetails { kind, format, rename, column, cell } }
            }
        })
    }
}

impl JsonSchema for InColumn {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "InColumn".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<InMap>(generator)
    }
}

/// A column to write.
pub(in crate::commands) struct OutField {
    /// Column of the input.
    pub field: At<String>,
    /// Its name in the file.
    pub rename: Option<String>,
    /// How its values are written.
    pub format: Option<At<String>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OutMap {
    field: At<String>,
    #[serde(default, rename = "as")]
    rename: Option<String>,
    #[serde(default)]
    format: Option<At<String>>,
}

impl<'de> Deserialize<'de> for OutField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<OutMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(name) => Self { field: At { value: name, position }, rename: None, format: None },
            Either::Map(OutMap { field, rename, format }) => Self { field, rename, format },
        })
    }
}

impl JsonSchema for OutField {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OutField".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<OutMap>(generator)
    }
}
