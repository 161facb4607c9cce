//! Numbers rows by equal values, column by column: the groups of `group_by`, the partitions of `window`, the ranks of texts.
//!
//! Each column gives its rows small numbers in order of first appearance; of several columns, the pairs of numbers are
//! numbered again. So every hash is over a word or two, and long keys cost no copy.

use std::hash::{BuildHasher, Hash};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Time32SecondType, TimestampSecondType};
use arrow_array::{Array, StringViewArray};
use hashbrown::{DefaultHashBuilder, HashTable};
use model::field::Kind;

use crate::column::Column;
use crate::concat::concat_column;
use crate::error::{EngineError, Place};
use crate::number::rescale_or_null;

/// No number yet, in tables that are looked up directly.
const NONE: u32 = u32::MAX;
/// Texts of up to this many bytes stand inside their view.
const INLINE: u32 = 12;

/// Which group each row belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    /// Group number of each row; numbers are given in order of first appearance.
    pub of: Vec<u32>,
    /// First row of each group.
    pub firsts: Vec<u32>,
}

impl Groups {
    /// How many groups.
    pub(crate) fn len(&self) -> usize {
        self.firsts.len()
    }

    /// All rows in one group; no group where there is no row.
    pub(crate) fn one(rows: usize) -> Self {
        Self { of: vec![0; rows], firsts: if rows == 0 { Vec::new() } else { vec![0] } }
    }
}

/// The groups of rows with equal values in all of these columns. Blank is a value like any other. Without columns, all
/// rows are one group.
pub(crate) fn groups(columns: &[&Column], rows: usize) -> Result<Groups, EngineError> {
    let mut columns = columns.iter();
    let Some(first) = columns.next() else { return Ok(Groups::one(rows)) };
    columns.try_fold(of_column(first)?, |groups, column| Ok(pairs(&groups, &of_column(column)?)))
}

/// The groups of keys of rows of two tables together: those of the left rows first, then those of the right ones. Numbers
/// are brought to one scale; one that does not fit there equals none of the other side, and becomes blank.
pub(crate) fn of_pairs(pairs: &[(&Column, &Column)]) -> Result<Groups, EngineError> {
    let mut both = Vec::with_capacity(pairs.len());
    for (left, right) in pairs {
        if left.kind() != right.kind() {
            let place = Box::new(Place::field(right.name()));
            return Err(EngineError::Kind { place, expected: left.kind(), found: right.kind() });
        }
        let scale = left.scale().max(right.scale());
        let part = |column: &Column| match column.kind() {
            Kind::Number => rescale_or_null(column.array(), scale),
            _ => column.array().clone(),
        };
        let array = concat_column(vec![part(left), part(right)], left.kind()).map_err(|e| e.of(left.name()))?;
        both.push(left.with_array(array));
    }
    let columns: Vec<&Column> = both.iter().collect();
    groups(&columns, both.first().map_or(0, Column::len))
}

/// Kinds of one simple value: those that can be keys.
pub(crate) fn is_simple(kind: Kind) -> bool {
    !matches!(kind, Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows)
}

/// The groups of one column.
pub(crate) fn of_column(column: &Column) -> Result<Groups, EngineError> {
    let array = column.array();
    let null = |row: usize| array.is_null(row);
    let rows = array.len();
    Ok(match column.kind() {
        Kind::Text => texts(array.as_string_view()),
        Kind::Number => {
            let values = array.as_primitive::<Decimal128Type>().values();
            integers(rows, |row| (!null(row)).then(|| values[row]))
        }
        Kind::Date => {
            let values = array.as_primitive::<Date32Type>().values();
            integers(rows, |row| (!null(row)).then(|| i128::from(values[row])))
        }
        Kind::Time => {
            let values = array.as_primitive::<Time32SecondType>().values();
            integers(rows, |row| (!null(row)).then(|| i128::from(values[row])))
        }
        Kind::Datetime => {
            let values = array.as_primitive::<TimestampSecondType>().values();
            integers(rows, |row| (!null(row)).then(|| i128::from(values[row])))
        }
        Kind::Bool => {
            let values = array.as_boolean();
            integers(rows, |row| (!null(row)).then(|| i128::from(values.value(row))))
        }
        Kind::Texts | Kind::Entities | Kind::Files | Kind::Rows => {
            let place = Box::new(Place::field(column.name()));
            return Err(EngineError::Unsupported { place, what: "key".into(), kind: column.kind() });
        }
    })
}

/// Numbers rows by whole numbers.
fn integers(rows: usize, value: impl Fn(usize) -> Option<i128>) -> Groups {
    let mut range: Option<(i128, i128)> = None;
    for v in (0..rows).filter_map(&value) {
        range = Some(range.map_or((v, v), |(low, high)| (low.min(v), high.max(v))));
    }
    let (low, high) = range.unwrap_or_default();
    match high.checked_sub(low).and_then(|span| usize::try_from(span).ok()) {
        // 0 is blank. The difference fits, as the whole span does.
        Some(span) if is_small(span, rows) => {
            direct(rows, span + 2, |row| value(row).map_or(0, |v| (v - low) as usize + 1))
        }
        _ => hashed(rows, value),
    }
}

/// True where a table over all values costs less than hashing.
fn is_small(span: usize, rows: usize) -> bool {
    span <= rows.saturating_mul(2) + 1_024
}

/// Numbers rows by a value below `size`.
fn direct(rows: usize, size: usize, value: impl Fn(usize) -> usize) -> Groups {
    let mut number = vec![NONE; size];
    let mut groups = Groups { of: Vec::with_capacity(rows), firsts: Vec::new() };
    for (row, at) in (0..rows).zip(0u32..) {
        let slot = &mut number[value(row)];
        if *slot == NONE {
            *slot = groups.firsts.len() as u32;
            groups.firsts.push(at);
        }
        groups.of.push(*slot);
    }
    groups
}

/// Numbers rows by values that are hashed.
fn hashed<V: Hash + Eq + Copy>(rows: usize, value: impl Fn(usize) -> V) -> Groups {
    numbered(rows, |a, b| value(a) == value(b), |hasher, row| hasher.hash_one(value(row)))
}

/// Numbers rows, given when two are equal and how one is hashed. A row that equals the one before it is not hashed.
fn numbered(
    rows: usize,
    same: impl Fn(usize, usize) -> bool,
    hash: impl Fn(&DefaultHashBuilder, usize) -> u64,
) -> Groups {
    let hasher = DefaultHashBuilder::default();
    let mut table: HashTable<(u64, u32)> = HashTable::new();
    let mut groups = Groups { of: Vec::with_capacity(rows), firsts: Vec::new() };
    for (row, at) in (0..rows).zip(0u32..) {
        if row > 0 && same(row - 1, row) {
            groups.of.push(groups.of[row - 1]);
            continue;
        }
        let of = hash(&hasher, row);
        let firsts = &groups.firsts;
        let found = table.find(of, |(h, group)| *h == of && same(firsts[*group as usize] as usize, row));
        let group = match found {
            Some((_, group)) => *group,
            None => {
                let group = groups.firsts.len() as u32;
                groups.firsts.push(at);
                table.insert_unique(of, (of, group), |(h, _)| *h);
                group
            }
        };
        groups.of.push(group);
    }
    groups
}

/// Numbers rows by their texts. Short texts stand inside their views, so the views alone tell whether they are equal.
fn texts(array: &StringViewArray) -> Groups {
    let views = array.views();
    // No text has this view: its length says 0 and its bytes are not.
    let view = |row: usize| if array.is_null(row) { u128::MAX << 32 } else { views[row] };
    let bytes = |row: usize| array.value(row).as_bytes();
    let long = |view: u128| view as u32 > INLINE;
    // The low half of a long text's view is its length and its first four bytes.
    let same = |a: usize, b: usize| {
        let (va, vb) = (view(a), view(b));
        va == vb || (va as u64 == vb as u64 && long(va) && bytes(a) == bytes(b))
    };
    numbered(array.len(), same, |hasher, row| {
        let view = view(row);
        if long(view) { hasher.hash_one(bytes(row)) } else { hasher.hash_one(view) }
    })
}

/// The groups of rows that are in one group of both.
pub(crate) fn pairs(a: &Groups, b: &Groups) -> Groups {
    let rows = a.of.len();
    match a.len().checked_mul(b.len()) {
        Some(size) if is_small(size, rows) => {
            direct(rows, size, |row| a.of[row] as usize * b.len() + b.of[row] as usize)
        }
        _ => hashed(rows, |row| u64::from(a.of[row]) << 32 | u64::from(b.of[row])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;
    use model::value::Value;

    fn column(kind: Kind, values: &[Value]) -> Column {
        let rows: Vec<Vec<Value>> = values.iter().map(|v| vec![v.clone()]).collect();
        Table::from_rows(&[flow::plan::Column::new("v", kind)], &rows).unwrap().columns()[0].clone()
    }

    fn numbers(texts: &[&str]) -> Vec<Value> {
        texts.iter().map(|t| t.parse().map_or(Value::Blank, Value::Number)).collect()
    }

    #[test]
    fn equal_values_have_one_number_in_order_of_first_appearance() {
        let long = ["a text beyond twelve bytes", "a text beyond twelve bytes too", "a text beyond twelve bytes"];
        let values: Vec<Value> = ["b", "", "a", long[0], long[1], "b", "", long[2]].map(Value::text).into();
        let groups = of_column(&column(Kind::Text, &values)).unwrap();
        assert_eq!(groups, Groups { of: vec![0, 1, 2, 3, 4, 0, 1, 3], firsts: vec![0, 1, 2, 3, 4] });
    }

    #[test]
    fn near_and_far_numbers_are_told_apart_by_value() {
        let near = column(Kind::Number, &numbers(&["1", "1.0", "", "-3", "1", ""]));
        assert_eq!(of_column(&near).unwrap().of, [0, 0, 1, 2, 0, 1]);
        let far = column(Kind::Number, &numbers(&["1e37", "", "-1e37", "0", "1e37"]));
        assert_eq!(of_column(&far).unwrap().of, [0, 1, 2, 3, 0]);
    }

    #[test]
    fn several_columns_are_one_key() {
        let (a, b) = (
            column(Kind::Number, &numbers(&["1", "1", "2", "1"])),
            column(Kind::Bool, &[true, false, true, true].map(Value::Bool)),
        );
        assert_eq!(groups(&[&a, &b], 4).unwrap().of, [0, 1, 2, 0]);
        assert_eq!(groups(&[], 4).unwrap(), Groups { of: vec![0; 4], firsts: vec![0] });
        assert_eq!(groups(&[], 0).unwrap(), Groups::default());
    }
}
