//! A column: name, kind and Arrow array, and how its values are read.
//!
//! | kind | Arrow | remark |
//! | --- | --- | --- |
//! | Text | Utf8View | gathering rows copies 16 bytes per value; no 2 GiB limit |
//! | Number | Decimal128(38, scale) | one scale per column |
//! | Date | Date32 | days since 1970-01-01 |
//! | Time | Time32(second) | seconds since midnight |
//! | Datetime | Timestamp(second) | seconds since 1970-01-01T00:00:00Z |
//! | Bool | Boolean | formulas only |
//! | Texts | List of Utf8 | never an empty list |
//! | Entities | List of Struct(code, name) | |
//! | Files | List of Struct(fileKey, name, contentType, size) | |
//! | Rows | Utf8View of JSON | carried from a table field to a table field, not computed with |
//!
//! Blank is null in all of them.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Time32SecondType, TimestampSecondType};
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_schema::{DataType, Field, TimeUnit};
use model::decimal::Decimal;
use model::field::Kind;
use model::value::{Entity, FileRef, Row, Value};

use crate::error::EngineError;
use crate::number::{decimal, number_type, scale_of};

/// Struct fields of the items of entity lists.
pub(crate) const ENTITY_PARTS: [&str; 2] = ["code", "name"];
/// Struct fields of the items of file lists.
pub(crate) const FILE_PARTS: [&str; 4] = ["fileKey", "name", "contentType", "size"];

/// A named column of one kind.
#[derive(Clone, Debug)]
pub struct Column {
    name: String,
    kind: Kind,
    array: ArrayRef,
}

/// The Arrow type of the items of a list kind.
pub(crate) fn item_type(kind: Kind) -> DataType {
    let parts: &[&str] = match kind {
        Kind::Entities => &ENTITY_PARTS,
        Kind::Files => &FILE_PARTS,
        _ => return DataType::Utf8,
    };
    DataType::Struct(parts.iter().map(|part| Field::new(*part, DataType::Utf8, false)).collect())
}

/// The Arrow type of a kind; numbers at this scale.
pub(crate) fn arrow_type(kind: Kind, scale: u32) -> DataType {
    match kind {
        Kind::Text | Kind::Rows => DataType::Utf8View,
        Kind::Number => number_type(scale),
        Kind::Date => DataType::Date32,
        Kind::Time => DataType::Time32(TimeUnit::Second),
        Kind::Datetime => DataType::Timestamp(TimeUnit::Second, None),
        Kind::Bool => DataType::Boolean,
        Kind::Texts | Kind::Entities | Kind::Files => DataType::List(list_item(kind)),
    }
}

/// The item field of a list kind.
pub(crate) fn list_item(kind: Kind) -> Arc<Field> {
    Arc::new(Field::new("item", item_type(kind), false))
}

impl Column {
    /// A column of an array. Fails where the array's type is not that of the kind.
    pub(crate) fn new(name: impl Into<String>, kind: Kind, array: ArrayRef) -> Result<Self, EngineError> {
        let name = name.into();
        let expected = arrow_type(kind, scale_of(array.data_type()));
        if *array.data_type() != expected {
            return Err(EngineError::plan(format!("column \"{name}\": {} instead of {expected}", array.data_type())));
        }
        Ok(Self { name, kind, array })
    }

    /// A column of this many blanks.
    pub(crate) fn blank(name: impl Into<String>, kind: Kind, rows: usize) -> Self {
        Self { name: name.into(), kind, array: arrow_array::new_null_array(&arrow_type(kind, 0), rows) }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its values are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How many values.
    pub fn len(&self) -> usize {
        self.array.len()
    }

    /// True where there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.array.is_empty()
    }

    pub(crate) fn array(&self) -> &ArrayRef {
        &self.array
    }

    pub(crate) fn into_array(self) -> ArrayRef {
        self.array
    }

    /// The same values under another name.
    pub(crate) fn renamed(&self, name: &str) -> Self {
        Self { name: name.to_owned(), kind: self.kind, array: self.array.clone() }
    }

    /// The same name and kind over other rows.
    pub(crate) fn with_array(&self, array: ArrayRef) -> Self {
        Self { name: self.name.clone(), kind: self.kind, array }
    }

    /// Decimal places of a number column.
    pub(crate) fn scale(&self) -> u32 {
        scale_of(self.array.data_type())
    }

    /// True for a blank.
    pub fn is_blank(&self, row: usize) -> bool {
        self.array.is_null(row)
    }

    /// The text of a text column; `None` for blank and for other kinds.
    pub fn text(&self, row: usize) -> Option<&str> {
        (self.kind == Kind::Text && !self.is_blank(row)).then(|| self.array.as_string_view().value(row))
    }

    /// The number of a number column; `None` for blank and for other kinds.
    pub fn number(&self, row: usize) -> Option<Decimal> {
        (self.kind == Kind::Number && !self.is_blank(row))
            .then(|| decimal(self.array.as_primitive::<Decimal128Type>().value(row), self.scale()))
    }

    /// The day of a date column, since 1970-01-01; `None` for blank and for other kinds.
    pub fn date(&self, row: usize) -> Option<i32> {
        (self.kind == Kind::Date && !self.is_blank(row)).then(|| self.array.as_primitive::<Date32Type>().value(row))
    }

    /// The value, owned.
    pub fn value(&self, row: usize) -> Value {
        if self.is_blank(row) {
            return Value::Blank;
        }
        let array = &self.array;
        match self.kind {
            Kind::Text => Value::Text(array.as_string_view().value(row).to_owned()),
            Kind::Number => Value::Number(decimal(array.as_primitive::<Decimal128Type>().value(row), self.scale())),
            Kind::Bool => Value::Bool(array.as_boolean().value(row)),
            Kind::Date => Value::Date(array.as_primitive::<Date32Type>().value(row)),
            Kind::Time => Value::Time(array.as_primitive::<Time32SecondType>().value(row)),
            Kind::Datetime => Value::Datetime(array.as_primitive::<TimestampSecondType>().value(row)),
            Kind::Texts => Value::Texts(self.items(row, |[text]| text.to_owned())),
            Kind::Entities => {
                Value::Entities(self.items(row, |[code, name]| Entity { code: code.to_owned(), name: name.to_owned() }))
            }
            Kind::Files => Value::Files(self.items(row, |[file_key, name, content_type, size]| FileRef {
                file_key: file_key.to_owned(),
                name: name.to_owned(),
                content_type: content_type.to_owned(),
                size: size.to_owned(),
            })),
            Kind::Rows => self.table_rows(row).map_or(Value::Blank, Value::Rows),
        }
    }

    /// The rows of a table field; `None` for blank and for other kinds.
    pub(crate) fn table_rows(&self, row: usize) -> Option<Vec<Row>> {
        (self.kind == Kind::Rows && !self.is_blank(row))
            .then(|| serde_json::from_str(self.array.as_string_view().value(row)).unwrap_or_default())
    }

    /// The items of a list column, each handed over as its parts. Empty for blank.
    pub(crate) fn items<'a, T, const N: usize>(&'a self, row: usize, make: impl Fn([&'a str; N]) -> T) -> Vec<T> {
        if self.is_blank(row) {
            return Vec::new();
        }
        let list: &ListArray = self.array.as_list();
        let range = list.value_offsets()[row] as usize..list.value_offsets()[row + 1] as usize;
        let parts: Vec<_> = match list.values().as_struct_opt() {
            Some(items) => items.columns().iter().map(|part| part.as_string::<i32>()).collect(),
            None => vec![list.values().as_string::<i32>()],
        };
        range.map(|item| make(std::array::from_fn(|part| parts.get(part).map_or("", |p| p.value(item))))).collect()
    }

    /// What people compare a list by: the texts, the codes, the file names. Empty for blank and for other kinds.
    pub(crate) fn labels(&self, row: usize) -> Vec<&str> {
        match self.kind {
            Kind::Texts => self.items(row, |[text]| text),
            Kind::Entities => self.items(row, |[code, _]: [&str; 2]| code),
            Kind::Files => self.items(row, |[_, name, ..]: [&str; 4]| name),
            _ => Vec::new(),
        }
    }
}
