//! Arguments of `suiro notify`.

use clap::{ArgGroup, Args, Subcommand};

use super::Place;

/// Commands on where notices go.
#[derive(Debug, Subcommand)]
pub enum Notify {
    /// Send a domain's notices to a webhook; its URL is kept as a secret / 通知先を追加する
    #[command(
        after_help = "Told are, once per cause: runs that fail, wait too long or end uncertain, floods, units that were disabled by themselves,\nand URLs that expire within a week.\n\nExamples:\n  suiro notify add example.cybozu.com ops --slack https://hooks.slack.com/services/...\n  suiro notify add example.cybozu.com team --teams https://...logic.azure.com/..."
    )]
    Add(NotifyAdd),
    /// List where a domain's notices go / 一覧
    List {
        /// The domain, as `suiro unit list` shows it
        domain: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Send no more notices there / 通知先を外す
    Remove {
        /// The domain
        domain: String,
        /// The target's name
        name: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Send a notice now, to see whether it arrives / 試しに送る
    Test {
        /// The domain
        domain: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

/// Arguments of `notify add`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("shape").required(true).args(["slack", "teams"]))]
pub struct NotifyAdd {
    /// The domain, as `suiro unit list` shows it
    pub domain: String,
    /// What the target is called
    pub name: String,
    /// URL of an incoming webhook of Slack, or of anything that takes {"text": ...}
    #[arg(long, value_name = "URL", hide_env_values = true)]
    pub slack: Option<String>,
    /// URL of a workflow of Teams that takes an adaptive card
    #[arg(long, value_name = "URL", hide_env_values = true)]
    pub teams: Option<String>,
    /// Where
    #[command(flatten)]
    pub place: Place,
}
