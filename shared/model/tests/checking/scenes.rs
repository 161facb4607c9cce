//! Small worlds, each about one thing, and what must be found in them.

use model::limits::MAX_ATTEMPTS;

use crate::begun::Do;
use crate::explore::sound;
use crate::meeting::{all_together, two_units};
use crate::scene::Scene;
use crate::situations::{
    BEGUN_ANEW, ENDED, GIVEN_UP, HALF_ENDED, LOGGED_LATER, PARKED, SCHEDULED_DIED, SCHEDULED_TWICE, SETTLED,
    TAKEN_OVER, UNCERTAIN, WOKEN,
};

/// One run of two chunks, two workers: leases, journal and fence.
pub fn journal() -> Scene {
    Scene { requests: vec![1], schedules: 0, workers: 2, horizon: 200, depth: 20, ..all_together() }
}

/// The same where so many workers have died with the run that the next one that dies is the last that goes on with it.
pub fn given_up() -> Scene {
    Scene { died: MAX_ATTEMPTS - 1, depth: 20, ..journal() }
}

/// One run of two chunks of a unit without a log app.
pub fn logless() -> Scene {
    Scene { fenced: false, depth: 20, ..journal() }
}

/// A run without a log app writes, and another waits for room.
pub fn logless_crowd() -> Scene {
    const WAITS: &[Do] =
        &[Do::Look(0), Do::Open(0), Do::Reserve(0), Do::Look(1), Do::Open(1), Do::Reserve(1), Do::Send(0)];
    Scene { fenced: false, schedules: 0, faults: 2, begun: WAITS, depth: 9, ..two_units() }
}

/// The same when the one that waited has got its room, has written, and its worker is dead.
pub fn logless_after_room() -> Scene {
    const WROTE: &[Do] = &[
        Do::Look(0),
        Do::Open(0),
        Do::Reserve(0),
        Do::Look(1),
        Do::Open(1),
        Do::Reserve(1),
        Do::Reserve(1),
        Do::Send(0),
        Do::Arrive(0),
        Do::End(0),
        Do::Look(1),
        Do::Open(1),
        Do::Reserve(1),
        Do::Send(1),
        Do::Arrive(1),
        Do::Die(1),
    ];
    Scene { begun: WROTE, ..logless_crowd() }
}

/// Three runs that want 2, 3 and 1 of three records.
pub fn crowd() -> Scene {
    Scene {
        requests: vec![1, 1, 1],
        records: vec![2, 3, 1],
        chunks: 0,
        schedules: 0,
        faults: 0,
        horizon: 130,
        depth: 11,
        ..all_together()
    }
}

/// More requests than may start in a window.
pub fn rush() -> Scene {
    Scene { requests: vec![3], chunks: 0, schedules: 0, starts: 2, horizon: 300, depth: 15, ..all_together() }
}

/// A schedule that falls due twice beside realtime runs that do not wait long.
pub fn nightly() -> Scene {
    Scene {
        requests: vec![1, 1],
        chunks: 0,
        schedules: 2,
        workers: 2,
        faults: 1,
        wait: 100,
        horizon: 300,
        depth: 9,
        ..all_together()
    }
}

/// Requests of one unit that wait too long, are taken back or come too late, and a worker that dies too often.
pub fn turned_away() -> Scene {
    Scene {
        requests: vec![2],
        chunks: 0,
        schedules: 0,
        workers: 2,
        turned_away: 2,
        wait: 100,
        horizon: 300,
        depth: 10,
        died: MAX_ATTEMPTS + 1,
        ..all_together()
    }
}

#[test]
fn one_run_and_its_journal() {
    // That a late worker may open the record of a run that has ended is known, and no rule judges it: docs/proofs.md.
    sound(journal(), &[ENDED, TAKEN_OVER, SETTLED, HALF_ENDED]);
}

#[test]
fn one_run_that_is_given_up() {
    sound(given_up(), &[ENDED, TAKEN_OVER, GIVEN_UP]);
}

#[test]
fn one_run_without_a_log_app() {
    sound(logless(), &[ENDED, TAKEN_OVER, UNCERTAIN, BEGUN_ANEW]);
}

#[test]
fn two_runs_without_a_log_app_and_little_room() {
    sound(logless_crowd(), &[TAKEN_OVER, UNCERTAIN, WOKEN]);
    sound(logless_after_room(), &[TAKEN_OVER, UNCERTAIN, ENDED]);
}

#[test]
fn three_runs_and_little_room() {
    sound(crowd(), &[PARKED, WOKEN]);
}

#[test]
fn more_requests_than_starts() {
    sound(rush(), &[ENDED]);
}

#[test]
fn a_schedule_among_realtime_runs() {
    sound(nightly(), &[SCHEDULED_DIED, SCHEDULED_TWICE, TAKEN_OVER]);
}

#[test]
fn runs_that_end_without_a_worker() {
    sound(turned_away(), &[ENDED, LOGGED_LATER, UNCERTAIN]);
}
