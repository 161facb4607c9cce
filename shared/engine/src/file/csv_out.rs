//! Tables as CSV: as a file of a flow, or streamed row by row.

use std::io::Write;

use csv::{Terminator, WriterBuilder};
use flow::plan::file::Encoding;
use flow::plan::{FileMode, OutLayout};
use jiff::tz::TimeZone;

use super::csv_in::names;
use super::encoding::{Encoder, decode, mark};
use super::print::Printing;
use super::problem::FileProblem;
use crate::error::EngineError;
use crate::report::Reason;

use crate::table::Table;
use crate::text::value_text;

/// Writes tables of the same columns one after the other under one header line, so that a long result need not stand in
/// memory as one table. Instants stand in the zone, lists have one item per line of their cell, blanks are empty.
pub struct CsvWriter<W: Write> {
    out: csv::Writer<W>,
    zone: TimeZone,
    begun: bool,
}

impl<W: Write> CsvWriter<W> {
    /// A writer that has written nothing yet.
    pub fn new(out: W, zone: &TimeZone) -> Self {
        Self { out: csv::Writer::from_writer(out), zone: zone.clone(), begun: false }
    }

    /// Writes a line per row, before the first table also the header line of its columns' names.
    pub fn write(&mut self, table: &Table) -> std::io::Result<()> {
        if !self.begun {
            self.out.write_record(table.columns().iter().map(|c| c.name()))?;
            self.begun = true;
        }
        for row in 0..table.rows() {
            for column in table.columns() {
                match column.text(row) {
                    Some(text) => self.out.write_field(text)?,
                    None => self.out.write_field(value_text(&column.value(row), &self.zone))?,
                }
            }
            self.out.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    /// Hands everything on. Dropping the writer does the same, but tells of no error.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Writes one table as a [`CsvWriter`] does.
pub fn write_csv(table: &Table, zone: &TimeZone, out: impl Write) -> std::io::Result<()> {
    let mut writer = CsvWriter::new(out, zone);
    writer.write(table)?;
    writer.finish()
}

/// The bytes of a file of a flow. `before`: what the file holds, where rows are put behind it.
pub(super) fn write(mut printing: Printing<'_>, before: Option<&[u8]>) -> Result<Vec<u8>, EngineError> {
    let OutLayout::Csv { encoding, bom, delimiter, crlf, header, replace } = printing.spec.layout.clone() else {
        return Err(EngineError::plan("not the layout of a CSV file"));
    };
    let before = before.filter(|_| printing.spec.mode == FileMode::Append).unwrap_or_default();
    let held = decode(before, encoding).map_err(|p| printing.problem(p))?.text;
    let first = names(&held, delimiter);
    if let (true, Some(found)) = (header, &first) {
        let wanted = printing.titles();
        if *found != wanted {
            return Err(printing.problem(FileProblem::OtherHeader { found: found.clone(), wanted }));
        }
    }
    let encoder = Encoder::new(encoding);
    let terminator = if crlf { Terminator::CRLF } else { Terminator::Any(b'\n') };
    let mut out = WriterBuilder::new().delimiter(delimiter.byte()).terminator(terminator).from_writer(Vec::new());
    let failed = |e: csv::Error| FileProblem::Other(e.to_string());
    if header && first.is_none() {
        for title in printing.titles() {
            let fitting = encoder.fit(&title, |c| unmappable(&mut printing, encoder, &title, None, c, replace))?;
            out.write_field(fitting.as_ref()).map_err(|e| printing.problem(failed(e)))?;
        }
        out.write_record(None::<&[u8]>).map_err(|e| printing.problem(failed(e)))?;
    }
    for row in 0..printing.table.rows() {
        for column in 0..printing.columns.len() {
            let text = printing.text(column, row)?;
            let title = printing.columns[column].0.title.as_str();
            let fitting = encoder.fit(&text, |c| unmappable(&mut printing, encoder, title, Some(row), c, replace))?;
            out.write_field(fitting.as_ref()).map_err(|e| printing.problem(failed(e)))?;
        }
        out.write_record(None::<&[u8]>).map_err(|e| printing.problem(failed(e)))?;
    }
    let rows = out.into_inner().map_err(|e| printing.problem(FileProblem::Other(e.to_string())))?;
    Ok(joined(before, &held, encoding, bom, if crlf { "\r\n" } else { "\n" }, encoder.encode(rows)))
}

/// What the file holds, a line end where its last line lacks one, and the new rows.
fn joined(before: &[u8], held: &str, encoding: Encoding, bom: bool, line_end: &str, rows: Vec<u8>) -> Vec<u8> {
    let mut bytes = before.to_vec();
    if before.is_empty() && bom {
        bytes.extend_from_slice(mark(encoding));
    }
    if !held.is_empty() && !held.ends_with(['\n', '\r']) {
        bytes.extend(Encoder::new(encoding).encode(line_end.as_bytes().to_vec()));
    }
    bytes.extend(rows);
    bytes
}

/// What stands for a character that the encoding lacks.
fn unmappable(
    printing: &mut Printing<'_>,
    encoder: Encoder,
    title: &str,
    row: Option<usize>,
    character: char,
    replace: bool,
) -> Result<char, EngineError> {
    if !replace {
        let (row, column) = (row.map_or(0, |r| r + 1), title.to_owned());
        return Err(printing.problem(FileProblem::Unmappable { row, column, character, encoding: encoder.name() }));
    }
    // The step asked for it, so it is counted in strict mode too.
    printing.count(title, Reason::Unmappable, row, &character.to_string());
    Ok('?')
}

#[cfg(test)]
mod tests {
    use flow::plan::Column;
    use model::field::Kind;
    use model::value::Value;

    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let columns: Vec<Column> =
            [("品名", Kind::Text), ("数", Kind::Number), ("印", Kind::Texts), ("時", Kind::Datetime)]
                .map(|(name, kind)| Column::new(name, kind))
                .into();
        let rows = [
            vec![
                Value::Text("a,\"b\"".into()),
                Value::Number("1.50".parse().unwrap()),
                Value::Texts(vec!["x".into(), "y".into()]),
                Value::Datetime(0),
            ],
            vec![Value::Blank; 4],
        ];
        let mut out = Vec::new();
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        write_csv(&Table::from_rows(&columns, &rows).unwrap(), &tokyo, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "品名,数,印,時\n\"a,\"\"b\"\"\",1.5,\"x\ny\",1970-01-01T09:00:00+09:00\n,,,\n"
        );
    }
    #[test]
    fn parts_stand_under_one_header() {
        let columns = [Column::new("数", Kind::Number)];
        let part = |number: &str| Table::from_rows(&columns, &[vec![Value::Number(number.parse().unwrap())]]).unwrap();
        let mut out = Vec::new();
        let mut writer = CsvWriter::new(&mut out, &TimeZone::UTC);
        for table in [Table::empty(&columns), part("1"), part("2.5")] {
            writer.write(&table).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "数\n1\n2.5\n");
    }
}
