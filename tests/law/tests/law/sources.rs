//! What edges cannot say, read from the sources as text.

use std::fs;
use std::path::{Path, PathBuf};

use crate::tree::root;

/// Most lines of a source file: one room, not several.
const MOST_LINES: usize = 450;
/// Most lines of a function's main.rs: wiring over a library.
const MOST_MAIN_LINES: usize = 45;

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if !["target", "node_modules", ".tools"].iter().any(|skip| path.ends_with(skip)) {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(below), &mut found);
    assert!(!found.is_empty(), "sources below {below}");
    found.into_iter().map(|p| (p.clone(), fs::read_to_string(&p).expect("text"))).collect()
}

fn everything() -> Vec<(PathBuf, String)> {
    ["functions", "shared", "infra", "tests"].into_iter().flat_map(sources).collect()
}

#[test]
fn files_are_rooms() {
    for (path, text) in everything() {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines, at most {MOST_LINES}", path.display());
        assert!(text.starts_with("//!"), "{} does not say what belongs there", path.display());
    }
}

#[test]
fn mains_are_wiring() {
    for (path, text) in sources("functions") {
        if path.ends_with("main.rs") {
            let lines = text.lines().count();
            assert!(lines <= MOST_MAIN_LINES, "{} has {lines} lines", path.display());
        } else {
            assert!(!text.contains("use aws::"), "{}: only a main names aws", path.display());
        }
    }
}

#[test]
fn api_holds_no_vault() {
    for (path, text) in sources("functions/api") {
        for banned in ["Vault", "keys::payload", ".payload(", "run_again"] {
            assert!(!text.contains(banned), "{} names {banned}", path.display());
        }
    }
}

#[test]
fn nothing_is_left_open() {
    let open = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[", "ignore")];
    for (path, text) in everything() {
        for word in open {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}
