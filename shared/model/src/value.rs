//! Values of records, and the sink through which a reader hands them to columns.

use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::field::Kind;

/// A user, an organisation or a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entity {
    /// Login name or code.
    pub code: String,
    /// Display name; ignored on writing.
    #[serde(default)]
    pub name: String,
}

/// An attached file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileRef {
    /// kintone's key: of the record when read, of the upload when written.
    pub file_key: String,
    /// File name.
    #[serde(default)]
    pub name: String,
    /// MIME type.
    #[serde(default)]
    pub content_type: String,
    /// Bytes, as kintone's text.
    #[serde(default)]
    pub size: String,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// The row's id; `None` for a new row.
    pub id: Option<String>,
    /// Field code and value.
    pub cells: Vec<(String, Value)>,
}

/// One value, owned. Blank is one thing: kintone's null, "" and [] are all [`Value::Blank`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Nothing.
    #[default]
    Blank,
    /// Text, never empty.
    Text(String),
    /// Exact number.
    Number(Decimal),
    /// Truth value.
    Bool(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since midnight.
    Time(i32),
    /// Seconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
    /// Texts, never an empty list.
    Texts(Vec<String>),
    /// Users, organisations or groups, never an empty list.
    Entities(Vec<Entity>),
    /// Files, never an empty list.
    Files(Vec<FileRef>),
    /// Table rows, never an empty list.
    Rows(Vec<Row>),
}

impl Value {
    /// Text, or blank where it is empty.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Blank } else { Self::Text(text) }
    }

    /// True for blank.
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Blank)
    }

    /// The kind; `None` for blank, which fits every kind.
    pub fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Blank => return None,
            Self::Text(_) => Kind::Text,
            Self::Number(_) => Kind::Number,
            Self::Bool(_) => Kind::Bool,
            Self::Date(_) => Kind::Date,
            Self::Time(_) => Kind::Time,
            Self::Datetime(_) => Kind::Datetime,
            Self::Texts(_) => Kind::Texts,
            Self::Entities(_) => Kind::Entities,
            Self::Files(_) => Kind::Files,
            Self::Rows(_) => Kind::Rows,
        })
    }
}

/// One value, borrowed from the bytes that are being parsed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Blank,
    /// Text, never empty.
    Text(&'a str),
    /// Exact number.
    Number(Decimal),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since midnight.
    Time(i32),
    /// Seconds since 1970-01-01T00:00:00Z.
    Datetime(i64),
    /// Texts, never an empty list.
    Texts(&'a [String]),
    /// Users, organisations or groups, never an empty list.
    Entities(&'a [Entity]),
    /// Files, never an empty list.
    Files(&'a [FileRef]),
    /// Table rows, never an empty list.
    Rows(&'a [Row]),
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Blank => Self::Blank,
            Cell::Text(t) => Self::Text(t.to_owned()),
            Cell::Number(n) => Self::Number(n),
            Cell::Date(d) => Self::Date(d),
            Cell::Time(t) => Self::Time(t),
            Cell::Datetime(t) => Self::Datetime(t),
            Cell::Texts(t) => Self::Texts(t.to_vec()),
            Cell::Entities(e) => Self::Entities(e.to_vec()),
            Cell::Files(f) => Self::Files(f.to_vec()),
            Cell::Rows(r) => Self::Rows(r.to_vec()),
        }
    }
}

/// Why a sink refuses a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {reason}")]
pub struct SinkError {
    /// Which column.
    pub column: usize,
    /// Why, in technical words.
    pub reason: String,
}

/// Takes records while they are parsed: one push per field, then the end of the row.
///
/// A column that gets no push before the end of its row is blank in that row. Pushes of one row may come in any column order.
pub trait RecordSink {
    /// A value of the current row.
    fn push(&mut self, column: usize, value: Cell<'_>) -> Result<(), SinkError>;
    /// The row is complete.
    fn end_row(&mut self) -> Result<(), SinkError>;
}

/// The simplest sink: rows of owned values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowSink {
    /// Finished rows, each of `width` values.
    pub rows: Vec<Vec<Value>>,
    current: Vec<Value>,
}

impl RowSink {
    /// A sink for rows of `width` columns.
    pub fn new(width: usize) -> Self {
        Self { rows: Vec::new(), current: vec![Value::Blank; width] }
    }
}

impl RecordSink for RowSink {
    fn push(&mut self, column: usize, value: Cell<'_>) -> Result<(), SinkError> {
        match self.current.get_mut(column) {
            Some(slot) => *slot = value.into(),
            None => return Err(SinkError { column, reason: "no such column".into() }),
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), SinkError> {
        let width = self.current.len();
        self.rows.push(std::mem::replace(&mut self.current, vec![Value::Blank; width]));
        Ok(())
    }
}
