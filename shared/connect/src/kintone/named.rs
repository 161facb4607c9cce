//! The records of a refused bulk by their names: read from what was sent, so that nothing more is kept of bulks that are taken.

use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::bulk::{Bulk, PartBody, Verb};

/// Characters of a value that a record is told by.
const SHOWN: usize = 60;

/// A record of a bulk, as the bulk names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRecord {
    /// Position of the record in the list that the builder was given.
    pub position: usize,
    /// The app.
    pub app: u64,
    /// Its record number; `None` for one that is added.
    pub id: Option<u64>,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Field codes and values, as far as they are one text and not blank; a long one is cut.
    pub values: Vec<(String, String)>,
}

impl Bulk {
    /// The records at these positions, in order; those that are not the bulk's are left out.
    pub(crate) fn named(&self, positions: &[usize]) -> Vec<NamedRecord> {
        let of = |part: &PartBody| {
            let own: Vec<usize> = positions.iter().copied().filter(|at| part.positions.contains(at)).collect();
            if own.is_empty() { Vec::new() } else { part.named(&own) }
        };
        self.parts.iter().flat_map(of).collect()
    }
}

impl PartBody {
    fn named(&self, positions: &[usize]) -> Vec<NamedRecord> {
        let mut sent = serde_json::from_slice::<Json>(&self.json).unwrap_or_default();
        let mut records = sent["payload"]["records"].take();
        let mut name = |position: usize| {
            let at = position - self.positions.start;
            let mut record = records.get_mut(at).map(Json::take).unwrap_or_default();
            let id = self.deleted.get(at).copied().or_else(|| record.get("id").and_then(Json::as_u64));
            let fields = match self.verb {
                Verb::Insert => record,
                Verb::Update | Verb::Upsert | Verb::Delete => record["record"].take(),
            };
            let values = fields.as_object().map(values).unwrap_or_default();
            NamedRecord { position, app: self.app, id, deleted: self.verb == Verb::Delete, values }
        };
        positions.iter().map(|position| name(*position)).collect()
    }
}

fn values(fields: &Map<String, Json>) -> Vec<(String, String)> {
    let text = |(code, field): (&String, &Json)| {
        let text = field.get("value")?.as_str().filter(|text| !text.is_empty())?;
        let cut =
            text.char_indices().nth(SHOWN).map_or_else(|| text.to_owned(), |(end, _)| format!("{}…", &text[..end]));
        Some((code.clone(), cut))
    };
    fields.iter().filter_map(text).collect()
}

/// The first and the last of a range.
pub(crate) fn ends(range: &Range<usize>) -> Vec<usize> {
    let mut ends = vec![range.start, range.end.saturating_sub(1)];
    ends.dedup();
    ends
}

#[cfg(test)]
mod tests {
    use model::field::{Field, FieldType};
    use model::value::Value;

    use super::super::bulk::{BulkBuilder, Change, MAX_BULK_BYTES, Target};
    use super::*;

    #[test]
    fn records_are_named_by_what_was_sent() {
        let fields = vec![Field::new("番号", FieldType::SingleLineText), Field::new("空", FieldType::SingleLineText)];
        let target = Target { app: 7, fields };
        let mut builder = BulkBuilder::new("/k/v1/records.json".to_owned(), true, MAX_BULK_BYTES);
        for n in 0..3 {
            let values = [Value::text(format!("A-{n}")), Value::Blank];
            builder.push(&target, Change::Insert { values: &values }).unwrap();
        }
        let long = [Value::text("長".repeat(100)), Value::Blank];
        builder.push(&target, Change::Update { id: 31, revision: Some(2), values: &long }).unwrap();
        builder.push(&target, Change::Delete { id: 12, revision: Some(4) }).unwrap();
        let bulk = builder.cut().unwrap();
        let named = bulk.named(&[1, 3, 4, 9]);
        let number = |text: &str| vec![("番号".to_owned(), text.to_owned())];
        assert_eq!(named.iter().map(|n| n.position).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!((named[0].app, named[0].id, named[0].deleted, &named[0].values), (7, None, false, &number("A-1")));
        assert_eq!((named[1].id, &named[1].values), (Some(31), &number(&format!("{}…", "長".repeat(60)))));
        assert_eq!((named[2].id, named[2].deleted, named[2].values.len()), (Some(12), true, 0));
        assert_eq!((ends(&(3..4)), ends(&(0..100))), (vec![3], vec![0, 99]));
    }
}
