//! CSV files as tables.

use csv::{ReaderBuilder, StringRecord};
use flow::plan::file::{Delimiter, Encoding};

use super::cell::Raw;
use super::encoding::decode;
use super::filling::Filling;
use super::problem::FileProblem;
use super::quotes;
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
    quotes::check(&decoded.text, delimiter).map_err(|p| filling.problem(p))?;
    let mut records = Records { reader: reader(&decoded.text, delimiter) };
    let Some(first) = records.next(&filling)? else { return Ok(None) };
    let names: Option<Vec<String>> = header.then(|| first.iter().map(str::to_owned).collect());
    let places = filling.places(names.as_deref(), decoded.errors)?;
    // Without a header a row must reach as far as the columns that are read, and the first may be a short one.
    let width = first.len().max(places.iter().max().map_or(0, |last| last + 1));
    let mut widest = first.len();
    let mut record = if header { records.next(&filling)? } else { Some(first) };
    while let Some(row) = record {
        let line = row.position().map_or(0, csv::Position::line);
        widest = widest.max(row.len());
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
    filling.reached(&places, widest)?;
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
}

impl Records<'_> {
    fn next(&mut self, filling: &Filling<'_>) -> Result<Option<StringRecord>, EngineError> {
        let mut record = StringRecord::new();
        loop {
            let more = self.reader.read_record(&mut record);
            if !more.map_err(|e| filling.problem(FileProblem::Other(e.to_string())))? {
                return Ok(None);
            }
            if record.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(record));
            }
        }
    }
}
