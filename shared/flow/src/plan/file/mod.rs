//! What reading and writing of files share: names, formats, encodings.

mod date_pattern;
mod name;

use std::fmt;

pub use date_pattern::{DatePattern, PatternError};
pub use name::{FileName, FileNameError, NamePart};

/// How characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8
    Utf8,
    /// UTF-16, low byte first
    Utf16Le,
    /// UTF-16, high byte first
    Utf16Be,
    /// Shift_JIS as Windows writes it (code page 932)
    ShiftJis,
    /// EUC-JP
    EucJp,
    /// Latin-1 as Windows writes it (code page 1252)
    Latin1,
    /// GBK
    Gbk,
}

impl Encoding {
    /// All, with the names that documents use.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Utf8, "utf-8"),
        (Self::Utf16Le, "utf-16le"),
        (Self::Utf16Be, "utf-16be"),
        (Self::ShiftJis, "shift_jis"),
        (Self::EucJp, "euc-jp"),
        (Self::Latin1, "latin-1"),
        (Self::Gbk, "gbk"),
    ];

    /// The name in documents.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(encoding, _)| *encoding == self).map_or("", |(_, name)| name)
    }

    /// True where every character can be written.
    pub fn is_unicode(self) -> bool {
        matches!(self, Self::Utf8 | Self::Utf16Le | Self::Utf16Be)
    }
}

/// What stands between the values of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab
    Tab,
    /// One blank
    Space,
}

impl Delimiter {
    /// All, with the names that documents use.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Comma, "comma"), (Self::Semicolon, "semicolon"), (Self::Tab, "tab"), (Self::Space, "space")];

    /// The byte.
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Space => b' ',
        }
    }

    /// The name in documents.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(delimiter, _)| *delimiter == self).map_or("", |(_, name)| name)
    }
}

/// A cell of a sheet; both count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Row.
    pub row: u32,
    /// Column.
    pub column: u32,
}

/// Rows of an Excel sheet.
pub const SHEET_ROWS: u32 = 1_048_576;
/// Columns of an Excel sheet.
pub const SHEET_COLUMNS: u32 = 16_384;

impl Cell {
    /// `B12`. `None` where the text is no cell, or one beyond a sheet.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, digits) = text.split_at(letters);
        if letters.is_empty() || letters.len() > 3 || digits.starts_with('0') || digits.len() > 7 {
            return None;
        }
        let column = letters.bytes().fold(0u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
        let row: u32 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
        (column <= SHEET_COLUMNS && (1..=SHEET_ROWS).contains(&row)).then(|| Self { row: row - 1, column: column - 1 })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut letters, mut rest) = (String::new(), self.column + 1);
        while rest > 0 {
            rest -= 1;
            letters.insert(0, char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
            rest /= 26;
        }
        write!(f, "{letters}{}", self.row + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_names() {
        for (text, row, column) in [("A1", 0, 0), ("Z9", 8, 25), ("AA10", 9, 26), ("XFD1048576", 1_048_575, 16_383)] {
            assert_eq!(Cell::parse(text), Some(Cell { row, column }));
            assert_eq!(Cell { row, column }.to_string(), text);
        }
        assert_eq!(Cell::parse("b2"), Cell::parse("B2"));
        for text in ["", "A", "1", "A0", "A01", "XFE1", "A1048577", "1A", "A1B", "あ1", "A-1", "AAAA1"] {
            assert_eq!(Cell::parse(text), None, "{text}");
        }
    }
}
