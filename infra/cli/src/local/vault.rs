//! Credentials in a file that only its owner can read, or in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use model::ports::{Credential, Vault, VaultError};

use super::folder::write_private;

/// A [`Vault`] in a file.
pub struct FileVault {
    path: Option<PathBuf>,
    memory: Mutex<BTreeMap<String, Credential>>,
}

impl FileVault {
    /// In this file; without one, in memory.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, memory: Mutex::default() }
    }

    /// What is held now. The file is read anew each time: another process may have added a credential.
    fn read(&self) -> Result<BTreeMap<String, Credential>, VaultError> {
        let Some(path) = &self.path else { return Ok(self.held().clone()) };
        match std::fs::read(path) {
            // serde's message may quote the text, so it is dropped.
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| VaultError::Malformed(path.display().to_string())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(e) => Err(VaultError::Unavailable(e.to_string())),
        }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Credential>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Vault for FileVault {
    async fn credential(&self, name: &str) -> Result<Credential, VaultError> {
        self.read()?.remove(name).ok_or_else(|| VaultError::Missing(name.to_owned()))
    }

    async fn put(&self, name: &str, credential: &Credential) -> Result<(), VaultError> {
        let Some(path) = &self.path else {
            self.held().insert(name.to_owned(), credential.clone());
            return Ok(());
        };
        let mut all = self.read()?;
        all.insert(name.to_owned(), credential.clone());
        let text = serde_json::to_vec_pretty(&all).map_err(|_| VaultError::Malformed(name.to_owned()))?;
        write_private(path, &text).map_err(|e| VaultError::Unavailable(e.to_string()))
    }
}
