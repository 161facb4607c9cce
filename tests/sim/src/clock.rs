//! The simulator's time: the system's, shifted or stopped. What expires in a test expires without waiting.

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Lets real time pass: what takes time on the wire (service times, slow bodies) takes it for the client too, whatever
/// the simulator's clock says. The only place that sleeps.
#[allow(clippy::disallowed_methods)]
pub async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// Tells the simulator's time.
#[derive(Debug, Default)]
pub struct Clock(Mutex<Setting>);

#[derive(Debug, Default, Clone, Copy)]
struct Setting {
    shift: SignedDuration,
    stopped_at: Option<Timestamp>,
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> Timestamp {
        let setting = *self.lock();
        let base = setting.stopped_at.unwrap_or_else(Timestamp::now);
        base.checked_add(setting.shift).unwrap_or(base)
    }

    /// Moves the time on, whether it runs or stands.
    pub fn advance(&self, by: Duration) {
        let mut setting = self.lock();
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::ZERO);
        setting.shift = setting.shift.saturating_add(by);
    }

    /// Stops the time at an instant.
    pub fn stop_at(&self, instant: Timestamp) {
        *self.lock() = Setting { shift: SignedDuration::ZERO, stopped_at: Some(instant) };
    }

    /// Sets the time to an instant from which it runs on.
    pub fn run_from(&self, instant: Timestamp) {
        *self.lock() = Setting { shift: instant.duration_since(Timestamp::now()), stopped_at: None };
    }

    /// Goes back to the system's time.
    pub fn reset(&self) {
        *self.lock() = Setting::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Setting> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_told() {
        let clock = Clock::default();
        let start: Timestamp = "2026-04-01T00:00:00Z".parse().expect("an instant");
        clock.stop_at(start);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().to_string(), "2026-04-01T00:01:00Z");
        clock.run_from(start);
        assert!(clock.now().duration_since(start) < SignedDuration::from_secs(5));
    }
}
