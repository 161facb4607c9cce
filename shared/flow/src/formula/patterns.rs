//! Regular expressions, compiled once: formulas ask for the same pattern row after row.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// Patterns that are kept, per thread. A formula holds few; where they come from a column, the store is emptied when it is full.
const KEPT: usize = 64;
/// Largest compiled pattern, in bytes: ample for what people write, and it bounds what a pattern from a record can cost.
const LARGEST: usize = 1 << 20;

thread_local! {
    static COMPILED: RefCell<HashMap<(String, bool), Result<Regex, Broken>>> = RefCell::new(HashMap::new());
}

/// Why a text is no pattern.
#[derive(Clone, Debug)]
pub(super) enum Broken {
    TooLarge,
    /// In the library's words
    Syntax(String),
}

/// The pattern, compiled.
pub(super) fn compiled(pattern: &str, any_case: bool) -> Result<Regex, Broken> {
    COMPILED.with_borrow_mut(|compiled| {
        let key = (pattern.to_owned(), any_case);
        if let Some(known) = compiled.get(&key) {
            return known.clone();
        }
        let built = RegexBuilder::new(pattern).case_insensitive(any_case).size_limit(LARGEST).build();
        let built = built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => Broken::TooLarge,
            // The library draws the pattern over several lines and says what is wrong in the last one.
            other => {
                let words = other.to_string();
                Broken::Syntax(words.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned())
            }
        });
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(key, built.clone());
        built
    })
}
