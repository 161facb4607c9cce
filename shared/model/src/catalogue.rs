//! Every refusal and failure that a user can meet: code, HTTP status, retry class, and a sentence with its remedy in
//! Japanese and English. docs/errors.md is generated from [`ALL`].
//!
//! Codes are stored and shown: one never changes its meaning.

mod doors;
mod entries;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use doors::*;
pub use entries::*;

/// When the same request may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Never: it is wrong.
    Never,
    /// Later, unchanged.
    Later,
    /// After somebody mended something.
    AfterFix,
}

/// One entry of the catalogue.
#[derive(Debug)]
pub struct Entry {
    /// Stored name.
    pub code: &'static str,
    /// HTTP status where it answers a request; 500 where it ends a run.
    pub status: u16,
    /// When to try again.
    pub retry: Retry,
    /// What happened, in Japanese.
    pub ja: &'static str,
    /// What to do, in Japanese.
    pub remedy_ja: &'static str,
    /// What happened, in English.
    pub en: &'static str,
    /// What to do, in English.
    pub remedy_en: &'static str,
}

/// An entry, by reference. Stored and printed as its code.
#[derive(Clone, Copy)]
pub struct Code(pub &'static Entry);

impl Code {
    /// By its stored name.
    pub fn parse(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|c| c.0.code == name)
    }

    /// Sentence and remedy in Japanese.
    pub fn ja(self) -> String {
        format!("{}{}", self.0.ja, self.0.remedy_ja)
    }

    /// Sentence and remedy in English.
    pub fn en(self) -> String {
        format!("{} {}", self.0.en, self.0.remedy_en)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}

impl Eq for Code {}

impl std::hash::Hash for Code {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.code.hash(state);
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0.code)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::parse(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown code {name:?}")))
    }
}

/// docs/errors.md.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Errors\n\nGenerated from `shared/model/src/catalogue.rs` by `suiro docs`. Every refusal and failure has a code that never changes its meaning.\n\n| code | status | try again | 日本語 | English |\n| --- | --- | --- | --- | --- |\n",
    );
    for code in ALL {
        let e = code.0;
        let retry = match e.retry {
            Retry::Never => "never",
            Retry::Later => "later",
            Retry::AfterFix => "after a fix",
        };
        out += &format!("| `{}` | {} | {retry} | {} | {} |\n", e.code, e.status, code.ja(), code.en());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `suiro docs` writes it anew.
    #[test]
    fn the_page_of_errors_is_up_to_date() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
        let held = std::fs::read_to_string(page).unwrap_or_default();
        assert!(held == markdown(), "docs/errors.md is not what the catalogue says: run `cargo run -- docs`");
    }

    #[test]
    fn codes_are_unique_and_every_entry_says_what_to_do() {
        for (i, code) in ALL.iter().enumerate() {
            let e = code.0;
            assert!(ALL[..i].iter().all(|other| other.0.code != e.code), "{}", e.code);
            for text in [e.ja, e.remedy_ja, e.en, e.remedy_en] {
                assert!(text.ends_with(['.', '。', ')']), "{}: {text}", e.code);
            }
            assert_eq!(Code::parse(e.code), Some(*code));
        }
    }
}
