//! Tables as CSV: as a file of a flow, or streamed row by row.

use std::io::Write;

use csv::{Terminator, WriterBuilder};
use flow::plan::file::{Delimiter, Encoding};
use flow::plan::{OutLayout, WriteFile};
use jiff::tz::TimeZone;

use super::encoding::{Encoder, mark};
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

/// The bytes of a file of a flow.
pub(super) fn write(mut printing: Printing<'_>) -> Result<Vec<u8>, EngineError> {
    let layout = Layout::of(printing.spec)?;
    let encoder = Encoder::new(layout.encoding);
    let failed = |e: csv::Error| FileProblem::Other(e.to_string());
    let mut out = layout.writer();
    if layout.header {
        for title in printing.titles() {
            let fitting =
                encoder.fit(&title, |c| unmappable(&mut printing, encoder, &title, None, c, layout.replace))?;
            out.write_field(fitting.as_ref()).map_err(|e| printing.problem(failed(e)))?;
        }
        out.write_record(None::<&[u8]>).map_err(|e| printing.problem(failed(e)))?;
    }
    for row in 0..printing.table.rows() {
        for column in 0..printing.columns.len() {
            let text = printing.text(column, row)?;
            let title = printing.columns[column].0.title.as_str();
            let place = Some(row);
            let fitting =
                encoder.fit(&text, |c| unmappable(&mut printing, encoder, title, place, c, layout.replace))?;
            out.write_field(fitting.as_ref()).map_err(|e| printing.problem(failed(e)))?;
        }
        out.write_record(None::<&[u8]>).map_err(|e| printing.problem(failed(e)))?;
    }
    let rows = out.into_inner().map_err(|e| printing.problem(FileProblem::Other(e.to_string())))?;
    let mut bytes = if layout.bom { mark(layout.encoding).to_vec() } else { Vec::new() };
    bytes.extend(encoder.encode(rows));
    Ok(bytes)
}

/// The settings of a CSV file.
pub(super) struct Layout {
    pub encoding: Encoding,
    pub bom: bool,
    pub delimiter: Delimiter,
    pub crlf: bool,
    pub header: bool,
    replace: bool,
}

impl Layout {
    pub fn of(spec: &WriteFile) -> Result<Self, EngineError> {
        match spec.layout {
            OutLayout::Csv { encoding, bom, delimiter, crlf, header, replace } => {
                Ok(Self { encoding, bom, delimiter, crlf, header, replace })
            }
            OutLayout::Excel { .. } => Err(EngineError::plan("not the layout of a CSV file")),
        }
    }

    pub fn writer(&self) -> csv::Writer<Vec<u8>> {
        let terminator = if self.crlf { Terminator::CRLF } else { Terminator::Any(b'\n') };
        WriterBuilder::new().delimiter(self.delimiter.byte()).terminator(terminator).from_writer(Vec::new())
    }
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
