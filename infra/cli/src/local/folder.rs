//! The data folder: one process at a time, and where its embedded DynamoDB answers.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The file in which a process says where it answers.
const ENDPOINT: &str = "endpoint.json";

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process has it.
    #[error(
        "{0} を別の suiro が使っています。それを止めるか、--data で別のフォルダーを指定してください / another suiro is using it; stop that one or give another folder with --data"
    )]
    InUse(PathBuf),
    /// The file system refuses.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
}

/// A data folder that this process holds.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if needed and takes its lock, which ends with the process however it ends.
    pub fn lock(path: &Path) -> Result<Self, FolderError> {
        let io = |e| FolderError::Io(path.to_owned(), e);
        fs::create_dir_all(path).map_err(io)?;
        private(path, 0o700).map_err(io)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(path.join("lock")).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {
                // What a process that was killed had announced is not true any more.
                let announced = path.join(ENDPOINT);
                match fs::remove_file(&announced) {
                    Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(FolderError::Io(announced, e)),
                    _ => Ok(Self { path: path.to_owned(), _lock: lock }),
                }
            }
            Err(fs::TryLockError::WouldBlock) => Err(FolderError::InUse(path.to_owned())),
            Err(fs::TryLockError::Error(e)) => Err(io(e)),
        }
    }

    /// The table's file.
    pub fn table(&self) -> PathBuf {
        self.path.join("table.sqlite")
    }

    /// The credentials' file.
    pub fn credentials(&self) -> PathBuf {
        self.path.join("credentials.json")
    }

    /// The folder of units' files, a folder each: `DOMAIN/UNIT/`.
    pub fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// Notes where this process answers, so that `suiro unit` and `suiro run` work beside `suiro serve`.
    pub fn announce(&self, told: &Announced) -> Result<(), FolderError> {
        let path = self.path.join(ENDPOINT);
        let text = serde_json::to_vec(told).unwrap_or_default();
        write_private(&path, &text).map_err(|e| FolderError::Io(path, e))
    }
}

/// Where the process that holds a folder answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Announced {
    /// Its embedded DynamoDB.
    pub dynamodb: String,
    /// What its realtime URLs start with.
    pub urls: Option<String>,
}

/// What the process that holds the folder has said, if it has.
pub fn announced(path: &Path) -> Option<Announced> {
    serde_json::from_slice(&fs::read(path.join(ENDPOINT)).ok()?).ok()
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    private(&new, 0o600)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, path)
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}
