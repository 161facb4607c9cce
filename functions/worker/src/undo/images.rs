//! What records held before a flow is written: one line per write, in the order in which the bulks hold them.

use std::collections::{BTreeSet, HashMap};

use connect::storage::{OwnName, StorageError, When};
use engine::{Batch, Delete, Put, Record};
use serde::{Deserialize, Serialize};

use super::OfFlow;
use crate::flow_run::{Computed, OutputChanges};

/// What is known of one write before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case")]
pub enum Image {
    /// A record is changed.
    Update {
        /// The app.
        app: u64,
        /// The record.
        id: u64,
        /// Its revision before.
        revision: u64,
        /// The fields that are changed, as they were.
        before: Record,
    },
    /// A record is deleted.
    Delete {
        /// The app.
        app: u64,
        /// The record.
        id: u64,
        /// Its revision before.
        #[serde(default)]
        revision: Option<u64>,
        /// All its fields that can be written.
        before: Record,
    },
    /// A record is added.
    Add {
        /// The app.
        app: u64,
        /// The fields that are written.
        record: Record,
    },
}

impl Image {
    /// The app.
    pub fn app(&self) -> u64 {
        match self {
            Self::Update { app, .. } | Self::Delete { app, .. } | Self::Add { app, .. } => *app,
        }
    }
}

/// What stands in front of the images of a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of this form: 1.
    pub v: u8,
    /// How many images follow.
    pub images: usize,
    /// The files that the flow writes: they are not taken back.
    #[serde(default)]
    pub files: Vec<String>,
    /// The units that it calls: their runs are not taken back.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Apps and fields whose added records get numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
}

impl Head {
    /// Of what was computed.
    pub fn of(computed: &Computed) -> Self {
        let files = computed.files.iter().map(|file| file.path.to_string()).collect();
        let calls = computed.calls.iter().map(|call| call.unit.clone()).collect();
        let numbered = |output: &OutputChanges| {
            let app = output.app;
            output.changes.demands().into_iter().map(move |demand| format!("アプリ / app {app} {}", demand.field))
        };
        let numbers: BTreeSet<String> = computed.outputs.iter().flat_map(numbered).collect();
        Self { files, calls, numbers: numbers.into_iter().collect(), ..Self::default() }
    }
}

/// The images of what was computed. `full` are the records that it deletes, by app and id.
pub fn of(outputs: &[OutputChanges], full: &HashMap<(u64, u64), Record>) -> Vec<Image> {
    let mut images = Vec::new();
    for OutputChanges { app, changes, .. } in outputs {
        let app = *app;
        for batch in changes.sequence() {
            match batch {
                Batch::Put(puts) => images.extend(puts.into_iter().map(|Put { update, revision, .. }| {
                    let update = &changes.updates[update];
                    Image::Update { app, id: update.id, revision, before: changes.before(update) }
                })),
                Batch::Delete(deletes) => images.extend(deletes.into_iter().map(|index| {
                    let Delete { id, revision } = changes.deletes[index];
                    let before = full.get(&(app, id)).cloned().unwrap_or_default();
                    Image::Delete { app, id, revision: Some(revision), before }
                })),
                Batch::Add(range) => images
                    .extend(changes.adds[range].iter().map(|row| Image::Add { app, record: changes.record(*row) })),
            }
        }
    }
    images
}

impl OfFlow<'_> {
    /// Keeps the images of a computation.
    pub async fn keep(&self, name: &str, head: Head, images: &[Image]) -> Result<(), StorageError> {
        let other = |e: serde_json::Error| StorageError::Other(e.to_string());
        let mut text = serde_json::to_string(&Head { v: 1, images: images.len(), ..head }).map_err(other)?;
        for image in images {
            text.push('\n');
            text.push_str(&serde_json::to_string(image).map_err(other)?);
        }
        let name = OwnName::images(self.run, self.flow, name);
        self.store.put_own(&name, text.into(), &When::Always).await.map(|_| ())
    }

    /// The images of a computation; `None` where they are gone, or not whole.
    pub async fn images(&self, name: &str) -> Result<Option<(Head, Vec<Image>)>, StorageError> {
        let name = OwnName::images(self.run, self.flow, name);
        let Some(stored) = self.store.get_own(&name, u64::MAX).await? else { return Ok(None) };
        let mut lines = stored.bytes.split(|byte| *byte == b'\n');
        let Some(Ok(head)) = lines.next().map(serde_json::from_slice::<Head>) else { return Ok(None) };
        let images: Result<Vec<Image>, _> = lines.map(serde_json::from_slice).collect();
        Ok(images.ok().filter(|images| images.len() == head.images).map(|images| (head, images)))
    }
}
