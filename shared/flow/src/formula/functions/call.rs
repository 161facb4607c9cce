//! The arguments of a call, as the bodies of functions ask for them: one value, a number, a day, the elements of a list.

use std::borrow::Cow;
use std::ops::Range;

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::code::Code;
use super::super::eval::{Outcome, Scope};
use super::super::{calendar, convert, era, serial};
use super::Return;

/// The arguments of a call, not yet computed.
pub(in super::super) struct Call<'a> {
    pub args: &'a [Code],
    pub scope: Scope<'a>,
}

impl<'a> Call<'a> {
    /// How many arguments there are.
    pub fn len(&self) -> usize {
        self.args.len()
    }

    /// The flow's time zone.
    pub fn zone(&self) -> &'a TimeZone {
        self.scope.ctx.zone
    }

    /// True where the argument is there, be it blank.
    pub fn has(&self, at: usize) -> bool {
        at < self.len()
    }

    /// The value of an argument; one that is not there is blank.
    pub fn value(&self, at: usize) -> Outcome<'a> {
        self.args.get(at).map_or(Ok(Cow::Owned(Value::Blank)), |code| self.scope.eval(code))
    }

    /// The same, as a value of its own.
    pub fn owned(&self, at: usize) -> Return {
        self.value(at).map(Cow::into_owned)
    }

    /// An argument as a number.
    pub fn number(&self, at: usize) -> Result<Decimal, ErrorValue> {
        convert::number(&*self.value(at)?)
    }

    /// An argument as a whole number, its fraction dropped.
    pub fn whole(&self, at: usize) -> Result<i64, ErrorValue> {
        self.number(at)?.trunc().to_i64().ok_or(ErrorValue::Num)
    }

    /// The same, or `default` where the argument is not there.
    pub fn whole_or(&self, at: usize, default: i64) -> Result<i64, ErrorValue> {
        if self.has(at) { self.whole(at) } else { Ok(default) }
    }

    /// An argument as a condition.
    pub fn truth(&self, at: usize) -> Result<bool, ErrorValue> {
        convert::truth(&*self.value(at)?)
    }

    /// An argument as a text.
    pub fn text(&self, at: usize) -> Result<String, ErrorValue> {
        Ok(match self.value(at)? {
            Cow::Owned(Value::Text(text)) => text,
            other => convert::text(&other, self.zone())?.into_owned(),
        })
    }

    /// An argument as a day: see [`day_of`]. None for blank.
    pub fn day(&self, at: usize) -> Result<Option<i32>, ErrorValue> {
        day_of(&*self.value(at)?, self.zone())
    }

    /// Hands on the elements of an argument, blank ones too: the cells of a table's column, the parts of a list (users by code,
    /// files by name). Any other value is its own one element.
    pub fn each(&self, at: usize, visit: &mut dyn FnMut(&Value) -> Result<(), ErrorValue>) -> Result<(), ErrorValue> {
        if let Some(Code::TableColumn(column)) = self.args.get(at) {
            return self.scope.cells(column)?.iter().try_for_each(visit);
        }
        let value = self.value(at)?;
        let mut text = |text: &str| visit(&Value::text(text));
        match &*value {
            Value::Texts(texts) => texts.iter().try_for_each(|t| text(t)),
            Value::Entities(entities) => entities.iter().try_for_each(|entity| text(&entity.code)),
            Value::Files(files) => files.iter().try_for_each(|file| text(&file.name)),
            other => visit(other),
        }
    }

    /// The elements of an argument, as [`Call::each`] hands them on.
    pub fn elements(&self, at: usize) -> Result<Vec<Value>, ErrorValue> {
        let mut all = Vec::new();
        self.each(at, &mut |value| {
            all.push(value.clone());
            Ok(())
        })?;
        Ok(all)
    }

    /// The texts of the elements of these arguments that are not blank.
    pub fn texts(&self, arguments: Range<usize>) -> Result<Vec<String>, ErrorValue> {
        let mut all = Vec::new();
        for at in arguments {
            self.each(at, &mut |value| {
                if !value.is_blank() {
                    all.push(convert::text(value, self.zone())?.into_owned());
                }
                Ok(())
            })?;
        }
        Ok(all)
    }
}

/// A value as a day: a date, the local day of an instant, a text that reads as either or as a date of a Japanese era, or a
/// number that Excel shows as a date. None for blank.
pub(super) fn day_of(value: &Value, zone: &TimeZone) -> Result<Option<i32>, ErrorValue> {
    Ok(Some(match value {
        Value::Blank => return Ok(None),
        Value::Date(day) => *day,
        Value::Datetime(instant) => calendar::local(*instant, zone)?.0,
        Value::Number(n) => serial::to_day(*n)?,
        Value::Text(text) => match calendar::parse_date(text).or_else(|| era::parse(text)) {
            Some(day) => day,
            None => {
                let instant = calendar::parse_instant(text, zone).ok_or(ErrorValue::Value)?;
                calendar::local(instant, zone)?.0
            }
        },
        _ => return Err(ErrorValue::Value),
    }))
}

/// A list of texts as a value: blank where there is none.
pub(super) fn list(texts: Vec<String>) -> Value {
    if texts.is_empty() { Value::Blank } else { Value::Texts(texts) }
}
