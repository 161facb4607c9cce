//! The files of a flow within its run: staged before its first record is written, published after the last, and noted
//! in the journal, so that a worker that takes the run up goes on where this one stopped.

use async_trait::async_trait;
use connect::kintone::Kintone;
use model::catalogue;
use model::ledger::LedgerError;

use super::Work;
use super::one_flow::At;
use super::tasks::What;
use crate::files::{FileOutput, Publishing, StillOurs};
use crate::flow_run::{self, FlowError};
use crate::journal::Mark;
use crate::log::{self, CloseError, LogRecord};
use crate::writing::WritingError;

#[async_trait]
impl StillOurs for Work<'_> {
    async fn still_ours(&self) -> Result<(), WritingError> {
        match self.deps.ledger.renew(self.ticket).await {
            Ok(()) => Ok(()),
            Err(LedgerError::Superseded(_)) => Err(WritingError::Superseded),
            // Nobody would take a run without a log record up for it.
            Err(error) if self.ticket.unit.log_app.is_none() => {
                let text = error.to_string();
                Err(WritingError::Refused(FlowError::new(catalogue::FILE_FAILED, text.clone(), text)))
            }
            Err(error) => Err(WritingError::Later(None, error.to_string())),
        }
    }
}

impl Work<'_> {
    fn publishing(&self, flow: usize) -> Publishing<'_> {
        Publishing { files: &self.files, flow, ours: self, goes_on: self.ticket.unit.log_app.is_some() }
    }

    /// Before the first record is written: without a log record nobody would go on with what is staged.
    pub(super) async fn stage(&mut self, flow: usize, files: &[FileOutput], log: bool) -> Result<(), WritingError> {
        if !log || files.is_empty() {
            return Ok(());
        }
        self.staged = true;
        self.publishing(flow).stage(files).await
    }

    /// The run has ended: nobody needs any more what was staged for it, by this worker or one before.
    pub(super) async fn forget_staged(&self) {
        if !self.staged {
            return;
        }
        if let Err(error) = self.files.store.forget_staged(&self.files.run).await {
            tracing::warn!(run = %self.ticket.run.id, %error, "what was staged is left over");
        }
    }

    /// Behind the last record.
    pub(super) async fn publish(&self, flow: usize, files: &[FileOutput]) -> Result<(), WritingError> {
        self.publishing(flow).publish(files).await
    }

    /// What a worker before this one had computed and staged goes to its place.
    pub(super) async fn publish_staged(&mut self, at: &At<'_>) -> Result<(), WritingError> {
        let What::Flow(text) = at.what else { return Ok(()) };
        let (kintone, sets, flow) = (at.kintone, at.sets, at.index);
        // The flow's records are written: what does not answer now is waited for.
        let later = |error: FlowError| match error.code == catalogue::KINTONE_UNAVAILABLE {
            true => WritingError::Later(None, error.message()),
            false => WritingError::Refused(error),
        };
        let plan = flow_run::plan(text, kintone, &mut self.schemas).await.map_err(later)?;
        let run = self.run_of_flow(kintone);
        let mut files = run.blank_files(&plan, sets).await.map_err(WritingError::Refused)?;
        self.publishing(flow).take_staged(&mut files).await?;
        self.publish(flow, &files).await?;
        self.published = files.len();
        Ok(())
    }

    /// The flow that was pushed last is done, with its files: the journal says so, and what was staged can go.
    pub(super) async fn note_published(
        &self,
        kintone: &Kintone,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        let Some(log) = log.as_mut() else { return Ok(()) };
        let mark = Mark::begin(self.ticket.run.attempt, self.flows.clone()).to_text();
        match log::leave(kintone, self.deps.ledger.clock().as_ref(), log, mark).await {
            Ok(()) => Ok(()),
            Err(CloseError::Superseded) => Err(WritingError::Superseded),
            // What is published once more is the same; so it can be left to the next mark.
            Err(CloseError::Kintone(error)) => {
                tracing::warn!(run = %self.ticket.run.id, %error, "that the files are published is not noted");
                Ok(())
            }
        }
    }

    pub(super) fn run_of_flow<'a>(&'a self, kintone: &'a Kintone) -> flow_run::Run<'a> {
        let started = self.ticket.run.started_at.unwrap_or(self.ticket.run.queued_at);
        flow_run::Run {
            kintone,
            schemas: &self.schemas,
            now: started.seconds(),
            files: Some(&self.files),
            caps: self.ticket.caps,
        }
    }
}
