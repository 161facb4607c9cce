//! Giving a run up: nobody goes on with it, because its workers die or kintone stays away; what it wrote is read from the
//! journal, and told.
//!
//! The log record is this worker's before the journal is believed: what another still sends is refused from then on.

use connect::kintone::Kintone;
use model::catalogue;
use model::ledger::LedgerError;
use model::limits::MAX_ATTEMPTS;
use model::run::{Ending, FlowResult, FlowState, RunState, died};

use super::{Failure, Stop, Work};
use crate::flow_run;
use crate::log::LogRecord;
use crate::undo::restoring::STEP;

/// Why a run is given up.
pub(super) struct Cause {
    /// How it ends, where the journal tells what it wrote.
    pub failure: Failure,
    /// Whether what it wrote may be taken back, where its unit asks for all or nothing.
    pub takes_back: bool,
}

impl Cause {
    /// So many of its workers have died. The first that is to end it tries to take back what was written.
    pub fn died(workers: u32) -> Self {
        let failure = Failure { state: RunState::Failed, code: catalogue::WORKER_DIED, message: died(workers) };
        Self { failure, takes_back: workers == MAX_ATTEMPTS }
    }

    /// It was cancelled while it waited.
    pub fn cancelled() -> Self {
        let message = "待機中にキャンセルされました / it was cancelled while it waited".to_owned();
        let failure = Failure { state: RunState::Cancelled, code: catalogue::RUN_CANCELLED, message };
        Self { failure, takes_back: true }
    }

    /// Something that it needs has not answered for too long.
    pub fn away(why: &str) -> Self {
        let message = format!("応答を待ちましたが、打ち切りました / waited for an answer, and gave up: {why}");
        let failure = Failure { state: RunState::Failed, code: catalogue::KINTONE_UNAVAILABLE, message };
        Self { failure, takes_back: false }
    }
}

impl Work<'_> {
    /// How the run ends, by its journal.
    pub(super) async fn give_up(
        &mut self,
        kintone: &Kintone,
        log: &mut Option<LogRecord>,
        cause: &Cause,
    ) -> Result<Ending, Stop> {
        let failure = match self.begin(log).await? {
            Err(failure) => Some(failure),
            Ok(()) if cause.takes_back && self.failure.is_some() => self.each_task(kintone, log).await?.err(),
            Ok(()) => self.left(kintone, cause).await?,
        };
        let failure = match failure {
            Some(failed) if cause.takes_back => self.takes_itself_back(kintone, log, failed).await?,
            other => other,
        };
        Ok(self.ending(failure))
    }

    /// What is left of the run, now that it stands where the journal says; `None` where nothing is.
    async fn left(&mut self, kintone: &Kintone, cause: &Cause) -> Result<Option<Failure>, Stop> {
        let takes_back = cause.takes_back;
        let cause = &cause.failure;
        let name = self.next_name();
        let stopped = |state, ja: String, en: String| FlowResult {
            message: format!("{ja} / {en}"),
            ..FlowResult::new(&name, state)
        };
        let result = match (self.unpublished.take(), self.begun.take()) {
            (Some(written), _) => FlowResult {
                state: FlowState::Uncertain,
                message: "レコードはすべて書き込み済みですが、ファイルは確認できません / its records are all written; of its files it is not known"
                    .to_owned(),
                ..written
            },
            (None, Some(mark)) => {
                let written = mark.writes;
                let ja = format!("{written}件を書き込んだところで停止しました");
                let en = format!("stopped when {written} records were written");
                FlowResult { output_records: written as u64, ..stopped(FlowState::Failed, ja, en) }
            }
            (None, None) if self.is_at_the_end() => return Ok(self.concluded().err()),
            (None, None) if self.may_publish(kintone).await? => stopped(
                FlowState::Uncertain,
                "レコードは書き込んでいませんが、ファイルは確認できません".to_owned(),
                "it has written no record; of its files it is not known".to_owned(),
            ),
            (None, None) => stopped(
                FlowState::Failed,
                "何も書き込んでいません".to_owned(),
                "it has written nothing".to_owned(),
            ),
        };
        let message = format!("{}\n「{}」 {}", cause.message, result.name, result.message);
        let failure = match result.state {
            FlowState::Uncertain => Failure { state: RunState::Uncertain, code: catalogue::UNCERTAIN, message },
            _ => Failure { state: cause.state, code: cause.code, message },
        };
        self.flows.push(result);
        let failure = self.whole(failure);
        // What becomes of it is told when it has been tried.
        let tries = takes_back && self.takes_back(&failure);
        Ok(Some(if tries { failure } else { self.not_taken_back(failure) }))
    }

    /// Where the unit asks for all or nothing and what was written stays, its owner is told so.
    fn not_taken_back(&self, failure: Failure) -> Failure {
        if self.failure.is_none() && !self.takes_back(&failure) {
            return failure;
        }
        let incomplete = catalogue::UNDO_INCOMPLETE;
        Failure { message: format!("{}\n{}\n{}", failure.message, incomplete.ja(), incomplete.en()), ..failure }
    }

    /// What the next task is called.
    fn next_name(&self) -> String {
        match &self.ticket.run.trigger.undo {
            Some(undoing) => format!("{STEP} {}", undoing.run),
            None => self.ticket.unit.flows.get(self.flows.len()).map_or(STEP, String::as_str).to_owned(),
        }
    }

    /// Whether all tasks are done, and only the end was not told.
    fn is_at_the_end(&self) -> bool {
        let tasks = match self.ticket.run.trigger.undo {
            Some(_) => 1,
            None => self.ticket.unit.flows.len() + usize::from(self.failure.is_some()),
        };
        self.flows.len() >= tasks
    }

    /// Whether the next flow makes files: where it writes no records, the journal does not tell of them.
    async fn may_publish(&mut self, kintone: &Kintone) -> Result<bool, Stop> {
        if self.ticket.run.trigger.undo.is_some() {
            return Ok(false);
        }
        let texts = match self.deps.ledger.flows(&self.ticket.unit).await {
            Ok(texts) => texts,
            Err(LedgerError::Store(error)) => return Err(Stop::Later(None, error.to_string())),
            Err(_) => return Ok(true),
        };
        let index = self.flows.len();
        let Some(text) = texts.get(index).filter(|text| text.contains("output_file")) else { return Ok(false) };
        match flow_run::plan(text, kintone, &mut self.schemas).await {
            Ok(plan) => Ok(plan.nodes.iter().any(|node| matches!(node.op, flow::plan::Op::WriteFile(_)))),
            Err(error) if error.code == catalogue::KINTONE_UNAVAILABLE => Err(Stop::Later(None, error.message())),
            Err(_) => Ok(true),
        }
    }

    /// How the run ends where not even its log record can be read.
    pub(super) fn unread(&mut self, why: &str) -> Ending {
        let (unit, run) = (&self.ticket.unit, &self.ticket.run);
        // Nothing is sent before there is a log record, which is noted.
        let nothing = self.is_untouched() || (unit.log_app.is_some() && run.log_record.is_none());
        self.flows.clear();
        let failure = if nothing {
            let Cause { failure, .. } = if self.ticket.cancelled { Cause::cancelled() } else { Cause::away(why) };
            Failure {
                message: format!("{}\n何も書き込んでいません / nothing was written", failure.message), ..failure
            }
        } else {
            self.flows = self.unknown_flows();
            let message =
                format!("ログレコードを読み取れないため確認できません / its log record cannot be read: {why}");
            Failure { state: RunState::Uncertain, code: catalogue::UNCERTAIN, message }
        };
        self.ending(Some(failure))
    }

    /// The flows, where nobody can tell which of them have run.
    pub(super) fn unknown_flows(&self) -> Vec<FlowResult> {
        if self.ticket.run.trigger.undo.is_some() {
            return Vec::new();
        }
        self.ticket.unit.flows.iter().map(|name| FlowResult::new(name, FlowState::Uncertain)).collect()
    }
}
