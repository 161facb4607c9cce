//! Arguments of `suiro flow`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::caps::ByHand;
use super::{Kintone, Place};

/// Arguments of `flow create-error-app`.
#[derive(Debug, Args)]
pub struct CreateErrorApp {
    /// The app's name
    #[arg(long)]
    pub name: String,
    /// How kintone is reached
    #[command(flatten)]
    pub kintone: Kintone,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Commands on flow documents.
#[derive(Debug, Subcommand)]
pub enum Flow {
    /// Report every problem of documents at once / 文書の問題をすべて報告する
    #[command(
        after_help = "A folder stands for its flows, those in folders below too; *.test.yaml are left out.\nWithout --base-url and --apps only what needs no app is checked.\n\nExamples:\n  suiro flow check allocate.yaml --base-url https://example.cybozu.com --api-token T1,T2\n  suiro flow check flows --apps apps.json --lang ja"
    )]
    Check(Check),
    /// Print the plan, the queries for kintone and the estimate of calls / 実行計画・クエリ・APIリクエスト数の見積もり
    #[command(
        after_help = "With --apps instead of a connection there is no estimate.\n\nExample:\n  suiro flow plan allocate.yaml --base-url https://example.cybozu.com --api-token T1,T2"
    )]
    Plan(FlowFile),
    /// Show the table after a step / ステップの後の表を見る
    #[command(
        after_help = "Nothing is written. An output shows the rows that it would take.\n\nExamples:\n  suiro flow preview allocate.yaml --step 引当 --param レコード番号=12\n  suiro flow preview nightly.yaml --step 集計 --out 集計.xlsx"
    )]
    Preview(Preview),
    /// Run a flow once, or show what it would write / 1回実行する、または書き込む内容を表示する
    #[command(
        after_help = "Examples:\n  suiro flow run allocate.yaml --param レコード番号=12 --dry-run\n  suiro flow run nightly.yaml --json"
    )]
    Run(RunOnce),
    /// Run a flow's own tests, without any kintone / フローのテストを実行する
    #[command(
        after_help = "A folder stands for its *.test.yaml. docs/testing-flows.md tells what stands in them.\n\nExample:\n  suiro flow test flows"
    )]
    Test(Test),
    /// Draw a flow as SVG / フローの図を描く
    #[command(after_help = "Example:\n  suiro flow graph allocate.yaml --out allocate.svg")]
    Graph(Graph),
    /// Write the fields of the apps that flows name, for --apps / アプリのフィールド定義を書き出す
    #[command(
        after_help = "Example:\n  suiro flow apps flows --base-url https://example.cybozu.com --api-token T1,T2 --out apps.json"
    )]
    Apps {
        /// Documents and folders
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// How kintone is reached, and names of apps
        #[command(flatten)]
        apps: KnownApps,
        /// The file; standard output without
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Create the app that a data_check writes its errors to / データチェックのエラーアプリを作成する
    #[command(
        after_help = "Needs --user and --password: tokens belong to apps. Write the number that it prints as `errors: { app: NUMBER }`\nof the data_check step.\n\nExample:\n  suiro flow create-error-app --name 受注のエラー --base-url https://example.cybozu.com --user sato"
    )]
    CreateErrorApp(CreateErrorApp),
    /// Print the JSON Schema of flow documents / フロー文書のJSON Schemaを表示する
    Schema,
    /// Write units with their flows as one JSON document / 実行単位とフローを1つのJSONに書き出す
    #[command(
        after_help = "Realtime URLs leave as hashes, credentials do not leave at all.\n\nExamples:\n  suiro flow export --out all.json\n  suiro flow export --unit 受注処理 --data .suiro"
    )]
    Export(Export),
    /// Bring exported units into a domain / 書き出した実行単位を取り込む
    #[command(
        after_help = "All is checked before anything is stored, and all is stored at once.\n\nExamples:\n  suiro flow import all.json --mode update\n  suiro flow import all.json --mode append --map 12=34 --map 13=35 \\\n    --base-url https://other.cybozu.com --api-token T1,T2"
    )]
    Import(Box<Import>),
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// 日本語
    Ja,
    /// English
    En,
}

/// What is known of the apps.
#[derive(Clone, Debug, Args)]
pub struct KnownApps {
    /// How kintone is reached
    #[command(flatten)]
    pub kintone: Kintone,
    /// The apps' fields from a file (`suiro flow apps`) instead of kintone
    #[arg(long = "apps", value_name = "FILE", conflicts_with = "base_url")]
    pub apps: Option<PathBuf>,
    /// The number of an app that documents call ${NAME}; repeat for more
    #[arg(long = "app", value_name = "NAME=NUMBER")]
    pub names: Vec<String>,
}

/// Arguments of `flow check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Documents (YAML or JSON) and folders
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// What is known of the apps
    #[command(flatten)]
    pub apps: KnownApps,
    /// Only this language; both without
    #[arg(long)]
    pub lang: Option<Lang>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A flow document and the kintone that it is about.
#[derive(Debug, Args)]
pub struct FlowFile {
    /// The document (YAML or JSON)
    pub file: PathBuf,
    /// What is known of the apps
    #[command(flatten)]
    pub apps: KnownApps,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `flow run`.
#[derive(Debug, Args)]
pub struct RunOnce {
    /// The document and kintone
    #[command(flatten)]
    pub flow: FlowFile,
    /// A parameter: NAME=VALUE; repeat for more
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub parameters: Vec<String>,
    /// The folder of the files that the flow reads and writes
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
    /// Show what would be added, changed and deleted; write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How much it may read and write
    #[command(flatten)]
    pub caps: ByHand,
}

/// Arguments of `flow preview`.
#[derive(Debug, Args)]
pub struct Preview {
    /// The document and kintone
    #[command(flatten)]
    pub flow: FlowFile,
    /// The step
    #[arg(long)]
    pub step: String,
    /// Rows to show; a file gets all rows unless this is given
    #[arg(long)]
    pub limit: Option<usize>,
    /// A parameter: NAME=VALUE; repeat for more
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub parameters: Vec<String>,
    /// The folder of the files that the flow reads and writes
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
    /// Write a file instead: .csv, .xlsx or .parquet
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Most records that may be read for it
    #[arg(long, value_name = "RECORDS", default_value_t = model::caps::MANUAL)]
    pub read_cap: u64,
}

/// Arguments of `flow test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Test files (*.test.yaml) and folders
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `flow graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// The document (YAML or JSON)
    pub file: PathBuf,
    /// The SVG file; standard output without
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Language of the commands' titles
    #[arg(long, default_value = "ja")]
    pub lang: Lang,
}

/// Arguments of `flow export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Only these units, by id or name; repeat for more
    #[arg(long = "unit")]
    pub units: Vec<String>,
    /// Only units of this domain
    #[arg(long)]
    pub domain: Option<String>,
    /// The file; standard output without
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Where the units are kept
    #[command(flatten)]
    pub place: Place,
}

/// What an import does to units that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Remove all units of the domain, then add those of the file / すべて削除して追加
    Regenerate,
    /// Add those of the file beside them / 追加
    Append,
    /// Replace the flows of units of the same id or name; their settings and URLs stay / フローだけを置き換え
    Update,
}

/// Arguments of `flow import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The exported document
    pub file: PathBuf,
    /// What happens to units that are there
    #[arg(long)]
    pub mode: Mode,
    /// Only these units of the file, by id or name; repeat for more
    #[arg(long = "unit")]
    pub units: Vec<String>,
    /// An app's number here: OLD=NEW; repeat for more
    #[arg(long = "map", value_name = "OLD=NEW")]
    pub map: Vec<String>,
    /// The same from a file: YAML or JSON, `{ "12": 34 }`
    #[arg(long, value_name = "FILE")]
    pub map_file: Option<PathBuf>,
    /// Do remove units (regenerate) without asking
    #[arg(long)]
    pub yes: bool,
    /// Check all and say what would be done; store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How kintone is reached; without, as the units that are there reach it
    #[command(flatten)]
    pub kintone: Kintone,
    /// Where the units are kept
    #[command(flatten)]
    pub place: Place,
}
