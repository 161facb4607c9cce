//! Product limits: the defaults, with the reason beside each number. A domain or a unit can set its own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::caps::{DomainCaps, UnitCaps};

/// Starts of one unit in any window: krewData's limit, which its users know (seed 001).
pub const STARTS: usize = 5;
/// The window of that limit.
pub const WINDOW: Duration = Duration::from_secs(60);
/// How long a request may wait before it is given up. krewData has such a limit and does not publish it; ten
/// minutes is ten full windows, so up to 50 requests of one burst are served.
pub const WAIT_LIMIT: Duration = Duration::from_secs(600);
/// How long a worker owns a run without renewing: long enough for one lost renewal, short enough that a killed
/// worker holds its unit for seconds (DESIGN 4.3).
pub const LEASE: Duration = Duration::from_secs(90);
/// How often lease and visibility are renewed: three chances in a lease.
pub const RENEW_EVERY: Duration = Duration::from_secs(30);
/// How long before the end of its time (a Lambda's 15 minutes) a worker hands its run over: a bulk that has just been sent
/// takes a minute at most, and its journal and lease some seconds.
pub const HAND_OVER: Duration = Duration::from_secs(90);
/// After how long a run is taken up again whose kintone, or file store, does not answer.
pub const AGAIN: Duration = Duration::from_secs(30);
/// How long after its start a run is taken up again and again for that reason, before its attempts are counted: kintone's
/// longest announced maintenance is some hours.
pub const AGAIN_LIMIT: Duration = Duration::from_secs(6 * 3_600);
/// For how long the end of a run that was cancelled while it waited is tried to be told from its log record: longer than a
/// lock, and no longer than somebody who cancels looks at it.
pub const CANCEL_LIMIT: Duration = Duration::from_secs(300);
/// How many workers of one run may die; then something in it kills workers, and no other goes on with it.
pub const MAX_ATTEMPTS: u32 = 5;
/// How many more may die that only read what was written, to end such a run: they hold no records, so what kills them is
/// an accident, as a restart is, and not the run.
pub const MAX_ENDERS: u32 = 3;
/// How long payload parameters are kept: the longest that SQS keeps a message, which would be the alternative.
pub const PAYLOAD_KEPT: Duration = Duration::from_secs(14 * 86_400);
/// How long a notification id is remembered; as long as the payload, so that a repeat is known while it could be run.
pub const NOTIFICATION_KEPT: Duration = PAYLOAD_KEPT;
/// How long an ended run is kept in the table: a quarter, for "what happened in spring?".
pub const RUN_KEPT: Duration = Duration::from_secs(92 * 86_400);
/// Most named callers of a unit: the unit is one item, and each takes about 200 bytes of it.
pub const MAX_CALLERS: usize = 50;
/// How long an access token of the trigger API is good: an hour, as OAuth access tokens of kintone are.
pub const TOKEN_KEPT: Duration = Duration::from_secs(3_600);
/// Most requests of one unit that wait: the unit's state is one item of at most 400 KB, and each takes about 80 bytes.
pub const MAX_WAITING: usize = 1_000;
/// Most ended runs of a unit whose log record is still to be written, before further webhooks that come too late are
/// refused and only counted, even where no flood has been found: who writes no log for so long cannot be told more.
pub const MAX_TO_LOG: usize = 1_000;
/// Most ended runs that are remembered as not logged: half of what the state's item holds. Beyond it the oldest are
/// only in the table.
pub const MOST_TO_LOG: usize = 20_000;
/// Most records in one API call: each is a run of two items, and a commit has at most 100 writes.
pub const MAX_RECORDS_PER_CALL: usize = 40;
/// Most records in one sheet call: what one page of a kintone list shows at most is 100; five pages.
pub const MAX_SHEET_RECORDS: usize = 500;
/// Largest payload that is kept of one run, in bytes of JSON: an item of the table holds 400 KB.
pub const MAX_PAYLOAD: usize = 300_000;
/// Of how many runs of a unit what is needed to take them back is kept: a day of one every quarter of an hour.
pub const UNDO_RUNS: u64 = 100;
/// Longest chain of units that call one another: what is asked for is a step or two, and a loop would run for ever.
pub const MAX_HOPS: u32 = 5;
/// Most calls of other units in one run: each is two items and a state in the commit that ends it, of at most 100 writes.
pub const MAX_CALLS: usize = 20;
/// Largest sum of what all calls of one run pass on, in bytes as the table counts them: they are in the one commit that ends
/// it, of at most 4 MB ([`crate::store::size::MAX_COMMIT`]); the rest is for the states of the units that are called.
pub const MAX_CALLS_OF_RUN: usize = 3_000_000;
/// Most rows that a call passes on as records: what one page of a kintone list shows at most.
pub const MAX_CALL_RECORDS: usize = 100;
/// How long a counter that starts anew with every period is kept: two years, beyond the longest period and any run in it.
pub const COUNTER_KEPT: Duration = Duration::from_secs(2 * 366 * 86_400);
/// Largest request body: kintone sends no webhook above 1 MB; rounded up to 1 MiB.
pub const MAX_BODY: usize = 1 << 20;
/// How long after an event the sweep looks at a unit whose nudge may have been lost.
pub const SWEEP_GRACE: Duration = Duration::from_secs(60);

/// Records that the realtime runs of a domain may be writing at one moment: krewData's limit, which its users know
/// (seed 001).
pub const BUDGET: u64 = 20_000;
/// After how long a run that waits for the output budget asks again, where nobody wakes it: its waiting costs four
/// invocations a minute at most, and who was not woken loses a quarter of a minute.
pub const BUDGET_ASK: Duration = Duration::from_secs(15);
/// How long after the time of its waking a parked run keeps lock, reader's entry and place in line: a lost nudge is
/// sent again 30 s after that time, by a sweep that comes once a minute, and takes some seconds to arrive.
pub const PARK_MARGIN: Duration = Duration::from_secs(120);

/// How long a run waits for the output budget before it fails: as long as for kintone, beyond which nobody expects its
/// write any more.
pub const BUDGET_WAIT: Duration = AGAIN_LIMIT;

/// How often a realtime run asks again while a schedule holds it back, and a scheduled run while it waits for realtime
/// runs: four times in an interlude, so that nobody misses it.
pub const SCHEDULE_ASK: Duration = Duration::from_secs(15);
/// How long, after a scheduled run, requests that already waited may start before the next one (DESIGN 1.4).
pub const INTERLUDE: Duration = Duration::from_secs(60);
/// How long a scheduled run may wait for its start: four of the longest realtime runs, a Lambda's 15 minutes each. It holds
/// the domain's realtime starts back meanwhile.
pub const SCHEDULED_WAIT: Duration = Duration::from_secs(3_600);
/// Most time that a request is held back by schedules beyond its wait limit: a night's batch.
pub const HELD_LIMIT: Duration = Duration::from_secs(6 * 3_600);
/// Most scheduled runs of a domain that wait: krewData's largest licence has as many schedules.
pub const MAX_SCHEDULED: usize = 100;
/// Most remembered times in which schedules held realtime starts back: some kilobytes of the gate's item, and more than
/// a night of schedules every five minutes.
pub const MAX_HELD: usize = 100;

/// What the gate of a domain goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainLimits {
    /// Records that its realtime runs may be writing at one moment.
    pub budget: u64,
    /// How long requests that waited may start between two scheduled runs, in milliseconds.
    pub interlude_ms: u64,
    /// How long a scheduled run may wait for its start, in milliseconds.
    pub scheduled_wait_ms: u64,
    /// Most time beyond its wait limit that a request is held back by schedules, in milliseconds.
    pub held_ms: u64,
    /// How long a run waits for the output budget before it fails, in milliseconds.
    pub budget_wait_ms: u64,
    /// Records that one flow may read and write.
    pub caps: DomainCaps,
}

impl Default for DomainLimits {
    fn default() -> Self {
        Self {
            budget: BUDGET,
            interlude_ms: ms(INTERLUDE),
            scheduled_wait_ms: ms(SCHEDULED_WAIT),
            held_ms: ms(HELD_LIMIT),
            budget_wait_ms: ms(BUDGET_WAIT),
            caps: DomainCaps::default(),
        }
    }
}

impl DomainLimits {
    /// The interlude.
    pub fn interlude(&self) -> Duration {
        Duration::from_millis(self.interlude_ms)
    }
    /// The wait limit of scheduled runs.
    pub fn scheduled_wait(&self) -> Duration {
        Duration::from_millis(self.scheduled_wait_ms)
    }
    /// How long a run waits for the output budget.
    pub fn budget_wait(&self) -> Duration {
        Duration::from_millis(self.budget_wait_ms)
    }
    /// The cap of waiting for schedules.
    pub fn held(&self) -> Duration {
        Duration::from_millis(self.held_ms)
    }
}

fn ms(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// What the gate of a unit goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitLimits {
    /// Starts in a window, at least 1.
    pub starts: usize,
    /// The window, in milliseconds.
    pub window_ms: u64,
    /// How long a request may wait, in milliseconds.
    pub wait_ms: u64,
    /// The lease, in milliseconds.
    pub lease_ms: u64,
    /// Records that one flow may read and write, where they are not the domain's.
    pub caps: UnitCaps,
}

impl Default for UnitLimits {
    fn default() -> Self {
        Self {
            starts: STARTS,
            window_ms: ms(WINDOW),
            wait_ms: ms(WAIT_LIMIT),
            lease_ms: ms(LEASE),
            caps: UnitCaps::default(),
        }
    }
}

impl UnitLimits {
    /// The window.
    pub fn window(&self) -> Duration {
        Duration::from_millis(self.window_ms)
    }
    /// The wait limit.
    pub fn wait(&self) -> Duration {
        Duration::from_millis(self.wait_ms)
    }
    /// The lease.
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }
}
