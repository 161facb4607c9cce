//! What differs between the rows to write and what the target app holds: the least to add, change and delete.

mod cells;
mod changes;
mod files;
mod keyed;
mod numbers;
mod order;
mod regenerate;
mod restore;
mod sequence;
mod tables;
mod wanted;

use flow::plan::{Column as Shape, Method, Write};
use model::field::{AppSchema, Kind};
use model::value::Value;

pub use cells::comparable;
pub use changes::{Changes, Delete, Record, Skipped, Update};
pub use numbers::Demand;
pub use restore::{restore, restoring};
pub use sequence::{Batch, Put};

use crate::convert::{Target, is_record_id};
use crate::error::{EngineError, Place};
use crate::report::Counts;
use crate::table::Table;
use wanted::Wanted;

/// The columns that [`diff`] needs of the target app's records: `$id`, `$revision` and the mapped fields, named by field
/// code. Empty where nothing needs to be read.
pub fn target_fields(write: &Write, schema: &AppSchema) -> Vec<Shape> {
    if write.method == Method::Append {
        return Vec::new();
    }
    let own = ["$id", "$revision"].map(|name| Shape::new(name, Kind::Number));
    let mapped = write.mapping.iter().filter_map(|(_, code)| schema.field(code)).filter(|field| !is_record_id(field));
    let mapped = mapped.filter_map(Shape::of_field);
    own.into_iter().chain(mapped).collect()
}

/// The values of one key field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValues {
    /// Field code; `$id` also where the key is the record number.
    pub field: String,
    /// The different values of the rows to write, in order of first appearance, without blank, as the field stores them.
    pub values: Vec<Value>,
}

/// For each key field of an update, the values that occur: a caller may read only the records that have one of them in one
/// of the fields. Empty for the other methods, which need all records or none.
pub fn key_values(rows: &Table, target: &Target<'_>) -> Result<Vec<KeyValues>, EngineError> {
    let Method::Update { key, .. } = &target.write.method else { return Ok(Vec::new()) };
    // Only the keys are converted here; the rest is when it is compared.
    let mapping = target.write.mapping.iter().filter(|(_, code)| key.contains(code)).cloned().collect();
    let write = Write { mapping, tables: Vec::new(), numbers: Vec::new(), ..target.write.clone() };
    let target = Target { write: &write, ..*target };
    let wanted = Wanted::new(rows, &target, &mut Counts::default())?;
    let mut all = Vec::with_capacity(key.len());
    for part in wanted.key(key)? {
        let mut values = indexmap::IndexSet::new();
        values.extend((0..rows.rows()).map(|row| part.column.value(row)).filter(|v| !v.is_blank()));
        all.push(KeyValues { field: part.code.clone(), values: values.into_iter().collect() });
    }
    Ok(all)
}

/// The changes that make the app hold what the method says.
///
/// `present` are records of the app with the columns of [`target_fields`]: for an update at least those whose key is among
/// the rows' keys, for a regeneration all of them, for appending none.
pub fn diff(rows: &Table, target: &Target<'_>, present: &Table) -> Result<Changes, EngineError> {
    let told = |e: EngineError| e.in_step(target.step);
    let mut counts = Counts::default();
    let wanted = Wanted::new(rows, target, &mut counts).map_err(told)?;
    let mut changes = Changes::new(&wanted, present, counts).map_err(told)?;
    changes::check_tables(&mut changes, &wanted).map_err(told)?;
    match &target.write.method {
        Method::Append => changes.adds = (0..rows.rows()).collect(),
        Method::Update { key, insert } => keyed::update(&wanted, key, *insert, &mut changes).map_err(told)?,
        Method::Regenerate { allow_empty } => {
            if rows.rows() == 0 && !allow_empty {
                return Err(EngineError::EmptyResult { step: target.step.to_owned() });
            }
            regenerate::regenerate(&wanted, &mut changes).map_err(told)?;
        }
    }
    Ok(changes)
}

/// A column of the records, by field code.
fn present_column<'a>(present: &'a Table, code: &str) -> Result<&'a crate::column::Column, EngineError> {
    present.column(code).ok_or_else(|| EngineError::Field { place: Box::new(Place::field(code)) })
}
