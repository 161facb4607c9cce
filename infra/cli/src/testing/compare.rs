//! What should be beside what is, as lines of a table diff.

use flow::examples::text_width;
use flow::kinds::kind_words;
use flow::plan::Column;
use jiff::tz::TimeZone;
use model::value::{Row, Value};

/// Lines of equal rows that are shown around different ones.
const AROUND: usize = 2;

/// Compares rows with those that were expected; empty where they are the same. Columns that the case does not name do not
/// matter, nor do the ids of table rows that it does not give.
pub fn compare(
    what: &str,
    expected: (&[Column], &[Vec<Value>]),
    found: (&[Column], &[Vec<Value>]),
    zone: &TimeZone,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut places = Vec::new();
    for column in expected.0 {
        match found.0.iter().position(|c| c.name == column.name) {
            Some(place) => {
                let there = found.0[place].kind;
                if there != column.kind {
                    let (should, is) = (kind_words(column.kind), kind_words(there));
                    lines.push(format!(
                        "列「{}」は{}のはずが{}です / column {:?} is {}, not {}",
                        column.name, should.ja, is.ja, column.name, is.en, should.en
                    ));
                }
                places.push(place);
            }
            None => lines.push(format!("列「{}」がありません / there is no column {:?}", column.name, column.name)),
        }
    }
    if lines.is_empty() {
        let found: Vec<Vec<Value>> = found.1.iter().map(|row| pick(expected.0, &places, row)).collect();
        lines = diff(expected.0, expected.1, &found, zone);
    }
    if !lines.is_empty() {
        lines.insert(0, what.to_owned());
    }
    lines
}

/// The cells of a row that are expected, in the order of the expected columns, those of tables too.
fn pick(columns: &[Column], places: &[usize], row: &[Value]) -> Vec<Value> {
    columns.iter().zip(places).map(|(column, place)| in_order(column, &row[*place])).collect()
}

fn in_order(column: &Column, value: &Value) -> Value {
    let Value::Rows(rows) = value else { return value.clone() };
    let cell = |row: &Row, name: &str| row.cells.iter().find(|(code, _)| code == name).map(|(_, value)| value.clone());
    let cells =
        |row: &Row| column.inner.iter().map(|c| (c.name.clone(), cell(row, &c.name).unwrap_or_default())).collect();
    Value::Rows(rows.iter().map(|row| Row { id: row.id.clone(), cells: cells(row) }).collect())
}

fn same(expected: &Value, found: &Value) -> bool {
    let row = |(a, b): (&Row, &Row)| {
        (a.id.is_none() || a.id == b.id)
            && a.cells.iter().all(|(code, value)| {
                b.cells
                    .iter()
                    .find(|(other, _)| other == code)
                    .map_or(value.is_blank(), |(_, there)| same(value, there))
            })
    };
    match (expected, found) {
        (Value::Rows(a), Value::Rows(b)) => a.len() == b.len() && a.iter().zip(b).all(row),
        (Value::Entities(a), Value::Entities(b)) => a.iter().map(|e| &e.code).eq(b.iter().map(|e| &e.code)),
        _ => expected == found,
    }
}

fn same_row(expected: &[Value], found: &[Value]) -> bool {
    expected.iter().zip(found).all(|(a, b)| same(a, b))
}

/// A row of the diff.
enum Line {
    Same(Vec<String>),
    Gone(Vec<String>),
    New(Vec<String>),
}

fn diff(columns: &[Column], expected: &[Vec<Value>], found: &[Vec<Value>], zone: &TimeZone) -> Vec<String> {
    let mut lines: Vec<Line> = Vec::new();
    let cells = |row: &[Value]| row.iter().map(|v| crate::commands::cell_text(v, zone)).collect::<Vec<_>>();
    let (mut e, mut f) = (0, 0);
    let gap = |expected: &[Vec<Value>], found: &[Vec<Value>], lines: &mut Vec<Line>| {
        // Rows at the same place of a gap are one row that changed.
        for n in 0..expected.len().max(found.len()) {
            let (mut old, mut new) = (expected.get(n).map(|r| cells(r)), found.get(n).map(|r| cells(r)));
            if let (Some(old), Some(new)) = (&mut old, &mut new) {
                for (i, (a, b)) in expected[n].iter().zip(&found[n]).enumerate() {
                    if !same(a, b) {
                        old[i] = format!("«{}»", old[i]);
                        new[i] = format!("«{}»", new[i]);
                    }
                }
            }
            lines.extend(old.map(Line::Gone));
            lines.extend(new.map(Line::New));
        }
    };
    for (pair_e, pair_f) in common(expected, found) {
        gap(&expected[e..pair_e], &found[f..pair_f], &mut lines);
        lines.push(Line::Same(cells(&found[pair_f])));
        (e, f) = (pair_e + 1, pair_f + 1);
    }
    gap(&expected[e..], &found[f..], &mut lines);
    if lines.iter().all(|line| matches!(line, Line::Same(_))) {
        return Vec::new();
    }
    print(columns, &lines)
}

/// Longest common rows, as pairs of places. Tables of cases are small, so the square of their length is.
fn common(expected: &[Vec<Value>], found: &[Vec<Value>]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0usize; found.len() + 1]; expected.len() + 1];
    for e in (0..expected.len()).rev() {
        for f in (0..found.len()).rev() {
            longest[e][f] = if same_row(&expected[e], &found[f]) {
                longest[e + 1][f + 1] + 1
            } else {
                longest[e + 1][f].max(longest[e][f + 1])
            };
        }
    }
    let (mut e, mut f, mut pairs) = (0, 0, Vec::new());
    while e < expected.len() && f < found.len() {
        if same_row(&expected[e], &found[f]) {
            pairs.push((e, f));
            (e, f) = (e + 1, f + 1);
        } else if longest[e + 1][f] >= longest[e][f + 1] {
            e += 1;
        } else {
            f += 1;
        }
    }
    pairs
}

fn print(columns: &[Column], lines: &[Line]) -> Vec<String> {
    let header: Vec<String> = columns.iter().map(|c| c.name.clone()).collect();
    let cells = |line: &'_ Line| -> Vec<String> {
        match line {
            Line::Same(cells) | Line::Gone(cells) | Line::New(cells) => cells.clone(),
        }
    };
    let all: Vec<Vec<String>> = std::iter::once(header.clone()).chain(lines.iter().map(cells)).collect();
    let widths: Vec<usize> =
        (0..columns.len()).map(|i| all.iter().map(|l| text_width(&l[i])).max().unwrap_or(0)).collect();
    let row = |sign: char, cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(c, w)| format!("{c}{}", " ".repeat(w - text_width(c))));
        format!("{sign} | {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let changed = |n: usize| !matches!(lines[n], Line::Same(_));
    let mut out = vec![row(' ', &header)];
    let mut left_out = false;
    for (n, line) in lines.iter().enumerate() {
        let near = (n.saturating_sub(AROUND)..(n + AROUND + 1).min(lines.len())).any(changed);
        match line {
            Line::Same(_) if !near => {
                if !left_out {
                    out.push("  …".to_owned());
                }
                left_out = true;
                continue;
            }
            Line::Same(cells) => out.push(row(' ', cells)),
            Line::Gone(cells) => out.push(row('-', cells)),
            Line::New(cells) => out.push(row('+', cells)),
        }
        left_out = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use flow::examples::parse_table;

    use super::*;

    fn lines(expected: &str, found: &str) -> Vec<String> {
        let (e, f) = (parse_table(expected).unwrap(), parse_table(found).unwrap());
        compare("在庫", (&e.columns, &e.rows), (&f.columns, &f.rows), &TimeZone::UTC)
    }

    #[test]
    fn equal_tables_say_nothing() {
        assert!(lines("| a: text |\n| x |", "| b: number | a: text |\n| 1 | x |").is_empty());
        assert!(lines("| t: rows(a: text) |\n| x |", "| t: rows(a: text) |\n| #7 x |").is_empty());
        assert!(!lines("| t: rows(a: text) |\n| #8 x |", "| t: rows(a: text) |\n| #7 x |").is_empty());
    }

    #[test]
    fn changed_cells_are_marked() {
        let found = lines(
            "| 商品: text | 数: number |\n| りんご | 70 |\n| みかん | 40 |\n| ぶどう | 5 |",
            "| 商品: text | 数: number |\n| りんご | 70 |\n| みかん | 35 |\n| ぶどう | 5 |\n| もも | 1 |",
        );
        assert_eq!(
            found,
            [
                "在庫",
                "  | 商品   | 数   |",
                "  | りんご | 70   |",
                "- | みかん | «40» |",
                "+ | みかん | «35» |",
                "  | ぶどう | 5    |",
                "+ | もも   | 1    |",
            ]
        );
    }

    #[test]
    fn cells_of_tables_stand_in_one_order() {
        let found = lines(
            "| t: rows(品: text, 数: number) |\n| りんご, 3 |",
            "| t: rows(数: number, 他: text, 品: text) |\n| 4, x, りんご |",
        );
        let (minus, plus) = (found[2].replace('3', "4"), &found[3]);
        assert_eq!(minus.trim_start_matches('-'), plus.trim_start_matches('+'), "{found:#?}");
    }

    #[test]
    fn far_rows_are_left_out() {
        let rows: Vec<String> = (0..20).map(|n| format!("| {n} |")).collect();
        let head = "| n: number |\n";
        let found = lines(&format!("{head}{}", rows.join("\n")), &format!("{head}{}", rows[..19].join("\n")));
        assert_eq!(found, ["在庫", "  | n  |", "  …", "  | 17 |", "  | 18 |", "- | 19 |"]);
    }

    #[test]
    fn missing_columns_and_other_kinds_are_told() {
        let found = lines("| a: text | b: text |\n| x | y |", "| a: number |\n| 1 |");
        assert!(found[1].contains("文字列のはずが数値") && found[2].contains("列「b」がありません"), "{found:?}");
    }
}
