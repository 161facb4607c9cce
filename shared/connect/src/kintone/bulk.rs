//! Bulks: up to 20 parts of up to 100 records, all or nothing, in the order in which they were given.

use std::ops::Range;

use bytes::Bytes;
use model::field::Field;
use model::value::Value;

use super::encode::EncodeError;

/// Parts of one bulk: kintone's most.
pub const MAX_PARTS: usize = 20;
/// Records of one part: kintone's most.
pub const RECORDS_PER_PART: usize = 100;
/// Bytes of one bulk. kintone names no limit; this is ten times an ordinary full bulk.
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
    pub(crate) json: Bytes,
    pub(crate) positions: Range<usize>,
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
}

/// Packs changes into bulks. The same changes always give the same bulks, so a plan of chunks can be made anew.
#[derive(Debug)]
pub struct BulkBuilder {
    _parts: usize,
}

impl BulkBuilder {
    /// Adds a change. Returns the bulk before it where that one is full.
    pub fn push(&mut self, target: &Target, change: Change<'_>) -> Result<Option<Bulk>, EncodeError> {
        let _ = (target, change);
        Ok(None)
    }

    /// Ends the current bulk, so that what comes next stands in another one; also the way to get the last.
    pub fn cut(&mut self) -> Option<Bulk> {
        None
    }
}
