//! The rules that are checked, and the variants of the world without one of them.

use std::fmt;

/// What must hold in every state: invariants 1 to 6 of the design, taken apart.
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
}

/// All of them, by name.
pub const RULES: [(Rule, &str); 13] = [
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
}
