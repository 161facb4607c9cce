//! Where the files of all units lie.

use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use model::ids::UnitId;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::{FileStore, LocalFolder, StorageError};

/// What the keys of files in a bucket begin with: the rest of the bucket is for other things.
const PREFIX: &str = "files";
/// How long one request to a bucket may take. A file of the largest size takes seconds in the region of its bucket.
const TIMEOUT: Duration = Duration::from_secs(120);
/// How long a request is repeated that the bucket did not answer; a run's lease is renewed meanwhile.
const RETRY: Duration = Duration::from_secs(60);

/// A bucket of S3.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Plain HTTP is allowed: for emulators.
    pub allow_http: bool,
}

/// Where the files of all units lie.
#[derive(Clone, Debug)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    prefix: Option<&'static str>,
    folder: Option<Arc<LocalFolder>>,
}

impl Storage {
    /// A folder on this machine; it is made if needed.
    pub fn folder(path: &Folder) -> Result<Self, StorageError> {
        std::fs::create_dir_all(path).map_err(|e| StorageError::Other(format!("{}: {e}", path.display())))?;
        let store = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
        let folder = LocalFolder { path: path.to_owned(), turn: Default::default() };
        Ok(Self { store: Arc::new(store), prefix: None, folder: Some(Arc::new(folder)) })
    }

    /// A bucket, with the credentials and the region that AWS gives to its functions through the environment.
    pub fn bucket(bucket: &Bucket) -> Result<Self, StorageError> {
        let retry = RetryConfig { retry_timeout: RETRY, ..RetryConfig::default() };
        let client = ClientOptions::new().with_timeout(TIMEOUT).with_allow_http(bucket.allow_http);
        let store = AmazonS3Builder::from_env()
            .with_bucket_name(&bucket.name)
            .with_client_options(client)
            .with_retry(retry)
            .build()?;
        Ok(Self { store: Arc::new(store), prefix: Some(PREFIX), folder: None })
    }

    /// In memory, gone with the process.
    pub fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }

    /// In any object store.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, prefix: None, folder: None }
    }

    /// The files of a unit.
    pub fn unit(&self, domain: &str, unit: &UnitId) -> FileStore {
        let (domain, unit) = (name(domain), name(&unit.0));
        let prefix = match self.prefix {
            Some(prefix) => format!("{prefix}/{domain}/{unit}"),
            None => format!("{domain}/{unit}"),
        };
        FileStore { store: self.store.clone(), prefix, folder: self.folder.clone() }
    }

    /// All of it as the files of one unit: for a tool that is told a folder.
    pub fn whole(&self) -> FileStore {
        FileStore { store: self.store.clone(), prefix: String::new(), folder: self.folder.clone() }
    }
}

/// A name of one folder. A domain may hold a port; a unit's id tells units apart whatever becomes of the domain's name.
fn name(text: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = text.chars().map(kept).collect();
    if name.trim_matches('.').is_empty() { format!("_{name}") } else { name }
}
