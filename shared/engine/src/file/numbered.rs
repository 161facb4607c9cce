//! Columns of numbers in a file to write: whoever knows the numbers puts them behind the rows' own columns.

use flow::plan::{Column as Shape, OutColumn, WriteFile};
use model::field::Kind;
use model::numbering;

use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::EngineError;
use crate::table::Table;

/// The rows with their numbers as columns, and the writing of them. `given` holds the numbers of each column of numbers, a
/// number per row; where they are not known yet the cells are blank.
pub fn with_numbers(table: &Table, spec: &WriteFile, given: &[Vec<u64>]) -> Result<(Table, WriteFile), EngineError> {
    let (mut columns, mut spec) = (table.columns().to_vec(), spec.clone());
    for (index, numbers) in std::mem::take(&mut spec.numbers).into_iter().enumerate() {
        let known = given.get(index).map(Vec::as_slice).unwrap_or_default();
        let mut builder = ColumnBuilder::new(Kind::Text);
        for row in 0..table.rows() {
            let number = known.get(row);
            let text = number.map(|n| numbering::text(*n, numbers.digits, &numbers.prefix, &numbers.suffix));
            let value = text.map_or(model::value::Value::Blank, model::value::Value::text);
            builder.push_value(&value).map_err(|e| EngineError::plan(e.to_string()))?;
        }
        let shape = Shape::new(&numbers.title, Kind::Text);
        spec.columns.push(OutColumn { column: columns.len(), title: numbers.title, format: None });
        columns.push(Column::new(&shape.name, Kind::Text, builder.finish().map_err(|e| e.of(&shape.name))?)?);
    }
    Ok((table.with_columns(columns)?, spec))
}
