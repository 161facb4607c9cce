//! Which record of the caller's list a refused bulk fell over.

use std::ops::Range;

use super::bulk::Bulk;
use super::error::KintoneError;
use super::named::{self, NamedRecord};

/// What kintone found wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFailure {
    /// Position of the record in the list that the builder was given.
    pub position: usize,
    /// Field code; `None` where the failure is the record's.
    pub field: Option<String>,
    /// Where the field stands in a table: the table's code and the row, from 0.
    pub table: Option<(String, usize)>,
    /// kintone's sentences.
    pub messages: Vec<String>,
}

/// A bulk that kintone refused: nothing of it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The error.
    pub error: KintoneError,
    /// Positions of the records of the part that failed; `None` where it was the fence or the bulk as a whole.
    pub part: Option<Range<usize>>,
    /// Records and fields, where kintone named them, by position.
    pub records: Vec<RecordFailure>,
    /// The first of those by their names; where kintone named none, the first and the last of the part, or of the bulk.
    pub named: Vec<NamedRecord>,
}

/// Records of a refusal that are named.
const NAMED: usize = 20;

impl Rejection {
    /// Finds the records behind an error. `fenced` says whether the first part was the fence.
    pub(crate) fn of(error: KintoneError, bulk: &Bulk, fenced: bool) -> Self {
        let index = error.bulk_index.and_then(|at| at.checked_sub(usize::from(fenced)));
        let part = index.and_then(|at| bulk.parts.get(at)).map(|part| part.positions.clone());
        let mut records: Vec<RecordFailure> = Vec::new();
        if let Some(part) = &part {
            records.extend(error.errors.iter().filter_map(|(path, messages)| read_path(path, part, messages)));
        }
        records.sort_by_key(|failure| failure.position);
        let mut positions: Vec<usize> = records.iter().map(|failure| failure.position).collect();
        positions.dedup();
        positions.truncate(NAMED);
        if positions.is_empty() && (part.is_some() || error.bulk_index.is_none()) {
            positions = named::ends(part.as_ref().unwrap_or(&bulk.positions));
        }
        let named = bulk.named(&positions);
        Self { error, part, records, named }
    }

    /// True where it was the fence's own part that was refused.
    pub fn at_fence(&self) -> bool {
        self.part.is_none() && self.error.bulk_index == Some(0)
    }
}

/// `records[3].数.value`, `records[3][数].value`, `records[3].record.明細.value[2].value.数.value`, `ids[3]`,
/// `records[3].updateKey.value`.
fn read_path(path: &str, part: &Range<usize>, messages: &[String]) -> Option<RecordFailure> {
    let segments = split(path);
    let (first, index) = match segments.as_slice() {
        [Segment::Name(name), Segment::Index(index), ..] => (*name, *index),
        _ => return None,
    };
    if !matches!(first, "records" | "ids" | "revisions") || index >= part.len() {
        return None;
    }
    let mut rest = &segments[2..];
    // An update says `record` before the field; a field may have that code too, and is then followed by its value.
    if let [Segment::Name("record"), next, ..] = rest
        && !matches!(next, Segment::Name("value" | "values"))
    {
        rest = &rest[1..];
    }
    let (field, table) = match rest {
        [
            Segment::Name(table),
            Segment::Name("value"),
            Segment::Index(row),
            Segment::Name("value"),
            Segment::Name(field),
            ..,
        ] => (Some((*field).to_owned()), Some(((*table).to_owned(), *row))),
        [Segment::Name("id" | "revision")] | [Segment::Name("updateKey"), ..] => (None, None),
        [Segment::Name(field), ..] => (Some((*field).to_owned()), None),
        _ => (None, None),
    };
    Some(RecordFailure { position: part.start + index, field, table, messages: messages.to_vec() })
}

#[derive(Debug, PartialEq)]
enum Segment<'a> {
    Name(&'a str),
    Index(usize),
}

/// Splits at dots and brackets; what stands in brackets is an index or, in some messages, a field code.
fn split(path: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    for piece in path.split('.') {
        let mut names = piece.split(['[', ']']).filter(|s| !s.is_empty());
        if !piece.starts_with('[')
            && let Some(name) = names.next()
        {
            segments.push(Segment::Name(name));
        }
        segments.extend(names.map(|s| s.parse().map_or(Segment::Name(s), Segment::Index)));
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    type Place = (usize, Option<String>, Option<(String, usize)>);

    fn at(path: &str) -> Option<Place> {
        read_path(path, &(100..200), &["m".to_owned()]).map(|f| (f.position, f.field, f.table))
    }

    #[test]
    fn paths_lead_to_records_and_fields() {
        let number = Some("数".to_owned());
        assert_eq!(at("records[3].数.value"), Some((103, number.clone(), None)));
        assert_eq!(at("records[3].record.数.values[0].value"), Some((103, number.clone(), None)));
        assert_eq!(at("records[0][数].value"), Some((100, number.clone(), None)));
        assert_eq!(at("records[0].record[数].value"), Some((100, number.clone(), None)));
        assert_eq!(at("records[0].record.value"), Some((100, Some("record".into()), None)));
        let row = Some(("明細".to_owned(), 2));
        assert_eq!(at("records[3].明細.value[2].value.数.value"), Some((103, number.clone(), row.clone())));
        assert_eq!(at("records[3].record.明細.value[2].value.数.value"), Some((103, number, row)));
        assert_eq!(at("records[99].updateKey.value"), Some((199, None, None)));
        assert_eq!(at("records[99].id"), Some((199, None, None)));
        assert_eq!(at("records[99].id.value"), Some((199, Some("id".into()), None)));
        assert_eq!(at("ids[3]"), Some((103, None, None)));
        for foreign in ["records", "records[100].数.value", "app", "", "[", "records[-1].x"] {
            assert_eq!(at(foreign), None, "{foreign}");
        }
    }
}
