//! A case as it is written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use flow::examples::{ParsedTable, parse_table};
use flow::located::Located;
use flow::problem::Problem;
use model::numbering::NamedNumber;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::CaseError;
use super::numbers::{WrittenNumber, numbers};

/// The instant of a case that names none: the one of the functions' examples, 2026-01-31 15:04:05 in Tokyo.
const NOW: &str = "2026-01-31T15:04:05+09:00";

/// A case as the file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    title: Option<String>,
    flow: PathBuf,
    #[serde(default)]
    now: Option<String>,
    #[serde(default)]
    parameters: Started,
    #[serde(default)]
    apps: BTreeMap<String, WrittenApp>,
    #[serde(default)]
    steps: BTreeMap<String, String>,
    #[serde(default)]
    numbers: BTreeMap<String, WrittenNumber>,
    #[serde(default)]
    calls: BTreeMap<String, WrittenCalls>,
    #[serde(default)]
    fails: Option<String>,
}

/// What a unit is called with: a table per call; an empty text where no rows are passed.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum WrittenCalls {
    One(String),
    Several(Vec<String>),
}

/// The records that start the run: none, one, or several as a sheet sends them.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Started {
    #[default]
    None,
    One(Map<String, Json>),
    Several(Vec<Map<String, Json>>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenApp {
    #[serde(default)]
    number: Option<u64>,
    #[serde(default)]
    fields: Map<String, Json>,
    records: String,
    #[serde(default)]
    after: Option<String>,
}

/// A case, its tables read.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it shows.
    pub title: Option<String>,
    /// The flow's file.
    pub path: PathBuf,
    /// The flow's text, names of apps filled in.
    pub flow: String,
    /// The instant of the run.
    pub now: jiff::Timestamp,
    /// The records that start the run: names and texts.
    pub parameters: Vec<Vec<(String, String)>>,
    /// The apps.
    pub apps: Vec<AppCase>,
    /// Steps with the rows that they must yield.
    pub steps: Vec<(String, ParsedTable)>,
    /// Numbers that are registered for the domain.
    pub numbers: Vec<NamedNumber>,
    /// Units with the parameters that they must be called with, a table per call.
    pub calls: Vec<(String, Vec<ParsedTable>)>,
    /// A part of the message with which the run must fail.
    pub fails: Option<String>,
}

/// An app of a case.
#[derive(Clone, Debug)]
pub struct AppCase {
    /// Its number.
    pub number: u64,
    /// What the case calls it.
    pub name: String,
    /// kintone's properties of fields that a table's header cannot say: options, lookups, required.
    pub fields: Map<String, Json>,
    /// Its records before.
    pub records: ParsedTable,
    /// Its records afterwards; without, as before.
    pub after: Option<ParsedTable>,
}

impl Case {
    /// Reads a case and the flow that it names.
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let text = fs::read_to_string(path).map_err(|e| CaseError(e.to_string()))?;
        // Read as flows are: a number with decimals stands in quotes, and every problem has its place.
        let tree = Located::parse(&text).map_err(|problems| unreadable(&problems))?;
        let written: Written = tree.read().map_err(|e| unreadable(&[Problem::from(e)]))?;
        let flow_path = path.parent().unwrap_or(Path::new("")).join(&written.flow);
        let flow = fs::read_to_string(&flow_path).map_err(|e| CaseError(format!("{}: {e}", flow_path.display())))?;
        let now = written.now.as_deref().unwrap_or(NOW);
        let now = now
            .parse()
            .map_err(|e| CaseError::new(format!("now「{now}」は 2026-01-31T15:04:05+09:00 の形で書いてください"), e))?;
        let apps = apps(written.apps)?;
        let named = |name: &str| apps.iter().find(|a| a.name == name).map(|a| a.number);
        let (flow, missing) = {
            let (filled, missing) = flow::apps::fill(&flow, &named);
            (filled, missing.into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        if let Some(name) = missing.first() {
            return Err(CaseError::new(
                format!("フローの ${{{name}}} にあたるアプリが apps にありません"),
                format!("apps has no app for the flow's ${{{name}}}"),
            ));
        }
        let sets = match written.parameters {
            Started::None => Vec::new(),
            Started::One(one) => vec![one],
            Started::Several(all) => all,
        };
        let steps = written.steps.into_iter().map(|(name, text)| {
            let table = table(&format!("steps: {name}"), &text)?;
            Ok((name, table))
        });
        let calls = written.calls.into_iter().map(|(unit, calls)| {
            let texts = match calls {
                WrittenCalls::One(text) => vec![text],
                WrittenCalls::Several(texts) => texts,
            };
            let place = format!("calls: {unit}");
            let tables = texts.iter().map(|text| table(&place, text)).collect::<Result<_, _>>()?;
            Ok((unit, tables))
        });
        Ok(Self {
            title: written.title,
            path: flow_path,
            flow,
            now,
            parameters: sets
                .into_iter()
                .map(|set| set.into_iter().map(|(n, v)| Ok((n.clone(), plain(&n, v)?))).collect())
                .collect::<Result<_, CaseError>>()?,
            steps: steps.collect::<Result<_, CaseError>>()?,
            numbers: numbers(written.numbers)?,
            calls: calls.collect::<Result<_, CaseError>>()?,
            apps,
            fails: written.fails,
        })
    }
}

fn apps(written: BTreeMap<String, WrittenApp>) -> Result<Vec<AppCase>, CaseError> {
    let own = |name: &str, app: &WrittenApp| app.number.or_else(|| name.parse().ok());
    let taken: Vec<u64> = written.iter().filter_map(|(name, app)| own(name, app)).collect();
    let mut free = (1..).filter(|n| !taken.contains(n));
    let mut apps: Vec<AppCase> = Vec::new();
    for (name, app) in written {
        let number = match own(&name, &app) {
            Some(number) => number,
            None => free.next().unwrap_or_default(),
        };
        if apps.iter().any(|a| a.number == number) {
            return Err(CaseError::new(
                format!("アプリ {number} が二つあります"),
                format!("there are two apps {number}"),
            ));
        }
        let records = table(&format!("apps: {name}: records"), &app.records)?;
        let after = app.after.map(|text| table(&format!("apps: {name}: after"), &text)).transpose()?;
        apps.push(AppCase { number, name, fields: app.fields, records, after });
    }
    Ok(apps)
}

fn table(place: &str, text: &str) -> Result<ParsedTable, CaseError> {
    parse_table(text).map_err(|e| CaseError(format!("{place}: {e}")))
}

fn unreadable(problems: &[Problem]) -> CaseError {
    let all = |japanese| problems.iter().map(|p| p.render(japanese)).collect::<Vec<_>>().join("\n");
    CaseError::new(
        format!("テストの文書を読めません: {}", all(true)),
        format!("this is no test of a flow: {}", all(false)),
    )
}

/// A parameter's text: `1` and `"1"` are the same. A word that YAML takes for a truth value is not guessed at.
fn plain(name: &str, value: Json) -> Result<String, CaseError> {
    Ok(match value {
        Json::String(text) => text,
        Json::Null => String::new(),
        Json::Array(items) => {
            items.into_iter().map(|item| plain(name, item)).collect::<Result<Vec<_>, _>>()?.join("; ")
        }
        Json::Bool(_) | Json::Object(_) => {
            return Err(CaseError::new(
                format!("parameters: {name}: 文字列で書いてください（no や true は引用符で囲みます）"),
                format!("parameters: {name}: write a text (in quotes where it is no or true)"),
            ));
        }
        Json::Number(number) => number.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_without_numbers_get_free_ones() {
        let app = || WrittenApp { number: None, fields: Map::new(), records: "| a: text |".into(), after: None };
        let all =
            apps([("受注".to_owned(), app()), ("1".to_owned(), app()), ("在庫".to_owned(), app())].into()).unwrap();
        let numbers: Vec<_> = all.iter().map(|a| (a.name.as_str(), a.number)).collect();
        assert_eq!(numbers, [("1", 1), ("受注", 2), ("在庫", 3)]);
        let twice = [("1".to_owned(), app()), ("a".to_owned(), WrittenApp { number: Some(1), ..app() })];
        assert!(apps(twice.into()).is_err());
    }

    #[test]
    fn parameters_are_texts() {
        assert_eq!(plain("p", serde_json::json!(1)).unwrap(), "1");
        assert_eq!(plain("p", serde_json::json!(["a", "b"])).unwrap(), "a; b");
        assert_eq!(plain("p", Json::Null).unwrap(), "");
    }

    #[test]
    fn a_parameter_is_never_guessed_at() {
        let folder = tempfile::tempdir().unwrap();
        let read = |parameters: &str| {
            let flow = "suiro: 1\nname: f\nsteps: []\n";
            fs::write(folder.path().join("f.yaml"), flow).unwrap();
            let path = folder.path().join("f.test.yaml");
            fs::write(&path, format!("flow: f.yaml\nparameters: {{ {parameters} }}\n")).unwrap();
            Case::read(&path).map(|case| case.parameters)
        };
        let long = "12345678901234567890123";
        let set = read(&format!("a: \"1.10\", b: 7, c: \"{long}\"")).unwrap().remove(0);
        assert_eq!(set.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), ["1.10", "7", long]);
        for bad in ["a: 1.10", "a: true", "a: { b: c }", &format!("a: {long}")] {
            let error = read(bad).unwrap_err().0;
            assert!(error.contains("3:") || error.contains("parameters: a"), "{bad}: {error}");
        }
    }
}
