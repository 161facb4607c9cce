//! The queue of the world: groups in order, deliveries that are parked and woken, and what a worker does with one.

use std::sync::Arc;

use model::clock::{Clock, Timestamp};
use model::ledger::Taken;
use model::ports::Nudge;
use tokio::sync::oneshot;

use crate::world::{DOMAIN, Event, World, lock};

impl World {
    /// A FIFO queue: one message of a group in flight at a time.
    pub fn nudge(self: &Arc<Self>, nudge: &Nudge) {
        let mut groups = lock(&self.groups);
        let waiting = groups.entry(nudge.group()).or_insert(0);
        *waiting += 1;
        if *waiting == 1 {
            let (world, nudge) = (self.clone(), nudge.clone());
            tokio::spawn(async move { world.deliver(nudge).await });
        }
    }

    async fn deliver(self: Arc<Self>, nudge: Nudge) {
        loop {
            if self.handle(&nudge).await {
                let mut groups = lock(&self.groups);
                let left = groups.get_mut(&nudge.group()).expect("its own group");
                *left -= 1;
                if *left == 0 {
                    groups.remove(&nudge.group());
                    return;
                }
            }
        }
    }

    /// Hides a delivery until then, or until it is woken.
    pub async fn park(&self, handle: &str, until: Timestamp) {
        let (sender, woken) = oneshot::channel();
        lock(&self.parked).insert(handle.to_owned(), sender);
        tokio::select! {
            () = self.clock.sleep_until(until) => {}
            _ = woken => {}
        }
        lock(&self.parked).remove(handle);
    }

    /// Wakes parked deliveries, where that is not lost.
    pub fn wake(&self, handles: Vec<String>) {
        for handle in handles {
            let sleeper = lock(&self.parked).remove(&handle);
            if let Some(sleeper) = sleeper.filter(|_| !self.chance(self.plan.lost)) {
                let _ = sleeper.send(()); // it may have come back by itself
            }
        }
    }

    /// One delivery; false when the message comes back.
    pub async fn handle(self: &Arc<Self>, nudge: &Nudge) -> bool {
        let owner = model::ids::random_text(8);
        loop {
            let taken = match nudge.scheduled {
                true => self.ledger.take_scheduled(DOMAIN, &owner).await,
                false => self.ledger.take_waking(&nudge.unit, DOMAIN, &owner, Some(&owner)).await,
            };
            match taken.expect("the store answers") {
                Taken::Idle(to_log) => {
                    for seq in to_log {
                        self.ledger.logged(&nudge.unit, seq).await.expect("logged");
                    }
                    return true;
                }
                Taken::Wait { note, .. } => {
                    self.park(&owner, note.until).await;
                    return false;
                }
                Taken::Ended(run) => self.note(&run.id.unit, Event::Ended(run.id.seq, run.state)),
                Taken::Run(ticket) => return self.work(*ticket).await,
            }
        }
    }
}
