//! A whole column for one field.

use std::borrow::Cow;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use flow::plan::Retype;
use jiff::tz::TimeZone;
use model::field::{Field, FieldType, Kind, NumberPrecision};
use model::value::Value;

use super::Target;
use super::cell::{Inside, Rules, TooLong, convert};
use crate::builder::ColumnBuilder;
use crate::column::Column;
use crate::error::{EngineError, Place};
use crate::report::{Counts, Reason, Sample, shown};
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
    let rules = Rules::stored(target.schema.precision, target.zone);
    let told = |e: EngineError| e.in_step(target.step);
    let built = values(rows, column, field, rules, target.zone, target.strict, counts).map_err(told)?;
    finished(built, &field.code, kind)
}

/// The column as a step of the flow asks for it, under its new name.
pub(crate) fn retype_column(
    rows: &Table,
    column: &Column,
    retype: &Retype,
    zone: &TimeZone,
    strict: bool,
    counts: &mut Counts,
) -> Result<Column, EngineError> {
    let field = &retype.field;
    let kind = field.kind().ok_or_else(|| EngineError::plan("a type without values"))?;
    if kind == column.kind() && field.options.is_empty() {
        return Ok(column.renamed(&field.code));
    }
    finished(values(rows, column, field, Rules::of_step(retype, zone), zone, strict, counts)?, &field.code, kind)
}

fn finished(builder: ColumnBuilder, name: &str, kind: Kind) -> Result<Column, EngineError> {
    Column::new(name, kind, builder.finish().map_err(|e| e.of(name))?)
}

/// Converts value by value; what is lost is counted, or an error.
fn values(
    rows: &Table,
    column: &Column,
    field: &Field,
    rules: Rules<'_>,
    zone: &TimeZone,
    strict: bool,
    counts: &mut Counts,
) -> Result<ColumnBuilder, EngineError> {
    let mut losses = Losses { rows, field: &field.code, zone, strict, counts };
    let mut builder = ColumnBuilder::new(field.kind().unwrap_or(Kind::Text));
    for row in 0..rows.rows() {
        let value = column.value(row);
        let converted = convert(value.clone(), field, rules).map_err(|TooLong { number, whole, inside }| {
            EngineError::NumberTooLong { place: losses.place(row, inside.as_ref()), value: number.to_string(), whole }
        })?;
        for loss in &converted.losses {
            match &loss.inside {
                Some((inside, lost)) => losses.tell(row, Some(inside), lost, loss.reason)?,
                None => losses.tell(row, None, &value, loss.reason)?,
            }
        }
        builder.push_value(&converted.value).map_err(|refusal| refusal.error(losses.place(row, None)))?;
    }
    Ok(builder)
}

/// Where losses of a column go.
struct Losses<'a> {
    rows: &'a Table,
    /// The field's code.
    field: &'a str,
    zone: &'a TimeZone,
    strict: bool,
    counts: &'a mut Counts,
}

/// The field, or `table.field` of a value in a table.
fn named<'f>(field: &'f str, inside: Option<&Inside>) -> Cow<'f, str> {
    inside.map_or(Cow::Borrowed(field), |inside| Cow::Owned(format!("{field}.{}", inside.code)))
}

impl Losses<'_> {
    fn place(&self, row: usize, inside: Option<&Inside>) -> Box<Place> {
        Box::new(Place { table_row: inside.map(|i| i.row), ..*self.rows.place(&named(self.field, inside), row) })
    }

    fn tell(&mut self, row: usize, inside: Option<&Inside>, lost: &Value, reason: Reason) -> Result<(), EngineError> {
        let value = || shown(&value_text(lost, self.zone));
        if self.strict {
            return Err(EngineError::Conversion { place: self.place(row, inside), value: value(), reason });
        }
        let sample = || Sample {
            row: row + 1,
            group: None,
            record: self.rows.record(row),
            table_row: inside.map(|i| i.row),
            value: value(),
        };
        self.counts.add(&named(self.field, inside), reason, sample);
        Ok(())
    }
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
