//! `suiro flow test`.

use serde_json::json;

use super::{Failure, files, is_test, output};
use crate::args::Test;
use crate::testing::{Outcome, Stage, run as run_case};

/// Runs all cases, one after the other, and tells of each.
pub async fn run(args: &Test) -> Result<(), Failure> {
    let paths = files(&args.paths, &is_test)?;
    if paths.is_empty() {
        return Err(Failure::new("テスト（*.test.yaml）が見つかりません / no tests (*.test.yaml) found"));
    }
    let stage = Stage::start().await.map_err(Failure::new)?;
    let (mut failed, mut told) = (0, Vec::new());
    for path in &paths {
        let Outcome { title, failures } = run_case(&stage, path).await;
        failed += usize::from(!failures.is_empty());
        if args.json {
            told.push(json!({ "file": path.display().to_string(), "title": title, "passed": failures.is_empty(), "failures": failures }));
            continue;
        }
        let sign = if failures.is_empty() { "✓" } else { "✗" };
        output::line(format!("{sign} {title}  ({})", path.display()));
        for failure in failures {
            for (n, line) in failure.iter().enumerate() {
                output::line(format!("{}{line}", if n == 0 { "    " } else { "      " }));
            }
        }
    }
    if args.json {
        output::json(&told)?;
    }
    let passed = paths.len() - failed;
    eprintln!(
        "{}件中 成功{passed} 失敗{failed} / {} cases: {passed} passed, {failed} failed",
        paths.len(),
        paths.len()
    );
    if failed > 0 { Err(Failure::flow("テストに失敗しました / tests failed")) } else { Ok(()) }
}
