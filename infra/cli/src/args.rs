//! The command line's grammar and its help.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

mod caller;
pub mod caps;
mod domain;
mod flow;
mod notify;
mod number;
mod schedule;
mod top;
mod unit;

pub use caller::{Caller, CallerNew};
pub use domain::Domain;
pub use flow::{
    Check, CreateErrorApp, Export, Flow, FlowFile, Graph, Import, KnownApps, Lang, Mode, Preview, RunOnce, Test,
};
pub use notify::{Notify, NotifyAdd};
pub use number::{CycleName, Number};
pub use schedule::{DayName, OverlapName, Schedule, ScheduleAdd};
pub use top::Top;
pub use unit::{Doors, Unit, UnitAdd, UnitUpdate};

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
    Flow(Box<Flow>),
    /// Execution units and their URLs / 実行単位とURL
    #[command(subcommand)]
    Unit(Unit),
    /// Numbers that are registered for a domain / ドメインの番号
    #[command(subcommand)]
    Number(Number),
    /// Where a domain's notices go / 通知先
    #[command(subcommand)]
    Notify(Notify),
    /// What the runs of a domain share / ドメインの上限
    #[command(subcommand)]
    Domain(Domain),
    /// Runs: what happened, and again / 実行の履歴と再実行
    #[command(subcommand)]
    Run(Run),
    /// Schedules: units that run by the clock / スケジュール実行
    #[command(subcommand)]
    Schedule(Schedule),
    /// Watch units, queues and gates / 実行単位・待ち行列・ゲートの様子を見る
    Top(Top),
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
    #[arg(long, env = "KINTONE_GUEST_SPACE_ID", alias = "guest-space")]
    pub guest_space_id: Option<u64>,
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
    /// Take back what an ended run wrote, where nobody has changed it since / 元に戻す
    #[command(
        after_help = "The unit must keep what is needed before the run: suiro unit update UNIT --undo keep\nTaking back is a run of its own, in the unit's order; `suiro serve` or the deployed worker runs it.\n\nExamples:\n  suiro run undo u4k8m2x7q9bd-12 --dry-run\n  suiro run undo u4k8m2x7q9bd-12"
    )]
    Undo {
        /// The run's id
        run: String,
        /// Only tell what would be written, and what would be left because it was changed since
        #[arg(long)]
        dry_run: bool,
        /// Seconds to wait for the end, to show it; 0 prints the new run's id at once
        #[arg(long, default_value_t = 60)]
        wait: u64,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Take a waiting run back, or end one that has begun and waits for kintone or for the output budget / 待機中の実行を終わらせる
    Cancel {
        /// The run's id
        run: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    /// clap finds two arguments of one name only when the command is built, and then it panics.
    #[test]
    fn the_grammar_is_sound() {
        super::Arguments::command().debug_assert();
    }

    /// A counter stands in front of its first number, and nothing stands in front of zero.
    #[test]
    fn a_number_starts_at_one_or_above() {
        let set = |start: &str| {
            let args = ["suiro", "number", "set", "請求番号", "--domain", "example.cybozu.com", "--start", start];
            super::Arguments::try_parse_from(args).is_ok()
        };
        assert_eq!([set("0"), set("1"), set("999999999999999")], [false, true, true]);
    }
}
