//! Which records a condition selects.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::ast::{Condition, Op, Test};
use super::decimal::Decimal;
use super::error::QueryError;
use super::field::{Kind, Target};
use super::predicate::Predicate;
use crate::form::Form;
use crate::record::{Code, Record, row_value};

/// The searchable text of a file, by its key; `None` where it has none.
pub type FileText = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Who asks, when, and what the full-text index knows.
#[derive(Clone)]
pub struct Context {
    /// The time of the question.
    pub now: Timestamp,
    /// The asking user's time zone, in which date functions count their days.
    pub zone: TimeZone,
    /// The asking user's login name; `LOGINUSER()` without one names nobody.
    pub login: Option<String>,
    /// The code of the asking user's first organization; without one, `PRIMARY_ORGANIZATION()` names none.
    pub organization: Option<String>,
    /// The full-text index knows records written until then: later ones are found by no `like` yet. `None`: all known.
    pub indexed_until: Option<Timestamp>,
    /// What `like` can read in attached files besides their names.
    pub file_text: Option<FileText>,
}

impl Context {
    /// A question that nobody in particular asks of a complete index.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Context { now, zone, login: None, organization: None, indexed_until: None, file_text: None }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Context")
            .field("now", &self.now)
            .field("zone", &self.zone)
            .field("login", &self.login)
            .field("organization", &self.organization)
            .field("indexed_until", &self.indexed_until)
            .finish_non_exhaustive()
    }
}

/// A condition prepared for one app and one asker: fields found and literals read, once for all records.
#[derive(Clone)]
pub struct Filter {
    root: Node,
}

#[derive(Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Id(Predicate),
    Field(Code, Predicate),
    /// Some row of the table passes all of these.
    SomeRow(Code, Vec<(Code, Predicate)>),
    /// The table has rows, and each passes.
    EveryRow(Code, Code, Predicate),
}

impl Filter {
    /// Prepares a condition. It fails where [`check`](super::check) would.
    pub fn new(condition: &Condition, form: &Form, context: &Context) -> Result<Self, QueryError> {
        Ok(Filter { root: node(condition, form, context)? })
    }

    /// Whether the condition selects the record.
    pub fn matches(&self, record: &Record) -> bool {
        self.root.holds(record)
    }
}

/// Whether the condition selects the record. One that does not fit the form selects none. For many records prepare a
/// [`Filter`] instead: this reads the condition anew on each call.
pub fn matches(condition: &Condition, record: &Record, form: &Form, context: &Context) -> bool {
    Filter::new(condition, form, context).is_ok_and(|filter| filter.matches(record))
}

/// Whether the condition asks the full-text index, and so may answer late or in part.
pub fn uses_like(condition: &Condition) -> bool {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(uses_like),
        Condition::Test(test) => matches!(test.op, Op::Like | Op::NotLike),
    }
}

fn node(condition: &Condition, form: &Form, context: &Context) -> Result<Node, QueryError> {
    match condition {
        Condition::Test(test) => test_node(test, form, context),
        Condition::Or(parts) => {
            parts.iter().map(|part| node(part, form, context)).collect::<Result<_, _>>().map(Node::Any)
        }
        Condition::And(parts) => {
            let mut all = Vec::new();
            for part in parts {
                join(&mut all, node(part, form, context)?);
            }
            Ok(Node::All(all))
        }
    }
}

fn test_node(test: &Test, form: &Form, context: &Context) -> Result<Node, QueryError> {
    let target = Target::find(&test.field, form)?;
    let predicate = Predicate::new(test, target.kind(), form, context)?;
    Ok(match target {
        Target::Id => Node::Id(predicate),
        Target::Field(_) if target.kind() == Kind::Id => Node::Id(predicate),
        Target::Field(field) => Node::Field(field.code.clone(), predicate),
        Target::Cell { table, field } if predicate.is_negative() => {
            Node::EveryRow(table.code.clone(), field.code.clone(), predicate)
        }
        Target::Cell { table, field } => Node::SomeRow(table.code.clone(), vec![(field.code.clone(), predicate)]),
    })
}

/// Adds a part to a conjunction. Parts that want a row of the same table want the same row; inner conjunctions dissolve.
fn join(all: &mut Vec<Node>, part: Node) {
    match part {
        Node::All(parts) => parts.into_iter().for_each(|part| join(all, part)),
        Node::SomeRow(table, mut tests) => {
            let same = all.iter_mut().find_map(|node| match node {
                Node::SomeRow(other, tests) if *other == table => Some(tests),
                _ => None,
            });
            match same {
                Some(known) => known.append(&mut tests),
                None => all.push(Node::SomeRow(table, tests)),
            }
        }
        part => all.push(part),
    }
}

impl Node {
    fn holds(&self, record: &Record) -> bool {
        let holds = |predicate: &Predicate, value: Option<&Value>| {
            predicate.holds(value.unwrap_or(&Value::Null), record.written_at)
        };
        match self {
            Node::All(parts) => parts.iter().all(|part| part.holds(record)),
            Node::Any(parts) => parts.iter().any(|part| part.holds(record)),
            Node::Id(predicate) => predicate.holds_for_number(Some(Decimal::from(record.id))),
            Node::Field(code, predicate) => holds(predicate, record.value(code)),
            Node::SomeRow(table, tests) => record
                .rows(table)
                .iter()
                .any(|row| tests.iter().all(|(code, predicate)| holds(predicate, row_value(row, code)))),
            Node::EveryRow(table, code, predicate) => {
                let rows = record.rows(table);
                !rows.is_empty() && rows.iter().all(|row| holds(predicate, row_value(row, code)))
            }
        }
    }
}
