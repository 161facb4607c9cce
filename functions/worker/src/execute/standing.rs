//! Where a worker before this one stopped, by the journal.

use model::catalogue;
use model::run::{FlowState, RunState};

use super::{Failure, Stop, Work};
use crate::journal::Standing;
use crate::log::LogRecord;

impl Work<'_> {
    /// Where a worker before this one stopped.
    pub(super) async fn begin(&mut self, log: &mut Option<LogRecord>) -> Result<Result<(), Failure>, Stop> {
        if !self.ticket.resumed {
            return Ok(Ok(()));
        }
        if log.is_none()
            && let Some(mark) = self.waited().await?
        {
            self.flows.clone_from(&mark.flows);
            self.failure.clone_from(&mark.failure);
            self.begun = Some(mark);
            return Ok(Ok(()));
        }
        if log.is_none() && self.ticket.untouched {
            return Ok(Ok(()));
        }
        Ok(self.standing(log))
    }

    /// What the journal says.
    fn standing(&mut self, log: &mut Option<LogRecord>) -> Result<(), Failure> {
        let unknown = self.unknown_flows();
        let flows = &mut self.flows;
        let mut uncertain = |message: &str| {
            flows.clone_from(&unknown);
            Err(Failure { state: RunState::Uncertain, code: catalogue::UNCERTAIN, message: message.to_owned() })
        };
        // The log record had been opened, and somebody has deleted it since: with it went the journal. The one that is there
        // now may be from a worker that died as well.
        let noted = self.ticket.run.log_record;
        if log.as_ref().is_some_and(|log| noted.is_some_and(|noted| noted != log.fence.record)) {
            return uncertain("ログレコードが削除されたため確認できません / its log record has been deleted");
        }
        match log.as_mut().map(|l| l.standing.take()) {
            None => uncertain("ログアプリがないため確認できません / there is no log app to tell"),
            Some(None) => uncertain("ジャーナルを読み取れません / the journal cannot be read"),
            Some(Some(Standing::Between(done))) => {
                self.flows = done;
                if self.failure.is_some() || self.ticket.run.trigger.undo.is_some() {
                    return Ok(());
                }
                // A flow that a data check stopped has written its errors, and the worker died before it ended the run.
                match self.flows.last().filter(|flow| flow.state == FlowState::Failed) {
                    Some(flow) => Err(Failure {
                        state: RunState::Failed,
                        code: catalogue::DATA_CHECK_STOPPED,
                        message: format!("「{}」 {}", flow.name, flow.message),
                    }),
                    None => Ok(()),
                }
            }
            Some(Some(Standing::Files(mark))) => {
                self.flows = mark.flows;
                self.unpublished = self.flows.pop();
                Ok(())
            }
            Some(Some(Standing::Within(mark))) => {
                self.flows.clone_from(&mark.flows);
                self.begun = Some(mark);
                Ok(())
            }
        }
    }
}
