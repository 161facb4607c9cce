//! Waiting before a call is repeated. What may be repeated is said by the error's class, not here.

use std::time::Duration;

use async_trait::async_trait;
use model::clock::{Clock as _, SystemClock};

/// How often and after how long a call is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Longest wait before the second attempt; it doubles from attempt to attempt.
    pub base: Duration,
    /// Longest wait of all.
    pub cap: Duration,
    /// Attempts in all, the first one included; 1 never repeats.
    pub tries: u32,
}

impl Default for Retry {
    /// Eight attempts over at most 51 seconds: long enough for a burst of other clients at the limit of 100 concurrent
    /// requests to pass, short enough for a lease to be kept alive meanwhile.
    fn default() -> Self {
        Self { base: Duration::from_millis(500), cap: Duration::from_secs(20), tries: 8 }
    }
}

impl Retry {
    /// The wait after attempt `attempt` (from 1). `jitter` in `0.0..1.0` spreads it over the upper half of the span, so
    /// that clients refused together do not come back together.
    pub fn delay(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.base.saturating_mul(1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.cap).mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }
}

/// Time and chance, as far as the client needs them; tests inject their own and wait for nothing.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Waits.
    async fn pause(&self, span: Duration);

    /// A number in `0.0..1.0`.
    fn jitter(&self) -> f64;
}

/// The real thing.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioPause;

#[async_trait]
impl Pause for TokioPause {
    async fn pause(&self, span: Duration) {
        SystemClock.pause(span).await;
    }

    fn jitter(&self) -> f64 {
        // Without randomness every client waits the middle of the span, which is still correct.
        getrandom::u32().map_or(0.5, |n| f64::from(n) / (f64::from(u32::MAX) + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let retry = Retry { base: Duration::from_millis(100), cap: Duration::from_secs(1), tries: 9 };
        let longest: Vec<u128> = (1..=6).map(|n| retry.delay(n, 1.0).as_millis()).collect();
        assert_eq!(longest, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(retry.delay(1, 0.0), Duration::from_millis(50));
        assert_eq!(retry.delay(200, 1.0), Duration::from_secs(1));
    }

    #[test]
    fn chance_is_in_range() {
        assert!((0..100).map(|_| TokioPause.jitter()).all(|j| (0.0..1.0).contains(&j)));
    }
}
