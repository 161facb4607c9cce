//! Units, a schedule and three workers at once: where everything meets. Explored from the beginning, from the middle of what
//! happens there, and by walks to the end of all runs (`walks`).

use crate::begun::Do;
use crate::explore::sound;
use crate::scene::Scene;
use crate::situations::{
    BOTH_ENDED, HALF_ENDED, PARKED_BESIDE, SCHEDULE_FIRST, SCHEDULE_WAITS, SCHEDULED_DIED, SETTLED, TAKEN_OVER,
    TWO_WRITE, WOKEN,
};

/// Three units of which two fit into the budget together, a schedule that falls due once, three workers, two faults, two
/// chunks a run.
pub fn all_together() -> Scene {
    Scene {
        requests: vec![1, 1, 1],
        records: vec![1, 2, 2],
        chunks: 2,
        fenced: true,
        schedules: 1,
        workers: 3,
        faults: 2,
        turned_away: 0,
        budget: 3,
        starts: 5,
        wait: 600,
        horizon: 400,
        depth: 8,
        died: 0,
        begun: &[],
        without: None,
    }
}

/// The same with two units, one chunk and one fault: a whole run takes six steps.
pub fn two_units() -> Scene {
    Scene { requests: vec![1, 1], records: vec![2, 2], chunks: 1, faults: 1, depth: 11, ..all_together() }
}

/// A schedule is running, and all realtime runs wait.
pub const SCHEDULED: &[Do] = &[Do::FallDue, Do::Turn];

/// A run is half written, its worker is dead, and a schedule is due of another unit.
pub const HALF_WRITTEN: &[Do] =
    &[Do::Look(1), Do::Open(1), Do::Reserve(1), Do::Send(1), Do::Arrive(1), Do::FallDue, Do::Die(1)];

/// The same while the chunk is on its way still.
pub const SENT_AND_DEAD: &[Do] = &[Do::Look(1), Do::Open(1), Do::Reserve(1), Do::Send(1), Do::Die(1)];

/// A run has begun, and a schedule is due of another unit.
pub const BESIDE: &[Do] = &[Do::Look(1), Do::Open(1), Do::FallDue];

/// Runs of two units are writing, and the third has found no room: its next try parks it.
pub const WRITING: &[Do] = &[
    Do::Look(0),
    Do::Open(0),
    Do::Reserve(0),
    Do::Look(1),
    Do::Open(1),
    Do::Reserve(1),
    Do::Look(2),
    Do::Open(2),
    Do::Reserve(2),
];

/// The same, and the third is parked; each of the two has sent a chunk.
pub const PARKED: &[Do] = &[
    Do::Look(0),
    Do::Open(0),
    Do::Reserve(0),
    Do::Look(1),
    Do::Open(1),
    Do::Reserve(1),
    Do::Look(2),
    Do::Open(2),
    Do::Reserve(2),
    Do::Reserve(2),
    Do::Send(0),
    Do::Send(1),
];

/// A run of the schedule's own unit is at its last chunk, and the schedule is due.
pub const DUE: &[Do] =
    &[Do::Look(0), Do::Open(0), Do::Reserve(0), Do::Send(0), Do::Arrive(0), Do::FallDue, Do::Send(0)];

/// The scheduled run is half written; the runs that wait have waited as long as it runs.
pub const SCHEDULED_HALF: &[Do] =
    &[Do::FallDue, Do::Turn, Do::Open(0), Do::Reserve(0), Do::Send(0), Do::Arrive(0), Do::Send(0)];

pub fn begun(begun: &'static [Do], depth: usize) -> Scene {
    Scene { begun, depth, ..all_together() }
}

#[test]
fn three_units_a_schedule_and_three_workers() {
    sound(all_together(), &[TAKEN_OVER, SCHEDULE_FIRST, SCHEDULE_WAITS, TWO_WRITE]);
}

#[test]
fn two_units_a_schedule_and_three_workers() {
    sound(two_units(), &[TAKEN_OVER, SCHEDULE_FIRST, SCHEDULE_WAITS, PARKED_BESIDE, BOTH_ENDED]);
}

#[test]
fn while_a_schedule_is_running() {
    sound(begun(SCHEDULED, 10), &[SCHEDULE_FIRST, SCHEDULED_DIED]);
}

#[test]
fn when_the_scheduled_run_is_half_written() {
    sound(begun(SCHEDULED_HALF, 9), &[SETTLED, SCHEDULED_DIED]);
}

#[test]
fn when_a_run_is_half_written_and_a_schedule_is_due() {
    sound(begun(HALF_WRITTEN, 12), &[TAKEN_OVER, HALF_ENDED]);
}

#[test]
fn when_a_chunk_is_on_its_way_and_its_worker_is_dead() {
    sound(begun(SENT_AND_DEAD, 8), &[TAKEN_OVER, SCHEDULE_FIRST]);
}

#[test]
fn when_a_run_has_begun_and_a_schedule_is_due() {
    sound(begun(BESIDE, 10), &[SCHEDULE_WAITS, SCHEDULE_FIRST]);
}

#[test]
fn when_a_run_ends_and_a_schedule_is_due() {
    sound(begun(DUE, 11), &[SCHEDULE_WAITS, SCHEDULE_FIRST]);
}

#[test]
fn while_two_runs_write() {
    sound(begun(WRITING, 7), &[TWO_WRITE, PARKED_BESIDE, SCHEDULE_WAITS]);
}

#[test]
fn while_two_runs_write_and_one_is_parked() {
    sound(begun(PARKED, 7), &[TWO_WRITE, PARKED_BESIDE, SCHEDULE_WAITS, WOKEN]);
}
