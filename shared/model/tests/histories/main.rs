//! Seeded histories of the gate over the store in memory, with virtual time: workers are killed and stall, nudges are lost
//! and doubled, commits race. After each history the invariants of the design must hold.
//!
//! `./test` runs a couple of thousand; `SUIRO_HISTORIES=5000 cargo test --release -p model --test histories` runs thousands.
//! A failure names its seed; `SUIRO_SEED=17` runs that one alone.

mod checks;
mod queue;
mod work;
mod world;

use world::{History, Plan};

fn number(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "a test's own switch")]
    std::env::var(name).ok()?.parse().ok()
}

fn run(plan: &Plan, default: u64) {
    let seeds = match number("SUIRO_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SUIRO_HISTORIES").unwrap_or(default),
    };
    let mut parkings = 0;
    for seed in seeds {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let history: History = runtime.block_on(world::play(plan, seed));
        checks::check(&history, plan, seed);
        parkings += checks::parkings(&history);
    }
    assert_eq!(parkings > 0, plan.writes, "{parkings} parkings");
}

const CALM: Plan = Plan {
    units: 50,
    requests: 20,
    patient: true,
    kills: 0.08,
    stalls: 0.03,
    lost: 0.1,
    doubled: 0.1,
    writes: false,
    schedules: 0,
};

/// The issue's own size: 50 units with 20 requests each.
#[test]
fn fifty_units_of_twenty_requests() {
    run(&CALM, 15);
}

/// Few units, much trouble: more interleavings in less time.
#[test]
fn two_units_in_trouble() {
    run(&Plan { units: 2, requests: 12, kills: 0.3, stalls: 0.15, lost: 0.4, doubled: 0.4, ..CALM }, 1_500);
}

/// Requests that cannot be served in time end as timed out, once each.
#[test]
fn impatient_requests() {
    run(&Plan { units: 3, requests: 90, patient: false, kills: 0.05, stalls: 0.02, ..CALM }, 100);
}

/// Eight units that write more than fits, in trouble.
#[test]
fn a_crowd_that_writes() {
    run(&Plan { units: 8, requests: 6, kills: 0.15, stalls: 0.1, lost: 0.2, doubled: 0.2, writes: true, ..CALM }, 40);
}

/// Three schedules among realtime runs that write, in trouble.
#[test]
fn schedules_among_realtime_runs() {
    let plan = Plan { units: 4, requests: 8, kills: 0.15, stalls: 0.1, lost: 0.2, doubled: 0.2, writes: true, ..CALM };
    run(&Plan { schedules: 3, ..plan }, 40);
}
