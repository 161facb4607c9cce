//! What readers of foreign text keep to, whatever they are given: one function per reader, which panics where a promise
//! is broken. The fuzzer (`targets/`) feeds them; what it found stands in `found/` and is played by `tests/found.rs`.

mod csv;
mod document;
mod formula;
mod query;

pub use csv::csv;
pub use document::document;
pub use formula::formula;
pub use query::query;

/// A reader under test.
pub type Target = fn(&[u8]);

/// All readers, by the name of their fuzz target and of their folder in `found/`.
pub const TARGETS: &[(&str, Target)] = &[("formula", formula), ("document", document), ("query", query), ("csv", csv)];
