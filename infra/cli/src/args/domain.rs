//! Arguments of `suiro domain`.

use clap::Subcommand;

use super::Place;
use super::caps::Caps;

/// Commands on domains.
#[derive(Debug, Subcommand)]
pub enum Domain {
    /// Show or change what runs of a domain share / ドメインの上限を表示・変更する
    #[command(
        after_help = "Without an option, shows the limits. What is reserved stays reserved.\n\nExample:\n  suiro domain limits example.cybozu.com --budget 20000 --read-cap realtime=20000 --write-cap scheduled=100000"
    )]
    Limits {
        /// The domain, as `suiro unit list` shows it
        domain: String,
        /// Records that its realtime runs may be writing at one moment
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
        budget: Option<u64>,
        /// Seconds for which a run may wait for its turn to write before it fails
        #[arg(long, value_parser = clap::value_parser!(u64).range(60..=86_400))]
        budget_wait: Option<u64>,
        /// Seconds for which waiting requests may start between two scheduled runs
        #[arg(long, value_parser = clap::value_parser!(u64).range(0..=3_600))]
        interlude: Option<u64>,
        /// Seconds for which a scheduled run may wait for its start
        #[arg(long, value_parser = clap::value_parser!(u64).range(60..=86_400))]
        scheduled_wait: Option<u64>,
        /// Caps of one flow
        #[command(flatten)]
        caps: Caps,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}
