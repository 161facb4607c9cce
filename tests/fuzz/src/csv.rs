//! The CSV reader: any bytes, in every encoding and delimiter.

use engine::{FileContext, Table, read_file, write_file};
use flow::plan::file::{Delimiter, Encoding, FileName};
use flow::plan::{Column, FileColumn, FileMode, InLayout, OutColumn, OutLayout, ReadFile, Source, WriteFile};
use jiff::tz::TimeZone;
use model::field::Kind;

/// The first byte chooses encoding, delimiter, header and strictness; the rest is the file. A refusal is told; what was
/// read can be written as CSV and is the same when that is read again.
pub fn csv(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else { return };
    let (_, encoding, delimiter) = choose(*choice);
    let header = choice & 0x40 != 0;
    let layout = InLayout::Csv { encoding, delimiter, header };
    let Some(table) = read(bytes, layout, header, choice & 0x80 != 0) else { return };
    let again = InLayout::Csv { encoding: Encoding::Utf8, delimiter: Delimiter::Comma, header: true };
    let written = write(&table);
    // Not strictly: what could not be decoded is U+FFFD now, which counts as undecodable wherever it stands.
    let reread = read(&written, again, true, false);
    // A row of blanks alone is no row in a file.
    let full = |t: &Table| t.to_rows().into_iter().filter(|r| r.iter().any(|v| !v.is_blank())).collect::<Vec<_>>();
    let reread = reread.as_ref().map(full).unwrap_or_default();
    assert_eq!(full(&table), reread, "{}", String::from_utf8_lossy(&written));
}

fn choose(choice: u8) -> (&'static str, Encoding, Delimiter) {
    let (encoding, name) = Encoding::ALL[usize::from(choice & 7) % Encoding::ALL.len()];
    let (delimiter, _) = Delimiter::ALL[usize::from(choice >> 3 & 3) % Delimiter::ALL.len()];
    (name, encoding, delimiter)
}

fn columns() -> Vec<Column> {
    [("品", Kind::Text), ("数", Kind::Number), ("日", Kind::Date), ("時", Kind::Time), ("印", Kind::Texts)]
        .map(|(name, kind)| Column::new(name, kind))
        .into()
}

fn context<'a>(zone: &'a TimeZone, strict: bool) -> FileContext<'a> {
    FileContext { step: "読む", file: "f.csv", now: 1_769_839_445, zone, strict }
}

fn read(bytes: &[u8], layout: InLayout, header: bool, strict: bool) -> Option<Table> {
    let columns = columns();
    let source = |(i, c): (usize, &Column)| match header {
        true => Source::Header(c.name.clone()),
        false => Source::Position(i),
    };
    let places = columns.iter().enumerate().map(|c| FileColumn { source: source(c), format: None }).collect();
    let file = FileName::parse("f.csv").expect("a name");
    let spec = ReadFile { file, layout, columns: places, must_exist: false };
    match read_file(Some(bytes), &spec, &columns, &context(&TimeZone::UTC, strict)) {
        Ok((table, _)) => {
            assert_eq!(table.columns().len(), columns.len());
            Some(table)
        }
        Err(error) => {
            assert!(!error.ja().is_empty() && !error.en().is_empty());
            None
        }
    }
}

fn write(table: &Table) -> Vec<u8> {
    let layout = OutLayout::Csv {
        encoding: Encoding::Utf8,
        bom: false,
        delimiter: Delimiter::Comma,
        crlf: true,
        header: true,
        replace: false,
    };
    let columns = columns();
    let out = columns.iter().enumerate().map(|(column, c)| OutColumn { column, title: c.name.clone(), format: None });
    let file = FileName::parse("f.csv").expect("a name");
    let spec = WriteFile {
        file,
        layout,
        mode: FileMode::Overwrite,
        columns: out.collect(),
        numbers: Vec::new(),
        by_name: false,
    };
    match write_file(table, &spec, &context(&TimeZone::UTC, true)) {
        Ok((bytes, _)) => bytes,
        Err(error) => panic!("what was read cannot be written: {}", error.en()),
    }
}
