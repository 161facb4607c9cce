//! Tables as Excel workbooks: row by row through a temporary file, so that a large one needs little memory.

use std::collections::HashMap;

use flow::plan::Format as Wanted;
use flow::plan::file::{SHEET_COLUMNS, SHEET_ROWS};
use model::field::Kind;
use model::value::Value;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::print::Printing;
use super::problem::FileProblem;
use super::serial;
use crate::error::EngineError;
use crate::report::Reason;

/// Most characters of a cell, as UTF-16 counts them.
const LONGEST: usize = 32_767;
/// How a cell is shown that says nothing else.
const DATE: &str = "yyyy-mm-dd";
const TIME: &str = "hh:mm";
const TIME_WITH_SECONDS: &str = "hh:mm:ss";
const DATETIME: &str = "yyyy-mm-dd hh:mm:ss";

/// The bytes of a workbook of one sheet.
pub(super) fn write(mut printing: Printing<'_>, name: &str, header: bool) -> Result<Vec<u8>, EngineError> {
    let rows = printing.table.rows() + usize::from(header);
    if rows > usize::try_from(SHEET_ROWS).unwrap_or(usize::MAX) {
        return Err(printing.problem(FileProblem::ManyRows { rows: printing.table.rows() }));
    }
    if printing.columns.len() > usize::try_from(SHEET_COLUMNS).unwrap_or(usize::MAX) {
        return Err(printing.problem(FileProblem::ManyColumns { columns: printing.columns.len() }));
    }
    let mut book = Workbook::new();
    // The same rows of the same run give the same bytes.
    let made = ExcelDateTime::from_timestamp(printing.context.now);
    let failed = |e: XlsxError| FileProblem::Other(e.to_string());
    let made = made.map_err(|e| printing.problem(failed(e)))?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet_with_constant_memory().map_err(|e| printing.problem(failed(e)))?;
    sheet.set_name(name).map_err(|e| printing.problem(failed(e)))?;
    let mut cells = Cells { sheet, formats: HashMap::new() };
    let first = usize::from(header);
    if header {
        for (column, title) in printing.titles().iter().enumerate() {
            check_length(&printing, None, title, title)?;
            cells.text(0, column, title).map_err(|e| printing.problem(failed(e)))?;
        }
    }
    for row in 0..printing.table.rows() {
        for column in 0..printing.columns.len() {
            put(&mut printing, &mut cells, row, row + first, column)?;
        }
    }
    book.save_to_buffer().map_err(|e| printing.problem(failed(e)))
}

fn check_length(printing: &Printing<'_>, row: Option<usize>, title: &str, text: &str) -> Result<(), EngineError> {
    // A byte is at least a third of a UTF-16 unit, so most texts need not be counted.
    let length = if text.len() <= LONGEST { 0 } else { text.encode_utf16().count() };
    if length <= LONGEST {
        return Ok(());
    }
    let row = row.map_or(0, |r| r + 1);
    Err(printing.problem(FileProblem::LongCell { row, column: title.to_owned(), length }))
}

/// One cell. What Excel cannot hold as what it is stands there as text, counted.
fn put(
    printing: &mut Printing<'_>,
    cells: &mut Cells<'_>,
    row: usize,
    line: usize,
    column: usize,
) -> Result<(), EngineError> {
    let (out, values) = printing.columns[column];
    if values.is_blank(row) {
        return Ok(());
    }
    let number = match values.kind() {
        Kind::Number | Kind::Date | Kind::Time | Kind::Datetime => {
            as_number(printing, &values.value(row), out.format.as_ref())
        }
        _ => None,
    };
    let written = match (number, values.kind()) {
        (Some((number, shown)), _) => cells.number(line, column, number, shown.as_deref()),
        (None, kind) => {
            let text = printing.text(column, row)?;
            check_length(printing, Some(row), &out.title, &text)?;
            if matches!(kind, Kind::Number | Kind::Date | Kind::Time | Kind::Datetime) {
                printing.changed(&out.title, Reason::WrittenAsText, row, &text)?;
            }
            match values.value(row) {
                Value::Bool(truth) => cells.truth(line, column, truth),
                _ => cells.text(line, column, &text),
            }
        }
    };
    written.map_err(|e| printing.problem(FileProblem::Other(e.to_string())))
}

/// The number that a cell holds, and how it is shown.
fn as_number(printing: &Printing<'_>, value: &Value, format: Option<&Wanted>) -> Option<(f64, Option<String>)> {
    let pattern = |default: &str| match format {
        Some(Wanted::Date(pattern)) => excel_pattern(pattern.as_str()),
        _ => default.to_owned(),
    };
    Some(match value {
        Value::Number(number) => {
            let shown = (format == Some(&Wanted::Grouped)).then(|| match number.scale() {
                0 => "#,##0".to_owned(),
                places => format!("#,##0.{}", "0".repeat(usize::try_from(places).unwrap_or(0))),
            });
            (serial::double(*number)?, shown)
        }
        Value::Date(days) => (serial::of_day(*days)?, Some(pattern(DATE))),
        Value::Time(seconds) => {
            let default = if seconds % 60 == 0 { TIME } else { TIME_WITH_SECONDS };
            (serial::of_time(*seconds), Some(pattern(default)))
        }
        Value::Datetime(seconds) => (serial::of_instant(*seconds, printing.context.zone)?, Some(pattern(DATETIME))),
        _ => return None,
    })
}

/// Excel's spelling of a pattern: small letters, minutes told from months by the hours beside them, other characters quoted.
fn excel_pattern(pattern: &str) -> String {
    let mut out = String::new();
    for c in pattern.chars() {
        match c {
            'M' | 'H' => out.push(c.to_ascii_lowercase()),
            c if c.is_ascii_alphabetic() || matches!(c, '/' | '-' | ':' | ' ') => out.push(c),
            c => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out
}

struct Cells<'a> {
    sheet: &'a mut Worksheet,
    formats: HashMap<String, Format>,
}

impl Cells<'_> {
    fn place(row: usize, column: usize) -> (u32, u16) {
        // Rows and columns were counted before.
        (u32::try_from(row).unwrap_or(u32::MAX), u16::try_from(column).unwrap_or(u16::MAX))
    }

    fn text(&mut self, row: usize, column: usize, text: &str) -> Result<(), XlsxError> {
        let (row, column) = Self::place(row, column);
        self.sheet.write_string(row, column, text).map(|_| ())
    }

    fn truth(&mut self, row: usize, column: usize, truth: bool) -> Result<(), XlsxError> {
        let (row, column) = Self::place(row, column);
        self.sheet.write_boolean(row, column, truth).map(|_| ())
    }

    fn number(&mut self, row: usize, column: usize, number: f64, shown: Option<&str>) -> Result<(), XlsxError> {
        let (row, column) = Self::place(row, column);
        let Some(shown) = shown else { return self.sheet.write_number(row, column, number).map(|_| ()) };
        let format = self.formats.entry(shown.to_owned()).or_insert_with(|| Format::new().set_num_format(shown));
        self.sheet.write_number_with_format(row, column, number, format).map(|_| ())
    }
}
