//! Tables of records: what kintone holds after a table was replaced, appended to or merged, and that nothing differs then.

use std::collections::BTreeMap;

use engine::{Changes, EngineError, Table, Target, diff};
use flow::plan::{Column, Method, TableMethod, TableWrite, Write};
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::{Row, Value};
use proptest::prelude::*;

use crate::support::tokyo;

/// Rows of the app: 品 and 数 are carried by the flow, メモ is not.
fn schema() -> AppSchema {
    let fields = ["品", "数", "メモ"]
        .map(|code| Field::new(code, if code == "数" { FieldType::Number } else { FieldType::SingleLineText }));
    let table = Field { fields: fields.into(), ..Field::new("明細", FieldType::Subtable) };
    let key = Field { unique: true, ..Field::new("番号", FieldType::SingleLineText) };
    AppSchema {
        app: 1,
        name: String::new(),
        precision: Default::default(),
        fields: vec![Field::new("$id", FieldType::Id), key, table],
    }
}

fn write(method: TableMethod) -> Write {
    let carried = ["品", "数"].map(|code| (code.to_owned(), code.to_owned()));
    let table =
        TableWrite { field: "明細".into(), columns: carried.into(), method, order: Vec::new(), numbers: Vec::new() };
    let mapping = vec![(0, "番号".to_owned()), (1, "明細".to_owned())];
    let update = Method::Update { key: vec!["番号".into()], insert: true };
    Write { tables: vec![table], ..Write::new(1, update, mapping) }
}

/// One record in memory, and how kintone writes its table.
#[derive(Clone, Debug, PartialEq)]
struct Record {
    rows: Vec<Row>,
    last: u64,
    revision: u64,
}

impl Record {
    fn new(rows: Vec<Row>) -> Self {
        let last = rows.len() as u64;
        let id = |(n, row): (usize, Row)| Row { id: Some((n + 1).to_string()), ..row };
        Self { rows: rows.into_iter().enumerate().map(id).collect(), last, revision: 1 }
    }

    fn diff(&self, wanted: &[Row], write: &Write) -> Result<Changes, EngineError> {
        let value = |rows: &[Row]| if rows.is_empty() { Value::Blank } else { Value::Rows(rows.to_vec()) };
        let number = |n: u64| Value::Number(i64::try_from(n).unwrap().into());
        let text = Value::Text("A".into());
        let columns = [Column::new("番号", Kind::Text), Column::new("明細", Kind::Rows)];
        let rows = Table::from_rows(&columns, &[vec![text.clone(), value(wanted)]]).unwrap();
        let own = [Column::new("$id", Kind::Number), Column::new("$revision", Kind::Number)];
        let held = vec![number(7), number(self.revision), text, value(&self.rows)];
        let present = Table::from_rows(&[own, columns].concat(), &[held]).unwrap();
        let target = Target { step: "書く", write, schema: &schema(), zone: &tokyo(), strict: false };
        diff(&rows, &target, &present)
    }

    /// Rows with a known id are updated, rows without one are new, rows that are not sent go. A cell that is not sent is
    /// lost: the worse of the two things that are told of kintone.
    fn apply(&mut self, changes: &Changes) {
        assert!(changes.adds.is_empty() && changes.deletes.is_empty() && changes.updates.len() <= 1);
        for update in &changes.updates {
            self.revision += 1;
            let (code, value) = changes.changed(update).remove(0);
            assert_eq!(code, "明細");
            let sent = if let Value::Rows(rows) = value { rows } else { Vec::new() };
            let mut ids: Vec<_> = sent.iter().filter_map(|row| row.id.clone()).collect();
            assert!(
                ids.iter().all(|id| self.rows.iter().any(|row| row.id.as_ref() == Some(id))),
                "ids are the record's own"
            );
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), sent.iter().filter(|row| row.id.is_some()).count(), "no id twice");
            self.rows = sent
                .into_iter()
                .map(|row| {
                    self.last += u64::from(row.id.is_none());
                    Row { id: row.id.or_else(|| Some(self.last.to_string())), ..row }
                })
                .collect();
        }
    }
}

fn cell(row: &Row, code: &str) -> Value {
    row.cells.iter().find(|(c, _)| c == code).map_or(Value::Blank, |(_, value)| value.clone())
}

fn cells(row: &Row, codes: &[&str]) -> Vec<Value> {
    codes.iter().map(|code| cell(row, code)).collect()
}

fn row(memo: bool) -> impl Strategy<Value = Row> {
    let name = prop_oneof![1 => Just(Value::Blank), 8 => "[a-d]".prop_map(Value::Text)];
    let count = prop_oneof![1 => Just(Value::Blank), 3 => (0i64..4).prop_map(|n| Value::Number(n.into()))];
    (name, count, "[xy]?").prop_map(move |(name, count, note)| {
        let mut cells = vec![("品".to_owned(), name), ("数".to_owned(), count)];
        if memo {
            cells.push(("メモ".to_owned(), Value::text(note)));
        }
        Row { id: None, cells }
    })
}

fn rows(memo: bool) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(memo), 0..7)
}

fn once(rows: Vec<Row>) -> Vec<Row> {
    let mut first = BTreeMap::new();
    let kept = rows.into_iter().filter(|row| first.insert(format!("{:?}", cell(row, "品")), ()).is_none());
    kept.collect()
}

const CARRIED: [&str; 2] = ["品", "数"];
const ALL: [&str; 3] = ["品", "数", "メモ"];

proptest! {
    #[test]
    fn a_merge_changes_what_has_the_key_and_keeps_what_the_flow_does_not_carry(
        present in rows(true), wanted in rows(false), delete in any::<bool>(),
    ) {
        let (present, wanted) = (once(present), once(wanted));
        let mut record = Record::new(present);
        let before = record.clone();
        let write = write(TableMethod::Merge { key: vec!["品".into()], delete });
        let changes = record.diff(&wanted, &write).unwrap();
        let blank = wanted.iter().filter(|row| cell(row, "品").is_blank()).count() as u64;
        prop_assert_eq!(changes.counts.of("明細", engine::Reason::BlankKey), blank, "rows without a key are counted");
        record.apply(&changes);

        let keyed: Vec<&Row> = wanted.iter().filter(|row| !cell(row, "品").is_blank()).collect();
        let partner = |row: &Row| keyed.iter().find(|w| cell(w, "品") == cell(row, "品"));
        let mut expected: Vec<Vec<Value>> = Vec::new();
        for row in &before.rows {
            match partner(row) {
                Some(w) => expected.push([cells(w, &CARRIED), vec![cell(row, "メモ")]].concat()),
                None if delete => {}
                None => expected.push(cells(row, &ALL)),
            }
        }
        let new = keyed.iter().filter(|w| !before.rows.iter().any(|row| cell(row, "品") == cell(w, "品")));
        expected.extend(new.map(|w| cells(w, &ALL)));
        prop_assert_eq!(record.rows.iter().map(|r| cells(r, &ALL)).collect::<Vec<_>>(), expected);
        let stay = before.rows.iter().filter(|row| !delete || partner(row).is_some()).map(|row| row.id.clone());
        prop_assert!(stay.eq(record.rows.iter().take_while(|r| before.rows.iter().any(|b| b.id == r.id)).map(|r| r.id.clone())), "who stays keeps id and place");
        prop_assert!(record.diff(&wanted, &write).unwrap().is_empty(), "a second time nothing differs");
    }

    #[test]
    fn a_key_that_is_there_twice_is_an_error(present in rows(true), wanted in rows(false)) {
        let write = write(TableMethod::Merge { key: vec!["品".into()], delete: false });
        let twice = |rows: &[Row], row: &Row| {
            !cell(row, "品").is_blank() && rows.iter().filter(|r| cell(r, "品") == cell(row, "品")).count() > 1
        };
        let doubled = wanted.iter().any(|row| twice(&wanted, row));
        let ambiguous = wanted.iter().any(|row| {
            !cell(row, "品").is_blank() && present.iter().filter(|p| cell(p, "品") == cell(row, "品")).count() > 1
        });
        let code = Record::new(present).diff(&wanted, &write).err().map(|e| e.code());
        let expected = if doubled { Some("engine.duplicate_key") } else { ambiguous.then_some("engine.duplicate_record") };
        prop_assert_eq!(code, expected);
    }

    #[test]
    fn replacing_leaves_exactly_the_rows_and_what_is_equal_stays(present in rows(true), wanted in rows(false)) {
        let mut record = Record::new(present);
        let before = record.clone();
        let write = write(TableMethod::Replace);
        record.apply(&record.diff(&wanted, &write).unwrap());
        let held = record.rows.iter().map(|r| cells(r, &CARRIED)).collect::<Vec<_>>();
        prop_assert_eq!(held, wanted.iter().map(|w| cells(w, &CARRIED)).collect::<Vec<_>>(), "in the flow's order");
        for row in &record.rows {
            match before.rows.iter().find(|b| b.id == row.id) {
                Some(b) => prop_assert_eq!(cells(row, &ALL), cells(b, &ALL), "an equal row is that row, with all it holds"),
                None => prop_assert_eq!(cell(row, "メモ"), Value::Blank),
            }
        }
        let mut lost: Vec<_> = before.rows.iter().filter(|b| !record.rows.iter().any(|r| r.id == b.id)).map(|b| cells(b, &CARRIED)).collect();
        for new in record.rows.iter().filter(|r| !before.rows.iter().any(|b| b.id == r.id)) {
            prop_assert!(!lost.contains(&cells(new, &CARRIED)), "no row is new while an equal one goes");
        }
        lost.clear();
        prop_assert!(record.diff(&wanted, &write).unwrap().is_empty());
    }

    #[test]
    fn appending_keeps_every_row_and_adds_the_others_behind(present in rows(true), wanted in rows(false)) {
        let mut record = Record::new(present);
        let before = record.clone();
        let changes = record.diff(&wanted, &write(TableMethod::Append)).unwrap();
        prop_assert_eq!(changes.is_empty(), wanted.is_empty());
        record.apply(&changes);
        prop_assert_eq!(&record.rows[..before.rows.len()], &before.rows[..]);
        let added = record.rows[before.rows.len()..].iter().map(|r| cells(r, &ALL)).collect::<Vec<_>>();
        prop_assert_eq!(added, wanted.iter().map(|w| cells(w, &ALL)).collect::<Vec<_>>());
    }
}
