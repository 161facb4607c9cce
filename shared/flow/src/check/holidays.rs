//! The flow's holidays: days in the document, or a date field of an app, which becomes the plan's first read.

use model::field::Kind;
use model::value::Value;

use super::Schemas;
use crate::document::{self, Document};
use crate::literal;
use crate::plan::{Column, Holidays, Node, Op, Read};
use crate::problem::{Problem, proposal};

/// The app that the holidays come from.
pub(super) fn app(document: &Document) -> Option<u64> {
    match document.holidays.as_ref().map(|h| &h.value) {
        Some(document::Holidays::App { app, .. }) => Some(*app),
        _ => None,
    }
}

/// Adds the read, where the holidays come from an app; reports what is wrong with them.
pub(super) fn lower(
    document: &Document,
    schemas: &Schemas<'_>,
    nodes: &mut Vec<Node>,
    problems: &mut Vec<Problem>,
) -> Holidays {
    let Some(written) = &document.holidays else { return Holidays::default() };
    let mut report = |p: Problem| problems.push(p.in_setting("holidays").at(written.position));
    match &written.value {
        document::Holidays::Days(texts) => {
            let mut days = Vec::new();
            for text in texts {
                match literal::parse(Kind::Date, text) {
                    Some(Value::Date(day)) => days.push(day),
                    _ => report(no_date(text)),
                }
            }
            Holidays { days, node: None }
        }
        document::Holidays::App { app, field } => match read(*app, field, schemas) {
            Ok(node) => {
                nodes.push(node);
                Holidays { days: Vec::new(), node: Some(nodes.len() - 1) }
            }
            Err(problem) => {
                report(*problem);
                Holidays::default()
            }
        },
    }
}

fn no_date(text: &str) -> Problem {
    Problem::new(
        "no_date",
        format!("祝日「{text}」は日付ではありません。2026-01-01 の形で書いてください。"),
        format!("The holiday \"{text}\" is no date; write it like 2026-01-01."),
    )
}

fn read(app: u64, field: &str, schemas: &Schemas<'_>) -> Result<Node, Box<Problem>> {
    let schema = schemas.get(&app).ok_or_else(|| {
        Problem::new(
            "unknown_app",
            format!("祝日のアプリ {app} が見つからないか、読む権限がありません。"),
            format!("The app of the holidays, {app}, is not there or may not be read."),
        )
    })?;
    match schema.field(field).and_then(Column::of_field) {
        Some(column) if column.kind == Kind::Date => Ok(Node {
            step: "holidays".into(),
            command: "input_app",
            inputs: Vec::new(),
            op: Op::Read(Read { app, fields: vec![field.to_owned()], conditions: None }),
            columns: vec![column],
        }),
        _ => {
            let dates = schema.fields.iter().filter(|f| f.kind() == Some(Kind::Date)).map(|f| f.code.as_str());
            let (ja, en) = proposal(field, dates);
            Err(Box::new(Problem::new(
                "unknown_field",
                format!("アプリ {app} に日付フィールド「{field}」はありません。{ja}"),
                format!("App {app} has no date field \"{field}\".{en}"),
            )))
        }
    }
}
