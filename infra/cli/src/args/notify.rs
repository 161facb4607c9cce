//! Arguments of `suiro notify`.

use clap::{ArgGroup, Args, Subcommand};

use super::{Kintone, Place};

/// Commands on where notices go.
#[derive(Debug, Subcommand)]
pub enum Notify {
    /// Send a domain's notices to a webhook, a kintone app or a topic of SNS / 通知先を追加する
    #[command(
        after_help = "Told are, once per cause: runs that fail, wait too long or end uncertain, floods, units that were disabled by themselves,\nURLs and callers' secrets that expire within a week, and credentials of kintone whose day was given to `suiro unit add`\nor `update` as --credential-expires. URLs and tokens are kept as secrets.\n\nA kintone app takes a record for each notice, in fields of these codes: notice_key, title, message, remedy,\nexecution_unit_Id, execution_unit_name, code, run_id, link, occurred_time, count. --field title=件名 names another field,\n--field count= leaves one out, --add-fields makes those that are missing (the credential must manage the app). Where\nnotice_key prohibits duplicates, a notice never becomes two records. Such records fire no webhook.\n\nA topic must be the one that template.yaml's NoticeTopic names.\n\nExamples:\n  suiro notify add example.cybozu.com ops --slack https://hooks.slack.com/services/...\n  suiro notify add example.cybozu.com team --teams https://...logic.azure.com/...\n  suiro notify add example.cybozu.com app --kintone-app 12 --base-url https://example.cybozu.com --api-token T \\\n    --field title=件名 --field count=\n  suiro notify add example.cybozu.com mail --sns arn:aws:sns:ap-northeast-1:123456789012:ops --table suiro-Table-..."
    )]
    Add(Box<NotifyAdd>),
    /// List where a domain's notices go, and what became of the last one / 一覧
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
        /// The target's name; without one, to all of them
        name: Option<String>,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

/// Arguments of `notify add`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("shape").required(true).args(["slack", "teams", "kintone_app", "sns"]))]
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
    /// Number of a kintone app that takes a record for each notice
    #[arg(long, value_name = "NUMBER")]
    pub kintone_app: Option<u64>,
    /// ARN of a topic of SNS
    #[arg(long, value_name = "ARN")]
    pub sns: Option<String>,
    /// Another field of the app: title=件名; `count=` leaves it out; repeat for more
    #[arg(long = "field", value_name = "NAME=CODE")]
    pub fields: Vec<String>,
    /// Add the fields that the app lacks
    #[arg(long)]
    pub add_fields: bool,
    /// How the app is reached
    #[command(flatten)]
    pub kintone: Kintone,
    /// Where
    #[command(flatten)]
    pub place: Place,
}
