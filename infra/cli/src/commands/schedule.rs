//! `suiro schedule`: units that run by the clock.

mod add;
mod words;

use model::clock::Timestamp;
use model::ids::UnitId;
use model::ledger::{Entered, ScheduleView};
use model::schedule::{Schedule, ScheduleId};
use model::unit::Unit;
use serde_json::{Value as Json, json};

use super::place::{self, Open};
use super::{Failure, output};
use crate::args;

pub use words::local_time;
use words::when;

/// How many of the next times `add` and `show` print.
const UPCOMING: usize = 3;

/// Runs a command on schedules.
pub async fn run(command: args::Schedule) -> Result<(), Failure> {
    match command {
        args::Schedule::Add(args) => add::run(*args).await,
        args::Schedule::List { unit, domain, place: at } => {
            let open = place::open(&at).await?;
            let found = all(&open, unit.as_deref(), domain.as_deref()).await?;
            if at.json {
                let now = open.ledger.clock().now();
                let told = found.iter().map(|f| f.json(now)).collect::<Result<Vec<_>, _>>()?;
                return output::json(&told);
            }
            if found.is_empty() {
                eprintln!(
                    "スケジュールはありません。suiro schedule add で追加できます / no schedules; `suiro schedule add` makes one"
                );
            }
            found.iter().for_each(|f| output::line(f.line()));
            Ok(())
        }
        args::Schedule::Show { schedule, place: at } => {
            let open = place::open(&at).await?;
            let found = find(&open, &schedule).await?;
            show(&found, &open, at.json)
        }
        args::Schedule::Remove { schedule, place: at } => {
            let open = place::open(&at).await?;
            let found = find(&open, &schedule).await?;
            open.ledger.remove_schedule(&found.unit.domain, &found.unit.id, &found.view.schedule.id).await?;
            eprintln!("削除しました / removed: {}", found.line());
            Ok(())
        }
        args::Schedule::Enable { schedule, place: at } => enable(&schedule, &at, true).await,
        args::Schedule::Disable { schedule, place: at } => enable(&schedule, &at, false).await,
        args::Schedule::RunNow { schedule, place: at } => run_now(&schedule, &at).await,
    }
}

/// A schedule with its unit.
struct Found {
    view: ScheduleView,
    unit: Unit,
    /// Whether its unit takes requests.
    enabled: bool,
}

/// The schedules of all domains, by unit; those of one unit, or of one domain.
async fn all(open: &Open, unit: Option<&str>, domain: Option<&str>) -> Result<Vec<Found>, Failure> {
    let units = match unit {
        Some(unit) => vec![open.unit(unit).await?],
        None => open.units(domain).await?,
    };
    let mut found = Vec::new();
    for of in units {
        for view in open.ledger.schedules(&of.unit.domain, Some(&of.unit.id)).await? {
            found.push(Found { view, unit: of.unit.clone(), enabled: of.state.enabled });
        }
    }
    Ok(found)
}

async fn find(open: &Open, id: &str) -> Result<Found, Failure> {
    let found = all(open, None, None).await?.into_iter().find(|f| f.view.schedule.id.0 == id);
    found.ok_or_else(|| {
        Failure::new(format!(
            "スケジュール {id} はありません。suiro schedule list で確認してください / no schedule {id}; see `suiro schedule list`"
        ))
    })
}

impl Found {
    fn line(&self) -> String {
        let Schedule { id, time_zone, enabled, .. } = &self.view.schedule;
        let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| local_time(at, time_zone));
        let mut line = format!(
            "{id}  {}  {} ({time_zone})  次回 / next {}  前回 / last {}  見送り / skipped {}",
            self.unit.name,
            when(&self.view.schedule.pattern),
            time(self.view.next),
            time(self.view.last),
            self.view.skipped
        );
        let missing = self.view.schedule.missing(&self.unit);
        let notes = [
            (!enabled).then(|| "無効 / disabled".to_owned()),
            (!self.enabled).then(|| "実行単位が無効 / its unit is disabled".to_owned()),
            (!missing.is_empty()).then(|| format!("値がない / no value for: {}", missing.join(", "))),
        ];
        for note in notes.into_iter().flatten() {
            line += &format!("  [{note}]");
        }
        line
    }

    fn json(&self, now: Timestamp) -> Result<Json, Failure> {
        let mut told = json!({
            "schedule": self.view,
            "domain": self.unit.domain,
            "unitName": self.unit.name,
            "unitEnabled": self.enabled,
            "missing": self.view.schedule.missing(&self.unit),
        });
        let zone = &self.view.schedule.time_zone;
        let next = self.view.schedule.upcoming(now, UPCOMING).map_err(Failure::new)?;
        told["upcoming"] = json!(next.into_iter().map(|at| words::offset_time(at, zone)).collect::<Vec<_>>());
        Ok(told)
    }
}

fn show(found: &Found, open: &Open, as_json: bool) -> Result<(), Failure> {
    let (now, schedule) = (open.ledger.clock().now(), &found.view.schedule);
    if as_json {
        return output::json(&found.json(now)?);
    }
    output::line(found.line());
    output::line(format!("  重なったとき / overlap  {}", words::overlap(schedule.overlap)));
    for (name, value) in &schedule.parameters {
        output::line(format!("  %{name}%  {}", words::value(value)));
    }
    for at in schedule.upcoming(now, UPCOMING).map_err(Failure::new)? {
        output::line(format!("  {}", local_time(at, &schedule.time_zone)));
    }
    Ok(())
}

/// Tells of schedules that have no value for what the flows of these units name now: their runs will fail.
pub async fn warn_of_missing(open: &Open, units: impl IntoIterator<Item = &UnitId>) -> Result<(), Failure> {
    for id in units {
        let unit = open.ledger.unit(id).await?;
        for view in open.ledger.schedules(&unit.domain, Some(id)).await? {
            let missing = view.schedule.missing(&unit);
            if !missing.is_empty() {
                eprintln!(
                    "注意: スケジュール {0} には {1} の値がないため、実行は失敗します。作り直してください / note: schedule {0} has no value for {1}, so its runs will fail; make it anew",
                    view.schedule.id,
                    missing.join(", ")
                );
            }
        }
    }
    Ok(())
}

async fn enable(id: &str, at: &args::Place, enabled: bool) -> Result<(), Failure> {
    let open = place::open(at).await?;
    let found = find(&open, id).await?;
    let schedule = Schedule { enabled, ..found.view.schedule };
    let view = open.ledger.put_schedule(schedule).await?;
    let found = Found { view, ..found };
    match enabled {
        true => eprintln!("有効にしました / enabled: {}", found.line()),
        false => eprintln!("無効にしました / disabled: {}", found.line()),
    }
    Ok(())
}

async fn run_now(id: &str, at: &args::Place) -> Result<(), Failure> {
    let open = place::open(at).await?;
    let found = find(&open, id).await?;
    let (unit, id): (&Unit, &ScheduleId) = (&found.unit, &found.view.schedule.id);
    match open.ledger.run_schedule(&unit.domain, &unit.id, id).await? {
        Entered::Run(run) if at.json => output::json(&json!({ "run": run })),
        Entered::Run(run) => {
            output::line(run.to_string());
            eprintln!("次の見回りで始まります / it starts with the next sweep: suiro run show {run}");
            Ok(())
        }
        Entered::Overlaps => Err(Failure::new(format!(
            "スケジュール {id} の前の実行が終わっていません。終わってからもう一度試してください / the run of schedule {id} before this one has not ended; try again afterwards"
        ))),
        Entered::Full => Err(Failure::new(format!(
            "ドメイン {0} で待っているスケジュール実行が多すぎます。減ってからもう一度試してください / too many scheduled runs wait in {0}; try again when there are fewer",
            unit.domain
        ))),
        Entered::Disabled => Err(Failure::new(format!(
            "実行単位「{0}」は無効です。suiro unit enable で有効にしてください / unit {0:?} is disabled; enable it with `suiro unit enable`",
            unit.name
        ))),
    }
}
