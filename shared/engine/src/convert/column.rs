//! A whole column for one field.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use model::field::{Field, FieldType, Kind, NumberPrecision};

use super::Target;
use super::cell::{Rules, TooLong, convert};
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::report::{Counts, Sample, shown};
use crate::table::Table;
use crate::text::value_text;

/// The column as the field takes it, named by the field's code. What is lost is counted, or an error in strict mode.
pub(crate) fn convert_column(
    rows: &Table,
    column: &Column,
    field: &Field,
    target: &Target<'_>,
    counts: &mut Counts,
) -> Result<Column, EngineError> {
    let kind = field.kind().ok_or_else(|| target.no_field(&field.code))?;
    if fits(column, field, target.schema.precision) {
        return Ok(column.renamed(&field.code));
    }
    let place = |row: usize| Box::new(Place { step: target.step.to_owned(), ..*rows.place(&field.code, row) });
    let rules = Rules { precision: target.schema.precision, zone: target.zone };
    let mut builder = ColumnBuilder::new(kind);
    for row in 0..rows.rows() {
        let value = column.value(row);
        let told = || shown(&value_text(&value, target.zone));
        let converted = convert(value.clone(), field, rules).map_err(|TooLong { number, whole }| {
            EngineError::NumberTooLong { place: place(row), value: number.to_string(), whole }
        })?;
        if let Some(reason) = converted.loss {
            if target.strict {
                return Err(EngineError::Conversion { place: place(row), value: told(), reason });
            }
            counts.add(&field.code, reason, || Sample { row: row + 1, record: rows.record(row), value: told() });
        }
        builder.push_value(&converted.value).map_err(|_| EngineError::Overflow { place: place(row) })?;
    }
    Column::new(&field.code, kind, builder.finish().map_err(|e| e.of(&field.code))?)
}

/// Whether every value of the column is already what the field stores, so that the column can be shared.
fn fits(column: &Column, field: &Field, precision: NumberPrecision) -> bool {
    use FieldType as T;
    if field.kind() != Some(column.kind()) {
        return false;
    }
    match field.field_type {
        T::SingleLineText | T::MultiLineText | T::RichText | T::Link | T::Date => true,
        T::UserSelect | T::OrganizationSelect | T::GroupSelect => true,
        T::Number if column.kind() == Kind::Number && column.scale() <= precision.decimal_places => {
            let digits = precision.digits.saturating_sub(precision.decimal_places) + column.scale();
            let limit = 10u128.saturating_pow(digits);
            let numbers = column.array().as_primitive::<Decimal128Type>();
            // What stands under a null means nothing, and may be anything.
            (0..numbers.len()).all(|row| numbers.is_null(row) || numbers.value(row).unsigned_abs() < limit)
        }
        _ => false,
    }
}
