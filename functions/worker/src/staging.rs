//! A flow's bulks, kept before the first of them is sent, so that a worker that takes the run up sends the rest.
//!
//! One text: a line that says what they are, then a line per bulk. The marks in the journal say which computation's bulks
//! take effect, and how many have.

use connect::kintone::Bulk;
use connect::storage::{FileStore, OwnName, StorageError, When};
use model::run::FlowResult;
use serde::{Deserialize, Serialize};

use crate::refused::Label;
use crate::undo::left::Telling;

/// A flow's bulks and what is known of it beside them.
#[derive(Clone, Debug)]
pub struct Staged {
    /// What its result is when all is written.
    pub result: FlowResult,
    /// The bulks, in order.
    pub bulks: Vec<Bulk>,
    /// Which of their writes are whose.
    pub labels: Vec<Label>,
    /// Whether some add records by key: after a wait, somebody else may have added the same.
    pub adds_by_key: bool,
    /// Whether files remain to be published when all are sent.
    pub files: bool,
    /// What is told when all is written, where something is taken back.
    pub telling: Option<Telling>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    /// Version of this form: 1.
    v: u8,
    bulks: usize,
    adds_by_key: bool,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    files: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    telling: Option<Telling>,
    result: FlowResult,
}

/// Where the bulks of one computation of a flow are kept.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The unit's store.
    pub store: &'a FileStore,
    /// The run.
    pub run: &'a str,
    /// The flow's number in its unit.
    pub flow: usize,
    /// The computation's name; no two workers use the same.
    pub computation: &'a str,
}

impl Place<'_> {
    fn name(&self) -> OwnName {
        OwnName::bulks(self.run, self.flow, self.computation)
    }

    /// Keeps them.
    pub async fn keep(&self, staged: &Staged) -> Result<(), StorageError> {
        let other = |e: &dyn std::fmt::Display| StorageError::Other(e.to_string());
        let Staged { bulks, labels, adds_by_key, files, telling, result } = staged;
        let head = Head {
            v: 1,
            bulks: bulks.len(),
            adds_by_key: *adds_by_key,
            labels: labels.clone(),
            files: *files,
            telling: telling.clone(),
            result: result.clone(),
        };
        let mut text = serde_json::to_string(&head).map_err(|e| other(&e))?;
        for bulk in bulks {
            text.push('\n');
            text.push_str(&bulk.to_line().map_err(|e| other(&e))?);
        }
        self.store.put_own(&self.name(), text.into(), &When::Always).await.map(|_| ())
    }

    /// Takes them out again; `None` where they are not there, or not whole.
    pub async fn take(&self) -> Result<Option<Staged>, StorageError> {
        let Some(stored) = self.store.get_own(&self.name(), u64::MAX).await? else { return Ok(None) };
        let Ok(text) = std::str::from_utf8(&stored.bytes) else { return Ok(None) };
        let mut lines = text.split('\n');
        let Some(Ok(head)) = lines.next().map(serde_json::from_str::<Head>) else { return Ok(None) };
        let bulks: Result<Vec<Bulk>, _> = lines.map(Bulk::from_line).collect();
        let Head { bulks: count, adds_by_key, labels, files, telling, result, .. } = head;
        let whole = bulks.ok().filter(|bulks| bulks.len() == count);
        Ok(whole.map(|bulks| Staged { result, bulks, labels, adds_by_key, files, telling }))
    }
}
