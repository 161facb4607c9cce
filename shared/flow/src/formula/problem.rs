//! What is wrong with a formula, where, and how it is shown: the source line with a caret below.

use std::fmt::Write as _;
use std::ops::Range;

/// One problem of a formula, found before any row is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaProblem {
    /// Which bytes of the source it is about; empty where something is missing at a place.
    pub span: Range<usize>,
    /// Stable code, such as `formula_unknown_name`.
    pub code: &'static str,
    /// What is wrong and what to do, in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
}

/// Columns that one character takes in a terminal: East Asian wide and full-width forms take two, combining marks none.
/// A few lines instead of a width library: a caret one column off is harmless, and formulas hold few exotic characters.
fn width(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x3099..=0x309A | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

fn text_width(text: &str) -> usize {
    text.chars().map(width).sum()
}

impl FormulaProblem {
    /// A problem at a place.
    pub(super) fn new(span: Range<usize>, code: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { span, code, ja: ja.into(), en: en.into() }
    }

    /// The line of `source` that the problem starts in, and below it carets under the place. `source` is the formula that
    /// was parsed. Wide characters count as two columns. Two lines without a line end.
    pub fn caret(&self, source: &str) -> String {
        let start = floor_boundary(source, self.span.start);
        let end = floor_boundary(source, self.span.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        // A tab would move the caret by an unknown distance.
        let line = source[line_start..line_end].replace(['\t', '\r'], " ");
        let indent = text_width(&source[line_start..start]);
        let carets = text_width(&source[start..end.min(line_end)]).max(1);
        let mut out = String::new();
        let _ = write!(out, "{line}\n{:indent$}{}", "", "^".repeat(carets));
        out
    }
}

/// The nearest character boundary at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caret(source: &str, span: Range<usize>) -> String {
        FormulaProblem::new(span, "formula_test", "", "").caret(source)
    }

    #[test]
    fn carets_stand_under_wide_characters() {
        let source = "単価 * 数糧 + 1";
        let at = source.find("数糧").unwrap();
        assert_eq!(caret(source, at..at + "数糧".len()), "単価 * 数糧 + 1\n       ^^^^");
    }

    #[test]
    fn an_empty_place_and_the_end_have_one_caret() {
        assert_eq!(caret("1 +", 3..3), "1 +\n   ^");
        assert_eq!(caret("", 0..0), "\n^");
        assert_eq!(caret("1", 7..9), "1\n ^");
    }

    #[test]
    fn only_the_line_of_the_problem_is_shown() {
        assert_eq!(caret("IF(a,\n\tb c,\nd)", 9..10), " b c,\n   ^");
    }
}
