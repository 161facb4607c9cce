//! Arguments of `suiro schedule`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use model::schedule::TIME_ZONE;

use super::Place;

/// Commands on schedules.
#[derive(Debug, Subcommand)]
pub enum Schedule {
    /// Run a unit by the clock; prints when it falls due next / スケジュールを追加する
    #[command(
        after_help = "Times are in --time-zone. A start is late by up to a minute on AWS and some seconds locally, and waits for the\nrealtime runs of the domain that are running. Day 31 of a shorter month is its last day.\n\nExamples:\n  suiro schedule add 日次集計 --daily --at 02:30\n  suiro schedule add 日次集計 --hourly 15\n  suiro schedule add 週報 --weekly mon,fri --at 09:00\n  suiro schedule add 請求 --monthly 25 --at 18:00\n  suiro schedule add 締め --last-day --at 23:30\n  suiro schedule add 朝の連携 --business-days --at 08:00 --holidays holidays.txt --holiday 2026-12-29\n  suiro schedule add 連携 --cron \"*/10 9-17 * * 1-5\" --overlap queue\n  suiro schedule add 受注処理 --daily --at 02:30 --param 担当者= --param 区分=夜間"
    )]
    Add(Box<ScheduleAdd>),
    /// List schedules with their next and last times / 一覧
    List {
        /// Only those of this unit, by id or name
        unit: Option<String>,
        /// Only those of this domain
        #[arg(long)]
        domain: Option<String>,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// One schedule with the next times / 詳細
    Show {
        /// The schedule's id
        schedule: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Remove a schedule; a run of it that is due or running goes on / 削除する
    Remove {
        /// The schedule's id
        schedule: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Let a schedule fall due again / 有効にする
    Enable {
        /// The schedule's id
        schedule: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Let a schedule rest; a run of it that is due or running goes on / 無効にする
    Disable {
        /// The schedule's id
        schedule: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
    /// Run a schedule once now, as if it had fallen due; its next time stays / 今すぐ1回実行する
    RunNow {
        /// The schedule's id
        schedule: String,
        /// Where
        #[command(flatten)]
        place: Place,
    },
}

/// Arguments of `schedule add`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("when").required(true)))]
pub struct ScheduleAdd {
    /// Id or name of the unit
    pub unit: String,
    /// Every hour, at this minute / 毎時
    #[arg(long, group = "when", value_name = "MINUTE", value_parser = clap::value_parser!(u8).range(0..=59))]
    pub hourly: Option<u8>,
    /// Every day / 毎日
    #[arg(long, group = "when")]
    pub daily: bool,
    /// On these days of the week: mon,tue,wed,thu,fri,sat,sun / 毎週
    #[arg(long, group = "when", value_name = "DAYS", value_delimiter = ',', value_enum)]
    pub weekly: Vec<DayName>,
    /// On this day of every month, or the month's last where it is shorter / 毎月
    #[arg(long, group = "when", value_name = "DAY", value_parser = clap::value_parser!(u8).range(1..=31))]
    pub monthly: Option<u8>,
    /// On the last day of every month / 月末
    #[arg(long, group = "when")]
    pub last_day: bool,
    /// Monday to Friday, but for --holiday and --holidays / 営業日
    #[arg(long, group = "when")]
    pub business_days: bool,
    /// A cron expression: minute, hour, day of month, month, day of week / cron式
    #[arg(long, group = "when", value_name = "EXPRESSION")]
    pub cron: Option<String>,
    /// The time of day, HH:MM; for all but --hourly and --cron
    #[arg(long, value_name = "HH:MM")]
    pub at: Option<String>,
    /// A day that is no business day, YYYY-MM-DD; repeat for more
    #[arg(long = "holiday", value_name = "DATE")]
    pub holidays: Vec<String>,
    /// A file of days that are no business days: one YYYY-MM-DD a line; what follows a # is a comment
    #[arg(long = "holidays", value_name = "FILE")]
    pub holiday_file: Option<PathBuf>,
    /// In whose clock: a name of the IANA time zone database
    #[arg(long, default_value = TIME_ZONE)]
    pub time_zone: String,
    /// What happens where it falls due while its run before has not ended
    #[arg(long, value_enum, default_value_t = OverlapName::Skip)]
    pub overlap: OverlapName,
    /// A value for what the flows name as %NAME%, since no record starts a scheduled run; nothing behind = is blank
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub parameters: Vec<String>,
    /// Add it without letting it fall due
    #[arg(long)]
    pub disabled: bool,
    /// Where
    #[command(flatten)]
    pub place: Place,
}

/// What happens where a schedule falls due while its run before has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OverlapName {
    /// Nothing is run; it is counted
    Skip,
    /// One more run waits behind it
    Queue,
}

/// Days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DayName {
    /// Monday
    #[value(name = "mon", alias = "monday", alias = "月")]
    Monday,
    /// Tuesday
    #[value(name = "tue", alias = "tuesday", alias = "火")]
    Tuesday,
    /// Wednesday
    #[value(name = "wed", alias = "wednesday", alias = "水")]
    Wednesday,
    /// Thursday
    #[value(name = "thu", alias = "thursday", alias = "木")]
    Thursday,
    /// Friday
    #[value(name = "fri", alias = "friday", alias = "金")]
    Friday,
    /// Saturday
    #[value(name = "sat", alias = "saturday", alias = "土")]
    Saturday,
    /// Sunday
    #[value(name = "sun", alias = "sunday", alias = "日")]
    Sunday,
}
