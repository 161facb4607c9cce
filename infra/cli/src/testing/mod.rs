//! Tests of flows: a case is a file, its apps stand in a simulated kintone of this process, and what the flow makes of them
//! is compared with what the case says. docs/testing-flows.md tells it to those who write cases.

mod calls;
mod case;
mod compare;
#[cfg(test)]
mod examples;
mod numbers;
mod records;
mod stage;
mod unit;

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

    /// A case beside its flow, in a folder of its own.
    fn written(name: &str, flow: &str, case: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("suiro-cases-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("flow.yaml"), flow).expect("the flow");
        let path = folder.join("case.test.yaml");
        std::fs::write(&path, format!("flow: flow.yaml\n{case}")).expect("the case");
        path
    }

    const NUMBERING: &str = "suiro: 1
name: 採番
steps:
  - name: 読む
    command: input_app
    app: ${元}
  - name: 足す
    command: output_app
    from: 読む
    app: ${先}
    method: append
    mapping: { 品目: 品目 }
    numbers:
      - { field: 番号, digits: 3, prefix: A- }
      - { field: 請求, digits: 4, unit: domain, name: 請求番号 }
";

    #[tokio::test(flavor = "multi_thread")]
    async fn numbers_come_from_the_ledger() {
        let stage = Stage::start().await.expect("a simulated kintone");
        let case = |number: &str| {
            format!(
                "apps:
  元: {{ records: \"| 品目: text |\\n| 林檎 |\\n| 蜜柑 |\" }}
  先:
    records: |
      | 番号: text | 請求: text | 品目: text |
      | A-007      | 0001       | 葡萄       |
    after: |
      | 番号: text | 請求: text | 品目: text |
      | A-007      | 0001       | 葡萄       |
      | A-008      | 0050       | 林檎       |
      | {number}   | 0051       | 蜜柑       |
numbers: {{ 請求番号: {{ start: 50 }} }}
"
            )
        };
        let right = run(&stage, &written("numbers", NUMBERING, &case("A-009"))).await;
        assert!(right.failures.is_empty(), "{right:#?}");
        let wrong = run(&stage, &written("numbers-wrong", NUMBERING, &case("A-010"))).await;
        assert!(wrong.failures.concat().iter().any(|line| line.contains("«A-009»")), "{wrong:#?}");
        let lacking = case("A-009").replace("請求番号: {", "ほか: {");
        let lacking = run(&stage, &written("numbers-lacking", NUMBERING, &lacking)).await;
        assert!(lacking.failures.concat().iter().any(|line| line.contains("請求番号")), "{lacking:#?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn calls_of_units_are_part_of_a_case() {
        let stage = Stage::start().await.expect("a simulated kintone");
        let flow = "suiro: 1
name: 呼び出し
steps:
  - name: 読む
    command: input_app
    app: ${元}
  - { name: 渡す, command: call_unit, from: 読む, unit: 請求書作成, parameters: { 品目: 品目, 数: 数 } }
  - { name: 呼ぶ, command: call_unit, from: 読む, unit: 集計 }
";
        let apps = "apps: { 元: { records: \"| 品目: text | 数: number |\\n| 林檎 | 3 |\\n| 蜜柑 | |\" } }\n";
        let told = async |name: &str, calls: &str| {
            let case = format!("{apps}{calls}");
            run(&stage, &written(name, flow, &case)).await.failures.concat().join("\n")
        };
        let both = "calls:
  請求書作成: |
    | 品目: text | 数: number |
    | 林檎       | 3          |
    | 蜜柑       |            |
  集計: ''
";
        assert_eq!(told("calls", both).await, "");
        assert!(told("calls-none", "").await.contains("0回のはずが1回"));
        assert!(told("calls-other", &both.replace("| 3 ", "| 4 ")).await.contains("«3»"));
        assert!(told("calls-more", &format!("{both}  乙: ''\n")).await.contains("1回のはずが0回"));
        let unnamed = both.replace("数: number", "個数: number");
        assert!(told("calls-unnamed", &unnamed).await.contains("個数"), "the unit needs what the flow does not pass");
    }
}
