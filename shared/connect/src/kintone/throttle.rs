//! How many calls may run at once against one domain: our own limit, lowered while others press kintone's.
//!
//! kintone takes 100 requests at a time per domain, from all apps and tools of the company together, and says on every
//! answer how many are running. Cybozu advises to hold back when fewer than 20 are free. So the room left for us is
//! `limit - 20 - what others run`, and never less than one call, since it is the next answer that tells of better times.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Requests kept free for people at their browsers: Cybozu's own sample stops there.
const KEPT_FREE: u64 = 20;

/// The throttle of one domain, shared by all its connections in this process.
#[derive(Debug)]
pub(crate) struct Throttle {
    most: u64,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    running: u64,
    allowed: u64,
}

/// The right to make one call; given back when dropped.
#[derive(Debug)]
pub(crate) struct Pass(Arc<Throttle>);

impl Throttle {
    /// At most `most` calls at once (at least one).
    pub(crate) fn new(most: usize) -> Arc<Self> {
        let most = u64::try_from(most).unwrap_or(u64::MAX).max(1);
        Arc::new(Self { most, state: Mutex::new(State { running: 0, allowed: most }), changed: Notify::new() })
    }

    /// Waits for room.
    pub(crate) async fn enter(self: &Arc<Self>) -> Pass {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that a change between the look and the wait is not missed.
            changed.as_mut().enable();
            if let Some(pass) = self.try_enter() {
                return pass;
            }
            changed.await;
        }
    }

    fn try_enter(self: &Arc<Self>) -> Option<Pass> {
        let mut state = self.lock();
        (state.running < state.allowed).then(|| {
            state.running += 1;
            Pass(self.clone())
        })
    }

    /// What an answer said: kintone's limit, and how many requests were running with ours among them.
    pub(crate) fn heed(&self, limit: u64, running: u64) {
        let mut state = self.lock();
        let others = running.saturating_sub(state.running);
        state.allowed = limit.saturating_sub(KEPT_FREE).saturating_sub(others).clamp(1, self.most);
        drop(state);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_of_others_lowers_the_room_and_its_end_restores_it() {
        let throttle = Throttle::new(10);
        let passes: Vec<Pass> = (0..10).map_while(|_| throttle.try_enter()).collect();
        assert_eq!(passes.len(), 10);
        assert!(throttle.try_enter().is_none());
        throttle.heed(100, 10 + 76); // 76 of others: 4 left for us
        drop(passes);
        let passes: Vec<Pass> = (0..10).map_while(|_| throttle.try_enter()).collect();
        assert_eq!(passes.len(), 4);
        throttle.heed(100, 200); // one is always left
        drop(passes);
        assert_eq!((0..10).map_while(|_| throttle.try_enter()).collect::<Vec<_>>().len(), 1);
        throttle.heed(100, 1);
        assert_eq!((0..20).map_while(|_| throttle.try_enter()).collect::<Vec<_>>().len(), 10);
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let throttle = Throttle::new(1);
        let first = throttle.enter().await;
        let second = tokio::spawn({
            let throttle = throttle.clone();
            async move { throttle.enter().await }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        assert!(second.await.is_ok());
    }
}
