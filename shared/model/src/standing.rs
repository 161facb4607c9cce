//! Where a run stands that waits: its place, what it waits for, and until when. Told from its unit's state, since api may
//! read no more; what only the domain's gate knows of a scheduled run is added by whoever may read that.

use crate::clock::Timestamp;
use crate::domain::DomainState;
use crate::gate;
use crate::limits::UnitLimits;
use crate::run::{Method, Run, RunState};
use crate::unit::{UnitState, WaitNote, WaitReason};

/// In which line a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// In its unit's queue, at this place from 1.
    Unit(usize),
    /// In its domain's row of scheduled runs, at this place from 1 where that is known.
    Domain(Option<usize>),
    /// It has started, and waits without a worker for room to write.
    Budget,
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
    /// When it is given up if it has not started by then; `None` for one that has started.
    pub given_up: Option<Timestamp>,
}

/// Where a run stands; `None` where it does not wait.
pub fn standing(now: Timestamp, run: &Run, unit: &UnitState, limits: &UnitLimits) -> Option<Standing> {
    let seq = run.id.seq;
    if let Some(parked) = unit.running.as_ref().filter(|lease| lease.seq == seq).and_then(|lease| lease.parked) {
        let (reason, until) = (Some(WaitReason::Budget), Some(parked.wake));
        return Some(Standing { line: Line::Budget, reason, until, earliest: None, given_up: None });
    }
    if run.state != RunState::Queued {
        return None;
    }
    if run.trigger.method == Method::Schedule {
        let line = Line::Domain(None);
        return Some(Standing { line, reason: None, until: None, earliest: None, given_up: Some(run.deadline) });
    }
    let place = unit.place(seq)?;
    let mut before = unit.clone();
    before.waiting.truncate(place - 1);
    let reason = reason(unit);
    let put_off = unit.put_off.filter(|first| first.seq == seq).map(|first| first.deadline);
    Some(Standing {
        line: Line::Unit(place),
        reason,
        until: unit.wait.map(|wait| wait.until),
        earliest: gate::forecast(now, &before, limits, 1)
            .first()
            .copied()
            .filter(|_| reason != Some(WaitReason::Schedule)),
        given_up: put_off.or(Some(run.deadline)),
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
    /// The same with what the domain's gate knows of a scheduled run.
    pub fn in_row(self, run: &Run, domain: &DomainState) -> Self {
        let Some(at) = domain.schedules.iter().position(|s| s.run == run.id) else { return self };
        // Who is not the first waits for those before it.
        let behind = (at > 0).then_some(WaitReason::Schedule);
        let note: Option<WaitNote> = domain.schedules[at].wait.filter(|_| at == 0);
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
        let mut text = match self.line {
            Line::Unit(place) => format!("待機順は{place}番目です。"),
            Line::Domain(Some(place)) => format!("スケジュール実行の{place}番目です。"),
            Line::Domain(None) => "スケジュール実行の順番を待っています。".to_owned(),
            Line::Budget => "書き込みの順番を待っています。".to_owned(),
        };
        if let Some(reason) = self.reason {
            text += &format!("待機理由: {}。", reason.ja());
        }
        if let Some(at) = self.given_up {
            text += &format!("遅くとも{at}までに開始し、できなければ打ち切ります。");
        }
        if self.is_put_off() {
            text += "スケジュール実行に待たされた時間だけ延びます。";
        }
        text
    }

    /// Sentences for people, in English. Times are UTC.
    pub fn en(&self) -> String {
        let mut text = match self.line {
            Line::Unit(place) => format!("Number {place} in the queue."),
            Line::Domain(Some(place)) => format!("Number {place} of the domain's scheduled runs."),
            Line::Domain(None) => "Waits among the domain's scheduled runs.".to_owned(),
            Line::Budget => "Waits for its turn to write.".to_owned(),
        };
        if let Some(reason) = self.reason {
            text += &format!(" Waits for: {}.", reason.en());
        }
        if let Some(at) = self.given_up {
            text += &format!(" It starts by {at}, or is given up then.");
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
