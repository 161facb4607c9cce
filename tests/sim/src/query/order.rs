//! The order of an answer.
//!
//! Empty values come first going up. Texts go by code points, options and statuses by their place in the settings,
//! all else by its value. What all keys leave equal goes by record id, downwards, whatever the keys' directions.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::ast::OrderKey;
use super::decimal::Decimal;
use super::field::{Kind, Scale, Target};
use super::predicate::name;
use crate::form::{FieldDef, FieldType, Form};
use crate::record::{Code, Record};

/// An order prepared for one app.
#[derive(Debug, Clone)]
pub struct Sorter {
    columns: Vec<Column>,
}

/// Where a record stands in an order: records sort as their keys do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey<'a> {
    parts: Vec<Part<'a>>,
    id: Reverse<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Up(Atom<'a>),
    Down(Reverse<Atom<'a>>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Atom<'a> {
    Blank,
    Id(u64),
    Number(Decimal),
    Position(i64),
    Rank(usize),
    /// By UTF-8 bytes, which is by code points. What has no rank or number sorts here, after what has.
    Text(&'a str),
}

#[derive(Debug, Clone)]
struct Column {
    ascending: bool,
    reading: Reading,
}

#[derive(Debug, Clone)]
enum Reading {
    Id,
    Number(Code),
    Moment(Code, Scale),
    Rank(Code, Arc<HashMap<String, usize>>),
    Text(Code),
}

impl Sorter {
    /// Prepares an order. Keys that the form does not know are left out; [`check`](super::check) refuses them before.
    pub fn new(order: &[OrderKey], form: &Form) -> Self {
        let column = |key: &OrderKey| {
            let target = Target::find(&key.field, form).ok()?;
            Some(Column { ascending: key.ascending, reading: reading(target, form) })
        };
        Sorter { columns: order.iter().filter_map(column).collect() }
    }

    /// The record's place. Reading it once per record makes sorting many records cheap (`sort_by_cached_key`).
    pub fn key<'a>(&self, record: &'a Record) -> SortKey<'a> {
        let part = |column: &Column| {
            let atom = column.reading.atom(record);
            if column.ascending { Part::Up(atom) } else { Part::Down(Reverse(atom)) }
        };
        SortKey { parts: self.columns.iter().map(part).collect(), id: Reverse(record.id) }
    }
}

/// Which of two records comes first. For many records use a [`Sorter`].
pub fn compare(order: &[OrderKey], a: &Record, b: &Record, form: &Form) -> Ordering {
    let sorter = Sorter::new(order, form);
    sorter.key(a).cmp(&sorter.key(b))
}

fn reading(target: Target<'_>, form: &Form) -> Reading {
    let (Target::Field(field) | Target::Cell { field, .. }) = target else { return Reading::Id };
    let code = field.code.clone();
    match target.kind() {
        Kind::Id => Reading::Id,
        Kind::Number => Reading::Number(code),
        Kind::Moment(scale) | Kind::Calc(scale) => Reading::Moment(code, scale),
        Kind::Choice | Kind::Status => Reading::Rank(code, Arc::new(ranks(field, form))),
        _ => Reading::Text(code),
    }
}

/// The place of each option or status.
fn ranks(field: &FieldDef, form: &Form) -> HashMap<String, usize> {
    if field.kind == FieldType::Status {
        return form.statuses.iter().cloned().zip(0..).collect();
    }
    // kintone tells the index of an option as text, and takes it as a number too.
    let index = |option: &Value| match option.get("index") {
        Some(Value::String(digits)) => digits.parse().ok(),
        Some(number) => number.as_u64(),
        None => None,
    };
    let mut options: Vec<_> = field.options().into_iter().flatten().collect();
    options.sort_by_key(|(_, option)| index(option).unwrap_or(u64::MAX));
    options.into_iter().map(|(name, _)| name.clone()).zip(0..).collect()
}

impl Reading {
    fn atom<'a>(&self, record: &'a Record) -> Atom<'a> {
        let text = |code: &Code| record.value(code).and_then(name).filter(|text| !text.is_empty());
        let (text, read) = match self {
            Reading::Id => return Atom::Id(record.id),
            Reading::Number(code) => (text(code), text(code).and_then(Decimal::parse).map(Atom::Number)),
            Reading::Moment(code, scale) => {
                (text(code), text(code).and_then(|text| scale.position(text)).map(Atom::Position))
            }
            Reading::Rank(code, ranks) => {
                (text(code), text(code).and_then(|text| ranks.get(text)).copied().map(Atom::Rank))
            }
            Reading::Text(code) => (text(code), None),
        };
        read.or(text.map(Atom::Text)).unwrap_or(Atom::Blank)
    }
}
