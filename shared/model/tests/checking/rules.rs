//! The rules that are checked, and the variants of the world without one of them. Of invariant 8 what decisions decide stands
//! here; 7 has a world of its own (`urls`).

use std::fmt;

/// What must hold in every state: invariants 1 to 6 and 8 of the design, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// 1: no two workers hold one unit at once.
    Exclusive,
    /// 2: no window holds more starts than it may.
    Counted,
    /// 3: the records in writing never sum to more than the budget.
    Bounded,
    /// 3: first come, first served.
    InLine,
    /// 4: no realtime run works beside a scheduled one.
    Apart,
    /// 4: a due schedule stops new realtime starts, but for those that waited when the last scheduled run ended.
    DueFirst,
    /// 4: between two scheduled runs there is time for those that waited.
    Interlude,
    /// 4: waiting for a schedule does not use up the wait limit.
    HeldIsFree,
    /// 5: a run that has not ended waits, is due or is running, in one place; and the sweep will look.
    Kept,
    /// 5: a run ends once.
    EndsOnce,
    /// 6: no chunk takes effect twice, and a run that succeeded has written each.
    Once,
    /// 6: nothing that a worker sent takes effect once another has opened the log record, or the run has ended.
    Fenced,
    /// 6: what a run is said to have written is what it wrote, and stays so.
    Told,
    /// 6: a worker says that nobody knows what was written only where there is no log app, and something may have been sent.
    Unknown,
    /// 5, 8: the one log record of a run that has ended says so, or the run stands on its unit's list of those to log, and the
    /// sweep will look.
    Logged,
    /// 8: an end has a code, but for success and for what somebody took back himself.
    Coded,
}

/// All of them, by name.
pub const RULES: [(Rule, &str); 16] = [
    (Rule::Exclusive, "1 exclusive"),
    (Rule::Counted, "2 counted"),
    (Rule::Bounded, "3 bounded"),
    (Rule::InLine, "3 first come, first served"),
    (Rule::Apart, "4 realtime and scheduled runs apart"),
    (Rule::DueFirst, "4 a due schedule stops new starts"),
    (Rule::Interlude, "4 an interlude between scheduled runs"),
    (Rule::HeldIsFree, "4 waiting for a schedule is free"),
    (Rule::Kept, "5 kept"),
    (Rule::EndsOnce, "5 ends once"),
    (Rule::Once, "6 nothing doubled, nothing missing"),
    (Rule::Fenced, "6 nothing late takes effect"),
    (Rule::Told, "6 what is told is what was written"),
    (Rule::Unknown, "6 uncertain only where nobody can know"),
    (Rule::Logged, "8 every end is logged, or will be"),
    (Rule::Coded, "8 every end says why"),
];

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = RULES.iter().find(|(rule, _)| rule == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

/// A world in which one thing is not done that must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Without {
    /// A run is taken up again while its lease still holds.
    Lease,
    /// A lease that has lapsed is renewed as if it had not.
    LapseOfLeases,
    /// Starts are not remembered.
    Starts,
    /// The budget is not looked at.
    Budget,
    /// A reservation that has lapsed is renewed as if it had not.
    LapseOfReservations,
    /// Who asks for room does not see the line.
    Line,
    /// Who asks for room in vain takes its place in line only when it has staged what it wants to write.
    PlaceAtOnce,
    /// Realtime starts do not look at schedules at all.
    Schedules,
    /// Realtime runs whose workers died are taken up beside a scheduled run.
    ApartnessOfTheDead,
    /// A schedule does not wait for the realtime runs that are running.
    Readers,
    /// Only a schedule that is running holds starts back, not one that is due.
    Due,
    /// The end of a scheduled run is not remembered.
    EndOfSchedules,
    /// When schedules held requests back is not remembered.
    Held,
    /// Whoever says that a run has ended is believed.
    OwnershipAtTheEnd,
    /// A parked run gives its unit's lock back.
    LockOfTheParked,
    /// kintone takes every chunk, whatever the log record's revision.
    Fence,
    /// Who takes a run up leaves the log record's revision as it is.
    Opening,
    /// Who takes a run up begins with the first chunk.
    Journal,
    /// All who take a run up have the same number.
    GrowingAttempts,
    /// After it has opened the log record, a worker does not ask whether the run is still its own.
    AskingAfterOpening,
    /// Who opens the log record late does not look whether it tells of an end.
    EndInTheRecord,
    /// Without a log app, who takes a run up begins it anew, whatever was said of it.
    Uncertainty,
    /// Nobody believes who leaves a run of which nothing was sent.
    WordOfTheUntouched,
    /// What was said of a run holds for the worker after the next, too, whatever the next one sent.
    ForgettingOfTheWord,
    /// That a run without a log app waits for room stays noted when it has got it.
    EndOfTheNote,
    /// Who leaves a run says of it what it was told, whatever it has sent itself.
    OwnWord,
    /// Runs that ended without a worker are not put on the list of those to log.
    ListOfTheUnlogged,
    /// Where the log app did not take the record of a run that its worker ended, it is not put on that list.
    ListOfTheUnclosed,
    /// A run is taken from that list before its record is written.
    RecordBeforeTheNote,
    /// The sweep's index does not look at that list.
    DueOfTheList,
    /// A log record is added each time, not found by its run.
    KeyOfTheRecord,
    /// Who ends a run without a worker gives no code.
    Codes,
}
