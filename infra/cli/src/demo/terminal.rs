//! The demo's terminal: what happens to runs, as it happens, with seconds since the act began.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::clock::{Clock, SystemClock, Timestamp};
use model::ids::UnitId;
use model::unit::{WaitNote, WaitReason};
use worker::observer::{Happening, Observer};

use crate::commands::{clock_time, line};

/// Prints the story.
pub struct Terminal {
    state: Mutex<State>,
}

struct State {
    began: Timestamp,
    told: HashMap<UnitId, WaitNote>,
}

impl Terminal {
    /// A terminal whose first act begins now.
    pub fn new() -> Self {
        Self { state: Mutex::new(State { began: SystemClock.now(), told: HashMap::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A heading; the act's clock starts at zero.
    pub fn title(&self, text: &str) {
        self.state().began = SystemClock.now();
        // Bold where somebody looks at it; a file or a pipe gets the words alone.
        let (bold, plain) = if std::io::stdout().is_terminal() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        line(format!("\n{bold}{text}{plain}"));
    }

    /// A line without a time.
    pub fn note(&self, text: &str) {
        line(format!("        {text}"));
    }

    /// A line with the seconds since the act began.
    pub fn event(&self, text: &str) {
        let seconds = self.state().began.until(SystemClock.now()).as_secs_f64();
        line(format!("{seconds:6.1}s {text}"));
    }
}

/// Why a request waits, in both languages.
fn reason(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Lock => "同じ実行単位が実行中 / the unit is running",
        WaitReason::Rate => "1分あたり5回の上限 / five starts a minute",
        WaitReason::Schedule => "スケジュール実行中 / a scheduled run",
        WaitReason::Realtime => "リアルタイム実行中 / realtime runs",
        WaitReason::Budget => "同時出力の上限 / the output budget",
        WaitReason::Kintone => "kintoneの応答待ち / an answer of kintone",
    }
}

impl Observer for Terminal {
    fn tell(&self, happening: &Happening) {
        match happening {
            Happening::Starts(ticket) => {
                let trigger = &ticket.run.trigger;
                let records = trigger.records.join(", ");
                self.event(&format!("▶ 実行 / runs    {}  ({} #{records})", ticket.run.id, trigger.method.label()));
            }
            Happening::Flow(_, flow) => self.note(&format!(
                "  {}: {}  入力/in {}  出力/out {}  API {}",
                flow.name,
                flow.state.as_str(),
                flow.input_records,
                flow.output_records,
                flow.api_requests
            )),
            Happening::Waits { unit, note } => {
                let told = self.state().told.insert(unit.clone(), *note);
                if told != Some(*note) {
                    let left = SystemClock.now().until(note.until).as_secs_f64();
                    let at = clock_time(note.until);
                    self.event(&format!(
                        "… 待機 / waits   {}。{at}(あと{left:.1}秒)まで / until {at}",
                        reason(note.reason)
                    ));
                }
            }
            Happening::Ended(run) => {
                let code = run.code.map(|c| format!("  {}: {}", c, c.ja())).unwrap_or_default();
                self.event(&format!("■ 終了 / ended   {}  {}{code}", run.id, run.state.as_str()));
            }
        }
    }
}
