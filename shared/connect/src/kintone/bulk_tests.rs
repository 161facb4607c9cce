//! Packing of changes: shapes, order, limits.

use model::field::FieldType;

use super::*;

fn target(app: u64) -> Target {
    Target { app, fields: vec![Field::new("数", FieldType::Number)] }
}

fn builder(fenced: bool) -> BulkBuilder {
    BulkBuilder::new("/k/v1/records.json".into(), fenced, MAX_BULK_BYTES)
}

fn part_json(bulk: &Bulk, at: usize) -> serde_json::Value {
    serde_json::from_slice(&bulk.parts[at].json).unwrap()
}

#[test]
fn parts_have_kintones_shape_and_the_given_order() {
    let (mut b, one) = (builder(false), [Value::Number(1.into())]);
    let key = Field::new("コード", FieldType::SingleLineText);
    let code = Value::Text("A".into());
    let changes = [
        Change::Insert { values: &one },
        Change::Update { id: 7, revision: Some(3), values: &one },
        Change::UpdateByKey { key: &key, value: &code, revision: None, values: &one },
        Change::Upsert { key: &key, value: &code, values: &one },
        Change::Delete { id: 9, revision: Some(2) },
        Change::Delete { id: 10, revision: None },
        Change::Insert { values: &one },
    ];
    for change in changes {
        assert!(b.push(&target(5), change).unwrap().is_none());
    }
    let bulk = b.cut().unwrap();
    assert_eq!((bulk.positions(), bulk.records(), bulk.apps()), (0..7, 7, vec![5]));
    let all: Vec<serde_json::Value> = (0..bulk.parts.len()).map(|at| part_json(&bulk, at)).collect();
    let api = "/k/v1/records.json";
    let record = serde_json::json!({"数": {"value": "1"}});
    let update_key = serde_json::json!({"field": "コード", "value": "A"});
    let expected = serde_json::json!([
        {"method": "POST", "api": api, "payload": {"app": 5, "records": [record]}},
        {"method": "PUT", "api": api, "payload": {"app": 5, "records": [
            {"id": 7, "revision": 3, "record": record}, {"updateKey": update_key, "record": record}]}},
        {"method": "PUT", "api": api, "payload": {"app": 5, "upsert": true, "records": [
            {"updateKey": update_key, "record": record}]}},
        {"method": "DELETE", "api": api, "payload": {"app": 5, "ids": [9, 10], "revisions": [2, -1]}},
        {"method": "POST", "api": api, "payload": {"app": 5, "records": [record]}},
    ]);
    assert_eq!(serde_json::Value::Array(all), expected);
    assert!(b.cut().is_none());
}

#[test]
fn a_fence_leaves_nineteen_parts() {
    for (fenced, first) in [(true, 1_900), (false, 2_000)] {
        let (mut b, one) = (builder(fenced), [Value::Number(1.into())]);
        let mut bulks: Vec<Bulk> = Vec::new();
        for _ in 0..2_001 {
            bulks.extend(b.push(&target(1), Change::Insert { values: &one }).unwrap());
        }
        bulks.extend(b.cut());
        let ranges: Vec<Range<usize>> = bulks.iter().map(Bulk::positions).collect();
        assert_eq!(ranges, [0..first, first..2_001]);
        assert_eq!(bulks[0].parts[1].positions, 100..200);
    }
}

#[test]
fn bytes_end_a_bulk_too() {
    let mut b = BulkBuilder::new("/k/v1/records.json".into(), true, 10_000);
    let target = Target { app: 1, fields: vec![Field::new("文", FieldType::MultiLineText)] };
    let long = [Value::Text("x".repeat(3_000))];
    let huge = [Value::Text("x".repeat(30_000))];
    let mut bulks: Vec<Bulk> = Vec::new();
    for values in [&long, &long, &long, &long, &huge, &long] {
        bulks.extend(b.push(&target, Change::Insert { values }).unwrap());
    }
    bulks.extend(b.cut());
    let sizes: Vec<usize> = bulks.iter().map(Bulk::records).collect();
    assert_eq!(sizes, [3, 1, 1, 1], "one that is too large by itself is still sent, alone");
    assert!(bulks.iter().filter(|b| b.bytes() > 10_000).all(|b| b.records() == 1));
}

#[test]
fn a_change_that_cannot_be_written_takes_no_place() {
    let mut b = builder(false);
    assert!(b.push(&target(1), Change::Insert { values: &[Value::Bool(true)] }).is_err());
    b.push(&target(1), Change::Insert { values: &[Value::Blank] }).unwrap();
    let bulk = b.cut().unwrap();
    assert_eq!(bulk.positions(), 0..1);
    assert_eq!(part_json(&bulk, 0)["payload"]["records"][0]["数"]["value"], "");
}

#[test]
fn a_cut_starts_a_new_bulk() {
    let (mut b, one) = (builder(false), [Value::Number(1.into())]);
    b.push(&target(1), Change::Insert { values: &one }).unwrap();
    assert_eq!(b.cut().unwrap().positions(), 0..1);
    b.push(&target(2), Change::Insert { values: &one }).unwrap();
    let bulk = b.cut().unwrap();
    assert_eq!((bulk.positions(), bulk.apps()), (1..2, vec![2]));
}
