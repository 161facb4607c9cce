//! Makes tables of rows.

use arrow_array::UInt32Array;
use arrow_select::take::take;
use flow::plan::{Column as Shape, Nest};
use model::field::Kind;
use model::value::{Row, Value};

use super::select::{column, named};
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::EngineError;
use crate::ids::{Groups, groups};
use crate::order::codes;
use crate::table::Table;

/// One row per key with a table of the rows of that key.
pub(crate) fn nest(input: &Table, spec: &Nest, shape: &[Shape]) -> Result<Table, EngineError> {
    let keys = spec.keys.iter().map(|i| column(input, *i)).collect::<Result<Vec<_>, _>>()?;
    let groups = groups(&keys, input.rows())?;
    let rows = by_group(input, spec, &groups)?;
    let mut tables = ColumnBuilder::new(Kind::Rows);
    let cells =
        spec.cells.iter().map(|c| Ok((&c.name, column(input, c.column)?))).collect::<Result<Vec<_>, EngineError>>()?;
    let ids = spec.row_id.map(|i| column(input, i)).transpose()?;
    for rows in rows {
        let rows = rows.into_iter().map(|row| row_of(&cells, ids, row as usize));
        let rows = rows.filter(|row| spec.keep_blank || !is_blank(row)).collect();
        tables.push_value(&Value::Rows(rows)).map_err(|refusal| EngineError::plan(refusal.to_string()))?;
    }
    let firsts = UInt32Array::from(groups.firsts.clone());
    let mut columns = Vec::with_capacity(shape.len());
    for key in keys {
        columns.push(key.with_array(take(key.array(), &firsts, None)?));
    }
    let name = shape.last().map_or("", |column| column.name.as_str());
    columns.push(Column::new(name, Kind::Rows, tables.finish().map_err(|e| e.of(name))?)?);
    named(Table::new(columns, groups.len())?, shape)
}

/// The rows of each group, in the order of the tables.
fn by_group(input: &Table, spec: &Nest, groups: &Groups) -> Result<Vec<Vec<u32>>, EngineError> {
    let order = if spec.order.is_empty() { None } else { Some(codes(input, &spec.order, None)?.sorted()) };
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); groups.len()];
    let mut add = |row: u32| {
        if let Some(group) = groups.of.get(row as usize).and_then(|group| rows.get_mut(*group as usize)) {
            group.push(row);
        }
    };
    match order {
        Some(order) => order.into_iter().for_each(&mut add),
        None => (0u32..).take(input.rows()).for_each(&mut add),
    }
    Ok(rows)
}

fn row_of(cells: &[(&String, &Column)], ids: Option<&Column>, row: usize) -> Row {
    let id = ids.and_then(|ids| match ids.value(row) {
        Value::Number(number) => Some(number.to_string()),
        Value::Text(text) => Some(text),
        _ => None,
    });
    Row { id, cells: cells.iter().map(|(name, column)| ((*name).clone(), column.value(row))).collect() }
}

fn is_blank(row: &Row) -> bool {
    row.id.is_none() && row.cells.iter().all(|(_, value)| value.is_blank())
}
