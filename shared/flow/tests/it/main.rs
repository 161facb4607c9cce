//! Whole documents through check, plan and bind.

mod bad;
mod bind;
mod codes;
mod company;
mod docs;
mod examples;
mod good;
mod preview;
mod schema;
mod sound;

use flow::check::{Checked, checked};
use flow::document::Document;
use flow::problem::Problem;

/// Reads and checks a document against the demo company.
fn check(text: &str) -> Result<Checked, Vec<Problem>> {
    let apps = company::apps();
    checked(&Document::read(text)?, &|app| apps.iter().find(|a| a.app == app))
}

/// A snapshot under `tests/snapshots`, named after the document that it comes from.
fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!(name, text);
    });
}

/// Every file of a folder under `tests`, by name.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    all.sort();
    assert!(!all.is_empty());
    all
}
