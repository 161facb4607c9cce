//! Values that settings write out: of a constant, of a default, in a formula.

use model::field::Kind;
use model::value::{Entity, Value};

use crate::check::StepCheck;
use crate::conditions::operand;
use crate::kinds::kind_words;
use crate::literal;
use crate::located::At;
use crate::plan::Operand;
use crate::problem::{Position, Problem};

/// A text as it stands in a formula. `"%x%"` would be a parameter there, so a percent sign in front stands alone.
pub(super) fn quoted(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('%').map_or(("", text), |rest| ("\"%\"&", rest));
    format!("{sign}\"{}\"", rest.replace('"', "\"\""))
}

/// As [`constant`], where a parameter has no place: `%x%` is refused rather than taken letter by letter, and `%%x%` is the
/// text `%x%`, as in conditions. `None`: reported.
pub(super) fn fixed(
    check: &mut StepCheck<'_>,
    kind: Kind,
    texts: &[At<String>],
    place: Position,
    setting: &str,
) -> Option<Value> {
    let mut plain = Vec::with_capacity(texts.len());
    for text in texts {
        match operand(text) {
            Operand::Parameter(name) => {
                check.problem(
                    Problem::new(
                        "parameter_not_here",
                        format!("ここではパラメータ %{name}% を使えません。add_constant で列にしてから、data_edit で空のときだけその列の値にしてください。「%{name}%」という文字そのものは「%%{name}%」と書きます。"),
                        format!("The parameter %{name}% cannot be used here: make it a column with add_constant, and take its value in data_edit where the field is blank. The text \"%{name}%\" itself is written \"%%{name}%\"."),
                    )
                    .in_setting(setting)
                    .at(text.position),
                );
                return None;
            }
            Operand::Literal(value) => plain.push(At { value, position: text.position }),
            Operand::Function(_) | Operand::Narrowing { .. } => plain.push(text.clone()),
        }
    }
    constant(check, kind, &plain, place, setting)
}

/// The texts as one value of the kind: one text for simple kinds, any number for lists. `None`: reported.
pub(super) fn constant(
    check: &mut StepCheck<'_>,
    kind: Kind,
    texts: &[At<String>],
    place: Position,
    setting: &str,
) -> Option<Value> {
    let items = || texts.iter().map(|t| t.value.clone()).filter(|t| !t.is_empty()).collect::<Vec<_>>();
    let found = match (kind, texts) {
        (_, []) => Some(Value::Blank),
        (Kind::Texts | Kind::Entities, texts) if texts.iter().all(|t| t.is_empty()) => Some(Value::Blank),
        (Kind::Texts, _) => Some(Value::Texts(items())),
        (Kind::Entities, _) => {
            Some(Value::Entities(items().into_iter().map(|code| Entity { code, name: String::new() }).collect()))
        }
        (Kind::Files | Kind::Rows, _) => None,
        (_, [text]) => literal::parse(kind, text),
        _ => None,
    };
    if found.is_none() {
        let words = kind_words(kind);
        let written = texts.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(", ");
        check.problem(
            Problem::new(
                "no_value",
                format!("「{written}」は{}の値ではありません。", words.ja),
                format!("\"{written}\" is no value of kind {}.", words.en),
            )
            .in_setting(setting)
            .at(texts.first().map_or(place, |t| t.position)),
        );
    }
    found
}
