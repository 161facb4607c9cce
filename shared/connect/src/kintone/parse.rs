//! Records from the bytes of an answer into a sink, without a tree in between.
//!
//! A key is looked up where it stood in the record before, since kintone writes the fields of all records in one order;
//! texts without escapes are handed on as slices of the answer.

use std::fmt;

use model::field::Kind;
use model::value::{Cell, RecordSink};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::answer::Num;
use super::error::{Class, KintoneError};
use super::read::ReadField;
use super::values::{FieldKey, ValueSeed};

/// What is expected in each record: the columns, and `$id` where it is not one of them.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    fields: Vec<ReadField>,
    /// How many of the fields are columns of the sink.
    width: usize,
    id_at: usize,
}

/// What a page held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) records: u64,
    /// `$id` of the first and the last record handed to the sink.
    pub(crate) ids: Option<(u64, u64)>,
    pub(crate) total: Option<u64>,
}

/// Hands the records of an answer to a sink, in the answer's order, as a read does with each page. Tells how many.
///
/// A field that the answer lacks is an error, never a blank.
pub fn records_into<S: RecordSink>(fields: &[ReadField], answer: &[u8], sink: &mut S) -> Result<u64, KintoneError> {
    Columns::new(fields)?.parse(answer, sink).map(|page| page.records)
}

impl Columns {
    pub(crate) fn new(fields: &[ReadField]) -> Result<Self, KintoneError> {
        for (at, field) in fields.iter().enumerate() {
            if fields[..at].iter().any(|f| f.code == field.code) {
                return Err(KintoneError::local(format!("the field {} is asked for twice", field.code)));
            }
        }
        let mut all = fields.to_vec();
        let width = all.len();
        let id_at = all.iter().position(|f| f.code == "$id").unwrap_or_else(|| {
            all.push(ReadField::new("$id", Kind::Number));
            width
        });
        Ok(Self { fields: all, width, id_at })
    }

    /// The field codes to ask for.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.fields.iter().map(|f| f.code.clone()).collect()
    }

    /// Hands all records of an answer to the sink, in the answer's order.
    pub(crate) fn parse<S: RecordSink>(&self, body: &[u8], sink: &mut S) -> Result<Page, KintoneError> {
        let mut parser = Parser::new(self, sink);
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let done = Answer(&mut parser).deserialize(&mut deserializer).and_then(|()| deserializer.end());
        parser.end(done)
    }

    /// Hands the records of an answer in descending order to the sink in ascending order, only those above an id.
    pub(crate) fn parse_reversed<S: RecordSink>(
        &self,
        body: &[u8],
        above: u64,
        sink: &mut S,
    ) -> Result<Page, KintoneError> {
        let page: Raw<'_> = serde_json::from_slice(body).map_err(malformed)?;
        let mut parser = Parser::new(self, sink);
        for record in page.records.iter().rev() {
            let only: OnlyId = serde_json::from_str(record.get()).map_err(malformed)?;
            if only.id.value.0 > above {
                let mut deserializer = serde_json::Deserializer::from_str(record.get());
                let done = Record(&mut parser).deserialize(&mut deserializer);
                if done.is_err() {
                    return parser.end(done);
                }
            }
        }
        parser.end(Ok(()))
    }
}

fn malformed(error: serde_json::Error) -> KintoneError {
    KintoneError::malformed(format!("the records cannot be read: {error}"))
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct OnlyId {
    #[serde(rename = "$id")]
    id: IdField,
}

#[derive(Deserialize)]
struct IdField {
    value: Num,
}

struct Parser<'p, S> {
    columns: &'p Columns,
    sink: &'p mut S,
    page: Page,
    /// Which field stood at each place of the record before; `None` for one that was not asked for.
    order: Vec<Option<usize>>,
    /// Record (counted from 1) in which each field was last seen.
    seen: Vec<u64>,
    /// The reason, kept aside since serde's errors carry text alone.
    failure: Option<KintoneError>,
}

impl<'p, S: RecordSink> Parser<'p, S> {
    fn new(columns: &'p Columns, sink: &'p mut S) -> Self {
        let seen = vec![0; columns.fields.len()];
        Self { columns, sink, page: Page::default(), order: Vec::new(), seen, failure: None }
    }

    fn end(self, done: Result<(), serde_json::Error>) -> Result<Page, KintoneError> {
        match (done, self.failure) {
            (Ok(()), _) => Ok(self.page),
            (Err(_), Some(failure)) => Err(failure),
            (Err(error), None) => Err(malformed(error)),
        }
    }

    fn end_record(&mut self, found: usize, id: Option<u64>) -> Result<(), String> {
        if found < self.columns.fields.len() {
            let now = self.page.records + 1;
            let missing = self.columns.fields.iter().zip(&self.seen).filter(|(_, seen)| **seen != now);
            let codes: Vec<&str> = missing.map(|(field, _)| field.code.as_str()).collect();
            let message = format!("the field {} is not permitted or gone", codes.join(", "));
            self.failure = Some(KintoneError::new(Class::Permission, message));
            return Err(String::new());
        }
        let Some(id) = id else { return Err("a record without an id".into()) };
        self.sink.end_row().map_err(|e| self.refused(&e))?;
        self.page.records += 1;
        self.page.ids = Some((self.page.ids.map_or(id, |(first, _)| first), id));
        Ok(())
    }

    fn refused(&mut self, error: &model::value::SinkError) -> String {
        let code = self.columns.fields.get(error.column).map_or("", |f| f.code.as_str());
        self.failure = Some(KintoneError::local(format!("the field {code} cannot be taken in: {}", error.reason)));
        String::new()
    }
}

/// Keys of an answer with records.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum AnswerKey {
    Records,
    Record,
    TotalCount,
    #[serde(other)]
    Other,
}

/// Implements `DeserializeSeed` by handing the type itself on as the visitor.
macro_rules! seed {
    ($name:ident, $method:ident, $what:literal) => {
        struct $name<'a, 'p, S>(&'a mut Parser<'p, S>);

        impl<'de, S: RecordSink> DeserializeSeed<'de> for $name<'_, '_, S> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.$method(self)
            }
        }

        impl<'de, S: RecordSink> Visitor<'de> for $name<'_, '_, S> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($what)
            }

            seed!(@ $method);
        }
    };
    (@ deserialize_map) => {
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
            self.walk(map)
        }
    };
    (@ deserialize_seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
            self.walk(seq)
        }
    };
}

seed!(Answer, deserialize_map, "an answer with records");
seed!(Records, deserialize_seq, "a list of records");
seed!(Record, deserialize_map, "a record");

impl<S: RecordSink> Answer<'_, '_, S> {
    fn walk<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<AnswerKey>()? {
            match key {
                AnswerKey::Records => map.next_value_seed(Records(self.0))?,
                AnswerKey::Record => map.next_value_seed(Record(self.0))?,
                AnswerKey::TotalCount => {
                    self.0.page.total = map.next_value::<Option<Num>>()?.map(|n| n.0);
                    continue;
                }
                AnswerKey::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            }
            found = true;
        }
        if found { Ok(()) } else { Err(A::Error::custom("no records in the answer")) }
    }
}

impl<S: RecordSink> Records<'_, '_, S> {
    fn walk<'de, A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Record(self.0))?.is_some() {}
        Ok(())
    }
}

impl<S: RecordSink> Record<'_, '_, S> {
    fn walk<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let parser = self.0;
        let now = parser.page.records + 1;
        let (mut place, mut found, mut id) = (0, 0, None);
        while let Some(at) =
            map.next_key_seed(Code { fields: &parser.columns.fields, order: &mut parser.order, place })?
        {
            place += 1;
            let Some(at) = at else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            found += usize::from(parser.seen[at] != now);
            parser.seen[at] = now;
            if let Err(error) = map.next_value_seed(FieldSeed { parser: &mut *parser, at, id: &mut id }) {
                if parser.failure.is_none() {
                    let code = &parser.columns.fields[at].code;
                    let of = id.map_or_else(String::new, |id| format!(" of record {id}"));
                    parser.failure = Some(KintoneError::malformed(format!("the field {code}{of}: {error}")));
                }
                return Err(error);
            }
        }
        parser.end_record(found, id).map_err(A::Error::custom)
    }
}

/// A field code, as the index of the field.
struct Code<'a> {
    fields: &'a [ReadField],
    order: &'a mut Vec<Option<usize>>,
    place: usize,
}

impl<'de> DeserializeSeed<'de> for Code<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Code<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field code")
    }

    fn visit_str<E: Error>(self, code: &str) -> Result<Option<usize>, E> {
        if let Some(Some(at)) = self.order.get(self.place)
            && self.fields[*at].code == code
        {
            return Ok(Some(*at));
        }
        let at = self.fields.iter().position(|f| f.code == code);
        if self.order.len() <= self.place {
            self.order.resize(self.place + 1, None);
        }
        self.order[self.place] = at;
        Ok(at)
    }
}

/// `{"type":T,"value":V}`
struct FieldSeed<'a, 'p, S> {
    parser: &'a mut Parser<'p, S>,
    at: usize,
    id: &'a mut Option<u64>,
}

impl<'de, S: RecordSink> DeserializeSeed<'de> for FieldSeed<'_, '_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: RecordSink> Visitor<'de> for FieldSeed<'_, '_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field with its type and value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let columns = self.parser.columns;
        let field = &columns.fields[self.at];
        let mut found = false;
        while let Some(key) = map.next_key::<FieldKey>()? {
            if !matches!(key, FieldKey::Value) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            found = true;
            let (parser, at, id) = (&mut *self.parser, self.at, &mut *self.id);
            map.next_value_seed(ValueSeed {
                kind: field.kind,
                cells: &field.cells,
                then: |cell: Cell<'_>| {
                    if at == columns.id_at {
                        *id = id_of(cell);
                    }
                    // A column that gets no push is blank, so blanks need none.
                    if at >= columns.width || cell == Cell::Blank {
                        return Ok(());
                    }
                    parser.sink.push(at, cell).map_err(|e| parser.refused(&e))
                },
            })?;
        }
        if found { Ok(()) } else { Err(A::Error::custom("a field without a value")) }
    }
}

fn id_of(cell: Cell<'_>) -> Option<u64> {
    match cell {
        Cell::Number(n) => n.to_i64().and_then(|n| u64::try_from(n).ok()),
        Cell::Text(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
