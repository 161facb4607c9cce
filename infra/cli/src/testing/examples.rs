//! Examples of commands that number records, with numbers from the ledger: what the engine's own tests cannot show.

use flow::commands::{Definition, Example, Kintone, definitions};
use flow::examples::parse_table;

use super::case::AppCase;
use super::{Case, Stage};

/// Numbers of the apps that examples read first, and write.
const APPS: (u64, u64) = (11, 21);

/// An example of an output that appends to an app, as a case.
fn case(definition: &Definition, example: &Example, before: &str) -> Case {
    let app = |number, records: &str, after: Option<&str>| AppCase {
        number,
        name: number.to_string(),
        fields: Default::default(),
        records: parse_table(records).expect("a table"),
        after: after.map(|text| parse_table(text).expect("a table")),
    };
    Case {
        title: None,
        path: Default::default(),
        flow: example.document(definition),
        now: "2026-11-21T12:00:00Z".parse().expect("an instant"),
        parameters: Vec::new(),
        apps: vec![app(APPS.0, example.inputs[0].1, None), app(APPS.1, before, Some(example.output))],
        steps: Vec::new(),
        numbers: Vec::new(),
        calls: Vec::new(),
        fails: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbered_examples_show_what_the_ledger_gives() {
    let stage = Stage::start().await.expect("a simulated kintone");
    let mut played = 0;
    for definition in definitions() {
        let numbered = |example: &&Example| example.step.lines().any(|line| line.starts_with("numbers:"));
        for example in definition.reference().examples.iter().filter(numbered) {
            let before = match example.kintone {
                Some(Kintone::Before(before)) => before,
                // A file has no records to compare; the engine's tests show its rows with numbers.
                Some(Kintone::File(_)) => continue,
                _ => panic!("{}: no app", example.title.en),
            };
            let failures = stage.run(&case(definition, example, before)).await.expect("it runs");
            assert!(failures.is_empty(), "{}: {failures:#?}", example.title.en);
            played += 1;
        }
    }
    assert!(played > 0, "no example numbers records");
}
