//! Time: the [`Timestamp`], the [`Clock`] port, the system's clock and clocks for tests.
//!
//! This is the only place that reads the system clock or sleeps.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, Sub};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long until `later`; zero if it has passed.
    pub fn until(self, later: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(later.0 - self.0).unwrap_or(0))
    }

    /// `2026-11-21T09:30:00Z`, whole seconds, as kintone's DATETIME wants it.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.seconds()).map_or_else(|_| self.0.to_string(), |t| t.to_string())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, d: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;
    fn sub(self, d: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Where time comes from.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Returns at `at`, at once if it has passed.
    async fn sleep_until(&self, at: Timestamp);

    /// A short technical pause (back-off after a lost race), which is real time also under a clock that a test turns by hand.
    async fn pause(&self, length: Duration);
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep_until(&self, at: Timestamp) {
        self.pause(self.now().until(at)).await;
    }

    #[expect(clippy::disallowed_methods, reason = "the one place")]
    async fn pause(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}

/// A clock that a test turns by hand.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// Stands at `start` until it is turned.
    pub fn new(start: Timestamp) -> Self {
        Self { now: watch::Sender::new(start) }
    }

    /// Turns the clock forward; sleepers whose time has come wake.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = *now + by);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut changes = self.now.subscribe();
        // The sender lives in self, so waiting cannot fail while we are borrowed.
        let _ = changes.wait_for(|now| *now >= at).await;
    }

    async fn pause(&self, length: Duration) {
        SystemClock.pause(length.min(Duration::from_millis(20))).await;
    }
}

/// A clock for simulations on one thread: time stands still while any task can run, then jumps to the next sleeper.
///
/// Whoever drives the simulation calls [`VirtualClock::drive`] beside the tasks.
#[derive(Debug)]
pub struct VirtualClock(Mutex<Virtual>);

#[derive(Debug)]
struct Virtual {
    now: Timestamp,
    sleepers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    /// Tells apart sleepers of one instant; they wake in the order in which they went to sleep.
    count: u64,
}

/// How often the driver lets all others run before it takes them to be asleep: more than any chain of tasks that wake
/// one another.
const IDLE_ROUNDS: usize = 30;

impl VirtualClock {
    /// Stands at `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Mutex::new(Virtual { now: start, sleepers: BTreeMap::new(), count: 0 }))
    }

    fn lock(&self) -> MutexGuard<'_, Virtual> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Lets time pass until nobody sleeps and nobody runs, or `done` says so.
    pub async fn drive(&self, done: impl Fn() -> bool) {
        loop {
            for _ in 0..IDLE_ROUNDS {
                tokio::task::yield_now().await;
            }
            if done() {
                return;
            }
            let mut clock = self.lock();
            let Some(((at, _), sleeper)) = clock.sleepers.pop_first() else { return };
            clock.now = clock.now.max(at);
            // A sleeper that is gone was cut off; the next one is due all the same.
            let _ = sleeper.send(());
        }
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    async fn sleep_until(&self, at: Timestamp) {
        let (sender, woken) = oneshot::channel();
        let asleep = {
            let mut clock = self.lock();
            clock.count += 1;
            let entry = (at, clock.count);
            (at > clock.now).then(|| clock.sleepers.insert(entry, sender))
        };
        match asleep {
            Some(_) => drop(woken.await),
            None => tokio::task::yield_now().await,
        }
    }

    async fn pause(&self, length: Duration) {
        self.sleep_until(self.now() + length.max(Duration::from_millis(1))).await;
    }
}
