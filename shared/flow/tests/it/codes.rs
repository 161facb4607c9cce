//! Every problem that the sources can report has a flow here that has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The codes in the sources, each with the file that it stands in: a name in quotes that is followed by a Japanese sentence.
fn codes(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                codes(&path, found);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (at, _) in code.match_indices('"') {
                found.extend(code_at(&code[at + 1..]).map(|code| (code.to_owned(), path.display().to_string())));
            }
        }
    }
}

fn code_at(text: &str) -> Option<&str> {
    let (word, behind) = text.split_once("\",")?;
    let is_code = word.contains('_') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let start = behind.trim_start();
    // Between a code and its sentence stand at most a place and `format!(`, never a named field or the end of a statement.
    let told = behind.split_once('"').is_some_and(|(between, sentence)| {
        let near = between.len() < 200 && ![": ", ";", "words(", "=>"].iter().any(|other| between.contains(other));
        near && !sentence.chars().take_while(|c| *c != '"').all(|c| c.is_ascii())
    }) || ["ja,", "ja)", "problem.ja", "ja.into", "wrong.0"].iter().any(|first| start.starts_with(first));
    (is_code && told).then_some(word)
}

#[test]
fn every_problem_has_a_bad_flow() {
    let mut known = BTreeMap::new();
    codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut known);
    assert!(known.len() > 60, "the sources are read: {}", known.len());
    let mut shown: BTreeSet<String> =
        super::bad::all().into_iter().flat_map(|(_, p)| p).map(|p| p.code.to_owned()).collect();
    for (name, text) in super::files("good") {
        let checked = super::check(&text).unwrap_or_else(|p| panic!("{name}: {p:#?}"));
        shown.extend(checked.notes.iter().map(|note| note.code.to_owned()));
    }
    // Too large for a document that people read.
    for formula in [format!("1{}", "+1".repeat(20_000)), format!("{}1{}", "(".repeat(300), ")".repeat(300))] {
        shown.extend(flow::formula::parse(&formula).unwrap_err().into_iter().map(|p| p.code.to_owned()));
    }
    // What other tests show: the text of a document that moves (src/apps.rs, src/calls.rs), and a step that a person names (preview.rs).
    for elsewhere in ["app_not_located", "app_not_plain", "unit_not_plain"] {
        shown.insert(elsewhere.to_owned());
    }
    let missing: Vec<_> = known.iter().filter(|(code, _)| !shown.contains(*code)).collect();
    assert!(missing.is_empty(), "no flow in tests/bad has these problems: {missing:#?}");
    // Codes that are only made here would mean that the scan has become blind.
    let unread: Vec<_> = shown.iter().filter(|code| code.contains('_') && !known.contains_key(*code)).collect();
    assert!(unread.is_empty(), "codes that the scan of the sources does not see: {unread:?}");
}
