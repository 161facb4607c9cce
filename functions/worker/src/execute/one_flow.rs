//! One flow of a run: computed and written, or, where a worker before this one has begun to write it, written to its end.

use connect::kintone::{Bulk, Kintone, Rejection};
use flow::formula::Parameters;
use model::catalogue;
use model::run::{FlowResult, FlowState};

use super::packed::Packed;
use super::tasks::What;
use super::{Stop, Work};
use crate::flow_run::{self, FlowError};
use crate::journal::Mark;
use crate::log::LogRecord;
use crate::staging::{Place, Staged};
use crate::undo::OfFlow;
use crate::undo::standing::Wrote;
use crate::writing::{Keeping, Sending, WritingError};

/// How often a flow is computed again because somebody else changed the same records (DESIGN 6).
pub(super) const COMPUTATIONS: usize = 3;

/// Which flow, and what it works with.
pub(super) struct At<'a> {
    /// The client; it counts the flow's calls.
    pub kintone: &'a Kintone,
    /// What is done.
    pub what: &'a What,
    /// The request's parameters.
    pub sets: &'a [Parameters],
    /// The flow's number in its unit.
    pub index: usize,
}

/// What became of a flow's bulks.
pub(super) struct Sent {
    /// How many records are known to be written.
    pub written: usize,
    /// How many bulks took effect.
    pub bulks: usize,
    /// The bulk behind them that kintone refused.
    pub rejection: Option<Box<Rejection>>,
    /// Whether all went well.
    pub outcome: Result<(), WritingError>,
}

impl Work<'_> {
    /// Computes a flow and writes it; once more where somebody changed the same records meanwhile.
    pub(super) async fn one_flow(
        &mut self,
        at: &At<'_>,
        result: &mut FlowResult,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        let text = match at.what {
            What::Flow(text) => text,
            What::TakeBack(taking) => {
                return match self.take_back(at, taking, result, log).await {
                    // What was written stands as long as it is not taken back: that waits for kintone, and for the store.
                    Err(WritingError::Refused(error))
                        if [catalogue::KINTONE_UNAVAILABLE, catalogue::FILE_FAILED].contains(&error.code)
                            && log.is_some()
                            && !taking.dry_run =>
                    {
                        Err(WritingError::Later(Some(error.code), error.message()))
                    }
                    outcome => outcome,
                };
            }
        };
        let plan = flow_run::plan(text, at.kintone, &mut self.schemas).await.map_err(WritingError::Refused)?;
        let calls = plan.nodes.iter().any(|node| matches!(node.op, flow::plan::Op::Call(_)));
        for computation in 1..=COMPUTATIONS {
            let computed = self.run_of_flow(at.kintone).compute(&plan, at.sets).await;
            let mut computed = computed.map_err(WritingError::Refused)?;
            self.number(at.kintone, at.index, &plan.zone, &mut computed).await?;
            let notes = if calls { self.note_calls(at.index, &computed.calls).await? } else { Vec::new() };
            self.stage(at.index, &computed.files, log.is_some()).await?;
            result.input_records = computed.input_records;
            let told = std::iter::once(crate::writing::summary(&computed)).chain(notes);
            result.message = told.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
            let stopped = computed.stop();
            let mut packed = match self.packed(at, computation, &computed, (result, None), log.is_some()).await {
                Err(WritingError::Conflict(_)) if computation < COMPUTATIONS => continue,
                packed => packed?,
            };
            self.reserve(at.kintone, at.index, &mut packed, log).await?;
            let Sent { written, outcome, .. } = self.send(at, packed, log).await;
            result.output_records = written as u64;
            match outcome {
                Err(WritingError::Conflict(_)) if computation < COMPUTATIONS => {
                    // Nobody asks while it holds.
                    self.release().await.map_err(stopped_writing)?;
                    tracing::info!(run = %self.ticket.run.id, computation, "records changed meanwhile; computing again");
                }
                Err(error) => return Err(error),
                Ok(()) => {
                    if let Some(error) = stopped {
                        return Err(WritingError::Refused(error));
                    }
                    self.sent |= !computed.files.is_empty();
                    self.publish(at.index, &computed.files).await?;
                    result.output_records += computed.in_files();
                    self.published = computed.files.len();
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Writes the bulks that a worker before this one had staged and not yet sent, behind those that took effect.
    pub(super) async fn rest_of_flow(
        &mut self,
        at: &At<'_>,
        mark: &Mark,
        result: &mut FlowResult,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        result.output_records = mark.writes as u64;
        let Some(computation) = mark.staged.clone() else { return Err(lost(mark)) };
        let place = Place { store: &self.files.store, run: &self.files.run, flow: at.index, computation: &computation };
        let staged = place.take().await.map_err(|e| WritingError::Later(None, e.to_string()))?;
        let staged = match staged.filter(|staged| mark.chunk <= staged.bulks.len()) {
            Some(staged) => staged,
            None if mark.chunk == 0 => return self.one_flow(at, result, log).await,
            None => return Err(lost(mark)),
        };
        // While it waited, somebody may have added what it would add. And without a log record only bulks are staged, not
        // the files behind them.
        if mark.chunk == 0 && (staged.adds_by_key || (staged.files && log.is_none())) {
            return self.one_flow(at, result, log).await;
        }
        let (files, images) = (staged.files, mark.images.clone());
        let kept = Some(computation);
        let mut packed = Packed { staged, sent: mark.chunk, computation: 0, shortened: 0, kept, images };
        // Until the rest is sent, no more than this is written.
        *result = FlowResult { output_records: packed.writes() as u64, ..packed.staged.result.clone() };
        let planned = packed.staged.result.output_records;
        self.reserve(at.kintone, at.index, &mut packed, log).await?;
        if packed.staged.telling.is_some() {
            return match self.send_back(at, packed, false, result, log).await {
                Err(WritingError::Conflict(_)) => {
                    self.release().await.map_err(stopped_writing)?;
                    self.one_flow(at, result, log).await
                }
                outcome => {
                    result.api_requests += at.kintone.calls().total();
                    outcome
                }
            };
        }
        let Sent { written, outcome, .. } = self.send(at, packed, log).await;
        if let Err(WritingError::Conflict(_)) = outcome {
            // Nothing is written, and somebody changed what it was computed from.
            self.release().await.map_err(stopped_writing)?;
            return self.one_flow(at, result, log).await;
        }
        result.api_requests += at.kintone.calls().total();
        result.output_records = written as u64;
        outcome?;
        if result.state == FlowState::Failed && matches!(at.what, What::Flow(_)) {
            result.output_records = planned;
            let text = result.message.clone();
            return Err(WritingError::Refused(FlowError::new(catalogue::DATA_CHECK_STOPPED, text.clone(), text)));
        }
        if files {
            self.publish_staged(at).await?;
        }
        result.output_records = planned;
        Ok(())
    }

    /// Sends what is not yet sent.
    pub(super) async fn send(&mut self, at: &At<'_>, packed: Packed, log: &mut Option<LogRecord>) -> Sent {
        let begun = packed.computation == 0;
        self.sent |= !packed.staged.bulks.is_empty();
        let Packed { staged, sent, kept, images, .. } = packed;
        let Staged { bulks, labels, result: planned, files, .. } = staged;
        let (attempt, before) = (self.ticket.run.attempt, self.flows.clone());
        let writes: Vec<usize> = bulks.iter().map(Bulk::records).collect();
        let writes_in_all: usize = writes.iter().sum();
        let failure = self.failure.clone();
        // What earlier workers called; the client counts this one's.
        let earlier = if begun { planned.api_requests } else { 0 };
        let mark = |chunk: usize, done: bool| {
            let mut flows = before.clone();
            if done {
                let api_requests = earlier + at.kintone.calls().total() + 1;
                flows.push(FlowResult { api_requests, ..planned.clone() });
            }
            // What is left of a flow with files is to publish them.
            let staged = kept.clone().filter(|_| !done);
            let (done, files) = (done && !files, done && files);
            let images = images.clone();
            let writes = writes.iter().take(chunk).sum();
            let (flow, failure) = (at.index, failure.clone());
            Mark { flow, chunk, done, files, staged, images, writes, failure, ..Mark::begin(attempt, flows) }.to_text()
        };
        let mut sending = Sending::new(at.kintone, log.as_ref().map(|l| l.fence.clone()), &mark);
        sending.labels = labels;
        sending.wrote = Some(&self.wrote);
        let run = &self.files.run;
        let of_flow = OfFlow { store: &self.files.store, run, flow: at.index };
        let clock = self.deps.ledger.clock().as_ref();
        sending.keeping = images.as_ref().map(|computation| Keeping { of_flow, computation, clock });
        let time_is_up = || self.time_is_up();
        // What is staged the next worker sends.
        sending.takes_back = matches!(at.what, What::TakeBack(_));
        sending.time_is_up = kept.is_some().then_some(&time_is_up);
        let outcome = sending.send(bulks, sent).await;
        if let (Some(log), Some(fence)) = (log.as_mut(), sending.fence()) {
            log.fence = fence.clone();
        }
        let mut sent =
            Sent { written: sending.written, bulks: sending.settled, rejection: sending.rejection.take(), outcome };
        let (lost, records) = (sending.lost, sent.written as u64);
        self.so_far = Some((records, writes_in_all as u64));
        if lost && sent.outcome.is_ok() {
            let whole = Wrote::Recorded { records, whole: true };
            // Without a log record nobody could take the run up for it; they are looked for when they are taken back.
            if let Err(later) = self.find_lost(at.kintone, at.index, whole).await
                && log.is_some()
            {
                sent.outcome = Err(WritingError::Later(None, later));
            }
        }
        sent
    }
}

/// The journal tells how far the flow is written, and nobody can go on with it.
fn lost(mark: &Mark) -> WritingError {
    let Mark { chunk, writes, .. } = mark;
    WritingError::Refused(FlowError::new(
        catalogue::FILE_FAILED,
        format!(
            "このフローは{chunk}回目の一括書き込み({writes}件)まで反映されていますが、残りを控えたものがありません。残りは書き込んでいません。"
        ),
        format!(
            "The first {chunk} bulk requests of this flow ({writes} records) took effect; what was staged of the rest is gone, and the rest is not written.",
        ),
    ))
}

pub(super) fn stopped_writing(stop: Stop) -> WritingError {
    match stop {
        Stop::Superseded => WritingError::Superseded,
        Stop::Parked(until) => WritingError::Parked(until),
        Stop::HandOver => WritingError::HandOver,
        Stop::Later(code, why) => WritingError::Later(code, why),
    }
}
