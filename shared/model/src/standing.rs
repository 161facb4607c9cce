//! Where a run stands that waits: its place, what it waits for, and until when. Told from its unit's state, since api may
//! read no more; what only the domain's gate knows of a scheduled run is added by whoever may read that.

use crate::clock::Timestamp;
use crate::domain::DomainState;
use crate::gate;
use crate::limits::UnitLimits;
use crate::run::{Method, Run, RunState};
use crate::unit::{Lease, UnitState, WaitNote, WaitReason};

/// In which line a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// In its unit's queue, at this place from 1.
    Unit(usize),
    /// In its domain's row of scheduled runs, at this place from 1 where that is known.
    Domain(Option<usize>),
    /// It has started, and waits without a worker for room to write: at this place from 1 of the domain's line.
    Budget(usize),
    /// It has started, and waits for something outside that does not answer.
    Outside,
}

/// Where a run stands that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In which line.
    pub line: Line,
    /// What it, or the first of its line, waits for; `None` where nobody has looked at it yet.
    pub reason: Option<WaitReason>,
    /// When it is looked at again, where that is known.
    pub until: Option<Timestamp>,
    /// When it could start at the earliest, by its unit's rate alone; `None` where a schedule holds it back.
    pub earliest: Option<Timestamp>,
    /// When it is given up if it has not started by then, or if what it waits for has not come.
    pub given_up: Option<Timestamp>,
    /// Since when it waits, where it has started.
    pub since: Option<Timestamp>,
    /// Records of its flow that are written, of how many, where it waits for something outside and that is known.
    pub written: Option<(u64, u64)>,
}

/// Where a run stands; `None` where it does not wait.
pub fn standing(now: Timestamp, run: &Run, unit: &UnitState, limits: &UnitLimits) -> Option<Standing> {
    let seq = run.id.seq;
    if let Some(lease) = unit.running.as_ref().filter(|lease| lease.seq == seq)
        && let Some(started) = started(lease)
    {
        return Some(started);
    }
    if run.state != RunState::Queued {
        return None;
    }
    if run.trigger.method == Method::Schedule {
        let line = Line::Domain(None);
        return Some(Standing { given_up: Some(run.deadline), ..Standing::of(line, None) });
    }
    let place = unit.place(seq)?;
    let mut before = unit.clone();
    before.waiting.truncate(place - 1);
    let reason = reason(unit);
    let put_off = unit.put_off.filter(|first| first.seq == seq).map(|first| first.deadline);
    Some(Standing {
        until: unit.wait.map(|wait| wait.until),
        earliest: gate::forecast(now, &before, limits, 1)
            .first()
            .copied()
            .filter(|_| reason != Some(WaitReason::Schedule)),
        given_up: put_off.or(Some(run.deadline)),
        ..Standing::of(Line::Unit(place), reason)
    })
}

/// Where a run stands that has started; `None` where it does not wait.
fn started(lease: &Lease) -> Option<Standing> {
    if let Some(parked) = lease.parked {
        let line = Line::Budget(parked.before + 1);
        let (until, given_up) = (Some(parked.wake), parked.given_up);
        return Some(Standing { until, given_up, ..Standing::of(line, Some(WaitReason::Budget)) });
    }
    // One that was cancelled waits for nothing: it is about to end.
    let awaits = lease.awaits.as_ref().filter(|_| !lease.cancelled)?;
    Some(Standing {
        until: Some(awaits.next),
        given_up: Some(awaits.given_up()),
        since: Some(awaits.since),
        written: awaits.written,
        ..Standing::of(Line::Outside, Some(WaitReason::Kintone))
    })
}

/// What the unit's queue waits for. Behind a run that is parked for the budget it is that run, not the budget.
fn reason(unit: &UnitState) -> Option<WaitReason> {
    let noted = unit.wait.map(|wait| wait.reason);
    match &unit.running {
        Some(lease) if lease.scheduled => Some(WaitReason::Schedule),
        Some(_) => noted.filter(|noted| *noted == WaitReason::Schedule).or(Some(WaitReason::Lock)),
        None => noted,
    }
}

impl Standing {
    fn of(line: Line, reason: Option<WaitReason>) -> Self {
        Self { line, reason, until: None, earliest: None, given_up: None, since: None, written: None }
    }

    /// The same with what the domain's gate knows of a scheduled run.
    pub fn in_row(self, run: &Run, domain: &DomainState) -> Self {
        let Some(at) = domain.schedules.iter().position(|s| s.run == run.id) else { return self };
        // One that has started waits for something else.
        let Line::Domain(_) = self.line else { return self };
        // Who is not the first waits for those before it.
        let behind = (at > 0).then_some(WaitReason::Schedule);
        let rests = domain.schedules[at].rests.is_some();
        let note: Option<WaitNote> = domain.schedules[at].wait.filter(|_| at == 0 || rests);
        Self {
            line: Line::Domain(Some(at + 1)),
            reason: note.map(|note| note.reason).or(behind),
            until: note.map(|note| note.until),
            given_up: Some(domain.schedules[at].deadline),
            ..self
        }
    }

    /// Sentences for people, in Japanese. Times are UTC.
    pub fn ja(&self) -> String {
        self.ja_at(&|at| at.to_string())
    }

    /// Sentences for people, in English. Times are UTC.
    pub fn en(&self) -> String {
        self.en_at(&|at| at.to_string())
    }

    /// Sentences for people, in Japanese, with times as this tells them.
    pub fn ja_at(&self, told: &dyn Fn(Timestamp) -> String) -> String {
        let mut text = match self.line {
            Line::Unit(place) => format!("待機順は{place}番目です。"),
            Line::Domain(Some(place)) => format!("スケジュール実行の{place}番目です。"),
            Line::Domain(None) => "スケジュール実行の順番を待っています。".to_owned(),
            Line::Budget(place) => format!("書き込みの順番を待っています({place}番目)。"),
            Line::Outside => {
                let since = self.since.map(|at| format!("{}から、", told(at))).unwrap_or_default();
                format!("{since}応答を待っています。")
            }
        };
        if let Some(reason) = self.reason {
            text += &format!("待機理由: {}。", reason.ja());
        }
        if let (Line::Outside, Some(at)) = (self.line, self.until) {
            text += &format!("次の試行: {}。", told(at));
        }
        if let Some(at) = self.given_up.map(told) {
            text += &match self.line {
                Line::Budget(_) => format!("遅くとも{at}までに書き込みを始め、できなければ失敗として終了します。"),
                Line::Outside => format!("{at}までに応答がなければ打ち切ります。"),
                Line::Unit(_) | Line::Domain(_) => format!("遅くとも{at}までに開始し、できなければ打ち切ります。"),
            };
        }
        if let Some((written, of)) = self.written {
            text += &format!("このフローの書き込み済み: {written}件/{of}件。");
        }
        if self.is_put_off() {
            text += "スケジュール実行に待たされた時間だけ延びます。";
        }
        text
    }

    /// Sentences for people, in English, with times as this tells them.
    pub fn en_at(&self, told: &dyn Fn(Timestamp) -> String) -> String {
        let mut text = match self.line {
            Line::Unit(place) => format!("Number {place} in the queue."),
            Line::Domain(Some(place)) => format!("Number {place} of the domain's scheduled runs."),
            Line::Domain(None) => "Waits among the domain's scheduled runs.".to_owned(),
            Line::Budget(place) => format!("Waits for its turn to write, as number {place}."),
            Line::Outside => {
                let since = self.since.map(|at| format!(" since {}", told(at))).unwrap_or_default();
                format!("Has waited for an answer{since}.")
            }
        };
        if let Some(reason) = self.reason {
            text += &format!(" Waits for: {}.", reason.en());
        }
        if let (Line::Outside, Some(at)) = (self.line, self.until) {
            text += &format!(" Next try: {}.", told(at));
        }
        if let Some(at) = self.given_up.map(told) {
            text += &match self.line {
                Line::Budget(_) => format!(" It begins to write by {at}, or fails then."),
                Line::Outside => format!(" It is given up at {at}."),
                Line::Unit(_) | Line::Domain(_) => format!(" It starts by {at}, or is given up then."),
            };
        }
        if let Some((written, of)) = self.written {
            text += &format!(" Written of this flow so far: {written} of {of}.");
        }
        if self.is_put_off() {
            text += " That is put off by as long as schedules hold it back.";
        }
        text
    }

    /// Whether its end is not fixed yet: what schedules hold a request back is added to it.
    fn is_put_off(&self) -> bool {
        matches!(self.line, Line::Unit(_)) && self.reason == Some(WaitReason::Schedule)
    }
}

#[cfg(test)]
mod tests;
