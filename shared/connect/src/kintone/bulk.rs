//! Bulks: up to 20 parts of up to 100 records, all or nothing, in the order in which they were given.

use std::ops::Range;

use bytes::Bytes;
use model::field::Field;
use model::value::Value;
use serde::{Deserialize, Serialize};

use super::encode::{self, EncodeError};

/// Parts of one bulk: kintone's most.
pub const MAX_PARTS: usize = 20;
/// Records of one part: kintone's most.
pub const RECORDS_PER_PART: usize = 100;
/// Bytes of one bulk. kintone names no limit; an ordinary full bulk has about one million.
pub const MAX_BULK_BYTES: usize = 10_000_000;

/// An app and the fields that are written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The app's number.
    pub app: u64,
    /// The fields; a change has one value for each, same order. The key of an update by key is not among them.
    pub fields: Vec<Field>,
}

/// One change to one record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change<'a> {
    /// Adds a record.
    Insert {
        /// A value per field of the target.
        values: &'a [Value],
    },
    /// Changes the record of this id.
    Update {
        /// `$id`
        id: u64,
        /// Refused as a conflict where the record is no longer at this revision.
        revision: Option<u64>,
        /// A value per field of the target.
        values: &'a [Value],
    },
    /// Changes the record with this key.
    UpdateByKey {
        /// A field that prohibits duplicates.
        key: &'a Field,
        /// Its value: text or number.
        value: &'a Value,
        /// As for [`Change::Update`].
        revision: Option<u64>,
        /// A value per field of the target.
        values: &'a [Value],
    },
    /// Changes the record with this key, or adds it.
    Upsert {
        /// A field that prohibits duplicates.
        key: &'a Field,
        /// Its value: text or number.
        value: &'a Value,
        /// A value per field of the target.
        values: &'a [Value],
    },
    /// Deletes the record of this id.
    Delete {
        /// `$id`
        id: u64,
        /// As for [`Change::Update`].
        revision: Option<u64>,
    },
}

/// A bulk, ready to be sent: its parts are already JSON.
#[derive(Clone, Debug)]
pub struct Bulk {
    pub(crate) parts: Vec<PartBody>,
    pub(crate) positions: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct PartBody {
    pub(crate) app: u64,
    pub(crate) verb: Verb,
    /// A request of the bulk, whole: `{"method":…,"api":…,"payload":…}`.
    pub(crate) json: Bytes,
    pub(crate) positions: Range<usize>,
    /// The ids of a delete, which kintone's answer does not repeat.
    pub(crate) deleted: Vec<u64>,
}

/// What a part does to its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verb {
    Insert,
    Update,
    Upsert,
    Delete,
}

impl Bulk {
    /// Positions, in the list that the builder was given, of the changes in this bulk.
    pub fn positions(&self) -> Range<usize> {
        self.positions.clone()
    }

    /// How many records it changes.
    pub fn records(&self) -> usize {
        self.positions.len()
    }

    /// The apps that it touches, each once.
    pub fn apps(&self) -> Vec<u64> {
        let mut apps: Vec<u64> = Vec::new();
        for part in &self.parts {
            if !apps.contains(&part.app) {
                apps.push(part.app);
            }
        }
        apps
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.json.len() + 1).sum()
    }
}

/// Packs changes into bulks. The same changes always give the same bulks, so a plan of chunks can be made anew.
#[derive(Debug)]
pub struct BulkBuilder {
    api: String,
    most_parts: usize,
    most_bytes: usize,
    next: usize,
    done: Vec<PartBody>,
    done_bytes: usize,
    open: Option<OpenPart>,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct OpenPart {
    app: u64,
    verb: Verb,
    first: usize,
    count: usize,
    list: Vec<u8>,
    /// Of a delete: its ids (the list holds the revisions).
    ids: Vec<u64>,
}

impl BulkBuilder {
    /// `api` is the path of the resource that all parts speak to.
    pub(crate) fn new(api: String, fenced: bool, most_bytes: usize) -> Self {
        let most_parts = MAX_PARTS - usize::from(fenced);
        let (done, scratch) = (Vec::new(), Vec::new());
        Self { api, most_parts, most_bytes, next: 0, done, done_bytes: 0, open: None, scratch }
    }

    /// Adds a change. Returns the bulk before it where that one is full.
    ///
    /// A change that cannot be encoded is not added and takes no position.
    pub fn push(&mut self, target: &Target, change: Change<'_>) -> Result<Option<Bulk>, EncodeError> {
        self.scratch.clear();
        encode_change(&mut self.scratch, target, change)?;
        let verb = verb_of(change);
        let fits_part =
            self.open.as_ref().is_some_and(|p| p.app == target.app && p.verb == verb && p.count < RECORDS_PER_PART);
        // What stands around a part's records: method, path, app.
        let around = 200 + self.api.len();
        let open_bytes = self.open.as_ref().map_or(0, |p| p.list.len() + p.ids.len() * 20 + around);
        let bytes = self.done_bytes + open_bytes + self.scratch.len() + around;
        let parts = self.done.len() + usize::from(self.open.is_some()) + usize::from(!fits_part);
        let full = parts > self.most_parts || (bytes > self.most_bytes && open_bytes + self.done_bytes > 0);
        let bulk = if full { self.cut() } else { None };
        if !full && !fits_part {
            self.close();
        }
        let next = self.next;
        let part = self.open.get_or_insert_with(|| OpenPart {
            app: target.app,
            verb,
            first: next,
            count: 0,
            list: Vec::new(),
            ids: Vec::new(),
        });
        if part.count > 0 {
            part.list.push(b',');
        }
        part.list.extend_from_slice(&self.scratch);
        part.count += 1;
        if let Change::Delete { id, .. } = change {
            part.ids.push(id);
        }
        self.next += 1;
        Ok(bulk)
    }

    /// Ends the current part, so that what comes next stands in another one.
    pub fn split(&mut self) {
        self.close();
    }

    /// How many parts still fit the current bulk, by their number.
    pub fn parts_left(&self) -> usize {
        self.most_parts.saturating_sub(self.done.len() + usize::from(self.open.is_some()))
    }

    /// Ends the current bulk, so that what comes next stands in another one; also the way to get the last.
    pub fn cut(&mut self) -> Option<Bulk> {
        self.close();
        self.done_bytes = 0;
        let parts = std::mem::take(&mut self.done);
        let positions = parts.first()?.positions.start..parts.last()?.positions.end;
        Some(Bulk { parts, positions })
    }

    fn close(&mut self) {
        let Some(part) = self.open.take() else { return };
        let (method, lead) = match part.verb {
            Verb::Insert => ("POST", "\"records\":["),
            Verb::Update => ("PUT", "\"records\":["),
            Verb::Upsert => ("PUT", "\"upsert\":true,\"records\":["),
            Verb::Delete => ("DELETE", "\"revisions\":["),
        };
        let mut json = Vec::with_capacity(part.list.len() + 200 + self.api.len() + part.ids.len() * 20);
        json.extend_from_slice(format!("{{\"method\":\"{method}\",\"api\":\"{}\",\"payload\":{{", self.api).as_bytes());
        json.extend_from_slice(format!("\"app\":{},", part.app).as_bytes());
        if part.verb == Verb::Delete {
            let ids: Vec<String> = part.ids.iter().map(u64::to_string).collect();
            json.extend_from_slice(format!("\"ids\":[{}],", ids.join(",")).as_bytes());
        }
        json.extend_from_slice(lead.as_bytes());
        json.extend_from_slice(&part.list);
        json.extend_from_slice(b"]}}");
        self.done_bytes += json.len() + 1;
        self.done.push(PartBody {
            app: part.app,
            verb: part.verb,
            json: json.into(),
            positions: part.first..part.first + part.count,
            deleted: part.ids,
        });
    }
}

fn verb_of(change: Change<'_>) -> Verb {
    match change {
        Change::Insert { .. } => Verb::Insert,
        Change::Update { .. } | Change::UpdateByKey { .. } => Verb::Update,
        Change::Upsert { .. } => Verb::Upsert,
        Change::Delete { .. } => Verb::Delete,
    }
}

/// The change as an element of its part's list; of a delete that is the revision.
pub(crate) fn encode_change(out: &mut Vec<u8>, target: &Target, change: Change<'_>) -> Result<(), EncodeError> {
    let (key, revision, values) = match change {
        Change::Insert { values } => return encode::record(out, &target.fields, values),
        Change::Delete { revision, .. } => {
            // -1 asks for no check.
            out.extend_from_slice(revision.map_or_else(|| "-1".to_owned(), |r| r.to_string()).as_bytes());
            return Ok(());
        }
        Change::Update { id, revision, values } => {
            out.extend_from_slice(format!("{{\"id\":{id}").as_bytes());
            (None, revision, values)
        }
        Change::UpdateByKey { key, value, revision, values } => (Some((key, value)), revision, values),
        Change::Upsert { key, value, values } => (Some((key, value)), None, values),
    };
    if let Some((field, value)) = key {
        out.extend_from_slice(b"{\"updateKey\":{\"field\":");
        encode::string(out, &field.code);
        out.extend_from_slice(b",\"value\":");
        encode::key(out, field, value)?;
        out.push(b'}');
    }
    if let Some(revision) = revision {
        out.extend_from_slice(format!(",\"revision\":{revision}").as_bytes());
    }
    out.extend_from_slice(b",\"record\":");
    encode::record(out, &target.fields, values)?;
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
#[path = "bulk_tests.rs"]
mod tests;
