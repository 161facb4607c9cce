//! Rows behind those of a file: only where it is a file of the same kind.

use engine::{append_file, check_append};

use super::*;

#[test]
fn rows_are_put_behind_those_of_a_file() {
    for (encoding, _) in Encoding::ALL {
        let rows = |texts: &[&str]| table("a:text n:number", texts);
        let (first, second) = (rows(&["x|1"]), rows(&["y|2"]));
        let spec = writing(&first, layout(encoding, Delimiter::Comma, true, encoding.is_unicode()), FileMode::Append);
        let zone = tokyo();
        let fresh = |t: &Table| write_file(t, &spec, &context(&zone, false)).unwrap().0;
        let append = |before: &[u8], t: &Table| append_file(before, &fresh(t), &spec, &context(&zone, false));
        let both = append(&append(b"", &first).unwrap(), &second).unwrap();
        let back =
            |bytes: &[u8]| lines(&read_as("a:text n:number", csv(encoding, Delimiter::Comma), bytes, true).unwrap().0);
        assert_eq!(back(&both), ["x|1", "y|2"]);
        // The last line may lack its end, and lines may end otherwise.
        let open = if encoding.is_unicode() { &b""[..] } else { b"a,n\nx,1" };
        if !open.is_empty() {
            assert_eq!(back(&append(open, &second).unwrap()), ["x|1", "y|2"]);
            assert!(append(b"a,m\nx,1\n", &second).is_err(), "another header");
        }
        assert_eq!(back(&append(&both, &rows(&[])).unwrap()), ["x|1", "y|2"], "nothing to append");
    }
}

/// What appending says to a file that is there; the check beforehand says the same.
fn told(held: &[u8], encoding: Encoding) -> FileProblem {
    let rows = table("品名:text", &["ねじ"]);
    let spec = writing(&rows, layout(encoding, Delimiter::Comma, false, false), FileMode::Append);
    let zone = tokyo();
    let context = context(&zone, false);
    let fresh = write_file(&rows, &spec, &context).unwrap().0;
    let appended = append_file(held, &fresh, &spec, &context).unwrap_err();
    assert_eq!(check_append(held, &spec, &context), Err(appended.clone()));
    match appended {
        EngineError::File { problem, .. } => *problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_of_another_kind_stays_as_it_is() {
    let (sjis, _) = write(&table("品名:text", &["釘"]), layout(Encoding::ShiftJis, Delimiter::Comma, false, false));
    assert_eq!(told(&sjis, Encoding::Utf8), FileProblem::Undecodable { encoding: "utf-8" });
    // The header is ASCII or the same, and only a row further down is of another encoding.
    let mixed = ["品名\n".as_bytes(), b"\x92\xcc\n"].concat();
    assert_eq!(told(&mixed, Encoding::Utf8), FileProblem::Undecodable { encoding: "utf-8" });
    assert_eq!(told(b"\xFF\xFEa\0", Encoding::Utf8), FileProblem::OtherEncoding { found: "UTF-16LE" });
    assert_eq!(
        told("商品\n釘\n".as_bytes(), Encoding::Utf8),
        FileProblem::OtherHeader { found: vec!["商品".into()], wanted: vec!["品名".into()] }
    );
    // The rows would stand inside the cell.
    assert_eq!(told("品名\n\"釘\n".as_bytes(), Encoding::Utf8), FileProblem::OpenQuote { line: 2 });
}
