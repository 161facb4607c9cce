//! Fills a table row by row while records are parsed.
//!
//! Values go into chunks of 8,192 rows, so a growing column never copies what it already holds, and numbers of a chunk
//! need only the scale of that chunk. Chunks become one column at the end, one column at a time.

mod column;
mod list;
mod number;

use flow::plan::Column as Shape;
use model::value::{Cell, RecordSink, SinkError, Value};

use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::table::Table;

pub(crate) use column::{ColumnBuilder, Refusal};

/// Builds a [`Table`] as a [`RecordSink`].
#[derive(Debug)]
pub struct TableBuilder {
    names: Vec<String>,
    columns: Vec<ColumnBuilder>,
    rows: usize,
}

impl TableBuilder {
    /// A builder of a table of these columns.
    pub fn new(columns: &[Shape]) -> Self {
        Self {
            names: columns.iter().map(|c| c.name.clone()).collect(),
            columns: columns.iter().map(|c| ColumnBuilder::new(c.kind)).collect(),
            rows: 0,
        }
    }

    /// How many rows are complete.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A value of the current row, as [`RecordSink::push`], from an owned value (which may be a truth value).
    pub fn push_value(&mut self, column: usize, value: &Value) -> Result<(), EngineError> {
        let row = self.rows;
        let place = |names: &[String]| Box::new(Place::field(names.get(column).map_or("", String::as_str)).at(row));
        self.add(column, |c| c.push_value(value)).map_err(|refusal| refusal.error(place(&self.names)))
    }

    /// The row is complete; columns without a value in it are blank.
    pub fn close_row(&mut self) {
        self.rows += 1;
        for column in &mut self.columns {
            if column.len() < self.rows {
                column.push_blank();
            }
        }
    }

    /// The table of all complete rows.
    pub fn finish(mut self) -> Result<Table, EngineError> {
        let open = self.columns.iter().any(|c| c.len() > self.rows);
        if open {
            return Err(EngineError::plan("a row was begun and not ended"));
        }
        let mut columns = Vec::with_capacity(self.columns.len());
        for (name, builder) in self.names.into_iter().zip(self.columns.drain(..)) {
            let kind = builder.kind();
            let array = builder.finish().map_err(|e| e.of(&name))?;
            columns.push(Column::new(name, kind, array)?);
        }
        Table::new(columns, self.rows)
    }

    fn add(
        &mut self,
        column: usize,
        push: impl FnOnce(&mut ColumnBuilder) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let rows = self.rows;
        let builder = self.columns.get_mut(column).ok_or_else(|| Refusal::Other("no such column".into()))?;
        if builder.len() > rows {
            return Err(Refusal::Other("a second value for one field of one row".into()));
        }
        push(builder)
    }
}

impl RecordSink for TableBuilder {
    fn push(&mut self, column: usize, value: Cell<'_>) -> Result<(), SinkError> {
        let row = self.rows + 1;
        self.add(column, |c| c.push(value))
            .map_err(|refusal| SinkError { column, reason: format!("row {row}: {refusal}") })
    }

    fn end_row(&mut self) -> Result<(), SinkError> {
        self.close_row();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
