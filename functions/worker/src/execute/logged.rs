//! A run between the opening of its log record and its close: what stands around the flows.

use connect::kintone::{Class, Kintone, KintoneError};
use model::catalogue;
use model::ledger::LedgerError;
use model::run::Ending;

use super::{Stop, Work};
use crate::flow_run::not_permitted;
use crate::log::{self, CloseError, LogRecord, OpenError};
use crate::outside::{Outside, OutsideError};

impl Work<'_> {
    /// The ending, and whether it is in the log app.
    pub(super) async fn run(&mut self) -> Result<(Ending, bool), Stop> {
        let (unit, run) = (&self.ticket.unit, &self.ticket.run);
        let outside = match Outside::open(self.deps, unit).await {
            Ok(outside) => outside,
            Err(OutsideError::Later(why)) => return Err(Stop::Later(None, why)),
            // What a worker before this one wrote is not known here; the attempts after this one may learn it.
            Err(OutsideError::Invalid(why)) if self.ticket.resumed => {
                return Err(Stop::Later(Some(catalogue::CONNECTION_INVALID), why));
            }
            Err(OutsideError::Invalid(why)) => {
                return Ok((self.failed(catalogue::CONNECTION_INVALID, why), unit.log_app.is_none()));
            }
        };
        let Some(app) = unit.log_app else {
            let mut none = None;
            return Ok((self.flows_or_end(&outside.kintone, &mut none).await?, true));
        };
        let clock = self.deps.ledger.clock().clone();
        let mut record = match log::open(&outside.kintone, clock.as_ref(), app, (unit, run), self).await {
            Ok(record) => Some(record),
            Err(OpenError::Superseded) => return Err(Stop::Superseded),
            Err(OpenError::Another(record)) => {
                // Its own record is not there, so nothing was sent yet. What it says is in no log app.
                let message = format!("アプリ / app {app}, #{record}");
                return Ok((self.failed(catalogue::LOG_RECORD_TAKEN, message), true));
            }
            Err(OpenError::Kintone(error)) if self.ticket.resumed => return Err(unreachable_log(&error)),
            Err(OpenError::Kintone(error)) => {
                // Without its log record a run has no fence: it does not begin.
                let message = format!("アプリ / app {app}: {error}");
                let code = match error.credential_refused() {
                    true => catalogue::CREDENTIAL_REFUSED,
                    false => catalogue::LOG_FAILED,
                };
                return Ok((self.failed(code, message), false));
            }
        };
        if let Some(opened) = record.as_ref().filter(|_| run.log_record.is_none()) {
            match self.deps.ledger.note_log(self.ticket, opened.fence.record).await {
                Ok(()) => {}
                Err(LedgerError::Superseded(_)) => return Err(Stop::Superseded),
                Err(error) => return Err(Stop::Later(None, error.to_string())),
            }
        }
        if let Some(opened) = record.as_mut().filter(|_| self.ticket.resumed) {
            self.note_missing(&outside.kintone, opened).await?;
            let attempt = run.attempt;
            match log::take_over(&outside.kintone, clock.as_ref(), opened, attempt).await {
                Ok(()) => {}
                Err(CloseError::Superseded) => return Err(Stop::Superseded),
                Err(CloseError::Kintone(error)) => return Err(unreachable_log(&error)),
            }
            self.failure = opened.mark.as_ref().and_then(|mark| mark.failure.clone());
        }
        let ending = self.flows_or_end(&outside.kintone, &mut record).await?;
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
}

/// Why a run that others have begun cannot go on: it goes on where its log record can be read and written again.
fn unreachable_log(error: &KintoneError) -> Stop {
    match error.class {
        Class::Permission => Stop::Later(Some(not_permitted(error)), error.to_string()),
        Class::NotFound => Stop::Later(Some(catalogue::NOT_PERMITTED), error.to_string()),
        _ => Stop::Later(None, error.to_string()),
    }
}
