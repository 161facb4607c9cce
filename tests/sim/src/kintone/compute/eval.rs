//! Computes a formula for one record or row.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::decimal::Decimal;
use super::parse::{self, Expr};
use crate::form::{FieldDef, FieldType, Form};
use crate::kintone::settings::Precision;
use crate::kintone::values::number::{self, Normalised};
use crate::kintone::values::temporal::to_minute;
use crate::record::{Fields, row_value};

/// Formulas that lead through more fields than this are given up; the check at the deploy has refused circles before.
const FIELDS_DEEP: usize = 50;

/// The values at hand: a record, and a row of one of its tables.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    /// The record.
    pub record: &'a Fields,
    /// The row with its table.
    pub row: Option<(&'a FieldDef, &'a Value)>,
}

/// Where a formula is computed.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The form.
    pub form: &'a Form,
    /// The values.
    pub cells: Cells<'a>,
    /// How numbers are rounded.
    pub precision: Precision,
}

#[derive(Debug, Clone)]
enum Item {
    Number(Decimal),
    Text(String),
    Truth(bool),
    List(Vec<Item>),
}

/// The value of a computed field, empty where it cannot be computed.
pub fn field(scope: &Scope<'_>, field: &FieldDef) -> String {
    computed(scope, field, 0).and_then(|item| show(scope, field, item)).unwrap_or_default()
}

fn computed(scope: &Scope<'_>, field: &FieldDef, depth: usize) -> Option<Item> {
    let expr = parse::parse(field.expression()?).ok()?;
    eval(scope, &expr, depth)
}

/// The stored form of a result: a number, or for a CALC with another format a date or time.
fn show(scope: &Scope<'_>, field: &FieldDef, item: Item) -> Option<String> {
    let number = match item {
        Item::Text(text) if field.kind == FieldType::SingleLineText => return Some(text),
        Item::Number(number) => number,
        _ => return None,
    };
    let instant = |seconds: i128| Timestamp::from_second(i64::try_from(seconds).ok()?).ok();
    match field.setting("format").filter(|_| field.kind == FieldType::Calc) {
        Some("DATETIME") => Some(to_minute(instant(number.floor()?)?)),
        Some("DATE") => Some(instant(number.floor()?)?.to_zoned(TimeZone::UTC).date().to_string()),
        Some("TIME") => {
            let minutes = number.floor()?.div_euclid(60).rem_euclid(24 * 60);
            Some(format!("{:02}:{:02}", minutes / 60, minutes % 60))
        }
        Some("HOUR_MINUTE" | "DAY_HOUR_MINUTE") => {
            let minutes = number.floor()?.div_euclid(60);
            let sign = if minutes < 0 { "-" } else { "" };
            Some(format!("{sign}{}:{:02}", minutes.abs() / 60, minutes.abs() % 60))
        }
        _ => match number::normalise(&number.to_string(), scope.precision) {
            Normalised::Number(text) => Some(text),
            _ => None,
        },
    }
}

fn eval(scope: &Scope<'_>, expr: &Expr, depth: usize) -> Option<Item> {
    Some(match expr {
        Expr::Number(text) => Item::Number(Decimal::parse(text)?),
        Expr::Text(text) => Item::Text(text.clone()),
        Expr::Field(code) => read(scope, code, depth)?,
        Expr::Negative(inner) => Item::Number(number(eval(scope, inner, depth)?)?.negated()),
        Expr::Binary(sign, left, right) => binary(scope, sign, eval(scope, left, depth)?, eval(scope, right, depth)?)?,
        Expr::Call(name, arguments) => call(scope, name, arguments, depth)?,
    })
}

fn binary(scope: &Scope<'_>, sign: &str, left: Item, right: Item) -> Option<Item> {
    if sign == "&" {
        return Some(Item::Text(text(left)? + &text(right)?));
    }
    if let Some(holds) = comparison(sign) {
        let ordering = match (&left, &right) {
            (Item::Text(a), Item::Text(b)) => a.cmp(b),
            _ => number(left)?.compare(number(right)?)?,
        };
        return Some(Item::Truth(holds(ordering)));
    }
    let (left, right) = (number(left)?, number(right)?);
    let places = u32::try_from(scope.precision.decimal_places).ok()?;
    Some(Item::Number(match sign {
        "+" => left.add(right)?,
        "-" => left.add(right.negated())?,
        "*" => left.multiply(right)?,
        "/" => left.divide(right, places)?,
        _ => left.power(right)?,
    }))
}

fn comparison(sign: &str) -> Option<fn(Ordering) -> bool> {
    Some(match sign {
        "=" => Ordering::is_eq,
        "!=" | "<>" => Ordering::is_ne,
        "<" => Ordering::is_lt,
        ">" => Ordering::is_gt,
        "<=" => Ordering::is_le,
        ">=" => Ordering::is_ge,
        _ => return None,
    })
}

fn call(scope: &Scope<'_>, name: &str, arguments: &[Expr], depth: usize) -> Option<Item> {
    let argument = |index: usize| eval(scope, arguments.get(index)?, depth);
    Some(match name {
        "IF" => argument(if truth(argument(0)?)? { 1 } else { 2 })?,
        "NOT" => Item::Truth(!truth(argument(0)?)?),
        "AND" | "OR" => {
            let mut truths = Vec::with_capacity(arguments.len());
            for index in 0..arguments.len() {
                truths.push(truth(argument(index)?)?);
            }
            Item::Truth(if name == "AND" { truths.iter().all(|t| *t) } else { truths.iter().any(|t| *t) })
        }
        "SUM" => {
            let mut sum = Decimal::whole(0);
            for index in 0..arguments.len() {
                match argument(index)? {
                    Item::List(items) => {
                        for item in items {
                            sum = sum.add(number(item)?)?;
                        }
                    }
                    item => sum = sum.add(number(item)?)?,
                }
            }
            Item::Number(sum)
        }
        "CONTAINS" => {
            let wanted = text(argument(1)?)?;
            match argument(0)? {
                Item::List(items) => Item::Truth(items.into_iter().any(|item| text(item).as_deref() == Some(&wanted))),
                item => Item::Truth(text(item)?.contains(&wanted)),
            }
        }
        _ => {
            let places = arguments.get(1).map_or(Some(0), |_| number(argument(1)?)?.floor())?;
            let away = match name {
                "ROUNDUP" => Some(true),
                "ROUNDDOWN" => Some(false),
                _ => None,
            };
            Item::Number(number(argument(0)?)?.round(u32::try_from(places).ok()?, away)?)
        }
    })
}

/// A field: of the row, of the record, or of all rows of a table as a list.
fn read(scope: &Scope<'_>, code: &str, depth: usize) -> Option<Item> {
    if depth > FIELDS_DEEP {
        return None;
    }
    if let Some((table, row)) = scope.cells.row
        && let Some(field) = table.fields.get(code)
    {
        return one(scope, field, row_value(row, code), depth);
    }
    if let Some(field) = scope.form.find(code) {
        let outside = Scope { cells: Cells { row: None, ..scope.cells }, ..*scope };
        return one(&outside, field, scope.cells.record.get(code), depth);
    }
    let (table, field) = scope.form.find_in_tables(code)?;
    let rows = scope.cells.record.get(&table.code).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let items = rows.iter().filter_map(|row| {
        let inside = Scope { cells: Cells { row: Some((table, row)), ..scope.cells }, ..*scope };
        one(&inside, field, row_value(row, code), depth)
    });
    Some(Item::List(items.collect()))
}

fn one(scope: &Scope<'_>, field: &FieldDef, value: Option<&Value>, depth: usize) -> Option<Item> {
    if field.expression().is_some() {
        return computed(scope, field, depth + 1);
    }
    let text = value.and_then(Value::as_str).unwrap_or("");
    Some(match field.kind {
        // A blank number counts as zero, a blank date makes the result blank.
        FieldType::Number if text.is_empty() => Item::Number(Decimal::whole(0)),
        FieldType::Number => Item::Number(Decimal::parse(text)?),
        FieldType::Date => {
            let day: Date = text.parse().ok()?;
            Item::Number(Decimal::whole(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second().into()))
        }
        FieldType::Time => {
            let clock: Time = format!("{text}:00").parse().ok()?;
            Item::Number(Decimal::whole(i128::from(clock.hour()) * 3600 + i128::from(clock.minute()) * 60))
        }
        FieldType::DateTime | FieldType::CreatedTime | FieldType::UpdatedTime => {
            let instant: Timestamp = text.parse().ok()?;
            Item::Number(Decimal::whole(instant.as_second().into()))
        }
        _ => match value {
            Some(Value::Array(items)) => {
                Item::List(items.iter().filter_map(Value::as_str).map(|text| Item::Text(text.to_owned())).collect())
            }
            _ => Item::Text(text.to_owned()),
        },
    })
}

fn number(item: Item) -> Option<Decimal> {
    match item {
        Item::Number(number) => Some(number),
        Item::Text(text) if text.is_empty() => Some(Decimal::whole(0)),
        Item::Text(text) => Decimal::parse(&text),
        Item::Truth(_) | Item::List(_) => None,
    }
}

fn truth(item: Item) -> Option<bool> {
    match item {
        Item::Truth(truth) => Some(truth),
        _ => None,
    }
}

fn text(item: Item) -> Option<String> {
    match item {
        Item::Text(text) => Some(text),
        Item::Number(number) => Some(number.to_string()),
        Item::Truth(_) | Item::List(_) => None,
    }
}
