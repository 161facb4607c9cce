//! Generated tables: few and many different values, blanks, mixed scales, numbers up to 28 digits before and 10 behind the
//! point, Japanese text in several widths, days and instants; sometimes a row or none.

use flow::plan::Column;
use model::decimal::Decimal;
use model::field::Kind;
use model::value::{Row, Value};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Texts that are easily taken for one another, and what breaks a quotation.
const TEXTS: [&str; 24] = [
    "A",
    "a",
    "Ａ",
    "B",
    "ア",
    "ｱ",
    "あ",
    "東京",
    "東京都",
    "東京 都",
    "髙",
    "高",
    "𠮷",
    "é",
    "é",
    "1",
    "1.0",
    "１",
    "01",
    "'",
    "\"",
    "%",
    "a,b",
    "a\nb",
];
const ROWS: usize = 30;

/// Rows of a generated table.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Names and kinds.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// Makes one case's tables and settings.
pub struct Generator {
    random: StdRng,
    /// Digits before the point that the case's numbers have at most.
    whole: u32,
    /// Digits behind it. The peers hold 38 digits at one scale, with room for a sum of all rows.
    scale: u32,
    /// The texts of columns with few different values.
    few: Vec<&'static str>,
}

impl Generator {
    /// The same seed makes the same case.
    pub fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let (whole, scale) = match random.random_range(0..4) {
            0 => (28, 8),
            1 => (20, 10),
            _ => (9, 4),
        };
        let count = random.random_range(1..8);
        let few = (0..count).map(|_| TEXTS[random.random_range(0..TEXTS.len())]).collect();
        Self { random, whole, scale, few }
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// A whole number from the first to before the second.
    pub fn below(&mut self, from: usize, to: usize) -> usize {
        self.random.random_range(from..to)
    }

    /// One of these.
    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.random.random_range(0..of.len())].clone()
    }

    /// Some of these, at least so many, in any order, none twice.
    pub fn some<T: Clone>(&mut self, of: &[T], least: usize) -> Vec<T> {
        let mut left = of.to_vec();
        let count = self.random.random_range(least..=of.len());
        (0..count).map(|_| left.remove(self.random.random_range(0..left.len()))).collect()
    }

    /// A table of these columns: `name: kind`, with commas between.
    pub fn table(&mut self, header: &str) -> Rows {
        let rows = match self.random.random_range(0..20) {
            0 => 0,
            1 => 1,
            _ => self.random.random_range(2..=ROWS),
        };
        self.table_of(header, rows)
    }

    /// The same with so many rows.
    pub fn table_of(&mut self, header: &str, rows: usize) -> Rows {
        let columns: Vec<Column> = header.split(',').map(|c| self.column(c)).collect();
        let cells: Vec<Vec<Value>> = columns.iter().map(|c| self.cells(c.kind, rows)).collect();
        let rows = (0..rows).map(|row| cells.iter().map(|column| column[row].clone()).collect()).collect();
        Rows { columns, rows }
    }

    /// Adds a column of tables with these columns; some are empty, some have rows of blanks.
    pub fn add_tables(&mut self, rows: &mut Rows, name: &str, header: &str) {
        let counts: Vec<usize> =
            rows.rows.iter().map(|_| if self.percent(20) { 0 } else { self.below(1, 5) }).collect();
        let inner = self.table_of(header, counts.iter().sum());
        let names: Vec<String> = inner.columns.iter().map(|c| c.name.clone()).collect();
        let mut cells = inner.rows.into_iter();
        for (row, count) in rows.rows.iter_mut().zip(counts) {
            let of_row = |values: Vec<Value>| Row { id: None, cells: names.iter().cloned().zip(values).collect() };
            let table: Vec<Row> = cells.by_ref().take(count).map(of_row).collect();
            row.push(if table.is_empty() { Value::Blank } else { Value::Rows(table) });
        }
        rows.columns.push(Column::table(name, inner.columns));
    }

    fn column(&mut self, text: &str) -> Column {
        let (name, kind) = text.rsplit_once(':').unwrap_or((text, "text"));
        let kind = flow::kinds::kind_of_name(kind.trim()).unwrap_or(Kind::Text);
        Column::new(name.trim(), kind)
    }

    /// A column's values: of few or of many different ones, with few or many blanks.
    fn cells(&mut self, kind: Kind, rows: usize) -> Vec<Value> {
        let few = self.percent(50);
        let blanks = self.one(&[0, 0, 10, 40, 100]);
        // A column of blanks alone is rare.
        let blanks = if blanks == 100 && !self.percent(20) { 15 } else { blanks };
        (0..rows).map(|_| if self.percent(blanks) { Value::Blank } else { self.value(kind, few) }).collect()
    }

    /// A value that is not blank.
    pub fn value(&mut self, kind: Kind, few: bool) -> Value {
        match kind {
            Kind::Number => Value::Number(self.number(few)),
            Kind::Date if few => Value::Date(20_000 + self.random.random_range(0..4)),
            // 1900-01-01 to 2199-12-31
            Kind::Date => Value::Date(self.random.random_range(-25_567..84_006)),
            Kind::Datetime if few => Value::Datetime(1_700_000_000 + 3_600 * self.random.random_range(0..5)),
            Kind::Datetime => Value::Datetime(60 * self.random.random_range(-30_000_000..100_000_000)),
            _ if few => Value::Text(self.few[self.random.random_range(0..self.few.len())].to_owned()),
            _ => {
                let count = self.random.random_range(1..4);
                Value::Text((0..count).map(|_| self.one(&TEXTS)).collect())
            }
        }
    }

    fn number(&mut self, few: bool) -> Decimal {
        let (digits, scale) = match few {
            // 1, 1.0 and 1.00 are one number.
            true => (1, self.random.random_range(0..=1)),
            false => {
                let scale = self.random.random_range(0..=self.scale);
                (self.random.random_range(1..=self.whole) + scale, scale)
            }
        };
        let limit = 10i128.pow(digits);
        let mantissa = self.random.random_range(-(limit - 1)..limit);
        Decimal::from_parts(mantissa, scale).unwrap_or(Decimal::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_case_and_the_extremes_occur() {
        let table = |seed| Generator::new(seed).table("数: number, 字: text, 日: date, 時: datetime");
        assert_eq!(format!("{:?}", table(3)), format!("{:?}", table(3)));
        let all: Vec<Rows> = (0..400).map(table).collect();
        assert!(all.iter().any(|t| t.rows.is_empty()) && all.iter().any(|t| t.rows.len() == 1));
        let numbers: Vec<Decimal> = all
            .iter()
            .flat_map(|t| &t.rows)
            .filter_map(|row| if let Value::Number(n) = row[0] { Some(n) } else { None })
            .collect();
        let digits = |n: &Decimal| n.mantissa().unsigned_abs().checked_ilog10().map_or(1, |d| d + 1);
        assert!(numbers.iter().any(|n| digits(n) >= 30) && numbers.iter().any(|n| n.is_negative()));
        assert!(numbers.iter().any(|n| n.scale() == 10) && numbers.iter().any(|n| n.is_zero()));
    }
}
