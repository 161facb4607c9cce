//! A batch computes what rows compute one by one.

use model::decimal::Decimal;
use model::field::Kind;
use model::value::Value;
use proptest::prelude::*;

use super::super::batch::{Columns, Mantissas};
use super::super::{Context, Parameters, compile};
use super::support::{NOW, tokyo};
use crate::plan::Column;

/// Two columns of numbers and one of dates.
#[derive(Debug)]
struct Table {
    numbers: [Vec<Option<Decimal>>; 2],
    days: Vec<Option<i32>>,
    mantissas: [(Vec<i128>, u32); 2],
    plain_days: Vec<i32>,
}

impl Table {
    /// `None` where the numbers of a column do not fit one scale: no column can hold them.
    fn new(a: Vec<Option<Decimal>>, b: Vec<Option<Decimal>>, days: Vec<Option<i32>>) -> Option<Self> {
        let column = |numbers: &[Option<Decimal>]| {
            let scale = numbers.iter().flatten().map(|n| n.scale()).max().unwrap_or(0);
            // Anything may stand at a blank.
            let of = |n: &Option<Decimal>| n.map_or(Some(i128::MAX), |n| n.mantissa_at(scale));
            numbers.iter().map(of).collect::<Option<Vec<i128>>>().map(|mantissas| (mantissas, scale))
        };
        let mantissas = [column(&a)?, column(&b)?];
        let plain_days = days.iter().map(|d| d.unwrap_or(77)).collect();
        Some(Self { numbers: [a, b], days, mantissas, plain_days })
    }

    fn row(&self, row: usize) -> Vec<Value> {
        let number = |n: &Option<Decimal>| n.map_or(Value::Blank, Value::Number);
        vec![
            number(&self.numbers[0][row]),
            number(&self.numbers[1][row]),
            self.days[row].map_or(Value::Blank, Value::Date),
        ]
    }
}

impl Columns for Table {
    fn numbers(&self, column: usize) -> Option<(&[i128], u32)> {
        self.mantissas.get(column).map(|(values, scale)| (&values[..], *scale))
    }

    fn days(&self, column: usize) -> Option<&[i32]> {
        (column == 2).then_some(&self.plain_days)
    }

    fn has_blanks(&self, column: usize) -> bool {
        (0..self.days.len()).any(|row| self.is_blank(column, row))
    }

    fn is_blank(&self, column: usize, row: usize) -> bool {
        self.row(row)[column].is_blank()
    }
}

fn header() -> Vec<Column> {
    vec![Column::new("a", Kind::Number), Column::new("b", Kind::Number), Column::new("日", Kind::Date)]
}

/// Compares a batch with its rows; tells whether there was a batch.
fn check(formula: &str, table: &Table) -> bool {
    let expr = compile(formula, &header()).unwrap();
    let rows = table.days.len();
    let Some(Mantissas { values, scale }) = expr.eval_batch(table, rows) else { return false };
    let (zone, parameters) = (tokyo(), Parameters::new());
    let context = Context::new(NOW, &zone, &parameters);
    assert_eq!(values.len(), rows, "{formula}");
    let mut most = 0;
    for (row, mantissa) in values.iter().enumerate() {
        let number = Decimal::from_parts(*mantissa, scale).unwrap();
        most = most.max(number.scale());
        assert_eq!(expr.eval(&table.row(row), &context), Ok(Value::Number(number)), "{formula} {:?}", table.row(row));
    }
    assert_eq!(scale, most, "{formula}: the scale is what the numbers need");
    true
}

const FORMULAS: [&str; 14] = [
    "a + b",
    "a - b",
    "a * b",
    "-a",
    "a%",
    "a * (1 - b)",
    "ROUND(a * b * (1 - 0.08), 2)",
    "ROUNDUP(a * b, 1)",
    "ROUNDDOWN(a - b * 1.5, 0)",
    "ROUND(a, 3)",
    "ROUND(-a * 0.005, 2) + b%",
    "YEAR(日) * 100 + MONTH(日)",
    "DAY(日) * a",
    "ROUND(1.005 * 10, 2)",
];

fn number() -> impl Strategy<Value = Option<Decimal>> {
    let of = |(m, s): (i128, u32)| Decimal::from_parts(m, s).ok();
    prop_oneof![
        2 => Just(None),
        6 => (-5_000i128..5_000, 0u32..4).prop_map(of),
        3 => (-10i128.pow(18)..10i128.pow(18), 0u32..11).prop_map(of),
        1 => (-10i128.pow(29)..10i128.pow(29), 0u32..9).prop_map(of),
    ]
}

proptest! {
    #[test]
    fn a_batch_is_its_rows(rows in prop::collection::vec((number(), number(), prop::option::weighted(0.8, -30_000i32..60_000)), 1..8)) {
        let (mut a, mut b, mut days) = (Vec::new(), Vec::new(), Vec::new());
        for (x, y, day) in rows {
            a.push(x);
            b.push(y);
            days.push(day);
        }
        if let Some(table) = Table::new(a, b, days) {
            for formula in FORMULAS {
                check(formula, &table);
            }
        }
    }
}

fn table(a: &[&str], b: &[&str]) -> Table {
    let numbers = |texts: &[&str]| texts.iter().map(|t| t.parse().ok()).collect::<Vec<Option<Decimal>>>();
    Table::new(numbers(a), numbers(b), vec![Some(20_484); a.len()]).unwrap()
}

#[test]
fn every_listed_formula_is_a_batch_of_usual_numbers() {
    let usual = table(&["3", "", "-2.25", "1250.5", "0"], &["0.1", "0.08", "", "-1", "7.5"]);
    for formula in FORMULAS {
        assert!(check(formula, &usual), "{formula}");
    }
    // More rows than are computed at a time.
    let many: Vec<String> = (0..3_000).map(|n| format!("{}.{}", n, n % 10)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(check("ROUND(a * b, 1)", &table(&many, &many)));
}

#[test]
fn what_may_be_blank_text_or_an_error_is_no_batch() {
    let usual = table(&["3"], &["2"]);
    for formula in [
        "a",
        "日",
        "YEAR(日)",
        "5",
        "a / b",
        "a & b",
        "日 + a",
        "IF(a > b, a, b)",
        "a ^ 2",
        "ROUND(a, b)",
        "ROUND(a, -1)",
        "SUM(a, b)",
        "a > b",
    ] {
        assert!(!check(formula, &usual), "{formula}");
    }
}

#[test]
fn what_passes_38_digits_is_no_batch() {
    let wide = table(&["12345678901234567890.1234567891"], &["12345678901234567890.1234567891"]);
    assert!(!check("a * b", &wide));
    assert!(check("a + b", &wide));
    assert!(check("ROUND(a + b, 2)", &wide));
}
