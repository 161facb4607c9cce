//! Rules of the meeting of things: the world of `meeting` without one of them, from the middle of what happens there.

use crate::begun::Do;
use crate::explore::caught;
use crate::meeting::{
    BESIDE, DUE, HALF_WRITTEN, PARKED, SCHEDULED, SCHEDULED_HALF, SENT_AND_DEAD, WRITING, all_together, begun,
};
use crate::rules::{RULES, Rule, Without};
use crate::scene::Scene;

#[test]
fn without_schedules() {
    caught(Without::Schedules, Rule::Apart, begun(SCHEDULED, 6));
}

#[test]
fn without_due() {
    caught(Without::Due, Rule::DueFirst, begun(DUE, 6));
}

#[test]
fn without_readers() {
    caught(Without::Readers, Rule::Apart, begun(BESIDE, 6));
}

#[test]
fn without_apartness_of_the_dead() {
    caught(Without::ApartnessOfTheDead, Rule::Apart, begun(HALF_WRITTEN, 8));
}

#[test]
fn without_lapse_of_leases() {
    caught(Without::LapseOfLeases, Rule::Apart, begun(BESIDE, 8));
}

#[test]
fn without_end_of_schedules() {
    const AGAIN: &[Do] = &[
        Do::FallDue,
        Do::Turn,
        Do::Open(0),
        Do::Reserve(0),
        Do::Send(0),
        Do::Arrive(0),
        Do::Send(0),
        Do::Arrive(0),
        Do::End(0),
        Do::FallDue,
    ];
    let twice = Scene { schedules: 2, ..begun(AGAIN, 6) };
    caught(Without::EndOfSchedules, Rule::Interlude, twice);
}

#[test]
fn without_lease() {
    caught(Without::Lease, Rule::Exclusive, begun(PARKED, 6));
}

#[test]
fn without_budget() {
    caught(Without::Budget, Rule::Bounded, begun(WRITING, 6));
}

#[test]
fn without_lapse_of_reservations() {
    caught(Without::LapseOfReservations, Rule::Bounded, begun(PARKED, 8));
}

#[test]
fn without_line() {
    let small_ones = Scene { requests: vec![2, 1, 1], ..begun(WRITING, 6) };
    caught(Without::Line, Rule::InLine, small_ones);
}

#[test]
fn without_lock_of_the_parked() {
    caught(Without::LockOfTheParked, Rule::Kept, begun(WRITING, 6));
}

#[test]
fn without_fence() {
    caught(Without::Fence, Rule::Once, begun(PARKED, 6));
}

#[test]
fn without_opening() {
    caught(Without::Opening, Rule::Fenced, begun(SENT_AND_DEAD, 8));
}

#[test]
fn without_journal() {
    caught(Without::Journal, Rule::Once, begun(HALF_WRITTEN, 8));
}

#[test]
fn without_list_of_the_unclosed() {
    caught(Without::ListOfTheUnclosed, Rule::Logged, begun(DUE, 6));
}

#[test]
fn the_ways_into_the_middle_break_nothing() {
    for way in [SCHEDULED, SCHEDULED_HALF, DUE, BESIDE, HALF_WRITTEN, PARKED, WRITING, SENT_AND_DEAD] {
        let scene = Scene { begun: way, ..all_together() };
        let world = scene.begun();
        assert!(RULES.iter().all(|(rule, _)| world.holds(*rule, &scene)), "{world:#?}");
    }
}
