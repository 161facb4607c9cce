//! The parser on bytes: kintone's shapes, odd orders, and what it must refuse.

use model::value::{RowSink, Value};

use super::*;

fn columns(fields: &[(&str, Kind)]) -> Columns {
    let fields: Vec<ReadField> = fields.iter().map(|(code, kind)| ReadField::new(*code, *kind)).collect();
    Columns::new(&fields).unwrap()
}

fn parse(fields: &[(&str, Kind)], json: &str) -> Result<(Page, Vec<Vec<Value>>), KintoneError> {
    let mut sink = RowSink::new(fields.len());
    let page = columns(fields).parse(json.as_bytes(), &mut sink)?;
    Ok((page, sink.rows))
}

#[test]
fn records_reach_the_sink_in_order() {
    let json = r#"{"records":[
        {"品名":{"type":"SINGLE_LINE_TEXT","value":"ペン"},"数":{"type":"NUMBER","value":"1.50"},"$id":{"type":"__ID__","value":"3"}},
        {"数":{"value":null,"type":"NUMBER"},"$id":{"type":"__ID__","value":"9"},"品名":{"type":"SINGLE_LINE_TEXT","value":"a\tb"},"x":{"value":[{}]}}
    ],"totalCount":"2"}"#;
    let (page, rows) = parse(&[("数", Kind::Number), ("品名", Kind::Text)], json).unwrap();
    assert_eq!(page, Page { records: 2, ids: Some((3, 9)), total: Some(2) });
    assert_eq!(rows[0], [Value::Number("1.5".parse().unwrap()), Value::Text("ペン".into())]);
    assert_eq!(rows[1], [Value::Blank, Value::Text("a\tb".into())]);
}

#[test]
fn the_id_can_be_a_column_and_codes_may_be_escaped() {
    let json = r#"{"totalCount":null,"records":[{"$id":{"type":"__ID__","value":"12"},"\u6570":{"type":"NUMBER","value":"7"}}]}"#;
    let (page, rows) = parse(&[("$id", Kind::Number), ("数", Kind::Number)], json).unwrap();
    assert_eq!((page.ids, page.total), (Some((12, 12)), None));
    assert_eq!(rows, [[Value::Number(12.into()), Value::Number(7.into())]]);
}

#[test]
fn a_missing_field_is_an_error_and_never_a_blank() {
    let json = r#"{"records":[{"数":{"type":"NUMBER","value":"1"},"$id":{"type":"__ID__","value":"3"}},
        {"$id":{"type":"__ID__","value":"4"}}],"totalCount":null}"#;
    let error = parse(&[("数", Kind::Number)], json).unwrap_err();
    assert_eq!(error.class, Class::Permission);
    assert_eq!(error.message, "the field 数 is not permitted or gone");
    // The same key twice does not make up for the missing one.
    let json = r#"{"records":[{"$id":{"value":"3"},"$id":{"value":"3"}}]}"#;
    assert_eq!(parse(&[("数", Kind::Number)], json).unwrap_err().class, Class::Permission);
}

#[test]
fn odd_answers_are_refused_with_the_field() {
    let json = r#"{"records":[{"$id":{"type":"__ID__","value":"3"},"日":{"type":"DATE","value":"きのう"}}]}"#;
    let error = parse(&[("日", Kind::Date)], json).unwrap_err();
    assert_eq!(error.class, Class::Malformed);
    assert!(error.message.starts_with("the field 日 of record 3: not a date"), "{error}");
    for json in ["", "[]", "{}", r#"{"records":{}}"#, r#"{"records":[]} x"#, r#"{"records":[{"$id":{"value":"x"}}]}"#] {
        assert_eq!(parse(&[], json).unwrap_err().class, Class::Malformed, "{json}");
    }
    let json = r#"{"records":[{"$id":{"type":"__ID__"}}]}"#;
    assert!(parse(&[], json).unwrap_err().message.contains("without a value"));
}

#[test]
fn a_refusal_of_the_sink_names_the_field() {
    let json = r#"{"records":[{"$id":{"value":"3"},"数":{"value":"1"}}]}"#;
    let error = columns(&[("数", Kind::Number)]).parse(json.as_bytes(), &mut RowSink::new(0)).unwrap_err();
    assert_eq!(
        (error.class, error.message.as_str()),
        (Class::Local, "the field 数 cannot be taken in: no such column")
    );
}

#[test]
fn a_descending_page_is_turned_round_and_cut() {
    let json = r#"{"records":[{"数":{"value":"9"},"$id":{"value":"9"}},{"数":{"value":"7"},"$id":{"value":"7"}},
        {"数":{"value":"5"},"$id":{"value":"5"}}],"totalCount":null}"#;
    let mut sink = RowSink::new(1);
    let page = columns(&[("数", Kind::Number)]).parse_reversed(json.as_bytes(), 5, &mut sink).unwrap();
    assert_eq!((page.records, page.ids), (2, Some((7, 9))));
    assert_eq!(sink.rows, [[Value::Number(7.into())], [Value::Number(9.into())]]);
}

#[test]
fn a_field_asked_for_twice_is_refused() {
    let twice = [ReadField::new("数", Kind::Number), ReadField::new("数", Kind::Text)];
    assert_eq!(Columns::new(&twice).unwrap_err().class, Class::Local);
}

#[test]
fn a_single_record_is_read_like_a_page_of_one() {
    let json = r#"{"record":{"$revision":{"value":"4"},"$id":{"value":"3"}}}"#;
    let (page, rows) = parse(&[("$revision", Kind::Number)], json).unwrap();
    assert_eq!((page.records, rows), (1, vec![vec![Value::Number(4.into())]]));
}
