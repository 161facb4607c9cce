//! The tree and its parser.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::problem::{Position, Problem};

/// A value and its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// Where it begins.
    pub position: Position,
    /// What it is.
    pub node: Node,
}

/// A value of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing.
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A number with a fraction or an exponent. Kept only to be refused where it is read: it has been through a float.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Located>),
    /// Keys and values, in the order of the document; keys are texts.
    Map(Vec<(Located, Located)>),
}

impl Located {
    /// Reads a document. YAML that is not, and two equal keys, are problems.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        // A tab may indent JSON but not YAML, and in YAML it is never part of the structure.
        let json = text.trim_start().starts_with('{');
        let untabbed = if json && text.contains('\t') { Some(text.replace('\t', " ")) } else { None };
        let text = untabbed.as_deref().unwrap_or(text).trim_start_matches('\u{feff}');
        let options = serde_saphyr::options! {
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
            with_snippet: false,
        };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let position = error.location().map(|l| Position { line: l.line(), column: l.column() });
            let technical = error.to_string();
            vec![
                Problem::new(
                    "not_yaml",
                    format!(
                        "YAML（または JSON）として読めません。インデントと引用符を確かめてください。（{technical}）"
                    ),
                    format!("This is not readable as YAML or JSON; check indentation and quotes. ({technical})"),
                )
                .at(position),
            ]
        })
    }

    /// The entries, where it is a map.
    pub fn entries(&self) -> Option<&[(Located, Located)]> {
        match &self.node {
            Node::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Located {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Node>::deserialize(deserializer)?;
        let position = Position { line: spanned.referenced.line(), column: spanned.referenced.column() };
        Ok(Self { position, node: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Node, E> {
        Ok(Node::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Node, E> {
        Ok(Node::Integer(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Node, E> {
        Ok(Node::Integer(v.into()))
    }

    fn visit_i128<E>(self, v: i128) -> Result<Node, E> {
        Ok(Node::Integer(v))
    }

    fn visit_u128<E>(self, v: u128) -> Result<Node, E> {
        Ok(i128::try_from(v).map_or(Node::Float(f64::INFINITY), Node::Integer))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Node, E> {
        Ok(Node::Float(v))
    }

    fn visit_str<E>(self, v: &str) -> Result<Node, E> {
        Ok(Node::Text(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> Result<Node, E> {
        Ok(Node::Text(v))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Located>()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let position = Position { line: key.referenced.line(), column: key.referenced.column() };
            entries.push((Located { position, node: Node::Text(key.value) }, map.next_value::<Located>()?));
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::located::OneOrMany;

    #[test]
    fn every_value_and_key_has_its_position_in_yaml_and_json() {
        for text in ["a: 1\nb:\n  - 受注\n  - { c: no }\n", "{\"a\": 1,\n\"b\":\n\t [\"受注\",\n\t {\"c\": \"no\"}]}"]
        {
            let tree = Located::parse(text).unwrap();
            let entries = tree.entries().unwrap();
            assert_eq!(entries[0].1.node, Node::Integer(1), "{text}");
            assert_eq!(entries[1].0.text(), Some("b"));
            assert_eq!(entries[1].0.position.line, 2);
            let Node::List(items) = &entries[1].1.node else { panic!("a list") };
            assert_eq!((items[0].text(), items[0].position.line), (Some("受注"), 3));
            assert_eq!(items[1].entries().unwrap()[0].1.text(), Some("no"));
            assert_eq!(items[1].position.line, 4);
        }
    }

    #[test]
    fn digits_are_not_lost() {
        for bad in ["a: 1.10", "a: 1e3", "a: 123456789012345678901234567890", "a: [.5]", "a: .inf", "a: .nan"] {
            let code = match Located::parse(bad) {
                Err(problems) => problems[0].code,
                Ok(tree) => match tree.read::<std::collections::BTreeMap<String, OneOrMany>>() {
                    Err(error) => error.code,
                    Ok(_) => "read",
                },
            };
            assert!(["unquoted_decimal", "not_yaml"].contains(&code), "{bad}: {code}");
        }
        let tree = Located::parse("a: 007\nb: 1_000\nc: \"1.10\"\nd: 12345678901234567890").unwrap();
        let values: Vec<_> = tree.entries().unwrap().iter().map(|(_, v)| v.node.clone()).collect();
        let text = |t: &str| Node::Text(t.to_owned());
        assert_eq!(values, [text("007"), text("1_000"), text("1.10"), Node::Integer(12_345_678_901_234_567_890)]);
    }

    #[test]
    fn equal_keys_are_refused() {
        assert_eq!(Located::parse("a: 1\nb: 2\na: 3\n").unwrap_err()[0].position.unwrap().line, 3);
    }
}
