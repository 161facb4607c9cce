//! The writer: bulks in order, one at a time, with or without a fence, and what becomes of a lost answer.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::bulk::Bulk;
use super::client::Kintone;
use super::error::{Class, KintoneError};
use super::failure::Rejection;
use super::send::{Committed, Outcome};
use super::settle::{Fence, Settled};

/// Why a bulk was not written, or not known to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Nothing of the bulk was written.
    #[error("{}", .0.error)]
    Refused(Box<Rejection>),
    /// Nobody knows whether the bulk was written: there is no fence, or the fence cannot be read.
    #[error("outcome unknown: {0}")]
    Unknown(KintoneError),
    /// Another owner has the log record. Whether the bulk took effect before is for that owner to know.
    #[error("fenced off by another owner (the log record is at revision {revision})")]
    Fenced {
        /// The log record's revision.
        revision: u64,
        /// The mark that stands in the journal.
        mark: String,
    },
}

impl Kintone {
    /// A writer without a fence: an unknown outcome stays unknown.
    pub fn writer(&self) -> Writer {
        Writer { kintone: self.clone(), fence: None, running: None }
    }

    /// A writer whose every bulk passes this fence.
    pub fn fenced_writer(&self, fence: Fence) -> Writer {
        Writer { kintone: self.clone(), fence: Some(fence), running: None }
    }

    /// Writes a bulk and settles its outcome as far as that can be done.
    ///
    /// With a fence, a lost answer is settled by reading the log record, and the bulk is repeated where it has not
    /// taken effect; `mark` must be the bulk's own. Without one, a lost answer ends as [`WriteError::Unknown`]. So does a
    /// repetition that kintone does not take on now: the first of them may still be on its way, or be what it is busy with.
    pub async fn commit(&self, bulk: &Bulk, fence: Option<(&Fence, &str)>) -> Result<Committed, WriteError> {
        let settings = self.inner.connector.settings();
        let mut attempt = 1;
        let mut guard = fence.map(|(fence, _)| fence.clone());
        let mark = fence.map_or("", |(_, mark)| mark);
        let mut in_doubt = false;
        loop {
            let error = match self.send(bulk, guard.as_ref().map(|guard| (guard, mark))).await {
                Outcome::Committed(committed) => return Ok(committed),
                Outcome::Unknown(error) => error,
                // Our own lost request may have moved the fence: the log record tells.
                Outcome::Refused(r) if r.at_fence() && r.error.class == Class::Conflict => r.error,
                Outcome::Refused(r) if in_doubt && r.error.class.is_temporary() => {
                    return Err(WriteError::Unknown(r.error));
                }
                Outcome::Refused(rejection) => return Err(WriteError::Refused(Box::new(rejection))),
            };
            let Some(guard) = &mut guard else { return Err(WriteError::Unknown(error)) };
            tracing::warn!(error = %error, attempt, "the outcome of a bulk is settled by the log record");
            match self.settle(guard, mark).await {
                Ok(Settled::Committed { revision }) => {
                    let (records, count) = (Vec::new(), bulk.records());
                    return Ok(Committed { records, count, fence_revision: Some(revision) });
                }
                Ok(Settled::Fenced { revision, mark }) => return Err(WriteError::Fenced { revision, mark }),
                Ok(Settled::Edited { revision }) if attempt < settings.retry.tries => {
                    // At once, before the next edit.
                    guard.revision = revision;
                    attempt += 1;
                    continue;
                }
                Ok(Settled::NotCommitted) if attempt < settings.retry.tries => in_doubt = true,
                Ok(Settled::NotCommitted | Settled::Edited { .. }) | Err(_) => return Err(WriteError::Unknown(error)),
            }
            settings.pause.pause(settings.retry.delay(attempt, settings.pause.jitter())).await;
            attempt += 1;
        }
    }
}

/// Sends bulks in order, one at a time, while the caller prepares the next.
///
/// A bulk that is on its way when the writer is dropped is not called back.
#[derive(Debug)]
pub struct Writer {
    kintone: Kintone,
    fence: Option<Fence>,
    /// The bulk on its way, with its mark.
    running: Option<(JoinHandle<Result<Committed, WriteError>>, String)>,
}

impl Writer {
    /// Waits for the bulk before this one, then starts sending this one. Returns what became of the one before; where
    /// that one failed, this one is not sent. `mark` is written to the journal with the bulk; every bulk of a fence
    /// needs a mark of its own.
    pub async fn submit(&mut self, bulk: impl Into<Arc<Bulk>>, mark: &str) -> Result<Option<Committed>, WriteError> {
        let before = self.finish().await?;
        let (kintone, fence, bulk, mark) = (self.kintone.clone(), self.fence.clone(), bulk.into(), mark.to_owned());
        let left = mark.clone();
        let sending = tokio::spawn(async move {
            let fence = fence.as_ref().map(|fence| (fence, mark.as_str()));
            kintone.commit(&bulk, fence).await
        });
        self.running = Some((sending, left));
        // Lets the request go out before the caller turns to the next bulk.
        tokio::task::yield_now().await;
        Ok(before)
    }

    /// Waits for the last bulk.
    pub async fn finish(&mut self) -> Result<Option<Committed>, WriteError> {
        let Some((running, mark)) = self.running.take() else { return Ok(None) };
        let lost = |e: tokio::task::JoinError| {
            WriteError::Unknown(KintoneError::new(Class::Unknown, format!("the writer stopped: {e}")))
        };
        let committed = running.await.map_err(lost)??;
        if let (Some(fence), Some(revision)) = (&mut self.fence, committed.fence_revision) {
            fence.revision = revision;
            fence.mark = mark;
        }
        Ok(Some(committed))
    }

    /// The fence as it stands after the last bulk that was waited for.
    pub fn fence(&self) -> Option<&Fence> {
        self.fence.as_ref()
    }
}
