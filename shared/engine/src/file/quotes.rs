//! Quotation marks of CSV, looked at before the rows are read: the reader itself forgives everything, and rows that a mark
//! has swallowed are seen nowhere.

use flow::plan::file::Delimiter;

use super::problem::FileProblem;

/// Where in a cell a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// In front of its first byte.
    Start,
    /// In a cell without marks around it, where a mark is a character like any other.
    Plain,
    /// Between the marks, which were opened in this line.
    Quoted { line: u64 },
    /// Behind the second mark.
    Behind,
}

/// Refuses a mark that is never closed, and text between a closing mark and the next delimiter: one of the two follows
/// wherever a mark is missing or one too many.
pub(super) fn check(text: &str, delimiter: Delimiter) -> Result<(), FileProblem> {
    let (mut at, mut line) = (At::Start, 1);
    for byte in text.bytes() {
        let ends = byte == delimiter.byte() || matches!(byte, b'\n' | b'\r');
        at = match (at, byte) {
            (At::Start, b'"') => At::Quoted { line },
            (At::Quoted { .. }, b'"') => At::Behind,
            (quoted @ At::Quoted { .. }, _) => quoted,
            // Two marks between marks are one in the text.
            (At::Behind, b'"') => At::Quoted { line },
            (_, _) if ends => At::Start,
            // Blanks there are harmless; they become part of the value, as in a spreadsheet.
            (At::Behind, b' ' | b'\t') => At::Behind,
            (At::Behind, _) => return Err(FileProblem::BehindQuote { line }),
            (At::Start | At::Plain, _) => At::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    match at {
        At::Quoted { line } => Err(FileProblem::OpenQuote { line }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_are_pairs_or_part_of_a_text_are_fine() {
        for text in [
            "",
            "a,b\n1,\"x\ny\"",
            "品名,数\n24\" monitor,1\nねじ,\"二行の\n備考\"",
            "\"a\"\"b\",\"\"\n\"\"\"\",\"\"\"x\"\"\"\r\n",
            "a, \"b\n\"c\" ,d\n",
            "5'10\",6'1\"\n",
        ] {
            assert_eq!(check(text, Delimiter::Comma), Ok(()), "{text}");
        }
        assert_eq!(check("\"a,b\"\t\"c\n\"\n", Delimiter::Tab), Ok(()));
    }

    #[test]
    fn a_mark_without_its_partner_is_told_with_its_line() {
        let told = |text: &str| check(text, Delimiter::Comma).unwrap_err();
        assert_eq!(told("a,b\n1,\"x\n2,y\n"), FileProblem::OpenQuote { line: 2 });
        assert_eq!(told("a,b\n1,\"x\n2,\"y\n3,z\n"), FileProblem::BehindQuote { line: 3 });
        assert_eq!(told("a\n\"x\" y\n"), FileProblem::BehindQuote { line: 2 });
        assert_eq!(told("\"x\"\"\n"), FileProblem::OpenQuote { line: 1 });
    }
}
