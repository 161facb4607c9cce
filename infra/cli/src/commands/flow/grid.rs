//! Tables on a terminal: columns aligned by what Japanese characters take, types below the names, long cells cut.

use flow::examples::text_width;
use flow::kinds::kind_words;
use flow::plan::Column;
use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::{Row, Value};

/// Widest cell on a terminal: three columns of this and a frame fit in 130.
const WIDEST: usize = 40;

/// A table as lines: names, kinds, rows. Numbers stand to the right.
pub fn lines(columns: &[Column], rows: &[Vec<Value>], zone: &TimeZone) -> Vec<String> {
    let right: Vec<bool> = columns.iter().map(|c| c.kind == Kind::Number).collect();
    let names = columns.iter().map(|c| cut(&c.name)).collect();
    let kinds = columns.iter().map(|c| kind_words(c.kind).ja.to_owned()).collect();
    let mut all: Vec<Vec<String>> = vec![names, kinds];
    all.extend(rows.iter().map(|row| row.iter().map(|value| cut(&text(value, zone))).collect()));
    frame(&all, &right, 2)
}

/// Lines of cells, each as wide as the widest of its column, with a rule below the first `head`.
pub fn frame(lines: &[Vec<String>], right: &[bool], head: usize) -> Vec<String> {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..columns).map(|i| lines.iter().filter_map(|l| l.get(i)).map(|c| text_width(c)).max().unwrap_or(0)).collect();
    let mut out = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        if n == head {
            out.push(widths.iter().map(|w| "─".repeat(*w)).collect::<Vec<_>>().join("  "));
        }
        let cells = line.iter().enumerate().map(|(i, cell)| {
            let space = " ".repeat(widths[i] - text_width(cell));
            if right.get(i) == Some(&true) { format!("{space}{cell}") } else { format!("{cell}{space}") }
        });
        out.push(cells.collect::<Vec<_>>().join("  ").trim_end().to_owned());
    }
    out
}

/// A value in one line.
pub fn text(value: &Value, zone: &TimeZone) -> String {
    match value {
        Value::Texts(_) | Value::Entities(_) | Value::Files(_) => engine::value_text(value, zone).replace('\n', "; "),
        Value::Rows(rows) => rows.iter().map(|row| row_text(row, zone)).collect::<Vec<_>>().join("; "),
        other => engine::value_text(other, zone).replace('\n', "⏎"),
    }
}

fn row_text(row: &Row, zone: &TimeZone) -> String {
    row.cells.iter().map(|(_, value)| text(value, zone)).collect::<Vec<_>>().join(", ")
}

fn cut(text: &str) -> String {
    if text_width(text) <= WIDEST {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if text_width(&out) + text_width(c.encode_utf8(&mut [0; 4])) >= WIDEST {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_and_latin_columns_line_up() {
        let columns =
            [Column::new("商品コード", Kind::Text), Column::new("数", Kind::Number), Column::new("a", Kind::Text)];
        let rows = [
            vec![Value::text("P-1"), Value::Number(5.into()), Value::text("x")],
            vec![Value::text("りんごジュース"), Value::Number(1200.into()), Value::Blank],
            vec![Value::text("あ".repeat(30)), Value::Blank, Value::text("z\nz")],
        ];
        let lines = lines(&columns, &rows, &TimeZone::UTC);
        assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["商品コード", "数", "a"]);
        let at = |line: &str, what: &str| text_width(line.split_once(what).map_or(line, |(front, _)| front));
        assert_eq!(at(&lines[0], "a"), at(&lines[3], "x"));
        assert_eq!(at(&lines[5], "z⏎z"), at(&lines[3], "x"));
        assert!(lines[3].contains("   5  x") && lines[4].ends_with("1200"), "{lines:#?}");
        assert!(lines[5].starts_with(&format!("{}…", "あ".repeat(19))), "{lines:#?}");
    }
}
