//! Values that must be unique, moving between records: however they move, no part of a bulk meets one twice.

use std::collections::BTreeMap;

use engine::{Batch, Changes, Table, Target, diff};
use flow::plan::{Column, Method, Write};
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::Value;
use proptest::prelude::*;

use crate::support::tokyo;

const CODES: [&str; 3] = ["鍵", "席", "数"];

/// An app whose 鍵 and 席 are unique, as a strict kintone: what a part takes must be free before the part begins.
struct App {
    schema: AppSchema,
    records: BTreeMap<u64, (u64, Vec<Value>)>,
    last: u64,
}

impl App {
    fn new(rows: Vec<Vec<Value>>, required: bool) -> Self {
        let unique = |code| Field { unique: true, ..Field::new(code, FieldType::SingleLineText) };
        let seat = Field { required, ..unique(CODES[1]) };
        let fields =
            vec![Field::new("$id", FieldType::Id), unique(CODES[0]), seat, Field::new(CODES[2], FieldType::Number)];
        let schema = AppSchema { app: 1, name: String::new(), precision: Default::default(), fields };
        let last = rows.len() as u64;
        Self { schema, records: (1..).zip(rows.into_iter().map(|row| (1, row))).collect(), last }
    }

    fn diff(&self, wanted: &[Vec<Value>], method: Method) -> Changes {
        let number = |n: u64| Value::Number(i64::try_from(n).unwrap().into());
        let own = ["$id", "$revision"].map(|name| Column::new(name, Kind::Number));
        let shape = [Column::new("鍵", Kind::Text), Column::new("席", Kind::Text), Column::new("数", Kind::Number)];
        let held = |(id, (revision, row)): (&u64, &(u64, Vec<Value>))| {
            [vec![number(*id), number(*revision)], row.clone()].concat()
        };
        let held: Vec<_> = self.records.iter().map(held).collect();
        let present = Table::from_rows(&[&own[..], &shape[..]].concat(), &held).unwrap();
        let write = Write::new(1, method, CODES.iter().enumerate().map(|(i, c)| (i, (*c).to_owned())).collect());
        let target = Target { step: "書く", write: &write, schema: &self.schema, zone: &tokyo(), strict: true };
        diff(&Table::from_rows(&shape, wanted).unwrap(), &target, &present).unwrap()
    }

    fn put(&self, row: &[Value], record: Vec<(String, Value)>) -> Vec<Value> {
        let mut row = row.to_vec();
        for (code, value) in record {
            row[CODES.iter().position(|c| *c == code).unwrap()] = value;
        }
        row
    }

    /// One part: it counts as a whole, and what it gives up is free only behind it.
    fn part(&mut self, changes: &Changes, batch: &Batch) -> Result<(), String> {
        let before: Vec<(u64, Vec<Value>)> = self.records.iter().map(|(id, (_, row))| (*id, row.clone())).collect();
        let mut written: Vec<(u64, Vec<Value>)> = Vec::new();
        match batch {
            Batch::Put(puts) => {
                for put in puts {
                    let update = &changes.updates[put.update];
                    let (revision, row) = self.records[&update.id].clone();
                    if revision != put.revision {
                        return Err(format!("record {} is at {revision}, not {}", update.id, put.revision));
                    }
                    let record = put.release.clone().unwrap_or_else(|| changes.changed(update));
                    let row = self.put(&row, record);
                    written.push((update.id, row.clone()));
                    self.records.insert(update.id, (revision + 1, row));
                }
            }
            Batch::Delete(deletes) => deletes.iter().for_each(|d| {
                assert!(self.records.remove(&changes.deletes[*d].id).is_some(), "each once");
            }),
            Batch::Add(range) => {
                for row in &changes.adds[range.clone()] {
                    self.last += 1;
                    let row = self.put(&vec![Value::Blank; 3], changes.record(*row));
                    written.push((self.last, row.clone()));
                    self.records.insert(self.last, (1, row));
                }
            }
        }
        for (n, (id, row)) in written.iter().enumerate() {
            if self.schema.fields[2].required && row[1].is_blank() {
                return Err(format!("record {id} lacks 席"));
            }
            for field in 0..2 {
                let taken = |(other, held): &(u64, Vec<Value>)| other != id && held[field] == row[field];
                if !row[field].is_blank() && (before.iter().any(taken) || written[..n].iter().any(taken)) {
                    return Err(format!("{:?} of record {id} is there already", row[field]));
                }
            }
        }
        Ok(())
    }
}

/// Rows whose 鍵, and whose 席, are all different; blanks may repeat where `blank` says so.
fn rows(most: usize, blank: bool) -> impl Strategy<Value = Vec<Vec<Value>>> {
    let keys = prop::sample::subsequence((0..12).collect::<Vec<_>>(), 0..=most);
    let seats = Just((0..12).collect::<Vec<u8>>()).prop_shuffle();
    (keys, seats, prop::collection::vec((0i64..3, prop::bool::weighted(0.2)), 12)).prop_map(
        move |(keys, seats, rest)| {
            keys.iter()
                .zip(seats)
                .zip(rest)
                .map(|((key, seat), (n, without))| {
                    let seat = if blank && without { Value::Blank } else { Value::Text(format!("s{seat}")) };
                    vec![Value::Text(format!("k{key}")), seat, Value::Number(n.into())]
                })
                .collect()
        },
    )
}

fn holds(app: &App) -> Vec<String> {
    let mut all: Vec<_> = app.records.values().map(|(_, row)| format!("{row:?}")).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn seats_move_between_records(
        present in rows(8, true), wanted in rows(8, true), regenerate in any::<bool>(), required in any::<bool>(),
    ) {
        let seated = |rows: &[Vec<Value>]| rows.iter().all(|row| !row[1].is_blank());
        prop_assume!(!required || seated(&present) && seated(&wanted));
        let method = match regenerate {
            true => Method::Regenerate { allow_empty: true },
            false => Method::Update { key: vec!["鍵".into()], insert: true },
        };
        let mut app = App::new(present.clone(), required);
        let changes = app.diff(&wanted, method);
        // Without a regeneration a seat may stay taken by a record that nobody names: kintone refuses that, rightly.
        let key = |row: &Vec<Value>| row[0].clone();
        let stays: Vec<&Vec<Value>> = present.iter().filter(|p| !wanted.iter().any(|w| key(w) == key(p))).collect();
        let meets = wanted.iter().any(|w| !w[1].is_blank() && stays.iter().any(|p| p[1] == w[1]));
        prop_assume!(regenerate || !meets);
        let batches = changes.sequence();
        for batch in &batches {
            let done = app.part(&changes, batch);
            prop_assert!(done.is_ok(), "{}: {batches:#?}", done.unwrap_err());
        }
        let mut expected: Vec<_> = wanted.iter().chain(stays.into_iter().filter(|_| !regenerate)).map(|row| format!("{row:?}")).collect();
        expected.sort();
        prop_assert_eq!(holds(&app), expected);
    }
}

#[test]
fn two_that_change_seats_meet_in_no_part() {
    let row = |key: &str, seat: &str| vec![Value::text(key), Value::text(seat), Value::Blank];
    let mut app = App::new(vec![row("a", "1"), row("b", "2")], false);
    let method = || Method::Update { key: vec!["鍵".into()], insert: false };
    let changes = app.diff(&[row("a", "2"), row("b", "1")], method());
    let batches = changes.sequence();
    assert_eq!(batches.len(), 2, "one gives its seat up, then both sit down: {batches:#?}");
    batches.iter().for_each(|batch| app.part(&changes, batch).unwrap());
    // A long chain takes a part per hundred records twice, and a few waves.
    let long = |shift: usize| (0..250).map(|n| row(&format!("k{n}"), &(n + shift).to_string())).collect::<Vec<_>>();
    let mut app = App::new(long(0), false);
    let changes = app.diff(&long(1), method());
    let batches = changes.sequence();
    assert!(batches.len() <= 3 + 3 + 3, "{}", batches.len());
    batches.iter().for_each(|batch| app.part(&changes, batch).unwrap());
    assert_eq!(app.records[&1].1[1], Value::text("1"));
}

#[test]
fn deletes_stand_in_front_of_the_adds_that_take_their_values() {
    // 300 records are replaced by 300 others that take their seats in another order, and no record keeps its key.
    let row = |key: String, seat: usize| vec![Value::Text(key), Value::text(seat.to_string()), Value::Blank];
    let mut app = App::new((0..300).map(|n| row(format!("old{n}"), n)).collect(), false);
    let wanted: Vec<_> = (0..300).map(|n| row(format!("new{n}"), (n * 7 + 150) % 300)).collect();
    let changes = app.diff(&wanted, Method::Regenerate { allow_empty: false });
    assert_eq!((changes.adds.len(), changes.deletes.len()), (300, 300));
    for batch in changes.sequence() {
        app.part(&changes, &batch).unwrap();
        if matches!(batch, Batch::Add(_)) {
            assert_eq!(app.records.len(), 300, "as many go as come");
        }
    }
}
