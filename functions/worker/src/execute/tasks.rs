//! What a run does, one after the other: its unit's flows, or taking back what was written.

use model::catalogue;
use model::clock::Timestamp;
use model::ids::RunId;
use model::ledger::LedgerError;
use model::run::{FlowResult, FlowState, RunState};
use model::store::StoreError;
use model::unit::Undo;

use super::{Failure, Stop, Work};
use crate::undo::restoring::STEP;
use crate::undo::standing::Wrote;

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// What it is called where it is told.
    pub name: String,
    /// What it does.
    pub what: What,
}

/// What a task does.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// Runs a flow, by its document.
    Flow(String),
    /// Takes back what the first flows of a run wrote.
    TakeBack(Taking),
}

/// What is taken back.
#[derive(Clone, Debug)]
pub(super) struct Taking {
    /// The run.
    pub run: RunId,
    /// Its flows by number, and how much each has written.
    pub flows: Vec<(usize, Wrote)>,
    /// When it started.
    pub since: Timestamp,
    /// Only tell what would be done.
    pub dry_run: bool,
}

impl Work<'_> {
    /// What the run does, unless something fails.
    pub(super) async fn tasks(&mut self) -> Result<Result<Vec<Task>, Failure>, Stop> {
        let (ledger, ticket) = (&self.deps.ledger, self.ticket);
        let Some(undoing) = &ticket.run.trigger.undo else {
            return Ok(match ledger.flows(&ticket.unit).await {
                Ok(texts) => Ok(ticket.unit.flows.iter().zip(texts).map(|(name, text)| flow(name, text)).collect()),
                Err(LedgerError::Store(error @ StoreError::Unavailable(_))) => {
                    return Err(Stop::Later(None, error.to_string()));
                }
                Err(error) => {
                    Err(Failure { state: RunState::Failed, code: catalogue::FLOW_INVALID, message: error.to_string() })
                }
            });
        };
        let refused = |message| Failure { state: RunState::Failed, code: catalogue::UNDO_REFUSED, message };
        Ok(match ledger.begin_undo(ticket, undoing).await {
            Ok(run) => {
                let since = run.started_at.unwrap_or(run.queued_at);
                let flows = written(run.flows.iter().enumerate());
                self.stands = if undoing.dry_run { 0 } else { run.written() };
                let taking = Taking { run: run.id, flows, since, dry_run: undoing.dry_run };
                Ok(vec![Task { name: format!("{STEP} {}", undoing.run), what: What::TakeBack(taking) }])
            }
            Err(LedgerError::NotUndoable(why)) => Err(refused(format!("{} / {why}", why.ja()))),
            Err(LedgerError::NoRun(run)) => Err(refused(format!("実行 {run} はありません / there is no run {run}"))),
            Err(error) => return Err(Stop::Later(None, error.to_string())),
        })
    }

    /// Whether what the run has written is taken back, now that it fails so.
    pub(super) fn takes_back(&self, failure: &Failure) -> bool {
        let unit = &self.ticket.unit;
        [RunState::Failed, RunState::Cancelled].contains(&failure.state)
            && unit.undo == Undo::AllOrNothing
            && self.ticket.run.trigger.undo.is_none()
            && !self.written_flows(failure.code == catalogue::DATA_CHECK_STOPPED).is_empty()
    }

    /// Taking back what this run has written so far. Where a data check has stopped it, the errors that it wrote stay.
    pub(super) fn taking_back(&mut self, checked: bool) -> Task {
        let run = &self.ticket.run;
        let flows = self.written_flows(checked);
        self.stands = flows.iter().map(|(at, _)| self.flows[*at].output_records).sum();
        let since = run.started_at.unwrap_or(run.queued_at);
        let taking = Taking { run: run.id.clone(), flows, since, dry_run: false };
        Task { name: STEP.to_owned(), what: What::TakeBack(taking) }
    }

    fn written_flows(&self, checked: bool) -> Vec<(usize, Wrote)> {
        let flows = self.flows.iter().enumerate();
        written(flows.filter(|(_, flow)| !(checked && flow.state == FlowState::Failed)))
    }
}

/// How much flows have written; without those that have written nothing.
fn written<'a>(flows: impl Iterator<Item = (usize, &'a FlowResult)>) -> Vec<(usize, Wrote)> {
    let wrote =
        |flow: &FlowResult| Wrote::Recorded { records: flow.output_records, whole: flow.state == FlowState::Succeeded };
    flows.filter(|(_, flow)| flow.output_records > 0).map(|(at, flow)| (at, wrote(flow))).collect()
}

fn flow(name: &str, text: String) -> Task {
    Task { name: name.to_owned(), what: What::Flow(text) }
}
