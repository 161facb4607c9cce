//! The rows to write, as the target app would store them.

use model::field::{Field, FieldType, Kind};
use model::value::{Row, Value};

use super::changes::Written;
use super::numbers::{RecordNumbering, RowNumbering};
use super::tables::TableRules;
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::convert::{Target, convert_column, is_record_id, record_number};
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
            let written = field.writable();
            if !written && !keys.contains(code) {
                return Err(target.no_field(code));
            }
            let (code, column) = if is_record_id(field) {
                ("$id".to_owned(), record_ids(rows, source, code, target, counts)?)
            } else {
                (code.clone(), stored_column(rows, source, field, target, counts)?)
            };
            fields.push(Mapped { code, mapped: field.code.clone(), column, written, unique: field.unique });
        }
        Ok(Self { rows, target, fields })
    }

    /// A mapped field, with how it is written.
    pub(super) fn written(&self, mapped: &Mapped) -> Result<Written, EngineError> {
        let (field, write) = (self.target.field(&mapped.mapped)?, self.target.write);
        let table = match mapped.column.kind() {
            Kind::Rows => {
                let spec =
                    write.table(&field.code).cloned().unwrap_or_else(|| TableRules::replace(field, &mapped.column));
                let numbers = spec.numbers.iter().map(|n| RowNumbering::new(n, field, self.rows));
                let numbers = numbers.collect::<Result<_, _>>()?;
                Some(TableRules::new(spec, field, write.refresh_lookups, numbers))
            }
            _ => None,
        };
        Ok(Written {
            column: mapped.column.clone(),
            table,
            refresh: write.refresh_lookups && field.lookup,
            unique: field.unique,
            required: field.required,
            files: std::iter::once(field).chain(&field.fields).any(|f| f.field_type == FieldType::File),
        })
    }

    /// The numbers of added records.
    pub(super) fn numbered(&self) -> Result<Vec<RecordNumbering>, EngineError> {
        let specs = self.target.write.numbers.iter();
        specs.map(|spec| RecordNumbering::new(spec, self.target.field(&spec.field)?, self.rows)).collect()
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
        Sample { row: row + 1, group: None, table_row: None, record: self.rows.record(row), value }
    }
}

/// A column as its field stores it. Files stay as they were read: whoever writes them copies them.
fn stored_column(
    rows: &Table,
    source: &Column,
    field: &Field,
    target: &Target<'_>,
    counts: &mut Counts,
) -> Result<Column, EngineError> {
    match (field.kind(), source.kind()) {
        (Some(Kind::Files), Kind::Files) => Ok(source.renamed(&field.code)),
        (Some(Kind::Rows), Kind::Rows) => stored_tables(rows, source, field, target, counts),
        _ => convert_column(rows, source, field, target, counts),
    }
}

/// Tables with the columns that the flow carries, under the codes of the app's table.
fn stored_tables(
    rows: &Table,
    source: &Column,
    field: &Field,
    target: &Target<'_>,
    counts: &mut Counts,
) -> Result<Column, EngineError> {
    let Some(spec) = target.write.table(&field.code) else {
        return convert_column(rows, source, field, target, counts);
    };
    let is_file = |code: &String| field.fields.iter().any(|f| f.code == *code && f.field_type == FieldType::File);
    let (files, plain): (Vec<_>, Vec<_>) = spec.columns.iter().partition(|(_, to)| is_file(to));
    let take = |row: &Row, columns: &[&(String, String)]| -> Vec<(String, Value)> {
        columns.iter().map(|(from, to)| (to.clone(), super::cells::cell(row, from).clone())).collect()
    };
    let shaped = with_rows(source, |row| Row { id: row.id.clone(), cells: take(row, &plain) }, |_, row| row)?;
    let converted = convert_column(rows, &shaped, field, target, counts)?;
    if files.is_empty() {
        return Ok(converted);
    }
    let sources: Vec<Vec<Row>> = (0..source.len()).map(|row| source.table_rows(row).unwrap_or_default()).collect();
    let attach = |(record, at): (usize, usize), mut row: Row| {
        if let Some(source) = sources.get(record).and_then(|rows| rows.get(at)) {
            row.cells.extend(take(source, &files));
        }
        row
    };
    with_rows(&converted, Clone::clone, attach)
}

/// The column with other rows in its tables; `then` also gets the row's record and place.
fn with_rows(
    column: &Column,
    first: impl Fn(&Row) -> Row,
    then: impl Fn((usize, usize), Row) -> Row,
) -> Result<Column, EngineError> {
    let mut builder = ColumnBuilder::new(Kind::Rows);
    for record in 0..column.len() {
        let rows = column.table_rows(record).unwrap_or_default();
        let rows: Vec<Row> = rows.iter().enumerate().map(|(at, row)| then((record, at), first(row))).collect();
        let value = if rows.is_empty() { Value::Blank } else { Value::Rows(rows) };
        builder.push_value(&value).map_err(|_| EngineError::plan("a table's rows are not stored"))?;
    }
    Column::new(column.name(), Kind::Rows, builder.finish().map_err(|e| e.of(column.name()))?)
}

/// Record ids from `$id` or a record number.
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
            Value::Text(text) => record_number(text).map(|id| Value::Number(i64::from(id).into())),
            _ => None,
        };
        let told = || shown(&value_text(&value, target.zone));
        if id.is_none() && target.strict {
            let place = Place { step: target.step.to_owned(), ..*rows.place(code, row) };
            return Err(EngineError::Conversion { place: Box::new(place), value: told(), reason: Reason::NotANumber });
        }
        if id.is_none() {
            counts.add(code, Reason::NotANumber, || Sample {
                row: row + 1,
                group: None,
                table_row: None,
                record: rows.record(row),
                value: told(),
            });
        }
        builder.push_value(&id.unwrap_or_default()).map_err(|e| EngineError::plan(e.to_string()))?;
    }
    Column::new("$id", Kind::Number, builder.finish().map_err(|e| e.of(code))?)
}
