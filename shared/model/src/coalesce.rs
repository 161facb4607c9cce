//! Coalescing: webhooks that wait become one run, for units that ask for it (docs/decisions/0024).
//!
//! A webhook that comes while one of its unit is the last in the queue joins that run: the run starts with the parameters
//! of both, as a sheet call of several records does, and both end with it. Pure functions of (now, state, request).

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::limits::MAX_PAYLOAD;
use crate::run::{Method, Run, RunState, Trigger};
use crate::unit::{Unit, UnitState};

/// Most webhooks of one run: what one page of a kintone list shows at most, as for calls between units.
pub const MOST: u32 = 100;
/// Longest text of the people of one run: what the log app's field is searched by.
const MOST_PEOPLE: usize = 500;

/// What a run has gathered, where webhooks may join it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered {
    /// Webhooks, with the first.
    pub requests: u32,
    /// Bytes of their parameters.
    pub bytes: usize,
}

impl Gathered {
    /// What the run of this webhook has gathered when it is admitted: nothing yet, but others may join it.
    pub fn first(unit: &Unit, trigger: &Trigger, bytes: usize) -> Option<Self> {
        (unit.coalesce && trigger.method == Method::Webhook).then_some(Self { requests: 1, bytes })
    }
}

/// The run that one more webhook may join: the last that waits, so that nobody is overtaken, while at least half of its
/// wait limit is left, so that who comes late is not given up with who came early.
pub fn candidate(now: Timestamp, unit: &Unit, state: &UnitState) -> Option<u64> {
    let last = state.waiting.back()?;
    let fresh = now + unit.limits.wait() / 2 <= last.deadline;
    (unit.coalesce && state.enabled && fresh).then_some(last.seq)
}

/// The run with one more webhook; `None` where it takes no more.
pub fn join(run: &Run, trigger: &Trigger, bytes: usize) -> Option<Run> {
    let gathered = run.gathered?;
    let now = Gathered { requests: gathered.requests + 1, bytes: gathered.bytes + bytes };
    let fits = now.requests <= MOST && now.bytes <= MAX_PAYLOAD;
    if run.state != RunState::Queued || trigger.method != Method::Webhook || !fits {
        return None;
    }
    let mut joined = Run { gathered: Some(now), ..run.clone() };
    let own = &mut joined.trigger;
    own.event = own.event.filter(|event| Some(*event) == trigger.event);
    if own.client != trigger.client {
        // Each of them was, or will be, answered with this run, and may ask where it stands.
        for client in own.client.take().iter().chain(&trigger.client) {
            if !own.clients.contains(client) {
                own.clients.push(client.clone());
            }
        }
    }
    own.records.extend(trigger.records.iter().filter(|id| !run.trigger.records.contains(id)).cloned());
    let known = own.user.split(", ").any(|user| user == trigger.user);
    if !known && !trigger.user.is_empty() && own.user.len() + 2 + trigger.user.len() <= MOST_PEOPLE {
        own.user =
            [own.user.as_str(), &trigger.user].iter().filter(|u| !u.is_empty()).copied().collect::<Vec<_>>().join(", ");
    }
    Some(joined)
}

#[cfg(test)]
mod tests;
