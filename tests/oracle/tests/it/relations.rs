//! Every committed answer of DuckDB and Polars, beside the engine on the same generated tables.

use oracle::relations::case::Case;
use oracle::relations::commands::COMMANDS;
use oracle::relations::kept;
use oracle::relations::report::Report;

use crate::support::folder;

#[test]
fn commands_over_rows_equal_duckdb_and_polars() {
    let (head, said) = kept::read(&folder()).unwrap();
    assert!(head.cases >= 40, "{head:?}");
    let committed = |questions: &[Case]| {
        assert_eq!(kept::digest(questions), head.digest, "the committed answers are to other cases; see the README");
        Ok(said)
    };
    let commands: Vec<_> = COMMANDS.iter().collect();
    let report = Report::of(&commands, head.seed, head.cases, 5, committed).unwrap();
    eprintln!("{}", report.text());
    assert!(report.is_sound(), "{}", report.text());
    assert!(report.fewest_equal() * 10 >= head.cases * 9, "{}", report.text());
}
