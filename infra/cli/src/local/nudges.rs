//! Nudges in the process: like a FIFO queue with the unit as message group. One nudge of a unit is handled at a time, a
//! parked one holds those behind it, units run beside each other. Nothing is kept: the table is the truth, and the
//! sweep refills what a restart forgot.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use model::clock::Clock;
use model::ports::{Hide, Nudge, NudgeError, Nudges};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use worker::{Handled, Hold};

/// Nudges handled at once, over all units: what the deployed event source mapping has as its maximum concurrency.
const CONCURRENCY: usize = 10;
/// Most nudges of one unit that are kept: each takes one run further, and no more than a thousand can wait.
const MOST: usize = 1_100;
/// How long a nudge waits when the store did not answer.
const SOON: Duration = Duration::from_secs(1);

/// The queue and its pollers.
#[derive(Clone)]
pub struct LocalQueue(Arc<Inner>);

struct Inner {
    worker: worker::Deps,
    slots: Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Nudges of each group that is being served, the one in hand included.
    groups: HashMap<String, usize>,
    /// What wakes the parked nudge of a group.
    wakes: HashMap<String, Arc<Notify>>,
    serving: JoinSet<()>,
    stopped: bool,
}

impl LocalQueue {
    /// An empty queue whose nudges this worker handles; the worker may add to the same queue.
    pub fn start(worker: impl FnOnce(Arc<Back>) -> worker::Deps) -> Self {
        Self(Arc::new_cyclic(|queue| Inner {
            worker: worker(Arc::new(Back(queue.clone()))),
            slots: Semaphore::new(CONCURRENCY),
            state: Mutex::default(),
        }))
    }

    /// Adds a nudge; its unit is served from now on if it is not already.
    pub fn push(&self, nudge: Nudge) {
        let mut state = self.0.state();
        if state.stopped {
            return;
        }
        while state.serving.try_join_next().is_some() {}
        let waiting = state.groups.entry(nudge.group()).or_insert(0);
        *waiting = (*waiting + 1).min(MOST);
        if *waiting == 1 {
            let inner = self.0.clone();
            state.serving.spawn(async move { inner.serve(nudge).await });
        }
    }

    /// Units with nudges in hand or parked.
    pub fn busy(&self) -> usize {
        self.0.state().groups.len()
    }

    /// Stops at once: runs are cut off where they stand.
    pub fn stop(&self) {
        let mut state = self.0.state();
        state.stopped = true;
        state.serving.abort_all();
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Handles a unit's nudges, one after the other, until none is left.
    async fn serve(&self, nudge: Nudge) {
        let clock: Arc<dyn Clock> = self.worker.ledger.clock().clone();
        let group = nudge.group();
        let woken = self.state().wakes.entry(group.clone()).or_default().clone();
        loop {
            match self.handle(&nudge, &group).await {
                Ok(Handled::Park(until)) => {
                    tokio::select! {
                        () = clock.sleep_until(until) => {}
                        () = woken.notified() => {}
                    }
                }
                Ok(Handled::Done) => {
                    let mut state = self.state();
                    let left = state.groups.get_mut(&group).map_or(0, |n| {
                        *n -= 1;
                        *n
                    });
                    if left == 0 {
                        state.groups.remove(&group);
                        state.wakes.remove(&group);
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(unit = %nudge.unit, error, "nudge not handled; it comes back");
                    clock.pause(SOON).await;
                }
            }
        }
    }

    async fn handle(&self, nudge: &Nudge, group: &str) -> Result<Handled, String> {
        let _slot = self.slots.acquire().await.map_err(|e| e.to_string())?;
        let owner = format!("local:{}", model::ids::random_text(12));
        // A panic ends this try alone: the nudge comes back, and the run is taken up again when its lease is over.
        let handled =
            AssertUnwindSafe(worker::handle(&self.worker, nudge, &owner, &InHand(group))).catch_unwind().await;
        handled.map_err(|_| "a panic, told on standard error".to_owned())?.map_err(|e| e.to_string())
    }
}

/// A nudge in hand: nobody else can take it. It is woken by its group.
struct InHand<'a>(&'a str);

#[async_trait]
impl Hold for InHand<'_> {
    fn handle(&self) -> Option<&str> {
        Some(self.0)
    }

    async fn hide(&self, _: Duration) {}
}

/// The way back to the queue for its own worker, which must not keep it alive.
pub struct Back(Weak<Inner>);

#[async_trait]
impl Hide for Back {
    /// Wakes the parked nudge of a group; hiding is for queues that others read, too.
    async fn hide(&self, handle: &str, length: Duration) {
        let woken = self.0.upgrade().filter(|_| length.is_zero());
        if let Some(woken) = woken.and_then(|queue| queue.state().wakes.get(handle).cloned()) {
            woken.notify_one();
        }
    }
}

#[async_trait]
impl Nudges for Back {
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
        let queue = self.0.upgrade().ok_or_else(|| NudgeError("the queue has stopped".to_owned()))?;
        LocalQueue(queue).push(nudge.clone());
        Ok(())
    }
}

#[async_trait]
impl Nudges for LocalQueue {
    async fn nudge(&self, nudge: &Nudge) -> Result<(), NudgeError> {
        self.push(nudge.clone());
        Ok(())
    }
}
