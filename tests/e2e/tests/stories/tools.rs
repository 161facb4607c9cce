//! The `suiro` binary as a process, beside a simulated kintone: what people type, what it prints, how it ends, and that
//! killing it loses and doubles nothing.

mod bulk_kills;
mod doors;
mod file_kills;
mod flows;
mod kills;
mod long_kills;
mod moving;
mod notices;
mod numbers;
mod runs;
mod schedules;
mod units;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use model::clock::SystemClock;
use model::ids::UnitId;
use model::ledger::Ledger;
use model::run::Run;
use serde_json::{Value as Json, json};
use suiro::demo::company::{ALLOCATE, MOVEMENT, order};
use suiro::local::{announced, store_at};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::story::{Stage, stage};

/// A folder to work in, and the demo company on a simulated kintone. The stage's own stack is not used.
struct Tools {
    stage: Stage,
    folder: TempDir,
}

/// A process that has ended.
#[derive(Debug)]
struct Ended {
    exit: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    /// Asserts that it ended well; its standard output.
    fn good(&self) -> &str {
        assert_eq!(self.exit, Some(0), "{self:#?}");
        &self.out
    }

    fn json(&self) -> Json {
        serde_json::from_str(self.good()).unwrap_or_else(|e| panic!("{e}: {self:#?}"))
    }

    /// Asserts the exit code, and that standard error says this in Japanese and in English.
    fn bad(&self, exit: i32, japanese: &str, english: &str) {
        assert_eq!(self.exit, Some(exit), "{self:#?}");
        let all = format!("{}{}", self.out, self.err);
        assert!(all.contains(japanese) && all.contains(english), "{japanese} / {english}: {self:#?}");
    }
}

/// A running `suiro serve`. Dropping it kills it.
struct Served {
    process: Child,
    base_url: String,
}

impl Served {
    /// `kill -9`.
    async fn kill(mut self) {
        self.process.kill().await.expect("killed");
    }

    /// Asks it to end; it ends well.
    async fn stop(mut self) {
        let id = self.process.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.expect("kill").success());
        assert_eq!(self.process.wait().await.expect("it ends").code(), Some(0));
    }
}

/// A unit as `unit add --json` tells it.
#[derive(Clone, Debug)]
struct Added {
    unit: String,
    url: String,
    log_app: Option<u64>,
}

impl Added {
    /// The URL at another address, after a restart.
    fn at(&self, served: &Served) -> String {
        let path = self.url.find("/r/").expect("a realtime URL");
        format!("{}{}", served.base_url, &self.url[path..])
    }
}

/// Where cargo puts `suiro`: beside this binary's folder.
fn binary() -> PathBuf {
    let this = std::env::current_exe().expect("this binary's path");
    let path = this.parent().and_then(|deps| deps.parent()).expect("the profile's folder").join("suiro");
    assert!(path.exists(), "{} is missing; build it first: cargo build --workspace --bin suiro", path.display());
    path
}

impl Tools {
    async fn new() -> Self {
        Self { stage: stage().await, folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder; its path.
    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).expect("a file");
        self.path(name).display().to_string()
    }

    /// The two flows of the company as files, in order.
    fn flow_files(&self) -> [String; 2] {
        let company = &self.stage.company;
        [self.file("allocate.yaml", &company.flow(ALLOCATE)), self.file("movement.yaml", &company.flow(MOVEMENT))]
    }

    /// A command with an environment that has no settings of its own.
    fn command(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(binary());
        command.args(args).env_clear().current_dir(self.folder.path()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    async fn suiro(&self, args: &[&str]) -> Ended {
        let output = self.command(args).output().await.expect("suiro runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ended { exit: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs a command on flows, against the simulated kintone with these tokens.
    async fn flow(&self, args: &[&str], tokens: &str) -> Ended {
        let base_url = self.stage.sim.base_url();
        self.suiro(&[&["flow"], args, &["--base-url", &base_url, "--api-token", tokens]].concat()).await
    }

    /// Starts `suiro serve` on the folder and waits until it says where it answers. Its log goes to `serve.log`.
    async fn serve(&self) -> Served {
        let _ = fs::remove_file(self.path(".suiro/endpoint.json"));
        let log = File::options().create(true).append(true).open(self.path("serve.log")).expect("a log");
        let args = ["serve", "--data", ".suiro", "--listen", "127.0.0.1:0", "--allow-local"];
        let process = self.command(&args).stderr(log).spawn().expect("suiro serve runs");
        let told = || announced(&self.path(".suiro")).and_then(|a| a.urls);
        self.stage.until("suiro serve answers", || async { told().is_some() }).await;
        Served { process, base_url: told().expect("an address") }
    }

    /// Adds a unit with the company's flows, by tokens and with the company's log app.
    async fn add_unit(&self, name: &str, more: &[&str]) -> Added {
        let (tokens, log) = (self.stage.company.tokens.clone(), self.stage.company.log.to_string());
        let usual = ["--api-token", &tokens, "--log-app", &log];
        let added = self.try_add_unit(name, &[&usual[..], more].concat()).await.json();
        let text = |name: &str| added[name].as_str().expect("a text").to_owned();
        Added { unit: text("unit"), url: text("url"), log_app: added["logApp"].as_u64() }
    }

    /// `unit add` of the company's flows with these arguments beside.
    async fn try_add_unit(&self, name: &str, more: &[&str]) -> Ended {
        let [allocate, movement] = self.flow_files();
        let (app, base_url) = (self.stage.company.orders.to_string(), self.stage.sim.base_url());
        let usual = ["unit", "add", "--json", "--name", name, "--app", &app, "--base-url", &base_url];
        self.suiro(&[&usual[..], &["--flow", &allocate, "--flow", &movement], more].concat()).await
    }

    /// The runs of a unit, oldest first, by `run list`.
    async fn runs(&self, unit: &str) -> Vec<Run> {
        let listed = self.suiro(&["run", "list", unit, "--json", "--limit", "1000"]).await;
        let mut runs: Vec<Run> = serde_json::from_value(listed.json()).expect("runs");
        runs.reverse();
        runs
    }

    /// The ledger in the table of the running serve.
    fn ledger(&self) -> Ledger {
        let told = announced(&self.path(".suiro")).expect("somebody serves");
        Ledger::new(Arc::new(store_at(&told.dynamodb)), Arc::new(SystemClock))
    }

    /// Waits until so many runs of a unit have ended; all its runs, oldest first.
    async fn until_ended(&self, unit: &str, count: usize) -> Vec<Run> {
        let (ledger, id) = (self.ledger(), UnitId(unit.to_owned()));
        let runs = || async { ledger.runs(&id, 1000).await.expect("runs") };
        let ended = || async { runs().await.iter().filter(|r| r.state.ended()).count() >= count };
        self.stage.until(&format!("{count} runs of {unit} end"), ended).await;
        self.runs(unit).await
    }

    /// Puts an order of one apple into the app without a webhook; answers its number.
    fn put_order(&self, name: &str) -> u64 {
        let ids = self.stage.control().put_records(self.stage.company.orders, vec![order(name, "P-001", 1)]);
        ids.expect("an order")[0]
    }

    /// Tells a URL of an added order; the status.
    async fn notify(&self, url: &str, id: u64) -> u16 {
        let body = json!({
            "type": "ADD_RECORD", "app": { "id": self.stage.company.orders },
            "record": { "レコード番号": { "type": "RECORD_NUMBER", "value": id.to_string() } },
        });
        self.stage.post(url, &body).await.0
    }

    /// How many apples are left.
    fn apples(&self) -> i64 {
        self.stage.value(self.stage.company.stock, 1, "在庫数").as_str().and_then(|n| n.parse().ok()).expect("a number")
    }

    /// The order numbers of the movement records, in the order in which they were added.
    fn movements(&self) -> Vec<String> {
        let mut records = self.stage.control().records(self.stage.company.movements);
        records.sort_by_key(|r| r.id);
        records.iter().map(|r| r.text("受注番号").unwrap_or_default().to_owned()).collect()
    }

    /// Asserts that what `suiro serve` logged shows neither a realtime URL's secret nor a token.
    fn logged_no_secret(&self, added: &[&Added]) {
        let log = fs::read_to_string(self.path("serve.log")).expect("a log");
        assert!(log.contains("Suiro: http://"), "{log}");
        let secrets = added.iter().filter_map(|a| a.url.rsplit('/').next());
        for secret in secrets.chain(self.stage.company.tokens.split(',')) {
            assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
        }
    }
}
