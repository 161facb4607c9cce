//! Publishing: files go to their place when the flow's records are written, and a run that is taken up again does not do
//! it twice.
//!
//! A file that is replaced is the same however often it is written. Rows that are appended are not, so a note beside the
//! file says which run appended last, and what the file was before and after: whoever takes the run up reads from the
//! file itself whether that happened. Every write is conditional on the state that was looked at, so that a worker
//! that was stalled meanwhile changes nothing.

use connect::storage::{FileStore, OwnName, StorageError, Stored, When};
use engine::FileContext;
use flow::plan::FileMode;
use jiff::tz::TimeZone;
use model::catalogue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{FileOutput, Files, LARGEST, storage};
use crate::flow_run::FlowError;
use crate::writing::WritingError;

/// How often a file is written anew because somebody changed it at the same moment.
const TRIES: usize = 5;

/// Tells whether the run is still this worker's; an error ends the publishing.
#[async_trait::async_trait]
pub trait StillOurs: Send + Sync {
    /// Fails where another worker has taken the run over.
    async fn still_ours(&self) -> Result<(), WritingError>;
}

/// A tool's own run, which nobody else takes over.
pub struct Alone;

#[async_trait::async_trait]
impl StillOurs for Alone {
    async fn still_ours(&self) -> Result<(), WritingError> {
        Ok(())
    }
}

/// The files of one flow on their way.
pub struct Publishing<'a> {
    /// The store and the run.
    pub files: &'a Files,
    /// Number of the flow in its unit.
    pub flow: usize,
    /// Asked before a file is written over what somebody else has written.
    pub ours: &'a dyn StillOurs,
    /// Whether another worker goes on where this one stops: then a store that does not answer is waited for.
    pub goes_on: bool,
}

/// Who appended to a file last.
#[derive(Debug, Serialize, Deserialize)]
struct Appended {
    /// Run, flow and output of each append of that run, in order; the digests are of the last one.
    by: Vec<String>,
    /// SHA-256 of the file before.
    before: String,
    /// SHA-256 of the file after.
    after: String,
    /// Its length after, in bytes.
    length: usize,
}

impl Publishing<'_> {
    fn store(&self) -> &FileStore {
        &self.files.store
    }

    /// What becomes of a flow whose records are written where the store refuses, or does not answer: then it may have done
    /// what was asked, and who reads the file later learns it.
    fn failed(&self, output: &FileOutput, error: &StorageError) -> WritingError {
        let told = storage(&output.step, &output.path, error);
        match error {
            StorageError::Other(_) if self.goes_on => WritingError::Later(Some(told.code), told.message()),
            _ => WritingError::Refused(told),
        }
    }

    /// Keeps the files where the worker that takes the run up finds them. Before the first record is written.
    pub async fn stage(&self, outputs: &[FileOutput]) -> Result<(), WritingError> {
        for (number, output) in outputs.iter().enumerate() {
            let name = OwnName::staged(&self.files.run, self.flow, number);
            let put = self.store().put_own(&name, output.bytes.clone().into(), &When::Always).await;
            put.map_err(|e| WritingError::Refused(storage(&output.step, &output.path, &e)))?;
        }
        Ok(())
    }

    /// Takes the files that were staged instead of those that were computed now, which may differ.
    pub async fn take_staged(&self, outputs: &mut [FileOutput]) -> Result<(), WritingError> {
        for (number, output) in outputs.iter_mut().enumerate() {
            let name = OwnName::staged(&self.files.run, self.flow, number);
            match self.store().get_own(&name, u64::MAX).await.map_err(|e| self.failed(output, &e))? {
                Some(staged) => output.bytes = staged.bytes.to_vec(),
                None => return Err(WritingError::Unknown(lost(output))),
            }
        }
        Ok(())
    }

    /// Writes the files, in order. What fails here fails behind the flow's records, and says so.
    pub async fn publish(&self, outputs: &[FileOutput]) -> Result<(), WritingError> {
        for (number, output) in outputs.iter().enumerate() {
            let published = match output.spec.mode {
                FileMode::Append => self.append(output, number).await,
                FileMode::Overwrite | FileMode::NewName => self.replace(output).await,
            };
            published.map_err(|error| match error {
                WritingError::Refused(error) => WritingError::Refused(behind_records(error, number)),
                other => other,
            })?;
        }
        Ok(())
    }

    async fn replace(&self, output: &FileOutput) -> Result<(), WritingError> {
        let failed = |e: &StorageError| self.failed(output, e);
        let mut when = When::as_found(output.found.clone());
        for _ in 0..TRIES {
            match self.store().put(&output.path, output.bytes.clone().into(), &when).await {
                Ok(_) => return Ok(()),
                Err(StorageError::Changed) => {
                    self.ours.still_ours().await?;
                    when = When::as_found(self.store().head(&output.path).await.map_err(|e| failed(&e))?);
                }
                Err(error) => return Err(failed(&error)),
            }
        }
        Err(failed(&StorageError::Changed))
    }

    async fn append(&self, output: &FileOutput, number: usize) -> Result<(), WritingError> {
        let failed = |e: &StorageError| self.failed(output, e);
        let own = format!("{}/", self.files.run);
        let by = format!("{own}{}/{number}", self.flow);
        let note = OwnName::appended(&output.path);
        let context =
            FileContext { step: &output.step, file: output.path.as_str(), now: 0, zone: &TimeZone::UTC, strict: false };
        for attempt in 0..TRIES {
            let found = self.store().get(&output.path, LARGEST).await.map_err(|e| failed(&e))?;
            let before = found.as_ref().map_or(&[][..], |f| f.bytes.as_ref());
            let noted = self.store().get_own(&note, LARGEST).await.map_err(|e| failed(&e))?;
            let noted = noted.as_ref().and_then(read_note);
            if noted.as_ref().is_some_and(|n| n.by.contains(&by) && n.by.last() != Some(&by)) {
                return Ok(()); // a later append of this run came behind it
            }
            if let Some(noted) = noted.as_ref().filter(|n| n.by.last() == Some(&by)) {
                let start = before.get(..noted.length);
                if start.is_some_and(|start| digest(start) == noted.after) {
                    return Ok(());
                }
                // A worker before this one began, and somebody changed the file since: it cannot be seen whether it ended.
                if attempt == 0 && digest(before) != noted.before {
                    return Err(WritingError::Unknown(changed(output)));
                }
            }
            let after = engine::append_file(before, &output.bytes, &output.spec, &context);
            let after = after.map_err(|e| {
                // Not the code of a computation that failed: that says that nothing was written.
                WritingError::Refused(FlowError::new(catalogue::FILE_FAILED, e.ja(), e.en()))
            })?;
            let mut all = noted.map(|n| n.by).filter(|all| all.iter().all(|b| b.starts_with(&own))).unwrap_or_default();
            if !all.contains(&by) {
                all.push(by.clone());
            }
            let wanted = Appended { by: all, before: digest(before), after: digest(&after), length: after.len() };
            let text = serde_json::to_vec(&wanted).unwrap_or_default();
            self.store().put_own(&note, text.into(), &When::Always).await.map_err(|e| failed(&e))?;
            let when = When::as_found(found.map(|f| f.version));
            match self.store().put(&output.path, after.into(), &when).await {
                Ok(_) => return Ok(()),
                Err(StorageError::Changed) => self.ours.still_ours().await?,
                Err(error) => return Err(failed(&error)),
            }
        }
        Err(failed(&StorageError::Changed))
    }
}

fn read_note(stored: &Stored) -> Option<Appended> {
    serde_json::from_slice(&stored.bytes).ok()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// What had taken effect before a file could not be written.
fn behind_records(error: FlowError, files: usize) -> FlowError {
    FlowError {
        ja: format!("{} kintone への書き込みと、このファイルより前のファイル{files}件は済んでいます。", error.ja),
        en: format!("{} The flow's records and the {files} files in front of this one are written.", error.en),
        ..error
    }
}

fn lost(output: &FileOutput) -> FlowError {
    FlowError::new(
        catalogue::UNCERTAIN,
        format!("ステップ「{}」、ファイル「{}」: 書く前に控えた内容がありません。", output.step, output.path),
        format!("Step \"{}\", file \"{}\": what was staged for it is gone.", output.step, output.path),
    )
}

fn changed(output: &FileOutput) -> FlowError {
    FlowError::new(
        catalogue::UNCERTAIN,
        format!(
            "ステップ「{}」、ファイル「{}」: 追記の途中で中断し、その後ファイルが変更されました。追記されたか確認してください。",
            output.step, output.path
        ),
        format!(
            "Step \"{}\", file \"{}\": the appending was cut off, and the file was changed since; see whether the rows are in it.",
            output.step, output.path
        ),
    )
}

#[cfg(test)]
mod tests;
