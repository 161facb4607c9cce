//! Executing one run: log record, flows in order, end; with lease and nudge renewed all the while.

mod calls;
mod files;
mod numbers;

use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::Kintone;
use flow::formula::Parameters;
use model::catalogue::{self, Code};
use model::ledger::{LedgerError, Ticket};
use model::run::{Ending, FlowResult, FlowState, Payload, RunState};
use model::store::StoreError;

use crate::files::Files;
use crate::flow_run::{self, Schemas};
use crate::journal::{Mark, Standing};
use crate::log::{self, CloseError, LogRecord};
use crate::observer::Happening;
use crate::outside::{Outside, OutsideError};
use crate::writing::{Sending, WritingError};
use crate::{Deps, Handled, observer};

/// How often a flow is computed again because somebody else changed the same records (DESIGN 6).
const COMPUTATIONS: usize = 3;

/// Keeps a nudge hidden while its run is running.
#[async_trait]
pub trait Hold: Send + Sync {
    /// Hides it for `length` from now.
    async fn hide(&self, length: Duration);
}

/// For nudges that nobody else can take meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHold;

#[async_trait]
impl Hold for NoHold {
    async fn hide(&self, _: Duration) {}
}

/// Why a run is left as it stands.
enum Stop {
    /// It is no longer this worker's.
    Superseded,
    /// Something that it needs does not answer; the next attempt goes on when the lease is over.
    Later(String),
}

/// Runs the run and ends it, unless another worker takes it over meanwhile: then the nudge stays, to see it through.
pub async fn execute(deps: &Deps, ticket: &Ticket, hold: &dyn Hold) -> Result<Handled, LedgerError> {
    let files = Files {
        store: deps.files.unit(&ticket.unit.domain, &ticket.unit.id),
        run: ticket.run.id.to_string(),
        label: ticket.run.id.seq.to_string(),
    };
    let mut work =
        Work { deps, ticket, schemas: Schemas::default(), flows: Vec::new(), files, unpublished: None, published: 0 };
    let done = tokio::select! {
        done = work.run() => done,
        lost = renew(deps, ticket, hold) => Err(lost),
    };
    let (ending, logged) = match done {
        Ok(done) => done,
        Err(Stop::Superseded) => {
            tracing::warn!(run = %ticket.run.id, attempt = ticket.run.attempt, "another worker has taken the run over");
            return Ok(Handled::Park(deps.ledger.clock().now()));
        }
        Err(Stop::Later(why)) => return Err(LedgerError::Store(StoreError::Unavailable(why))),
    };
    match deps.ledger.end(ticket, &ending, logged).await {
        Ok(run) => {
            calls::nudge(deps, ticket, &run).await;
            deps.observer.tell(&Happening::Ended(Box::new(run)));
            Ok(Handled::Done)
        }
        Err(LedgerError::Superseded(_)) => Ok(Handled::Park(deps.ledger.clock().now())),
        Err(error) => Err(error),
    }
}

/// Renews lease and nudge together, three times in a lease; returns when the run is no longer this worker's.
async fn renew(deps: &Deps, ticket: &Ticket, hold: &dyn Hold) -> Stop {
    let clock = deps.ledger.clock();
    let lease = ticket.unit.limits.lease();
    let mut until = clock.now() + lease;
    hold.hide(lease).await;
    loop {
        clock.sleep_until(clock.now() + lease / 3).await;
        let asked = clock.now();
        match deps.ledger.renew(ticket).await {
            Ok(()) => until = asked + lease,
            Err(LedgerError::Superseded(_)) => return Stop::Superseded,
            // The store may answer again before the lease is over; after it, somebody else may be running.
            Err(error) => tracing::warn!(run = %ticket.run.id, %error, "lease not renewed"),
        }
        if clock.now() >= until {
            return Stop::Superseded;
        }
        hold.hide(lease).await;
    }
}

struct Work<'a> {
    deps: &'a Deps,
    ticket: &'a Ticket,
    schemas: Schemas,
    flows: Vec<FlowResult>,
    files: Files,
    /// A flow of which only the files are still to be published, and its result.
    unpublished: Option<FlowResult>,
    /// How many files the flow at hand has published.
    published: usize,
}

/// How a run ended, before it is told.
struct Failure {
    state: RunState,
    code: Code,
    message: String,
}

impl Work<'_> {
    /// The ending, and whether it is in the log app.
    async fn run(&mut self) -> Result<(Ending, bool), Stop> {
        let (unit, run) = (&self.ticket.unit, &self.ticket.run);
        let outside = match Outside::open(self.deps, unit).await {
            Ok(outside) => outside,
            Err(OutsideError::Later(why)) => return Err(Stop::Later(why)),
            // What a worker before this one wrote is not known here; the attempts after this one may learn it.
            Err(OutsideError::Invalid(why)) if self.ticket.resumed => return Err(Stop::Later(why)),
            Err(OutsideError::Invalid(why)) => {
                return Ok((self.failed(catalogue::CONNECTION_INVALID, why), unit.log_app.is_none()));
            }
        };
        let Some(app) = unit.log_app else {
            let mut none = None;
            return Ok((self.flows(&outside.kintone, &mut none).await?, true));
        };
        let clock = self.deps.ledger.clock().clone();
        let mut record = match log::open(&outside.kintone, clock.as_ref(), app, unit, run).await {
            Ok(record) => Some(record),
            Err(CloseError::Superseded) => return Err(Stop::Superseded),
            Err(CloseError::Kintone(error)) if self.ticket.resumed => return Err(Stop::Later(error.to_string())),
            Err(CloseError::Kintone(error)) => {
                // Without its log record a run has no fence: it does not begin.
                let message = format!("アプリ / app {app}: {error}");
                return Ok((self.failed(catalogue::LOG_FAILED, message), false));
            }
        };
        if let Some(opened) = record.as_ref().filter(|_| run.log_record.is_none()) {
            match self.deps.ledger.note_log(self.ticket, opened.fence.record).await {
                Ok(()) => {}
                Err(LedgerError::Superseded(_)) => return Err(Stop::Superseded),
                Err(error) => return Err(Stop::Later(error.to_string())),
            }
        }
        let ending = self.flows(&outside.kintone, &mut record).await?;
        let logged = match &record {
            Some(record) => self.close(&outside.kintone, record, &ending).await?,
            None => false,
        };
        Ok((ending, logged))
    }

    async fn close(&self, kintone: &Kintone, record: &LogRecord, ending: &Ending) -> Result<bool, Stop> {
        let clock = self.deps.ledger.clock();
        let mut run = self.ticket.run.clone();
        run.state = ending.state;
        run.code = ending.code;
        run.message.clone_from(&ending.message);
        run.flows.clone_from(&ending.flows);
        run.ended_at = Some(clock.now());
        match log::close(kintone, clock.as_ref(), record, &self.ticket.unit, &run).await {
            Ok(()) => Ok(true),
            Err(CloseError::Superseded) => Err(Stop::Superseded),
            Err(CloseError::Kintone(error)) => {
                tracing::warn!(run = %run.id, %error, "end not logged; the sweep will come back to it");
                Ok(false)
            }
        }
    }

    fn failed(&self, code: Code, message: String) -> Ending {
        Ending { state: RunState::Failed, code: Some(code), message, flows: self.flows.clone() }
    }

    /// Runs the flows that are still to be run.
    async fn flows(&mut self, kintone: &Kintone, log: &mut Option<LogRecord>) -> Result<Ending, Stop> {
        let names = self.ticket.unit.flows.clone();
        let failure = match self.begin(log) {
            Ok(()) => self.each_flow(kintone, log).await?.err(),
            Err(failure) => Some(failure),
        };
        for name in names.iter().skip(self.flows.len()) {
            self.flows.push(not_run(name));
        }
        let flows = self.flows.clone();
        Ok(match failure {
            None => Ending { state: RunState::Succeeded, code: None, message: String::new(), flows },
            Some(f) => Ending { state: f.state, code: Some(f.code), message: f.message, flows },
        })
    }

    /// Where a worker before this one stopped.
    fn begin(&mut self, log: &mut Option<LogRecord>) -> Result<(), Failure> {
        if !self.ticket.resumed {
            return Ok(());
        }
        let uncertain = |message: &str| {
            Err(Failure { state: RunState::Uncertain, code: catalogue::UNCERTAIN, message: message.to_owned() })
        };
        // The log record had been opened, and somebody has deleted it since: with it went the journal.
        if self.ticket.run.log_record.is_some() && log.as_ref().is_some_and(|l| l.new) {
            return uncertain("ログレコードが削除されたため確認できません / its log record has been deleted");
        }
        match log.as_mut().map(|l| l.standing.take()) {
            None => uncertain("ログアプリがないため確認できません / there is no log app to tell"),
            Some(None) => uncertain("ジャーナルを読み取れません / the journal cannot be read"),
            Some(Some(Standing::Between(done))) => {
                self.flows = done;
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
                self.flows = mark.flows;
                let name = self.ticket.unit.flows.get(mark.flow).cloned().unwrap_or_default();
                let message = format!(
                    "フロー「{name}」は{0}回目の一括書き込みまで反映されています / flow {name}: its first {0} bulk requests took effect",
                    mark.chunk
                );
                self.flows.push(FlowResult { state: FlowState::Uncertain, message: message.clone(), ..not_run(&name) });
                uncertain(&message)
            }
        }
    }

    async fn each_flow(&mut self, kintone: &Kintone, log: &mut Option<LogRecord>) -> Result<Result<(), Failure>, Stop> {
        let stored = async {
            let texts = self.deps.ledger.flows(&self.ticket.unit).await?;
            Ok::<_, LedgerError>((texts, self.deps.ledger.payload(&self.ticket.run.id).await?))
        };
        let (texts, payload) = match stored.await {
            Ok(stored) => stored,
            Err(LedgerError::Store(error @ StoreError::Unavailable(_))) => return Err(Stop::Later(error.to_string())),
            Err(error) => {
                let message = error.to_string();
                return Ok(Err(Failure { state: RunState::Failed, code: catalogue::FLOW_INVALID, message }));
            }
        };
        let sets = parameters(payload);
        for (index, text) in texts.iter().enumerate().skip(self.flows.len()) {
            let name = self.ticket.unit.flows.get(index).cloned().unwrap_or_default();
            let (client, calls) = flow_run::counting(kintone);
            let mut result = FlowResult { state: FlowState::Succeeded, ..not_run(&name) };
            let outcome = match self.unpublished.take() {
                Some(written) => {
                    result = written;
                    self.publish_staged(&client, text, &sets, index).await
                }
                None => {
                    let outcome = self.one_flow(&client, text, &sets, index, &mut result, log).await;
                    result.api_requests = calls.total();
                    outcome
                }
            };
            let failure = match outcome {
                Ok(()) => None,
                Err(WritingError::Superseded) => return Err(Stop::Superseded),
                Err(WritingError::Later(why)) => return Err(Stop::Later(why)),
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
            self.deps.observer.tell(&observer::Happening::Flow(self.ticket.run.id.clone(), result.clone()));
            self.flows.push(result);
            if let Some(failure) = failure {
                return Ok(Err(failure));
            }
            let files = std::mem::take(&mut self.published);
            if files > 0
                && matches!(self.note_published(&client, index, files, log).await, Err(WritingError::Superseded))
            {
                return Err(Stop::Superseded);
            }
        }
        Ok(Ok(()))
    }

    /// Computes a flow and writes it; once more where somebody changed the same records meanwhile.
    async fn one_flow(
        &mut self,
        kintone: &Kintone,
        text: &str,
        sets: &[Parameters],
        index: usize,
        result: &mut FlowResult,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        let plan = flow_run::plan(text, kintone, &mut self.schemas).await.map_err(WritingError::Refused)?;
        let calls = plan.nodes.iter().any(|node| matches!(node.op, flow::plan::Op::Call(_)));
        for computation in 1..=COMPUTATIONS {
            let mut computed = self.run_of_flow(kintone).compute(&plan, sets).await.map_err(WritingError::Refused)?;
            self.number(kintone, index, &plan.zone, &mut computed).await?;
            let notes = if calls { self.note_calls(index, &computed.calls).await? } else { Vec::new() };
            self.stage(index, &computed.files, log.is_some()).await?;
            result.input_records = computed.input_records;
            let told = std::iter::once(crate::writing::summary(&computed)).chain(notes);
            result.message = told.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
            let mut planned = result.clone();
            let in_files: u64 = computed.files.iter().map(|f| f.rows as u64).sum();
            let in_apps: u64 = computed.outputs.iter().map(|o| o.changes.len() as u64).sum();
            planned.output_records = in_apps + in_files;
            let stopped = computed.stop();
            if let Some(error) = &stopped {
                planned.state = FlowState::Failed;
                planned.message = error.message();
            }
            let files = !computed.files.is_empty();
            let (attempt, before) = (self.ticket.run.attempt, self.flows.clone());
            let mark = |chunk: usize, done: bool| {
                let mut flows = before.clone();
                if done {
                    flows.push(FlowResult { api_requests: kintone.calls().total() + 1, ..planned.clone() });
                }
                // What is left of a flow with files is to publish them.
                Mark { v: 1, attempt, flow: index, chunk, done: done && !files, flows, files: done && files }.to_text()
            };
            let mut sending = Sending::new(kintone, log.as_ref().map(|l| l.fence.clone()), &mark);
            let builder = kintone.bulk_builder(log.is_some());
            let written = sending.write(builder, &computed.outputs, &self.schemas).await;
            if let (Some(log), Some(fence)) = (log.as_mut(), sending.fence()) {
                log.fence = fence.clone();
            }
            result.output_records = sending.written as u64;
            match written {
                Err(WritingError::Conflict(_)) if computation < COMPUTATIONS => {
                    tracing::info!(run = %self.ticket.run.id, computation, "records changed meanwhile; computing again");
                }
                Err(error) => return Err(error),
                Ok(()) if stopped.is_some() => {
                    return stopped.map_or(Ok(()), |error| Err(WritingError::Refused(error)));
                }
                Ok(()) => {
                    self.publish(index, &computed.files).await?;
                    result.output_records += in_files;
                    self.published = computed.files.len();
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn not_run(name: &str) -> FlowResult {
    FlowResult {
        name: name.to_owned(),
        state: FlowState::NotRun,
        input_records: 0,
        output_records: 0,
        api_requests: 0,
        message: String::new(),
    }
}

fn parameters(payload: Payload) -> Vec<Parameters> {
    payload.sets.into_iter().map(|set| set.into_iter().collect()).collect()
}
