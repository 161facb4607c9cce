//! One picture as lines of text. Pure: from what was looked at to what is shown.

use model::clock::Timestamp;
use model::domain::DomainState;
use model::ids::{RunId, UnitId};
use model::ledger::UnitView;
use model::run::Run;
use model::unit::WaitNote;

use super::look::{Domain, Picture};
use crate::commands::{full_time, grid_lines, local_time};

/// The picture. Numbers that people compare stand below each other.
pub fn lines(picture: &Picture) -> Vec<String> {
    let mut out = vec![format!("Suiro  {}", full_time(picture.now))];
    if picture.domains.is_empty() {
        out.push("実行単位はありません。suiro unit add で追加できます / no units; `suiro unit add` makes one".into());
    }
    for domain in &picture.domains {
        out.push(String::new());
        out.push(domain.name.clone());
        gate(picture.now, &domain.gate, &mut out);
        awaits(domain, &mut out);
        indented(units(picture.now, domain), &mut out);
        if !domain.schedules.is_empty() {
            indented(schedules(domain), &mut out);
        }
        if !domain.runs.is_empty() {
            indented(runs(domain), &mut out);
        }
    }
    out
}

fn indented(lines: Vec<String>, out: &mut Vec<String>) {
    out.push(String::new());
    out.extend(lines.into_iter().map(|line| format!("  {line}")));
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// `1,234,567`
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let first = digits.len() % 3;
    let groups = (first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]);
    let head = Some(&digits[..first]).filter(|head| !head.is_empty());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

fn note(now: Timestamp, note: &WaitNote) -> String {
    format!("{} ({} s)", note.reason.label(), now.until(note.until).as_secs())
}

fn gate(now: Timestamp, gate: &DomainState, out: &mut Vec<String>) {
    let alive = |until: &Timestamp| *until > now;
    let writing: u64 = gate.writing.values().filter(|r| alive(&r.until)).map(|r| r.records).sum();
    out.push(format!(
        "  リアルタイム実行中 / realtime {}   書き込み / writing {} / {}   書き込み待ち / in line {}   スケジュール / scheduled {}",
        gate.readers.values().filter(|until| alive(until)).count(),
        thousands(writing),
        thousands(gate.limits.budget),
        gate.line.iter().filter(|place| alive(&place.until)).count(),
        gate.schedules.len()
    ));
    for (run, reservation) in gate.writing.iter().filter(|(_, r)| alive(&r.until)) {
        out.push(format!("    書き込み中 / writing  {run}  {}", thousands(reservation.records)));
    }
    for (n, place) in gate.line.iter().filter(|place| alive(&place.until)).enumerate() {
        let latest = place.since.map(|since| full_time(since + gate.limits.budget_wait()));
        let latest = latest.map(|at| format!("  遅くとも / latest {at}")).unwrap_or_default();
        out.push(format!("    書き込み待ち / in line {}  {}  {}{latest}", n + 1, place.run, thousands(place.records)));
    }
    for (n, scheduled) in gate.schedules.iter().enumerate() {
        let standing = match (&scheduled.lease, &scheduled.wait) {
            (Some(_), _) => "実行中 / running".to_owned(),
            (None, Some(wait)) => note(now, wait),
            (None, None) => "待機中 / waiting".to_owned(),
        };
        let (run, schedule) = (&scheduled.run, &scheduled.schedule);
        out.push(format!("    スケジュール / scheduled {}  {run}  {schedule}  {standing}", n + 1));
    }
}

/// The runs that wait for an answer of kintone, and why.
fn awaits(domain: &Domain, out: &mut Vec<String>) {
    for UnitView { unit, state } in &domain.units {
        let Some(lease) = &state.running else { continue };
        let Some(awaits) = lease.awaits.as_ref().filter(|_| lease.parked.is_none()) else { continue };
        let run = RunId { unit: unit.id.clone(), seq: lease.seq };
        let written = awaits.written.map(|(n, of)| format!("  書き込み済み / written {n}/{of}")).unwrap_or_default();
        out.push(format!(
            "    kintone待ち / waits for kintone  {run}  {}から / since{written}",
            full_time(awaits.since)
        ));
        out.push(format!(
            "      次の試行 / next try {}  打ち切り / given up {}",
            full_time(awaits.next),
            full_time(awaits.given_up())
        ));
        out.push(format!("      {}", awaits.why));
    }
}

fn units(now: Timestamp, domain: &Domain) -> Vec<String> {
    let mut rows = vec![cells([
        "実行単位 / unit",
        "ID",
        "受付 / takes",
        "待機 / waiting",
        "実行中 / running",
        "断った数 / refused",
        "待機理由 / waits for",
    ])];
    for UnitView { unit, state } in &domain.units {
        let running = state.running.as_ref().map_or_else(
            || "-".to_owned(),
            |lease| {
                if lease.parked.is_some() {
                    format!("#{} (待 / parked)", lease.seq)
                } else if lease.awaits.is_some() {
                    format!("#{} (待 / waits)", lease.seq)
                } else {
                    format!("#{}", lease.seq)
                }
            },
        );
        let takes = if state.enabled { "有効 / on" } else { "無効 / off" };
        let waits = state.wait.filter(|_| !state.waiting.is_empty() || state.running.is_some());
        rows.push(vec![
            unit.name.clone(),
            unit.id.to_string(),
            takes.to_owned(),
            (state.waiting.len() + state.scheduled.len()).to_string(),
            running,
            domain.refused.get(&unit.id).copied().unwrap_or_default().to_string(),
            waits.map(|wait| note(now, &wait)).unwrap_or_default(),
        ]);
    }
    grid_lines(&rows, &[false, false, false, true, false, true, false], 1)
}

fn name_of<'a>(domain: &'a Domain, unit: &'a UnitId) -> &'a str {
    domain.units.iter().find(|view| view.unit.id == *unit).map_or(&unit.0, |view| &view.unit.name)
}

fn schedules(domain: &Domain) -> Vec<String> {
    let mut rows =
        vec![cells(["スケジュール / schedule", "実行単位 / unit", "次回 / next", "前回 / last", "見送り / skipped"])];
    for view in &domain.schedules {
        let zone = &view.schedule.time_zone;
        let time = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| local_time(at, zone));
        rows.push(vec![
            view.schedule.id.to_string(),
            name_of(domain, &view.schedule.unit).to_owned(),
            if view.schedule.enabled { time(view.next) } else { "無効 / disabled".to_owned() },
            time(view.last),
            view.skipped.to_string(),
        ]);
    }
    grid_lines(&rows, &[false, false, false, false, true], 1)
}

fn runs(domain: &Domain) -> Vec<String> {
    let mut rows = vec![cells([
        "実行 / run",
        "実行単位 / unit",
        "受付 / queued",
        "状態 / state",
        "方法 / method",
        "コード / code",
    ])];
    for Run { id, queued_at, state, trigger, code, .. } in &domain.runs {
        rows.push(vec![
            id.to_string(),
            name_of(domain, &id.unit).to_owned(),
            full_time(*queued_at),
            state.as_str().to_owned(),
            trigger.method.label().to_owned(),
            code.map(|code| code.to_string()).unwrap_or_default(),
        ]);
    }
    grid_lines(&rows, &[], 1)
}

#[cfg(test)]
mod tests;
