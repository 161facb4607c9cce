//! Arguments of `suiro unit caller`.

use clap::{Args, Subcommand};

use super::Place;

/// Commands on a unit's named callers.
#[derive(Debug, Subcommand)]
pub enum Caller {
    /// Add a caller; prints its URLs (and its key), which are shown this once / 追加する
    #[command(
        after_help = "With --signs, a call of this caller is taken with a signature alone: the headers x-suiro-timestamp (seconds\nsince 1970) and x-suiro-signature (v1= and the HMAC-SHA256 in hex, under the key, of\nTIMESTAMP\\nMETHOD\\nPATH\\nBODY; PATH without the secret: /trigger/v1/run, /r/UNIT).\n\nExamples:\n  suiro unit caller add 受注処理 shop --expires 90\n  suiro unit caller add 受注処理 bank --signs"
    )]
    Add(CallerNew),
    /// List the callers, and when their URLs die / 一覧
    List {
        /// Id or name of the unit
        unit: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Make a caller's URL (and key) anew; the old one is dead at once, or after an overlap / 作り直す
    Renew {
        /// Which, and how
        #[command(flatten)]
        new: CallerNew,
        /// Let the old URL live for so many seconds more
        #[arg(long)]
        overlap: Option<u64>,
    },
    /// Remove a caller; its URLs are dead at once / 削除する
    Remove {
        /// Id or name of the unit
        unit: String,
        /// The caller's name
        name: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

/// A caller to be made.
#[derive(Debug, Args)]
pub struct CallerNew {
    /// Id or name of the unit
    pub unit: String,
    /// The caller's name, which its runs tell
    pub name: String,
    /// Let its URL die by itself after so many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=3_650))]
    pub expires: Option<u64>,
    /// Take its calls with a signature alone
    #[arg(long)]
    pub signs: bool,
    /// Where
    #[command(flatten)]
    pub place: Place,
}
