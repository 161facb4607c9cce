//! The results of two sides, cell by cell.
//!
//! What may differ: the spelling of a number (`1.50` and `1.5`), and the last digits of an average, which the peers compute
//! in floating point (a relative difference of 1e-12 is allowed there, and there alone).

use std::path::Path;

use model::decimal::Decimal;

use crate::Outcome;

/// The column that the peers compute in floating point.
const FLOATING: &str = "平均";

/// How many rows both files hold; an error names the first cell that differs.
pub fn same(ours: &Path, theirs: &Path) -> Outcome<usize> {
    let mut files = (csv::Reader::from_path(ours)?, csv::Reader::from_path(theirs)?);
    let header = files.0.headers()?.clone();
    if header != *files.1.headers()? {
        return Err(format!("columns {header:?} and {:?}", files.1.headers()?).into());
    }
    let mut rows = 0;
    let (mut left, mut right) = (csv::StringRecord::new(), csv::StringRecord::new());
    loop {
        let more = (files.0.read_record(&mut left)?, files.1.read_record(&mut right)?);
        if more != (true, true) {
            return if more == (false, false) {
                Ok(rows)
            } else {
                Err(format!("only one side has a row {rows}").into())
            };
        }
        rows += 1;
        for ((name, ours), theirs) in header.iter().zip(&left).zip(&right) {
            if !equal(ours, theirs, name == FLOATING) {
                return Err(format!("row {rows}, {name}: {ours} and {theirs}").into());
            }
        }
    }
}

fn equal(ours: &str, theirs: &str, floating: bool) -> bool {
    if ours == theirs {
        return true;
    }
    let (Ok(a), Ok(b)) = (ours.parse::<Decimal>(), theirs.parse::<Decimal>()) else { return false };
    if a == b {
        return true;
    }
    let (Ok(a), Ok(b)) = (ours.parse::<f64>(), theirs.parse::<f64>()) else { return false };
    floating && (a - b).abs() <= a.abs() * 1e-12
}

#[cfg(test)]
mod tests {
    use super::equal;

    #[test]
    fn only_spelling_and_averages_may_differ() {
        assert!(equal("1.50", "1.5", false) && equal("", "", false) && equal("あ", "あ", false));
        assert!(!equal("1.5", "1.51", false) && !equal("", "0", false) && !equal("あ", "い", true));
        assert!(equal("1.66666666666667", "1.6666666666666665", true));
        assert!(!equal("1.66666666666667", "1.6666666666666665", false) && !equal("1.666", "1.667", true));
    }
}
