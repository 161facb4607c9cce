//! What is added, changed and deleted, by method.

use engine::{
    Changes, Delete, EngineError, KeyValues, Reason, Skipped, Table, Target, diff, key_values, target_fields,
};
use flow::plan::{Method, Write};
use model::field::{AppSchema, Field, FieldType, Kind};
use model::value::{Row, Value};

use crate::support::{table, tokyo};

/// Stock: 商品 (unique where asked), 倉庫, 在庫 and a table of movements.
fn schema(unique: bool) -> AppSchema {
    let mut moves = Field::new("明細", FieldType::Subtable);
    moves.fields = vec![Field::new("数量", FieldType::Number), Field::new("備考", FieldType::SingleLineText)];
    let fields = vec![
        Field::new("$id", FieldType::Id),
        Field::new("$revision", FieldType::Revision),
        Field::new("番号", FieldType::RecordNumber),
        Field { unique, ..Field::new("商品", FieldType::SingleLineText) },
        Field::new("倉庫", FieldType::SingleLineText),
        Field::new("在庫", FieldType::Number),
        Field::new("担当", FieldType::UserSelect),
        moves,
    ];
    AppSchema { app: 2, name: "在庫".into(), precision: Default::default(), fields }
}

fn write(method: Method, fields: &[&str]) -> Write {
    Write::new(2, method, fields.iter().enumerate().map(|(i, f)| (i, (*f).to_owned())).collect())
}

fn update(key: &[&str], insert: bool) -> Method {
    Method::Update { key: key.iter().map(|k| (*k).to_owned()).collect(), insert }
}

fn changes(rows: &Table, write: &Write, present: &Table, strict: bool) -> Result<Changes, EngineError> {
    changes_of(rows, write, present, strict, &schema(false))
}

fn changes_of(
    rows: &Table,
    write: &Write,
    present: &Table,
    strict: bool,
    schema: &AppSchema,
) -> Result<Changes, EngineError> {
    diff(rows, &Target { step: "書く", write, schema, zone: &tokyo(), strict }, present)
}

/// `id@revision field=value …` per update.
fn updates(changes: &Changes) -> Vec<String> {
    let told = |update: &engine::Update| {
        let fields = changes.changed(update);
        let text = |(code, value): &(String, Value)| format!(" {code}={}", engine::value_text(value, &tokyo()));
        format!("{}@{}{}", update.id, update.revision, fields.iter().map(text).collect::<String>())
    };
    changes.updates.iter().map(told).collect()
}

const PRESENT: &str = "$id:number $revision:number 商品:text 倉庫:text 在庫:number";

#[test]
fn an_update_writes_only_the_fields_that_differ() {
    let rows = table("商品:text 倉庫:text 在庫:number", &["B|東|5", "A|西|10.00004", "C|東|", "D|南|1"]);
    let present = table(PRESENT, &["1|3|A|西|10", "2|4|B|西|6", "3|9|C|東|7", "7|1|Z|北|0"]);
    let w = write(update(&["商品"], true), &["商品", "倉庫", "在庫"]);
    let c = changes(&rows, &w, &present, false).unwrap();
    assert_eq!(updates(&c), ["2@4 倉庫=東 在庫=5", "3@9 在庫="]);
    assert_eq!(c.before(&c.updates[0])[1], ("在庫".into(), Value::Number(6.into())));
    assert_eq!((c.unchanged, c.adds.clone(), c.deletes.len(), c.len(), c.is_empty()), (1, vec![3], 0, 3, false));
    assert_eq!(
        c.added().next().unwrap(),
        [
            ("商品".to_owned(), Value::Text("D".into())),
            ("倉庫".to_owned(), Value::Text("南".into())),
            ("在庫".to_owned(), Value::Number(1.into()))
        ]
    );
}

#[test]
fn without_insert_rows_without_a_record_are_skipped_and_counted() {
    let rows = table("商品:text 在庫:number", &["A|1", "X|2", "|3"]);
    let present = table(PRESENT, &["1|1|A||1"]);
    let w = write(update(&["商品"], false), &["商品", "在庫"]);
    let c = changes(&rows, &w, &present, false).unwrap();
    assert!(c.is_empty());
    assert_eq!((c.unchanged, c.skipped), (1, Skipped { blank_key: 1, no_partner: 1 }));
    assert_eq!((c.counts.of("商品", Reason::NoPartner), c.counts.of("商品", Reason::BlankKey)), (1, 1));
    assert_eq!(changes(&rows, &w, &present, true).unwrap_err(), EngineError::BlankKey { step: "書く".into(), row: 3 });
}

#[test]
fn with_insert_rows_with_a_blank_key_are_added() {
    let rows = table("商品:text 倉庫:text 在庫:number", &["|東|1", "|東|1", "A||2"]);
    let w = write(update(&["商品", "倉庫"], true), &["商品", "倉庫", "在庫"]);
    let present = table(PRESENT, &["1|1|||1", "2|1|A||2"]);
    let c = changes(&rows, &w, &present, true).unwrap();
    assert_eq!((c.adds, c.unchanged), (vec![0, 1, 2], 0));
}

#[test]
fn doubled_keys_are_errors_that_name_them() {
    let w = write(update(&["商品", "倉庫"], true), &["商品", "倉庫", "在庫"]);
    let rows = table("商品:text 倉庫:text 在庫:number", &["A|東|1", "A|西|2", "A|東|3"]);
    let error = changes(&rows, &w, &table(PRESENT, &[]), false).unwrap_err();
    assert_eq!(error, EngineError::DuplicateKey { step: "書く".into(), key: "A, 東".into(), rows: vec![1, 3] });
    let present = table(PRESENT, &["5|1|A|東|1", "6|1|B|東|1", "7|1|B|東|2", "9|1|A|東|1"]);
    let one = table("商品:text 倉庫:text 在庫:number", &["A|東|1"]);
    let error = changes(&one, &w, &present, false).unwrap_err();
    assert_eq!(error, EngineError::DuplicateRecord { step: "書く".into(), key: "A, 東".into(), ids: vec![5, 9] });
    // Records that no row addresses may share a key: only what is written must be clear.
    let other = table("商品:text 倉庫:text 在庫:number", &["C|東|1"]);
    assert_eq!(changes(&other, &w, &present, false).unwrap().adds, [0]);
}

#[test]
fn the_record_number_is_a_key_with_or_without_the_apps_code() {
    let present = table("$id:number $revision:number 在庫:number", &["12|2|5", "13|1|5", "14|1|5"]);
    for (code, header, cells) in [
        ("番号", "番号:text 在庫:number", ["STOCK-12|6", "13|5", "STOCK-A-14|7"]),
        ("$id", "$id:number 在庫:number", ["12|6", "13|5", "14|7"]),
    ] {
        let w = write(update(&[code], false), &[code, "在庫"]);
        let c = changes(&table(header, &cells), &w, &present, true).unwrap();
        assert_eq!(updates(&c), ["12@2 在庫=6", "14@1 在庫=7"], "{code}");
        assert_eq!(c.unchanged, 1);
        let names: Vec<_> = target_fields(&w, &schema(false)).into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["$id", "$revision", "在庫"]);
    }
    let w = write(update(&["番号"], true), &["番号", "在庫"]);
    let c = changes(&table("番号:text 在庫:number", &["x|6", "99|1"]), &w, &present, false).unwrap();
    assert_eq!(c.counts.of("番号", Reason::NotANumber), 1);
    assert_eq!(c.added().next().unwrap(), [("在庫".to_owned(), Value::Number(6.into()))], "the number is not written");
    assert_eq!(c.adds, [0, 1]);
}

#[test]
fn keys_are_compared_as_the_field_stores_them() {
    let rows = table("商品:number 在庫:text", &["1.0|5.00001", "2|x"]);
    let present = table(PRESENT, &["1|1|1||5", "2|1|2||7"]);
    let w = write(update(&["商品"], false), &["商品", "在庫"]);
    let c = changes(&rows, &w, &present, false).unwrap();
    assert_eq!(updates(&c), ["2@1 在庫="]);
    assert_eq!(c.counts.of("在庫", Reason::NotANumber), 1);
    let schema = schema(false);
    let target = Target { step: "書く", write: &w, schema: &schema, zone: &tokyo(), strict: false };
    let values = vec![Value::Text("1".into()), Value::Text("2".into())];
    assert_eq!(key_values(&rows, &target).unwrap(), [KeyValues { field: "商品".into(), values }]);
}

#[test]
fn appending_adds_all_rows_and_reads_nothing() {
    let w = write(Method::Append, &["商品"]);
    assert!(target_fields(&w, &schema(false)).is_empty());
    let c = changes(&table("商品:text", &["A", "A", ""]), &w, &Table::default(), true).unwrap();
    assert_eq!((c.adds, c.updates.len(), c.deletes.len()), (vec![0, 1, 2], 0, 0));
}

#[test]
fn regenerating_matches_whole_rows_where_nothing_is_unique() {
    let rows = table("商品:text 在庫:number", &["A|1", "A|1", "B|2", "|"]);
    let present = table(PRESENT, &["1|1|A||1.0", "2|5|B||3", "3|1|||", "4|1|||"]);
    let c =
        changes(&rows, &write(Method::Regenerate { allow_empty: false }, &["商品", "在庫"]), &present, true).unwrap();
    assert_eq!((c.unchanged, c.adds, c.updates.len()), (2, vec![1, 2], 0));
    assert_eq!(c.deletes, [Delete { id: 2, revision: 5 }, Delete { id: 4, revision: 1 }]);
}

#[test]
fn regenerating_matches_by_the_unique_field() {
    let rows = table("商品:text 在庫:number", &["A|1", "B|2", "C|3", "|9"]);
    let present = table(PRESENT, &["1|1|C||3", "2|5|B||3", "3|1|||9", "4|1|X||0"]);
    let w = write(Method::Regenerate { allow_empty: false }, &["商品", "在庫"]);
    let c = changes_of(&rows, &w, &present, true, &schema(true)).unwrap();
    assert_eq!(updates(&c), ["2@5 在庫=2"]);
    assert_eq!((c.unchanged, c.adds), (2, vec![0]));
    assert_eq!(c.deletes, [Delete { id: 4, revision: 1 }]);
    let doubled = table("商品:text 在庫:number", &["A|1", "A|2"]);
    assert_eq!(changes_of(&doubled, &w, &present, true, &schema(true)).unwrap_err().code(), "engine.duplicate_key");
}

#[test]
fn an_app_is_emptied_only_with_consent() {
    let none = table("商品:text", &[]);
    let present = table("$id:number $revision:number 商品:text", &["1|2|A"]);
    let refused = changes(&none, &write(Method::Regenerate { allow_empty: false }, &["商品"]), &present, false);
    assert_eq!(refused.unwrap_err(), EngineError::EmptyResult { step: "書く".into() });
    let c = changes(&none, &write(Method::Regenerate { allow_empty: true }, &["商品"]), &present, false).unwrap();
    assert_eq!(c.deletes, [Delete { id: 1, revision: 2 }]);
}

#[test]
fn users_are_compared_by_code_in_any_order() {
    let rows = table("商品:text 担当:entities", &["A|sato;suzuki", "B|sato"]);
    let present = table("$id:number $revision:number 商品:text 担当:entities", &["1|1|A|suzuki;sato", "2|1|B|"]);
    let c = changes(&rows, &write(update(&["商品"], false), &["商品", "担当"]), &present, true).unwrap();
    assert_eq!(updates(&c), ["2@1 担当=sato"]);
}

#[test]
fn table_rows_are_compared_by_their_cells_and_keep_known_ids() {
    let row = |id: Option<&str>, n: i64, note: Option<&str>| {
        let mut cells = vec![("数量".to_owned(), Value::Number(n.into()))];
        cells.extend(note.map(|note| ("備考".to_owned(), Value::text(note))));
        Row { id: id.map(str::to_owned), cells }
    };
    let with = |own: &str, rows: Vec<Vec<Value>>| {
        let mut columns = crate::support::columns(own);
        columns.push(flow::plan::Column::new("明細", Kind::Rows));
        Table::from_rows(&columns, &rows).unwrap()
    };
    let text = |t: &str| Value::Text(t.into());
    let number = |n: i64| Value::Number(n.into());
    let rows = with(
        "商品:text",
        vec![
            vec![text("A"), Value::Rows(vec![row(None, 1, None)])],
            vec![text("B"), Value::Rows(vec![row(Some("21"), 5, None), row(Some("99"), 6, None)])],
        ],
    );
    let present = with(
        "$id:number $revision:number 商品:text",
        vec![
            vec![number(1), number(1), text("A"), Value::Rows(vec![row(Some("11"), 1, Some("x"))])],
            vec![number(2), number(1), text("B"), Value::Rows(vec![row(Some("21"), 4, Some(""))])],
        ],
    );
    let c = changes(&rows, &write(update(&["商品"], false), &["商品", "明細"]), &present, true).unwrap();
    assert_eq!(c.unchanged, 1);
    let expected = Value::Rows(vec![row(Some("21"), 5, Some("")), row(None, 6, None)]);
    assert_eq!(c.changed(&c.updates[0]), [("明細".to_owned(), expected)]);
}

#[test]
fn records_that_were_read_otherwise_are_a_fault() {
    let rows = table("商品:text 在庫:number", &["A|1"]);
    let w = write(update(&["商品"], true), &["商品", "在庫"]);
    assert_eq!(
        changes(&rows, &w, &table("$id:number $revision:number 商品:text", &[]), false).unwrap_err().code(),
        "engine.field"
    );
    let text = table("$id:number $revision:number 商品:text 在庫:text", &[]);
    assert_eq!(changes(&rows, &w, &text, false).unwrap_err().code(), "engine.plan");
}
