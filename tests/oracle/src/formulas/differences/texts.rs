//! Predicates of the table of differences that look for texts and truth values.

use model::value::Value;

use super::super::answer::Answer;
use super::super::suiro::Outcome;
use super::super::tree::{Node, Part};
use super::Case;
use super::causes::{AGGREGATES, COMPARISONS, DATES, TEXTS, is};

pub(super) fn bare_point(case: &Case<'_>) -> bool {
    let bare = |node: &Node| matches!(case.value_of(node), Some(Value::Text(text)) if text.contains(".#"));
    case.any(|node| is(node, &["TEXT"]) && node.args.get(1).is_some_and(bare))
}

pub(super) fn text_order(case: &Case<'_>) -> bool {
    case.any(|node| {
        is(node, &["<", ">", "<=", ">="])
            && node.args.iter().all(|arg| matches!(case.value_of(arg), Some(Value::Text(_) | Value::Blank)))
    })
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
        Value::Text(text) => text.contains(['.', '~']),
        Value::Number(n) => !n.is_whole(),
        other => other.is_blank(),
    };
    case.with(&["ENCODEURL"], odd)
}

pub(super) fn truth_value(case: &Case<'_>) -> bool {
    let is_bool = |value: &Value| matches!(value, Value::Bool(_));
    // LibreOffice reads the texts TRUE and FALSE as numbers, too.
    let is_bool_text = |value: &Value| matches!(value, Value::Text(text) if text == "TRUE" || text == "FALSE");
    let read = case.any(|node| {
        let text = |arg: &Node| case.value_of(arg).as_ref().is_some_and(is_bool_text);
        !is(node, COMPARISONS) && !is(node, &["&", "IFERROR", "IFNA"]) && node.args.iter().any(text)
    });
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
        || read
        || case.with(&["ISNUMBER", "COUNT", "TYPE"], is_bool)
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
    (refused || case.any(|node| is(node, &["COUNT", "TYPE"])))
        && case.with(AGGREGATES, |value| matches!(value, Value::Text(_)))
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
                case.has_digits(arg, 15) || matches!(case.value_of(arg), Some(Value::Number(n)) if n.scale() >= 12)
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
