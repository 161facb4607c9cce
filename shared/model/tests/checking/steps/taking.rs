//! An idle worker looks at a unit, or at the domain's scheduled runs: the decisions, and the transactions that follow.

use model::budget;
use model::clock::Timestamp;
use model::domain::DomainState;
use model::gate::{self, Decision, Request};
use model::ids::RunId;
use model::run::Ending;
use model::schedule_gate::{self, Turn};
use model::unit::{Lease, UnitState};

use crate::canonical::name_of;
use crate::rules::{Rule, Without};
use crate::scene::{INTERLUDE, Scene};
use crate::world::{Phase, Worker, World, id, unit_of};

impl Scene {
    pub(super) fn look(&self, world: &mut World, unit: usize) -> bool {
        let (now, limits) = (world.now, self.limits());
        let (seen, domain) = self.seen(world, unit);
        let owner = free_owner(world, unit);
        let request = Request { unit: &id(unit), limits: &limits, owner: &owner, wake: None };
        match gate::decide(now, &seen, &domain, &request) {
            Decision::Idle | Decision::Wait { .. } => false,
            Decision::Start(state) => {
                let run = run_of(unit, &state);
                self.judge_start(world, &run);
                world.past.starts.push((run.clone(), now));
                self.hand_out(world, *state, &run)
            }
            Decision::Resume(state) => {
                let run = run_of(unit, &state);
                self.hand_out(world, *state, &run)
            }
            Decision::Parked { state, domain, .. } => {
                world.units[unit] = UnitState { wait: None, ..*state };
                world.domain = *domain;
                // Whose place has lapsed asks anew.
                let run = run_of(unit, &world.units[unit]);
                if !world.past.asked.contains(&run) {
                    world.past.asked.push(run);
                }
                true
            }
            Decision::TimedOut { state, seq } => {
                let run = RunId { unit: id(unit), seq };
                if world.past.open < self.wait * 1000 {
                    world.past.broken.insert(Rule::HeldIsFree);
                }
                self.end_unrun(world, *state, &run, &Ending::timed_out())
            }
            Decision::GiveUp { state, seq } => {
                let ending = Ending::given_up(deaths(&world.units[unit]));
                self.end_unrun(world, *state, &RunId { unit: id(unit), seq }, &ending)
            }
        }
    }

    /// What a realtime decision sees: the truth, but for what this world does without.
    fn seen(&self, world: &World, unit: usize) -> (UnitState, DomainState) {
        let (mut seen, mut domain) = (world.units[unit].clone(), world.domain.clone());
        let dead = seen.running.as_ref().is_some_and(|lease| !lease.scheduled && lease.until <= world.now);
        if self.lacks(Without::Lease)
            && let Some(lease) = &mut seen.running
        {
            lease.until = world.now;
        }
        if self.lacks(Without::Starts) {
            seen.starts.clear();
        }
        if self.lacks(Without::Schedules) || (self.lacks(Without::ApartnessOfTheDead) && dead) {
            domain.schedules.clear();
        }
        if self.lacks(Without::Due) {
            domain.schedules.retain(|s| s.lease.is_some());
        }
        if self.lacks(Without::Held) {
            domain.held.clear();
        }
        (seen, domain)
    }

    /// A realtime start while a schedule is due is right only for those that waited when the last scheduled run ended.
    fn judge_start(&self, world: &mut World, run: &RunId) {
        let since = world.units[unit_of(run)].waiting.front().map_or(Timestamp(0), |w| w.since);
        let waited = world.past.schedule_ended.is_some_and(|ended| since <= ended);
        let due = world.domain.schedules.iter().any(|s| s.lease.is_some() || s.deadline > world.now);
        if due && !waited {
            world.past.broken.insert(Rule::DueFirst);
        }
    }

    /// The transaction that gives a run to a worker.
    fn hand_out(&self, world: &mut World, state: UnitState, run: &RunId) -> bool {
        let unit = unit_of(run);
        let before = world.units[unit].running.clone().filter(|lease| lease.seq == run.seq);
        let mut state = UnitState { wait: None, ..state };
        let Some(lease) = &mut state.running else { return false };
        if self.lacks(Without::GrowingAttempts) {
            lease.attempt = 1;
        }
        if lease.attempt == 1 {
            lease.deaths = self.died;
        }
        if self.lacks(Without::ForgettingOfTheWord)
            && let Some((awaits, left)) = lease.awaits.as_mut().zip(before.as_ref())
        {
            awaits.untouched = left.left_untouched();
        }
        let to_end = lease.is_to_end();
        let (attempt, owner, until, scheduled) = (lease.attempt, lease.owner.clone(), lease.until, lease.scheduled);
        world.units[unit] = state;
        if !scheduled {
            world.domain.enter(world.now, run, until);
            budget::take_up(world.now, &mut world.domain, run, until);
        }
        let silent = before.as_ref().is_some_and(|left| left.parked.is_none() && !left.handed_over);
        if silent && !self.fenced {
            world.past.unknown.insert(run.clone());
        }
        let left = |left: Lease| left.left_untouched() && !self.lacks(Without::WordOfTheUntouched);
        world.workers.push(Worker {
            run: run.clone(),
            attempt,
            owner,
            scheduled,
            until,
            phase: Phase::Taken,
            chunk: 0,
            revision: 0,
            to_end,
            half: false,
            untouched: !self.fenced && before.is_none_or(left),
            sent: false,
        });
        true
    }

    pub(super) fn turn(&self, world: &mut World) -> bool {
        let Some(head) = world.domain.schedules.front().cloned() else { return false };
        let (now, limits, owner) = (world.now, self.limits(), free_owner(world, unit_of(&head.run)));
        let mut domain = world.domain.clone();
        if self.lacks(Without::Readers) {
            domain.readers.clear();
        }
        if self.lacks(Without::EndOfSchedules) {
            domain.schedule_ended = None;
        }
        let request = Request { unit: &head.run.unit, limits: &limits, owner: &owner, wake: None };
        match schedule_gate::decide(now, &world.units[unit_of(&head.run)], &domain, &request) {
            Turn::Idle | Turn::Wait(..) => false,
            Turn::Start(after) => {
                let early = |ended: Timestamp| now < ended + INTERLUDE;
                if world.past.schedule_ended.is_some_and(early) {
                    world.past.broken.insert(Rule::Interlude);
                }
                world.past.starts.push((head.run.clone(), now));
                world.domain = after.1;
                self.hand_out(world, after.0, &head.run)
            }
            Turn::Resume(after) => {
                world.domain = after.1;
                self.hand_out(world, after.0, &head.run)
            }
            Turn::GiveUp(after) => {
                let ending = Ending::given_up(deaths(&world.units[unit_of(&head.run)]));
                world.past.schedule_ended = Some(now);
                self.end_unrun(world, after.0, &head.run, &ending)
            }
            Turn::TimedOut(after) => {
                world.domain = after.1;
                // Who was held back by it has its interlude, too.
                world.past.schedule_ended = Some(now);
                self.end_unrun(world, after.0, &head.run, &Ending::timed_out())
            }
            // Nothing takes a run away from the row: where this is decided, a run is lost.
            Turn::Gone(_) => world.past.broken.insert(Rule::Kept),
        }
    }
}

/// The run that is running in this state.
fn run_of(unit: usize, state: &UnitState) -> RunId {
    RunId { unit: id(unit), seq: state.running.as_ref().map_or(0, |lease| lease.seq) }
}

/// How many workers have died with the run that is running.
fn deaths(state: &UnitState) -> u32 {
    state.running.as_ref().map_or(0, Lease::deaths_by_now)
}

/// A name behind all that are known of the unit's workers, be they gone or not.
fn free_owner(world: &World, unit: usize) -> String {
    let workers = world.workers.iter().filter(|w| unit_of(&w.run) == unit).map(|w| &w.owner);
    let sent = world.sent.iter().filter(|m| unit_of(&m.run) == unit).map(|m| &m.owner);
    let opened = world.logs.iter().filter(|(run, _)| unit_of(run) == unit).map(|(_, log)| &log.opened);
    let lease = world.units[unit].running.iter().map(|lease| &lease.owner);
    let known = workers.chain(sent).chain(opened).chain(lease).filter_map(|name| name.parse::<usize>().ok());
    name_of(known.max().map_or(0, |last| last + 1))
}
