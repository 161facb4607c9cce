//! An object store that fails as often as it is told: what is asked is not done, or is done and the answer is lost.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use crate::waiting::{Faults, Wrong};

/// A store in memory, and what goes wrong with it.
#[derive(Debug)]
pub struct Unreliable {
    store: InMemory,
    faults: Faults,
    refused: Mutex<(&'static str, usize)>,
    asked: Asked,
}

/// How often a store was asked to keep an object or for a list, which cost the same, and for an object.
#[derive(Clone, Debug, Default)]
pub struct Asked(Arc<(AtomicU64, AtomicU64)>);

impl Asked {
    /// Both, from here on from zero.
    pub fn take(&self) -> (u64, u64) {
        (self.0.0.swap(0, Ordering::Relaxed), self.0.1.swap(0, Ordering::Relaxed))
    }
}

impl Unreliable {
    pub fn new(faults: Faults) -> Self {
        Self { store: InMemory::new(), faults, refused: Mutex::new(("", 0)), asked: Asked::default() }
    }

    /// From now on, so many puts of a path that holds this are not done.
    pub fn refuse(&self, part: &'static str, times: usize) {
        *self.refused.lock().unwrap() = (part, times);
    }

    fn refuses(&self, location: &Path) -> bool {
        let mut refused = self.refused.lock().unwrap();
        let refuses = refused.1 > 0 && location.as_ref().contains(refused.0);
        refused.1 -= usize::from(refuses);
        refuses
    }

    /// How often it is asked.
    pub fn asked(&self) -> Asked {
        self.asked.clone()
    }
}

impl fmt::Display for Unreliable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unreliable({})", self.store)
    }
}

fn failed() -> Error {
    Error::Generic { store: "Unreliable", source: "503 Slow Down".into() }
}

#[async_trait]
impl ObjectStore for Unreliable {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.asked.0.0.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        if self.refuses(location) {
            return Err(failed());
        }
        let put = match self.faults.next() {
            Some(Wrong::NotMade) => Err(failed()),
            Some(Wrong::AnswerLost) => {
                self.store.put_opts(location, payload, options).await.and_then(|_| Err(failed()))
            }
            Some(Wrong::Raced) | None => self.store.put_opts(location, payload, options).await,
        };
        tokio::task::yield_now().await;
        put
    }

    async fn put_multipart_opts(&self, at: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.asked.0.1.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        match self.faults.next() {
            Some(Wrong::NotMade | Wrong::AnswerLost) => Err(failed()),
            Some(Wrong::Raced) | None => self.store.get_opts(location, options).await,
        }
    }

    fn delete_stream(&self, at: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.store.delete_stream(at)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.asked.0.0.fetch_add(1, Ordering::Relaxed);
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.asked.0.0.fetch_add(1, Ordering::Relaxed);
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}
