//! Excel: workbooks that other programs wrote (tests/data, made by tests/oracle/files/make.py), and our own.

use engine::{FileProblem, Reason, Table, read_file};
use flow::plan::file::Cell;
use flow::plan::{FileColumn, FileMode, InLayout, OutLayout, ReadFile, Source};

use super::*;

const OPENPYXL: &[u8] = include_bytes!("../../data/openpyxl.xlsx");
const LIBREOFFICE: &[u8] = include_bytes!("../../data/libreoffice.xlsx");
const SYSTEM_1904: &[u8] = include_bytes!("../../data/system-1904.xlsx");

fn list(sheet: &str, from: &str, to: Option<&str>) -> InLayout {
    let cell = |text: &str| Cell::parse(text).unwrap();
    InLayout::List { sheet: Some(sheet.into()), from: cell(from), to: to.map(cell), header: true }
}

const HEADER: &str = "商品コード:text 数量:number 日付:date 時刻:time 日時:datetime 済:text 文字の数値:text 備考:text";

#[test]
fn workbooks_of_others_are_read() {
    for (who, bytes) in [("openpyxl", OPENPYXL), ("LibreOffice", LIBREOFFICE)] {
        let (table, counts) = read_as(HEADER, list("受注", "B4", Some("J8")), bytes, true)
            .unwrap_or_else(|e| panic!("{who}: {}", e.en()));
        assert_eq!(
            lines(&table),
            [
                "A-1|3|2026-11-21|09:05|2026-11-21T00:05:30+00:00|TRUE|0012|一行目;二行目",
                "B-2|0.1|1900-03-01|23:59:59|2026-02-28T14:59:00+00:00|FALSE|1,234|",
                "C-3|1234567890.12345||||||𠮷野家 & <b>",
            ]
            .map(|l| l.replace("+00:00", suffix())),
            "{who}: a row of blanks is left out"
        );
        assert!(counts.is_empty(), "{who}");
    }
}

/// How this engine writes instants of UTC.
fn suffix() -> &'static str {
    let text = engine::value_text(&model::value::Value::Datetime(0), &TimeZone::UTC);
    if text.ends_with('Z') { "Z" } else { "+00:00" }
}

#[test]
fn formulas_give_their_stored_value_and_errors_are_counted() {
    let (table, counts) =
        read_as("商品コード:text 合計:number", list("受注", "B4", Some("J8")), LIBREOFFICE, false).unwrap();
    assert_eq!(lines(&table), ["A-1|6", "B-2|", "C-3|"]);
    let errors = counts.iter().find(|c| c.reason == Reason::CellError).expect("errors");
    let shown: Vec<_> = errors.samples.iter().map(|s| (s.row, s.value.as_str())).collect();
    assert_eq!((errors.count, shown), (2, vec![(6, "#DIV/0!"), (8, "#N/A")]));
    assert!(read_as("合計:number", list("受注", "B4", Some("J8")), LIBREOFFICE, true).is_err());
    // Formulas that nobody has computed yet have no value.
    let (table, _) = read_as("合計:number", list("受注", "B4", Some("J8")), OPENPYXL, true).unwrap();
    assert!(table.to_rows().iter().flatten().all(model::value::Value::is_blank));
}

#[test]
fn a_range_ends_where_it_says_or_with_the_last_cell() {
    let rows =
        |to| read_as("商品コード:text", list("受注", "B4", to), LIBREOFFICE, true).map(|(t, _)| lines(&t)).unwrap();
    assert_eq!(rows(Some("J5")), ["A-1"]);
    assert_eq!(rows(None), ["A-1", "B-2", "C-3", "結合"], "of merged cells the first has the value");
    let missing = problem(read_as("商品コード:text", list("受注", "A1", None), LIBREOFFICE, false));
    assert!(matches!(missing, FileProblem::NoColumns { .. }), "above the list stands something else: {missing:?}");
    assert!(matches!(
        problem(read_as("備考:text", list("受注", "B4", Some("C8")), LIBREOFFICE, false)),
        FileProblem::NoColumns { .. }
    ));
}

#[test]
fn a_form_is_one_row() {
    let cell = |text: &str| FileColumn { source: Source::Cell(Cell::parse(text).unwrap()), format: None };
    let spec = |sheet: &str, cells: &[&str]| ReadFile {
        file: name(),
        layout: InLayout::Form { sheet: Some(sheet.into()) },
        columns: cells.iter().map(|c| cell(c)).collect(),
        must_exist: false,
    };
    let shape = columns("番号:text 期日:date 合計:number");
    let read = |spec: &ReadFile| read_file(Some(LIBREOFFICE), spec, &shape, &context(&tokyo(), true)).unwrap();
    let (table, counts) = read(&spec("見積書", &["B2", "D3", "F20"]));
    assert_eq!((lines(&table), counts.is_empty()), (vec!["Q-100|2026-12-01|98765".to_owned()], true));
    assert_eq!(read(&spec("見積書", &["Z1", "Z2", "Z3"])).0.rows(), 0, "all its cells are empty");
    let (table, counts) = read(&spec("空", &["B2", "D3", "F20"]));
    assert_eq!((table.rows(), counts.of("受注.csv", Reason::FileEmpty)), (0, 1));
}

#[test]
fn the_system_of_1904_is_heeded() {
    let layout = InLayout::List { sheet: None, from: Cell { row: 0, column: 0 }, to: None, header: true };
    let (table, _) = read_as("日付:date", layout, SYSTEM_1904, true).unwrap();
    assert_eq!(lines(&table), ["2026-11-21"]);
}

#[test]
fn what_is_no_workbook_says_so() {
    let read = |bytes: &[u8], sheet: &str| problem(read_as("a:text", list(sheet, "A1", None), bytes, false));
    assert!(matches!(read(b"a,b\n1,2\n", "x"), FileProblem::NotExcel(_)));
    assert!(matches!(read(&OPENPYXL[..3000], "x"), FileProblem::NotExcel(_)));
    assert_eq!(read(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....", "x"), FileProblem::OldExcel);
    let sheets = ["受注", "見積書", "空"].map(str::to_owned).to_vec();
    assert_eq!(read(OPENPYXL, "注文"), FileProblem::NoSheet { name: "注文".into(), sheets });
}

fn excel(header: bool) -> OutLayout {
    OutLayout::Excel { sheet: "在庫".into(), header }
}

#[test]
fn our_workbooks_come_back() {
    let header = "商品:text 数:number 日:date 時:time 日時:datetime 印:texts 担当:entities";
    let made = table(
        header,
        &[
            "=A1 & <b> 𠮷|-123456789012.345|2026-11-21|09:05|2026-11-21T00:05:30Z|特価;新着|sato",
            "||||||",
            "x|0.1|1900-03-01|23:59:59|1999-12-31T23:59:59Z||",
        ],
    );
    let (bytes, counts) = write(&made, excel(true));
    assert!(counts.is_empty());
    assert_eq!(write(&made, excel(true)).0, bytes, "the same rows give the same bytes");
    let layout =
        InLayout::List { sheet: Some("在庫".into()), from: Cell { row: 0, column: 0 }, to: None, header: true };
    let (back, counts) = read_as(header, layout, &bytes, true).unwrap();
    assert!(counts.is_empty());
    let rows = lines(&made);
    assert_eq!(lines(&back), [rows[0].clone(), rows[2].clone()]);
    if let Some(path) = std::option_env!("SUIRO_SAMPLE_XLSX") {
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn what_excel_cannot_hold_is_written_as_text_and_counted() {
    let header = "数:number 日:date";
    let made = table(header, &["1234567890123456|1899-12-31", "123456789012345|2026-01-01", "0.1234567890123456|"]);
    let (bytes, counts) = write(&made, excel(true));
    assert_eq!((counts.of("数", Reason::WrittenAsText), counts.of("日", Reason::WrittenAsText)), (2, 1));
    let layout = InLayout::List { sheet: None, from: Cell { row: 0, column: 0 }, to: None, header: true };
    let (back, _) = read_as(header, layout, &bytes, true).unwrap();
    assert_eq!(lines(&back), lines(&made), "nothing is lost");
    let spec = writing(&made, excel(true), FileMode::Overwrite);
    assert!(write_file(&made, &spec, &context(&tokyo(), true)).is_err(), "an error in strict mode");
}

#[test]
fn a_cell_has_a_length_and_a_sheet_may_lack_rows() {
    let long = table("備考:text", &[&"あ".repeat(32_768)]);
    let told = write_file(&long, &writing(&long, excel(true), FileMode::Overwrite), &context(&tokyo(), false));
    let wanted = FileProblem::LongCell { row: 1, column: "備考".into(), length: 32_768 };
    assert!(matches!(told, Err(EngineError::File { problem, .. }) if *problem == wanted));
    let layout = InLayout::List { sheet: None, from: Cell { row: 0, column: 0 }, to: None, header: true };
    let (none, _) = write(&Table::empty(&columns("a:text")), excel(true));
    assert_eq!(read_as("a:text", layout, &none, true).unwrap().0.rows(), 0, "a header alone");
}
