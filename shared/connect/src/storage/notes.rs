//! Suiro's own files beside those of a unit: what is staged, and what is remembered about a file.
//!
//! They lie in a folder that no [`FilePath`] leads into.

use bytes::Bytes;
use model::file_path::{FilePath, OWN_FOLDER};
use object_store::TagSet;

use super::{FileStore, StorageError, Stored, Version, When};

/// The name of one of Suiro's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnName(String);

impl OwnName {
    /// A file that is ready to be published: of a flow of a run, by the number of its output.
    pub fn staged(run: &str, flow: usize, output: usize) -> Self {
        Self(format!("{}/{flow}-{output}", folder(run)))
    }

    /// The bulks of a flow of a run, before the first of them is sent. Every computation has its own: what a stalled
    /// worker keeps late is nobody's.
    pub fn bulks(run: &str, flow: usize, computation: &str) -> Self {
        Self(format!("{}/{flow}-bulks-{computation}", folder(run)))
    }

    /// Where a run without a log record stands that waits for the output budget.
    pub fn waiting(run: &str) -> Self {
        Self(format!("{}/waiting", folder(run)))
    }

    /// What records held before a computation of a flow of a run was written.
    pub fn images(run: &str, flow: usize, computation: &str) -> Self {
        Self(format!("{}/{flow}-before-{computation}", undo_folder(run)))
    }

    /// That a bulk of a flow of a run took effect, and which records it added.
    pub fn took_effect(run: &str, flow: usize, bulk: usize) -> Self {
        Self(format!("{}/{flow}-bulk-{bulk}", undo_folder(run)))
    }

    /// Whether it is nobody's when its run is forgotten.
    fn of_a_run(&self) -> bool {
        ["staged", "undo"].iter().any(|folder| self.0.starts_with(&format!("{OWN_FOLDER}/{folder}/")))
    }

    /// Who appended to a file last.
    pub fn appended(path: &FilePath) -> Self {
        Self(format!("{OWN_FOLDER}/appended/{path}.json"))
    }
}

/// What is kept to take a flow of a run back, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptOfFlow {
    /// The computations whose images are kept, in no order.
    pub computations: Vec<String>,
    /// The bulks that are noted to have taken effect, in order. One may be missing: it could not be noted.
    pub bulks: Vec<usize>,
}

/// Key of the tag of what is kept of a run: a bucket forgets by it what is left over.
const TAG_KEY: &str = "suiro";
/// Its value.
const TAG_VALUE: &str = "run";

/// A run, as the name of a folder.
fn of_run(run: &str) -> String {
    run.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// Where everything lies that is staged for a run.
fn folder(run: &str) -> String {
    format!("{OWN_FOLDER}/staged/{}", of_run(run))
}

/// Where everything lies that is kept to take a run back.
fn undo_folder(run: &str) -> String {
    format!("{OWN_FOLDER}/undo/{}", of_run(run))
}

impl FileStore {
    /// Forgets everything that is staged for a run, whoever staged it.
    pub async fn forget_staged(&self, run: &str) -> Result<(), StorageError> {
        self.forget_below(&folder(run)).await
    }

    /// Forgets everything that is kept to take a run back.
    pub async fn forget_undo(&self, run: &str) -> Result<(), StorageError> {
        self.forget_below(&undo_folder(run)).await
    }

    /// Forgets what is kept to take runs of a unit back, as far as their numbers are below this one: also of runs whose turn
    /// nobody came by.
    pub async fn forget_undo_below(&self, seq: u64) -> Result<(), StorageError> {
        let all = format!("{OWN_FOLDER}/undo");
        for folder in self.folders_in(&all).await? {
            let of = folder.rsplit_once('-').and_then(|(_, number)| number.parse::<u64>().ok());
            if of.is_some_and(|of| of < seq) {
                self.forget_below(&format!("{all}/{folder}")).await?;
            }
        }
        Ok(())
    }

    /// What is kept to take a flow of a run back.
    pub async fn kept_of_flow(&self, run: &str, flow: usize) -> Result<KeptOfFlow, StorageError> {
        let (folder, mut kept) = (undo_folder(run), KeptOfFlow::default());
        let (before, bulk) = (format!("{folder}/{flow}-before-"), format!("{folder}/{flow}-bulk-"));
        for key in self.keys_below(&folder).await? {
            if let Some(computation) = key.strip_prefix(&before) {
                kept.computations.push(computation.to_owned());
            }
            kept.bulks.extend(key.strip_prefix(&bulk).and_then(|number| number.parse::<usize>().ok()));
        }
        kept.bulks.sort_unstable();
        Ok(kept)
    }

    async fn forget_below(&self, folder: &str) -> Result<(), StorageError> {
        for key in self.keys_below(folder).await? {
            self.delete_key(&key).await?;
        }
        if let Some(local) = &self.folder {
            // A process that was killed while it wrote leaves a part behind, which is no file of the store.
            let folder = local.path.join(&self.prefix).join(folder);
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StorageError::Other(format!("{}: {error}", folder.display())));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// One of Suiro's own files; `None` where there is none.
    pub async fn get_own(&self, name: &OwnName, limit: u64) -> Result<Option<Stored>, StorageError> {
        self.get_key(&name.0, limit).await
    }

    /// Writes one of Suiro's own files.
    pub async fn put_own(&self, name: &OwnName, bytes: Bytes, when: &When) -> Result<Version, StorageError> {
        let mut tags = TagSet::default();
        if name.of_a_run() {
            tags.push(TAG_KEY, TAG_VALUE);
        }
        self.put_tagged(&name.0, bytes, when, tags).await
    }

    /// Forgets one of Suiro's own files, if it is there.
    pub async fn delete_own(&self, name: &OwnName) -> Result<(), StorageError> {
        self.delete_key(&name.0).await
    }
}
