//! Deliberately bad flows: what their authors read, in both languages.

use super::{check, files, snapshot};
use flow::problem::Problem;

fn render(problems: &[Problem]) -> String {
    let both = |p: &Problem| {
        let en = p.render(false);
        // The picture is the same in both languages; once is enough.
        let ja = Problem { picture: None, ..p.clone() }.render(true);
        format!("{ja}\n{en}\n")
    };
    problems.iter().map(both).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_bad_flow_is_told_what_to_do() {
    for (name, text) in files("bad") {
        let problems = match check(&text) {
            Ok(checked) => panic!("{name} is not bad:\n{}", checked.plan),
            Err(problems) => problems,
        };
        for problem in &problems {
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
