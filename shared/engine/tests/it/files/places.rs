//! Columns that are read by their place: rows may be too short for them.

use super::*;

/// Reads columns by their places, from 1.
fn read_places(header: &str, places: &[usize], text: &str, strict: bool) -> Result<(Table, Counts), EngineError> {
    let (mut spec, shape) =
        reading(header, InLayout::Csv { encoding: Encoding::Utf8, delimiter: Delimiter::Comma, header: false });
    for (column, place) in spec.columns.iter_mut().zip(places) {
        column.source = Source::Position(place - 1);
    }
    read_file(Some(text.as_bytes()), &spec, &shape, &context(&tokyo(), strict))
}

#[test]
fn rows_that_do_not_reach_a_column_are_counted() {
    let (table, counts) = read_places("a:text c:text", &[1, 3], "1\n2,x,y\n3,z\n4,,w\n", false).unwrap();
    assert_eq!(lines(&table), ["1|", "2|y", "3|", "4|w"]);
    assert_eq!(counts.of("受注.csv", Reason::RaggedRow), 2);
    let strict = read_places("a:text c:text", &[1, 3], "2,x,y\n3,z\n", true);
    assert_eq!(problem(strict), FileProblem::Ragged { line: 2, found: 2, wanted: 3 });
}

#[test]
fn a_column_that_no_row_reaches_is_an_error() {
    let beyond = read_places("a:text e:text", &[1, 5], "1,2\n3\n", false);
    assert_eq!(problem(beyond), FileProblem::NoPlace { name: "e".into(), place: 5, width: 2 });
}
