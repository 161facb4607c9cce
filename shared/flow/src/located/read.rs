//! Settings from the tree: a serde deserializer whose errors carry a position and a sentence in both languages.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::U64Deserializer;
use serde::de::{
    self, Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use super::{Located, Node};
use crate::problem::{Position, Problem, proposal};

/// Names the newtype through which [`At`] asks for a position; no other type has this name.
const AT: &str = "\u{0}at";

impl Located {
    /// Reads settings; unknown keys, missing keys and wrong forms are one error with a position.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, SettingsError> {
        T::deserialize(self)
    }
}

/// Why settings cannot be read: the sentence and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    code: &'static str,
    ja: String,
    en: String,
    position: Option<Position>,
}

impl SettingsError {
    fn new(code: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, ja: ja.into(), en: en.into(), position: None }
    }

    /// The innermost place wins: it is the first to be known.
    fn or_at(mut self, position: Position) -> Self {
        self.position.get_or_insert(position);
        self
    }
}

impl From<SettingsError> for Problem {
    fn from(e: SettingsError) -> Self {
        Problem::new(e.code, e.ja, e.en).at(e.position)
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for SettingsError {}

impl de::Error for SettingsError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        Self::new(
            "bad_setting",
            format!("設定が正しくありません: {text}"),
            format!("This setting is not right: {text}."),
        )
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let (expected_ja, expected_en) = expected_words(&expected.to_string());
        let (found_ja, found_en) = found_words(&found);
        Self::new(
            "wrong_form",
            format!("値の形が違います。必要なもの: {expected_ja}（書かれているもの: {found_ja}）。"),
            format!("Wrong form: this must be {expected_en}, not {found_en}."),
        )
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let (ja, en) = proposal(field, expected.iter().copied());
        Self::new(
            "unknown_key",
            format!("「{field}」という設定はありません。{ja}"),
            format!("There is no setting \"{field}\".{en}"),
        )
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let all = expected.join(", ");
        Self::new(
            "unknown_choice",
            format!("「{variant}」は選べません。選べるもの: {all}。"),
            format!("\"{variant}\" cannot be chosen here. Choices: {all}."),
        )
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(
            "missing_key",
            format!("設定「{field}」がありません。書いてください。"),
            format!("The setting \"{field}\" is missing; add it."),
        )
    }
}

/// serde's words for what it expects, as a writer of documents knows them.
fn expected_words(serde: &str) -> (String, String) {
    let (ja, en) = match serde {
        "u64" => ("0 以上の整数", "a whole number, 0 or larger"),
        "a boolean" => ("true か false", "true or false"),
        "a string" => ("文字列", "a text"),
        "a sequence" => ("並び [ … ]", "a list [ … ]"),
        "a map" => ("{ 名前: 値 } の組", "a map { name: value }"),
        "a text or a list of texts" => ("文字列か、文字列の並び", serde),
        "a name, or a map with the details" => ("名前か、{ … } の組", serde),
        other if other.starts_with("struct ") => ("{ 名前: 値 } の組", "a map { name: value }"),
        other => (other, other),
    };
    (ja.to_owned(), en.to_owned())
}

fn found_words(found: &de::Unexpected<'_>) -> (String, String) {
    use de::Unexpected as U;
    let (ja, en) = match found {
        U::Str(text) => return (format!("文字列「{text}」"), format!("the text \"{text}\"")),
        U::Signed(n) => return (format!("数 {n}"), format!("the number {n}")),
        U::Unsigned(n) => return (format!("数 {n}"), format!("the number {n}")),
        U::Bool(b) => return (b.to_string(), b.to_string()),
        U::Seq => ("並び", "a list"),
        U::Map => ("組", "a map"),
        U::Unit => ("空", "nothing"),
        other => return (other.to_string(), other.to_string()),
    };
    (ja.to_owned(), en.to_owned())
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
            Node::Float(v) => visitor.visit_f64(*v),
            Node::Text(v) => visitor.visit_borrowed_str(v),
            Node::List(items) => visitor.visit_seq(Items(items.iter())),
            Node::Map(entries) => visitor.visit_map(Entries { rest: entries.iter(), value: None }),
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

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct identifier ignored_any
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
    value: Option<&'de Located>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = SettingsError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, SettingsError> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(key).map(Some).map_err(|e| e.or_at(key.position))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, SettingsError> {
        let value = self.value.take().ok_or_else(|| de::Error::custom("a value was asked for before its key"))?;
        seed.deserialize(value).map_err(|e| e.or_at(value.position))
    }
}

/// Line, column and value of an [`At`], one after the other.
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

/// A value that remembers where it was written. Readable from a [`Located`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it begins.
    pub position: Position,
}

impl<T> std::ops::Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AtVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for AtVisitor<T> {
            type Value = At<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of a document")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<At<T>, A::Error> {
                let missing = || de::Error::custom("a position was expected");
                let line = seq.next_element()?.ok_or_else(missing)?;
                let column = seq.next_element()?.ok_or_else(missing)?;
                let value = seq.next_element()?.ok_or_else(missing)?;
                Ok(At { value, position: Position { line, column } })
            }
        }
        deserializer.deserialize_newtype_struct(AT, AtVisitor(PhantomData))
    }
}

impl std::hash::Hash for At<String> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
        self.position.hash(state);
    }
}

/// One value, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OneOrMany(pub Vec<At<String>>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Many;
        impl<'de> Visitor<'de> for Many {
            type Value = Vec<At<String>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: de::Error>(self, v: &str) -> Result<Self::Value, E> {
                // The position is set by the At around this visitor.
                Ok(vec![At { value: v.to_owned(), position: Position { line: 0, column: 0 } }])
            }

            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Self::Value, E> {
                self.visit_str(&v.to_string())
            }

            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Self::Value, E> {
                self.visit_str(&v.to_string())
            }

            fn visit_i128<E: de::Error>(self, v: i128) -> Result<Self::Value, E> {
                self.visit_str(&v.to_string())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = seq.next_element()? {
                    all.push(item);
                }
                Ok(all)
            }
        }
        struct Any(Vec<At<String>>);
        impl<'de> Deserialize<'de> for Any {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Many).map(Any)
            }
        }
        let At { value: Any(mut all), position } = At::<Any>::deserialize(deserializer)?;
        for item in all.iter_mut().filter(|i| i.position.line == 0) {
            item.position = position;
        }
        Ok(Self(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(read("app: 1\nnmaes: x").unwrap_err().en.contains("Did you mean \"names\"?"));
    }
}
