//! Values on their way into the target app's fields, seen through what would be added.

use engine::{Changes, EngineError, Reason, Sample, Table, Target, diff};
use flow::plan::{Method, Write};
use model::field::{AppSchema, Field, FieldType, NumberPrecision, RoundingMode};
use model::value::{FileRef, Row, Value};

use crate::support::{table, tokyo};

fn choice(code: &str, of: FieldType) -> Field {
    Field { options: vec!["赤".into(), "青".into(), "緑".into()], ..Field::new(code, of) }
}

fn schema(field: Field) -> AppSchema {
    AppSchema { app: 2, name: String::new(), precision: NumberPrecision::default(), fields: vec![field] }
}

fn appended(rows: &Table, schema: &AppSchema, strict: bool) -> Result<Changes, EngineError> {
    let write = Write::new(2, Method::Append, vec![(0, schema.fields[0].code.clone())]);
    let target = Target { step: "書く", write: &write, schema, zone: &tokyo(), strict };
    diff(rows, &target, &Table::default())
}

/// What a column of these cells becomes in the field, as text.
fn becomes(kind: &str, cells: &[&str], field: Field) -> Vec<String> {
    let changes = appended(&table(&format!("x:{kind}"), cells), &schema(field), false).unwrap();
    let text = |record: engine::Record| engine::value_text(&record[0].1, &tokyo()).replace('\n', ";");
    changes.added().map(text).collect()
}

fn lost(kind: &str, cells: &[&str], field: Field, reason: Reason) -> u64 {
    let code = field.code.clone();
    let rows = table(&format!("x:{kind}"), cells);
    let changes = appended(&rows, &schema(field.clone()), false).unwrap();
    let total: u64 = changes.counts.iter().map(|c| c.count).sum();
    assert_eq!(total, changes.counts.of(&code, reason), "only this reason");
    assert_eq!(appended(&rows, &schema(field), true).is_err(), total > 0, "strict refuses what is counted");
    total
}

#[test]
fn numbers_are_stored_as_the_app_rounds_them() {
    let cells = ["12.34565", "12.34575", "-0.00005", "1", "", "0.00001"];
    let with = |rounding| {
        let mut schema = schema(Field::new("f", FieldType::Number));
        schema.precision.rounding = rounding;
        let changes = appended(&table("x:number", &cells), &schema, false).unwrap();
        assert_eq!(changes.counts.of("f", Reason::Rounded), 4, "1 and blank stay as they are");
        changes.added().map(|r| engine::value_text(&r[0].1, &tokyo())).collect::<Vec<_>>()
    };
    assert_eq!(with(RoundingMode::HalfEven), ["12.3456", "12.3458", "0", "1", "", "0"]);
    assert_eq!(with(RoundingMode::Up), ["12.3457", "12.3458", "-0.0001", "1", "", "0.0001"]);
    assert_eq!(with(RoundingMode::Down), ["12.3456", "12.3457", "0", "1", "", "0"]);
}

#[test]
fn a_number_that_kintone_refuses_is_an_error_before_it_is_sent() {
    for (cells, strict) in [(["999999999999.9999", "-1000000000000"], false), (["1", "999999999999.99995"], true)] {
        let error =
            appended(&table("x:number", &cells), &schema(Field::new("f", FieldType::Number)), strict).unwrap_err();
        assert_eq!(error.code(), "engine.number_too_long");
        assert!(error.en().starts_with("step \"書く\", field \"f\", row 2:"), "{}", error.en());
    }
}

#[test]
fn texts_become_numbers_days_times_and_instants() {
    let f = |of| Field::new("f", of);
    assert_eq!(becomes("text", &["1.50", " 7 ", "abc", ""], f(FieldType::Number)), ["1.5", "7", "", ""]);
    assert_eq!(lost("text", &["1", "abc", "１", ""], f(FieldType::Number), Reason::NotANumber), 2);
    assert_eq!(becomes("text", &["2026-03-01", "2026/3/1", "x"], f(FieldType::Date)), ["2026-03-01", "2026-03-01", ""]);
    assert_eq!(lost("text", &["2026-02-30"], f(FieldType::Date), Reason::NotADate), 1);
    assert_eq!(becomes("text", &["9:05", "15:31:59"], f(FieldType::Time)), ["09:05", "15:31"]);
    assert_eq!(lost("text", &["25:00"], f(FieldType::Time), Reason::NotATime), 1);
    let instants = becomes("text", &["2026-04-23 15:31", "2026-04-23T06:31:59Z"], f(FieldType::Datetime));
    assert_eq!(instants, ["2026-04-23T15:31:00+09:00", "2026-04-23T15:31:00+09:00"]);
    assert_eq!(lost("text", &["tomorrow"], f(FieldType::Datetime), Reason::NotADatetime), 1);
}

#[test]
fn days_and_instants_become_one_another_in_the_flows_zone() {
    let f = |of| Field::new("f", of);
    let instant = ["2026-02-28T15:00:30Z", ""];
    assert_eq!(becomes("datetime", &instant, f(FieldType::Date)), ["2026-03-01", ""]);
    assert_eq!(becomes("datetime", &instant, f(FieldType::Time)), ["00:00", ""]);
    assert_eq!(becomes("datetime", &instant, f(FieldType::Datetime)), ["2026-03-01T00:00:00+09:00", ""]);
    assert_eq!(becomes("datetime", &["1969-12-31T23:59:59Z"], f(FieldType::Datetime)), ["1970-01-01T08:59:00+09:00"]);
    assert_eq!(becomes("date", &["2026-03-01"], f(FieldType::Datetime)), ["2026-03-01T00:00:00+09:00"]);
    assert_eq!(becomes("time", &["15:31:59"], f(FieldType::Time)), ["15:31"]);
    assert_eq!(lost("number", &["20260301"], f(FieldType::Date), Reason::NotConvertible), 1);
    assert_eq!(lost("date", &["2026-03-01"], f(FieldType::Number), Reason::NotConvertible), 1);
}

#[test]
fn what_is_rounded_or_cut_is_counted_and_no_strict_flow_writes_it() {
    let f = |of| Field::new("f", of);
    assert_eq!(lost("number", &["1.00005", "1.0001", ""], f(FieldType::Number), Reason::Rounded), 1);
    assert_eq!(lost("text", &["1.00005", "1.0001"], f(FieldType::Number), Reason::Rounded), 1);
    let instants = ["2026-02-28T15:00:00Z", "2026-02-28T15:00:30Z", "2026-03-01T01:00:00Z", ""];
    assert_eq!(lost("datetime", &instants, f(FieldType::Date), Reason::TimeCut), 2, "midnight in Tokyo loses nothing");
    assert_eq!(lost("text", &["2026-03-01", "2026-03-01 10:00"], f(FieldType::Date), Reason::TimeCut), 1);
    assert_eq!(lost("datetime", &instants, f(FieldType::Datetime), Reason::SecondsCut), 1);
    assert_eq!(lost("datetime", &instants, f(FieldType::Time), Reason::DayCut), 3);
    assert_eq!(lost("time", &["01:02:59", "01:02"], f(FieldType::Time), Reason::SecondsCut), 1);
    assert_eq!(lost("text", &["1:02:59", "1:02"], f(FieldType::Time), Reason::SecondsCut), 1);
}

#[test]
fn a_strict_error_of_a_value_that_is_cut_says_so() {
    let t = table("x:number", &["1.5", "1.00005"]);
    let error = appended(&t, &schema(Field::new("金額", FieldType::Number)), true).unwrap_err();
    assert_eq!(
        error.en(),
        "step \"書く\", field \"金額\", row 2: \"1.00005\": more decimals than the app stores. \
         Round or convert the value in a step, or switch strict off to let it be rounded or cut."
    );
    assert!(error.ja().ends_with("厳密モードを解除してください（解除すると丸めるか切り捨てます）。"), "{}", error.ja());
}

#[test]
fn all_but_tables_become_text() {
    let f = || Field::new("f", FieldType::MultiLineText);
    for (kind, cell, text) in [
        ("number", "1.50", "1.5"),
        ("date", "2026-03-01", "2026-03-01"),
        ("time", "09:00", "09:00"),
        ("datetime", "2026-04-23T06:31:00Z", "2026-04-23T15:31:00+09:00"),
        ("bool", "TRUE", "TRUE"),
        ("texts", "赤;青", "赤;青"),
        ("entities", "sato;suzuki", "sato;suzuki"),
    ] {
        assert_eq!(becomes(kind, &[cell, ""], f()), [text, ""]);
    }
}

#[test]
fn unknown_options_follow_the_field() {
    let cells = ["青", "金", ""];
    assert_eq!(becomes("text", &cells, choice("f", FieldType::RadioButton)), ["青", "赤", ""]);
    assert_eq!(becomes("text", &cells, choice("f", FieldType::DropDown)), ["青", "", ""]);
    assert_eq!(lost("text", &cells, choice("f", FieldType::DropDown), Reason::UnknownOption), 1);
    let lists = ["緑;金;赤", "金", "", "青;青"];
    assert_eq!(becomes("texts", &lists, choice("f", FieldType::CheckBox)), ["赤;緑", "", "", "青"]);
    assert_eq!(lost("texts", &lists, choice("f", FieldType::MultiSelect), Reason::UnknownOption), 2);
}

#[test]
fn texts_split_into_lists_by_line() {
    let rows = [vec![Value::Text("青\n赤\r\n".into())], vec![Value::Text("sato\n\nsuzuki".into())]];
    let t = Table::from_rows(&crate::support::columns("x:text"), &rows).unwrap();
    let first = |field| appended(&t, &schema(field), false).unwrap();
    assert_eq!(first(choice("f", FieldType::CheckBox)).record(0)[0].1, Value::Texts(vec!["赤".into(), "青".into()]));
    let Value::Entities(users) = &first(Field::new("f", FieldType::UserSelect)).record(1)[0].1 else { panic!() };
    assert_eq!(users.iter().map(|u| u.code.as_str()).collect::<Vec<_>>(), ["sato", "suzuki"]);
}

#[test]
fn table_rows_are_converted_cell_by_cell() {
    let mut field = Field::new("明細", FieldType::Subtable);
    field.fields = vec![
        Field::new("数量", FieldType::Number),
        choice("色", FieldType::DropDown),
        Field::new("計", FieldType::Calc),
    ];
    let text = |t: &str| Value::Text(t.into());
    let row = Row {
        id: Some("7".into()),
        cells: vec![
            ("数量".into(), text("1.00005")),
            ("色".into(), text("金")),
            ("計".into(), text("9")),
            ("他".into(), text("x")),
        ],
    };
    let columns = [flow::plan::Column::new("x", model::field::Kind::Rows)];
    let t = Table::from_rows(&columns, &[vec![Value::Rows(vec![row])]]).unwrap();
    let changes = appended(&t, &schema(field), false).unwrap();
    let told: Vec<_> = changes.counts.iter().map(|c| (c.field.as_str(), c.reason, &c.samples[0])).collect();
    let sample = |value: &str| Sample { row: 1, table_row: Some(1), value: value.into(), ..Sample::default() };
    assert_eq!(
        told,
        [("明細.数量", Reason::Rounded, &sample("1.00005")), ("明細.色", Reason::UnknownOption, &sample("金"))]
    );
    let expected = Row {
        id: None,
        cells: vec![("数量".into(), Value::Number("1".parse().unwrap())), ("色".into(), Value::Blank)],
    };
    assert_eq!(changes.record(0), [("明細".to_owned(), Value::Rows(vec![expected]))]);
}

#[test]
fn values_in_a_table_are_counted_one_by_one_and_told_by_their_row() {
    let mut field = Field::new("明細", FieldType::Subtable);
    field.fields = vec![Field::new("数量", FieldType::Number)];
    let row = |text: &str| Row { id: None, cells: vec![("数量".into(), Value::Text(text.into()))] };
    let columns = [flow::plan::Column::new("x", model::field::Kind::Rows)];
    let of = |texts: &[&str]| {
        let rows = texts.iter().map(|t| row(t)).collect();
        Table::from_rows(&columns, &[vec![Value::Rows(rows)]]).unwrap()
    };
    let t = of(&["1", "abc", "2", "1.00005", "x"]);
    let changes = appended(&t, &schema(field.clone()), false).unwrap();
    assert_eq!(changes.counts.of("明細.数量", Reason::NotANumber), 2);
    assert_eq!(changes.counts.of("明細.数量", Reason::Rounded), 1);
    let places: Vec<_> = changes.counts.iter().flat_map(|c| &c.samples).map(|s| (s.table_row, &*s.value)).collect();
    assert_eq!(places, [(Some(2), "abc"), (Some(5), "x"), (Some(4), "1.00005")]);
    let error = appended(&t, &schema(field.clone()), true).unwrap_err();
    let at = "step \"書く\", field \"明細.数量\", row 1, row 2 of the table: \"abc\": not a number.";
    assert!(error.en().starts_with(at), "{}", error.en());
    let error = appended(&of(&["1", "9999999999999"]), &schema(field), false).unwrap_err();
    assert!(error.en().contains("field \"明細.数量\", row 1, row 2 of the table: 9999999999999"), "{}", error.en());
}

#[test]
fn fields_that_cannot_be_written_are_refused() {
    for of in [FieldType::Calc, FieldType::RecordNumber, FieldType::Creator, FieldType::Status, FieldType::Group] {
        let error = appended(&table("x:text", &["1"]), &schema(Field::new("f", of)), false).unwrap_err();
        assert_eq!(error.code(), "engine.field", "{of:?}");
    }
    let file = Value::Files(vec![FileRef {
        file_key: "k".into(),
        name: "a".into(),
        content_type: String::new(),
        size: "1".into(),
    }]);
    let columns = [flow::plan::Column::new("x", model::field::Kind::Files)];
    let t = Table::from_rows(&columns, &[vec![file]]).unwrap();
    // A file goes to a file field as it is (who writes it copies it), and its name to a text.
    assert_eq!(appended(&t, &schema(Field::new("f", FieldType::File)), false).unwrap().record(0)[0].1, t.value(0, 0));
    assert_eq!(
        appended(&t, &schema(Field::new("f", FieldType::SingleLineText)), false).unwrap().record(0)[0].1,
        Value::Text("a".into())
    );
}

#[test]
fn a_strict_error_names_value_row_and_record() {
    let t = table("x:text $id:number", &["1|5", "abc|9"]);
    let error = appended(&t, &schema(Field::new("金額", FieldType::Number)), true).unwrap_err();
    assert_eq!(
        error.en(),
        "step \"書く\", field \"金額\", row 2, record 9: \"abc\": not a number. \
         Correct the data, or switch strict off to let the value become blank."
    );
    assert!(
        error
            .ja()
            .starts_with("ステップ「書く」、フィールド「金額」、2行目、レコード番号9: 「abc」は数値ではありません。")
    );
}
