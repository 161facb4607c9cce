//! Small tables as text: `| 商品コード: text unique | 在庫数: number |`, one line per row, blank cells are blank values.
//!
//! A column of tables names the columns of its rows: `明細: rows(品目: text, 数: number)`, with cells such as
//! `りんご, 3; みかん, 5`. What stands in a cell, and its escapes: see `cell`.

use model::field::Kind;
use model::value::Value;

use super::cell;
use crate::kinds::{kind_name, kind_of_name};
use crate::plan::Column;

/// A table that was read from text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParsedTable {
    /// Names and kinds.
    pub columns: Vec<Column>,
    /// Indices of the columns marked `unique`.
    pub unique: Vec<usize>,
    /// Rows, as wide as the columns.
    pub rows: Vec<Vec<Value>>,
}

/// Reads a table. The first line is the header; an error says which cell is wrong. Empty text is a table of no columns.
pub fn parse_table(text: &str) -> Result<ParsedTable, String> {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let Some(header) = lines.next() else { return Ok(ParsedTable::default()) };
    let mut table = ParsedTable::default();
    for (i, cell) in cells(header)?.into_iter().enumerate() {
        let (column, unique) = heading(&cell::plain(cell))?;
        if unique {
            table.unique.push(i);
        }
        table.columns.push(column);
    }
    for (number, line) in lines.enumerate() {
        let cells = cells(line)?;
        if cells.len() != table.columns.len() {
            return Err(format!("row {}: {} cells for {} columns", number + 1, cells.len(), table.columns.len()));
        }
        let row = cells.iter().zip(&table.columns).map(|(text, column)| {
            cell::read(column, text).ok_or_else(|| {
                format!("row {}, {}: \"{}\" is no {}", number + 1, column.name, text.trim(), kind_name(column.kind))
            })
        });
        table.rows.push(row.collect::<Result<_, _>>()?);
    }
    Ok(table)
}

/// `name: kind`, `name: kind unique` or `name: rows(name: kind, …)`; whether it is unique.
fn heading(text: &str) -> Result<(Column, bool), String> {
    if let Some((name, inner)) = text.strip_suffix(')').and_then(|t| t.split_once("rows("))
        && let Some(name) = name.trim_end().strip_suffix(':')
    {
        let columns = cell::split(inner, ',').into_iter().map(|text| match heading(text.trim())? {
            (column, false) if column.kind != Kind::Rows => Ok(column),
            _ => Err(format!("header \"{text}\": a table's column is neither unique nor a table")),
        });
        return Ok((Column::table(name.trim(), columns.collect::<Result<_, _>>()?), false));
    }
    let (name, kind) = text.rsplit_once(':').ok_or_else(|| format!("header \"{text}\": write name: kind"))?;
    let mut words = kind.split_whitespace();
    let kind = words.next().and_then(kind_of_name).ok_or_else(|| format!("header \"{text}\": unknown kind"))?;
    let unique = match words.next() {
        None => false,
        Some("unique") => true,
        Some(other) => return Err(format!("header \"{text}\": unknown word {other}")),
    };
    Ok((Column::new(name.trim(), kind), unique))
}

/// The cells of a line, with their escapes.
fn cells(line: &str) -> Result<Vec<&str>, String> {
    let inner = line.strip_prefix('|').and_then(|l| l.strip_suffix('|'));
    let cells = cell::split(inner.ok_or_else(|| format!("no bars around \"{line}\""))?, '|');
    let lone = |cell: &&str| cell.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
    if cells.last().is_some_and(lone) {
        return Err(format!("a lone backslash ends \"{line}\""));
    }
    Ok(cells)
}

/// Prints a table in the form that [`parse_table`] reads, with aligned columns.
pub fn print_table(columns: &[Column], rows: &[Vec<Value>]) -> String {
    let header = columns.iter().map(title).collect::<Vec<_>>();
    let body = rows.iter().map(|row| row.iter().zip(columns).map(|(v, c)| cell::print(c, v)).collect::<Vec<_>>());
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(body).collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|i| lines.iter().filter_map(|l| l.get(i)).map(|c| text_width(c)).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in &lines {
        for (cell, wanted) in line.iter().zip(&widths) {
            text.push_str(&format!("| {cell}{} ", " ".repeat(wanted - text_width(cell))));
        }
        text.push_str("|\n");
    }
    text
}

/// A column's heading, as [`parse_table`] reads it.
fn title(column: &Column) -> String {
    match column.kind {
        Kind::Rows => {
            let inner = column.inner.iter().map(title).collect::<Vec<_>>().join(", ");
            format!("{}: rows({inner})", column.name)
        }
        kind => format!("{}: {}", column.name, kind_name(kind)),
    }
}

/// Columns on a terminal: Japanese characters take two.
pub fn text_width(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}');
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_go_both_ways() {
        let text = "| 商品コード: text | 在庫数: number | 印: texts    | 日: date   |\n\
                    | A\\|1\\\\\\n2        | 10             | 特価; 新\\;着 | 2026-11-21 |\n\
                    | a;b,c            | -0.5           |              |            |\n";
        let table = parse_table(text).unwrap();
        assert_eq!(table.columns[1], Column::new("在庫数", Kind::Number));
        assert_eq!(table.rows[0][0], Value::Text("A|1\\\n2".into()));
        assert_eq!(table.rows[0][2], Value::Texts(vec!["特価".into(), "新;着".into()]));
        assert_eq!(table.rows[1][2], Value::Blank);
        assert_eq!(print_table(&table.columns, &table.rows), text);
    }

    #[test]
    fn tables_in_tables_go_both_ways() {
        let text = "| 番号: number | 明細: rows(品目: text, 数: number, 印: texts)   |\n\
                    | 1            | りんご, 3, 特価 + 新着; #12 A\\,\\;\\|\\#\\n, , a\\+b |\n\
                    | 2            |                                                 |\n\
                    | 3            | , , ; #7 , ,                                    |\n";
        let table = parse_table(text).unwrap();
        assert_eq!(table.columns[1].inner[1], Column::new("数", Kind::Number));
        let Value::Rows(rows) = &table.rows[0][1] else { panic!() };
        assert_eq!((rows[0].id.as_deref(), rows[1].id.as_deref()), (None, Some("12")));
        assert_eq!(rows[1].cells[0].1, Value::Text("A,;|#\n".into()));
        assert_eq!(rows[0].cells[2].1, Value::Texts(vec!["特価".into(), "新着".into()]));
        assert_eq!(table.rows[1][1], Value::Blank);
        assert!(matches!(&table.rows[2][1], Value::Rows(rows) if rows.len() == 2));
        assert_eq!(print_table(&table.columns, &table.rows), text);

        let one = "| t: rows(a: text) |\n| x; #; #3; y      |\n| #                |\n";
        let table = parse_table(one).unwrap();
        assert_eq!(print_table(&table.columns, &table.rows), one);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("| a: number |\n| x |", "\"x\" is no number"),
            ("| a: number |\n| 1 | 2 |", "2 cells for 1"),
            ("| a |", "name: kind"),
            ("| a: num |", "unknown kind"),
            ("| a: text many |", "unknown word"),
            ("a: text", "no bars"),
            ("| a: text |\n| x\\|", "lone backslash"),
            ("| t: rows(a: text unique) |", "neither unique"),
            ("| t: rows(a: text, b: number) |\n| x, 1; y |", "is no rows"),
            ("| t: rows(b: number) |\n| 1; y |", "is no rows"),
        ] {
            let e = parse_table(text).unwrap_err();
            assert!(e.contains(part), "{e}");
        }
        assert_eq!(parse_table("| a: text unique |").unwrap().unique, [0]);
    }
}
