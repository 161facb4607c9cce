//! Every committed answer of Python's decimal module: equal, digit by digit.

use oracle::decimals::Report;

use crate::support::data;

#[test]
fn arithmetic_equals_pythons_decimal() {
    let report = Report::of(&data("decimals.tsv")).unwrap_or_else(|line| panic!("line {line} cannot be read"));
    eprintln!("{}", report.text(20));
    assert!(report.cases >= 4_000, "{} cases", report.cases);
    assert!(report.unequal.is_empty(), "{}", report.text(20));
}
