//! A table: columns of equal length, and the whole-table operations that operators are made of.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow_select::filter::FilterBuilder;
use arrow_select::take::take as take_rows;
use model::field::Kind;
use model::value::Value;

use crate::column::Column;
use crate::concat::concat_column;
use crate::error::{EngineError, Place};
use crate::number::{decimal, scale_of};

/// Rows as columns. Cloning shares the columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
    /// The ids of the records that the rows come from, for messages: no step sees them. Kept as long as a row stands for
    /// one record.
    origins: Option<ArrayRef>,
}

impl Table {
    /// A table of columns that each have `rows` values.
    pub(crate) fn new(columns: Vec<Column>, rows: usize) -> Result<Self, EngineError> {
        if let Some(short) = columns.iter().find(|c| c.len() != rows) {
            return Err(EngineError::plan(format!("column \"{}\": {} of {rows} rows", short.name(), short.len())));
        }
        Ok(Self { columns, rows, origins: None })
    }

    /// The first `wanted` columns of the same rows, with the column `ids`, of record ids, as what messages name their records by.
    pub fn with_origins(mut self, ids: usize, wanted: usize) -> Result<Self, EngineError> {
        let ids = self.columns.get(ids).filter(|ids| ids.kind() == Kind::Number);
        self.origins = Some(ids.ok_or_else(|| EngineError::plan("no record ids"))?.array().clone());
        self.columns.truncate(wanted);
        Ok(self)
    }

    /// The same rows, each of them from the record of that row of `input`, where the row is known.
    pub(crate) fn originating(mut self, input: &Table, rows: Option<&UInt32Array>) -> Result<Self, EngineError> {
        self.origins = match (&input.origins, rows) {
            (Some(origins), Some(rows)) => Some(take_rows(origins, rows, None)?),
            (origins, None) => origins.clone(),
            (None, _) => None,
        };
        Ok(self)
    }

    /// A table without rows.
    pub fn empty(columns: &[flow::plan::Column]) -> Self {
        let columns = columns.iter().map(|c| Column::blank(c.name.clone(), c.kind, 0)).collect();
        Self { columns, rows: 0, origins: None }
    }

    /// A table of rows of values, each as wide as there are columns.
    pub fn from_rows(columns: &[flow::plan::Column], rows: &[Vec<Value>]) -> Result<Self, EngineError> {
        let mut builder = crate::TableBuilder::new(columns);
        for row in rows {
            for (column, value) in row.iter().enumerate() {
                builder.push_value(column, value)?;
            }
            builder.close_row();
        }
        builder.finish()
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name() == name)
    }

    /// A value; blank outside the table.
    pub fn value(&self, row: usize, column: usize) -> Value {
        match self.columns.get(column) {
            Some(found) if row < self.rows => found.value(row),
            _ => Value::Blank,
        }
    }

    /// The rows, owned, in order: for tests, previews and small results.
    pub fn to_rows(&self) -> Vec<Vec<Value>> {
        (0..self.rows).map(|row| self.columns.iter().map(|c| c.value(row)).collect()).collect()
    }

    /// The first rows, at most so many.
    pub fn first(&self, rows: usize) -> Self {
        let rows = rows.min(self.rows);
        let origins = self.origins.as_ref().map(|ids| ids.slice(0, rows));
        Self { columns: self.columns.iter().map(|c| c.with_array(c.array().slice(0, rows))).collect(), rows, origins }
    }

    /// The record that a row comes from, where that is known, or where the table has `$id` or a record number under its
    /// usual name.
    pub(crate) fn record(&self, row: usize) -> Option<String> {
        if let Some(ids) = self.origins.as_ref().filter(|ids| row < ids.len() && ids.is_valid(row)) {
            let mantissa = ids.as_primitive::<Decimal128Type>().value(row);
            return Some(decimal(mantissa, scale_of(ids.data_type())).to_string());
        }
        const NAMES: [&str; 3] = ["レコード番号", "Record_number", "$id"];
        NAMES.iter().find_map(|name| match self.column(name)?.value(row) {
            Value::Text(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// Where a value stands, for a message.
    pub(crate) fn place(&self, field: &str, row: usize) -> Box<Place> {
        Box::new(Place { record: self.record(row), ..Place::field(field).at(row) })
    }

    /// The rows for which the mask is true.
    pub(crate) fn filter(&self, mask: &BooleanArray) -> Result<Self, EngineError> {
        let predicate = FilterBuilder::new(mask).optimize().build();
        let few = predicate.count() < self.rows / 4;
        let columns = self.columns.iter().map(|c| {
            let kept = predicate.filter(c.array())?;
            // A text column shares the bytes of the column it comes from. Where little is left of it, what is left is
            // copied, so that the rest can go.
            let kept = match kept.as_string_view_opt() {
                Some(texts) if few => Arc::new(texts.gc()),
                _ => kept,
            };
            Ok(c.with_array(kept))
        });
        let origins = self.origins.as_ref().map(|ids| predicate.filter(ids)).transpose()?;
        Ok(Self { columns: columns.collect::<Result<_, EngineError>>()?, rows: predicate.count(), origins })
    }

    /// These rows, in this order; a row may come several times.
    pub(crate) fn take(&self, rows: &UInt32Array) -> Result<Self, EngineError> {
        let columns = self.columns.iter().map(|c| Ok(c.with_array(take_rows(c.array(), rows, None)?)));
        let origins = self.origins.as_ref().map(|ids| take_rows(ids, rows, None)).transpose()?;
        Ok(Self { columns: columns.collect::<Result<_, EngineError>>()?, rows: rows.len(), origins })
    }

    /// The same rows, with these columns instead.
    pub(crate) fn with_columns(&self, columns: Vec<Column>) -> Result<Self, EngineError> {
        Ok(Self { origins: self.origins.clone(), ..Self::new(columns, self.rows)? })
    }

    /// All rows of all tables, in order. The tables have the same columns; scales of numbers may differ.
    ///
    /// Column by column, so that at no time more than one column stands in memory twice.
    pub fn concat(tables: Vec<Table>) -> Result<Table, EngineError> {
        let mut tables = tables.into_iter();
        let Some(first) = tables.next() else { return Ok(Table::default()) };
        let shape: Vec<(String, Kind)> = first.columns.iter().map(|c| (c.name().to_owned(), c.kind())).collect();
        let mut rows = first.rows;
        let mut parts: Vec<Vec<ArrayRef>> = first.columns.into_iter().map(|c| vec![c.into_array()]).collect();
        for table in tables {
            if table.columns.len() != shape.len()
                || table.columns.iter().zip(&shape).any(|(c, (name, kind))| c.name() != name || c.kind() != *kind)
            {
                return Err(EngineError::plan("tables of different columns cannot follow one another"));
            }
            rows += table.rows;
            for (part, column) in parts.iter_mut().zip(table.columns) {
                part.push(column.into_array());
            }
        }
        let mut columns = Vec::with_capacity(shape.len());
        for ((name, kind), part) in shape.into_iter().zip(parts) {
            let array = concat_column(part, kind).map_err(|e| e.of(&name))?;
            columns.push(Column::new(name, kind, array)?);
        }
        Table::new(columns, rows)
    }
}
