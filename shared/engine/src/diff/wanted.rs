//! The rows to write, as the target app would store them.

use model::field::{FieldType, Kind};
use model::value::Value;

use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::convert::{Target, convert_column, is_record_id};
use crate::error::{EngineError, Place};
use crate::report::{Counts, Reason, Sample, shown};
use crate::table::Table;
use crate::text::value_text;

/// A mapped field with the rows' values.
#[derive(Clone, Debug)]
pub(super) struct Mapped {
    /// Field code; `$id` for every field that names the record.
    pub code: String,
    /// The code in the mapping and in the keys: differs from `code` for the record number.
    pub mapped: String,
    /// The values, as the field stores them.
    pub column: Column,
    /// Whether the field is written; a key may be a field that is not.
    pub written: bool,
    /// Whether no two records of the app share a value.
    pub unique: bool,
}

/// All mapped fields of the rows.
pub(super) struct Wanted<'a> {
    pub rows: &'a Table,
    pub target: &'a Target<'a>,
    pub fields: Vec<Mapped>,
}

impl<'a> Wanted<'a> {
    /// Converts the rows. Fails for a field that the app does not have, or that is neither written nor a key.
    pub(super) fn new(rows: &'a Table, target: &'a Target<'a>, counts: &mut Counts) -> Result<Self, EngineError> {
        let keys: &[String] = match &target.write.method {
            flow::plan::Method::Update { key, .. } => key,
            _ => &[],
        };
        let mut fields = Vec::with_capacity(target.write.mapping.len());
        for (index, code) in &target.write.mapping {
            let field = target.field(code)?;
            let source = rows.columns().get(*index).ok_or_else(|| EngineError::plan(format!("no column {index}")))?;
            // Files would have to be fetched and sent anew; a stored key is of no use in another record.
            let written = field.writable() && field.field_type != FieldType::File;
            if !written && !keys.contains(code) {
                return Err(target.no_field(code));
            }
            let (code, column) = if is_record_id(field) {
                ("$id".to_owned(), record_ids(rows, source, code, target, counts)?)
            } else {
                (code.clone(), convert_column(rows, source, field, target, counts)?)
            };
            fields.push(Mapped { code, mapped: field.code.clone(), column, written, unique: field.unique });
        }
        Ok(Self { rows, target, fields })
    }

    /// The mapped fields of a key, in the key's order.
    pub(super) fn key(&self, key: &[String]) -> Result<Vec<&Mapped>, EngineError> {
        let part = |code: &String| {
            self.fields
                .iter()
                .find(|f| f.mapped == *code)
                .ok_or_else(|| EngineError::plan(format!("key {code} is not mapped")))
        };
        if key.is_empty() {
            return Err(EngineError::plan("an update without a key"));
        }
        key.iter().map(part).collect()
    }

    /// The key of a row, for a message.
    pub(super) fn key_text(&self, key: &[&Mapped], row: usize) -> String {
        let text = |part: &&Mapped| value_text(&part.column.value(row), self.target.zone);
        shown(&key.iter().map(text).collect::<Vec<_>>().join(", "))
    }

    /// Where a row stands, for a count.
    pub(super) fn sample(&self, row: usize, value: String) -> Sample {
        Sample { row: row + 1, record: self.rows.record(row), value }
    }
}

/// Record ids from `$id` or a record number, which may have the app's code in front (`SALES-12`).
fn record_ids(
    rows: &Table,
    source: &Column,
    code: &str,
    target: &Target<'_>,
    counts: &mut Counts,
) -> Result<Column, EngineError> {
    let mut builder = ColumnBuilder::new(Kind::Number);
    for row in 0..rows.rows() {
        let value = source.value(row);
        let id = match &value {
            Value::Blank => Some(Value::Blank),
            Value::Number(number) => number.to_i64().filter(|id| *id > 0).map(|_| Value::Number(*number)),
            Value::Text(text) => text
                .rsplit('-')
                .next()
                .and_then(|digits| digits.trim().parse::<u32>().ok())
                .map(|id| Value::Number(i64::from(id).into())),
            _ => None,
        };
        let told = || shown(&value_text(&value, target.zone));
        if id.is_none() && target.strict {
            let place = Place { step: target.step.to_owned(), ..*rows.place(code, row) };
            return Err(EngineError::Conversion { place: Box::new(place), value: told(), reason: Reason::NotANumber });
        }
        if id.is_none() {
            counts.add(code, Reason::NotANumber, || Sample { row: row + 1, record: rows.record(row), value: told() });
        }
        builder.push_value(&id.unwrap_or_default()).map_err(|e| EngineError::plan(e.to_string()))?;
    }
    Column::new("$id", Kind::Number, builder.finish().map_err(|e| e.of(code))?)
}
