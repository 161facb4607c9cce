//! Files as tables and tables as files: CSV in every encoding that flows know, Excel workbooks.
//!
//! Bytes in, table out, and the reverse; where the bytes lie is for the caller to know.

mod cell;
mod csv_append;
mod csv_in;
mod csv_out;
mod encoding;
mod excel_in;
mod excel_out;
mod filling;
mod header;
mod numbered;
#[cfg(feature = "parquet")]
mod parquet_out;
mod print;
mod problem;
mod quotes;
mod serial;

use flow::plan::{Column, InLayout, OutLayout, ReadFile, WriteFile};
use jiff::tz::TimeZone;

use crate::error::EngineError;
use crate::report::{Counts, Reason, Sample};
use crate::table::Table;

pub use csv_out::{CsvWriter, write_csv};
pub use numbered::with_numbers;
#[cfg(feature = "parquet")]
pub use parquet_out::write_parquet;
pub use problem::FileProblem;

/// What reading and writing of a file looks at besides file and plan.
#[derive(Clone, Copy, Debug)]
pub struct FileContext<'a> {
    /// The step, for messages.
    pub step: &'a str,
    /// The file's path, for messages.
    pub file: &'a str,
    /// Unix seconds of the run's start; a workbook tells when it was made.
    pub now: i64,
    /// The flow's zone.
    pub zone: &'a TimeZone,
    /// Whether what would be counted is an error.
    pub strict: bool,
}

impl FileContext<'_> {
    fn problem(&self, problem: FileProblem) -> EngineError {
        EngineError::File { step: self.step.to_owned(), file: self.file.to_owned(), problem: Box::new(problem) }
    }
}

/// The rows of a file, with these columns, and what was counted. `None` as bytes: the file is not there.
pub fn read_file(
    bytes: Option<&[u8]>,
    spec: &ReadFile,
    columns: &[Column],
    context: &FileContext<'_>,
) -> Result<(Table, Counts), EngineError> {
    let mut counts = Counts::default();
    let absent = match bytes {
        None => Some((Reason::FileMissing, FileProblem::Missing)),
        Some([]) => Some((Reason::FileEmpty, FileProblem::Empty)),
        Some(_) => None,
    };
    if let Some((reason, problem)) = absent {
        // Strict is about values; that a file may be absent, the step says itself.
        if spec.must_exist {
            return Err(context.problem(problem));
        }
        counts.add(context.file, reason, || Sample {
            row: 0,
            group: None,
            table_row: None,
            record: None,
            value: context.file.to_owned(),
        });
        return Ok((Table::empty(columns), counts));
    }
    let filling = filling::Filling::new(columns, &spec.columns, context, &mut counts);
    let bytes = bytes.unwrap_or_default();
    let table = match &spec.layout {
        InLayout::Csv { encoding, delimiter, header } => csv_in::read(bytes, *encoding, *delimiter, *header, filling)?,
        InLayout::List { sheet, from, to, header } => {
            let range = excel_in::Range { from: *from, to: *to, header: *header };
            excel_in::read_list(bytes, sheet.as_deref(), &range, filling)?
        }
        InLayout::Form { sheet } => excel_in::read_form(bytes, sheet.as_deref(), filling)?,
    };
    // A file of blanks alone (spaces of a byte order mark, an empty sheet) holds no header either.
    let Some(table) = table else {
        if spec.must_exist {
            return Err(context.problem(FileProblem::Empty));
        }
        counts.add(context.file, Reason::FileEmpty, || Sample {
            row: 0,
            group: None,
            table_row: None,
            record: None,
            value: context.file.to_owned(),
        });
        return Ok((Table::empty(columns), counts));
    };
    Ok((table, counts))
}

/// The bytes of a file that holds the table alone, and what was counted.
pub fn write_file(
    table: &Table,
    spec: &WriteFile,
    context: &FileContext<'_>,
) -> Result<(Vec<u8>, Counts), EngineError> {
    let mut counts = Counts::default();
    let printing = print::Printing::new(table, spec, context, &mut counts)?;
    let bytes = match &spec.layout {
        OutLayout::Csv { .. } => csv_out::write(printing)?,
        OutLayout::Excel { sheet, header } => excel_out::write(printing, sheet, *header)?,
    };
    Ok((bytes, counts))
}

/// Whether rows of this layout can be put behind those of a file: it is refused where its encoding or its header is another.
pub fn check_append(held: &[u8], spec: &WriteFile, context: &FileContext<'_>) -> Result<(), EngineError> {
    csv_append::Held::read(held, spec).map(|_| ()).map_err(|p| context.problem(p))
}

/// What a file holds when the rows of `fresh`, a file that [`write_file`] made, are put behind those that it has: `before`.
pub fn append_file(
    before: &[u8],
    fresh: &[u8],
    spec: &WriteFile,
    context: &FileContext<'_>,
) -> Result<Vec<u8>, EngineError> {
    csv_append::append(before, fresh, spec).map_err(|p| context.problem(p))
}
