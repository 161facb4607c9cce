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

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/tests").join(name)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_demos_flows_do_what_their_tests_say() {
        let stage = Stage::start().await.expect("a simulated kintone");
        for name in ["allocate", "allocate-sheet", "allocate-by-hand", "allocate-unknown", "movement"] {
            let outcome = run(&stage, &demo(&format!("{name}.test.yaml"))).await;
            assert!(outcome.failures.is_empty(), "{outcome:#?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_as_it_should_be_is_told() {
        let stage = Stage::start().await.expect("a simulated kintone");
        let read = || Case::read(&demo("allocate.test.yaml")).expect("a case");
        let mut wrong = read();
        wrong.apps.iter_mut().for_each(|app| app.after = None);
        let failures = stage.run(&wrong).await.expect("it runs");
        assert_eq!(failures.len(), 2, "both apps were changed: {failures:#?}");
        assert!(
            failures.iter().flatten().any(|line| line.starts_with("- ") && line.contains("«100»")),
            "{failures:#?}"
        );
        let mut fails = read();
        fails.fails = Some("起動したレコード".into());
        assert!(stage.run(&fails).await.expect("it runs")[0][0].contains("失敗するはず"));
        let mut lacking = read();
        lacking.apps.pop();
        assert!(stage.run(&lacking).await.is_err(), "an app is missing");
        assert!(!run(&stage, &demo("nowhere.test.yaml")).await.failures.is_empty());
    }
}
