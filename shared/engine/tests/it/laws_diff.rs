//! Applying the difference makes the app hold what the method says, and then nothing differs any more.

use std::collections::BTreeMap;

use engine::{Changes, EngineError, Table, Target, diff};
use flow::plan::{Column, Method, Write};
use model::decimal::Decimal;
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::Value;
use proptest::prelude::*;

use crate::support::{columns, tokyo};

/// An app in memory: id to (revision, 商品, 数, 印).
#[derive(Clone, Debug, PartialEq)]
struct App {
    schema: AppSchema,
    records: BTreeMap<u64, (u64, Vec<Value>)>,
    last: u64,
}

const CODES: [&str; 3] = ["商品", "数", "印"];

impl App {
    fn new(unique: bool, rows: Vec<Vec<Value>>) -> Self {
        let fields = vec![
            Field::new("$id", FieldType::Id),
            Field { unique, ..Field::new("商品", FieldType::SingleLineText) },
            Field::new("数", FieldType::Number),
            Field { options: ["x", "y", "z"].map(str::to_owned).into(), ..Field::new("印", FieldType::CheckBox) },
        ];
        let schema = AppSchema { app: 1, name: String::new(), precision: Default::default(), fields };
        let last = rows.len() as u64;
        Self { schema, records: (1..).zip(rows.into_iter().map(|row| (1, row))).collect(), last }
    }

    fn table(&self) -> Table {
        let mut shape: Vec<Column> = ["$id", "$revision"].map(|name| Column::new(name, Kind::Number)).into();
        shape.extend(columns("商品:text 数:number 印:texts"));
        let number = |n: u64| Value::Number(i64::try_from(n).unwrap().into());
        let rows: Vec<_> = self
            .records
            .iter()
            .map(|(id, (revision, values))| [vec![number(*id), number(*revision)], values.clone()].concat())
            .collect();
        Table::from_rows(&shape, &rows).unwrap()
    }

    fn diff(&self, rows: &Table, method: &Method) -> Result<Changes, EngineError> {
        let mapping = CODES.iter().enumerate().map(|(i, code)| (i, (*code).to_owned())).collect();
        let write = Write::new(1, method.clone(), mapping);
        let target = Target { step: "書く", write: &write, schema: &self.schema, zone: &tokyo(), strict: true };
        diff(rows, &target, &self.table())
    }

    /// Applies changes as kintone does: by id, under the revision that was read.
    fn apply(&mut self, changes: &Changes) {
        let index = |code: &str| CODES.iter().position(|c| *c == code).unwrap();
        for update in &changes.updates {
            let (revision, values) = self.records.get_mut(&update.id).unwrap();
            assert_eq!(*revision, update.revision);
            *revision += 1;
            for (code, value) in changes.changed(update) {
                assert_ne!(values[index(&code)], value, "only what differs is sent");
                values[index(&code)] = value;
            }
        }
        for delete in &changes.deletes {
            assert_eq!(self.records.remove(&delete.id).unwrap().0, delete.revision);
        }
        for record in changes.added() {
            self.last += 1;
            self.records.insert(self.last, (1, record.into_iter().map(|(_, value)| value).collect()));
        }
    }

    /// All records, sorted: what the app holds, whatever their numbers.
    fn holds(&self) -> Vec<String> {
        let mut all: Vec<_> = self.records.values().map(|(_, values)| format!("{values:?}")).collect();
        all.sort();
        all
    }
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    let name = prop_oneof![1 => Just(Value::Blank), 6 => "[a-e]".prop_map(Value::Text)];
    let count = prop_oneof![1 => Just(Value::Blank), 3 => (0i128..30).prop_map(|m| Value::Number(Decimal::from_parts(m, 1).unwrap()))];
    let marks = prop::sample::subsequence(vec!["x", "y", "z"], 0..=3).prop_map(|marks| match marks.len() {
        0 => Value::Blank,
        _ => Value::Texts(marks.into_iter().map(str::to_owned).collect()),
    });
    (name, count, marks).prop_map(|(name, count, marks)| vec![name, count, marks])
}

fn rows() -> impl Strategy<Value = Vec<Vec<Value>>> {
    prop::collection::vec(row(), 0..12)
}

/// The first row of each name; rows without one all stay.
fn once(rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let mut seen = Vec::new();
    rows.into_iter()
        .filter(|row| {
            row[0].is_blank()
                || !seen.contains(&row[0]) && {
                    seen.push(row[0].clone());
                    true
                }
        })
        .collect()
}

fn as_table(rows: &[Vec<Value>]) -> Table {
    Table::from_rows(&columns("商品:text 数:number 印:texts"), rows).unwrap()
}

proptest! {
    #[test]
    fn regenerating_makes_the_app_hold_the_rows(present in rows(), wanted in rows(), unique in any::<bool>()) {
        let (present, wanted) = if unique { (once(present), once(wanted)) } else { (present, wanted) };
        let mut app = App::new(unique, present);
        let method = Method::Regenerate { allow_empty: true };
        let changes = app.diff(&as_table(&wanted), &method).unwrap();
        prop_assert!(unique || changes.updates.is_empty());
        prop_assert_eq!(changes.unchanged + changes.updates.len() + changes.adds.len(), wanted.len());
        app.apply(&changes);
        let mut expected: Vec<_> = wanted.iter().map(|values| format!("{values:?}")).collect();
        expected.sort();
        prop_assert_eq!(app.holds(), expected);
        let again = app.diff(&as_table(&wanted), &method).unwrap();
        prop_assert!(again.is_empty());
        prop_assert_eq!(again.unchanged, wanted.len());
    }

    #[test]
    fn updating_changes_what_has_the_key_and_nothing_else(present in rows(), wanted in rows(), insert in any::<bool>()) {
        let (present, wanted) = (once(present), once(wanted));
        let mut app = App::new(false, present.clone());
        let method = Method::Update { key: vec!["商品".into()], insert };
        let changes = app.diff(&as_table(&wanted), &method);
        if !insert && wanted.iter().any(|row| row[0].is_blank()) {
            prop_assert_eq!(changes.unwrap_err().code(), "engine.blank_key");
            return Ok(());
        }
        let changes = changes.unwrap();
        app.apply(&changes);
        let partner = |row: &Vec<Value>, among: &[Vec<Value>]| among.iter().find(|r| !row[0].is_blank() && r[0] == row[0]).cloned();
        let mut expected: Vec<_> = present.iter().map(|row| partner(row, &wanted).unwrap_or_else(|| row.clone())).collect();
        expected.extend(wanted.iter().filter(|row| insert && partner(row, &present).is_none()).cloned());
        let mut expected: Vec<_> = expected.iter().map(|values| format!("{values:?}")).collect();
        expected.sort();
        prop_assert_eq!(app.holds(), expected);
        // A second time, only rows without a key are new again.
        let again = app.diff(&as_table(&wanted), &method).unwrap();
        prop_assert_eq!(again.len(), wanted.iter().filter(|row| row[0].is_blank()).count());
    }
}
