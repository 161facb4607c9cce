//! Settings from the tree: a serde deserializer that gives errors the position of the innermost value.

use serde::de::value::U64Deserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use super::{Located, Node, SettingsError};

/// Names the newtype through which [`super::At`] asks for a position; no other type has this name.
pub(super) const AT: &str = "\u{0}at";

impl Located {
    /// Reads settings; unknown keys, missing keys and wrong forms are one error with a position.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, SettingsError> {
        T::deserialize(self)
    }
}

/// Where a whole number is asked, a fraction is no number to be quoted but a wrong one.
macro_rules! whole_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
            match &self.node {
                Node::Float(v) => Err(SettingsError::invalid_type(de::Unexpected::Float(*v), &visitor)),
                _ => return self.deserialize_any(visitor),
            }
            .map_err(|e: SettingsError| e.or_at(self.position))
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Located {
    type Error = SettingsError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        match &self.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(v) => visitor.visit_bool(*v),
            Node::Integer(v) => match (u64::try_from(*v), i64::try_from(*v)) {
                (Ok(v), _) => visitor.visit_u64(v),
                (_, Ok(v)) => visitor.visit_i64(v),
                _ => visitor.visit_i128(*v),
            },
            Node::Float(_) => Err(SettingsError::unquoted_decimal()),
            Node::Text(v) => visitor.visit_borrowed_str(v),
            Node::List(items) => visitor.visit_seq(Items(items.iter())),
            Node::Map(entries) => visitor.visit_map(Entries { rest: entries.iter(), entry: None }),
        }
        .map_err(|e| e.or_at(self.position))
    }

    /// A number or a truth value where text is asked stands for its text: `value: 100` is `value: "100"`.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        match &self.node {
            Node::Integer(v) => visitor.visit_string(v.to_string()).map_err(|e: SettingsError| e.or_at(self.position)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SettingsError> {
        match self.node {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SettingsError> {
        match &self.node {
            Node::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => Err(SettingsError::new("wrong_form", "ここには語を一つ書いてください。", "Write one word here.")),
        }
        .map_err(|e| e.or_at(self.position))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, SettingsError> {
        if name == AT { visitor.visit_seq(AtParts { tree: self, part: 0 }) } else { visitor.visit_newtype_struct(self) }
    }

    whole_numbers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    serde::forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'de>(std::slice::Iter<'de, Located>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = SettingsError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, SettingsError> {
        self.0.next().map(|item| seed.deserialize(item).map_err(|e| e.or_at(item.position))).transpose()
    }
}

struct Entries<'de> {
    rest: std::slice::Iter<'de, (Located, Located)>,
    /// The entry whose value is asked for next.
    entry: Option<(&'de Located, &'de Located)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = SettingsError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, SettingsError> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.entry = Some((key, value));
        seed.deserialize(key).map(Some).map_err(|e| e.or_at(key.position))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, SettingsError> {
        let asked = || de::Error::custom("a value was asked for before its key");
        let (key, value) = self.entry.take().ok_or_else(asked)?;
        let setting = key.text().unwrap_or_default();
        seed.deserialize(value).map_err(|e: SettingsError| e.or_at(value.position).within(setting))
    }
}

/// Line, column and value of an [`super::At`], one after the other.
struct AtParts<'de> {
    tree: &'de Located,
    part: u8,
}

impl<'de> SeqAccess<'de> for AtParts<'de> {
    type Error = SettingsError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, SettingsError> {
        self.part += 1;
        match self.part {
            1 => seed.deserialize(U64Deserializer::new(self.tree.position.line)).map(Some),
            2 => seed.deserialize(U64Deserializer::new(self.tree.position.column)).map(Some),
            3 => seed.deserialize(self.tree).map(Some).map_err(|e: SettingsError| e.or_at(self.tree.position)),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::located::{At, OneOrMany};
    use crate::problem::{Position, Problem};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        app: At<u64>,
        #[serde(default)]
        names: OneOrMany,
        how: Option<How>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum How {
        Left,
        FullOuter,
    }

    fn read(text: &str) -> Result<Settings, SettingsError> {
        Located::parse(text).unwrap().read()
    }

    #[test]
    fn settings_know_where_they_were_written() {
        let s = read("app: 12\nnames: [a, 7]\nhow: full_outer").unwrap();
        assert_eq!((s.app.value, s.app.position.column), (12, 6));
        assert_eq!(
            s.names.0.iter().map(|n| (n.value.as_str(), n.position.column)).collect::<Vec<_>>(),
            [("a", 9), ("7", 12)]
        );
        assert_eq!(s.how, Some(How::FullOuter));
        let one = read("app: 12\nnames: b").unwrap();
        assert_eq!((one.names.0[0].value.as_str(), one.names.0[0].position.line), ("b", 2));
    }

    #[test]
    fn errors_are_placed_at_the_innermost_value() {
        for (text, code, line, column) in [
            ("app: x", "wrong_form", 1, 6),
            ("app: 1\nhow: rigth", "unknown_choice", 2, 6),
            ("app: 1\nnames:\n  - {}", "wrong_form", 3, 5),
            ("app: 1\nnmaes: x", "unknown_key", 2, 1),
            ("names: x", "missing_key", 1, 1),
        ] {
            let e = read(text).unwrap_err();
            assert_eq!((e.code, e.position), (code, Some(Position { line, column })), "{text}: {e}");
        }
        let told = |text: &str| Problem::from(read(text).unwrap_err());
        assert_eq!(told("app: x").setting.as_deref(), Some("app"));
        assert_eq!(told("app: 1\nnames: [1.10]").code, "unquoted_decimal");
        let fraction = told("app: 1.5");
        assert_eq!((fraction.code, fraction.setting.as_deref()), ("wrong_form", Some("app")));
        assert!(fraction.ja.contains("0 以上の整数") && fraction.en.contains("the number 1.5"), "{fraction:?}");
        assert!(read("app: 1\nnmaes: x").unwrap_err().en.contains("Did you mean \"names\"?"));
    }
}
