//! `suiro schedule add`: the options become a pattern, and the unit is asked whether it can run without a record.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::{Date, Time};
use model::run::ParameterSet;
use model::schedule::{Day, Overlap, Pattern, Schedule, ScheduleError};
use model::unit::Unit;
use model::value::Value;
use worker::log_app;

use super::{Found, show};
use crate::args::{DayName, OverlapName, ScheduleAdd};
use crate::commands::Failure;
use crate::commands::place::{self, Open};

fn usage(message: impl Into<String>) -> Failure {
    Failure { exit: 2, message: message.into() }
}

/// Adds a schedule.
pub async fn run(args: ScheduleAdd) -> Result<(), Failure> {
    let pattern = pattern(&args)?;
    let open = place::open(&args.place).await?;
    let of = open.unit(&args.unit).await?;
    let schedule = Schedule {
        time_zone: args.time_zone,
        enabled: !args.disabled,
        overlap: match args.overlap {
            OverlapName::Skip => Overlap::Skip,
            OverlapName::Queue => Overlap::Queue,
        },
        parameters: parameters(&of.unit, &args.parameters)?,
        ..Schedule::new(&of.unit.id, pattern)
    };
    schedule.check(open.ledger.clock().now()).map_err(wrong)?;
    let missing = schedule.missing(&of.unit);
    if !missing.is_empty() {
        return Err(without_record(&of.unit, missing));
    }
    let view = open.ledger.put_schedule(schedule).await?;
    complete_log_app(&open, &of.unit).await;
    let found = Found { view, unit: of.unit, enabled: of.state.enabled };
    show(&found, &open, args.place.json)?;
    eprintln!("追加しました / added: {}", found.view.schedule.id);
    Ok(())
}

/// A schedule that cannot be was typed wrongly.
fn wrong(error: ScheduleError) -> Failure {
    usage(error.to_string())
}

fn without_record(unit: &Unit, missing: Vec<String>) -> Failure {
    let example: Vec<String> = missing.iter().map(|name| format!("--param {name}=")).collect();
    let (name, example, error) = (&unit.name, example.join(" "), ScheduleError::Parameters(missing));
    Failure::new(format!(
        "{name}: {error}\n--param 名前=値 で値を決められます(空にするなら --param 名前= )。例 / give values with --param NAME=VALUE (--param NAME= is blank), such as: {example}"
    ))
}

/// The log app of before there were schedules lacks a field. Without it the run is logged all the same.
async fn complete_log_app(open: &Open, unit: &Unit) {
    let Some(app) = unit.log_app else { return };
    let completed = async {
        let connection = open.stored_connection(unit).await?;
        let credential = open.vault.credential(&connection.credential).await.map_err(Failure::new)?;
        let kintone = open.connector.open(worker::outside::connection(&connection, &credential));
        log_app::complete(&kintone.map_err(Failure::new)?, app).await.map_err(Failure::kintone)
    };
    if let Err(failure) = completed.await {
        eprintln!(
            "注意: ログアプリ {app} を確かめられません。フィールド {} がなければ、スケジュールIDは記録されません / note: the log app {app} cannot be looked at; without the field the schedule's id is not in its records: {}",
            log_app::SCHEDULE_ID,
            failure.message
        );
    }
}

/// The pattern that the options name.
fn pattern(args: &ScheduleAdd) -> Result<Pattern, Failure> {
    let timeless = args.hourly.is_some() || args.cron.is_some();
    if timeless && args.at.is_some() {
        return Err(usage(
            "--at は --hourly と --cron には指定できません / --at does not belong to --hourly and --cron",
        ));
    }
    if !args.business_days && (!args.holidays.is_empty() || args.holiday_file.is_some()) {
        return Err(usage(
            "--holiday と --holidays は --business-days のときだけ指定できます / --holiday and --holidays belong to --business-days",
        ));
    }
    if let Some(minute) = args.hourly {
        return Ok(Pattern::Hourly { minute });
    }
    if let Some(expression) = &args.cron {
        return Ok(Pattern::Cron { expression: expression.trim().to_owned() });
    }
    let at = time(args.at.as_deref())?;
    if !args.weekly.is_empty() {
        return Ok(Pattern::Weekly { days: args.weekly.iter().map(|d| day(*d)).collect(), at });
    }
    Ok(match args.monthly {
        Some(day) => Pattern::Monthly { day, at },
        None if args.last_day => Pattern::LastDay { at },
        None if args.business_days => Pattern::BusinessDays { at, holidays: holidays(args)? },
        None => Pattern::Daily { at },
    })
}

fn day(name: DayName) -> Day {
    match name {
        DayName::Monday => Day::Monday,
        DayName::Tuesday => Day::Tuesday,
        DayName::Wednesday => Day::Wednesday,
        DayName::Thursday => Day::Thursday,
        DayName::Friday => Day::Friday,
        DayName::Saturday => Day::Saturday,
        DayName::Sunday => Day::Sunday,
    }
}

/// `9:30` and `09:30`.
fn time(text: Option<&str>) -> Result<Time, Failure> {
    let Some(text) = text else {
        return Err(usage("時刻を --at 09:30 のように指定してください / give the time of day, such as --at 09:30"));
    };
    let digits = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let read = || {
        let (hour, minute) = text.split_once(':').filter(|(hour, minute)| digits(hour) && digits(minute))?;
        Time::new(hour.parse().ok()?, minute.parse().ok().filter(|_| minute.len() == 2)?, 0, 0).ok()
    };
    read().ok_or_else(|| {
        usage(format!("「{text}」は時刻ではありません。09:30 のように指定してください / {text:?} is no time of day; it looks like 09:30"))
    })
}

fn holidays(args: &ScheduleAdd) -> Result<BTreeSet<Date>, Failure> {
    let mut days = BTreeSet::new();
    for text in &args.holidays {
        days.insert(date(text, "--holiday")?);
    }
    if let Some(path) = &args.holiday_file {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let path = path.display();
            Failure::new(format!(
                "--holidays {path}: ファイルを読めません。パスと文字コード(UTF-8)を確かめてください / cannot be read; look at its path and encoding (UTF-8): {error}"
            ))
        })?;
        days.extend(dates(path, &text)?);
    }
    Ok(days)
}

/// The dates of a file, one a line.
fn dates(path: &Path, text: &str) -> Result<Vec<Date>, Failure> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let told = lines.map(|(n, line)| (n + 1, line.split('#').next().unwrap_or_default().trim()));
    told.filter(|(_, line)| !line.is_empty()).map(|(n, line)| date(line, &format!("{}:{n}", path.display()))).collect()
}

fn date(text: &str, place: &str) -> Result<Date, Failure> {
    let form = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    form.then(|| text.parse().ok()).flatten().ok_or_else(|| {
        usage(format!(
            "{place}: 「{text}」は日付ではありません。2026-12-29 のように書いてください / {text:?} is no date; it looks like 2026-12-29"
        ))
    })
}

/// The values of `--param`, of the kinds that the calling app's fields have.
fn parameters(unit: &Unit, options: &[String]) -> Result<ParameterSet, Failure> {
    let mut set = ParameterSet::new();
    for option in options {
        let Some((name, text)) = option.split_once('=') else {
            return Err(usage(format!("--param は 名前=値 と書いてください / --param is NAME=VALUE: {option:?}")));
        };
        let Some(kind) = unit.parameters.get(name) else {
            let known: Vec<&String> = unit.parameters.keys().collect();
            return Err(usage(format!(
                "実行単位「{0}」のフローは %{name}% を使いません / the flows of {0:?} do not name %{name}%; they name: {known:?}",
                unit.name
            )));
        };
        let value = match kind {
            Some(kind) => flow::literal::parse(*kind, text).ok_or_else(|| {
                usage(format!(
                    "--param {name}: 「{text}」はこのフィールドの値ではありません / {text:?} is no value of that field ({kind:?})"
                ))
            })?,
            None if text.is_empty() => Value::Blank,
            None => Value::text(text),
        };
        set.insert(name.to_owned(), value);
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use model::field::Kind;

    use super::*;

    #[test]
    fn times_and_dates_are_read_strictly() {
        let at = |text| time(Some(text)).ok().map(|t| (t.hour(), t.minute()));
        assert_eq!(
            [at("9:30"), at("09:30"), at("00:00"), at("23:59")],
            [Some((9, 30)), Some((9, 30)), Some((0, 0)), Some((23, 59))]
        );
        for wrong in ["24:00", "9:3", "930", "09:60", "09:30:00", "+9:30", ":30", "", "９:30"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
        assert!(time(None).is_err_and(|f| f.exit == 2 && f.message.contains("--at 09:30")));
        let path = Path::new("holidays.txt");
        let read = dates(path, "\u{feff}2026-12-29\n\n# 年末\n2026-12-30 # 休み\r\n").expect("dates");
        assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-12-29", "2026-12-30"]);
        let wrong = dates(path, "2026-12-29\n2026/12/30\n").expect_err("no date");
        assert!(wrong.message.starts_with("holidays.txt:2: ") && wrong.message.contains("is no date"), "{wrong:?}");
        assert!(date("2026-02-30", "--holiday").is_err());
    }

    #[test]
    fn values_have_the_kind_of_the_calling_apps_field() {
        let named = [("数量", Some(Kind::Number)), ("区分", Some(Kind::Text)), ("ほか", None)];
        let parameters = named.map(|(name, kind)| (name.to_owned(), kind)).into();
        let unit = Unit { parameters, ..Unit::new("example.cybozu.com", "受注処理", 1, "c") };
        let read = |options: &[&str]| {
            let options: Vec<String> = options.iter().map(|o| (*o).to_owned()).collect();
            super::parameters(&unit, &options)
        };
        let set = read(&["数量=12", "区分=夜=間", "ほか="]).expect("values");
        let expected = [("数量", Value::Number(12.into())), ("区分", Value::text("夜=間")), ("ほか", Value::Blank)];
        assert_eq!(set, expected.map(|(name, value)| (name.to_owned(), value)).into());
        assert_eq!(read(&["数量="]).expect("a blank")["数量"], Value::Blank);
        for (option, english) in
            [("数量=twelve", "no value of that field"), ("無い=1", "do not name"), ("数量", "NAME=VALUE")]
        {
            let failure = read(&[option]).expect_err(option);
            assert!(failure.exit == 2 && failure.message.contains(english), "{failure:?}");
        }
    }
}
