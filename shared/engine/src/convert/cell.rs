//! One value for one field.

use flow::plan::{Retype, UnknownOption};
use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::decimal::arith::Rounding;
use model::field::{Field, FieldType, Kind, NumberPrecision, RoundingMode};
use model::value::{Entity, Row, Value};

use super::options::{choose_one, choose_some};
use crate::report::Reason;
use crate::text::{local, midnight, parse_date, parse_datetime, parse_time, value_text};

/// A value as the field takes it, and what was lost on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Converted {
    pub value: Value,
    pub losses: Vec<Loss>,
}

/// What was lost of a value, or of one of the values in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub reason: Reason,
    /// The value in the table; `None` for the value itself.
    pub inside: Option<(Inside, Value)>,
}

/// Where a value stands in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inside {
    /// The table's row, counted from 1.
    pub row: usize,
    /// The code of the field in the table.
    pub code: String,
}

impl Converted {
    pub(super) fn clean(value: Value) -> Self {
        Self { value, losses: Vec::new() }
    }

    pub(super) fn lossy(value: Value, reason: Reason) -> Self {
        Self { value, losses: vec![Loss { reason, inside: None }] }
    }

    /// With this loss where there is one.
    fn with(value: Value, loss: Option<Reason>) -> Self {
        match loss {
            Some(reason) => Self::lossy(value, reason),
            None => Self::clean(value),
        }
    }
}

/// A number whose whole part is longer than the app allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TooLong {
    pub number: Decimal,
    pub whole: u32,
    /// Where it stands in a table, if it does.
    pub inside: Option<Inside>,
}

/// What conversions look at besides value and field.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// How the app stores numbers; `None` inside a flow, where numbers stay as they are and times keep their seconds.
    precision: Option<NumberPrecision>,
    zone: &'a TimeZone,
    /// Between the items of a list in a text.
    separator: &'a str,
    /// Whether texts are record numbers.
    record_number: bool,
    unknown: UnknownOption,
}

impl<'a> Rules<'a> {
    /// As the app stores what is written to it: lists have one item per line.
    pub(crate) fn stored(precision: NumberPrecision, zone: &'a TimeZone) -> Self {
        Self { precision: Some(precision), zone, separator: "\n", record_number: false, unknown: UnknownOption::ByType }
    }

    /// As a step of a flow asks for it.
    pub(crate) fn of_step(retype: &'a Retype, zone: &'a TimeZone) -> Self {
        let Retype { separator, record_number, unknown, .. } = retype;
        Self { precision: None, zone, separator, record_number: *record_number, unknown: *unknown }
    }

    /// Whether values become what an app stores.
    fn stores(self) -> bool {
        self.precision.is_some()
    }

    /// The seconds as a time field stores them, and the loss: kintone keeps whole minutes.
    fn whole<T: Into<i64> + TryFrom<i64> + Copy>(self, seconds: T) -> (T, Option<Reason>) {
        let all: i64 = seconds.into();
        let beyond = all.rem_euclid(60);
        if !self.stores() || beyond == 0 {
            return (seconds, None);
        }
        (T::try_from(all - beyond).unwrap_or(seconds), Some(Reason::SecondsCut))
    }
}

/// The value as the field takes it.
pub(super) fn convert(value: Value, field: &Field, rules: Rules<'_>) -> Result<Converted, TooLong> {
    let Some(kind) = field.kind() else { return Ok(Converted::lossy(Value::Blank, Reason::NotConvertible)) };
    if value.is_blank() {
        return Ok(Converted::clean(value));
    }
    Ok(match kind {
        Kind::Number => return number(value, rules),
        Kind::Text => text(value, field, rules),
        Kind::Date => date(value, rules),
        Kind::Time => time(value, rules),
        Kind::Datetime => datetime(value, rules),
        Kind::Texts => texts(value, field, rules),
        Kind::Entities => entities(value, rules),
        Kind::Rows => return rows(value, field, rules),
        Kind::Files | Kind::Bool => impossible(),
    })
}

fn impossible() -> Converted {
    Converted::lossy(Value::Blank, Reason::NotConvertible)
}

fn number(value: Value, rules: Rules<'_>) -> Result<Converted, TooLong> {
    let number = match value {
        Value::Number(number) => number,
        Value::Text(text) if rules.record_number => match record_number(&text) {
            Some(number) => i64::from(number).into(),
            None => return Ok(Converted::lossy(Value::Blank, Reason::NotANumber)),
        },
        Value::Text(text) => match text.trim().parse() {
            Ok(number) => number,
            Err(_) => return Ok(Converted::lossy(Value::Blank, Reason::NotANumber)),
        },
        _ => return Ok(impossible()),
    };
    let stored = match rules.precision {
        Some(precision) => store(number, precision)?,
        None => number,
    };
    Ok(Converted::with(Value::Number(stored), (stored != number).then_some(Reason::Rounded)))
}

/// The number of a record number, which may have the app's code in front (`SALES-12`).
pub(crate) fn record_number(text: &str) -> Option<u32> {
    text.rsplit('-').next()?.trim().parse().ok()
}

/// The number as kintone stores it.
fn store(number: Decimal, precision: NumberPrecision) -> Result<Decimal, TooLong> {
    let mode = match precision.rounding {
        RoundingMode::HalfEven => Rounding::HalfEven,
        RoundingMode::Up => Rounding::Up,
        RoundingMode::Down => Rounding::Down,
    };
    let whole = precision.digits.saturating_sub(precision.decimal_places);
    let places = i32::try_from(precision.decimal_places).unwrap_or(i32::MAX);
    let stored = number.round(places, mode).map_err(|_| TooLong { number, whole, inside: None })?;
    if stored.trunc().mantissa().unsigned_abs() >= 10u128.saturating_pow(whole) {
        return Err(TooLong { number, whole, inside: None });
    }
    Ok(stored)
}

fn text(value: Value, field: &Field, rules: Rules<'_>) -> Converted {
    let text = match value {
        Value::Text(text) => text,
        Value::Rows(_) => return impossible(),
        Value::Texts(_) | Value::Entities(_) | Value::Files(_) => labels(value).join(rules.separator),
        other => value_text(&other, rules.zone),
    };
    match field.field_type {
        FieldType::RadioButton | FieldType::DropDown => choose_one(&text, field, rules.unknown),
        _ => Converted::clean(Value::text(text)),
    }
}

/// What people know the items of a list by: the texts, the codes, the file names.
fn labels(value: Value) -> Vec<String> {
    match value {
        Value::Texts(items) => items,
        Value::Entities(items) => items.into_iter().map(|e| e.code).collect(),
        Value::Files(items) => items.into_iter().map(|f| f.name).collect(),
        _ => Vec::new(),
    }
}

fn date(value: Value, rules: Rules<'_>) -> Converted {
    let zone = rules.zone;
    let (days, time) = match value {
        Value::Date(days) => (Some(days), None),
        Value::Datetime(seconds) => local(seconds, zone).map_or((None, None), |(days, time)| (Some(days), Some(time))),
        Value::Text(text) => {
            let time = || local(parse_datetime(&text, zone)?, zone).map(|(_, time)| time);
            (parse_date(&text, zone), rules.stores().then(time).flatten())
        }
        _ => return impossible(),
    };
    match days {
        // Who asks a step for the date of an instant asks for nothing else of it.
        Some(days) => {
            let cut = rules.stores() && time.is_some_and(|time| time != 0);
            Converted::with(Value::Date(days), cut.then_some(Reason::TimeCut))
        }
        None => Converted::lossy(Value::Blank, Reason::NotADate),
    }
}

fn time(value: Value, rules: Rules<'_>) -> Converted {
    let (seconds, has_day) = match value {
        Value::Time(seconds) => (Some(seconds), false),
        Value::Datetime(seconds) => (local(seconds, rules.zone).map(|(_, time)| time), true),
        Value::Text(text) => (parse_time(&text, rules.zone), text.trim().parse::<jiff::Timestamp>().is_ok()),
        _ => return impossible(),
    };
    let Some(seconds) = seconds else { return Converted::lossy(Value::Blank, Reason::NotATime) };
    let (seconds, cut) = rules.whole(seconds);
    let day_cut = (has_day && rules.stores()).then_some(Reason::DayCut);
    Converted::with(Value::Time(seconds), day_cut.or(cut))
}

fn datetime(value: Value, rules: Rules<'_>) -> Converted {
    let seconds = match value {
        Value::Datetime(seconds) => Some(seconds),
        Value::Date(days) => midnight(days, rules.zone),
        Value::Text(text) => parse_datetime(&text, rules.zone),
        _ => return impossible(),
    };
    let Some(seconds) = seconds else { return Converted::lossy(Value::Blank, Reason::NotADatetime) };
    let (seconds, cut) = rules.whole(seconds);
    Converted::with(Value::Datetime(seconds), cut)
}

/// The items of a text that are not blank, without blanks around them.
fn items(text: &str, rules: Rules<'_>) -> Vec<String> {
    text.split(rules.separator).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn texts(value: Value, field: &Field, rules: Rules<'_>) -> Converted {
    match value {
        Value::Texts(_) | Value::Entities(_) | Value::Files(_) => choose_some(&labels(value), field, rules.unknown),
        Value::Text(text) => choose_some(&items(&text, rules), field, rules.unknown),
        Value::Rows(_) => impossible(),
        other => choose_some(&[value_text(&other, rules.zone)], field, rules.unknown),
    }
}

fn entities(value: Value, rules: Rules<'_>) -> Converted {
    let codes = match value {
        Value::Entities(entities) => return Converted::clean(Value::Entities(entities)),
        Value::Texts(items) => items,
        Value::Text(text) => items(&text, rules),
        _ => return impossible(),
    };
    if codes.is_empty() {
        return Converted::clean(Value::Blank);
    }
    Converted::clean(Value::Entities(codes.into_iter().map(|code| Entity { code, name: String::new() }).collect()))
}

/// The rows of a table, with those cells that the target's table has and kintone lets be written.
fn rows(value: Value, field: &Field, rules: Rules<'_>) -> Result<Converted, TooLong> {
    let Value::Rows(rows) = value else { return Ok(impossible()) };
    let (mut converted, mut losses) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, at) in rows.into_iter().zip(1..) {
        let mut cells = Vec::with_capacity(row.cells.len());
        for (code, value) in row.cells {
            let Some(inner) = field.fields.iter().find(|f| f.code == code && f.writable()) else { continue };
            if inner.field_type == FieldType::File {
                continue;
            }
            let inside = || Inside { row: at, code: code.clone() };
            let cell = convert(value.clone(), inner, rules)
                .map_err(|too_long| TooLong { inside: Some(inside()), ..too_long })?;
            losses
                .extend(cell.losses.iter().map(|l| Loss { reason: l.reason, inside: Some((inside(), value.clone())) }));
            cells.push((code, cell.value));
        }
        converted.push(Row { id: row.id, cells });
    }
    Ok(Converted { value: Value::Rows(converted), losses })
}
