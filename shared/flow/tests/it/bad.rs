//! Deliberately bad flows: what their authors read, in both languages.
//!
//! A flow that is sound until it is run has lines `# run: [{ name: value }]` with the records that start it: a text is a
//! text, a list is a list of choices, a map stands for a file.

use super::{check, files, snapshot};
use flow::formula::Parameters;
use flow::problem::Problem;
use model::value::{FileRef, Value};
use serde_json::Value as Json;

fn render(problems: &[Problem]) -> String {
    let both = |p: &Problem| {
        let en = p.render(false);
        // The picture is the same in both languages; once is enough.
        let ja = Problem { picture: None, ..p.clone() }.render(true);
        format!("{ja}\n{en}\n")
    };
    problems.iter().map(both).collect::<Vec<_>>().join("\n")
}

/// Every bad flow with its problems; where it is run, those of its runs.
pub fn all() -> Vec<(String, Vec<Problem>)> {
    let problems = |name: &str, text: &str| match check(text) {
        Err(problems) => problems,
        Ok(checked) => {
            let runs: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# run:")).collect();
            assert!(!runs.is_empty(), "{name} is not bad:\n{}", checked.plan);
            let run = |run: &&str| match flow::bind::bind(&checked.plan, &records(run)) {
                Err(problem) => *problem,
                Ok(_) => panic!("{name} is not bad when it is run with {run}"),
            };
            runs.iter().map(run).collect()
        }
    };
    files("bad").into_iter().map(|(name, text)| (name.clone(), problems(&name, &text))).collect()
}

fn records(line: &str) -> Vec<Parameters> {
    let value = |value: Json| match value {
        Json::String(text) => Value::text(text),
        Json::Number(number) => Value::text(number.to_string()),
        Json::Array(items) => Value::Texts(items.iter().filter_map(|i| i.as_str().map(str::to_owned)).collect()),
        Json::Object(_) => Value::Files(vec![FileRef {
            file_key: "k".into(),
            name: "n".into(),
            content_type: String::new(),
            size: String::new(),
        }]),
        Json::Null | Json::Bool(_) => Value::Blank,
    };
    let maps: Vec<serde_json::Map<String, Json>> = serde_saphyr::from_str(line).unwrap();
    maps.into_iter().map(|map| map.into_iter().map(|(name, v)| (name, value(v))).collect()).collect()
}

#[test]
fn every_bad_flow_is_told_what_to_do() {
    for (name, problems) in all() {
        let text = files("bad").into_iter().find(|(n, _)| *n == name).map(|(_, text)| text).unwrap_or_default();
        for problem in problems.iter().filter(|_| !text.contains("# run:")) {
            assert!(problem.position.is_some() || problem.code == "no_output", "{name}: no place: {problem}");
        }
        snapshot(&format!("bad__{name}"), &render(&problems));
    }
}

#[test]
fn structure_is_checked_without_apps() {
    let apart_from_apps =
        ["graph", "circle", "two_graphs", "no_output", "condition_values", "output_settings", "formula", "keys"];
    for (name, text) in files("bad").into_iter().filter(|(name, _)| apart_from_apps.contains(&name.as_str())) {
        let document = flow::document::Document::parse(&text).unwrap();
        let offline = flow::check::check_structure(&document).unwrap_err();
        let online = check(&text).unwrap_err();
        // What is found without the apps is found with them too.
        assert!(offline.iter().all(|p| online.contains(p)), "{name}");
    }
    for (name, text) in files("good") {
        let document = flow::document::Document::parse(&text).unwrap();
        assert_eq!(flow::check::check_structure(&document), Ok(()), "{name}");
    }
}
