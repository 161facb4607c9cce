//! Parts of a column, one after the other, as one array.
//!
//! By kind, and not by the kernel for all types of Arrow: a worker would carry dictionaries, runs and maps for nothing.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, PrimitiveBuilder, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Decimal128Type, Time32SecondType, TimestampSecondType};
use arrow_array::{Array, ArrayRef, make_array};
use arrow_data::transform::MutableArrayData;
use model::field::Kind;

use crate::error::{EngineError, Place};
use crate::number::{Clash, rescale, scale_of};

/// Why parts of a column do not make one column.
#[derive(Debug)]
pub(crate) enum ConcatError {
    /// The numbers have more than 38 digits at the scale that all of them need.
    Scale(Box<Clash>),
    /// Arrow refuses: more than 2^31 items in lists.
    Kernel(EngineError),
}

impl ConcatError {
    /// As the error of a named column.
    pub(crate) fn of(self, name: &str) -> EngineError {
        self.of_rows(name, usize::MAX)
    }

    /// As the error of a named column that stacks columns of so many rows.
    pub(crate) fn of_rows(self, name: &str, rows: usize) -> EngineError {
        match self {
            Self::Scale(clash) => clash.within(rows).error(Box::new(Place::field(name))),
            Self::Kernel(error) => error,
        }
    }
}

/// One array of the parts of a column, of which there is at least one; numbers are brought to the largest scale.
pub(crate) fn concat_column(mut parts: Vec<ArrayRef>, kind: Kind) -> Result<ArrayRef, ConcatError> {
    if kind == Kind::Number {
        let scale = parts.iter().map(|p| scale_of(p.data_type())).max().unwrap_or(0);
        let rescaled: Option<Vec<ArrayRef>> = parts.iter().map(|part| rescale(part, scale).ok()).collect();
        parts = rescaled.ok_or_else(|| clash(&parts))?;
    }
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    Ok(match kind {
        Kind::Number => primitive::<Decimal128Type>(&parts),
        Kind::Date => primitive::<Date32Type>(&parts),
        Kind::Time => primitive::<Time32SecondType>(&parts),
        Kind::Datetime => primitive::<TimestampSecondType>(&parts),
        Kind::Bool => {
            let mut all = BooleanBuilder::with_capacity(rows(&parts));
            parts.iter().for_each(|part| all.append_array(part.as_boolean()));
            Arc::new(all.finish())
        }
        Kind::Text | Kind::Rows => {
            let mut all = StringViewBuilder::with_capacity(rows(&parts));
            parts.iter().for_each(|part| all.append_array(part.as_string_view()));
            Arc::new(all.finish())
        }
        Kind::Texts | Kind::Entities | Kind::Files => {
            let data: Vec<_> = parts.iter().map(|part| part.to_data()).collect();
            let mut all = MutableArrayData::new(data.iter().collect(), true, rows(&parts));
            for (part, array) in data.iter().enumerate() {
                all.try_extend(part, 0, array.len()).map_err(|e| ConcatError::Kernel(e.into()))?;
            }
            make_array(all.freeze())
        }
    })
}

/// Why numbers of these parts have no scale in common: the longest and the finest of them.
fn clash(parts: &[ArrayRef]) -> ConcatError {
    let mut before = 0;
    let mut found: Option<Clash> = None;
    for part in parts {
        let of_part = Clash::of(part.as_primitive::<Decimal128Type>().iter(), scale_of(part.data_type()));
        found = match (found, of_part.map(|clash| clash.behind(before))) {
            (Some(one), Some(other)) => Some(one.beside(other)),
            (one, other) => one.or(other),
        };
        before += part.len();
    }
    found
        .map_or_else(|| ConcatError::Kernel(EngineError::plan("no number to fit")), |c| ConcatError::Scale(Box::new(c)))
}

fn rows(parts: &[ArrayRef]) -> usize {
    parts.iter().map(|part| part.len()).sum()
}

fn primitive<T: ArrowPrimitiveType>(parts: &[ArrayRef]) -> ArrayRef {
    let data_type = parts.first().map_or(T::DATA_TYPE, |part| part.data_type().clone());
    let mut all = PrimitiveBuilder::<T>::with_capacity(rows(parts)).with_data_type(data_type);
    parts.iter().for_each(|part| all.append_array(part.as_primitive::<T>()));
    Arc::new(all.finish())
}

#[cfg(test)]
mod tests {
    use flow::plan::Column as Shape;
    use model::value::Value;

    use crate::table::Table;

    #[test]
    fn parts_of_every_kind_stand_one_after_the_other() {
        use model::field::Kind as K;
        let number = |text: &str| Value::Number(text.parse().unwrap());
        let list = |items: &[&str]| Value::Texts(items.iter().map(|i| (*i).to_owned()).collect());
        for (kind, values) in [
            (K::Number, [number("1.5"), Value::Blank, number("-20")]),
            (K::Date, [Value::Date(1), Value::Blank, Value::Date(-7)]),
            (K::Time, [Value::Time(0), Value::Blank, Value::Time(86_340)]),
            (K::Datetime, [Value::Datetime(0), Value::Blank, Value::Datetime(1_764_000_000)]),
            (K::Bool, [Value::Bool(true), Value::Blank, Value::Bool(false)]),
            (K::Text, [Value::text("短い"), Value::Blank, Value::text("a text beyond twelve bytes")]),
            (K::Texts, [list(&["a", "b"]), Value::Blank, list(&["a text beyond twelve bytes"])]),
        ] {
            let part = |values: &[Value]| {
                let rows: Vec<Vec<Value>> = values.iter().map(|v| vec![v.clone()]).collect();
                Table::from_rows(&[Shape::new("v", kind)], &rows).unwrap()
            };
            let whole = Table::concat(vec![part(&values[2..]), part(&values), part(&[]), part(&values[1..])]).unwrap();
            let found: Vec<Value> = (0..whole.rows()).map(|row| whole.columns()[0].value(row)).collect();
            let [a, b, c] = values;
            assert_eq!(found, [c.clone(), a, b.clone(), c.clone(), b, c], "{kind:?}");
        }
    }
}
