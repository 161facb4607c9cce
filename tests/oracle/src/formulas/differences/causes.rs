//! The predicates of the table of differences: each finds its cause in the parts of a formula.

use flow::formula::ErrorValue;
use model::value::Value;

use super::super::answer::{Answer, number_of};
use super::super::suiro::Outcome;
use super::super::tree::{Node, Part};
use super::Case;

/// Functions that take texts where they find numbers.
const TEXTS: [&str; 24] = [
    "&", "CONCAT", "CONCATENATE", "TEXTJOIN", "LEFT", "RIGHT", "MID", "LEN", "TRIM", "UPPER", "LOWER", "PROPER", "REPT",
    "FIND", "SEARCH", "SUBSTITUTE", "REPLACE", "EXACT", "TEXT", "ASC", "JIS", "LENB", "VALUE", "T",
];
/// Functions that skip what is no number in cells.
const AGGREGATES: [&str; 10] =
    ["SUM", "PRODUCT", "AVERAGE", "MIN", "MAX", "MEDIAN", "AND", "OR", "XOR", "COUNT"];
/// Functions of dates and times.
const DATES: [&str; 17] = [
    "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "WEEKDAY", "WEEKNUM", "ISOWEEKNUM", "EDATE", "EOMONTH", "DAYS",
    "DATEDIF", "DATEVALUE", "TIMEVALUE", "TEXT", "VALUE",
];
const COMPARISONS: [&str; 6] = ["=", "<>", "<", ">", "<=", ">="];

fn is(node: &Node, names: &[&str]) -> bool {
    names.contains(&node.name())
}

fn is_moment(value: &Value) -> bool {
    matches!(value, Value::Date(_) | Value::Time(_) | Value::Datetime(_))
}

impl Case<'_> {
    /// Whether a part of this name has an argument like that.
    fn with(&self, names: &[&str], like: impl Fn(&Value) -> bool) -> bool {
        self.any(|node| is(node, names) && node.args.iter().any(|arg| self.value_of(arg).is_some_and(|v| like(&v))))
    }

    fn number(&self, node: Option<&Node>) -> Option<f64> {
        match self.value_of(node?)? {
            Value::Blank => Some(0.0),
            Value::Bool(b) => Some(f64::from(u8::from(b))),
            Value::Text(text) => text.parse().ok(),
            value => number_of(&value),
        }
    }

    /// Both results as numbers.
    fn numbers(&self) -> Option<(f64, f64)> {
        match (self.answer, self.outcome) {
            (Answer::Number(theirs), Outcome::Value(value)) => Some((*theirs, number_of(value)?)),
            _ => None,
        }
    }

    fn error(&self) -> Option<ErrorValue> {
        match self.outcome {
            Outcome::Error(error) => Some(*error),
            _ => None,
        }
    }
}

pub(super) fn power_of_zero(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["^", "POWER"])
            && case.number(node.args.first()) == Some(0.0)
            && case.number(node.args.get(1)).is_some_and(|exponent| exponent <= 0.0)
    })
}

pub(super) fn floor_by_zero(case: &Case<'_>) -> bool {
    let by_zero = case.any(|node| is(node, &["FLOOR", "QUOTIENT"]) && case.number(node.args.get(1)) == Some(0.0));
    by_zero && case.error() == Some(ErrorValue::Div0)
}

pub(super) fn week_53(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["WEEKNUM"]) && case.number(Some(node)).is_some_and(|week| week >= 53.0))
}

pub(super) fn datedif_md(case: &Case<'_>) -> bool {
    let md = |node: &Node| matches!(case.value_of(node), Some(Value::Text(unit)) if unit == "MD");
    case.any(|node| is(node, &["DATEDIF"]) && node.args.get(2).is_some_and(md))
}

pub(super) fn small_year(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["DATE"]) && case.number(node.args.first()).is_some_and(|year| year < 1900.0))
}

pub(super) fn time_fraction(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["TIME"])
            && node.args.iter().any(|arg| case.number(Some(arg)).is_some_and(|n| n.fract() != 0.0))
    })
}

pub(super) fn negative_fraction(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["LEFT", "RIGHT", "MID", "REPT", "REPLACE"])
            && node.args.iter().skip(1).any(|arg| case.number(Some(arg)).is_some_and(|n| n < 0.0 && n > -1.0))
    })
}

pub(super) fn early_serial(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &DATES)
            && node.args.iter().any(|arg| {
                matches!(case.value_of(arg), Some(Value::Number(_) | Value::Bool(_)))
                    && case.number(Some(arg)).is_some_and(|n| n < 61.0)
            })
    })
}

pub(super) fn japanese_time(case: &Case<'_>) -> bool {
    case.any(|node| node.part == Part::Literal && case.formula[node.span.clone()].contains('時'))
}

pub(super) fn am_pm(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["TEXT"]) && case.formula[node.span.clone()].contains("AM/PM"))
}

pub(super) fn truth_value(case: &Case<'_>) -> bool {
    let is_bool = |value: &Value| matches!(value, Value::Bool(_));
    case.with(&TEXTS, is_bool)
        || case.with(&["ISNUMBER", "COUNT"], is_bool)
        || case.with(&DATES, is_bool)
        || case.any(|node| {
            is(node, &COMPARISONS)
                && matches!(
                    (case.value_of(&node.args[0]), case.value_of(&node.args[1])),
                    (Some(Value::Bool(_)), Some(other)) | (Some(other), Some(Value::Bool(_))) if !is_bool(&other)
                )
        })
}

pub(super) fn text_cell(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &AGGREGATES)
            && node.args.iter().any(|arg| arg.part == Part::Cell && matches!(case.value_of(arg), Some(Value::Text(_))))
    })
}

pub(super) fn text_argument(case: &Case<'_>) -> bool {
    let refused = matches!(case.answer, Answer::Error(shown) if shown == "#VALUE!" || shown == "Err:504");
    refused && case.with(&AGGREGATES, |value| matches!(value, Value::Text(_)))
}

/// A text that begins like a date.
fn reads_as_date(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.len() > 7 && text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['/', '-', '年']))
}

pub(super) fn date_text(case: &Case<'_>) -> bool {
    case.with(&["+", "-", "*", "/", "^", "%"], reads_as_date) || case.with(&COMPARISONS, reads_as_date)
}

pub(super) fn moment_in_text(case: &Case<'_>) -> bool {
    case.any(|node| {
        // The first argument of TEXT is what it formats.
        let args = if is(node, &["TEXT"]) { node.args.get(1..).unwrap_or_default() } else { &node.args };
        is(node, &TEXTS) && args.iter().any(|arg| case.value_of(arg).as_ref().is_some_and(is_moment))
    })
}

pub(super) fn moment_as_number(case: &Case<'_>) -> bool {
    let point = |value: &Value| matches!(value, Value::Date(_) | Value::Datetime(_));
    let refused = matches!(case.outcome, Outcome::Refused("formula_kind"))
        || matches!(case.outcome, Outcome::Error(ErrorValue::Value | ErrorValue::Num));
    let compared = case.any(|node| {
        is(node, &COMPARISONS)
            && matches!(
                (case.value_of(&node.args[0]), case.value_of(&node.args[1])),
                (Some(a), Some(b)) if point(&a) != point(&b)
            )
    });
    let used = case.any(|node| {
        !node.args.is_empty()
            && !is(node, &COMPARISONS)
            && node.args.iter().any(|arg| case.value_of(arg).as_ref().is_some_and(is_moment))
    });
    compared || (refused && used)
}

pub(super) fn blank(case: &Case<'_>) -> bool {
    case.any(|node| !node.args.is_empty() && node.args.iter().any(|arg| case.value_of(arg) == Some(Value::Blank)))
        || *case.outcome == Outcome::Value(Value::Blank)
}

/// A quotient (or mean) so small that its last decimal is worth more than the tolerance, and a result that is near.
pub(super) fn rounded_quotient(case: &Case<'_>) -> bool {
    let small = case.any(|node| {
        is(node, &["/", "AVERAGE"])
            && matches!(case.value_of(node), Some(Value::Number(n)) if n.scale() >= 14 && n.mantissa().unsigned_abs() < 1_000_000_000_000_000)
    });
    small && case.numbers().is_some_and(|(a, b)| (a - b).abs() <= 1e-4 * a.abs().max(b.abs()))
}

pub(super) fn digits_in_text(case: &Case<'_>) -> bool {
    case.with(&TEXTS, |value| matches!(value, Value::Number(n) if n.mantissa().unsigned_abs() >= 100_000_000_000_000 || n.scale() >= 14))
}

/// The results are no farther apart than the last digits of the largest number on the way.
pub(super) fn lost_digits(case: &Case<'_>) -> bool {
    let mut largest = 0f64;
    case.tree.walk(&mut |node| {
        if let Some(n) = case.number(Some(node)) {
            largest = largest.max(n.abs());
        }
    });
    case.numbers().is_some_and(|(a, b)| (a - b).abs() <= 1e-14 * largest)
}
