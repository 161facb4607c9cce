//! What the fuzzer found, and the seeds that it starts from, played again: cases that were mended stay mended.

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|all| all.filter_map(Result::ok).map(|e| e.path()).collect());
    let mut files: Vec<PathBuf> = entries.unwrap_or_default();
    files.retain(|f| f.is_file() && f.extension().is_none_or(|e| e != "md"));
    files.sort();
    files
}

#[test]
fn found_cases_stay_mended() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, target) in fuzz::TARGETS {
        let cases = files(&root.join("found").join(name));
        assert!(!cases.is_empty(), "found/{name} holds no case, not even a seed");
        for case in cases {
            let data = fs::read(&case).expect("readable");
            target(&data);
        }
    }
}

#[test]
fn every_target_has_its_fuzzer() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("targets/fuzz_targets");
    for (name, _) in fuzz::TARGETS {
        assert!(targets.join(format!("{name}.rs")).is_file(), "targets/fuzz_targets/{name}.rs is missing");
    }
}
