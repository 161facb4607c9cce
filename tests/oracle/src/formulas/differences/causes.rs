//! Predicates of the table of differences that look for numbers, errors, blanks and lists; and what all predicates use.

use flow::formula::ErrorValue;
use model::value::Value;

use super::super::answer::{Answer, number_of};
use super::super::suiro::Outcome;
use super::super::tree::Node;
use super::Case;

/// Functions that take texts where they find numbers.
pub(super) const TEXTS: &[&str] = &[
    "&",
    "LEFTB",
    "RIGHTB",
    "MIDB",
    "FINDB",
    "ENCODEURL",
    "CLEAN",
    "UNICODE",
    "CODE",
    "FIXED",
    "NUMBERVALUE",
    "CONCAT",
    "CONCATENATE",
    "TEXTJOIN",
    "LEFT",
    "RIGHT",
    "MID",
    "LEN",
    "TRIM",
    "UPPER",
    "LOWER",
    "PROPER",
    "REPT",
    "FIND",
    "SEARCH",
    "SUBSTITUTE",
    "REPLACE",
    "EXACT",
    "TEXT",
    "ASC",
    "JIS",
    "LENB",
    "VALUE",
    "T",
];
/// Functions that skip what is no number in cells.
pub(super) const AGGREGATES: &[&str] = &[
    "SUM",
    "PRODUCT",
    "AVERAGE",
    "MIN",
    "MAX",
    "MEDIAN",
    "AND",
    "OR",
    "XOR",
    "COUNT",
    "SUMSQ",
    "VAR.S",
    "VAR.P",
    "STDEV.S",
    "STDEV.P",
    "MODE.SNGL",
];
/// Functions of dates and times.
/// The first thirteen take a date and nothing else.
pub(super) const DATES: &[&str] = &[
    "YEAR",
    "MONTH",
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "WEEKDAY",
    "WEEKNUM",
    "ISOWEEKNUM",
    "EDATE",
    "EOMONTH",
    "DAYS",
    "DATEDIF",
    "DATEVALUE",
    "TIMEVALUE",
    "TEXT",
    "VALUE",
    "WORKDAY",
    "WORKDAY.INTL",
    "NETWORKDAYS",
    "NETWORKDAYS.INTL",
    "YEARFRAC",
    "DAYS360",
];
pub(super) const COMPARISONS: &[&str] = &["=", "<>", "<", ">", "<=", ">="];

pub(super) fn is(node: &Node, names: &[&str]) -> bool {
    names.contains(&node.name())
}

pub(super) fn is_moment(value: &Value) -> bool {
    matches!(value, Value::Date(_) | Value::Time(_) | Value::Datetime(_))
}

impl Case<'_> {
    /// Whether a part of this name has an argument like that.
    pub(super) fn with(&self, names: &[&str], like: impl Fn(&Value) -> bool) -> bool {
        self.any(|node| is(node, names) && node.args.iter().any(|arg| self.value_of(arg).is_some_and(|v| like(&v))))
    }

    pub(super) fn number(&self, node: Option<&Node>) -> Option<f64> {
        match self.value_of(node?)? {
            Value::Blank => Some(0.0),
            Value::Bool(b) => Some(f64::from(u8::from(b))),
            Value::Text(text) => match text.strip_suffix('%') {
                Some(percent) => percent.parse::<f64>().ok().map(|n| n / 100.0),
                None => text.parse().ok(),
            },
            value => number_of(&value),
        }
    }

    /// Whether a part is a number of so many digits.
    pub(super) fn has_digits(&self, node: &Node, digits: u32) -> bool {
        matches!(self.value_of(node), Some(Value::Number(n)) if n.mantissa().unsigned_abs() >= 10u128.pow(digits - 1))
    }

    /// Whether both results are texts of the same length.
    pub(super) fn same_length(&self) -> bool {
        matches!((self.answer, self.outcome), (Answer::Text(a), Outcome::Value(Value::Text(b))) if a.len() == b.len())
    }

    /// Both results as numbers.
    pub(super) fn numbers(&self) -> Option<(f64, f64)> {
        match (self.answer, self.outcome) {
            (Answer::Number(theirs), Outcome::Value(value)) => Some((*theirs, number_of(value)?)),
            _ => None,
        }
    }

    pub(super) fn error(&self) -> Option<ErrorValue> {
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

pub(super) fn negative_fraction(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["LEFT", "RIGHT", "MID", "REPT", "REPLACE", "LEFTB", "RIGHTB", "MIDB"])
            && node
                .args
                .iter()
                .skip(1)
                .any(|arg| case.number(Some(arg)).is_some_and(|n| (n < 0.0 && n > -1.0) || n > 3e4))
    })
}

pub(super) fn too_many_digits(case: &Case<'_>) -> bool {
    const GROWING: &[&str] =
        &["^", "POWER", "*", "PRODUCT", "SUMSQ", "VAR.S", "VAR.P", "STDEV.S", "STDEV.P", "FIXED", "EXP"];
    let overflows = |node: &Node| is(node, GROWING) && case.outcome_of(node) == Outcome::Error(ErrorValue::Num);
    case.error() == Some(ErrorValue::Num) && !matches!(case.answer, Answer::Error(_)) && case.any(overflows)
}

pub(super) fn statistics_error(case: &Case<'_>) -> bool {
    matches!(case.error(), Some(ErrorValue::Num | ErrorValue::Na))
        && matches!(case.answer, Answer::Error(shown) if shown == "#VALUE!" || shown == "Err:504")
        && case.any(|node| {
            is(node, &["LARGE", "SMALL", "MODE.SNGL"]) && matches!(case.outcome_of(node), Outcome::Error(_))
        })
}

pub(super) fn cut_of_many_digits(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["ROUNDDOWN", "ROUNDUP", "TRUNC", "INT"])
            && node.args.first().is_some_and(|arg| case.has_digits(arg, 12))
    })
}

pub(super) fn first_error(case: &Case<'_>) -> bool {
    let error = |node: &Node| match case.outcome_of(node) {
        Outcome::Error(error) => Some(error),
        _ => None,
    };
    // Several operands fail, or the part fails for a reason of its own beside one that does.
    matches!(case.answer, Answer::Error(_))
        && case.any(|node| {
            let failed: Vec<ErrorValue> = node.args.iter().filter_map(error).collect();
            failed.len() > 1 || (failed.len() == 1 && error(node).is_some_and(|own| own != failed[0]))
        })
}

pub(super) fn error_handed_on(case: &Case<'_>) -> bool {
    let own = matches!(case.answer, Answer::Error(shown) if shown == "Err:517" || shown == "Err:504");
    own && case
        .any(|node| is(node, &["T", "ISEVEN", "ISODD"]) && matches!(case.outcome_of(&node.args[0]), Outcome::Error(_)))
}

pub(super) fn switch_of_kinds(case: &Case<'_>) -> bool {
    let kind = |node: &Node| case.value_of(node).and_then(|value| value.kind());
    *case.answer == Answer::Error("#VALUE!".into())
        && case.any(|node| is(node, &["SWITCH"]) && kind(&node.args[0]) != kind(&node.args[1]))
}

pub(super) fn single_as_list(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["INDEX"])
            && node
                .args
                .first()
                .is_some_and(|arg| arg.name() != "LIST" && !case.formula[arg.span.clone()].contains("T["))
    })
}

pub(super) fn islogical_of_number(case: &Case<'_>) -> bool {
    case.with(&["ISLOGICAL"], |value| matches!(value, Value::Number(_) | Value::Text(_) | Value::Blank))
}

pub(super) fn mround_signs(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["MROUND"]) && case.outcome_of(node) == Outcome::Error(ErrorValue::Num))
}

pub(super) fn blank(case: &Case<'_>) -> bool {
    const PASSED_ON: &[&str] = &["IF", "CHOOSE", "IFS", "SWITCH", "IFERROR", "IFNA", "MIN", "MAX", "MINIFS", "MAXIFS"];
    let handed = case.any(|node| is(node, PASSED_ON) && case.value_of(node) == Some(Value::Blank));
    const COUNTED: &[&str] = &[
        "ISBLANK",
        "ISTEXT",
        "ISNONTEXT",
        "ISEVEN",
        "ISODD",
        "FIND",
        "FINDB",
        "COUNTA",
        "COUNTBLANK",
        "SEARCH",
        "TYPE",
        "COUNTIF",
        "COUNTIFS",
        "SUMIF",
        "SUMIFS",
        "AVERAGEIF",
        "AVERAGEIFS",
        "MAXIFS",
        "MINIFS",
    ];
    let compared =
        case.any(|node| is(node, COMPARISONS) && node.args.iter().any(|arg| case.value_of(arg) == Some(Value::Blank)));
    handed
        || compared
        || case.with(COUNTED, Value::is_blank)
        || case.with(AGGREGATES, Value::is_blank)
        || case.with(DATES, Value::is_blank)
}

/// A quotient (or mean) so small that its last decimal is worth more than the tolerance, and a result that is near.
pub(super) fn rounded_quotient(case: &Case<'_>) -> bool {
    let small = case.any(|node| {
        is(node, &["/", "AVERAGE"])
            && matches!(case.value_of(node), Some(Value::Number(n)) if n.scale() >= 10 && n.mantissa().unsigned_abs() < 100_000_000_000_000)
    });
    small && case.numbers().is_some_and(|(a, b)| (a - b).abs() <= 1e-4 * a.abs().max(b.abs()))
}

/// The results are no farther apart than the last digits of the largest number on the way.
pub(super) fn lost_digits(case: &Case<'_>) -> bool {
    // A step of tenths is no exact double: what lies in the middle may go to either side.
    if case.any(|node| is(node, &["MROUND"]) && case.number(node.args.get(1)).is_some_and(|step| step.fract() != 0.0)) {
        return true;
    }
    let halves = |node: &Node| is(node, &["FIXED", "TEXT"]) && case.has_digits(&node.args[0], 3) && case.same_length();
    let rest = |node: &Node| is(node, &["MOD"]) && case.number(Some(node)) == Some(0.0);
    // A difference of instants in hours that is whole may be a little less as a double.
    let cut = |node: &Node| {
        let mut instants = false;
        node.walk(&mut |part| {
            instants = instants
                || is(part, &["MOD"])
                || matches!(case.value_of(part), Some(Value::Datetime(_) | Value::Time(_)))
        });
        instants
            && is(
                node,
                &[
                    "INT",
                    "TRUNC",
                    "ROUNDDOWN",
                    "ROUNDUP",
                    "FLOOR",
                    "CEILING",
                    "QUOTIENT",
                    "EVEN",
                    "ODD",
                    "FLOOR.MATH",
                    "CEILING.MATH",
                ],
            )
    };
    let parity = |node: &Node| is(node, &["ISEVEN", "ISODD"]) && case.has_digits(&node.args[0], 16);
    if case.any(halves) || case.any(cut) || case.any(parity) || case.any(rest) {
        return true;
    }
    // A difference of instants in a text, with the digits that a double adds.
    let hours = |node: &Node| {
        let mut instants = false;
        node.walk(&mut |part| instants |= matches!(case.value_of(part), Some(Value::Datetime(_) | Value::Time(_))));
        instants && matches!(case.value_of(node), Some(Value::Number(_)))
    };
    if case.any(|node| is(node, TEXTS) && node.args.iter().any(hours)) {
        return true;
    }
    let is_mod = |node: &Node| {
        let mut found = false;
        node.walk(&mut |part| found = found || is(part, &["MOD"]));
        found
    };
    if matches!(case.answer, Answer::Text(_)) && case.any(|node| is(node, TEXTS) && node.args.iter().any(is_mod)) {
        return true;
    }
    if case.any(is_mod) && case.numbers().is_some_and(|(a, b)| (a - b).abs() <= 1e-9 * a.abs().max(b.abs())) {
        return true;
    }
    let mut largest = 0f64;
    case.tree.walk(&mut |node| {
        // Differences of instants are reckoned with in hours or minutes.
        let unit = if matches!(case.value_of(node), Some(Value::Datetime(_))) { 1440.0 } else { 1.0 };
        if let Some(n) = case.number(Some(node)) {
            largest = largest.max(n.abs() * unit);
        }
    });
    case.numbers().is_some_and(|(a, b)| (a - b).abs() <= 1e-14 * largest)
}
