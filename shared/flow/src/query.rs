//! Conditions as the text of a kintone query.

use crate::conditions::operator_text;
use crate::plan::{Conditions, Operand, Operator, Test};

/// Holds for no record: ids begin at 1.
const NEVER: &str = "$id = \"0\"";

/// Lists of conditions joined by `or`: a list per record that started the run. No list, no condition.
pub fn any_of(lists: &[Conditions]) -> String {
    match lists {
        [] => String::new(),
        [one] => list(one),
        // A list without conditions lets every record through, and then the others do not matter.
        many if many.iter().any(|list| list.tests.is_empty()) => String::new(),
        many => many.iter().map(|l| format!("({})", list(l))).collect::<Vec<_>>().join(" or "),
    }
}

fn list(conditions: &Conditions) -> String {
    let joint = if conditions.any { " or " } else { " and " };
    conditions.tests.iter().map(test).collect::<Vec<_>>().join(joint)
}

/// One condition. Parameters that are still open stand as they were written (for printing a plan).
pub fn test(test: &Test) -> String {
    let Test { field, operator, operands, .. } = test;
    let word = operator_text(*operator);
    let blank = operands.first() == Some(&Operand::Literal(String::new()));
    match operator {
        Operator::Empty | Operator::NotEmpty => format!("{field} {word}"),
        Operator::In | Operator::NotIn | Operator::OnlyIn => {
            format!("{field} {word} ({})", operands.iter().map(operand).collect::<Vec<_>>().join(", "))
        }
        // Nothing is smaller or larger than a blank, and no text is like it; kintone refuses to be asked.
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual | Operator::Like
            if blank =>
        {
            NEVER.to_owned()
        }
        Operator::NotLike if blank => "$id > \"0\"".to_owned(),
        _ => format!("{field} {word} {}", operands.first().map(operand).unwrap_or_default()),
    }
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Literal(text) => quoted(text),
        Operand::Parameter(parameter) | Operand::Narrowing { parameter, .. } => format!("%{parameter}%"),
        Operand::Function(call) => call.clone(),
    }
}

/// A text as kintone's string: quotes and backslashes escaped, line breaks and tabs as `\n` and `\t`, which are syntax errors when raw.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' | '\r' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(field: &str, operator: Operator, values: &[&str]) -> Test {
        let operands = values.iter().map(|v| Operand::Literal((*v).into())).collect();
        Test { field: field.into(), column: None, operator, operands }
    }

    #[test]
    fn every_operator_has_kintones_form() {
        use Operator as O;
        for (operator, values, text) in [
            (O::Equal, &["a"][..], "f = \"a\""),
            (O::NotEqual, &[""], "f != \"\""),
            (O::GreaterOrEqual, &["1.5"], "f >= \"1.5\""),
            (O::Less, &[""], "$id = \"0\""),
            (O::In, &["a", ""], "f in (\"a\", \"\")"),
            (O::NotIn, &["a"], "f not in (\"a\")"),
            (O::NotLike, &["x"], "f not like \"x\""),
            (O::Empty, &[], "f is empty"),
            (O::NotEmpty, &[], "f is not empty"),
        ] {
            assert_eq!(test(&literal("f", operator, values)), text);
        }
    }

    #[test]
    fn texts_cannot_leave_their_quotes() {
        assert_eq!(
            test(&literal("f", Operator::Equal, &["\" or $id > 0 or f = \"\\\r\n\t"])),
            r#"f = "\" or $id > 0 or f = \"\\\n\t""#
        );
    }
}
