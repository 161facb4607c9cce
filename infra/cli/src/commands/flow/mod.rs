//! `suiro flow`: documents checked, planned, looked at, run, tested, drawn and moved. One file per subcommand; here is what
//! they share: reading documents, and what is known of the apps.

mod changes;
mod check;
mod error_app;
mod export;
mod graph;
mod grid;
mod import;
mod plan;
mod preview;
mod run;
mod test;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use connect::kintone::{Class, Connection, Connector, Credential, HostPolicy, Kintone, Settings};
use flow::document::Document;
use model::field::AppSchema;
use worker::flow_run::{FlowError, Schemas};

use super::{Failure, output, place};
use crate::args::{Flow, KnownApps};

pub use grid::{frame as grid_lines, text as cell_text};

/// Runs a command on flows.
pub async fn run(command: Flow) -> Result<(), Failure> {
    match command {
        Flow::Check(args) => check::run(&args).await,
        Flow::Plan(args) => plan::run(&args).await,
        Flow::Preview(args) => preview::run(&args).await,
        Flow::Run(args) => run::run(&args).await,
        Flow::Test(args) => test::run(&args).await,
        Flow::Graph(args) => graph::run(&args),
        Flow::Apps { paths, apps, out } => check::apps(&paths, &apps, out.as_deref()).await,
        Flow::CreateErrorApp(args) => error_app::create(&args).await,
        Flow::Schema => output::json(&flow::schema::document()),
        Flow::Export(args) => export::run(&args).await,
        Flow::Import(args) => import::run(*args).await,
    }
}

/// Reads a file as text.
fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))
}

/// Writes a file, or prints it where none is named.
fn write(path: Option<&Path>, text: &str) -> Result<(), Failure> {
    match path {
        None => output::line(text.trim_end()),
        Some(path) => {
            fs::write(path, text).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
            eprintln!("書き出しました / written: {}", path.display());
        }
    }
    Ok(())
}

/// `NAME=VALUE` options as pairs.
fn pairs<'a>(options: &'a [String], what: &str) -> Result<Vec<(&'a str, &'a str)>, Failure> {
    let named = options.iter().map(|p| p.split_once('=')).collect::<Option<Vec<_>>>();
    named.ok_or_else(|| Failure { exit: 2, message: format!("{what} is NAME=VALUE") })
}

/// The numbers of apps that documents call by name.
pub fn app_names(options: &[String]) -> Result<BTreeMap<String, u64>, Failure> {
    let number = |(name, number): (&str, &str)| {
        let wrong = || Failure {
            exit: 2,
            message: format!("{name}={number}: アプリの番号ではありません / no number of an app"),
        };
        Ok((name.to_owned(), number.parse().map_err(|_| wrong())?))
    };
    pairs(options, "--app")?.into_iter().map(number).collect()
}

/// The text of a document with numbers for `${name}`.
pub fn fill(path: &Path, text: &str, names: &BTreeMap<String, u64>) -> Result<String, Failure> {
    let (filled, missing) = flow::apps::fill(text, &|name| names.get(name).copied());
    let Some(first) = missing.first() else { return Ok(filled) };
    Err(Failure {
        exit: 2,
        message: format!(
            "{}: ${{{first}}} が指すアプリの番号を指定してください: --app {first}=番号 / give the number of this app",
            path.display()
        ),
    })
}

/// Every file that the paths name: files as they are, folders with what `wanted` takes of them, those below too.
fn files(paths: &[PathBuf], wanted: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>, Failure> {
    fn walk(folder: &Path, wanted: &dyn Fn(&str) -> bool, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
        let mut entries = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                walk(&path, wanted, found)?;
            } else if wanted(&name) {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, wanted, &mut found).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// Whether a file of a folder is a flow, by its name.
fn is_flow(name: &str) -> bool {
    [".yaml", ".yml"].iter().any(|end| name.ends_with(end)) && !is_test(name)
}

/// Whether a file of a folder is a test, by its name.
fn is_test(name: &str) -> bool {
    name.ends_with(".test.yaml") || name.ends_with(".test.yml")
}

/// The kintone that the arguments name, if they name one.
fn kintone(args: &KnownApps) -> Result<Option<Kintone>, Failure> {
    let Some(base_url) = &args.kintone.base_url else { return Ok(None) };
    let stored = model::unit::Connection {
        name: String::new(),
        base_url: base_url.clone(),
        guest_space: args.kintone.guest_space_id,
        credential: String::new(),
        expires: None,
    };
    let connection = worker::outside::connection(&stored, &place::credential(&args.kintone)?);
    place::connector()?.open(connection).map(Some).map_err(Failure::new)
}

/// The kintone that the arguments must name.
fn needed(args: &KnownApps) -> Result<Kintone, Failure> {
    kintone(args)?
        .ok_or_else(|| Failure {
            exit: 2, message: "--base-url を指定してください / --base-url is needed".into()
        })
}

/// The kintone that a document needs: the one that the arguments name; for a flow of files alone, which asks nothing of
/// kintone, none has to be named.
fn needed_by(args: &KnownApps, document: &Document) -> Result<Kintone, Failure> {
    if kintone(args)?.is_some() || asks_kintone(document) {
        return needed(args);
    }
    let hosts = HostPolicy { allowed: vec![NO_KINTONE.to_owned()], ..HostPolicy::default() };
    let connector = Connector::new(Settings { hosts, ..Settings::default() }).map_err(Failure::new)?;
    let nobody = Credential::password("nobody", "nobody");
    connector.open(Connection::new(format!("https://{NO_KINTONE}"), nobody)).map_err(Failure::new)
}

/// A host that no name server knows (RFC 2606), for flows that never call it.
const NO_KINTONE: &str = "kintone.invalid";

/// Whether a flow reads or writes an app, or asks for users. One that is not sound may ask for anything.
fn asks_kintone(document: &Document) -> bool {
    use flow::plan::Op;
    if !flow::check::apps(document).is_empty() {
        return true;
    }
    let plan = flow::check::check(document, &|_| None);
    plan.is_ok_and(|plan| plan.nodes.iter().any(|n| matches!(n.op, Op::Read(_) | Op::Write(_) | Op::Members(_))))
}

/// What is known of the apps.
enum Known {
    /// They are asked of kintone.
    Online(Box<Kintone>, Schemas),
    /// They stand in a file.
    Offline(Vec<AppSchema>),
    /// Nothing.
    Nothing,
}

impl Known {
    fn of(args: &KnownApps) -> Result<Self, Failure> {
        if let Some(path) = &args.apps {
            let apps = serde_json::from_str(&read(path)?);
            return apps.map(Self::Offline).map_err(|e| Failure::new(format!("{}: {e}", path.display())));
        }
        Ok(kintone(args)?.map_or(Self::Nothing, |k| Self::Online(Box::new(k), Schemas::default())))
    }

    /// The number of an app that documents call by name: as the arguments say, else the only app of this name.
    fn number(&self, names: &BTreeMap<String, u64>, name: &str) -> Option<u64> {
        let by_name = || match self {
            Self::Offline(apps) => {
                let mut named = apps.iter().filter(|a| a.name == name);
                named.next().filter(|_| named.next().is_none()).map(|a| a.app)
            }
            _ => None,
        };
        names.get(name).copied().or_else(by_name)
    }

    /// Asks for the apps of a document. One that is not there or may not be read stays unknown, and is then a problem of
    /// the step that names it.
    async fn read(&mut self, document: &Document) -> Result<(), Failure> {
        let Self::Online(kintone, schemas) = self else { return Ok(()) };
        for app in flow::check::apps(document) {
            match schemas.read(kintone, [app]).await {
                Ok(()) => {}
                Err(e) if matches!(e.class, Class::NotFound | Class::Permission) => {}
                Err(e) => return Err(Failure::kintone(e)),
            }
        }
        Ok(())
    }

    fn get(&self, app: u64) -> Option<&AppSchema> {
        match self {
            Self::Online(_, schemas) => schemas.get(app),
            Self::Offline(apps) => apps.iter().find(|a| a.app == app),
            Self::Nothing => None,
        }
    }
}

/// A flow's failure with the exit code that belongs to it.
fn failure(error: &FlowError) -> Failure {
    let message = format!("{}\n{}\n{}", error.code.ja(), error.code.en(), error.message());
    use model::catalogue::{DATA_CHECK_STOPPED, FLOW_FAILED, FLOW_INVALID};
    match [FLOW_INVALID, FLOW_FAILED, DATA_CHECK_STOPPED].contains(&error.code) {
        true => Failure::flow(message),
        false => Failure::kintone(message),
    }
}

/// Problems as a failure.
fn invalid(problems: &[flow::problem::Problem]) -> Failure {
    let both = |p: &flow::problem::Problem| format!("{}\n{}", p.render(true), p.render(false));
    Failure::flow(problems.iter().map(both).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_stand_for_their_flows() {
        assert!(is_flow("a.yaml") && is_flow("a.yml") && !is_flow("a.test.yaml") && !is_flow("a.json"));
        assert!(is_test("a.test.yaml") && !is_test("test.yaml"));
        let demo = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/demo"));
        let names: Vec<_> = files(std::slice::from_ref(&demo), &is_flow).unwrap();
        assert_eq!(names, [demo.join("allocate.yaml"), demo.join("movement.yaml")]);
    }

    #[test]
    fn apps_have_names() {
        let names = app_names(&["受注=12".into()]).unwrap();
        assert_eq!(fill(Path::new("a"), "app: ${受注}", &names).unwrap(), "app: 12");
        assert_eq!(fill(Path::new("a"), "app: ${在庫}", &names).unwrap_err().exit, 2);
        assert_eq!(app_names(&["受注".into()]).unwrap_err().exit, 2);
        assert_eq!(app_names(&["受注=x".into()]).unwrap_err().exit, 2);
    }
}
