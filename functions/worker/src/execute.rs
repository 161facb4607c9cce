//! Executing one run: log record, flows in order, end; with lease and nudge renewed all the while.

use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::Kintone;
use flow::formula::Parameters;
use model::catalogue::{self, Code};
use model::ledger::{LedgerError, Ticket};
use model::run::{Ending, FlowResult, FlowState, Payload, RunState};

use crate::flow_run::{self, FlowError, Schemas};
use crate::journal::{Mark, Standing};
use crate::log::{self, CloseError, LogRecord};
use crate::observer::Happening;
use crate::outside::Outside;
use crate::writing::{Sending, WritingError};
use crate::{Deps, observer};

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

/// The run is no longer this worker's.
struct Superseded;

/// Runs the run and ends it, unless another worker takes it over meanwhile.
pub async fn execute(deps: &Deps, ticket: &Ticket, hold: &dyn Hold) -> Result<(), LedgerError> {
    let mut work = Work { deps, ticket, schemas: Schemas::default(), flows: Vec::new(), last_mark: None };
    let done = tokio::select! {
        done = work.run() => done,
        lost = renew(deps, ticket, hold) => Err(lost),
    };
    let Ok((ending, logged)) = done else {
        tracing::warn!(run = %ticket.run.id, attempt = ticket.run.attempt, "another worker has taken the run over");
        return Ok(());
    };
    match deps.ledger.end(ticket, &ending, logged).await {
        Ok(run) => {
            deps.observer.tell(&Happening::Ended(Box::new(run)));
            Ok(())
        }
        Err(LedgerError::Superseded(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Renews lease and nudge together, three times in a lease; returns when the run is no longer this worker's.
async fn renew(deps: &Deps, ticket: &Ticket, hold: &dyn Hold) -> Superseded {
    let clock = deps.ledger.clock();
    let lease = ticket.unit.limits.lease();
    let mut until = clock.now() + lease;
    hold.hide(lease).await;
    loop {
        clock.sleep_until(clock.now() + lease / 3).await;
        let asked = clock.now();
        match deps.ledger.renew(ticket).await {
            Ok(()) => until = asked + lease,
            Err(LedgerError::Superseded(_)) => return Superseded,
            // The store may answer again before the lease is over; after it, somebody else may be running.
            Err(error) => tracing::warn!(run = %ticket.run.id, %error, "lease not renewed"),
        }
        if clock.now() >= until {
            return Superseded;
        }
        hold.hide(lease).await;
    }
}

struct Work<'a> {
    deps: &'a Deps,
    ticket: &'a Ticket,
    schemas: Schemas,
    flows: Vec<FlowResult>,
    last_mark: Option<String>,
}

/// How a run ended, before it is told.
struct Failure {
    state: RunState,
    code: Code,
    message: String,
}

impl Work<'_> {
    /// The ending, and whether it is in the log app.
    async fn run(&mut self) -> Result<(Ending, bool), Superseded> {
        let outside = match Outside::open(self.deps, &self.ticket.unit).await {
            Ok(outside) => outside,
            Err(error) => {
                return Ok((self.failed(error.code(), error.to_string()), self.ticket.unit.log_app.is_none()));
            }
        };
        let Some(app) = self.ticket.unit.log_app else {
            let mut none = None;
            return Ok((self.flows(&outside.kintone, &mut none).await?, true));
        };
        let opened = log::open(&outside.kintone, app, &self.ticket.unit, &self.ticket.run).await;
        let mut record = match opened {
            Ok(record) => Some(record),
            Err(error) => {
                // Without its log record a run has no fence: it does not begin.
                let error = FlowError::from(error);
                let message =
                    format!("ログアプリ{app}に書き込めません / cannot write to the log app {app}: {}", error.en);
                return Ok((self.failed(error.code, message), false));
            }
        };
        let ending = self.flows(&outside.kintone, &mut record).await?;
        let logged = match &record {
            Some(record) => self.close(&outside.kintone, record, &ending).await?,
            None => false,
        };
        Ok((ending, logged))
    }

    async fn close(&self, kintone: &Kintone, record: &LogRecord, ending: &Ending) -> Result<bool, Superseded> {
        let mut run = self.ticket.run.clone();
        run.state = ending.state;
        run.code = ending.code;
        run.message.clone_from(&ending.message);
        run.flows.clone_from(&ending.flows);
        run.ended_at = Some(self.deps.ledger.clock().now());
        match log::close(kintone, record, &self.ticket.unit, &run, self.last_mark.as_deref()).await {
            Ok(()) => Ok(true),
            Err(CloseError::Superseded) => Err(Superseded),
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
    async fn flows(&mut self, kintone: &Kintone, log: &mut Option<LogRecord>) -> Result<Ending, Superseded> {
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
        match log.as_mut().map(|l| l.standing.take()) {
            None => uncertain("ログアプリがないため確認できません / there is no log app to tell"),
            Some(None) => uncertain("ジャーナルを読み取れません / the journal cannot be read"),
            Some(Some(Standing::Between(done))) => {
                self.flows = done;
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

    async fn each_flow(
        &mut self,
        kintone: &Kintone,
        log: &mut Option<LogRecord>,
    ) -> Result<Result<(), Failure>, Superseded> {
        let stored = async {
            let texts = self.deps.ledger.flows(&self.ticket.unit).await?;
            Ok::<_, LedgerError>((texts, self.deps.ledger.payload(&self.ticket.run.id).await?))
        };
        let (texts, payload) = match stored.await {
            Ok(stored) => stored,
            Err(error) => {
                let message = error.to_string();
                return Ok(Err(Failure { state: RunState::Failed, code: catalogue::INTERNAL, message }));
            }
        };
        let sets = parameters(payload);
        for (index, text) in texts.iter().enumerate().skip(self.flows.len()) {
            let name = self.ticket.unit.flows.get(index).cloned().unwrap_or_default();
            let (client, calls) = flow_run::counting(kintone);
            let mut result = FlowResult { state: FlowState::Succeeded, ..not_run(&name) };
            let outcome = self.one_flow(&client, text, &sets, index, &mut result, log).await;
            result.api_requests = calls.total();
            let failure = match outcome {
                Ok(()) => None,
                Err(WritingError::Superseded) => return Err(Superseded),
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
        let started = self.ticket.run.started_at.unwrap_or(self.ticket.run.queued_at);
        for computation in 1..=COMPUTATIONS {
            let run = flow_run::Run { kintone, schemas: &self.schemas, now: started.seconds() };
            let computed = run.compute(&plan, sets).await.map_err(WritingError::Refused)?;
            result.input_records = computed.input_records;
            result.message = crate::writing::summary(&computed);
            let mut planned = result.clone();
            planned.output_records = computed.outputs.iter().map(|o| o.changes.len() as u64).sum();
            let (attempt, before) = (self.ticket.run.attempt, self.flows.clone());
            let mark = |chunk: usize, done: bool| {
                let mut flows = before.clone();
                if done {
                    flows.push(FlowResult { api_requests: kintone.calls().total() + 1, ..planned.clone() });
                }
                Mark { v: 1, attempt, flow: index, chunk, done, flows }.to_text()
            };
            let mut sending = Sending::new(kintone, log.as_ref().map(|l| l.fence.clone()), &mark);
            let builder = kintone.bulk_builder(log.is_some());
            let written = sending.write(builder, &computed.outputs, &self.schemas).await;
            if let (Some(log), Some(fence)) = (log.as_mut(), sending.fence()) {
                log.fence = fence.clone();
            }
            if let Some(mark) = sending.last_mark.take() {
                self.last_mark = Some(mark);
            }
            result.output_records = sending.written as u64;
            match written {
                Err(WritingError::Conflict(_)) if computation < COMPUTATIONS => {
                    tracing::info!(run = %self.ticket.run.id, computation, "records changed meanwhile; computing again");
                }
                other => return other,
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
