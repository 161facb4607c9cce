//! One value of a record: from JSON to a cell, by the kind that the column has.

use std::borrow::Cow;
use std::fmt;

use model::field::{Field, FieldType, Kind};
use model::value::{Cell, Entity, FileRef, Row, Value};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::times::{parse_date, parse_datetime, parse_time};

/// Keys of a field's object; others are skipped.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
pub(crate) enum FieldKey {
    Type,
    Value,
    Id,
    #[serde(other)]
    Other,
}

/// A cell from kintone's text form. `Err` says what the text is not.
fn cell_of_text(kind: Kind, text: &str) -> Result<Cell<'_>, &'static str> {
    if text.is_empty() {
        return Ok(Cell::Blank);
    }
    match kind {
        Kind::Text => Ok(Cell::Text(text)),
        Kind::Number => text.parse().map(Cell::Number).map_err(|_| "not a number of at most 38 digits"),
        Kind::Date => parse_date(text).map(Cell::Date).ok_or("not a date"),
        Kind::Time => parse_time(text).map(Cell::Time).ok_or("not a time of day"),
        Kind::Datetime => parse_datetime(text).map(Cell::Datetime).ok_or("not an instant"),
        Kind::Bool => Err("a truth value, which no kintone field holds"),
        Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows => Err("a text where a list belongs"),
    }
}

/// Reads the V of `{"type":T,"value":V}` and hands it on as a cell.
pub(crate) struct ValueSeed<'k, F> {
    pub(crate) kind: Kind,
    /// Kinds of a table's columns.
    pub(crate) cells: &'k [(String, Kind)],
    pub(crate) then: F,
}

impl<'de, F: FnMut(Cell<'_>) -> Result<(), String>> DeserializeSeed<'de> for ValueSeed<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Cell<'_>) -> Result<(), String>> Visitor<'de> for ValueSeed<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value of kind {:?}", self.kind)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        let cell = cell_of_text(self.kind, text).map_err(E::custom)?;
        (self.then)(cell).map_err(E::custom)
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        (self.then)(Cell::Blank).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<(), E> {
        self.visit_str(&n.to_string())
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<(), E> {
        self.visit_str(&n.to_string())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, map: A) -> Result<(), A::Error> {
        if self.kind != Kind::Entities {
            return Err(A::Error::custom("an object where none belongs"));
        }
        let one = EntityOf::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        (self.then)(Cell::Entities(&[one.into()])).map_err(A::Error::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let handed = match self.kind {
            Kind::Texts => {
                let all: Vec<String> = collect(seq)?;
                (self.then)(if all.is_empty() { Cell::Blank } else { Cell::Texts(&all) })
            }
            Kind::Entities => {
                let all: Vec<Entity> = collect::<EntityOf, _>(seq)?.into_iter().map(Entity::from).collect();
                (self.then)(if all.is_empty() { Cell::Blank } else { Cell::Entities(&all) })
            }
            Kind::Files => {
                let all: Vec<FileRef> = collect(seq)?;
                (self.then)(if all.is_empty() { Cell::Blank } else { Cell::Files(&all) })
            }
            Kind::Rows => {
                let mut all = Vec::new();
                while let Some(row) = seq.next_element_seed(RowSeed(self.cells))? {
                    all.push(row);
                }
                (self.then)(if all.is_empty() { Cell::Blank } else { Cell::Rows(&all) })
            }
            _ => return Err(A::Error::custom("a list where none belongs")),
        };
        handed.map_err(A::Error::custom)
    }
}

fn collect<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(mut seq: A) -> Result<Vec<T>, A::Error> {
    let mut all = Vec::with_capacity(seq.size_hint().unwrap_or(0));
    while let Some(one) = seq.next_element()? {
        all.push(one);
    }
    Ok(all)
}

/// An entity as it comes: a user who was deleted has no name.
#[derive(Deserialize)]
struct EntityOf {
    code: String,
    #[serde(default)]
    name: Option<String>,
}

impl From<EntityOf> for Entity {
    fn from(e: EntityOf) -> Self {
        Self { code: e.code, name: e.name.unwrap_or_default() }
    }
}

/// `{"id":"368","value":{code:{"type":T,"value":V}}}`
struct RowSeed<'k>(&'k [(String, Kind)]);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Row;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row of a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row { id: None, cells: Vec::new() };
        while let Some(key) = map.next_key::<FieldKey>()? {
            match key {
                FieldKey::Id => row.id = map.next_value::<Option<String>>()?.filter(|id| !id.is_empty()),
                FieldKey::Value => row.cells = map.next_value_seed(CellsSeed(self.0))?,
                FieldKey::Type | FieldKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(row)
    }
}

struct CellsSeed<'k>(&'k [(String, Kind)]);

impl<'de> DeserializeSeed<'de> for CellsSeed<'_> {
    type Value = Vec<(String, Value)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for CellsSeed<'_> {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cells of a table's row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut cells = Vec::with_capacity(self.0.len());
        while let Some(code) = map.next_key::<String>()? {
            let raw: RawField<'de> = map.next_value()?;
            let named = self.0.iter().find(|(c, _)| *c == code).map(|(_, kind)| *kind);
            match owned(named, &raw).map_err(|e| A::Error::custom(format!("{code}: {e}")))? {
                Some(value) => cells.push((code, value)),
                None => continue,
            }
        }
        Ok(cells)
    }
}

/// A field of a row, its value still as bytes: type and value come in either order.
#[derive(Deserialize)]
struct RawField<'a> {
    #[serde(rename = "type")]
    field_type: Option<FieldType>,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// `None` for what is never part of a record.
fn owned(named: Option<Kind>, raw: &RawField<'_>) -> Result<Option<Value>, String> {
    let field_type = raw.field_type.unwrap_or(FieldType::Other);
    let kind = match named {
        Some(kind) => kind,
        // The format of a calculation is not in the answer: a number where it reads as one, else text.
        None if field_type == FieldType::Calc => {
            let text: Option<Cow<'_, str>> = serde_json::from_str(raw.value.get()).map_err(|e| e.to_string())?;
            let text = text.unwrap_or_default();
            return Ok(Some(text.parse().map_or_else(|_| Value::text(text.as_ref()), Value::Number)));
        }
        None => match Field::new("", field_type).kind() {
            Some(kind) => kind,
            None => return Ok(None),
        },
    };
    let mut value = Value::Blank;
    let mut deserializer = serde_json::Deserializer::from_str(raw.value.get());
    let seed = ValueSeed {
        kind,
        cells: &[],
        then: |cell: Cell<'_>| {
            value = cell.into();
            Ok(())
        },
    };
    seed.deserialize(&mut deserializer).map_err(|e| e.to_string())?;
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, json: &str) -> Result<Value, String> {
        let raw = RawField { field_type: None, value: serde_json::from_str(json).unwrap() };
        owned(Some(kind), &raw).map(Option::unwrap)
    }

    #[test]
    fn blank_is_one_thing() {
        for kind in [Kind::Text, Kind::Number, Kind::Date, Kind::Time, Kind::Datetime] {
            assert_eq!(read(kind, "null"), Ok(Value::Blank), "{kind:?}");
            assert_eq!(read(kind, r#""""#), Ok(Value::Blank), "{kind:?}");
        }
        for kind in [Kind::Texts, Kind::Entities, Kind::Files, Kind::Rows] {
            assert_eq!(read(kind, "[]"), Ok(Value::Blank), "{kind:?}");
            assert_eq!(read(kind, "null"), Ok(Value::Blank), "{kind:?}");
        }
    }

    #[test]
    fn values_are_exact() {
        let digits = r#""123456789012345678901234567890.0123456""#;
        assert_eq!(read(Kind::Number, digits).unwrap(), Value::Number(digits.trim_matches('"').parse().unwrap()));
        assert_eq!(read(Kind::Number, "12"), Ok(Value::Number(12.into())));
        assert_eq!(read(Kind::Date, r#""1970-01-02""#), Ok(Value::Date(1)));
        assert_eq!(read(Kind::Text, r#""a\"\u3042\n""#), Ok(Value::Text("a\"あ\n".into())));
        assert_eq!(read(Kind::Texts, r#"["a","b"]"#), Ok(Value::Texts(vec!["a".into(), "b".into()])));
        let sato = Entity { code: "sato".into(), name: "佐藤".into() };
        assert_eq!(read(Kind::Entities, r#"{"code":"sato","name":"佐藤"}"#), Ok(Value::Entities(vec![sato.clone()])));
        assert_eq!(read(Kind::Entities, r#"[{"name":"佐藤","code":"sato"}]"#), Ok(Value::Entities(vec![sato])));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let bad = [
            (Kind::Number, r#""1,000""#),
            (Kind::Number, "1.5"),
            (Kind::Date, r#""2023-02-29""#),
            (Kind::Text, r#"["a"]"#),
            (Kind::Texts, r#""a""#),
            (Kind::Text, r#"{"code":"a"}"#),
            (Kind::Bool, r#""true""#),
        ];
        for (kind, json) in bad {
            assert!(read(kind, json).is_err(), "{kind:?} {json}");
        }
    }

    #[test]
    fn tables_follow_named_kinds_then_types() {
        let json = r#"[{"id":"7","value":{"品名":{"value":"ペン","type":"SINGLE_LINE_TEXT"},"数":{"type":"NUMBER","value":"1.5"},
            "計":{"type":"CALC","value":"3"},"時":{"type":"CALC","value":"09:00"},"印":{"type":"SPACER","value":""}}},
            {"id":null,"value":{"時":{"type":"CALC","value":""}}}]"#;
        let mut rows = Vec::new();
        let seed = ValueSeed {
            kind: Kind::Rows,
            cells: &[("時".into(), Kind::Time)],
            then: |cell: Cell<'_>| {
                if let Value::Rows(r) = cell.into() {
                    rows = r;
                }
                Ok(())
            },
        };
        seed.deserialize(&mut serde_json::Deserializer::from_str(json)).unwrap();
        assert_eq!(rows[0].id.as_deref(), Some("7"));
        let expected = [
            ("品名".to_owned(), Value::Text("ペン".into())),
            ("数".to_owned(), Value::Number("1.5".parse().unwrap())),
            ("計".to_owned(), Value::Number(3.into())),
            ("時".to_owned(), Value::Time(9 * 3600)),
        ];
        assert_eq!(rows[0].cells, expected);
        assert_eq!((rows[1].id.as_deref(), &rows[1].cells), (None, &vec![("時".to_owned(), Value::Blank)]));
    }
}
