//! Executing one run: log record, flows in order, end; with lease and nudge renewed all the while.

mod budget;
mod calls;
mod each_task;
mod files;
mod giving_up;
mod leaving;
mod logged;
mod numbers;
mod one_flow;
mod packed;
mod renewal;
mod standing;
mod taking_back;
mod tasks;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use connect::kintone::Kintone;
use model::catalogue::Code;
use model::clock::Timestamp;
use model::ledger::{Ended, LedgerError, Ticket};
use model::limits::{AGAIN, CANCEL_LIMIT, HAND_OVER};
use model::run::{Ending, FlowResult, FlowState, RunState};
use model::unit::{Awaits, WaitNote, WaitReason};

use crate::files::Files;
use crate::flow_run::Schemas;
use crate::journal::{Failed, Mark};
use crate::log::LogRecord;
use crate::observer::Happening;
use crate::{Deps, Handled};
use giving_up::Cause;
use renewal::renew;

/// Keeps a nudge hidden while its run is running.
#[async_trait]
pub trait Hold: Send + Sync {
    /// How it is woken before its time, where that can be done.
    fn handle(&self) -> Option<&str>;

    /// Hides it for `length` from now.
    async fn hide(&self, length: Duration);

    /// When this worker ends, whatever it is doing; `None`: not by itself.
    fn ends(&self) -> Option<Timestamp> {
        None
    }
}

/// For nudges that nobody else can take meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHold;

#[async_trait]
impl Hold for NoHold {
    fn handle(&self) -> Option<&str> {
        None
    }

    async fn hide(&self, _: Duration) {}
}

/// Why a run is left as it stands.
enum Stop {
    /// It is no longer this worker's.
    Superseded,
    /// It waits for the output budget, until then.
    Parked(Timestamp),
    /// This worker's time is up; the next one goes on from the journal.
    HandOver,
    /// Something that it needs does not answer, or has to be mended by somebody, by this entry of the catalogue; the next
    /// attempt goes on in a moment.
    Later(Option<Code>, String),
}

/// Runs the run and ends it, unless another worker takes it over meanwhile: then the nudge stays, to see it through.
pub async fn execute(deps: &Deps, ticket: &Ticket, hold: &dyn Hold) -> Result<Handled, LedgerError> {
    let files = Files {
        store: deps.files.unit(&ticket.unit.domain, &ticket.unit.id),
        run: ticket.run.id.to_string(),
        label: ticket.run.id.seq.to_string(),
    };
    let mut work = Work {
        deps,
        ticket,
        hold,
        schemas: Schemas::default(),
        flows: Vec::new(),
        files,
        unpublished: None,
        begun: None,
        failure: None,
        stands: 0,
        published: 0,
        staged: ticket.resumed,
        cause: match ticket.cancelled {
            true => Some(Cause::cancelled()),
            false => ticket.to_end.map(Cause::died),
        },
        wrote: Arc::default(),
        sent: false,
        so_far: None,
    };
    let mut done = work.held().await;
    if let Err(Stop::Later(_, why)) = &done
        && work.gives_up(why)
    {
        tracing::warn!(run = %ticket.run.id, attempt = ticket.run.attempt, why, "given up");
        let why = why.clone();
        done = match work.given_up(&why).await {
            Err(Stop::Later(_, why)) => Ok((work.unread(&why), ticket.unit.log_app.is_none())),
            other => other,
        };
    }
    let (ending, logged) = match done {
        Ok(done) => done,
        Err(Stop::Superseded) => {
            tracing::warn!(run = %ticket.run.id, attempt = ticket.run.attempt, "another worker has taken the run over");
            return Ok(Handled::Park(deps.ledger.clock().now()));
        }
        Err(Stop::Parked(until)) => {
            let note = WaitNote { until, reason: WaitReason::Budget };
            deps.observer.tell(&Happening::Waits { unit: ticket.unit.id.clone(), note });
            return Ok(Handled::Park(until));
        }
        Err(Stop::HandOver) => {
            tracing::info!(run = %ticket.run.id, attempt = ticket.run.attempt, "time is up; the next worker goes on");
            return hand_over(deps, ticket, deps.ledger.clock().now(), None).await;
        }
        Err(Stop::Later(code, why)) => return work.left_for_later(&why, code).await,
    };
    match deps.ledger.end(ticket, &ending, logged).await {
        Ok(Ended { run, woken, to_log }) => {
            budget::wake(deps, &woken).await;
            // Where it is not known what was written, it stays: it tells what was to be written.
            if run.state != RunState::Uncertain {
                work.forget_staged().await;
            }
            work.forget_old_images().await;
            calls::nudge(deps, ticket, &run).await;
            deps.observer.tell(&Happening::Ended(Box::new(run)));
            crate::log_ended(deps, &ticket.unit.id, &to_log).await;
            Ok(Handled::Done)
        }
        Err(LedgerError::Superseded(_)) => Ok(Handled::Park(deps.ledger.clock().now())),
        Err(error) => Err(error),
    }
}

/// Leaves the run to the worker that gets the nudge then.
async fn hand_over(
    deps: &Deps,
    ticket: &Ticket,
    at: Timestamp,
    awaits: Option<Awaits>,
) -> Result<Handled, LedgerError> {
    match deps.ledger.hand_over(ticket, at, awaits).await {
        Ok(woken) => {
            budget::wake(deps, &woken).await;
            Ok(Handled::Park(at))
        }
        Err(LedgerError::Superseded(_)) => Ok(Handled::Park(at)),
        Err(error) => Err(error),
    }
}

struct Work<'a> {
    deps: &'a Deps,
    ticket: &'a Ticket,
    hold: &'a dyn Hold,
    schemas: Schemas,
    flows: Vec<FlowResult>,
    files: Files,
    /// A flow of which only the files are still to be published, and its result.
    unpublished: Option<FlowResult>,
    /// A flow of which only some bulks are written, and the mark of the last of them.
    begun: Option<Mark>,
    /// Why the run fails, where what it wrote is being taken back.
    failure: Option<Failed>,
    /// How many records stand as they were written, of those that are being taken back.
    stands: u64,
    /// How many files the flow at hand has published.
    published: usize,
    /// Whether something was staged, here or by a worker before this one.
    staged: bool,
    /// Why the run is given up, if it is: then it is not gone on with.
    cause: Option<Cause>,
    /// Whether this worker has written anything.
    wrote: Arc<AtomicBool>,
    /// Whether this worker may have sent anything, whatever became of it.
    sent: bool,
    /// Records of the flow at hand that are written, of how many.
    so_far: Option<(u64, u64)>,
}

/// How a run ended, before it is told.
struct Failure {
    state: RunState,
    code: Code,
    message: String,
}

impl Work<'_> {
    /// Runs the run while it is held.
    async fn held(&mut self) -> Result<(Ending, bool), Stop> {
        let (deps, ticket, hold, wrote) = (self.deps, self.ticket, self.hold, self.wrote.clone());
        tokio::select! {
            done = self.run() => done,
            lost = renew(deps, ticket, hold, &wrote) => Err(lost),
        }
    }

    /// What the run waits for, now that it has not answered: since when, unless this worker has written something.
    fn awaits(&self, why: &str) -> Awaits {
        let before = self.ticket.awaits.as_ref().filter(|_| !self.wrote.load(Ordering::Relaxed));
        let now = self.deps.ledger.clock().now();
        Awaits::again(before, (now, now + AGAIN), why, self.so_far)
    }

    /// Whether it has waited for that long enough; one that was cancelled waits for some minutes.
    fn gives_up(&self, why: &str) -> bool {
        let awaits = self.awaits(why);
        let until = if self.ticket.cancelled { awaits.since + CANCEL_LIMIT } else { awaits.given_up() };
        until <= self.deps.ledger.clock().now()
    }

    /// Leaves the run to the worker that tries again in a moment.
    async fn left_for_later(&self, why: &str, code: Option<Code>) -> Result<Handled, LedgerError> {
        let ticket = self.ticket;
        tracing::warn!(run = %ticket.run.id, attempt = ticket.run.attempt, why, "taken up again in a moment");
        let awaits = Awaits { untouched: self.is_untouched(), code, ..self.awaits(why) };
        hand_over(self.deps, ticket, awaits.next, Some(awaits)).await
    }

    /// Whether nothing of the run was sent to anywhere yet.
    fn is_untouched(&self) -> bool {
        self.ticket.untouched && !self.sent
    }

    /// Ends the run because something that it needs does not answer.
    async fn given_up(&mut self, why: &str) -> Result<(Ending, bool), Stop> {
        (self.unpublished, self.begun, self.failure) = (None, None, None);
        self.flows.clear();
        self.cause = Some(match self.ticket.cancelled {
            true => Cause { takes_back: false, ..Cause::cancelled() },
            false => Cause::away(why),
        });
        self.held().await
    }

    /// Whether this worker is to leave the rest to the next one.
    fn time_is_up(&self) -> bool {
        let now = self.deps.ledger.clock().now();
        self.hold.ends().is_some_and(|end| now + HAND_OVER >= end)
    }

    fn failed(&self, code: Code, message: String) -> Ending {
        Ending { state: RunState::Failed, code: Some(code), message, flows: self.flows.clone() }
    }

    async fn flows_or_end(&mut self, kintone: &Kintone, log: &mut Option<LogRecord>) -> Result<Ending, Stop> {
        match self.cause.take() {
            Some(cause) => self.give_up(kintone, log, &cause).await,
            None => self.flows(kintone, log).await,
        }
    }

    /// Runs the flows that are still to be run.
    async fn flows(&mut self, kintone: &Kintone, log: &mut Option<LogRecord>) -> Result<Ending, Stop> {
        let failure = match self.begin(log).await? {
            Ok(()) => self.each_task(kintone, log).await?.err(),
            Err(failure) => self.takes_itself_back(kintone, log, failure).await?,
        };
        Ok(self.ending(failure))
    }

    /// Begins to take back what the run wrote, where it fails so that it is to be, and no worker has begun with that; why the
    /// run fails.
    async fn takes_itself_back(
        &mut self,
        kintone: &Kintone,
        log: &mut Option<LogRecord>,
        failure: Failure,
    ) -> Result<Option<Failure>, Stop> {
        if self.failure.is_some() || !self.takes_back(&failure) {
            return Ok(Some(failure));
        }
        self.rest_is_not_run();
        self.note_failure(kintone, log, failure).await?;
        Ok(self.each_task(kintone, log).await?.err())
    }

    /// The flows behind those that are decided are not run.
    fn rest_is_not_run(&mut self) {
        let rest = self.ticket.unit.flows.iter().skip(self.flows.len());
        self.flows.extend(rest.map(|name| FlowResult::new(name, FlowState::NotRun)));
    }

    /// The ending, with the flows that were not run.
    fn ending(&mut self, failure: Option<Failure>) -> Ending {
        if self.ticket.run.trigger.undo.is_none() {
            self.rest_is_not_run();
        }
        let flows = self.flows.clone();
        match failure {
            None => Ending { state: RunState::Succeeded, code: None, message: String::new(), flows },
            Some(f) => Ending { state: f.state, code: Some(f.code), message: self.told(f.message), flows },
        }
    }
}
