//! Reading of a file.

use std::fmt;

use super::file::{Cell, DatePattern, Delimiter, Encoding, FileName};
use super::operation::{Columns, Names, Operation, Widths};
use crate::kinds::kind_name;

/// Reading of a file of the unit's file store.
#[derive(Clone, Debug)]
pub struct ReadFile {
    /// Which file.
    pub file: FileName,
    /// How it is laid out.
    pub layout: InLayout,
    /// Where the values of each column of the node stand, same order. None is left out where no later step uses it:
    /// whether a file has the columns that were asked for must not depend on what follows.
    pub columns: Vec<FileColumn>,
    /// Fail where the file is not there or empty, instead of yielding no row.
    pub must_exist: bool,
}

/// How a file to read is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InLayout {
    /// Text with delimiters.
    Csv {
        /// Encoding. A byte order mark is recognized and dropped.
        encoding: Encoding,
        /// Delimiter.
        delimiter: Delimiter,
        /// Whether the first row that is not blank names the columns.
        header: bool,
    },
    /// A sheet of an Excel workbook with one record per row.
    List {
        /// The sheet; the first one where none is named.
        sheet: Option<String>,
        /// Top left of the range; A1 by default.
        from: Cell,
        /// Bottom right; the last used cell where none is given.
        to: Option<Cell>,
        /// Whether the first row of the range names the columns.
        header: bool,
    },
    /// A sheet of an Excel workbook that is one record: every column has its cell.
    Form {
        /// The sheet; the first one where none is named.
        sheet: Option<String>,
    },
}

/// Where the values of a column stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileColumn {
    /// Where.
    pub source: Source,
    /// How they are written.
    pub format: Option<Format>,
}

/// Where the values of a column stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Under this name in the header.
    Header(String),
    /// In this place of every row, from 0.
    Position(usize),
    /// In this cell.
    Cell(Cell),
}

/// How values are written as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// Dates and times.
    Date(DatePattern),
    /// Numbers with commas between groups of digits.
    Grouped,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => f.write_str(name),
            Self::Position(index) => write!(f, "column {}", index + 1),
            Self::Cell(cell) => write!(f, "{cell}"),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(pattern) => write!(f, "{pattern}"),
            Self::Grouped => f.write_str("#,##0"),
        }
    }
}

impl Operation for ReadFile {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        Vec::new()
    }

    fn file_names(&self) -> Vec<&FileName> {
        vec![&self.file]
    }

    fn file_names_mut(&mut self) -> Vec<&mut FileName> {
        vec![&mut self.file]
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let sheet =
            |name: &Option<String>| name.as_ref().map_or("the first sheet".to_owned(), |n| format!("sheet {n}"));
        write!(f, "    read file {}", self.file)?;
        match &self.layout {
            InLayout::Csv { encoding, delimiter, header } => {
                write!(f, ": csv, {}, {}", encoding.name(), delimiter.name())?;
                f.write_str(if *header { "" } else { ", no header" })?;
            }
            InLayout::List { sheet: name, from, to, header } => {
                let to = to.map_or("the last used cell".to_owned(), |c| c.to_string());
                write!(f, ": excel, {}, {from} to {to}", sheet(name))?;
                f.write_str(if *header { "" } else { ", no header" })?;
            }
            InLayout::Form { sheet: name } => write!(f, ": excel form, {}", sheet(name))?,
        }
        writeln!(f, "{}", if self.must_exist { ", must exist" } else { "" })?;
        for (column, place) in names.node.columns.iter().zip(&self.columns) {
            write!(f, "    {} is {} ({}", column.name, place.source, kind_name(column.kind))?;
            match &place.format {
                Some(format) => writeln!(f, ", {format})")?,
                None => writeln!(f, ")")?,
            }
        }
        Ok(())
    }
}
