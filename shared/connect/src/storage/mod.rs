//! Files of units: a folder on this machine, a bucket of S3, or memory. The only place that names the store's crate.
//!
//! Every unit has a store of its own, and nothing that it asks for leads out of it: a path is a [`FilePath`], and the
//! store puts its own prefix in front.

mod error;
mod notes;
mod place;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use model::file_path::FilePath;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, TagSet, UpdateVersion};

pub use error::StorageError;
pub use notes::{KeptOfFlow, OwnName};
pub use place::{Bucket, Storage};

/// What a store knows a state of a file by: it changes with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What it holds.
    pub bytes: Bytes,
    /// The state that was read.
    pub version: Version,
}

/// A file of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Unix seconds of its last change.
    pub changed: i64,
}

/// When a file may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Whatever is there.
    Always,
    /// Only where nothing is there.
    Absent,
    /// Only while what is there is in this state.
    Unchanged(Version),
}

impl When {
    /// While what is there is what was found: in this state, or nothing.
    pub fn as_found(version: Option<Version>) -> Self {
        version.map_or(Self::Absent, Self::Unchanged)
    }
}

/// The files of one unit.
#[derive(Clone, Debug)]
pub struct FileStore {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    folder: Option<Arc<LocalFolder>>,
}

/// A folder of this machine that is the store.
#[derive(Debug)]
struct LocalFolder {
    path: PathBuf,
    /// It cannot compare and write in one step, so writers of this process take turns.
    turn: tokio::sync::Mutex<()>,
}

impl FileStore {
    fn key(&self, path: &str) -> Result<Path, StorageError> {
        let whole = if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) };
        Path::parse(whole).map_err(|e| StorageError::Path(e.to_string()))
    }

    /// A file; `None` where there is none. One of more than `limit` bytes is refused unread.
    pub async fn get(&self, path: &FilePath, limit: u64) -> Result<Option<Stored>, StorageError> {
        self.get_key(path.as_str(), limit).await
    }

    /// The state of a file; `None` where there is none.
    pub async fn head(&self, path: &FilePath) -> Result<Option<Version>, StorageError> {
        match self.store.head(&self.key(path.as_str())?).await {
            Ok(meta) => version(meta.e_tag).map(Some),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a file, whole or not at all, and yields its new state. [`StorageError::Changed`] where `when` does not hold.
    pub async fn put(&self, path: &FilePath, bytes: Bytes, when: &When) -> Result<Version, StorageError> {
        self.put_key(path.as_str(), bytes, when).await
    }

    /// The files whose paths begin with these folders, by path. Suiro's own are left out.
    pub async fn list(&self, folder: Option<&FilePath>) -> Result<Vec<Listed>, StorageError> {
        let below = self.key(folder.map_or("", FilePath::as_str))?;
        let own = if self.prefix.is_empty() { 0 } else { self.prefix.len() + 1 };
        let found: Vec<_> = self.store.list(Some(&below)).try_collect().await?;
        let mut listed: Vec<Listed> = found
            .into_iter()
            .map(|meta| Listed {
                path: meta.location.as_ref().get(own..).unwrap_or_default().to_owned(),
                size: meta.size,
                changed: meta.last_modified.timestamp(),
            })
            .filter(|file| FilePath::new(file.path.as_str()).is_ok())
            .collect();
        listed.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listed)
    }

    async fn get_key(&self, path: &str, limit: u64) -> Result<Option<Stored>, StorageError> {
        let found = match self.store.get(&self.key(path)?).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let size = found.meta.size;
        if size > limit {
            return Err(StorageError::TooLarge { size, limit });
        }
        let version = version(found.meta.e_tag.clone())?;
        Ok(Some(Stored { bytes: found.bytes().await?, version }))
    }

    async fn put_key(&self, path: &str, bytes: Bytes, when: &When) -> Result<Version, StorageError> {
        self.put_tagged(path, bytes, when, TagSet::default()).await
    }

    async fn put_tagged(&self, path: &str, bytes: Bytes, when: &When, tags: TagSet) -> Result<Version, StorageError> {
        let key = self.key(path)?;
        let turn = match &self.folder {
            Some(folder) => Some(folder.turn.lock().await),
            None => None,
        };
        let mode = match when {
            When::Always => PutMode::Overwrite,
            When::Absent => PutMode::Create,
            When::Unchanged(expected) if turn.is_some() => {
                let found = match self.store.head(&key).await {
                    Ok(meta) => Some(version(meta.e_tag)?),
                    Err(object_store::Error::NotFound { .. }) => None,
                    Err(error) => return Err(error.into()),
                };
                if found.as_ref() != Some(expected) {
                    return Err(StorageError::Changed);
                }
                PutMode::Overwrite
            }
            When::Unchanged(Version(tag)) => PutMode::Update(UpdateVersion { e_tag: Some(tag.clone()), version: None }),
        };
        let options = PutOptions { mode, tags, ..PutOptions::default() };
        let written = self.store.put_opts(&key, bytes.into(), options).await?;
        match written.e_tag {
            Some(tag) => Ok(Version(tag)),
            None => version(self.store.head(&key).await?.e_tag),
        }
    }

    /// The names of the folders in a folder.
    async fn folders_in(&self, folder: &str) -> Result<Vec<String>, StorageError> {
        let found = self.store.list_with_delimiter(Some(&self.key(folder)?)).await?;
        Ok(found.common_prefixes.iter().filter_map(|path| path.filename().map(str::to_owned)).collect())
    }

    /// The paths of everything below a folder, Suiro's own included.
    async fn keys_below(&self, folder: &str) -> Result<Vec<String>, StorageError> {
        let own = if self.prefix.is_empty() { 0 } else { self.prefix.len() + 1 };
        let below = self.key(folder)?;
        let found: Vec<_> = self.store.list(Some(&below)).try_collect().await?;
        Ok(found.into_iter().filter_map(|meta| meta.location.as_ref().get(own..).map(str::to_owned)).collect())
    }

    async fn delete_key(&self, path: &str) -> Result<(), StorageError> {
        match self.store.delete(&self.key(path)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn version(tag: Option<String>) -> Result<Version, StorageError> {
    tag.map(Version).ok_or_else(|| StorageError::Other("the store tells no state of a file (ETag)".to_owned()))
}

#[cfg(test)]
mod tests;
