//! Writing: order, shapes, revisions, keys, and which record a refusal is about.

use connect::kintone::{
    Change, Class, Kintone, ReadField, RecordFailure, Rejection, Right, Target, WriteError, Written,
};
use model::field::{Field, FieldType};
use model::value::{Entity, Row, RowSink, Value};
use serde_json::json;
use sim::{AppSpec, Right as SimRight};

use crate::support::{
    calls_of, client, fence, held, inserts, number, open, request, rows, sim, stock_app, stock_target, text,
};

/// All changes in one bulk.
async fn write(kintone: &Kintone, target: &Target, changes: &[Change<'_>]) -> Result<Vec<Written>, Rejection> {
    let mut builder = kintone.bulk_builder(false);
    for change in changes {
        assert!(builder.push(target, *change).unwrap().is_none());
    }
    match kintone.commit(&builder.cut().unwrap(), None).await {
        Ok(committed) => Ok(committed.records),
        Err(WriteError::Refused(rejection)) => Err(*rejection),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_records_are_added_in_order_in_few_calls() {
    let sim = sim().await;
    let control = sim.control();
    let (app, fence) = (stock_app(&control), fence(&control));
    let kintone = client(&sim, &[app, fence.app]);
    let mut writer = kintone.fenced_writer(fence);
    let mut written: Vec<Written> = Vec::new();
    for (n, bulk) in inserts(&kintone, app, 5_000, true).into_iter().enumerate() {
        written.extend(writer.submit(bulk, &n.to_string()).await.unwrap().map(|c| c.records).unwrap_or_default());
    }
    written.extend(writer.finish().await.unwrap().unwrap().records);
    let expected: Vec<(u64, String)> = (1..=5_000).map(|n| (n, format!("P{n}"))).collect();
    assert_eq!(held(&control, app, "商品コード"), expected);
    assert_eq!(written.iter().map(|w| w.id).collect::<Vec<_>>(), (1..=5_000).collect::<Vec<_>>());
    assert!(written.iter().all(|w| w.inserted && w.revision == Some(1)));
    assert_eq!((calls_of(&control, "bulkRequest.json"), kintone.calls().of_app(app)), (3, 3));
    assert!(control.calls().iter().all(|call| call.parts[0].app != Some(app)), "the fence comes first");
}

#[tokio::test]
async fn changes_of_all_kinds_share_a_bulk() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    let seed = ["A", "B", "C"].map(|code| json!({"商品コード": {"value": code}, "在庫数": {"value": "1"}}));
    control.put_records(app, seed.to_vec()).unwrap();
    let kintone = client(&sim, &[app]);
    let key = Field::new("商品コード", FieldType::SingleLineText);
    let target = Target { app, fields: vec![Field::new("在庫数", FieldType::Number)] };
    let (a, b, d) = (text("A"), text("B"), text("D"));
    let values = ["10", "20", "30", "40"].map(|n| [number(n)]);
    let changes = [
        Change::UpdateByKey { key: &key, value: &a, revision: Some(1), values: &values[0] },
        Change::Upsert { key: &key, value: &b, values: &values[1] },
        Change::Upsert { key: &key, value: &d, values: &values[2] },
        Change::Update { id: 1, revision: Some(2), values: &values[3] },
        Change::Delete { id: 3, revision: Some(1) },
    ];
    let written = write(&kintone, &target, &changes).await.unwrap();
    let of = |id, revision, inserted| Written { id, revision, inserted };
    let expected =
        [of(1, Some(2), false), of(2, Some(2), false), of(4, Some(1), true), of(1, Some(3), false), of(3, None, false)];
    assert_eq!(written, expected);
    assert_eq!(held(&control, app, "在庫数"), [(1, "40".into()), (2, "20".into()), (4, "30".into())]);
}

#[tokio::test]
async fn a_conflict_writes_nothing_and_names_its_part() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    control.put_records(app, vec![json!({"在庫数": {"value": "1"}}), json!({"在庫数": {"value": "1"}})]).unwrap();
    control.screen_update(app, 2, json!({"在庫数": {"value": "5"}})).unwrap();
    let kintone = client(&sim, &[app]);
    let target = Target { app, fields: vec![Field::new("在庫数", FieldType::Number)] };
    let values = [number("9")];
    let changes = [
        Change::Insert { values: &values },
        Change::Update { id: 1, revision: Some(1), values: &values },
        Change::Update { id: 2, revision: Some(1), values: &values },
    ];
    let rejection = write(&kintone, &target, &changes).await.unwrap_err();
    assert_eq!((rejection.error.class, rejection.part), (Class::Conflict, Some(1..3)));
    assert_eq!(held(&control, app, "在庫数"), [(1, "1".into()), (2, "5".into())]);
    let gone = [Change::Delete { id: 77, revision: None }];
    assert_eq!(write(&kintone, &target, &gone).await.unwrap_err().error.class, Class::NotFound);
}

#[tokio::test]
async fn a_refused_value_leads_back_to_its_record() {
    let sim = sim().await;
    let control = sim.control();
    let (app, fence) = (stock_app(&control), fence(&control));
    let kintone = client(&sim, &[app, fence.app]);
    let target = stock_target(app);
    let mut builder = kintone.bulk_builder(true);
    for n in 0..250 {
        let amount = if n == 170 { "1000001" } else { "1" };
        builder.push(&target, Change::Insert { values: &[text(format!("P{n}")), number(amount)] }).unwrap();
    }
    let bulk = builder.cut().unwrap();
    let error = kintone.commit(&bulk, Some((&fence, "m"))).await.unwrap_err();
    let WriteError::Refused(rejection) = error else { panic!("{error}") };
    assert_eq!((rejection.error.class, rejection.part), (Class::Invalid, Some(100..200)));
    let messages = vec!["1000000以下である必要があります。".to_owned()];
    let expected = RecordFailure { position: 170, field: Some("在庫数".into()), table: None, messages };
    assert_eq!(rejection.records, [expected]);
    let [named] = rejection.named.as_slice() else { panic!("{:?}", rejection.named) };
    assert_eq!((named.position, named.app, named.id), (170, app, None));
    assert!(named.values.iter().any(|(_, value)| value == "P170"), "{named:?}");
    assert_eq!((control.count(app), control.record(fence.app, fence.record).unwrap().revision), (0, 1));
}

#[tokio::test]
async fn where_kintone_names_no_record_the_ends_of_the_part_are_told() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    let kintone = client(&sim, &[app]);
    let target = stock_target(app);
    let mut builder = kintone.bulk_builder(false);
    for id in 901..=903 {
        let values = [text("P"), number("1")];
        builder.push(&target, Change::Update { id, revision: None, values: &values }).unwrap();
    }
    let error = kintone.commit(&builder.cut().unwrap(), None).await.unwrap_err();
    let WriteError::Refused(rejection) = error else { panic!("{error}") };
    assert_eq!((rejection.error.class, rejection.records.len()), (Class::NotFound, 0));
    let ids: Vec<Option<u64>> = rejection.named.iter().map(|named| named.id).collect();
    assert_eq!(ids, [Some(901), Some(903)]);
}

#[tokio::test]
async fn a_refused_cell_of_a_table_is_named() {
    let sim = sim().await;
    let control = sim.control();
    let app = stock_app(&control);
    let kintone = client(&sim, &[app]);
    let schema = kintone.schema(app).await.unwrap().schema;
    let target = Target { app, fields: vec![schema.field("明細").unwrap().clone()] };
    let row = |n: &str| Row { id: None, cells: vec![("数".into(), number(n))] };
    let values = [Value::Rows(vec![row("1"), row("1001")])];
    let rejection = write(&kintone, &target, &[Change::Insert { values: &values }]).await.unwrap_err();
    let failure = &rejection.records[0];
    assert_eq!((failure.position, failure.field.as_deref()), (0, Some("数")));
    assert_eq!(failure.table, Some(("明細".to_owned(), 1)));
}

#[tokio::test]
async fn a_missing_right_is_named_with_its_app() {
    let sim = sim().await;
    let control = sim.control();
    let (first, second) = (stock_app(&control), stock_app(&control));
    let tokens = [
        control.add_token(first, &[SimRight::View, SimRight::Add, SimRight::Edit]).unwrap(),
        control.add_token(second, &[SimRight::View, SimRight::Edit]).unwrap(),
    ];
    let kintone = open(&sim, connect::kintone::Credential::tokens(&tokens.join(",")));
    let values = [text("A"), number("1")];
    let mut builder = kintone.bulk_builder(false);
    for app in [first, second] {
        builder.push(&stock_target(app), Change::Insert { values: &values }).unwrap();
    }
    let Err(WriteError::Refused(rejection)) = kintone.commit(&builder.cut().unwrap(), None).await else { panic!() };
    let error = &rejection.error;
    assert_eq!(
        (error.class, error.apps.as_slice(), error.right),
        (Class::Permission, [second].as_slice(), Some(Right::AddRecords))
    );
    assert_eq!(control.count(first), 0, "all or nothing");
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_was_written() {
    use FieldType as T;
    let sim = sim().await;
    let control = sim.control();
    control.add_user(sim::UserSpec { name: Some("佐藤".into()), ..sim::UserSpec::new("sato", "pw") });
    let choice = json!({"い": {"label": "い", "index": "0"}, "ろ": {"label": "ろ", "index": "1"}});
    let mut spec = AppSpec::new("全部");
    let plain =
        ["SINGLE_LINE_TEXT", "MULTI_LINE_TEXT", "RICH_TEXT", "NUMBER", "DATE", "TIME", "DATETIME", "USER_SELECT"];
    for kind in plain {
        spec = spec.field(kind, json!({"type": kind}));
    }
    for kind in ["DROP_DOWN", "RADIO_BUTTON", "CHECK_BOX", "MULTI_SELECT"] {
        spec = spec.field(kind, json!({"type": kind, "options": choice}));
    }
    let fields = json!({
        "品名": {"type": "SINGLE_LINE_TEXT", "code": "品名", "label": "品名"},
        "納期": {"type": "DATE", "code": "納期", "label": "納期"},
    });
    let app = control.create_app(spec.field("表", json!({"type": "SUBTABLE", "fields": fields}))).unwrap();
    let kintone = client(&sim, &[app]);
    let schema = kintone.schema(app).await.unwrap().schema;
    let sato = Entity { code: "sato".into(), name: "佐藤".into() };
    let cells = |name: &str, day| vec![("品名".to_owned(), text(name)), ("納期".to_owned(), day)];
    let table = vec![
        Row { id: None, cells: cells("ペン", Value::Date(20_000)) },
        Row { id: None, cells: cells("", Value::Blank) },
    ];
    let full: Vec<(T, Value)> = vec![
        (T::SingleLineText, text("\"引用\" \\ と <タグ>")),
        (T::MultiLineText, text("一行目\n二行目\t終")),
        (T::RichText, text("<b>太字</b>")),
        (T::Number, number("-12345.6789")),
        (T::Date, Value::Date(-1)),
        (T::Time, Value::Time(23 * 3600 + 59 * 60)),
        (T::Datetime, Value::Datetime(1_700_000_040)),
        (T::UserSelect, Value::Entities(vec![sato])),
        (T::DropDown, text("ろ")),
        (T::RadioButton, text("い")),
        (T::CheckBox, Value::Texts(vec!["い".into(), "ろ".into()])),
        (T::MultiSelect, Value::Texts(vec!["ろ".into()])),
        (T::Subtable, Value::Rows(table)),
    ];
    let target_fields: Vec<Field> =
        full.iter().map(|(kind, _)| schema.fields.iter().find(|f| f.field_type == *kind).unwrap().clone()).collect();
    let read: Vec<ReadField> = target_fields.iter().map(|field| ReadField::of(field).unwrap()).collect();
    let target = Target { app, fields: target_fields };
    let values: Vec<Value> = full.into_iter().map(|(_, value)| value).collect();
    // A blank radio button takes the app's default, which has none here.
    let blanks = vec![Value::Blank; values.len()];
    write(&kintone, &target, &[Change::Insert { values: &values }, Change::Insert { values: &blanks }]).await.unwrap();
    let asked = connect::kintone::ReadRequest { fields: read, ..request(app, &[], None) };
    let mut found = rows(kintone.read(&asked, || RowSink::new(values.len())).await.unwrap().sinks);
    let Some(Value::Rows(table)) = found[0].last_mut() else { panic!("{found:?}") };
    assert!(table.iter().all(|row| row.id.is_some()), "kintone numbers the rows");
    let keep = table[1].id.clone();
    table.iter_mut().for_each(|row| row.id = None);
    assert_eq!(found, [values.clone(), blanks]);

    // A row that is sent with its id stays; the other goes.
    let last = Target { app, fields: vec![target.fields.last().unwrap().clone()] };
    let rows_left = [Value::Rows(vec![Row { id: keep.clone(), cells: cells("紙", Value::Date(1)) }])];
    write(&kintone, &last, &[Change::Update { id: 1, revision: Some(1), values: &rows_left }]).await.unwrap();
    let record = kintone.read_one(app, 1, &asked.fields[asked.fields.len() - 1..]).await.unwrap().unwrap();
    assert_eq!((record.revision, record.values.as_slice()), (2, rows_left.as_slice()));
}
