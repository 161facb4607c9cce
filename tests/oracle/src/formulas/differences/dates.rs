//! Predicates of the table of differences that look for dates and times.

use flow::formula::ErrorValue;
use model::value::Value;

use super::super::answer::Answer;
use super::super::suiro::Outcome;
use super::super::tree::{Node, Part};
use super::Case;
use super::causes::{COMPARISONS, DATES, TEXTS, is, is_moment};

pub(super) fn week_53(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["WEEKNUM"]) && case.number(Some(node)).is_some_and(|week| week >= 53.0))
}

pub(super) fn datedif_md(case: &Case<'_>) -> bool {
    let md = |node: &Node| matches!(case.value_of(node), Some(Value::Text(unit)) if unit == "MD" || unit == "YD");
    case.any(|node| is(node, &["DATEDIF"]) && node.args.get(2).is_some_and(md))
}

pub(super) fn small_year(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["DATE"]) && case.number(node.args.first()).is_some_and(|year| year < 1900.0))
}

pub(super) fn time_fraction(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["TIME"]) && node.args.iter().any(|arg| case.number(Some(arg)).is_some_and(|n| n.fract() != 0.0))
    })
}

/// A number that stands for a day before March 1900 or after 9999.
pub(super) fn early_serial(case: &Case<'_>) -> bool {
    let beyond = |node: &Node| {
        is(node, &["EDATE", "EOMONTH", "DATE", "WORKDAY", "WORKDAY.INTL", "+", "-"])
            && case.outcome_of(node) == Outcome::Error(ErrorValue::Num)
    };
    if case.error() == Some(ErrorValue::Num) && case.any(beyond) {
        return true;
    }
    case.any(|node| {
        // The arguments that are dates: both ends of a span, else the first. TEXT takes a date only with a date's format.
        let dates = match node.name() {
            "DAYS" | "DATEDIF" | "DAYS360" | "YEARFRAC" | "NETWORKDAYS" | "NETWORKDAYS.INTL" => 2,
            "TEXT" if !node.args.get(1).is_some_and(|format| is_date_format(case, format)) => 0,
            "VALUE" | "DATEVALUE" | "TIMEVALUE" => 0,
            name if DATES.contains(&name) => 1,
            _ => 0,
        };
        node.args.iter().take(dates).any(|arg| {
            matches!(case.value_of(arg), Some(Value::Number(_) | Value::Bool(_)))
                && case.number(Some(arg)).is_some_and(|n| !(61.0..2_958_466.0).contains(&n))
        })
    })
}

fn is_date_format(case: &Case<'_>, format: &Node) -> bool {
    matches!(case.value_of(format), Some(Value::Text(text)) if text.contains(['y', 'm', 'd', 'g', 'e', 'a', 'h', 's']))
}

pub(super) fn end_of_february(case: &Case<'_>) -> bool {
    // The next day is the first of March.
    let last = |arg: &Node| {
        let next = format!("DAY(DATEVALUE({0})+1)+100*MONTH(DATEVALUE({0})+1)", &case.formula[arg.span.clone()]);
        matches!(case.suiro.compute(&next), Outcome::Value(Value::Number(n)) if n.to_i64() == Some(301))
    };
    case.any(|node| is(node, &["YEARFRAC", "DAYS360"]) && node.args.iter().take(2).any(last))
}

pub(super) fn days_of_instants(case: &Case<'_>) -> bool {
    case.with(&["DAYS"], |value| match value {
        Value::Datetime(_) => true,
        Value::Number(n) => !n.is_whole(),
        _ => false,
    })
}

pub(super) fn value_of_date(case: &Case<'_>) -> bool {
    matches!(case.answer, Answer::Error(_))
        && case.with(&["DATEVALUE", "TIMEVALUE"], |value| is_moment(value) || matches!(value, Value::Number(_)))
}

pub(super) fn japanese_time(case: &Case<'_>) -> bool {
    case.any(|node| node.part == Part::Literal && case.formula[node.span.clone()].contains('時'))
}

pub(super) fn am_pm(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["TEXT"]) && case.formula[node.span.clone()].contains("AM/PM"))
}

/// A text that begins like a date.
fn reads_as_date(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.len() > 7 && text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['/', '-', '年']))
}

pub(super) fn date_text(case: &Case<'_>) -> bool {
    let number = |value: &Value| matches!(value, Value::Text(text) if text.parse::<f64>().is_ok() || text == "TRUE" || text == "FALSE");
    case.with(&DATES[..13], number)
        || case.with(&["+", "-", "*", "/", "^", "%"], reads_as_date)
        || case.with(COMPARISONS, reads_as_date)
}

pub(super) fn moment_in_text(case: &Case<'_>) -> bool {
    case.any(|node| {
        // The first argument of TEXT is what it formats.
        let args = if is(node, &["TEXT"]) { node.args.get(1..).unwrap_or_default() } else { &node.args };
        is(node, TEXTS) && args.iter().any(|arg| case.value_of(arg).as_ref().is_some_and(is_moment))
    })
}

pub(super) fn moment_as_number(case: &Case<'_>) -> bool {
    let point = |value: &Value| matches!(value, Value::Date(_) | Value::Datetime(_));
    let refused = matches!(case.outcome, Outcome::Refused("formula_kind"))
        || matches!(case.outcome, Outcome::Error(ErrorValue::Value | ErrorValue::Num));
    let compared = case.any(|node| {
        is(node, COMPARISONS)
            && matches!(
                (case.value_of(&node.args[0]), case.value_of(&node.args[1])),
                (Some(a), Some(b)) if point(&a) != point(&b)
            )
    });
    let shifted = case.any(|node| {
        is(node, &["+", "-"])
            && matches!(case.value_of(node), Some(Value::Date(_)))
            && node.args.iter().any(|arg| case.number(Some(arg)).is_some_and(|n| n.fract() != 0.0))
    });
    let used = case.any(|node| {
        !node.args.is_empty()
            && !is(node, COMPARISONS)
            && node.args.iter().any(|arg| case.value_of(arg).as_ref().is_some_and(is_moment))
    });
    compared || shifted || (refused && used)
}
