//! Tests of flows: a case is a file, its apps stand in a simulated kintone of this process, and what the flow makes of them
//! is compared with what the case says. docs/testing-flows.md tells it to those who write cases.

mod case;
mod compare;
mod records;
mod stage;

use std::path::Path;

pub use case::Case;
pub use stage::Stage;

/// What came out of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the case calls itself.
    pub title: String,
    /// What is not as it should be, each in lines; none: it passed.
    pub failures: Vec<Vec<String>>,
}

/// Why a case cannot be run. The text says where and what, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CaseError(pub String);

impl CaseError {
    fn new(ja: impl std::fmt::Display, en: impl std::fmt::Display) -> Self {
        Self(format!("{ja} / {en}"))
    }
}

/// Runs the case in a file.
pub async fn run(stage: &Stage, path: &Path) -> Outcome {
    let name = || path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    match Case::read(path) {
        Err(error) => Outcome { title: name(), failures: vec![error.0.lines().map(str::to_owned).collect()] },
        Ok(case) => {
            let title = case.title.clone().unwrap_or_else(name);
            let failures = match stage.run(&case).await {
                Ok(failures) => failures,
                Err(error) => vec![error.0.lines().map(str::to_owned).collect()],
            };
            Outcome { title, failures }
        }
    }
}
