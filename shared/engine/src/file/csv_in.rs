//! CSV files as tables.

use csv::{ReaderBuilder, StringRecord};
use flow::plan::file::{Delimiter, Encoding};

use super::cell::Raw;
use super::encoding::decode;
use super::filling::Filling;
use super::problem::FileProblem;
use crate::error::EngineError;
use crate::table::Table;

/// Reads a file. `None` where it holds no row that is not blank.
pub(super) fn read(
    bytes: &[u8],
    encoding: Encoding,
    delimiter: Delimiter,
    header: bool,
    mut filling: Filling<'_>,
) -> Result<Option<Table>, EngineError> {
    let decoded = decode(bytes, encoding).map_err(|p| filling.problem(p))?;
    let mut records = Records::new(&decoded.text, delimiter);
    let Some(first) = records.next(&filling)? else { return Ok(None) };
    let width = first.len();
    let names: Option<Vec<String>> = header.then(|| first.iter().map(str::to_owned).collect());
    let places = filling.places(names.as_deref(), decoded.errors)?;
    let mut record = if header { records.next(&filling)? } else { Some(first) };
    while let Some(row) = record {
        let line = row.position().map_or(0, csv::Position::line);
        // What stands behind the header's last name is lost; that alone matters, not a delimiter too many at the end.
        let more = row.iter().skip(width).any(|cell| !cell.is_empty());
        if row.len() < width || more {
            filling.ragged(line, row.len(), width)?;
        }
        for (column, place) in places.iter().enumerate() {
            if let Some(text) = row.get(*place) {
                filling.put(column, &Raw::Text(text), line)?;
            }
        }
        filling.close_row();
        record = records.next(&filling)?;
    }
    filling.finish().map(Some)
}

/// The names in the first row of a file; `None` where it holds no row that is not blank.
pub(super) fn names(text: &str, delimiter: Delimiter) -> Option<Vec<String>> {
    let mut reader = reader(text, delimiter);
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).ok()? {
        if record.iter().any(|cell| !cell.is_empty()) {
            return Some(record.iter().map(str::to_owned).collect());
        }
    }
    None
}

fn reader(text: &str, delimiter: Delimiter) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter.byte()).from_reader(text.as_bytes())
}

/// The rows of a file that are not blank.
struct Records<'a> {
    reader: csv::Reader<&'a [u8]>,
    /// Whether the quotation marks of the file are pairs.
    paired: bool,
    /// Bytes of the text.
    length: u64,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, delimiter: Delimiter) -> Self {
        let quotes = text.bytes().filter(|b| *b == b'"').count();
        Self { reader: reader(text, delimiter), paired: quotes.is_multiple_of(2), length: text.len() as u64 }
    }

    fn next(&mut self, filling: &Filling<'_>) -> Result<Option<StringRecord>, EngineError> {
        let mut record = StringRecord::new();
        loop {
            let more = self.reader.read_record(&mut record);
            if !more.map_err(|e| filling.problem(FileProblem::Other(e.to_string())))? {
                return Ok(None);
            }
            // A quotation mark without a partner takes all that follows into one cell.
            let last = !self.paired && self.at_end();
            if last && record.iter().next_back().is_some_and(|cell| cell.contains('\n')) {
                let line = record.position().map_or(0, csv::Position::line);
                return Err(filling.problem(FileProblem::OpenQuote { line }));
            }
            if record.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(record));
            }
        }
    }

    /// Whether everything has been read: the cell of an open quotation mark ends with the file.
    fn at_end(&self) -> bool {
        self.reader.position().byte() >= self.length
    }
}
