//! How many calls were made, in all and per app: kintone's daily allowance is counted per app.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A counter of calls, shared by its clones. Every attempt counts, repeated ones too, since kintone counts them.
///
/// A bulk that touches several apps counts once for each of them; kintone does not say how it counts those, and this is
/// the least that it can be.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    all: u64,
    apps: BTreeMap<u64, u64>,
}

impl Calls {
    /// A counter at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// HTTP requests made.
    pub fn total(&self) -> u64 {
        self.lock().all
    }

    /// Calls that touched this app.
    pub fn of_app(&self, app: u64) -> u64 {
        self.lock().apps.get(&app).copied().unwrap_or(0)
    }

    /// Calls per app.
    pub fn per_app(&self) -> BTreeMap<u64, u64> {
        self.lock().apps.clone()
    }

    pub(crate) fn add(&self, apps: &[u64]) {
        let mut counts = self.lock();
        counts.all += 1;
        for (at, app) in apps.iter().enumerate() {
            if !apps[..at].contains(app) {
                *counts.apps.entry(*app).or_default() += 1;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        // A counter has no state that a panic elsewhere could leave half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_counts_once_per_call() {
        let calls = Calls::new();
        calls.add(&[1, 2, 1]);
        calls.clone().add(&[1]);
        calls.add(&[]);
        assert_eq!((calls.total(), calls.of_app(1), calls.of_app(2), calls.of_app(3)), (3, 2, 1, 0));
        assert_eq!(calls.per_app().into_iter().collect::<Vec<_>>(), [(1, 2), (2, 1)]);
    }
}
