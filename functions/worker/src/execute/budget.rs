//! The domain's output budget in a run: asked once per flow, when it is packed; who has to wait is parked with what it wants
//! to write staged, and takes no Lambda time.

use std::time::Duration;

use connect::kintone::{Bulk, Kintone};
use connect::storage::{OwnName, StorageError, When};
use model::catalogue;
use model::ledger::{LedgerError, Reserved};

use super::packed::Packed;
use super::{Stop, Work};
use crate::Deps;
use crate::flow_run::FlowError;
use crate::journal::Mark;
use crate::log::{self, CloseError, LogRecord};
use crate::writing::WritingError;

/// Bytes of a mark, far above what a unit's flows need.
const MARK_LIMIT: u64 = 16_000_000;

/// Wakes parked nudges whose runs may write now. One that cannot be woken comes back by itself.
pub(super) async fn wake(deps: &Deps, handles: &[String]) {
    for handle in handles {
        deps.wake.hide(handle, Duration::ZERO).await;
    }
}

fn of_ledger(error: LedgerError) -> WritingError {
    match error {
        LedgerError::Superseded(_) | LedgerError::ReservationLapsed(_) => WritingError::Superseded,
        other => WritingError::Later(None, other.to_string()),
    }
}

impl Work<'_> {
    /// Makes sure that the flow may write all that it has not yet written. Where the budget has no room, what it wants to
    /// write is staged, the journal says so, and the run is parked.
    pub(super) async fn reserve(
        &mut self,
        kintone: &Kintone,
        flow: usize,
        packed: &mut Packed,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        let mut records = packed.staged.bulks.iter().skip(packed.sent).map(Bulk::records).sum::<usize>() as u64;
        let mut answer = self.deps.ledger.reserve_if_free(self.ticket, records).await.map_err(of_ledger)?;
        if let Reserved::TooLarge { budget } = answer
            && self.failure.is_some()
        {
            // What a run takes back by itself has been written within the budget, flow by flow: it goes back in slices of the
            // whole budget, one after the other, while nobody else writes.
            records = budget;
            answer = self.deps.ledger.reserve_if_free(self.ticket, records).await.map_err(of_ledger)?;
        }
        if answer == Reserved::Full {
            self.note_waiting(kintone, flow, packed, log).await?;
            let wake = self.hold.handle();
            answer = self.deps.ledger.reserve(self.ticket, records, wake).await.map_err(of_ledger)?;
            tracing::info!(run = %self.ticket.run.id, records, ?answer, "the output budget had no room");
        }
        match answer {
            Reserved::Granted { woken } => {
                wake(self.deps, &woken).await;
                // From here on a note that it waits is no longer true: a worker behind this one must not trust it. A worker
                // before this one may have left it, too, also where the flow was computed anew.
                let noted = packed.kept.is_some() || self.ticket.resumed;
                if log.is_none() && noted { self.forget_waiting().await } else { Ok(()) }
            }
            Reserved::Parked { until, .. } => Err(WritingError::Parked(until)),
            // Only where it was asked for the second time, and that parks.
            Reserved::Full => Err(WritingError::Later(None, "the output budget has no room".to_owned())),
            // The budget was made smaller at this moment, or others write for hours: what was written goes back all the same.
            Reserved::TooLarge { .. } if self.failure.is_some() => {
                Err(WritingError::Later(None, "the output budget".to_owned()))
            }
            Reserved::GivenUp { woken, .. } if self.failure.is_some() => {
                wake(self.deps, &woken).await;
                Err(WritingError::Later(None, "the output budget".to_owned()))
            }
            Reserved::GivenUp { since, woken } => {
                wake(self.deps, &woken).await;
                let [ja, en] = so_far(packed.writes());
                Err(WritingError::Refused(FlowError::new(
                    catalogue::BUDGET_WAITED,
                    format!("{since}から待ちました。書き込むレコード{records}件。{ja}"),
                    format!("waited since {since}, with {records} records to write; {en}"),
                )))
            }
            Reserved::TooLarge { budget } => {
                let [ja, en] = so_far(packed.writes());
                Err(WritingError::Refused(FlowError::new(
                    catalogue::OVER_BUDGET,
                    format!("書き込むレコード{records}件、上限{budget}件。{ja}"),
                    format!("{records} records to write, {budget} at most; {en}"),
                )))
            }
        }
    }

    /// Gives back what a flow holds.
    pub(super) async fn release(&self) -> Result<(), Stop> {
        match self.deps.ledger.release(self.ticket).await {
            Ok(woken) => {
                wake(self.deps, &woken).await;
                Ok(())
            }
            Err(LedgerError::Superseded(_) | LedgerError::ReservationLapsed(_)) => Err(Stop::Superseded),
            Err(error) => Err(Stop::Later(None, error.to_string())),
        }
    }

    /// Stages the bulks and notes where the run stands, for the worker that takes it up when there is room.
    pub(super) async fn note_waiting(
        &mut self,
        kintone: &Kintone,
        flow: usize,
        packed: &mut Packed,
        log: &mut Option<LogRecord>,
    ) -> Result<(), WritingError> {
        self.keep(flow, packed).await?;
        let (attempt, flows, staged) = (self.ticket.run.attempt, self.flows.clone(), packed.kept.clone());
        let (images, failure) = (packed.images.clone(), self.failure.clone());
        let writes = packed.writes();
        let mark = Mark { flow, chunk: packed.sent, staged, images, writes, failure, ..Mark::begin(attempt, flows) };
        let Some(log) = log.as_mut() else {
            let name = OwnName::waiting(&self.files.run);
            let put = self.files.store.put_own(&name, mark.to_text().into(), &When::Always).await;
            return put.map(|_| ()).map_err(later);
        };
        match log::leave(kintone, self.deps.ledger.clock().as_ref(), log, mark.to_text()).await {
            Ok(()) => Ok(()),
            Err(CloseError::Superseded) => Err(WritingError::Superseded),
            Err(CloseError::Kintone(error)) => Err(WritingError::Later(None, error.to_string())),
        }
    }

    /// Where a run without a log record stood when it was parked. `None`: it was not parked, or has gone on since.
    pub(super) async fn waited(&self) -> Result<Option<Mark>, Stop> {
        let name = OwnName::waiting(&self.files.run);
        let found = self.files.store.get_own(&name, MARK_LIMIT).await.map_err(|e| Stop::Later(None, e.to_string()))?;
        Ok(found.and_then(|stored| serde_json::from_slice(&stored.bytes).ok()))
    }

    async fn forget_waiting(&self) -> Result<(), WritingError> {
        self.files.store.delete_own(&OwnName::waiting(&self.files.run)).await.map_err(later)
    }
}

/// What a flow has written that may not write the rest.
fn so_far(written: usize) -> [String; 2] {
    match written {
        0 => ["このフローではまだ何も書き込んでいません".to_owned(), "nothing of it was written".to_owned()],
        n => [format!("このうち{n}件は書き込み済みです"), format!("{n} records of it were written before")],
    }
}

fn later(error: StorageError) -> WritingError {
    WritingError::Later(None, error.to_string())
}
