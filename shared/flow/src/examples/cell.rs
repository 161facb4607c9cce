//! One cell of an example table: its text, with escapes, to a value and back.
//!
//! | in a cell | between | example |
//! | --- | --- | --- |
//! | `;` | items of a list, rows of a table | `特価; 新着` |
//! | `,` | cells of a table's row | `りんご, 3; みかん, 5` |
//! | `+` | items of a list inside a table's row | `りんご, 特価 + 新着` |
//! | `#12` | in front of a table's row: its id; `#` alone: none | `#12 りんご, 3` |
//!
//! A backslash makes any of these, and `|`, a plain character; `\n` is a line break. Users are written by code, files by name.

use model::field::Kind;
use model::value::{Entity, FileRef, Row, Value};

use crate::literal;
use crate::plan::Column;

/// Between the items of a list, and between the rows of a table.
const ITEMS: char = ';';
/// Between the cells of a table's row.
const CELLS: char = ',';
/// Between the items of a list inside a table's row.
const INNER_ITEMS: char = '+';
/// In front of the id of a table's row.
const ID: char = '#';

/// The parts of a text between separators without a backslash; escapes stay as they are.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if !escaped && c == separator {
            parts.push(&text[start..at]);
            start = at + c.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    parts.push(&text[start..]);
    parts
}

/// The text without blanks around it and with its escapes resolved. An escaped blank or line break stays.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.trim().chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            },
            c => c,
        });
    }
    out
}

/// Reads a cell; `None` where it is no value of the column.
pub(super) fn read(column: &Column, text: &str) -> Option<Value> {
    match column.kind {
        Kind::Rows => rows(&column.inner, text),
        _ => simple(column.kind, text, ITEMS),
    }
}

fn simple(kind: Kind, text: &str, separator: char) -> Option<Value> {
    let items = || split(text, separator).into_iter().map(plain).filter(|item| !item.is_empty());
    Some(match kind {
        _ if text.trim().is_empty() => Value::Blank,
        Kind::Texts => Value::Texts(items().collect()),
        Kind::Entities => Value::Entities(items().map(|code| Entity { code, name: String::new() }).collect()),
        Kind::Files => Value::Files(items().map(file).collect()),
        _ => literal::parse(kind, &plain(text))?,
    })
}

/// A file that is known by its name alone.
fn file(name: String) -> FileRef {
    FileRef { file_key: name.clone(), name, content_type: String::new(), size: String::new() }
}

fn rows(inner: &[Column], text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return Some(Value::Blank);
    }
    split(text, ITEMS).into_iter().map(|row| self::row(inner, row)).collect::<Option<Vec<_>>>().map(Value::Rows)
}

fn row(inner: &[Column], text: &str) -> Option<Row> {
    let (id, text) = match text.trim().strip_prefix(ID) {
        Some(rest) => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        None => ("", text),
    };
    let cells = split(text, CELLS);
    // A row of blanks alone may leave out its commas.
    if cells.len() != inner.len() && !text.trim().is_empty() {
        return None;
    }
    let cell = |(i, column): (usize, &Column)| {
        let text = cells.get(i).copied().unwrap_or_default();
        Some((column.name.clone(), simple(column.kind, text, INNER_ITEMS)?))
    };
    let cells = inner.iter().enumerate().map(cell).collect::<Option<Vec<_>>>()?;
    Some(Row { id: (!id.is_empty()).then(|| id.to_owned()), cells })
}

/// Prints a cell in the form that [`read`] takes.
pub(super) fn print(column: &Column, value: &Value) -> String {
    match value {
        Value::Rows(rows) => {
            let rows = rows.iter().map(|row| print_row(&column.inner, row)).collect::<Vec<_>>();
            rows.join("; ")
        }
        Value::Text(text) => escaped(text, &['|']),
        other => print_simple(other, ITEMS, &['|', ITEMS]),
    }
}

fn print_row(inner: &[Column], row: &Row) -> String {
    let cell = |column: &Column| {
        let value = row.cells.iter().find(|(name, _)| *name == column.name).map_or(&Value::Blank, |(_, value)| value);
        print_simple(value, INNER_ITEMS, &['|', ITEMS, CELLS, INNER_ITEMS, ID])
    };
    let cells = inner.iter().map(cell).collect::<Vec<_>>().join(", ");
    match &row.id {
        Some(id) => format!("{ID}{id} {cells}").trim_end().to_owned(),
        // Nothing at all would be no row.
        None if cells.is_empty() => ID.to_string(),
        None => cells,
    }
}

fn print_simple(value: &Value, separator: char, special: &[char]) -> String {
    let list = |items: Vec<&str>| {
        let separator = if separator == INNER_ITEMS { " + ".to_owned() } else { format!("{separator} ") };
        items.into_iter().map(|item| escaped(item, special)).collect::<Vec<_>>().join(&separator)
    };
    match value {
        Value::Texts(items) => list(items.iter().map(String::as_str).collect()),
        Value::Entities(items) => list(items.iter().map(|e| e.code.as_str()).collect()),
        Value::Files(items) => list(items.iter().map(|f| f.name.as_str()).collect()),
        Value::Text(text) => escaped(text, special),
        other => literal::print(other).unwrap_or_default(),
    }
}

fn escaped(text: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            c if c == '\\' || special.contains(&c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
