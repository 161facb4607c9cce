//! Small tables as text: `| 商品コード: text unique | 在庫数: number |`, one line per row, blank cells are blank values.
//!
//! `\|`, `\\` and `\n` stand for a bar, a backslash and a line break. Lists have `;` between their items.

use model::value::Value;

use crate::kinds::{kind_name, kind_of_name};
use crate::literal;
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
    for (i, cell) in cells(header)?.iter().enumerate() {
        let (name, kind) = cell.rsplit_once(':').ok_or_else(|| format!("header \"{cell}\": write name: kind"))?;
        let mut words = kind.split_whitespace();
        let kind = words.next().and_then(kind_of_name).ok_or_else(|| format!("header \"{cell}\": unknown kind"))?;
        match words.next() {
            None => {}
            Some("unique") => table.unique.push(i),
            Some(other) => return Err(format!("header \"{cell}\": unknown word {other}")),
        }
        table.columns.push(Column::new(name.trim(), kind));
    }
    for (number, line) in lines.enumerate() {
        let cells = cells(line)?;
        if cells.len() != table.columns.len() {
            return Err(format!("row {}: {} cells for {} columns", number + 1, cells.len(), table.columns.len()));
        }
        let row = cells.iter().zip(&table.columns).map(|(cell, column)| {
            literal::parse(column.kind, cell).ok_or_else(|| {
                format!("row {}, {}: \"{cell}\" is no {}", number + 1, column.name, kind_name(column.kind))
            })
        });
        table.rows.push(row.collect::<Result<_, _>>()?);
    }
    Ok(table)
}

/// The cells of a line, trimmed, with escapes resolved.
fn cells(line: &str) -> Result<Vec<String>, String> {
    let inner =
        line.strip_prefix('|').and_then(|l| l.strip_suffix('|')).ok_or_else(|| format!("no bars around \"{line}\""))?;
    let (mut cells, mut cell, mut chars) = (Vec::new(), String::new(), inner.chars());
    while let Some(c) = chars.next() {
        match c {
            '|' => cells.push(std::mem::take(&mut cell)),
            '\\' => match chars.next() {
                Some('n') => cell.push('\u{1}'), // kept apart from trimming
                Some(other) => cell.push(other),
                None => return Err(format!("a lone backslash ends \"{line}\"")),
            },
            c => cell.push(c),
        }
    }
    cells.push(cell);
    Ok(cells.into_iter().map(|c| c.trim().replace('\u{1}', "\n")).collect())
}

/// Prints a table in the form that [`parse_table`] reads, with aligned columns.
pub fn print_table(columns: &[Column], rows: &[Vec<Value>]) -> String {
    let header = columns.iter().map(|c| format!("{}: {}", c.name, kind_name(c.kind))).collect::<Vec<_>>();
    let body = rows.iter().map(|row| row.iter().map(cell_text).collect::<Vec<_>>());
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(body).collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|i| lines.iter().filter_map(|l| l.get(i)).map(|c| width(c)).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in &lines {
        for (cell, wanted) in line.iter().zip(&widths) {
            text.push_str(&format!("| {cell}{} ", " ".repeat(wanted - width(cell))));
        }
        text.push_str("|\n");
    }
    text
}

fn cell_text(value: &Value) -> String {
    let text = match value {
        Value::Texts(items) => items.join("; "),
        Value::Entities(items) => items.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join("; "),
        Value::Files(items) => items.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join("; "),
        Value::Rows(rows) => format!("({} rows)", rows.len()),
        simple => literal::print(simple).unwrap_or_default(),
    };
    text.replace('\\', "\\\\").replace('|', "\\|").replace('\n', "\\n")
}

/// Columns on a terminal: Japanese characters take two.
fn width(text: &str) -> usize {
    let wide = |c: char| matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}');
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::field::Kind;

    #[test]
    fn tables_go_both_ways() {
        let text = "| 商品コード: text | 在庫数: number | 印: texts  | 日: date   |\n\
                    | A\\|1\\\\\\n2        | 10             | 特価; 新着 | 2026-11-21 |\n\
                    |                  | -0.5           |            |            |\n";
        let table = parse_table(text).unwrap();
        assert_eq!(table.columns[1], Column::new("在庫数", Kind::Number));
        assert_eq!(table.rows[0][0], Value::Text("A|1\\\n2".into()));
        assert_eq!(table.rows[1][0], Value::Blank);
        assert_eq!(print_table(&table.columns, &table.rows), text);
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
        ] {
            let e = parse_table(text).unwrap_err();
            assert!(e.contains(part), "{e}");
        }
        assert_eq!(parse_table("| a: text unique |").unwrap().unique, [0]);
    }
}
