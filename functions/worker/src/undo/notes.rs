//! That a bulk of a flow took effect: noted behind it, with the ids of the records that it added.

use connect::kintone::Committed;
use connect::storage::{OwnName, StorageError, When};
use serde::{Deserialize, Serialize};

use super::OfFlow;

/// Largest note that is read, in bytes: 1,900 ids are some 20 KB.
const LIMIT: u64 = 1 << 20;

/// A bulk that took effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Version of this form: 1.
    pub v: u8,
    /// The computation that it is from; its images have this name.
    pub computation: String,
    /// How many writes of the flow took effect with this one; 0 where a later note says it.
    pub upto: usize,
    /// The ids of records, in order, the last of them at place `upto`; 0 where one is not known. Empty where the answer was
    /// lost.
    pub ids: Vec<u64>,
}

impl OfFlow<'_> {
    /// Notes that a bulk took effect. `upto` counts the flow's writes with this one.
    pub async fn note(
        &self,
        computation: &str,
        bulk: usize,
        upto: usize,
        committed: &Committed,
    ) -> Result<(), StorageError> {
        let ids = committed.records.iter().map(|record| record.id).collect();
        self.put(bulk, &Note { v: 1, computation: computation.to_owned(), upto, ids }).await
    }

    /// The same for the bulks of a worker before this one, as the journal tells of them: so many, with so many writes. Those
    /// that it has noted stay.
    pub async fn note_missing(&self, computation: &str, bulks: usize, writes: usize) -> Result<(), StorageError> {
        for bulk in 0..bulks {
            if self.noted(bulk).await?.is_none() {
                let upto = if bulk + 1 == bulks { writes } else { 0 };
                let note = Note { v: 1, computation: computation.to_owned(), upto, ids: Vec::new() };
                self.put(bulk, &note).await?;
            }
        }
        Ok(())
    }

    /// Notes ids that were found later, of all writes that took effect with this computation.
    pub async fn note_found(&self, computation: &str, ids: Vec<u64>) -> Result<(), StorageError> {
        let last = self.store.kept_of_flow(self.run, self.flow).await?.bulks.last().copied();
        let note = Note { v: 1, computation: computation.to_owned(), upto: ids.len(), ids };
        self.put(last.unwrap_or(0), &note).await
    }

    async fn put(&self, bulk: usize, note: &Note) -> Result<(), StorageError> {
        let text = serde_json::to_string(note).map_err(|e| StorageError::Other(e.to_string()))?;
        let name = OwnName::took_effect(self.run, self.flow, bulk);
        self.store.put_own(&name, text.into(), &When::Always).await.map(|_| ())
    }

    async fn noted(&self, bulk: usize) -> Result<Option<Note>, StorageError> {
        let name = OwnName::took_effect(self.run, self.flow, bulk);
        let stored = self.store.get_own(&name, LIMIT).await?;
        Ok(stored.and_then(|stored| serde_json::from_slice(&stored.bytes).ok()))
    }

    /// The notes of these bulks, in order; one that cannot be read is left out.
    pub(super) async fn notes(&self, bulks: &[usize]) -> Result<Vec<Note>, StorageError> {
        let mut notes = Vec::new();
        for bulk in bulks {
            notes.extend(self.noted(*bulk).await?);
        }
        Ok(notes)
    }
}
