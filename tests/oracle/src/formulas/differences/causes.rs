//! The predicates of the table of differences: each finds its cause in the parts of a formula.

use flow::formula::ErrorValue;
use model::value::Value;

use super::super::answer::{Answer, number_of};
use super::super::suiro::Outcome;
use super::super::tree::{Node, Part};
use super::Case;

/// Functions that take texts where they find numbers.
const TEXTS: &[&str] = &[
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
const AGGREGATES: &[&str] = &[
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
const DATES: &[&str] = &[
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
const COMPARISONS: &[&str] = &["=", "<>", "<", ">", "<=", ">="];

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

    /// Whether a part is a number of so many digits.
    fn has_digits(&self, node: &Node, digits: u32) -> bool {
        matches!(self.value_of(node), Some(Value::Number(n)) if n.mantissa().unsigned_abs() >= 10u128.pow(digits - 1))
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

pub(super) fn negative_fraction(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["LEFT", "RIGHT", "MID", "REPT", "REPLACE"])
            && node
                .args
                .iter()
                .skip(1)
                .any(|arg| case.number(Some(arg)).is_some_and(|n| (n < 0.0 && n > -1.0) || n > 1e9))
    })
}

/// A number that stands for a day before March 1900 or after 9999.
pub(super) fn early_serial(case: &Case<'_>) -> bool {
    let beyond = |node: &Node| {
        is(node, &["EDATE", "EOMONTH", "DATE", "WORKDAY", "WORKDAY.INTL", "+", "-"])
            && case.outcome_of(node) == Outcome::Error(ErrorValue::Num)
    };
    if matches!(case.answer, Answer::Number(_)) && case.error() == Some(ErrorValue::Num) && case.any(beyond) {
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

pub(super) fn too_many_digits(case: &Case<'_>) -> bool {
    const GROWING: &[&str] = &["^", "POWER", "*", "PRODUCT", "SUMSQ", "VAR.S", "VAR.P", "STDEV.S", "STDEV.P"];
    let overflows = |node: &Node| is(node, GROWING) && case.outcome_of(node) == Outcome::Error(ErrorValue::Num);
    case.error() == Some(ErrorValue::Num) && matches!(case.answer, Answer::Number(_)) && case.any(overflows)
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

pub(super) fn end_of_february(case: &Case<'_>) -> bool {
    let last = |value: &Value| {
        number_of(value).is_some_and(|serial| {
            let day = |serial: f64| jiff::civil::date(1899, 12, 30).checked_add(jiff::Span::new().days(serial as i64));
            matches!((day(serial), day(serial + 1.0)), (Ok(a), Ok(b)) if a.month() == 2 && b.month() == 3)
        })
    };
    case.with(&["YEARFRAC", "DAYS360"], last)
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

pub(super) fn bare_point(case: &Case<'_>) -> bool {
    let bare = |node: &Node| matches!(case.value_of(node), Some(Value::Text(text)) if text.contains(".#"));
    case.any(|node| is(node, &["TEXT"]) && node.args.get(1).is_some_and(bare))
}

pub(super) fn days_of_instants(case: &Case<'_>) -> bool {
    case.with(&["DAYS"], |value| matches!(value, Value::Datetime(_)))
}

pub(super) fn islogical_of_number(case: &Case<'_>) -> bool {
    case.with(&["ISLOGICAL"], |value| matches!(value, Value::Number(_) | Value::Text(_)))
}

pub(super) fn text_order(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["<", ">", "<=", ">="])
            && node.args.iter().all(|arg| matches!(case.value_of(arg), Some(Value::Text(_) | Value::Blank)))
    })
}

pub(super) fn value_of_date(case: &Case<'_>) -> bool {
    matches!(case.answer, Answer::Error(_))
        && case.with(&["DATEVALUE", "TIMEVALUE"], |value| is_moment(value) || matches!(value, Value::Number(_)))
}

pub(super) fn half_width(case: &Case<'_>) -> bool {
    let odd = |value: &Value| matches!(value, Value::Text(text) if text.chars().any(|c| matches!(c, '｡'..='ﾟ' | '\u{80}'..='\u{FF}')));
    case.with(&["LENB", "LEFTB", "RIGHTB", "MIDB", "FINDB"], odd)
        || case.with(&["FINDB"], |value| matches!(value, Value::Text(text) if text == " "))
}

pub(super) fn trimmed_width(case: &Case<'_>) -> bool {
    case.with(&["TRIM"], |value| matches!(value, Value::Text(text) if text.contains('\u{3000}')))
}

pub(super) fn space_width(case: &Case<'_>) -> bool {
    case.with(&["ASC", "JIS"], |value| matches!(value, Value::Text(text) if text.contains([' ', '\u{3000}'])))
}

pub(super) fn point_in_url(case: &Case<'_>) -> bool {
    let odd = |value: &Value| match value {
        Value::Text(text) => text.contains('.'),
        Value::Number(n) => !n.is_whole(),
        other => other.is_blank(),
    };
    case.with(&["ENCODEURL"], odd)
}

pub(super) fn mround_signs(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["MROUND"]) && case.outcome_of(node) == Outcome::Error(ErrorValue::Num))
}

pub(super) fn japanese_time(case: &Case<'_>) -> bool {
    case.any(|node| node.part == Part::Literal && case.formula[node.span.clone()].contains('時'))
}

pub(super) fn am_pm(case: &Case<'_>) -> bool {
    case.any(|node| is(node, &["TEXT"]) && case.formula[node.span.clone()].contains("AM/PM"))
}

pub(super) fn truth_value(case: &Case<'_>) -> bool {
    let is_bool = |value: &Value| matches!(value, Value::Bool(_));
    let joined = |node: &Node| {
        // The second argument of TEXTJOIN is a truth value.
        let taken = |at: usize| at != 1 || !is(node, &["TEXTJOIN"]);
        is(node, TEXTS)
            && node
                .args
                .iter()
                .enumerate()
                .any(|(at, arg)| taken(at) && case.value_of(arg).as_ref().is_some_and(is_bool))
    };
    case.any(joined)
        || case.with(&["ISNUMBER", "COUNT"], is_bool)
        || case.with(DATES, is_bool)
        || case.any(|node| {
            is(node, COMPARISONS)
                && matches!(
                    (case.value_of(&node.args[0]), case.value_of(&node.args[1])),
                    (Some(Value::Bool(_)), Some(other)) | (Some(other), Some(Value::Bool(_))) if !is_bool(&other)
                )
        })
}

pub(super) fn text_cell(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, AGGREGATES)
            && node.args.iter().any(|arg| arg.part == Part::Cell && matches!(case.value_of(arg), Some(Value::Text(_))))
    })
}

pub(super) fn text_argument(case: &Case<'_>) -> bool {
    let refused = matches!(case.answer, Answer::Error(shown) if shown == "#VALUE!" || shown == "Err:504");
    (refused || case.any(|node| is(node, &["COUNT"]))) && case.with(AGGREGATES, |value| matches!(value, Value::Text(_)))
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

pub(super) fn digits_in_text(case: &Case<'_>) -> bool {
    if let (Answer::Text(theirs), Outcome::Value(Value::Text(own))) = (case.answer, case.outcome)
        && same_but_last_digits(theirs, own)
    {
        return true;
    }
    case.any(|node| {
        is(node, TEXTS)
            && node.args.iter().any(|arg| {
                case.has_digits(arg, 15) || matches!(case.value_of(arg), Some(Value::Number(n)) if n.scale() >= 14)
            })
    })
}

/// The texts are the same, but for digits behind the twelfth of the numbers in them.
fn same_but_last_digits(a: &str, b: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let rest = |text: &str| text.chars().filter(|c| !is_number(*c)).collect::<String>();
    let numbers = |text: &str| text.split(|c| !is_number(c)).filter_map(|n| n.parse::<f64>().ok()).collect::<Vec<_>>();
    let (left, right) = (numbers(a), numbers(b));
    rest(a) == rest(b)
        && left.len() == right.len()
        && left.iter().zip(&right).all(|(a, b)| (a - b).abs() <= 1e-11 * a.abs().max(b.abs()))
}

/// The results are no farther apart than the last digits of the largest number on the way.
pub(super) fn lost_digits(case: &Case<'_>) -> bool {
    // A step of tenths is no exact double: what lies in the middle may go to either side.
    if case.any(|node| is(node, &["MROUND"]) && case.number(node.args.get(1)).is_some_and(|step| step.fract() != 0.0)) {
        return true;
    }
    let halves = |node: &Node| is(node, &["FIXED"]) && case.has_digits(&node.args[0], 3);
    let rest = |node: &Node| is(node, &["MOD"]) && case.number(Some(node)) == Some(0.0);
    // A difference of instants in hours that is whole may be a little less as a double.
    let cut = |node: &Node| {
        let mut instants = false;
        node.walk(&mut |part| {
            instants = instants || matches!(case.value_of(part), Some(Value::Datetime(_) | Value::Time(_)))
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
