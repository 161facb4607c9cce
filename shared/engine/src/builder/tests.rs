//! Tests of the table builder: every kind, mixed scales, refusals, chunks.

use model::decimal::Decimal;
use model::field::Kind;
use model::value::{Entity, FileRef, Row};
use proptest::prelude::*;

use super::*;

fn shape(kinds: &[Kind]) -> Vec<Shape> {
    kinds.iter().enumerate().map(|(i, kind)| Shape::new(format!("c{i}"), *kind)).collect()
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

#[test]
fn every_kind_comes_back_as_it_went_in() {
    let kinds = [
        Kind::Text,
        Kind::Number,
        Kind::Bool,
        Kind::Date,
        Kind::Time,
        Kind::Datetime,
        Kind::Texts,
        Kind::Entities,
        Kind::Files,
        Kind::Rows,
    ];
    let row = vec![
        Value::Text("日本語の長い文字列、十二バイトより長い".into()),
        number("-12.50"),
        Value::Bool(true),
        Value::Date(-1),
        Value::Time(86_399),
        Value::Datetime(-62_135_596_800),
        Value::Texts(vec!["赤".into(), "青".into()]),
        Value::Entities(vec![Entity { code: "sato".into(), name: "佐藤".into() }]),
        Value::Files(vec![FileRef {
            file_key: "k".into(),
            name: "a.txt".into(),
            content_type: "text/plain".into(),
            size: "3".into(),
        }]),
        Value::Rows(vec![Row {
            id: Some("7".into()),
            cells: vec![("数量".into(), number("3")), ("品名".into(), Value::Blank)],
        }]),
    ];
    let blank = vec![Value::Blank; kinds.len()];
    let rows = [row.clone(), blank, row];
    let table = Table::from_rows(&shape(&kinds), &rows).unwrap();
    assert_eq!(table.to_rows(), rows);
    assert_eq!(table.value(1, 0), Value::Blank);
    assert_eq!(table.value(9, 0), Value::Blank);
    assert_eq!(table.value(0, 99), Value::Blank);
}

#[test]
fn fields_come_in_any_order_and_missing_ones_are_blank() {
    let mut builder = TableBuilder::new(&shape(&[Kind::Text, Kind::Number, Kind::Texts]));
    builder.push(2, Cell::Texts(&["x".into()])).unwrap();
    builder.push(0, Cell::Text("a")).unwrap();
    builder.end_row().unwrap();
    builder.push(1, Cell::Number(Decimal::from(5))).unwrap();
    builder.push(0, Cell::Text("")).unwrap();
    builder.push(2, Cell::Texts(&[])).unwrap();
    builder.end_row().unwrap();
    assert_eq!(
        builder.finish().unwrap().to_rows(),
        [
            [Value::Text("a".into()), Value::Blank, Value::Texts(vec!["x".into()])],
            [Value::Blank, number("5"), Value::Blank]
        ]
    );
}

#[test]
fn a_table_may_have_rows_and_no_column() {
    let mut builder = TableBuilder::new(&[]);
    builder.end_row().unwrap();
    builder.end_row().unwrap();
    assert_eq!(builder.finish().unwrap().rows(), 2);
}

#[test]
fn what_does_not_belong_is_refused_with_its_row() {
    let mut builder = TableBuilder::new(&shape(&[Kind::Number]));
    builder.end_row().unwrap();
    let wrong = builder.push(0, Cell::Text("x")).unwrap_err();
    assert_eq!((wrong.column, wrong.reason.as_str()), (0, "row 2: Text in a column of Number"));
    assert_eq!(builder.push(1, Cell::Blank).unwrap_err().reason, "row 2: no such column");
    builder.push(0, Cell::Blank).unwrap();
    assert_eq!(builder.push(0, Cell::Blank).unwrap_err().reason, "row 2: a second value for one field of one row");
    assert_eq!(builder.finish().unwrap_err().code(), "engine.plan");
}

#[test]
fn a_number_that_does_not_fit_beside_the_others_is_refused() {
    let big = "9".repeat(38);
    let mut builder = TableBuilder::new(&shape(&[Kind::Number]));
    builder.push_value(0, &number(&big)).unwrap();
    builder.close_row();
    let error = builder.push_value(0, &number("0.1")).unwrap_err();
    let (long, fine) = ((1, big.clone()), (2, "0.1".to_owned()));
    assert_eq!(error, EngineError::Scale { place: Box::new(Place::field("c0").at(1)), long, fine });
    builder.close_row();
    assert_eq!(builder.finish().unwrap().to_rows(), [[number(&big)], [Value::Blank]]);
}

#[test]
fn chunks_of_different_scale_that_do_not_fit_name_the_row() {
    let columns = shape(&[Kind::Number]);
    let wide = Table::from_rows(&columns, &[vec![number("1")], vec![number(&"9".repeat(38))]]).unwrap();
    let fine = Table::from_rows(&columns, &[vec![number("0.5")]]).unwrap();
    let error = Table::concat(vec![fine, wide]).unwrap_err();
    let (long, fine) = ((3, "9".repeat(38)), (1, "0.5".to_owned()));
    assert_eq!(error, EngineError::Scale { place: Box::new(Place::field("c0")), long, fine });
}

#[test]
fn long_tables_pass_the_chunk_border() {
    let columns = shape(&[Kind::Text, Kind::Number, Kind::Texts]);
    let rows: Vec<Vec<Value>> = (0..20_000i64)
        .map(|i| {
            let scale = if i % 9_000 == 0 { 3 } else { 0 };
            vec![
                if i % 7 == 0 { Value::Blank } else { Value::Text(format!("text number {i}")) },
                Value::Number(Decimal::from_parts(i128::from(i) * 10 + 1, scale).unwrap()),
                if i % 3 == 0 { Value::Blank } else { Value::Texts(vec![i.to_string(), "b".into()]) },
            ]
        })
        .collect();
    let table = Table::from_rows(&columns, &rows).unwrap();
    assert_eq!(table.rows(), 20_000);
    assert!(table.to_rows() == rows);
}

#[test]
fn tables_of_other_columns_do_not_concat() {
    let a = Table::empty(&shape(&[Kind::Text]));
    let b = Table::empty(&shape(&[Kind::Number]));
    assert_eq!(Table::concat(vec![a, b]).unwrap_err().code(), "engine.plan");
    assert_eq!(Table::concat(Vec::new()).unwrap().rows(), 0);
}

fn any_value(kind: Kind) -> BoxedStrategy<Value> {
    let filled = match kind {
        Kind::Number => (-1_000_000i128..1_000_000, 0u32..6)
            .prop_map(|(m, s)| Value::Number(Decimal::from_parts(m, s).unwrap()))
            .boxed(),
        Kind::Texts => prop::collection::vec("[a-c]{1,3}", 1..4).prop_map(Value::Texts).boxed(),
        _ => "[あ-お a-z]{1,20}".prop_map(Value::Text).boxed(),
    };
    prop_oneof![1 => Just(Value::Blank), 4 => filled].boxed()
}

proptest! {
    #[test]
    fn concat_of_parts_is_the_whole(
        rows in prop::collection::vec((any_value(Kind::Text), any_value(Kind::Number), any_value(Kind::Texts)), 0..40),
        cuts in prop::collection::vec(0usize..40, 0..4),
    ) {
        let columns = shape(&[Kind::Text, Kind::Number, Kind::Texts]);
        let rows: Vec<Vec<Value>> = rows.into_iter().map(|(a, b, c)| vec![a, b, c]).collect();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(rows.len())).collect();
        cuts.extend([0, rows.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|w| Table::from_rows(&columns, &rows[w[0]..w[1]]).unwrap()).collect();
        prop_assert_eq!(Table::concat(parts).unwrap().to_rows(), Table::from_rows(&columns, &rows).unwrap().to_rows());
    }
}
