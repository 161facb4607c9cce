//! The cells of a file to write: which columns, how their values read, and what is counted.

use std::borrow::Cow;

use flow::plan::{Format, OutColumn, WriteFile};
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::{Entity, Value};

use super::FileContext;
use super::problem::FileProblem;
use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::report::{Counts, Reason, Sample, shown};
use crate::table::Table;
use crate::text::{date_of, local, value_text};

/// A table on its way into a file.
pub(super) struct Printing<'a> {
    pub(super) table: &'a Table,
    pub(super) spec: &'a WriteFile,
    pub(super) columns: Vec<(&'a OutColumn, &'a Column)>,
    pub(super) context: &'a FileContext<'a>,
    counts: &'a mut Counts,
}

impl<'a> Printing<'a> {
    pub(super) fn new(
        table: &'a Table,
        spec: &'a WriteFile,
        context: &'a FileContext<'a>,
        counts: &'a mut Counts,
    ) -> Result<Self, EngineError> {
        let columns = spec.columns.iter().map(|out| {
            let column = table.columns().get(out.column);
            column.map(|c| (out, c)).ok_or_else(|| EngineError::plan(format!("no column {} to write", out.column)))
        });
        let columns = columns.collect::<Result<_, _>>().map_err(|e| e.in_step(context.step))?;
        Ok(Self { table, spec, columns, context, counts })
    }

    /// The names of the columns.
    pub(super) fn titles(&self) -> Vec<String> {
        self.columns.iter().map(|(out, _)| out.title.clone()).collect()
    }

    /// An error of the file.
    pub(super) fn problem(&self, problem: FileProblem) -> EngineError {
        self.context.problem(problem)
    }

    /// Counts a value that changes on its way, or fails in strict mode.
    pub(super) fn changed(&mut self, title: &str, reason: Reason, row: usize, text: &str) -> Result<(), EngineError> {
        let record = self.table.record(row);
        if self.context.strict {
            let place = Place { step: self.context.step.to_owned(), record, ..Place::field(title).at(row) };
            return Err(EngineError::Conversion { place: Box::new(place), value: shown(text), reason });
        }
        self.counts.add(title, reason, || Sample {
            row: row + 1,
            group: None,
            table_row: None,
            record,
            value: shown(text),
        });
        Ok(())
    }

    /// Counts something that the step asks for. Without a row it is about the header.
    pub(super) fn count(&mut self, title: &str, reason: Reason, row: Option<usize>, text: &str) {
        let record = row.and_then(|row| self.table.record(row));
        let row = row.map_or(0, |row| row + 1);
        self.counts.add(title, reason, || Sample { row, group: None, table_row: None, record, value: shown(text) });
    }

    /// The text of a cell.
    pub(super) fn text(&mut self, column: usize, row: usize) -> Result<Cow<'a, str>, EngineError> {
        let (out, values) = self.columns[column];
        if let Some(text) = values.text(row) {
            return Ok(Cow::Borrowed(text));
        }
        let value = values.value(row);
        if let (Value::Entities(entities), true) = (&value, self.spec.by_name) {
            return self.names(entities, &out.title, row).map(Cow::Owned);
        }
        let formatted = out.format.as_ref().and_then(|format| in_format(&value, format, self.context.zone));
        Ok(Cow::Owned(formatted.unwrap_or_else(|| value_text(&value, self.context.zone))))
    }

    /// Names, one per line; a code where there is no name.
    fn names(&mut self, entities: &[Entity], title: &str, row: usize) -> Result<String, EngineError> {
        let mut names = Vec::with_capacity(entities.len());
        for entity in entities {
            if entity.name.is_empty() {
                self.changed(title, Reason::NameUnknown, row, &entity.code)?;
                names.push(entity.code.as_str());
            } else {
                names.push(entity.name.as_str());
            }
        }
        Ok(names.join("\n"))
    }
}

/// The value in a format; `None` where the format is not about such values.
fn in_format(value: &Value, format: &Format, zone: &TimeZone) -> Option<String> {
    let (days, seconds) = match (value, format) {
        (Value::Number(number), Format::Grouped) => return Some(grouped(*number)),
        (Value::Date(days), Format::Date(_)) => (*days, 0),
        (Value::Time(seconds), Format::Date(_)) => (0, *seconds),
        (Value::Datetime(seconds), Format::Date(_)) => local(*seconds, zone)?,
        _ => return None,
    };
    let Format::Date(pattern) = format else { return None };
    let midnight = DateTime::from_parts(date_of(days)?, Time::midnight());
    Some(pattern.format(midnight.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).ok()?))
}

/// A number with commas between groups of three digits.
fn grouped(number: Decimal) -> String {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(w, d)| (w, Some(d)));
    let mut out = sign.to_owned();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(decimals) = decimals {
        out.push('.');
        out += decimals;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups() {
        for (text, wanted) in [
            ("0", "0"),
            ("999", "999"),
            ("-1000", "-1,000"),
            ("1234567.25", "1,234,567.25"),
            ("-123456", "-123,456"),
            ("123456789012345678901234567890", "123,456,789,012,345,678,901,234,567,890"),
        ] {
            assert_eq!(grouped(text.parse().unwrap()), wanted);
        }
    }
}
