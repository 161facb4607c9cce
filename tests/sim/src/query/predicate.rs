//! One test with its operands read once, so that asking it of a value is cheap.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use super::ast::{Op, Operand, Test};
use super::decimal::Decimal;
use super::error::QueryError;
use super::eval::{Context, FileText};
use super::field::{Kind, Scale};
use super::functions::Function;
use super::like::{Pattern, visible_text};
use super::moment::Stretch;
use crate::form::Form;

/// A test of one value.
#[derive(Clone)]
pub(super) enum Predicate {
    /// A number beside a number. An empty value passes no such test.
    Order { op: Op, than: Decimal },
    /// A number among numbers.
    Numbers { among: HashSet<Decimal>, blank: bool, negated: bool },
    /// Texts, options or codes: any of the value's own among these.
    Texts { among: HashSet<String>, blank: bool, negated: bool },
    /// A date or time beside a stretch of time.
    Span { scale: Scale, op: Op, stretch: Stretch },
    /// A date or time within any of several stretches.
    Spans { scale: Scale, among: Vec<Stretch>, blank: bool, negated: bool },
    /// Words in a text.
    Words { pattern: Pattern, source: Source, negated: bool, horizon: Option<Timestamp> },
    /// No value, or nothing but blanks.
    Blank { negated: bool },
    /// Passes for no value: nothing comes before or after the empty text.
    Never,
}

/// Where a `like` looks for its words.
#[derive(Clone)]
pub(super) enum Source {
    /// In plain text.
    Plain,
    /// In text with markup.
    Rich,
    /// In the names of files, and in what they hold as far as that can be read.
    Files(Option<FileText>),
}

impl Predicate {
    /// Reads the operands. They can be wrong for the kind of field, and then the query is.
    pub fn new(test: &Test, kind: Kind, form: &Form, context: &Context) -> Result<Predicate, QueryError> {
        let reader = Reader { test, form, context };
        match (test.op, kind) {
            (Op::Empty | Op::NotEmpty, _) => Ok(Predicate::Blank { negated: test.op.is_negative() }),
            (Op::Like | Op::NotLike, kind) => reader.words(kind),
            (_, Kind::Id | Kind::Number) => reader.numbers(kind),
            (_, Kind::Moment(scale) | Kind::Calc(scale)) => reader.moments(scale, kind),
            (_, kind) => reader.texts(kind),
        }
    }

    /// Whether the test denies (see [`Op::is_negative`]).
    pub fn is_negative(&self) -> bool {
        match self {
            Predicate::Numbers { negated, .. }
            | Predicate::Texts { negated, .. }
            | Predicate::Spans { negated, .. }
            | Predicate::Words { negated, .. }
            | Predicate::Blank { negated } => *negated,
            Predicate::Span { op, .. } => op.is_negative(),
            Predicate::Order { .. } | Predicate::Never => false,
        }
    }

    /// Asks it of a stored value; `written_at` is when its record was last written.
    pub fn holds(&self, value: &Value, written_at: Timestamp) -> bool {
        match self {
            Predicate::Order { .. } | Predicate::Numbers { .. } => {
                self.holds_for_number(text(value).and_then(Decimal::parse))
            }
            Predicate::Texts { among, blank, negated } => is_among(value, among, *blank) != *negated,
            Predicate::Span { scale, op, stretch } => match text(value).and_then(|text| scale.position(text)) {
                Some(at) => is_beside(at, *op, *stretch),
                None => *op == Op::Ne,
            },
            Predicate::Spans { scale, among, blank, negated } => {
                let found = match text(value).and_then(|text| scale.position(text)) {
                    Some(at) => among.iter().any(|stretch| is_beside(at, Op::Eq, *stretch)),
                    None => *blank,
                };
                found != *negated
            }
            Predicate::Words { pattern, source, negated, horizon } => {
                let indexed = horizon.is_none_or(|horizon| written_at <= horizon);
                (indexed && source.holds(pattern, value)) != *negated
            }
            Predicate::Blank { negated } => is_blank(value) != *negated,
            Predicate::Never => false,
        }
    }

    /// Asks a numeric test of a number, or of none.
    pub fn holds_for_number(&self, number: Option<Decimal>) -> bool {
        match self {
            Predicate::Order { op, than } => number.is_some_and(|number| match op {
                Op::Lt => number < *than,
                Op::Gt => number > *than,
                Op::Le => number <= *than,
                Op::Ge => number >= *than,
                _ => false,
            }),
            Predicate::Numbers { among, blank, negated } => {
                number.map_or(*blank, |number| among.contains(&number)) != *negated
            }
            _ => false,
        }
    }
}

/// Reads the operands of one test.
struct Reader<'a> {
    test: &'a Test,
    form: &'a Form,
    context: &'a Context,
}

impl Reader<'_> {
    fn is_membership(&self) -> bool {
        matches!(self.test.op, Op::In | Op::NotIn | Op::Eq | Op::Ne)
    }

    fn literals(&self) -> impl Iterator<Item = Result<&str, QueryError>> {
        self.test.operands.iter().map(|operand| match operand {
            Operand::Literal(text) => Ok(text.as_str()),
            Operand::Call(_) => Err(QueryError::syntax()),
        })
    }

    fn words(&self, kind: Kind) -> Result<Predicate, QueryError> {
        let keyword = self.literals().next().ok_or_else(QueryError::syntax)??;
        let source = match kind {
            Kind::Rich => Source::Rich,
            Kind::File => Source::Files(self.context.file_text.clone()),
            _ => Source::Plain,
        };
        let (negated, horizon) = (self.test.op.is_negative(), self.context.indexed_until);
        Ok(Predicate::Words { pattern: Pattern::new(keyword), source, negated, horizon })
    }

    fn numbers(&self, kind: Kind) -> Result<Predicate, QueryError> {
        let mut among = HashSet::new();
        let mut blank = false;
        for literal in self.literals() {
            let literal = literal?;
            let digits = if kind == Kind::Id { without_app_code(literal, self.form) } else { literal };
            match Decimal::parse(digits) {
                Some(number) if self.is_membership() => {
                    among.insert(number);
                }
                Some(than) => return Ok(Predicate::Order { op: self.test.op, than }),
                None if literal.is_empty() && self.is_membership() => blank = true,
                None if literal.is_empty() => return Ok(Predicate::Never),
                None => return Err(QueryError::syntax()),
            }
        }
        Ok(Predicate::Numbers { among, blank, negated: self.test.op.is_negative() })
    }

    fn moments(&self, scale: Scale, kind: Kind) -> Result<Predicate, QueryError> {
        let mut among = Vec::new();
        let mut blank = false;
        for operand in &self.test.operands {
            match operand {
                Operand::Literal(text) if text.is_empty() && self.is_membership() => blank = true,
                Operand::Literal(text) if text.is_empty() => return Ok(Predicate::Never),
                Operand::Literal(text) => among.push(scale.literal(text).ok_or_else(QueryError::syntax)?),
                Operand::Call(function) if matches!(kind, Kind::Moment(_)) => {
                    among.push(self.stretch(*function, scale)?)
                }
                Operand::Call(_) => return Err(QueryError::syntax()),
            }
        }
        let op = self.test.op;
        match among.as_slice() {
            [stretch] if !blank && !matches!(op, Op::In | Op::NotIn) => {
                Ok(Predicate::Span { scale, op, stretch: *stretch })
            }
            _ => Ok(Predicate::Spans { scale, among, blank, negated: op.is_negative() }),
        }
    }

    fn stretch(&self, function: Function, scale: Scale) -> Result<Stretch, QueryError> {
        match (function, scale) {
            (Function::Now, Scale::Instant) => Ok(Stretch::minute(self.context.now)),
            (Function::Days(days), _) => {
                let today = self.context.now.to_zoned(self.context.zone.clone()).date();
                scale.period(days.period(today), &self.context.zone).ok_or_else(QueryError::syntax)
            }
            _ => Err(QueryError::syntax()),
        }
    }

    fn texts(&self, kind: Kind) -> Result<Predicate, QueryError> {
        let mut among = HashSet::new();
        let mut blank = false;
        for operand in &self.test.operands {
            let text = match (operand, kind) {
                (Operand::Literal(text), _) if text.is_empty() => {
                    blank = true;
                    None
                }
                (Operand::Literal(text), _) => Some(text.clone()),
                (Operand::Call(Function::LoginUser), Kind::User) => self.context.login.clone(),
                (Operand::Call(Function::PrimaryOrganization), Kind::Organization) => self.context.organization.clone(),
                (Operand::Call(_), _) => return Err(QueryError::syntax()),
            };
            among.extend(text);
        }
        Ok(Predicate::Texts { among, blank, negated: self.test.op.is_negative() })
    }
}

impl Source {
    fn holds(&self, pattern: &Pattern, value: &Value) -> bool {
        match self {
            Source::Plain => text(value).is_some_and(|text| pattern.is_found_in(text)),
            Source::Rich => text(value).is_some_and(|text| pattern.is_found_in(&visible_text(text))),
            Source::Files(content) => value.as_array().into_iter().flatten().any(|file| {
                let part = |key: &str| file.get(key).and_then(Value::as_str);
                let inside = || content.as_ref().zip(part("fileKey")).and_then(|(content, key)| content(key));
                part("name").is_some_and(|name| pattern.is_found_in(name))
                    || inside().is_some_and(|text| pattern.is_found_in(&text))
            }),
        }
    }
}

/// The record number's digits without the app code before them.
pub(super) fn without_app_code<'a>(literal: &'a str, form: &Form) -> &'a str {
    let code = form.app_code.as_deref().filter(|code| !code.is_empty());
    code.and_then(|code| literal.strip_prefix(code)?.strip_prefix('-')).unwrap_or(literal)
}

/// Whether a position stands to a stretch as the operator says.
fn is_beside(at: i64, op: Op, stretch: Stretch) -> bool {
    match op {
        Op::Eq => stretch.start <= at && at < stretch.end,
        Op::Ne => at < stretch.start || stretch.end <= at,
        Op::Lt => at < stretch.start,
        Op::Gt => at >= stretch.end,
        Op::Le => at < stretch.end,
        Op::Ge => at >= stretch.start,
        _ => false,
    }
}

/// Whether any of the value's texts or codes is named; no value at all is the empty text.
fn is_among(value: &Value, among: &HashSet<String>, blank: bool) -> bool {
    let one = |value: &Value| match name(value) {
        Some(name) if !name.is_empty() => among.contains(name),
        _ => blank,
    };
    match value {
        Value::Array(list) if list.is_empty() => blank,
        Value::Array(list) => list.iter().any(one),
        value => one(value),
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// The text of a value that holds any.
fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// A text, or the code of a user, organization or group.
pub(super) fn name(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("code")?.as_str())
}
