//! Situations that a scene must lead to, or its exploration says little.

use model::run::RunState;

use crate::scene::Scene;
use crate::world::World;

/// Its name, and whether it is there.
pub type Situation = (&'static str, fn(&Scene, &World) -> bool);

pub const ENDED: Situation = ("all runs have ended, and are told", |_, world| world.at_rest());
pub const WOKEN: Situation =
    ("a parked run is taken up", |_, world| world.leases().any(|l| l.attempt > 1 && l.deaths == 0 && !l.handed_over));
pub const TAKEN_OVER: Situation =
    ("a dead worker's run is taken up", |_, world| world.leases().any(|l| l.deaths > 0 && l.parked.is_none()));
pub const PARKED: Situation =
    ("two runs are parked", |_, world| world.leases().filter(|l| l.parked.is_some()).count() > 1);
pub const SCHEDULED_DIED: Situation =
    ("a dead worker's scheduled run is taken up", |_, world| world.leases().any(|l| l.scheduled && l.deaths > 0));
pub const SCHEDULED_TWICE: Situation = ("the second scheduled run is running", |_, world| {
    world.past.schedule_ended.is_some() && world.leases().any(|lease| lease.scheduled)
});
pub const GIVEN_UP: Situation = ("a run is given up that has written a part", |scene, world| {
    let failed = |state| matches!(state, RunState::Failed);
    world.past.ends.values().any(|end| scene.died > 0 && failed(end.state) && end.told.is_some_and(|told| told > 0))
});
pub const TWO_WRITE: Situation = ("runs of two units are writing", |_, world| {
    world.workers.iter().filter(|w| !w.scheduled && w.writes(world.now)).count() > 1
});
pub const SCHEDULE_FIRST: Situation = ("a scheduled run is running while realtime runs wait", |_, world| {
    world.alive().any(|w| w.scheduled) && world.units.iter().any(|unit| !unit.waiting.is_empty())
});
pub const SCHEDULE_WAITS: Situation = ("a schedule waits for a running realtime run", |_, world| {
    let waits = world.domain.schedules.front().is_some_and(|head| head.lease.is_none());
    waits && world.alive().any(|worker| !worker.scheduled)
});
pub const PARKED_BESIDE: Situation = ("a run is parked while another writes", |_, world| {
    world.leases().any(|l| l.parked.is_some()) && world.workers.iter().any(|w| w.writes(world.now))
});
pub const BOTH_ENDED: Situation = ("a realtime run and the scheduled run have ended", |_, world| {
    [true, false].iter().all(|kind| world.past.ends.values().any(|end| end.scheduled == *kind))
});
pub const HALF_ENDED: Situation = ("a run has succeeded that a worker had left half written", |_, world| {
    world.past.ends.values().any(|end| end.half && end.state == RunState::Succeeded)
});
pub const SETTLED: Situation = ("a lost answer is settled by the journal", |_, world| world.past.settled);
pub const UNCERTAIN: Situation = ("a run ends of which nobody can know what it wrote", |_, world| {
    world.past.ends.values().any(|end| end.state == RunState::Uncertain)
});
pub const BEGUN_ANEW: Situation = ("a run that was left untouched succeeds", |scene, world| {
    !scene.fenced && world.past.ends.values().any(|end| end.resumed && end.state == RunState::Succeeded)
});
pub const LOGGED_LATER: Situation = ("the log record of a run that ended without a worker is written", |_, world| {
    let unrun = world.past.ends.iter().filter(|(_, end)| end.told.is_none() && end.coded);
    unrun.into_iter().any(|(run, _)| world.logs.get(run).is_some_and(|log| log.closed))
});

/// All of them.
pub const SITUATIONS: [Situation; 17] = [
    ENDED,
    WOKEN,
    TAKEN_OVER,
    PARKED,
    SCHEDULED_DIED,
    SCHEDULED_TWICE,
    GIVEN_UP,
    TWO_WRITE,
    SCHEDULE_FIRST,
    SCHEDULE_WAITS,
    PARKED_BESIDE,
    BOTH_ENDED,
    HALF_ENDED,
    SETTLED,
    UNCERTAIN,
    BEGUN_ANEW,
    LOGGED_LATER,
];
