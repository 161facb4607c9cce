//! Why a flow fails.

use connect::kintone::{Class, KintoneError};
use engine::EngineError;
use flow::problem::Problem;
use model::catalogue::{self, Code};

/// Why a flow fails. Nothing was written, unless `writing` says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {en}")]
pub struct FlowError {
    /// The catalogue's entry.
    pub code: Code,
    /// Where and what, in Japanese.
    pub ja: String,
    /// Where and what, in English.
    pub en: String,
}

impl FlowError {
    pub(crate) fn new(code: Code, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, ja: ja.into(), en: en.into() }
    }

    /// Both languages, as the log app shows it.
    pub fn message(&self) -> String {
        if self.ja == self.en { self.ja.clone() } else { format!("{}\n{}", self.ja, self.en) }
    }

    pub(super) fn of_problems(problems: &[Problem]) -> Self {
        let all = |japanese| problems.iter().map(|p| p.render(japanese)).collect::<Vec<_>>().join("\n");
        Self::new(catalogue::FLOW_INVALID, all(true), all(false))
    }
}

impl From<EngineError> for FlowError {
    fn from(error: EngineError) -> Self {
        Self::new(catalogue::FLOW_FAILED, error.ja(), error.en())
    }
}

impl From<KintoneError> for FlowError {
    /// For reads: an app that cannot be read is an error, never an empty input.
    fn from(error: KintoneError) -> Self {
        let code = match error.class {
            Class::Permission => not_permitted(&error),
            Class::NotFound => catalogue::NOT_PERMITTED,
            class if class.is_temporary() => catalogue::KINTONE_UNAVAILABLE,
            _ => catalogue::READ_FAILED,
        };
        let text = error.to_string();
        Self::new(code, text.clone(), text)
    }
}

/// The code of an error of [`Class::Permission`]: what opens kintone is not known there, or lacks a right.
pub(crate) fn not_permitted(error: &KintoneError) -> Code {
    if error.credential_refused() { catalogue::CREDENTIAL_REFUSED } else { catalogue::NOT_PERMITTED }
}
