//! Everything that a running simulator shares between its calls.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::kintone::api::deploy;
use crate::kintone::world::World;
use crate::spec::UserSpec;
use crate::webhook::Webhooks;

/// The login under which tokens write and the screen acts where no user is named. It has no password.
pub const ADMINISTRATOR: &str = "Administrator";

/// The simulated domain with all that stands around it.
#[derive(Debug, Default)]
pub struct Domain {
    world: RwLock<World>,
    /// The time.
    pub clock: Clock,
    /// The faults in waiting.
    pub faults: Faults,
    /// The calls received.
    pub calls: CallLog,
    /// The webhooks' sender.
    pub webhooks: Arc<Webhooks>,
    running: AtomicU64,
}

impl Domain {
    /// An empty domain that is reached at `base_url`.
    pub fn new(base_url: String) -> Self {
        let domain = Self::default();
        *domain.write() = fresh(base_url);
        domain
    }

    /// The state, to be read.
    pub fn read(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, to be changed.
    pub fn write(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything but the address.
    pub fn reset(&self) {
        let base_url = self.read().base_url.clone();
        *self.write() = fresh(base_url);
        self.clock.reset();
        self.faults.clear();
        self.calls.reset();
        self.webhooks.clear();
    }

    /// Brings deploys into force whose time has come.
    pub fn settle_deploys(&self, now: Timestamp) {
        if deploy::is_due(&self.read(), now) {
            deploy::settle(&mut self.write(), now);
        }
    }

    /// Counts a request as running, until the guard is dropped.
    pub fn enter(self: &Arc<Self>) -> Running {
        let number = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        Running { domain: Arc::clone(self), number }
    }
}

fn fresh(base_url: String) -> World {
    let mut world = World { base_url, ..World::default() };
    let administrator = UserSpec { login: ADMINISTRATOR.to_owned(), ..UserSpec::default() };
    world.users.insert(administrator.login.clone(), administrator);
    world
}

/// A running request.
#[derive(Debug)]
pub struct Running {
    domain: Arc<Domain>,
    /// How many run, this one among them.
    pub number: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.domain.running.fetch_sub(1, Ordering::SeqCst);
    }
}
