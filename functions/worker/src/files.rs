//! The files of a flow: read before it is computed, made when it is, and published when its records are written.

mod publish;

use connect::storage::{FileStore, StorageError, Version};
use engine::{Counts, FileContext, Table};
use flow::plan::{Column, FileMode, FileNumbers, ReadFile, WriteFile};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::catalogue;
use model::file_path::{FilePath, FilePathError};

use crate::flow_run::FlowError;

pub use publish::{Alone, Publishing, StillOurs};

/// Largest file that is read, in bytes: its text and its columns stand in memory beside each other (docs/decisions/0017).
pub const LARGEST: u64 = 64 << 20;

/// The files that a run may use.
#[derive(Clone, Debug)]
pub struct Files {
    /// The unit's store.
    pub store: FileStore,
    /// What tells this run from every other one: what it appended is known by it.
    pub run: String,
    /// What files of a new name have in their name.
    pub label: String,
}

/// A file that a flow makes.
#[derive(Clone, Debug)]
pub struct FileOutput {
    /// The step.
    pub step: String,
    /// Where it goes.
    pub path: FilePath,
    /// Rows in it.
    pub rows: usize,
    /// How.
    pub spec: WriteFile,
    /// The file, without what rows are put behind.
    pub bytes: Vec<u8>,
    /// What was there when the flow was computed.
    pub found: Option<Version>,
    /// What is needed to make it again with the numbers of its rows, where it has some: until then they are blank.
    pub numbered: Option<Numbered>,
}

/// A file whose rows are numbered.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// The rows.
    table: Table,
    /// How, without the numbers' columns.
    spec: WriteFile,
    strict: bool,
}

impl Numbered {
    /// The columns of numbers.
    pub fn numbers(&self) -> &[FileNumbers] {
        &self.spec.numbers
    }
}

impl FileOutput {
    /// Makes the file again, with these numbers for each of its columns of numbers.
    pub(crate) fn give(&mut self, given: &[Vec<u64>], now: i64, zone: &TimeZone) -> Result<(), FlowError> {
        let Some(Numbered { table, spec, strict }) = &self.numbered else { return Ok(()) };
        let at = At { step: &self.step, now, zone, strict: *strict };
        let (table, spec) = engine::with_numbers(table, spec, given)?;
        // What is counted was counted when the file was made without its numbers.
        self.bytes = engine::write_file(&table, &spec, &at.context(&self.path))?.0;
        Ok(())
    }
}

/// A step's place in time and space.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub step: &'a str,
    pub now: i64,
    pub zone: &'a TimeZone,
    pub strict: bool,
}

impl At<'_> {
    fn path(&self, name: &flow::plan::file::FileName) -> Result<FilePath, FlowError> {
        let now = Timestamp::from_second(self.now).unwrap_or(Timestamp::UNIX_EPOCH);
        name.at(now, self.zone).map_err(|e| no_path(self.step, &name.to_string(), e))
    }

    fn context<'a>(&'a self, path: &'a FilePath) -> FileContext<'a> {
        FileContext { step: self.step, file: path.as_str(), now: self.now, zone: self.zone, strict: self.strict }
    }
}

impl Files {
    /// The rows of a file, and what was counted.
    pub(crate) async fn read(
        &self,
        spec: &ReadFile,
        columns: &[Column],
        at: At<'_>,
    ) -> Result<(Table, Counts), FlowError> {
        let path = at.path(&spec.file)?;
        let found = self.store.get(&path, LARGEST).await.map_err(|e| storage(at.step, &path, &e))?;
        let bytes = found.as_ref().map(|f| f.bytes.as_ref());
        Ok(engine::read_file(bytes, spec, columns, &at.context(&path))?)
    }

    /// The file of an output step, and what was counted. Nothing is written yet.
    pub(crate) async fn make(
        &self,
        table: &Table,
        spec: &WriteFile,
        at: At<'_>,
    ) -> Result<(FileOutput, Counts), FlowError> {
        let mut path = at.path(&spec.file)?;
        if spec.mode == FileMode::NewName {
            let named = path.with_suffix(&format!("-{}", self.label));
            path = named.map_err(|e| no_path(at.step, path.as_str(), e))?;
        }
        let numbered = !spec.numbers.is_empty() && table.rows() > 0;
        let numbered = numbered.then(|| Numbered { table: table.clone(), spec: spec.clone(), strict: at.strict });
        let (table, spec) = engine::with_numbers(table, spec, &[])?;
        let (bytes, counts) = engine::write_file(&table, &spec, &at.context(&path))?;
        let found = self.store.head(&path).await.map_err(|e| storage(at.step, &path, &e))?;
        let output = FileOutput { step: at.step.to_owned(), path, rows: table.rows(), spec, bytes, found, numbered };
        Ok((output, counts))
    }

    /// Whether rows can be put behind those of the file that is there. Asked before the flow writes its first record, so
    /// that a file of another kind stops it while nothing is written.
    pub(crate) async fn check_append(&self, output: &FileOutput, at: At<'_>) -> Result<(), FlowError> {
        if output.spec.mode != FileMode::Append || output.found.is_none() {
            return Ok(());
        }
        let held = self.store.get(&output.path, LARGEST).await.map_err(|e| storage(at.step, &output.path, &e))?;
        let Some(held) = held else { return Ok(()) };
        Ok(engine::check_append(&held.bytes, &output.spec, &at.context(&output.path))?)
    }
}

/// A flow with files where there is no store.
pub(crate) fn no_store(step: &str) -> FlowError {
    FlowError::new(
        catalogue::FILE_FAILED,
        format!(
            "ステップ「{step}」: ファイル置き場がありません。suiro flow run では --files でフォルダーを指定してください。"
        ),
        format!("Step \"{step}\": there is no file store; give `suiro flow run` a folder with --files."),
    )
}

fn no_path(step: &str, name: &str, error: FilePathError) -> FlowError {
    FlowError::new(
        catalogue::FILE_FAILED,
        format!("ステップ「{step}」: ファイル名「{name}」が使えません: {}。", error.ja()),
        format!("Step \"{step}\": the file's name \"{name}\" cannot be used: {error}."),
    )
}

pub(crate) fn storage(step: &str, path: &FilePath, error: &StorageError) -> FlowError {
    let ja = match error {
        StorageError::Changed => "ほかの人が同時に変更しています".to_owned(),
        StorageError::TooLarge { size, limit } => format!("{size} バイトあり、上限の {limit} バイトを超えます"),
        other => other.to_string(),
    };
    FlowError::new(
        catalogue::FILE_FAILED,
        format!("ステップ「{step}」、ファイル「{path}」: {ja}。"),
        format!("Step \"{step}\", file \"{path}\": {error}."),
    )
}
