//! Excel workbooks as tables: the cells are streamed, so that a sheet never stands in memory as a whole.

use std::io::Cursor;

use calamine::{Cell as ReadCell, DataRef, Reader, Xlsx, XlsxError};
use flow::plan::Source;
use flow::plan::file::Cell;

use super::cell::Raw;
use super::filling::Filling;
use super::problem::FileProblem;
use crate::error::EngineError;
use crate::table::Table;

/// Most bytes that a workbook may unpack to. Its texts stand in memory as a whole, so this bounds what a small file can do.
const UNPACKED: u64 = 1 << 30;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Where a list stands in its sheet.
pub(super) struct Range {
    /// Top left.
    pub from: Cell,
    /// Bottom right; the last used cell where none is given.
    pub to: Option<Cell>,
    /// Whether its first row names the columns.
    pub header: bool,
}

impl Range {
    fn holds(&self, (row, column): (u32, u32)) -> bool {
        let last = self.to.unwrap_or(Cell { row: u32::MAX, column: u32::MAX });
        (self.from.row..=last.row).contains(&row) && (self.from.column..=last.column).contains(&column)
    }
}

fn open(bytes: &[u8]) -> Result<Workbook<'_>, FileProblem> {
    // The container of .xls, and of .xlsx behind a password.
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(FileProblem::OldExcel);
    }
    let not_excel = |e: &dyn std::fmt::Display| FileProblem::NotExcel(e.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| not_excel(&e))?;
    let mut unpacked: u64 = 0;
    for part in 0..archive.len() {
        let size = archive.by_index_raw(part).map_err(|e| not_excel(&e))?.size();
        unpacked = unpacked.saturating_add(size);
    }
    if unpacked > UNPACKED {
        return Err(FileProblem::TooLarge { bytes: unpacked, limit: UNPACKED });
    }
    Xlsx::new(Cursor::new(bytes)).map_err(|e| match e {
        XlsxError::Password => FileProblem::OldExcel,
        e => not_excel(&e),
    })
}

fn sheet_name(book: &Workbook<'_>, wanted: Option<&str>) -> Result<String, FileProblem> {
    let sheets = book.sheet_names();
    let found = match wanted {
        Some(name) => sheets.iter().find(|s| *s == name),
        None => sheets.first(),
    };
    let missing = || FileProblem::NoSheet { name: wanted.unwrap_or_default().to_owned(), sheets: sheets.clone() };
    found.cloned().ok_or_else(missing)
}

/// Hands every cell of a sheet that holds something to `take`.
fn cells(
    bytes: &[u8],
    sheet: Option<&str>,
    mut take: impl FnMut((u32, u32), &Raw<'_>) -> Result<(), EngineError>,
    failed: impl Fn(FileProblem) -> EngineError,
) -> Result<(), EngineError> {
    let mut book = open(bytes).map_err(&failed)?;
    let name = sheet_name(&book, sheet).map_err(&failed)?;
    let system_1904 = book.has_1904_epoch();
    let broken = |e: XlsxError| FileProblem::NotExcel(e.to_string());
    let mut reader = book.worksheet_cells_reader(&name).map_err(|e| failed(broken(e)))?;
    while let Some(cell) = reader.next_cell().map_err(|e| failed(broken(e)))? {
        if let Some(raw) = raw(&cell, system_1904).filter(Raw::is_value) {
            take(cell.get_position(), &raw)?;
        }
    }
    Ok(())
}

fn raw<'a>(cell: &'a ReadCell<DataRef<'_>>, system_1904: bool) -> Option<Raw<'a>> {
    Some(match cell.get_value() {
        DataRef::Empty => return None,
        DataRef::Int(number) => Raw::Number(*number as f64),
        DataRef::Float(number) => Raw::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Raw::Text(text),
        DataRef::SharedString(text) => Raw::Text(text),
        DataRef::Bool(truth) => Raw::Bool(*truth),
        DataRef::DateTime(at) => Raw::Serial { value: at.as_f64(), system_1904 },
        DataRef::Error(error) => Raw::Error(error_name(error)),
    })
}

fn error_name(error: &calamine::CellErrorType) -> &'static str {
    use calamine::CellErrorType as E;
    match error {
        E::Div0 => "#DIV/0!",
        E::NA => "#N/A",
        E::Name => "#NAME?",
        E::Null => "#NULL!",
        E::Num => "#NUM!",
        E::Ref => "#REF!",
        E::Value => "#VALUE!",
        _ => "#ERROR!",
    }
}

/// A list while its cells come in, row by row.
struct List<'a, 'b> {
    range: &'b Range,
    filling: Filling<'a>,
    /// The row that comes in.
    row: u32,
    /// Names of the first row.
    header: Vec<String>,
    /// The place of each column in a row; known when the first row is complete.
    places: Option<Vec<usize>>,
    /// Whether the row that comes in has a value so far.
    begun: bool,
}

impl List<'_, '_> {
    fn take(&mut self, position: (u32, u32), raw: &Raw<'_>) -> Result<(), EngineError> {
        if !self.range.holds(position) {
            return Ok(());
        }
        let (row, column) = position;
        if row < self.row {
            return Err(self.filling.problem(FileProblem::NotExcel("rows out of order".to_owned())));
        }
        if row > self.row {
            self.close_row()?;
            self.row = row;
        }
        let place = usize::try_from(column - self.range.from.column).unwrap_or(usize::MAX);
        if self.range.header && row == self.range.from.row {
            self.header.resize(place.max(self.header.len()), String::new());
            self.header.insert(place, raw.text());
            return Ok(());
        }
        self.begin()?;
        self.begun = true;
        let places = self.places.as_deref().unwrap_or_default();
        for (column, _) in places.iter().enumerate().filter(|(_, p)| **p == place) {
            self.filling.put(column, raw, u64::from(row) + 1)?;
        }
        Ok(())
    }

    /// The columns' places, when the header is complete.
    fn begin(&mut self) -> Result<(), EngineError> {
        if self.places.is_none() {
            let header = self.range.header.then_some(&self.header[..]);
            self.places = Some(self.filling.places(header, false)?);
        }
        Ok(())
    }

    fn close_row(&mut self) -> Result<(), EngineError> {
        if std::mem::take(&mut self.begun) {
            self.filling.close_row();
        }
        Ok(())
    }
}

/// Reads a list. `None` where its range holds nothing.
pub(super) fn read_list(
    bytes: &[u8],
    sheet: Option<&str>,
    range: &Range,
    filling: Filling<'_>,
) -> Result<Option<Table>, EngineError> {
    let row = range.from.row;
    let (context_of, mut any) = (filling.failing(), false);
    let mut list = List { range, filling, row, header: Vec::new(), places: None, begun: false };
    cells(
        bytes,
        sheet,
        |position, raw| {
            any = any || range.holds(position);
            list.take(position, raw)
        },
        context_of,
    )?;
    if !any {
        return Ok(None);
    }
    list.begin()?;
    list.close_row()?;
    list.filling.finish().map(Some)
}

/// Reads a form: one row, or none where all its cells are empty. `None` where the sheet is empty.
pub(super) fn read_form(
    bytes: &[u8],
    sheet: Option<&str>,
    mut filling: Filling<'_>,
) -> Result<Option<Table>, EngineError> {
    let wanted: Vec<Option<(u32, u32)>> = filling
        .columns()
        .iter()
        .map(|c| if let Source::Cell(cell) = c.source { Some((cell.row, cell.column)) } else { None })
        .collect();
    let (failing, mut any, mut found) = (filling.failing(), false, false);
    cells(
        bytes,
        sheet,
        |position, raw| {
            any = true;
            for (column, _) in wanted.iter().enumerate().filter(|(_, w)| **w == Some(position)) {
                found = true;
                filling.put(column, raw, u64::from(position.0) + 1)?;
            }
            Ok(())
        },
        failing,
    )?;
    if found {
        filling.close_row();
    }
    if any { filling.finish().map(Some) } else { Ok(None) }
}
