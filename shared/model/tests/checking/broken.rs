//! For every rule: the world without it, and what the exploration finds there.

use crate::explore::caught;
use crate::rules::{Rule, Without};
use crate::scene::Scene;
use crate::scenes::{crowd, given_up, journal, logless, logless_after_room, nightly, rush, turned_away};

#[test]
fn without_lease() {
    caught(Without::Lease, Rule::Exclusive, journal());
}

#[test]
fn without_lapse_of_leases() {
    caught(Without::LapseOfLeases, Rule::Apart, nightly());
}

#[test]
fn without_starts() {
    caught(Without::Starts, Rule::Counted, rush());
}

#[test]
fn without_budget() {
    caught(Without::Budget, Rule::Bounded, crowd());
}

#[test]
fn without_lapse_of_reservations() {
    caught(Without::LapseOfReservations, Rule::Bounded, crowd());
}

#[test]
fn without_line() {
    caught(Without::Line, Rule::InLine, crowd());
}

#[test]
fn without_place_at_once() {
    caught(Without::PlaceAtOnce, Rule::InLine, crowd());
}

#[test]
fn without_schedules() {
    caught(Without::Schedules, Rule::Apart, nightly());
}

#[test]
fn without_apartness_of_the_dead() {
    caught(Without::ApartnessOfTheDead, Rule::Apart, nightly());
}

#[test]
fn without_readers() {
    caught(Without::Readers, Rule::Apart, nightly());
}

#[test]
fn without_due() {
    caught(Without::Due, Rule::DueFirst, nightly());
}

#[test]
fn without_end_of_schedules() {
    caught(Without::EndOfSchedules, Rule::Interlude, nightly());
}

#[test]
fn without_held() {
    caught(Without::Held, Rule::HeldIsFree, nightly());
}

#[test]
fn without_ownership_at_the_end() {
    caught(Without::OwnershipAtTheEnd, Rule::EndsOnce, logless());
}

#[test]
fn without_lock_of_the_parked() {
    caught(Without::LockOfTheParked, Rule::Kept, crowd());
}

#[test]
fn without_fence() {
    caught(Without::Fence, Rule::Once, journal());
}

#[test]
fn without_opening() {
    caught(Without::Opening, Rule::Fenced, journal());
}

#[test]
fn without_fence_behind_who_ends_it() {
    caught(Without::Fence, Rule::Told, given_up());
}

#[test]
fn without_journal_for_who_ends_it() {
    caught(Without::Journal, Rule::Told, given_up());
}

#[test]
fn without_journal() {
    caught(Without::Journal, Rule::Once, journal());
}

#[test]
fn without_growing_attempts() {
    caught(Without::GrowingAttempts, Rule::Fenced, journal());
}

#[test]
fn without_asking_after_opening() {
    // The second of three workers opens it when the third has ended the run, and could not write its end there.
    caught(Without::AskingAfterOpening, Rule::Fenced, Scene { workers: 3, ..journal() });
}

#[test]
fn without_uncertainty() {
    caught(Without::Uncertainty, Rule::Once, logless());
}

#[test]
fn without_word_of_the_untouched() {
    caught(Without::WordOfTheUntouched, Rule::Unknown, logless());
}

#[test]
fn without_forgetting_of_the_word() {
    caught(Without::ForgettingOfTheWord, Rule::Once, logless());
}

#[test]
fn without_own_word() {
    caught(Without::OwnWord, Rule::Once, logless());
}

#[test]
fn without_end_of_the_note() {
    caught(Without::EndOfTheNote, Rule::Once, logless_after_room());
}

#[test]
fn without_list_of_the_unlogged() {
    caught(Without::ListOfTheUnlogged, Rule::Logged, turned_away());
}

#[test]
fn without_list_of_the_unclosed() {
    caught(Without::ListOfTheUnclosed, Rule::Logged, journal());
}

#[test]
fn without_end_in_the_record() {
    caught(Without::EndInTheRecord, Rule::Logged, journal());
}

#[test]
fn without_record_before_the_note() {
    caught(Without::RecordBeforeTheNote, Rule::Logged, turned_away());
}

#[test]
fn without_due_of_the_list() {
    caught(Without::DueOfTheList, Rule::Logged, turned_away());
}

#[test]
fn without_key_of_the_record() {
    caught(Without::KeyOfTheRecord, Rule::Logged, turned_away());
}

#[test]
fn without_codes() {
    caught(Without::Codes, Rule::Coded, turned_away());
}
