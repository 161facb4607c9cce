//! The command line's grammar and its help.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

const EXIT_CODES: &str = "Exit codes:
  0  done
  1  it did not work; the message says why and what to do
  2  the command line is wrong
  3  a flow has problems (flow check, plan, run; unit add)
  4  kintone refuses or does not answer

終了コード: 0 成功 / 1 失敗 / 2 引数の誤り / 3 フローに問題あり / 4 kintoneの拒否・無応答";

/// Suiro (水路): data flows for kintone, in your own hands.
#[derive(Debug, Parser)]
#[command(name = "suiro", version, after_help = EXIT_CODES)]
pub struct Arguments {
    /// What to do; without one, the demo
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell the whole story with a simulated kintone, then keep serving (the default) / デモ
    Demo(Demo),
    /// Serve realtime URLs and run flows, all in this process / リアルタイム実行を提供する
    Serve(Serve),
    /// Serve a simulated kintone alone / kintoneのシミュレーターだけを起動する
    Sim(Sim),
    /// Check, plan and run a flow document / フローの検査・計画・実行
    #[command(subcommand)]
    Flow(Flow),
    /// Execution units and their URLs / 実行単位とURL
    #[command(subcommand)]
    Unit(Unit),
    /// Runs: what happened, and again / 実行の履歴と再実行
    #[command(subcommand)]
    Run(Run),
    /// Write docs/commands.md, functions.md and errors.md anew
    #[command(hide = true)]
    Docs {
        /// The folder to write to
        #[arg(default_value = "docs")]
        folder: PathBuf,
    },
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where realtime URLs listen
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The simulated kintone's port
    #[arg(long, default_value_t = 8081)]
    pub kintone_port: u16,
    /// End after the story instead of serving on
    #[arg(long)]
    pub exit: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  suiro serve --data .suiro --listen 127.0.0.1:8080")]
pub struct Serve {
    /// Folder of the table and the credentials
    #[arg(long, default_value = ".suiro")]
    pub data: PathBuf,
    /// Where realtime URLs listen
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Allow kintone at loopback and private addresses, and over http (a simulator)
    #[arg(long)]
    pub allow_local: bool,
    /// Log as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `sim`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  suiro sim --port 8081\n  curl -s http://localhost:8081/_sim/calls\n\nThe control endpoint /_sim/ is described in tests/sim/README.md."
)]
pub struct Sim {
    /// The port; 0 takes a free one
    #[arg(long, default_value_t = 8081)]
    pub port: u16,
}

/// How kintone is reached.
#[derive(Clone, Debug, Args)]
pub struct Kintone {
    /// https://example.cybozu.com
    #[arg(long, env = "KINTONE_BASE_URL")]
    pub base_url: Option<String>,
    /// API tokens, a comma list or the option repeated
    #[arg(long = "api-token", env = "KINTONE_API_TOKEN", hide_env_values = true, value_delimiter = ',')]
    pub api_tokens: Vec<String>,
    /// Login name, instead of tokens
    #[arg(short, long, env = "KINTONE_USERNAME")]
    pub user: Option<String>,
    /// Its password
    #[arg(short, long, env = "KINTONE_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// Basic authentication in front: the name
    #[arg(long, env = "KINTONE_BASIC_AUTH_USERNAME")]
    pub basic_auth_username: Option<String>,
    /// Basic authentication in front: the password
    #[arg(long, env = "KINTONE_BASIC_AUTH_PASSWORD", hide_env_values = true)]
    pub basic_auth_password: Option<String>,
    /// The guest space of the apps
    #[arg(long, env = "KINTONE_GUEST_SPACE_ID")]
    pub guest_space_id: Option<u64>,
}

/// Commands on flow documents.
#[derive(Debug, Subcommand)]
pub enum Flow {
    /// Report every problem of a document at once / 文書の問題をすべて報告する
    #[command(
        after_help = "Without --base-url only what needs no app is checked.\n\nExample:\n  suiro flow check allocate.yaml --base-url https://example.cybozu.com --api-token T1,T2"
    )]
    Check(FlowFile),
    /// Print the plan that a document is lowered to / 実行計画を表示する
    #[command(
        after_help = "Example:\n  suiro flow plan allocate.yaml --base-url https://example.cybozu.com --api-token T1,T2"
    )]
    Plan(FlowFile),
    /// Run a flow once, or show what it would write / 1回実行する、または書き込む内容を表示する
    #[command(
        after_help = "Examples:\n  suiro flow run allocate.yaml --param レコード番号=12 --dry-run\n  suiro flow run nightly.yaml --json"
    )]
    Run {
        /// The document and kintone
        #[command(flatten)]
        flow: FlowFile,
        /// A parameter: NAME=VALUE; repeat for more
        #[arg(long = "param", value_name = "NAME=VALUE")]
        parameters: Vec<String>,
        /// Show what would be added, changed and deleted; write nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// A flow document and the kintone that it is about.
#[derive(Debug, Args)]
pub struct FlowFile {
    /// The document (YAML or JSON)
    pub file: PathBuf,
    /// How kintone is reached
    #[command(flatten)]
    pub kintone: Kintone,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Where units and runs are kept.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The local stack's folder; works beside a running `suiro serve`
    #[arg(long, default_value = ".suiro", conflicts_with = "table")]
    pub data: PathBuf,
    /// The deployed table, instead of a local folder (region and credentials as in the AWS CLI)
    #[arg(long, env = "SUIRO_TABLE")]
    pub table: Option<String>,
    /// What the names of credentials in Secrets Manager start with
    #[arg(long, env = "SUIRO_SECRETS_PREFIX", default_value = "suiro/")]
    pub secrets_prefix: String,
    /// What realtime URLs start with, to print them whole
    #[arg(long, env = "SUIRO_URL_BASE")]
    pub url_base: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Commands on units.
#[derive(Debug, Subcommand)]
pub enum Unit {
    /// Make a unit; prints its realtime URL, which is shown this once / 実行単位を追加する
    #[command(
        after_help = "Example:\n  suiro unit add --name 受注処理 --app 1 --flow allocate.yaml --flow movement.yaml \\\n    --base-url https://example.cybozu.com --api-token T1,T2,T3 --log-app 9\n\nThe log app is completed with the fields it lacks where the credential may manage it; --create-log-app makes\none, which needs --user and --password."
    )]
    Add(Box<UnitAdd>),
    /// List units / 一覧
    List {
        /// Where
        #[command(flatten)]
        place: Place,
        /// Only of this domain
        #[arg(long)]
        domain: Option<String>,
    },
    /// Regenerate a unit's URL; the old one is dead at once, or after an overlap / URLを再生成する
    #[command(after_help = "Examples:\n  suiro unit url 受注処理\n  suiro unit url u4k8m2x7q9bd --overlap 3600")]
    Url {
        /// Id or name
        unit: String,
        /// Let the old URL live for so many seconds more
        #[arg(long)]
        overlap: Option<u64>,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Refuse new requests; what waits still runs / 無効にする
    Disable {
        /// Id or name
        unit: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Take requests again / 有効にする
    Enable {
        /// Id or name
        unit: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

/// Arguments of `unit add`.
#[derive(Debug, Args)]
pub struct UnitAdd {
    /// What people call it
    #[arg(long)]
    pub name: String,
    /// The app whose webhooks start it
    #[arg(long)]
    pub app: u64,
    /// A flow document; repeat in the order in which they run
    #[arg(long = "flow", required = true)]
    pub flows: Vec<PathBuf>,
    /// The app that tells what happened (and fences writes)
    #[arg(long, conflicts_with = "create_log_app")]
    pub log_app: Option<u64>,
    /// Create the log app
    #[arg(long)]
    pub create_log_app: bool,
    /// Only these events: ADD_RECORD, UPDATE_RECORD, DELETE_RECORD, UPDATE_STATUS, ADD_RECORD_COMMENT
    #[arg(long = "event")]
    pub events: Vec<String>,
    /// How long a request may wait, in seconds
    #[arg(long, default_value_t = 600)]
    pub wait_limit: u64,
    /// Starts in any window
    #[arg(long, default_value_t = 5)]
    pub starts: usize,
    /// The window, in seconds
    #[arg(long, default_value_t = 60)]
    pub window: u64,
    /// How kintone is reached
    #[command(flatten)]
    pub kintone: Kintone,
    /// Where the unit is kept
    #[command(flatten)]
    pub place: Place,
}

/// Commands on runs.
#[derive(Debug, Subcommand)]
pub enum Run {
    /// A unit's runs, newest first / 一覧
    List {
        /// Id or name of the unit
        unit: String,
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: usize,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// One run with its flows / 詳細
    Show {
        /// The run's id
        run: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Run an ended run anew, with the same parameters / 再実行
    Again {
        /// The run's id
        run: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Take a waiting run back / 取り消し
    Cancel {
        /// The run's id
        run: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}
