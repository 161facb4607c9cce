//! A run's tasks in order. The first failure ends the run; where the unit asks for all or nothing, what was written is taken
//! back behind it, in the same run.

use connect::kintone::Kintone;
use flow::formula::Parameters;
use model::catalogue;
use model::ledger::LedgerError;
use model::run::{FlowResult, FlowState, Payload, RunState};
use model::store::StoreError;

use super::one_flow::At;
use super::tasks::{Task, What};
use super::{Failure, Stop, Work};
use crate::flow_run;
use crate::journal::{Failed, Mark};
use crate::log::{self, CloseError, LogRecord};
use crate::observer;
use crate::told;
use crate::undo::left;
use crate::writing::WritingError;

impl Work<'_> {
    /// Runs the tasks that are still to be run.
    pub(super) async fn each_task(
        &mut self,
        kintone: &Kintone,
        log: &mut Option<LogRecord>,
    ) -> Result<Result<(), Failure>, Stop> {
        let mut tasks = match self.tasks().await? {
            Ok(tasks) => tasks,
            Err(failure) => return Ok(Err(self.whole(failure))),
        };
        let sets = match self.deps.ledger.payload(&self.ticket.run).await {
            Ok(payload) => parameters(payload),
            Err(LedgerError::Store(error @ StoreError::Unavailable(_))) => {
                return Err(Stop::Later(None, error.to_string()));
            }
            Err(error) => {
                let message = error.to_string();
                let failure = Failure { state: RunState::Failed, code: catalogue::REQUEST_GONE, message };
                return Ok(Err(self.whole(failure)));
            }
        };
        if let Some(failed) = &self.failure {
            tasks.push(self.taking_back(failed.code == catalogue::DATA_CHECK_STOPPED));
            self.begin_taking_back().await?;
        }
        while let Some(task) = tasks.get(self.flows.len()).cloned() {
            let failed = self.task(kintone, &task, &sets, log).await?;
            match failed {
                None => {}
                Some(failure) if self.failure.is_none() && self.takes_back(&failure) => {
                    self.rest_is_not_run();
                    tasks.push(self.taking_back(failure.code == catalogue::DATA_CHECK_STOPPED));
                    self.note_failure(kintone, log, failure).await?;
                    self.begin_taking_back().await?;
                }
                Some(failure) => return Ok(Err(self.whole(failure))),
            }
            // The end of the run gives back what the last one holds.
            if self.flows.len() < tasks.len() {
                self.release().await?;
                // Without a log record, nobody could go on.
                if log.is_some() && self.time_is_up() {
                    return Err(Stop::HandOver);
                }
            }
        }
        Ok(self.concluded())
    }

    /// Runs one task and keeps its result; why the run fails, if it does.
    async fn task(
        &mut self,
        kintone: &Kintone,
        task: &Task,
        sets: &[Parameters],
        log: &mut Option<LogRecord>,
    ) -> Result<Option<Failure>, Stop> {
        let (client, calls) = flow_run::counting(kintone);
        let name = &task.name;
        let mut result = FlowResult::new(name, FlowState::Succeeded);
        let at = At { kintone: &client, what: &task.what, sets, index: self.flows.len() };
        let outcome = match (self.unpublished.take(), self.begun.take()) {
            (Some(written), _) => {
                result = written;
                self.publish_staged(&at).await
            }
            (None, Some(mark)) => self.rest_of_flow(&at, &mark, &mut result, log).await,
            (None, None) => {
                let outcome = self.one_flow(&at, &mut result, log).await;
                result.api_requests = calls.total();
                outcome
            }
        };
        if matches!(task.what, What::TakeBack(_)) {
            self.stands = self.stands.saturating_sub(result.output_records);
        }
        let failure = match outcome {
            Ok(()) => None,
            Err(WritingError::Superseded) => return Err(Stop::Superseded),
            Err(WritingError::Later(code, why)) => return Err(Stop::Later(code, why)),
            Err(WritingError::Parked(until)) => return Err(Stop::Parked(until)),
            Err(WritingError::HandOver) => return Err(Stop::HandOver),
            Err(error) => {
                let uncertain = matches!(error, WritingError::Unknown(_));
                let state = if uncertain { RunState::Uncertain } else { RunState::Failed };
                result.state = if uncertain { FlowState::Uncertain } else { FlowState::Failed };
                error.error().map(|e| {
                    result.message = e.message();
                    Failure { state, code: e.code, message: format!("「{name}」 {}", e.message()) }
                })
            }
        };
        result.message = self.told(result.message);
        self.deps.observer.tell(&observer::Happening::Flow(self.ticket.run.id.clone(), result.clone()));
        self.flows.push(result);
        let files = std::mem::take(&mut self.published);
        let publishes = failure.is_none() && files > 0;
        if publishes && matches!(self.note_published(&client, log).await, Err(WritingError::Superseded)) {
            return Err(Stop::Superseded);
        }
        Ok(failure)
    }

    /// A message as the log record and the table hold it.
    pub(super) fn told(&self, message: String) -> String {
        told::bounded(message, self.ticket.unit.flows.len())
    }

    /// Notes in the journal why the run fails, before anything is taken back: whoever takes the run up goes on with that.
    pub(super) async fn note_failure(
        &mut self,
        kintone: &Kintone,
        log: &mut Option<LogRecord>,
        failure: Failure,
    ) -> Result<(), Stop> {
        let failed = Failed { code: failure.code, message: self.told(failure.message) };
        self.failure = Some(failed.clone());
        let Some(log) = log.as_mut() else { return Ok(()) };
        let begin = Mark::begin(self.ticket.run.attempt, self.flows.clone());
        let mark = Mark { failure: Some(failed), ..begin }.to_text();
        match log::leave(kintone, self.deps.ledger.clock().as_ref(), log, mark).await {
            Ok(()) => Ok(()),
            Err(CloseError::Superseded) => Err(Stop::Superseded),
            Err(CloseError::Kintone(error)) => Err(Stop::Later(None, error.to_string())),
        }
    }

    /// Notes in the table that the run takes itself back.
    async fn begin_taking_back(&self) -> Result<(), Stop> {
        match self.deps.ledger.begin_own_undo(self.ticket).await {
            Ok(()) => Ok(()),
            Err(LedgerError::Superseded(_)) => Err(Stop::Superseded),
            Err(error) => Err(Stop::Later(None, error.to_string())),
        }
    }

    /// How the tasks end, now that all are done.
    pub(super) fn concluded(&self) -> Result<(), Failure> {
        let taken_back = self.flows.last().filter(|_| self.failure.is_some() || self.ticket.run.trigger.undo.is_some());
        let left = taken_back.filter(|result| result.state == FlowState::Failed);
        match (&self.failure, left) {
            (None, None) => Ok(()),
            (None, Some(left)) => Err(Failure {
                state: RunState::Failed,
                code: catalogue::UNDO_INCOMPLETE,
                message: left.message.clone(),
            }),
            (Some(Failed { code, message }), left) => {
                let told = match left {
                    None => "書き込んだものは元に戻しました / what was written was taken back".to_owned(),
                    Some(left) => {
                        let incomplete = catalogue::UNDO_INCOMPLETE;
                        format!("{}\n{}\n{}", incomplete.ja(), incomplete.en(), left.message)
                    }
                };
                let message = format!("{message}\n{told}");
                let state = if *code == catalogue::RUN_CANCELLED { RunState::Cancelled } else { RunState::Failed };
                Err(Failure { state, code: *code, message })
            }
        }
    }

    /// A failure where something was to be taken back: with what still stands, and behind the one that led to it, which is
    /// the cause of it all.
    pub(super) fn whole(&self, failure: Failure) -> Failure {
        let incomplete = catalogue::UNDO_INCOMPLETE;
        let stands = format!("{}\n{}\n{}", incomplete.ja(), incomplete.en(), left::standing(self.stands));
        match &self.failure {
            None if self.stands == 0 => failure,
            None => Failure { message: format!("{}\n{stands}", failure.message), ..failure },
            Some(first) => {
                let message = format!("{}\n{stands}\n{}", first.message, failure.message);
                Failure { code: first.code, message, ..failure }
            }
        }
    }
}

fn parameters(payload: Payload) -> Vec<Parameters> {
    payload.sets.into_iter().map(|set| set.into_iter().collect()).collect()
}
