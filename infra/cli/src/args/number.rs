//! Arguments of `suiro number`.

use clap::{Subcommand, ValueEnum};

use super::Place;

/// Commands on the numbers of a domain.
#[derive(Debug, Subcommand)]
pub enum Number {
    /// Register or change a number that flows name with `unit: domain` / 番号を登録する
    #[command(
        after_help = "What was numbered stays; the counter goes on. Another cycle begins a counter of its own.\n\nExample:\n  suiro number set 請求番号 --domain example.cybozu.com --start 1 --cycle fiscal-year --first-month 4"
    )]
    Set {
        /// Its name
        name: String,
        /// The domain, as `suiro unit list` shows it
        #[arg(long)]
        domain: String,
        /// The first number of every period, from 1
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=999_999_999_999_999))]
        start: u64,
        /// How often it starts anew
        #[arg(long, value_enum, default_value_t = CycleName::None)]
        cycle: CycleName,
        /// The month in which the fiscal year begins
        #[arg(long, required_if_eq("cycle", "fiscal-year"), value_parser = clap::value_parser!(u8).range(1..=12))]
        first_month: Option<u8>,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// List the numbers of a domain / 一覧
    List {
        /// The domain
        #[arg(long)]
        domain: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

/// How often a number starts anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CycleName {
    /// Never
    None,
    /// Every day
    Daily,
    /// Every month
    Monthly,
    /// Every year
    Yearly,
    /// Every fiscal year, from --first-month
    FiscalYear,
}
