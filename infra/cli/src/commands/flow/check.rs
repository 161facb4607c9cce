//! `suiro flow check` and `suiro flow apps`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use flow::check::Checked;
use flow::document::Document;
use flow::problem::Problem;
use model::field::AppSchema;
use serde_json::{Value as Json, json};

use super::{Failure, Known, app_names, files, is_flow, output, read, write};
use crate::args::{Check, KnownApps, Lang};

/// Stands in for the number of an app whose name has none, where no app is looked at anyway.
const STAND_IN: u64 = 900_000_000;

/// What was found in one document.
struct Found {
    path: PathBuf,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
}

/// Checks documents.
pub async fn run(args: &Check) -> Result<(), Failure> {
    let names = app_names(&args.apps.names)?;
    let mut known = Known::of(&args.apps)?;
    let paths = files(&args.paths, &is_flow)?;
    if paths.is_empty() {
        return Err(Failure::new("フローの文書（.yaml）が見つかりません / no flow documents found"));
    }
    let mut all = Vec::new();
    for path in paths {
        all.push(check(path, &names, &mut known).await?);
    }
    let problems: usize = all.iter().map(|f| f.problems.len()).sum();
    if args.json {
        output::json(
            &all.iter().flat_map(|f| f.problems.iter().map(|p| problem_json(&f.path, p))).collect::<Vec<_>>(),
        )?;
    } else {
        all.iter().for_each(|found| print(found, args.lang, all.len() > 1));
    }
    if problems > 0 {
        let bad = all.iter().filter(|f| !f.problems.is_empty()).collect::<Vec<_>>();
        let what = match (&bad[..], all.len()) {
            ([one], 1) => one.path.display().to_string(),
            (bad, of) => format!("{of}件中{}件のフロー / {} of {of} flows", bad.len(), bad.len()),
        };
        return Err(Failure::flow(format!("{what}: 問題が{problems}件あります / {problems} problems")));
    }
    let alone = match known {
        Known::Nothing => "(アプリとの照合は --base-url か --apps を付けて)",
        _ => "",
    };
    let count = if all.len() > 1 { format!("{}件のフロー: ", all.len()) } else { String::new() };
    eprintln!("{count}問題ありません{alone} / no problems");
    Ok(())
}

async fn check(path: PathBuf, names: &BTreeMap<String, u64>, known: &mut Known) -> Result<Found, Failure> {
    let bytes = fs::read(&path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
    let Ok(text) = String::from_utf8(bytes) else {
        let problem = Problem::new(
            "not_utf8",
            "UTF-8 の文書ではありません。文字コードを UTF-8 にして保存してください。",
            "This is not UTF-8 text; save it as UTF-8.",
        );
        return Ok(Found { path, problems: vec![problem], notes: Vec::new() });
    };
    let mut problems = Vec::new();
    let mut stand_in = STAND_IN;
    let (filled, missing) = flow::apps::fill(&text, &|name| known.number(names, name));
    let (filled, _) =
        flow::apps::fill(&filled, &|name| Some(STAND_IN + missing.iter().position(|m| *m == name)? as u64));
    for name in missing {
        // Without any app to look at, a name is as good as a number.
        if !matches!(known, Known::Nothing) {
            problems.push(Problem::new(
                "app_name_unknown",
                format!("${{{name}}} が指すアプリが分かりません。--app {name}=番号 で指定してください。"),
                format!("Which app ${{{name}}} stands for is not known; give it with --app {name}=NUMBER."),
            ));
        }
        stand_in += 1;
    }
    let document = match Document::read(&filled) {
        Ok(document) => document,
        Err(found) => {
            problems.extend(found);
            return Ok(Found { path, problems, notes: Vec::new() });
        }
    };
    let checked = match known {
        Known::Nothing => flow::check::check_structure(&document).map(|()| Vec::new()),
        _ => {
            known.read(&document).await?;
            flow::check::checked(&document, &|app| known.get(app)).map(|Checked { notes, .. }| notes)
        }
    };
    match checked {
        Ok(notes) => Ok(Found { path, problems, notes }),
        Err(found) => {
            // An app that has no number yet is told once, above, and not again as one that is not there.
            problems.extend(found.into_iter().filter(|p| !names_stand_in(p, stand_in)));
            Ok(Found { path, problems, notes: Vec::new() })
        }
    }
}

fn names_stand_in(problem: &Problem, end: u64) -> bool {
    problem.code == "unknown_app" && (STAND_IN..end).any(|n| problem.en.contains(&n.to_string()))
}

fn print(found: &Found, lang: Option<Lang>, with_path: bool) {
    let place =
        if with_path || !found.problems.is_empty() { format!("{}:", found.path.display()) } else { String::new() };
    for (problems, word) in [(&found.problems, ""), (&found.notes, "注意 / note: ")] {
        for problem in problems.iter() {
            match lang {
                Some(lang) => output::line(format!("{place}{word}{}", problem.render(lang == Lang::Ja))),
                None => {
                    let english = Problem { picture: None, ..problem.clone() }.render(false);
                    output::line(format!("{place}{word}{}\n  {english}", problem.render(true)));
                }
            }
        }
    }
}

fn problem_json(path: &Path, problem: &Problem) -> Json {
    json!({
        "file": path.display().to_string(),
        "code": problem.code,
        "step": problem.step,
        "setting": problem.setting,
        "line": problem.position.map(|p| p.line),
        "column": problem.position.map(|p| p.column),
        "ja": problem.ja,
        "en": problem.en,
        "picture": problem.picture,
    })
}

/// Writes the fields of the apps that documents name.
pub async fn apps(paths: &[PathBuf], args: &KnownApps, out: Option<&Path>) -> Result<(), Failure> {
    let names = app_names(&args.names)?;
    let kintone = super::needed(args)?;
    let mut wanted = BTreeSet::new();
    for path in files(paths, &is_flow)? {
        let filled = super::fill(&path, &read(&path)?, &names)?;
        wanted.extend(flow::check::apps(&Document::parse(&filled).map_err(|p| super::invalid(&p))?));
    }
    let mut schemas = worker::flow_run::Schemas::default();
    schemas.read(&kintone, wanted).await.map_err(Failure::kintone)?;
    let all: Vec<&AppSchema> = schemas.all().collect();
    write(out, &format!("{}\n", serde_json::to_string_pretty(&all).map_err(Failure::new)?))
}
