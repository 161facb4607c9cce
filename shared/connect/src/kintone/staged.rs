//! A bulk as a line of text, so that it can be kept and sent by whoever takes the writing up.

use std::ops::Range;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::bulk::{Bulk, PartBody, Verb};

/// Why a line is no bulk.
#[derive(Debug, thiserror::Error)]
#[error("not a staged bulk: {0}")]
pub struct NotABulk(#[from] serde_json::Error);

#[derive(Serialize, Deserialize)]
struct Line {
    parts: Vec<Part>,
    positions: Range<usize>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    app: u64,
    verb: Verb,
    positions: Range<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deleted: Vec<u64>,
    request: Box<RawValue>,
}

impl Bulk {
    /// The bulk as one line, without a line end. It holds the records' values, and nothing that opens a domain.
    pub fn to_line(&self) -> Result<String, NotABulk> {
        let part = |part: &PartBody| {
            Ok::<_, NotABulk>(Part {
                app: part.app,
                verb: part.verb,
                positions: part.positions.clone(),
                deleted: part.deleted.clone(),
                request: serde_json::from_slice(&part.json)?,
            })
        };
        let parts = self.parts.iter().map(part).collect::<Result<_, _>>()?;
        Ok(serde_json::to_string(&Line { parts, positions: self.positions.clone() })?)
    }

    /// The bulk of a line, the same in every byte that is sent.
    pub fn from_line(line: &str) -> Result<Self, NotABulk> {
        let Line { parts, positions } = serde_json::from_str(line)?;
        let part = |part: Part| PartBody {
            app: part.app,
            verb: part.verb,
            json: Bytes::copy_from_slice(part.request.get().as_bytes()),
            positions: part.positions,
            deleted: part.deleted,
        };
        Ok(Self { parts: parts.into_iter().map(part).collect(), positions })
    }
}

#[cfg(test)]
mod tests {
    use model::field::{Field, FieldType};
    use model::value::Value;

    use super::super::bulk::{BulkBuilder, Change, MAX_BULK_BYTES, Target};
    use super::*;

    #[test]
    fn a_bulk_comes_back_byte_by_byte() {
        let target = Target { app: 7, fields: vec![Field::new("文字列", FieldType::SingleLineText)] };
        let mut builder = BulkBuilder::new("/k/v1/records.json".to_owned(), true, MAX_BULK_BYTES);
        for text in ["a\nb", "\"q\"", "改行\u{2028}"] {
            let values = [Value::text(text)];
            builder.push(&target, Change::Insert { values: &values }).unwrap();
            builder.push(&target, Change::Update { id: 3, revision: Some(2), values: &values }).unwrap();
        }
        builder.push(&target, Change::Delete { id: 12, revision: Some(4) }).unwrap();
        let bulk = builder.cut().unwrap();
        let line = bulk.to_line().unwrap();
        assert!(!line.contains('\n'));
        let back = Bulk::from_line(&line).unwrap();
        assert_eq!((back.positions(), back.apps(), back.bytes()), (bulk.positions(), bulk.apps(), bulk.bytes()));
        for (a, b) in bulk.parts.iter().zip(&back.parts) {
            assert_eq!(
                (&a.json, a.app, a.verb, &a.positions, &a.deleted),
                (&b.json, b.app, b.verb, &b.positions, &b.deleted)
            );
        }
        assert!(Bulk::from_line("{}").is_err());
    }
}
