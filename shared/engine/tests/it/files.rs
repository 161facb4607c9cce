//! Files as tables and tables as files: every encoding, delimiter and line end there and back, and the traps of CSV.

mod append;
mod excel;
mod places;

use engine::{Counts, EngineError, FileContext, FileProblem, Reason, Table, read_file, write_file};
use flow::plan::file::{DatePattern, Delimiter, Encoding, FileName};
use flow::plan::{FileColumn, FileMode, Format, InLayout, OutColumn, OutLayout, ReadFile, Source, WriteFile};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::support::{NOW, columns, lines, table, tokyo};

fn context(zone: &TimeZone, strict: bool) -> FileContext<'_> {
    FileContext { step: "読む", file: "受注.csv", now: NOW, zone, strict }
}

fn name() -> FileName {
    FileName::parse("受注.csv").unwrap()
}

/// A reading of columns such as `商品:text`, each under its own name.
fn reading(header: &str, layout: InLayout) -> (ReadFile, Vec<flow::plan::Column>) {
    let shape = columns(header);
    let by_name = |c: &flow::plan::Column| FileColumn { source: Source::Header(c.name.clone()), format: None };
    let columns = shape.iter().map(by_name).collect();
    (ReadFile { file: name(), layout, columns, must_exist: false }, shape)
}

fn csv(encoding: Encoding, delimiter: Delimiter) -> InLayout {
    InLayout::Csv { encoding, delimiter, header: true }
}

fn read_as(header: &str, layout: InLayout, bytes: &[u8], strict: bool) -> Result<(Table, Counts), EngineError> {
    let (spec, shape) = reading(header, layout);
    read_file(Some(bytes), &spec, &shape, &context(&tokyo(), strict))
}

fn read(header: &str, text: &str) -> (Vec<String>, Counts) {
    let (table, counts) = read_as(header, csv(Encoding::Utf8, Delimiter::Comma), text.as_bytes(), false).unwrap();
    (lines(&table), counts)
}

fn problem(result: Result<(Table, Counts), EngineError>) -> FileProblem {
    match result {
        Err(EngineError::File { problem, .. }) => *problem,
        other => panic!("no problem of a file: {other:?}"),
    }
}

/// A writing of all columns of a table.
fn writing(table: &Table, layout: OutLayout, mode: FileMode) -> WriteFile {
    let out = |(column, c): (usize, &engine::Column)| OutColumn { column, title: c.name().to_owned(), format: None };
    let columns = table.columns().iter().enumerate().map(out).collect();
    WriteFile { file: name(), layout, mode, columns, numbers: Vec::new(), by_name: false }
}

fn write(table: &Table, layout: OutLayout) -> (Vec<u8>, Counts) {
    write_file(table, &writing(table, layout, FileMode::Overwrite), &context(&tokyo(), false)).unwrap()
}

fn layout(encoding: Encoding, delimiter: Delimiter, crlf: bool, bom: bool) -> OutLayout {
    OutLayout::Csv { encoding, bom, delimiter, crlf, header: true, replace: false }
}

const KINDS: &str = "商品:text 数:number 日:date 時:time 日時:datetime 印:texts 担当:entities";

fn everything(word: &str) -> Table {
    let first = format!(
        "{word}, \"{word}\"; a\tb|12345678901234567890.5|2026-11-21|09:05|2026-11-21T00:05:30Z|特価;新着|sato;suzuki"
    );
    table(KINDS, &[&first, "x|-0.1||||a|", "||||||"])
}

#[test]
fn every_encoding_delimiter_and_line_end_goes_there_and_back() {
    for (encoding, name) in Encoding::ALL {
        let word = match encoding {
            Encoding::Latin1 => "Ünïcode",
            Encoding::Gbk => "商品",
            Encoding::ShiftJis | Encoding::EucJp => "①髙ｱ商品",
            _ => "𠮷商品😀",
        };
        for (delimiter, _) in Delimiter::ALL {
            for (crlf, bom) in [(true, false), (false, true)] {
                let header = if encoding == Encoding::Latin1 { "a:text n:number d:date" } else { KINDS };
                let made = match encoding {
                    Encoding::Latin1 => table(header, &[&format!("{word}; \"q\"|1.5|2026-01-02"), "|2|"]),
                    _ => everything(word),
                };
                let bom = bom && encoding.is_unicode();
                let (bytes, counts) = write(&made, layout(encoding, delimiter, crlf, bom));
                assert!(counts.is_empty(), "{name}");
                let (back, counts) = read_as(header, csv(encoding, delimiter), &bytes, true).unwrap();
                assert!(counts.is_empty(), "{name}");
                let full = |t: &Table| lines(t).into_iter().filter(|l| l.chars().any(|c| c != '|')).collect::<Vec<_>>();
                assert_eq!(full(&back), full(&made), "{name}, {delimiter:?}, crlf {crlf}");
            }
        }
    }
}

#[test]
fn traps_of_csv() {
    // A byte order mark, line breaks and quotation marks in cells, lone CR, blank rows of every sort.
    let text = "\u{FEFF}品名,数\r\n\"a\r\n\"\"b\"\"\",1\r\n\r\n,\r\n\"\",\"\"\r\nc,2\rd,3";
    assert_eq!(read("品名:text 数:number", text).0, ["a;\"b\"|1", "c|2", "d|3"]);
    // Columns that are not asked for may have any name, or none, or the same one twice.
    assert_eq!(read("品名:text", "x,,品名,x,\n1,2,a,4,5\n").0, ["a"]);
    // A header with blanks around its names.
    assert_eq!(read("品名:text", " 品名 ,数\na,1\n").0, ["a"]);
    // A cell of ten megabytes.
    let long = "あ".repeat(3_500_000);
    let (rows, _) = read("品名:text", &format!("品名\n\"{long}\"\n"));
    assert_eq!(rows[0].len(), long.len());
    // A header alone.
    assert_eq!(read("品名:text", "品名,数\n").0, [""; 0]);
}

#[test]
fn rows_of_another_width_are_counted() {
    let (rows, counts) = read("a:text b:text", "a,b\n1\n2,3,4\n5,6,\n7,8\n");
    assert_eq!(rows, ["1|", "2|3", "5|6", "7|8"]);
    let ragged: Vec<_> = counts.iter().collect();
    assert_eq!(
        (ragged.len(), ragged[0].reason, ragged[0].count),
        (1, Reason::RaggedRow, 2),
        "an empty cell too many is none"
    );
    assert_eq!(ragged[0].samples.iter().map(|s| s.row).collect::<Vec<_>>(), [2, 3], "lines of the file");
    let strict = read_as("a:text b:text", csv(Encoding::Utf8, Delimiter::Comma), b"a,b\n1\n", true);
    assert_eq!(problem(strict), FileProblem::Ragged { line: 2, found: 1, wanted: 2 });
}

#[test]
fn values_that_do_not_convert_are_counted_or_stop_a_strict_flow() {
    let (rows, counts) = read("数:number 日:date", "数,日\n1 000,2026-02-30\n２,2026/3/1\n");
    assert_eq!(rows, ["|", "|2026-03-01"]);
    assert_eq!((counts.of("数", Reason::NotANumber), counts.of("日", Reason::NotADate)), (2, 1));
    let strict = read_as("数:number", csv(Encoding::Utf8, Delimiter::Comma), "数\n1\nx\n".as_bytes(), true);
    match strict {
        Err(EngineError::Conversion { place, value, reason }) => {
            assert_eq!((place.row, value.as_str(), reason), (Some(3), "x", Reason::NotANumber));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let utf8 = |bytes: &[u8]| problem(read_as("品名:text", csv(Encoding::Utf8, Delimiter::Comma), bytes, false));
    assert_eq!(utf8("品名,品名\n1,2\n".as_bytes()), FileProblem::HeaderTwice { name: "品名".into() });
    assert_eq!(
        utf8("商品,数\n1,2\n".as_bytes()),
        FileProblem::NoColumns {
            missing: vec!["品名".into()],
            found: vec!["商品".into(), "数".into()],
            undecodable: false
        }
    );
    // Shift_JIS taken for UTF-8: the header is not found, and the encoding is blamed.
    let (sjis, _) = write(&table("品名:text", &["ねじ"]), layout(Encoding::ShiftJis, Delimiter::Comma, true, false));
    assert!(matches!(utf8(&sjis), FileProblem::NoColumns { undecodable: true, .. }));
    assert_eq!(utf8(b"\xFF\xFEa\0\n\0"), FileProblem::OtherEncoding { found: "UTF-16LE" });
    assert_eq!(utf8(b"a\0b"), FileProblem::Nul);
    let open = "品名,数\nねじ,1\n\"くぎ,2\nはり,3\n";
    assert_eq!(utf8(open.as_bytes()), FileProblem::OpenQuote { line: 3 });
    let swallowed = "品名,備考\nねじ,\"x\nくぎ,\"y\n";
    assert_eq!(utf8(swallowed.as_bytes()), FileProblem::BehindQuote { line: 3 });
    // A mark of inches in the middle of a cell is no quotation mark.
    assert_eq!(read("品名:text", "品名\n5\" 管\nくぎ\n").0, ["5\" 管", "くぎ"]);
    assert_eq!(
        read("品名:text", "品名\n\"a\nb\"\n5\" 管\n").0,
        ["a;b", "5\" 管"],
        "nor are the lines of a cell before it"
    );
    assert_eq!(
        read("品名:text", "品名\n24\" monitor\n\"a\nb\"").0,
        ["24\" monitor", "a;b"],
        "nor does it open the cell of several lines that ends the file"
    );
}

#[test]
fn bytes_that_the_encoding_does_not_know_are_counted() {
    let layout = || csv(Encoding::ShiftJis, Delimiter::Comma);
    let bytes = b"a,b\nx\xFFy,1\n";
    let (table, counts) = read_as("a:text b:number", layout(), bytes, false).unwrap();
    assert_eq!(lines(&table), ["x\u{FFFD}y|1"]);
    assert_eq!(counts.of("a", Reason::Undecodable), 1);
    assert!(read_as("a:text b:number", layout(), bytes, true).is_err());
    assert!(read_as("b:number", layout(), bytes, true).is_ok(), "in a column that is not read it does not matter");
}

#[test]
fn a_file_may_be_absent_where_the_step_says_so() {
    let (mut spec, shape) = reading("品名:text", csv(Encoding::Utf8, Delimiter::Comma));
    for (bytes, reason, problem_of) in [
        (None, Reason::FileMissing, FileProblem::Missing),
        (Some(&b""[..]), Reason::FileEmpty, FileProblem::Empty),
        (Some(&b"\xEF\xBB\xBF\r\n\r\n"[..]), Reason::FileEmpty, FileProblem::Empty),
    ] {
        spec.must_exist = false;
        let (table, counts) = read_file(bytes, &spec, &shape, &context(&tokyo(), true)).unwrap();
        assert_eq!((table.rows(), table.columns().len()), (0, 1));
        assert_eq!(counts.of("受注.csv", reason), 1);
        spec.must_exist = true;
        assert_eq!(problem(read_file(bytes, &spec, &shape, &context(&tokyo(), false))), problem_of);
    }
}

#[test]
fn places_and_formats_instead_of_a_header() {
    let shape = columns("日:date 数:number");
    let spec = ReadFile {
        file: name(),
        layout: InLayout::Csv { encoding: Encoding::Utf8, delimiter: Delimiter::Space, header: false },
        columns: vec![
            FileColumn {
                source: Source::Position(2),
                format: Some(Format::Date(DatePattern::parse("d.M.yyyy").unwrap())),
            },
            FileColumn { source: Source::Position(0), format: Some(Format::Grouped) },
        ],
        must_exist: true,
    };
    let text = b"1,000 x 3.12.2026\n-2 y 03.01.2027\n";
    let (table, counts) = read_file(Some(text), &spec, &shape, &context(&tokyo(), true)).unwrap();
    assert_eq!((lines(&table), counts.is_empty()), (vec!["2026-12-03|1000".into(), "2027-01-03|-2".into()], true));
}

#[test]
fn characters_that_the_encoding_lacks_stop_or_are_replaced() {
    let made = table("品名:text", &["ねじ", "𠮷野〜"]);
    let strict_layout = layout(Encoding::ShiftJis, Delimiter::Comma, true, false);
    let told = write_file(&made, &writing(&made, strict_layout, FileMode::Overwrite), &context(&tokyo(), false));
    let wanted = FileProblem::Unmappable { row: 2, column: "品名".into(), character: '𠮷', encoding: "shift_jis" };
    assert!(matches!(told, Err(EngineError::File { problem, .. }) if *problem == wanted));
    let OutLayout::Csv { encoding, bom, delimiter, crlf, header, .. } =
        layout(Encoding::ShiftJis, Delimiter::Comma, true, false)
    else {
        panic!()
    };
    let (bytes, counts) = write(&made, OutLayout::Csv { encoding, bom, delimiter, crlf, header, replace: true });
    assert_eq!(counts.of("品名", Reason::Unmappable), 1);
    let (back, _) = read_as("品名:text", csv(Encoding::ShiftJis, Delimiter::Comma), &bytes, true).unwrap();
    assert_eq!(lines(&back), ["ねじ", "?野～"]);
}

#[test]
fn people_go_out_by_code_or_by_name() {
    let made = table("担当:entities", &["sato;suzuki", ""]);
    let mut spec = writing(&made, layout(Encoding::Utf8, Delimiter::Comma, false, false), FileMode::Overwrite);
    let text = |spec: &WriteFile, table: &Table| {
        let (bytes, counts) = write_file(table, spec, &context(&tokyo(), false)).unwrap();
        (String::from_utf8(bytes).unwrap(), counts)
    };
    assert_eq!(text(&spec, &made).0, "担当\n\"sato\nsuzuki\"\n\"\"\n");
    spec.by_name = true;
    assert_eq!(text(&spec, &made).0, "担当\n\"satoさん\nsuzukiさん\"\n\"\"\n");
    let (nameless, _) =
        read_as("担当:entities", csv(Encoding::Utf8, Delimiter::Comma), "担当\nsato\n".as_bytes(), true).unwrap();
    let (written, counts) = text(&spec, &nameless);
    assert_eq!((written.as_str(), counts.of("担当", Reason::NameUnknown)), ("担当\nsato\n", 1));
}

proptest! {
    #[test]
    fn any_text_comes_back(cells in prop::collection::vec(("[ -~あ-ん\"',;\t\n]{0,12}", "[ -~😀\"\n]{0,6}"), 0..12), crlf: bool) {
        let rows: Vec<Vec<model::value::Value>> = cells.iter().map(|(a, b)| vec![model::value::Value::text(a), model::value::Value::text(b)]).collect();
        let made = Table::from_rows(&columns("a:text b:text"), &rows).unwrap();
        for (encoding, delimiter) in [(Encoding::Utf8, Delimiter::Comma), (Encoding::Utf16Be, Delimiter::Tab), (Encoding::Utf8, Delimiter::Space)] {
            let (bytes, _) = write(&made, layout(encoding, delimiter, crlf, false));
            let (back, counts) = read_as("a:text b:text", csv(encoding, delimiter), &bytes, true).unwrap();
            let full: Vec<_> = rows.iter().filter(|row| row.iter().any(|v| !v.is_blank())).cloned().collect();
            prop_assert_eq!(back.to_rows(), full);
            prop_assert!(counts.is_empty());
        }
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (encoding, _) in Encoding::ALL {
            let _ = read_as("a:text n:number", csv(encoding, Delimiter::Comma), &bytes, false);
        }
        let list = InLayout::Form { sheet: None };
        let _ = read_as("a:text", list, &[b"PK\x03\x04".to_vec(), bytes].concat(), false);
    }
}
