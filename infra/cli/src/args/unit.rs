//! Arguments of `suiro unit`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::caller::Caller;
use super::caps::Caps;
use super::{Kintone, Place};

/// Commands on units.
#[derive(Debug, Subcommand)]
pub enum Unit {
    /// Make a unit; prints its realtime URL, which is shown this once / 実行単位を追加する
    #[command(
        after_help = "Example:\n  suiro unit add --name 受注処理 --app 1 --flow allocate.yaml --flow movement.yaml \\\n    --base-url https://example.cybozu.com --api-token T1,T2,T3 --log-app 9\n\nThe log app is completed with the fields it lacks where the credential may manage it; --create-log-app makes\none, which needs --user and --password."
    )]
    Add(Box<UnitAdd>),
    /// Change a unit: its flows, its name, its apps; URL and history stay / フローや設定を変更する
    #[command(
        after_help = "What is not given stays. Flows are given whole, in order.\n\nExamples:\n  suiro unit update 受注処理 --flow allocate.yaml --flow movement.yaml\n  suiro unit update 受注処理 --api-token T1,T2,T4\n  suiro unit update 受注処理 --api-token T1,T2,T4 --credential-expires 2027-03-31"
    )]
    Update(Box<UnitUpdate>),
    /// List units / 一覧
    List {
        /// Where
        #[command(flatten)]
        place: Place,
        /// Only of this domain
        #[arg(long)]
        domain: Option<String>,
    },
    /// One unit: whom it lets in, what waits, what it refused / 詳細
    Show {
        /// Id or name
        unit: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Named callers, each with a URL of its own / 呼び出し元ごとのURL
    #[command(subcommand)]
    Caller(Caller),
    /// Regenerate a unit's URL; the old one is dead at once, or after an overlap / URLを再生成する
    #[command(
        after_help = "Named callers keep their URLs.\n\nExamples:\n  suiro unit url 受注処理\n  suiro unit url u4k8m2x7q9bd --overlap 3600 --expires 90"
    )]
    Url {
        /// Id or name
        unit: String,
        /// Let the old URL live for so many seconds more
        #[arg(long)]
        overlap: Option<u64>,
        /// Let the new URL die by itself after so many days
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=3_650))]
        expires: Option<u64>,
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

/// Whether what a unit's runs write can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Undo {
    /// No / 控えを残さない
    Off,
    /// Keep what `suiro run undo` needs, of the last 100 runs / 控えを残す
    Keep,
    /// The same, and where a flow fails, what the run wrote is taken back at once / 失敗したら自動で元に戻す
    AllOrNothing,
}

impl From<Undo> for model::unit::Undo {
    fn from(undo: Undo) -> Self {
        match undo {
            Undo::Off => Self::Off,
            Undo::Keep => Self::Kept,
            Undo::AllOrNothing => Self::AllOrNothing,
        }
    }
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is / する
    On,
    /// It is not / しない
    Off,
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch == Switch::On
    }
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
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub wait_limit: u64,
    /// Starts in any window
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub starts: u16,
    /// The window, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub window: u64,
    /// Whom it lets in
    #[command(flatten)]
    pub doors: Doors,
    /// Whether what its runs write can be taken back
    #[arg(long, default_value = "off")]
    pub undo: Undo,
    /// Whether webhooks that wait become one run, with the parameters of all / 待機中のWebhookを一つの実行にまとめる
    #[arg(long, default_value = "off")]
    pub coalesce: Switch,
    /// Caps of one flow, where they are not the domain's
    #[command(flatten)]
    pub caps: Caps,
    /// How kintone is reached
    #[command(flatten)]
    pub kintone: Kintone,
    /// The day on which the token or password expires, as YYYY-MM-DD; its owner is told a week before and on the day
    #[arg(long, value_name = "DATE")]
    pub credential_expires: Option<String>,
    /// Where the unit is kept
    #[command(flatten)]
    pub place: Place,
}

/// Arguments of `unit update`.
#[derive(Debug, Args)]
pub struct UnitUpdate {
    /// Id or name
    pub unit: String,
    /// A new name
    #[arg(long)]
    pub name: Option<String>,
    /// Another app whose webhooks start it
    #[arg(long)]
    pub app: Option<u64>,
    /// Its flow documents, all of them; repeat in the order in which they run
    #[arg(long = "flow")]
    pub flows: Vec<PathBuf>,
    /// Another log app
    #[arg(long)]
    pub log_app: Option<u64>,
    /// Only these events; ALL takes every event
    #[arg(long = "event")]
    pub events: Vec<String>,
    /// How long a request may wait, in seconds
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub wait_limit: Option<u64>,
    /// Starts in any window
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub starts: Option<u16>,
    /// The window, in seconds
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub window: Option<u64>,
    /// Whom it lets in
    #[command(flatten)]
    pub doors: Doors,
    /// Whether what its runs write from now on can be taken back
    #[arg(long)]
    pub undo: Option<Undo>,
    /// Whether webhooks that wait become one run, with the parameters of all
    #[arg(long)]
    pub coalesce: Option<Switch>,
    /// Caps of one flow; `realtime=domain` takes the domain's again
    #[command(flatten)]
    pub caps: Caps,
    /// The number of an app that documents call ${NAME}; repeat for more
    #[arg(long = "app-name", value_name = "NAME=NUMBER")]
    pub names: Vec<String>,
    /// How kintone is reached from now on; without, as before
    #[command(flatten)]
    pub kintone: Kintone,
    /// The day on which the token or password expires, as YYYY-MM-DD, or `none`; a new one has none until it is given
    #[arg(long, value_name = "DATE")]
    pub credential_expires: Option<String>,
    /// Where the unit is kept
    #[command(flatten)]
    pub place: Place,
}

/// Whom a unit lets in, and when it shuts its doors by itself.
#[derive(Clone, Debug, Default, Args)]
pub struct Doors {
    /// Take calls from these addresses alone: 192.0.2.0/24, 2001:db8::/32, 192.0.2.7; repeat for more. ALL takes every one
    #[arg(long = "allow", value_name = "ADDRESS")]
    pub allow: Vec<String>,
    /// Disable the unit when so many calls were refused because too many waited; 0: never
    #[arg(long, value_name = "CALLS")]
    pub disable_after: Option<u64>,
    /// Within so many minutes
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(1..=60))]
    pub disable_minutes: Option<u64>,
    /// How far the time of a signature may be from ours, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(10..=3_600))]
    pub signature_window: Option<u64>,
}
