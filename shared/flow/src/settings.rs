//! Pieces of settings that several commands share: chosen fields, key pairs, and the reading of a shape.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};

use crate::located::{At, Located};
use crate::problem::{Position, Problem};

/// Reads settings and reports the first thing that is wrong with their shape.
pub(crate) fn read_shape<T: DeserializeOwned>(settings: &Located, problems: &mut Vec<Problem>) -> Option<T> {
    settings.read().map_err(|e| problems.push(Problem::from(e))).ok()
}

/// JSON Schema of settings.
pub(crate) fn schema_of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}

/// Reports an empty list where something must be listed.
pub(crate) fn not_empty<T, P>(list: &[T], setting: &str, place: &At<P>, problems: &mut Vec<Problem>) {
    if list.is_empty() {
        problems.push(
            Problem::new("empty_list", format!("「{setting}」が空です。"), format!("\"{setting}\" is empty."))
                .in_setting(setting)
                .at(place.position),
        );
    }
}

/// A chosen field: `name`, or `{ field: name, as: other }`.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// What is chosen.
    pub field: At<String>,
    /// Its new name.
    pub rename: Option<String>,
}

impl Choice {
    /// The name in the result.
    pub fn name(&self) -> &str {
        self.rename.as_deref().unwrap_or(&self.field)
    }
}

/// A pair of key columns: `name` of both inputs, or `{ left: name, right: name }`.
#[derive(Clone, Debug)]
pub(crate) struct KeyPair {
    /// Column of the left input.
    pub left: At<String>,
    /// Column of the right input.
    pub right: At<String>,
}

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChoiceMap {
    field: At<String>,
    #[serde(default, rename = "as")]
    rename: Option<String>,
}

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PairMap {
    left: At<String>,
    right: At<String>,
}

/// Either the short form, one text, or the long form, a map.
struct Short<M>(std::marker::PhantomData<M>);

/// A setting that is one text, or a map with more.
pub(crate) enum Either<M> {
    /// The short form.
    Text(String),
    /// The long form.
    Map(M),
}

impl<'de, M: Deserialize<'de>> Visitor<'de> for Short<M> {
    type Value = Either<M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, or a map with the details")
    }

    fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
        Ok(Either::Text(v.to_owned()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
        Ok(Either::Text(v.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        M::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Either::Map)
    }
}

impl<'de, M: Deserialize<'de>> Deserialize<'de> for Either<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Short(std::marker::PhantomData))
    }
}

fn at(value: String, position: Position) -> At<String> {
    At { value, position }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<ChoiceMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(name) => Self { field: at(name, position), rename: None },
            Either::Map(ChoiceMap { field, rename }) => Self { field, rename },
        })
    }
}

impl<'de> Deserialize<'de> for KeyPair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let At { value, position } = At::<Either<PairMap>>::deserialize(deserializer)?;
        Ok(match value {
            Either::Text(name) => Self { left: at(name.clone(), position), right: at(name, position) },
            Either::Map(PairMap { left, right }) => Self { left, right },
        })
    }
}

/// A name, or a map with the details.
pub(crate) fn name_or<M: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "string" }, generator.subschema_for::<M>()] })
}

impl JsonSchema for Choice {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Choice".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<ChoiceMap>(generator)
    }
}

impl JsonSchema for KeyPair {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "KeyPair".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        name_or::<PairMap>(generator)
    }
}
