//! The order in which a table's rows are added.

use std::cmp::Ordering;

use flow::plan::{SortKey, TableWrite};
use model::value::{Row, Value};

use super::cells::cell;

/// Compares two rows of a table; those that are equal in all keys are equal.
pub(super) fn compare(spec: &TableWrite, a: &Row, b: &Row) -> Ordering {
    let by = |key: &SortKey| {
        let (_, code) = spec.columns.get(key.column)?;
        Some(by_value(cell(a, code), cell(b, code), key))
    };
    spec.order.iter().filter_map(by).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// Compares two values of one simple kind.
fn by_value(a: &Value, b: &Value, key: &SortKey) -> Ordering {
    let ascending = match (a, b) {
        (Value::Blank, Value::Blank) => return Ordering::Equal,
        (Value::Blank, _) => return if key.blanks_last { Ordering::Greater } else { Ordering::Less },
        (_, Value::Blank) => return if key.blanks_last { Ordering::Less } else { Ordering::Greater },
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) | (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Datetime(a), Value::Datetime(b)) => a.cmp(b),
        _ => Ordering::Equal,
    };
    if key.descending { ascending.reverse() } else { ascending }
}
