//! The small table that formulas refer to. In LibreOffice these are cells; in Suiro each is a column of that name (`A1`),
//! so the text of a formula is the same for both.

use flow::plan::Column;
use model::field::Kind;
use model::value::{Row, Value};

/// Days from LibreOffice's day 0 (1899-12-30) to 1970-01-01. From March 1900 on, Excel counts the same.
pub const SERIAL_OF_1970: i64 = 25_569;
/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// Seconds that the clocks of Tokyo are ahead of UTC.
pub const TOKYO: i64 = 9 * 3600;

/// Kind and cells of each column letter, from row 1 down. An empty text is an empty cell.
/// Dates are written `2026-01-31`, times `09:05:00`, instants as the clocks of Tokyo show them.
const TABLE: [(char, Kind, [&str; 8]); 12] = [
    ('A', Kind::Number, ["12.5", "-3", "0.1", "1000000", "7", "-0.75", "0", "99.99"]),
    ('B', Kind::Number, ["1", "2", "3", "5", "10", "24", "60", "100"]),
    ('C', Kind::Text, ["abc", "Hello World", "a-b-c", "ABC", "x1", "banana", "03-1234-5678", "sato@example.com"]),
    ('D', Kind::Text, ["東京都", "りんご", "山田　太郎", "アイウ", "ｱｲｳ", "ＡＢＣ", "株式会社水路", "ガギグ"]),
    ('E', Kind::Text, ["12", "-3.5", "0.25", "100", "7", "1E3", "42", "-1"]),
    (
        'F',
        Kind::Date,
        [
            "2026-01-31",
            "2024-02-29",
            "2025-12-31",
            "2026-04-01",
            "1999-12-31",
            "2000-03-01",
            "2019-05-01",
            "1989-01-07",
        ],
    ),
    ('G', Kind::Time, ["09:05:00", "00:00:00", "23:59:59", "12:00:00", "17:30:00", "06:45:30", "18:00:00", "01:02:03"]),
    (
        'H',
        Kind::Datetime,
        [
            "2026-01-31 09:05:00",
            "2025-12-31 23:59:59",
            "2024-02-29 12:00:00",
            "2026-04-01 00:00:00",
            "2000-01-01 06:30:15",
            "2019-04-30 18:00:00",
            "2026-07-15 15:45:00",
            "1995-06-01 08:00:00",
        ],
    ),
    ('I', Kind::Number, ["", "", "", "", "", "", "", ""]),
    ('J', Kind::Text, ["", "", "", "", "", "", "", ""]),
    ('K', Kind::Date, ["", "", "", "", "", "", "", ""]),
    ('L', Kind::Number, ["1234.5", "-1234.567", "0.005", "2.5", "-2.5", "33.333", "1E9", "0.125"]),
];

/// The table `T` of the row: field, kind, cells, and where the cells stand in the spreadsheet. Written `T[a]` in Suiro.
const ROWS: [(&str, Kind, [&str; 6], &str); 6] = [
    ("a", Kind::Number, ["3", "10", "-1.5", "3", "", "250"], "M"),
    ("b", Kind::Number, ["2", "4", "4", "0.5", "7", "10"], "N"),
    ("c", Kind::Number, ["-4", "7.5", "100", "0", "3", "0.1"], "Q"),
    ("u", Kind::Text, ["abc", "ABC", "a-b", "京都府", "甲乙", "甲"], "R"),
    ("t", Kind::Text, ["甲", "乙", "甲", "abc", "", "東京都"], "O"),
    ("d", Kind::Date, ["2026-01-01", "2026-01-12", "2025-12-31", "2026-02-11", "2026-02-23", "2026-03-20"], "P"),
];
/// Its name.
const TABLE_NAME: &str = "T";

/// The range of cells that a column of the table is in a spreadsheet: `T[a]` is `M1:M6`.
pub fn range_of(column: &str) -> Option<String> {
    let field = column.strip_prefix("T[")?.strip_suffix(']')?;
    let (.., cells, letter) = ROWS.iter().find(|(name, ..)| *name == field)?;
    Some(format!("{letter}1:{letter}{}", cells.len()))
}

/// One cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// `A1`
    pub name: String,
    /// Its kind, also where it is blank.
    pub kind: Kind,
    /// What Suiro holds in it.
    pub value: Value,
}

impl Cell {
    /// Kind and value as the script takes them: dates and times as serial numbers.
    pub fn stored(&self) -> (&'static str, String) {
        match &self.value {
            Value::Number(n) => ("number", n.to_string()),
            Value::Text(text) => ("text", text.clone()),
            Value::Date(_) => ("date", serial(&self.value)),
            Value::Time(_) => ("time", serial(&self.value)),
            Value::Datetime(_) => ("datetime", serial(&self.value)),
            _ => ("blank", String::new()),
        }
    }
}

/// The serial number of a date, time or instant, with all digits of a double.
fn serial(value: &Value) -> String {
    serial_of(value).map(|n| n.to_string()).unwrap_or_default()
}

/// A date, time or instant as a spreadsheet's number: days since 1899-12-30 on the clocks of Tokyo. None for other kinds.
pub fn serial_of(value: &Value) -> Option<f64> {
    let part = |seconds: i64| seconds as f64 / DAY as f64;
    match value {
        Value::Date(day) => Some((i64::from(*day) + SERIAL_OF_1970) as f64),
        Value::Time(second) => Some(part(i64::from(*second))),
        Value::Datetime(instant) => {
            let local = instant + TOKYO;
            Some((local.div_euclid(DAY) + SERIAL_OF_1970) as f64 + part(local.rem_euclid(DAY)))
        }
        _ => None,
    }
}

fn day(text: &str) -> Option<i32> {
    let date: jiff::civil::Date = text.parse().ok()?;
    Some(date.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days())
}

fn second(text: &str) -> Option<i32> {
    let time: jiff::civil::Time = text.parse().ok()?;
    Some(i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()))
}

fn value(kind: Kind, text: &str) -> Value {
    let value = match kind {
        _ if text.is_empty() => None,
        Kind::Number => text.parse().ok().map(Value::Number),
        Kind::Date => day(text).map(Value::Date),
        Kind::Time => second(text).map(Value::Time),
        Kind::Datetime => text.split_once(' ').and_then(|(date, time)| {
            Some(Value::Datetime(i64::from(day(date)?) * DAY + i64::from(second(time)?) - TOKYO))
        }),
        _ => Some(Value::text(text)),
    };
    value.unwrap_or_default()
}

fn cell(letter: impl std::fmt::Display, kind: Kind, row: usize, text: &str) -> Cell {
    Cell { name: format!("{letter}{}", row + 1), kind, value: value(kind, text) }
}

/// All cells that are columns of Suiro.
fn singles() -> impl Iterator<Item = Cell> {
    TABLE.iter().flat_map(|(letter, kind, texts)| {
        texts.iter().enumerate().map(move |(row, text)| cell(letter, *kind, row, text))
    })
}

/// All cells of the spreadsheet.
pub fn all() -> Vec<Cell> {
    let table = ROWS.iter().flat_map(|(_, kind, texts, letter)| {
        texts.iter().enumerate().map(move |(row, text)| cell(letter, *kind, row, text))
    });
    singles().chain(table).collect()
}

/// The columns that a formula is checked against.
pub fn columns() -> Vec<Column> {
    let inner = ROWS.iter().map(|(field, kind, ..)| Column::new(*field, *kind)).collect();
    singles()
        .map(|cell| Column::new(cell.name, cell.kind))
        .chain(std::iter::once(Column::table(TABLE_NAME, inner)))
        .collect()
}

/// The row of values under [`columns`].
pub fn row() -> Vec<Value> {
    let rows = (0..ROWS[0].2.len())
        .map(|at| Row {
            id: Some((at + 1).to_string()),
            cells: ROWS.iter().map(|(field, kind, texts, _)| ((*field).to_owned(), value(*kind, texts[at]))).collect(),
        })
        .collect();
    singles().map(|cell| cell.value).chain(std::iter::once(Value::Rows(rows))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_that_has_a_text_has_a_value() {
        let filled = TABLE.iter().flat_map(|(_, _, texts)| texts).filter(|text| !text.is_empty()).count();
        assert_eq!(singles().filter(|cell| !cell.value.is_blank()).count(), filled);
        assert_eq!(row().len(), columns().len());
        assert!(all().iter().all(|cell| cell.value.kind().is_none_or(|kind| kind == cell.kind)));
    }

    #[test]
    fn serial_numbers_are_those_of_a_spreadsheet() {
        assert_eq!(serial_of(&value(Kind::Date, "2026-01-31")), Some(46_053.0));
        assert_eq!(serial_of(&value(Kind::Datetime, "2026-01-31 12:00:00")), Some(46_053.5));
        assert_eq!(serial_of(&value(Kind::Time, "06:00:00")), Some(0.25));
    }
}
