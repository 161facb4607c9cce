//! Every kintone field type: in as a column of its kind, back out as its value, and written where kintone takes it.

use engine::{Table, Target, diff, target_fields};
use flow::plan::{Column, Method, Write};
use model::field::{AppSchema, Field, FieldType as T};
use model::value::{Entity, FileRef, Row, Value};

use crate::support::tokyo;

/// A field of the type and a value of it; no value for those that are never part of a record.
fn sample(of: T) -> Option<Value> {
    let entities = || Value::Entities(vec![Entity { code: "sato".into(), name: "佐藤".into() }]);
    Some(match of {
        T::Id | T::Revision => Value::Number(12.into()),
        T::Number | T::Calc => Value::Number("1234567890123456.7891".parse().unwrap()),
        T::RecordNumber => Value::text("APP-12"),
        T::SingleLineText | T::MultiLineText | T::RichText | T::Link => Value::text("https://example.com/ 改\n行"),
        T::RadioButton | T::DropDown | T::Status => Value::text("受付"),
        T::CheckBox | T::MultiSelect | T::Category => Value::Texts(vec!["受付".into(), "完了".into()]),
        T::Date => Value::Date(20_000),
        T::Time => Value::Time(33_300),
        T::Datetime | T::CreatedTime | T::UpdatedTime => Value::Datetime(1_795_262_400),
        T::UserSelect | T::OrganizationSelect | T::GroupSelect => entities(),
        T::Creator | T::Modifier | T::StatusAssignee => entities(),
        T::File => Value::Files(vec![FileRef {
            file_key: "key".into(),
            name: "見積.pdf".into(),
            content_type: "application/pdf".into(),
            size: "12".into(),
        }]),
        T::Subtable => {
            Value::Rows(vec![Row { id: Some("5".into()), cells: vec![("数".into(), Value::Number(3.into()))] }])
        }
        T::ReferenceTable | T::Group | T::Other => return None,
    })
}

/// All of them: a type that kintone adds and this list lacks fails to compile in [`sample`].
const ALL: [T; 31] = [
    T::Id,
    T::Revision,
    T::RecordNumber,
    T::Creator,
    T::CreatedTime,
    T::Modifier,
    T::UpdatedTime,
    T::SingleLineText,
    T::MultiLineText,
    T::RichText,
    T::Number,
    T::Calc,
    T::RadioButton,
    T::DropDown,
    T::CheckBox,
    T::MultiSelect,
    T::Date,
    T::Time,
    T::Datetime,
    T::Link,
    T::UserSelect,
    T::OrganizationSelect,
    T::GroupSelect,
    T::File,
    T::Status,
    T::StatusAssignee,
    T::Category,
    T::Subtable,
    T::ReferenceTable,
    T::Group,
    T::Other,
];

fn field(of: T) -> Field {
    let mut field = Field::new("f", of);
    if of == T::Subtable {
        field.fields.push(Field::new("数", T::Number));
    }
    if matches!(of, T::RadioButton | T::DropDown | T::CheckBox | T::MultiSelect) {
        field.options = vec!["受付".into(), "完了".into()];
    }
    field
}

#[test]
fn every_type_comes_in_and_goes_out() {
    for of in ALL {
        let (field, value) = (field(of), sample(of));
        let Some(column) = Column::of_field(&field) else {
            assert_eq!(value, None, "{of:?}");
            continue;
        };
        let value = value.unwrap_or_else(|| panic!("{of:?}"));
        assert_eq!(value.kind(), Some(column.kind), "{of:?}");
        let rows = vec![vec![value.clone()], vec![Value::Blank]];
        let table = Table::from_rows(&[column], &rows).unwrap();
        assert_eq!(table.to_rows(), rows, "{of:?}");

        let mut schema = AppSchema { app: 1, name: String::new(), precision: Default::default(), fields: vec![field] };
        schema.precision.digits = 30;
        let write = Write::new(1, Method::Append, vec![(0, "f".into())]);
        let target = Target { step: "書く", write: &write, schema: &schema, zone: &tokyo(), strict: true };
        let present = Table::empty(&target_fields(&write, &schema));
        match diff(&table, &target, &present) {
            Ok(changes) => {
                assert!(schema.fields[0].writable(), "{of:?} was written");
                let written: Vec<Value> = changes.added().map(|record| record[0].1.clone()).collect();
                // A new record's table rows are new; the rest is what it was.
                let plain = |value: &Value| match value {
                    Value::Rows(rows) => {
                        Value::Rows(rows.iter().map(|r| Row { id: None, cells: r.cells.clone() }).collect())
                    }
                    other => other.clone(),
                };
                assert_eq!(plain(&written[0]), plain(&value), "{of:?}");
            }
            Err(error) => assert!(!schema.fields[0].writable(), "{of:?}: {error}"),
        }
    }
}
