//! `suiro run`.

use std::time::Duration;

use model::catalogue::Code;
use model::clock::{Clock, SystemClock, Timestamp};
use model::ids::RunId;
use model::ledger::{Admitted, Ledger, LedgerError};
use model::run::{Run, RunState};
use model::standing::{self, Line, Standing};
use model::unit::Awaits;
use serde_json::{Value as Json, json};

use super::{Failure, output, place};
use crate::args;

/// Runs a command on runs.
pub async fn run(command: args::Run) -> Result<(), Failure> {
    match command {
        args::Run::List { unit, limit, place: at } => {
            let open = place::open(&at).await?;
            let view = open.unit(&unit).await?;
            let runs = open.ledger.runs(&view.unit.id, limit).await?;
            if at.json {
                return output::json(&runs);
            }
            if runs.is_empty() {
                eprintln!("実行はまだありません / no runs yet");
            }
            runs.iter().for_each(|run| output::line(one_line(run)));
            Ok(())
        }
        args::Run::Show { run, place: at } => {
            let open = place::open(&at).await?;
            let run = open.ledger.run(&place::run_id(&run)?).await.map_err(unknown)?;
            let waits = waits(&open, &run).await?;
            if at.json {
                return output::json(&whole(&run, waits));
            }
            show(&run, waits);
            Ok(())
        }
        args::Run::Again { run, place: at } => {
            let open = place::open(&at).await?;
            let admitted = open.ledger.run_again(&place::run_id(&run)?).await.map_err(unknown)?;
            match queued(admitted)? {
                Some(id) if at.json => output::json(&json!({ "runs": [id] })),
                id => {
                    id.iter().for_each(|id| output::line(id.to_string()));
                    Ok(())
                }
            }
        }
        args::Run::Undo { run, dry_run, wait, place: at } => {
            let open = place::open(&at).await?;
            let admitted = open.ledger.undo(&place::run_id(&run)?, dry_run).await.map_err(unknown)?;
            let Some(id) = queued(admitted)? else { return Ok(()) };
            let run = ended(&open.ledger, &id, Duration::from_secs(wait)).await?;
            if at.json {
                return output::json(&json!({ "run": run }));
            }
            show(&run, waits(&open, &run).await?);
            if !run.state.ended() && wait > 0 {
                eprintln!(
                    "まだ終わっていません。suiro run show {id} で確かめてください / not ended yet; see `suiro run show {id}`"
                );
            }
            match run.state {
                RunState::Failed | RunState::Uncertain | RunState::TimedOut => {
                    let state = run.state.as_str();
                    Err(Failure::new(format!("実行 {id} は {state} で終わりました / run {id} ended as {state}")))
                }
                _ => Ok(()),
            }
        }
        args::Run::Cancel { run, place: at } => {
            let open = place::open(&at).await?;
            let run = open.ledger.cancel(&place::run_id(&run)?).await.map_err(unknown)?;
            output::line(one_line(&run));
            if !run.state.ended() {
                let id = &run.id;
                eprintln!(
                    "待機をやめます。書き込み済みの分を確かめて、1、2分のうちに終わります(suiro run show {id}) / it stops waiting: what it has written is read, and it ends within a minute or two (`suiro run show {id}`)"
                );
            }
            Ok(())
        }
    }
}

/// Where a run stands that waits, and what went wrong where it waits for something outside.
struct Waits {
    standing: Standing,
    awaits: Option<Awaits>,
}

/// Where a run stands, if it waits.
async fn waits(open: &place::Open, run: &Run) -> Result<Option<Waits>, Failure> {
    if run.state.ended() {
        return Ok(None);
    }
    let (unit, state) = (open.ledger.unit(run.unit()).await?, open.ledger.state(run.unit()).await?);
    let Some(standing) = standing::standing(open.ledger.clock().now(), run, &state, &unit.limits) else {
        return Ok(None);
    };
    let gate = open.ledger.gate(&unit.domain).await?;
    let awaits = state.running.filter(|lease| lease.seq == run.id.seq).and_then(|lease| lease.awaits);
    Ok(Some(Waits { standing: standing.in_row(run, &gate), awaits }))
}

fn whole(run: &Run, waits: Option<Waits>) -> Json {
    let Some(Waits { standing: waits, awaits }) = waits else {
        return json!({ "run": run, "place": null, "wait": null });
    };
    let (row, place) = match waits.line {
        Line::Unit(place) => (false, Some(place)),
        Line::Domain(place) => (true, place),
        Line::Budget(place) => (false, Some(place)),
        Line::Outside => (false, None),
    };
    let wait = waits.reason.map(|reason| json!({ "reason": reason, "until": waits.until }));
    json!({
        "run": run, "place": place, "scheduledRow": row, "wait": wait,
        "earliestStart": waits.earliest, "givenUpAt": waits.given_up, "waitingSince": waits.since,
        "written": waits.written.map(|(records, of)| json!({ "records": records, "of": of })),
        "awaits": awaits.map(|awaits| json!({ "code": awaits.code(), "why": awaits.why })),
        "description": waits.ja(), "descriptionEn": waits.en(),
    })
}

/// The run that was asked for.
fn queued(admitted: Admitted) -> Result<Option<RunId>, Failure> {
    match admitted {
        Admitted::Queued(runs) => Ok(runs.into_iter().next()),
        Admitted::Disabled => Err(Failure::new(both(model::catalogue::UNIT_DISABLED))),
        Admitted::TooMany { retry_at } => {
            let message = both(model::catalogue::TOO_MANY_WAITING);
            Err(Failure::new(format!("{message} ({})", clock_time(retry_at))))
        }
        Admitted::Late(run) | Admitted::Flood(run) | Admitted::Joined(run) => Err(Failure::new(run)),
        Admitted::Duplicate(_) => Err(Failure::new(both(model::catalogue::NOTIFICATION_SEEN))),
        Admitted::SignatureUsed(_) => Err(Failure::new(both(model::catalogue::SIGNATURE_USED))),
    }
}

/// The run when it has ended, or as it is after so long.
async fn ended(ledger: &Ledger, id: &RunId, longest: Duration) -> Result<Run, Failure> {
    let until = SystemClock.now() + longest;
    loop {
        let run = ledger.run(id).await?;
        if run.state.ended() || SystemClock.now() >= until {
            return Ok(run);
        }
        SystemClock.pause(Duration::from_millis(200)).await;
    }
}

fn both(code: Code) -> String {
    format!("{}\n{}", code.ja(), code.en())
}

fn unknown(error: LedgerError) -> Failure {
    match error {
        LedgerError::NoRun(id) => Failure::new(format!("実行 {id} はありません / no run {id}")),
        LedgerError::WrongState(id, state) => Failure::new(format!(
            "実行 {id} は {state} のため、この操作はできません / run {id} is {state}; this cannot be done to it"
        )),
        LedgerError::NotUndoable(why) => {
            Failure::new(format!("{} / {why}\n{}", why.ja(), both(model::catalogue::UNDO_REFUSED)))
        }
        LedgerError::NoPayload(id) => Failure::new(format!(
            "実行 {id} のパラメーターは14日の保存期間を過ぎています / the parameters of run {id} are kept for 14 days and are gone"
        )),
        LedgerError::Flood(id) => Failure::new(format!(
            "実行 {id} は大量の要求をまとめたもので、内容は残していません。送信元から送り直してください / run {id} stands for a flood, of which only the number is kept; have its sender send anew"
        )),
        other => other.into(),
    }
}

/// `2026-11-23 02:30:00+09:00`: in the machine's zone, with its offset.
pub fn full_time(at: Timestamp) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at.0).map(|t| t.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(|_| at.to_string(), |z| z.strftime("%Y-%m-%d %H:%M:%S%:z").to_string())
}

/// Time of day in the machine's zone, with seconds.
pub fn clock_time(at: Timestamp) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at.0).map(|t| t.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(|_| at.to_string(), |z| z.strftime("%H:%M:%S").to_string())
}

fn one_line(run: &Run) -> String {
    let code = run.code.map(|c| format!("  {c}")).unwrap_or_default();
    let records = run.trigger.records.join(",");
    format!(
        "{}  {}  {}  {}  #{records}{code}",
        run.id,
        full_time(run.queued_at),
        run.state.as_str(),
        run.trigger.method.label()
    )
}

fn show(run: &Run, waits: Option<Waits>) {
    output::line(one_line(run));
    let time = |name: &str, at: Option<Timestamp>| {
        if let Some(at) = at {
            output::line(format!("  {name}  {}", full_time(at)));
        }
    };
    if let Some(caller) = &run.trigger.caller {
        output::line(format!("  呼び出し元 / called by  {caller}"));
    }
    if let Some(schedule) = &run.schedule {
        output::line(format!("  スケジュール / schedule  {schedule}"));
    }
    if let Some(client) = &run.trigger.client {
        output::line(format!("  呼び出し元の名前 / caller  {client}"));
    }
    if !run.trigger.clients.is_empty() {
        output::line(format!("  呼び出し元の名前 / callers  {}", run.trigger.clients.join(", ")));
    }
    if let Some(id) = &run.trigger.request_id {
        output::line(format!("  要求のID / request id  {id}"));
    }
    if let Some(undo) = &run.trigger.undo {
        let dry = if undo.dry_run { "（確認だけ / dry run）" } else { "" };
        output::line(format!("  元に戻す実行 / undoes  {}{dry}", undo.run));
    }
    if let Some(by) = &run.undone_by {
        output::line(format!("  元に戻した実行 / undone by  {by}"));
    }
    if let Some(gathered) = run.gathered.filter(|gathered| gathered.requests > 1) {
        output::line(format!("  まとめたWebhook / webhooks in one run  {}", gathered.requests));
    }
    time("受付 / queued  ", Some(run.queued_at));
    time("開始 / started ", run.started_at);
    time("終了 / ended   ", run.ended_at);
    if let Some(Waits { standing, awaits }) = waits {
        tell(&standing);
        if let Some(awaits) = awaits {
            let code = awaits.code();
            output::line(format!("  {}\n  {}\n  {}", code.ja(), code.en(), awaits.why));
        }
    } else if let Some(waited) = run.waited {
        output::line(format!("  待機理由 / waited for  {}", waited.reason.label()));
    }
    if let Some(code) = run.code {
        output::line(format!("  {}\n  {}", code.ja(), code.en()));
    }
    if !run.message.is_empty() {
        output::line(format!("  {}", run.message.replace('\n', "\n  ")));
    }
    for flow in &run.flows {
        output::line(format!(
            "  - {}: {}  入力/in {}  出力/out {}  API {}",
            flow.name,
            flow.state.as_str(),
            flow.input_records,
            flow.output_records,
            flow.api_requests
        ));
        if !flow.message.is_empty() {
            output::line(format!("      {}", flow.message.replace('\n', "\n      ")));
        }
    }
}

/// Where a run stands that waits.
fn tell(waits: &Standing) {
    let place = match waits.line {
        Line::Unit(place) => format!("待機順 / place  {place}"),
        Line::Domain(Some(place)) => format!("スケジュール実行の順番 / place among scheduled runs  {place}"),
        Line::Domain(None) => "スケジュール実行の順番待ち / among scheduled runs".to_owned(),
        Line::Budget(place) => format!("書き込みの待機順 / place in line to write  {place}"),
        Line::Outside => {
            output::line(format!("  {}\n  {}", waits.ja_at(&full_time), waits.en_at(&full_time)));
            return;
        }
    };
    output::line(format!("  {place}"));
    if let Some(reason) = waits.reason {
        let seconds = waits.until.map(|until| SystemClock.now().until(until).as_secs_f64());
        let seconds = seconds.map(|seconds| format!(", {seconds:.0} s")).unwrap_or_default();
        output::line(format!("  待機理由 / reason  {}{seconds}", reason.label()));
    }
    if let Some(at) = waits.given_up {
        let words = match waits.line {
            Line::Budget(_) => "遅くとも書き込み開始、できなければ失敗 / begins to write by, or fails at",
            Line::Unit(_) | Line::Domain(_) | Line::Outside => {
                "遅くとも開始、できなければ打ち切り / starts by, or is given up at"
            }
        };
        output::line(format!("  {words}  {}", full_time(at)));
    }
}
