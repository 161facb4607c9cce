//! Writing of a file.

use std::fmt;

use super::file::{Delimiter, Encoding, FileName};
use super::operation::{Columns, Names, Operation, Renumbered, Widths};
use super::read_file::Format;

/// Writing of a file of the unit's file store.
#[derive(Clone, Debug)]
pub struct WriteFile {
    /// Which file.
    pub file: FileName,
    /// How it is laid out.
    pub layout: OutLayout,
    /// What becomes of a file that is there.
    pub mode: FileMode,
    /// What is written, from left to right.
    pub columns: Vec<OutColumn>,
    /// Columns of numbers behind them, one number per row.
    pub numbers: Vec<FileNumbers>,
    /// Whether users, organisations and groups are written by name instead of code.
    pub by_name: bool,
}

/// A column of numbers that are registered for the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNumbers {
    /// Its name in the header.
    pub title: String,
    /// The number's name.
    pub name: String,
    /// Least number of digits.
    pub digits: usize,
    /// In front of the number.
    pub prefix: String,
    /// Behind it.
    pub suffix: String,
}

/// How a file to write is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutLayout {
    /// Text with delimiters.
    Csv {
        /// Encoding.
        encoding: Encoding,
        /// Whether it begins with a byte order mark.
        bom: bool,
        /// Delimiter.
        delimiter: Delimiter,
        /// Whether lines end in CR LF instead of LF.
        crlf: bool,
        /// Whether the first line names the columns.
        header: bool,
        /// Write `?` for characters that the encoding lacks, counted, instead of failing.
        replace: bool,
    },
    /// An Excel workbook of one sheet.
    Excel {
        /// The sheet's name.
        sheet: String,
        /// Whether the first row names the columns.
        header: bool,
    },
}

/// What becomes of a file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileMode {
    /// It is replaced.
    Overwrite,
    /// The rows are put behind those that it holds.
    Append,
    /// It stays: every run writes a file of its own.
    NewName,
}

/// A column of a file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutColumn {
    /// Input column.
    pub column: usize,
    /// Its name in the header.
    pub title: String,
    /// How its values are written.
    pub format: Option<Format>,
}

impl Operation for WriteFile {
    fn needs(&self, _: &Columns, _: &Widths) -> Vec<Columns> {
        vec![self.columns.iter().map(|c| c.column).collect()]
    }

    fn kept(&self, _: &Columns, _: &Widths, input: &[usize]) -> Vec<usize> {
        input.to_vec()
    }

    fn renumber(&mut self, numbers: &Renumbered) {
        self.columns.iter_mut().for_each(|c| c.column = numbers.input(c.column));
    }

    fn file_names(&self) -> Vec<&FileName> {
        vec![&self.file]
    }

    fn file_names_mut(&mut self) -> Vec<&mut FileName> {
        vec![&mut self.file]
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, names: &Names<'_>) -> fmt::Result {
        let mode = match self.mode {
            FileMode::Overwrite => "overwrite",
            FileMode::Append => "append",
            FileMode::NewName => "a new name per run",
        };
        write!(f, "    write file {}: {mode}", self.file)?;
        match &self.layout {
            OutLayout::Csv { encoding, bom, delimiter, crlf, header, replace } => {
                write!(f, ", csv, {}", encoding.name())?;
                f.write_str(if *bom { " with mark" } else { "" })?;
                write!(f, ", {}, {}", delimiter.name(), if *crlf { "crlf" } else { "lf" })?;
                f.write_str(if *header { "" } else { ", no header" })?;
                f.write_str(if *replace { ", ? for what the encoding lacks" } else { "" })?;
            }
            OutLayout::Excel { sheet, header } => {
                write!(f, ", excel, sheet {sheet}{}", if *header { "" } else { ", no header" })?;
            }
        }
        writeln!(f, "{}", if self.by_name { ", people by name" } else { "" })?;
        for column in &self.columns {
            write!(f, "    {} <- {}", column.title, names.input(0, column.column))?;
            match &column.format {
                Some(format) => writeln!(f, " ({format})")?,
                None => writeln!(f)?,
            }
        }
        for number in &self.numbers {
            writeln!(f, "    {} <- number {}: {} digits, by domain", number.title, number.name, number.digits)?;
        }
        Ok(())
    }
}
