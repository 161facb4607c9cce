//! The ledger: the few store transactions that move a request from admission to its one end.
//!
//! Each method reads, asks [`crate::gate`] what to do, and commits under the versions that it read; a lost race is read
//! and decided again. api admits, worker takes, renews and ends, sweep finds what was forgotten. Nothing here knows
//! kintone, queues or AWS.

mod accepted;
mod admin;
mod admission;
mod budget;
mod callers;
mod calls;
pub mod contract;
mod exchange;
mod holding;
mod notices;
mod numbers;
mod refused;
mod scheduled;
mod schedules;
mod taking;
mod undoing;

use std::sync::Arc;
use std::time::Duration;

use crate::calls::CallRefused;
use crate::clock::{Clock, Timestamp};
use crate::ids::{RunId, UnitId};
use crate::keys;
use crate::run::{Payload, Run};
use crate::schedule::{ScheduleError, ScheduleId};
use crate::store::{Commit, Item, Key, Store, StoreError, Write};
use crate::unit::{Unit, UnitState};

pub use admin::{NewUnit, UnitView};
pub use admission::{Admitted, Request};
pub use budget::Reserved;
pub use callers::{MadeCaller, NewCaller};
pub use exchange::{Changed, UnitChange};
pub use holding::Ended;
pub use numbers::Ask;
pub use refused::{FloodToTell, RefusedNoted};
pub use schedules::{Entered, FallenDue, ScheduleView};
pub use taking::{Taken, Ticket};
pub use undoing::NotUndoable;

/// How often a lost race is decided again before the store counts as unavailable. Every lost race is another's success,
/// so this is far above the number of requests that one unit can have at once.
const RACES: u32 = 200;

/// Why the ledger cannot do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such unit.
    #[error("no unit {0}")]
    NoUnit(UnitId),
    /// There is no such run.
    #[error("no run {0}")]
    NoRun(RunId),
    /// The run's parameters have been forgotten.
    #[error("the parameters of run {0} are kept for 14 days and are gone")]
    NoPayload(RunId),
    /// The run is not in a state in which this can be done.
    #[error("run {0} is {1}")]
    WrongState(RunId, &'static str),
    /// Something of the unit runs (or, where it should be removed, waits), so that it cannot be changed now.
    #[error("unit {0} is busy")]
    Busy(UnitId),
    /// More writes than one commit holds.
    #[error("{0} writes in one change, more than {max}", max = crate::store::MAX_WRITES)]
    TooManyChanges(usize),
    /// The run is no longer this worker's: another has it, it is parked, or its lease has lapsed.
    #[error("run {0} no longer belongs to this worker")]
    Superseded(RunId),
    /// The run cannot be taken back.
    #[error(transparent)]
    NotUndoable(#[from] NotUndoable),
    /// There is no such schedule.
    #[error("スケジュール {0} はありません / no schedule {0}")]
    NoSchedule(ScheduleId),
    /// The schedule cannot be.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The run stands for a flood: nothing is kept that could be run again.
    #[error("run {0} stands for a flood of refused calls, of which only the number is kept")]
    Flood(RunId),
    /// A caller of that name is there already.
    #[error("unit {0} has a caller {1:?}")]
    CallerExists(UnitId, String),
    /// There is no such caller.
    #[error("unit {0} has no caller {1:?}")]
    NoCaller(UnitId, String),
    /// More callers than a unit may have.
    #[error("unit {0} has {max} callers, the most that there can be", max = crate::limits::MAX_CALLERS)]
    TooManyCallers(UnitId),
    /// There is no such connection.
    #[error("no connection named {0:?}")]
    NoConnection(String),
    /// What a flow calls is too large to be noted.
    #[error("{ja} / {0}", ja = .0.ja())]
    Calls(#[from] CallRefused),
    /// The run's reservation of the output budget has lapsed: others may be writing in its stead.
    #[error("run {0} no longer holds its part of the output budget")]
    ReservationLapsed(RunId),
}

/// The ledger over a store.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Ledger {
    /// A ledger.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Its store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    async fn get_one(&self, key: Key) -> Result<Option<Item>, StoreError> {
        Ok(self.store.get(&[key]).await?.pop().flatten())
    }

    /// A unit's definition.
    pub async fn unit(&self, id: &UnitId) -> Result<Unit, LedgerError> {
        let item = self.get_one(keys::unit(id)).await?;
        Ok(item.ok_or_else(|| LedgerError::NoUnit(id.clone()))?.decode()?)
    }

    /// A unit's state.
    pub async fn state(&self, id: &UnitId) -> Result<UnitState, LedgerError> {
        let item = self.get_one(keys::state(id)).await?;
        Ok(item.ok_or_else(|| LedgerError::NoUnit(id.clone()))?.decode()?)
    }

    /// A run.
    pub async fn run(&self, id: &RunId) -> Result<Run, LedgerError> {
        let item = self.get_one(keys::run(id)).await?;
        Ok(item.ok_or_else(|| LedgerError::NoRun(id.clone()))?.decode()?)
    }

    /// The parameters of a run. api has no right to call this.
    ///
    /// Of several webhooks that became this run, each set of parameters once.
    pub async fn payload(&self, run: &Run) -> Result<Payload, LedgerError> {
        let requests = run.gathered.map_or(1, |gathered| gathered.requests);
        let parts: Vec<Key> =
            std::iter::once(keys::payload(&run.id)).chain((2..=requests).map(|n| keys::joined(&run.id, n))).collect();
        let mut whole = Payload::default();
        for item in self.store.get(&parts).await? {
            let part: Payload = item.ok_or_else(|| LedgerError::NoPayload(run.id.clone()))?.decode()?;
            for set in part.sets {
                if requests == 1 || !whole.sets.contains(&set) {
                    whole.sets.push(set);
                }
            }
        }
        Ok(whole)
    }

    /// Commits; on a lost race waits a little, so that the same racers do not meet again, and says no.
    async fn won(&self, writes: Vec<Write>, round: u32) -> Result<bool, LedgerError> {
        match self.store.commit(writes).await? {
            Commit::Done => Ok(true),
            Commit::Lost(_) => {
                self.back_off(round).await;
                Ok(false)
            }
        }
    }

    async fn back_off(&self, round: u32) {
        let mut byte = [0u8; 1];
        crate::ids::fill_random(&mut byte);
        let ceiling = u64::from(round.min(6) + 1) * 4;
        self.clock.pause(Duration::from_millis(u64::from(byte[0]) * ceiling / 256)).await;
    }

    fn too_many_races() -> LedgerError {
        LedgerError::Store(StoreError::Unavailable(format!("{RACES} races lost in a row")))
    }

    /// A put of a unit's state, due when the sweep should look.
    fn put_state(&self, id: &UnitId, state: &UnitState, read: &Item, now: Timestamp) -> Result<Write, StoreError> {
        let write = Write::put(keys::state(id), state, crate::store::Expect::Version(read.version))?;
        Ok(write.due(state.due(now)))
    }
}
