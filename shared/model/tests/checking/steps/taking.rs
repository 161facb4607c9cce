//! An idle worker looks at a unit, or at the domain's scheduled runs: the decisions, and the transactions that follow.

use model::budget;
use model::clock::Timestamp;
use model::domain::DomainState;
use model::gate::{self, Decision, Request};
use model::ids::RunId;
use model::schedule_gate::{self, Turn};
use model::unit::UnitState;

use crate::rules::{Rule, Without};
use crate::world::{INTERLUDE, Phase, Scene, Worker, World, id, unit_of};

impl Scene {
    pub(super) fn look(&self, world: &mut World, unit: usize, told: bool) -> bool {
        let (now, limits) = (world.now, self.limits());
        let (seen, domain) = self.seen(world, unit);
        let owner = free_owner(world);
        let request = Request { unit: &id(unit), limits: &limits, owner: &owner, wake: None };
        match gate::decide(now, &seen, &domain, &request) {
            Decision::Idle | Decision::Wait { .. } => false,
            Decision::Start(state) => {
                let run = run_of(unit, &state);
                self.judge_start(world, &run);
                world.past.starts.push((run.clone(), now));
                self.hand_out(world, *state, &run, told)
            }
            Decision::Resume(state) => {
                let run = run_of(unit, &state);
                self.hand_out(world, *state, &run, told)
            }
            Decision::Parked { state, domain, .. } => {
                world.units[unit] = UnitState { wait: None, ..*state };
                world.domain = *domain;
                told
            }
            Decision::TimedOut { state, seq } => {
                let run = RunId { unit: id(unit), seq };
                if world.past.open < self.wait * 1000 {
                    world.past.broken.insert(Rule::HeldIsFree);
                }
                self.end_unrun(world, *state, &run, told)
            }
            Decision::GiveUp { state, seq } => self.end_unrun(world, *state, &RunId { unit: id(unit), seq }, told),
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
        if !world.domain.schedules.is_empty() && !waited {
            world.past.broken.insert(Rule::DueFirst);
        }
    }

    /// The transaction that gives a run to a worker; the worker exists only where it is told.
    fn hand_out(&self, world: &mut World, state: UnitState, run: &RunId, told: bool) -> bool {
        let unit = unit_of(run);
        let mut state = UnitState { wait: None, ..state };
        let Some(lease) = &mut state.running else { return false };
        if self.lacks(Without::GrowingAttempts) {
            lease.attempt = 1;
        }
        if lease.attempt == 1 {
            lease.deaths = self.died;
        }
        let to_end = lease.is_to_end();
        let (attempt, owner, until, scheduled) = (lease.attempt, lease.owner.clone(), lease.until, lease.scheduled);
        world.units[unit] = state;
        if !scheduled {
            world.domain.enter(world.now, run, until);
            budget::take_up(world.now, &mut world.domain, run, until);
        }
        if told {
            let run = run.clone();
            let phase = Phase::Taken;
            world.workers.push(Worker { run, attempt, owner, scheduled, until, phase, chunk: 0, revision: 0, to_end });
        } else {
            world.faults_left -= 1;
        }
        true
    }

    fn end_unrun(&self, world: &mut World, state: UnitState, run: &RunId, told: bool) -> bool {
        world.units[unit_of(run)] = UnitState { wait: None, to_log: Vec::new(), ..state };
        world.domain.leave(world.now, run);
        world.past.ends.entry(run.clone()).or_default().times += 1;
        told
    }

    pub(super) fn turn(&self, world: &mut World, told: bool) -> bool {
        let Some(head) = world.domain.schedules.front().cloned() else { return false };
        let (now, limits, owner) = (world.now, self.limits(), free_owner(world));
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
                self.hand_out(world, after.0, &head.run, told)
            }
            Turn::Resume(after) => {
                world.domain = after.1;
                self.hand_out(world, after.0, &head.run, told)
            }
            Turn::GiveUp(after) | Turn::TimedOut(after) => {
                world.domain = after.1;
                self.end_unrun(world, after.0, &head.run, told)
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

/// A name that nobody has: not a worker, nor a lease whose worker is gone.
fn free_owner(world: &World) -> String {
    let taken = |name: &String| {
        let leases = world.units.iter().filter_map(|unit| unit.running.as_ref());
        world.workers.iter().any(|w| w.owner == *name) || leases.map(|l| &l.owner).any(|owner| owner == name)
    };
    ('a'..='z').map(String::from).find(|name| !taken(name)).unwrap_or_default()
}
