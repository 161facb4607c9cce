//! What can happen: each step is one transaction of the store, one message to kintone or its answer, or time.

use model::budget::{self, Answer};
use model::clock::Timestamp;
use model::domain::{DomainState, Scheduled};
use model::gate::{self, Decision, Request};
use model::ids::RunId;
use model::limits::SCHEDULED_WAIT;
use model::schedule::ScheduleId;
use model::schedule_gate::{self, Turn};
use model::unit::{Lease, UnitState};

use crate::rules::{Rule, Without};
use crate::world::{Message, Phase, Scene, WINDOW, Worker, World, id, unit_of};

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An idle worker looks at a unit. `told` says whether it learns what it has been given.
    Look { unit: usize, told: bool },
    /// An idle worker looks at the domain's scheduled runs.
    Turn { told: bool },
    /// The schedule falls due.
    FallDue,
    /// A worker renews its lease.
    Renew(usize),
    /// A worker opens its run's log record, whatever the time.
    Open(usize),
    /// A worker asks for room to write, or is parked.
    Reserve(usize),
    /// A worker sends its next chunk, whatever the time.
    Send(usize),
    /// A chunk reaches kintone; the answer arrives, or is lost.
    Arrive { message: Message, answered: bool },
    /// A worker that waits for an answer reads the log record.
    Settle(usize),
    /// A worker ends its run.
    End(usize),
    /// A worker is gone.
    Die(usize),
    /// Time passes, to the next instant at which it matters.
    Pass,
}

impl Scene {
    /// What can happen in this world.
    pub fn steps(&self, world: &World) -> Vec<Step> {
        let mut steps = vec![Step::Pass];
        if world.workers.len() < self.workers {
            let told = [true, false];
            let faults = usize::from(world.faults_left > 0);
            for told in &told[..=faults] {
                steps.extend((0..world.units.len()).map(|unit| Step::Look { unit, told: *told }));
                steps.push(Step::Turn { told: *told });
            }
        }
        if world.due_left > 0 {
            steps.push(Step::FallDue);
        }
        for (n, worker) in world.workers.iter().enumerate() {
            steps.push(Step::Renew(n));
            steps.push(match worker.phase {
                Phase::Taken => Step::Open(n),
                Phase::Opened => Step::Reserve(n),
                Phase::Writing if worker.chunk < self.chunks => Step::Send(n),
                Phase::Writing => Step::End(n),
                Phase::Sent => Step::Settle(n),
            });
            if world.faults_left > 0 {
                steps.push(Step::Die(n));
            }
        }
        for message in &world.sent {
            steps.push(Step::Arrive { message: message.clone(), answered: true });
            if world.faults_left > 0 {
                steps.push(Step::Arrive { message: message.clone(), answered: false });
            }
        }
        steps
    }

    /// The world after a step; `None` where nothing changes.
    pub fn after(&self, before: &World, step: Step) -> Option<World> {
        let mut world = before.clone();
        let changed = match step {
            Step::Pass => self.pass(&mut world),
            Step::Look { unit, told } => self.look(&mut world, unit, told),
            Step::Turn { told } => self.turn(&mut world, told),
            Step::FallDue => self.fall_due(&mut world),
            Step::Renew(n) => self.renew(&mut world, n),
            Step::Open(n) => self.open(&mut world, n),
            Step::Reserve(n) => self.reserve(&mut world, n),
            Step::Send(n) => self.send(&mut world, n),
            Step::Arrive { message, answered } => self.arrive(&mut world, &message, answered),
            Step::Settle(n) => self.settle(&mut world, n),
            Step::End(n) => self.end(&mut world, n),
            Step::Die(n) => {
                world.workers.remove(n);
                world.faults_left -= 1;
                true
            }
        };
        world.workers.sort();
        (changed && world != *before).then_some(world)
    }

    fn pass(&self, world: &mut World) -> bool {
        let Some(next) = world.next_instant(self.horizon) else { return false };
        if world.domain.schedules.is_empty() {
            world.past.open += world.now.until(next).as_millis() as u64;
        }
        world.now = next;
        world.past.starts.retain(|(_, at)| *at + WINDOW > next);
        true
    }

    fn look(&self, world: &mut World, unit: usize, told: bool) -> bool {
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
        let (attempt, owner, until, scheduled) = (lease.attempt, lease.owner.clone(), lease.until, lease.scheduled);
        world.units[unit] = state;
        if !scheduled {
            world.domain.enter(world.now, run, until);
        }
        if told {
            let run = run.clone();
            let phase = Phase::Taken;
            world.workers.push(Worker { run, attempt, owner, scheduled, until, phase, chunk: 0, revision: 0 });
        } else {
            world.faults_left -= 1;
        }
        true
    }

    fn end_unrun(&self, world: &mut World, state: UnitState, run: &RunId, told: bool) -> bool {
        world.units[unit_of(run)] = UnitState { wait: None, to_log: Vec::new(), ..state };
        world.domain.leave(world.now, run);
        world.past.ends.entry(run.clone()).or_insert((0, false)).0 += 1;
        told
    }

    fn turn(&self, world: &mut World, told: bool) -> bool {
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
                let early = |ended: Timestamp| now < ended + crate::world::INTERLUDE;
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

    fn fall_due(&self, world: &mut World) -> bool {
        let state = &mut world.units[0];
        state.last += 1;
        state.scheduled.push(state.last);
        let run = RunId { unit: id(0), seq: state.last };
        let (due, deadline) = (world.now, world.now + SCHEDULED_WAIT);
        let entry = Scheduled { run, schedule: ScheduleId("s".into()), due, deadline, lease: None, wait: None };
        schedule_gate::enter(world.now, &mut world.domain, entry);
        world.due_left -= 1;
        true
    }

    /// Whether the run is still this worker's, as the store sees it.
    fn owns(&self, world: &World, n: usize) -> bool {
        let worker = &world.workers[n];
        let own = |lease: &Lease| {
            let same = lease.seq == worker.run.seq && lease.owner == worker.owner && lease.attempt == worker.attempt;
            same && lease.parked.is_none()
        };
        world.units[unit_of(&worker.run)].running.as_ref().is_some_and(own)
    }

    fn leave(world: &mut World, n: usize) -> bool {
        world.workers.remove(n);
        true
    }

    fn renew(&self, world: &mut World, n: usize) -> bool {
        if !self.owns(world, n) {
            return Self::leave(world, n);
        }
        let (now, worker) = (world.now, world.workers[n].clone());
        let until = now + crate::world::LEASE;
        let Some(lease) = &mut world.units[unit_of(&worker.run)].running else { return false };
        let holds = budget::renew(now, &mut world.domain, &worker.run, until);
        if lease.writing > 0 && !holds && !self.lacks(Without::LapseOfReservations) {
            return Self::leave(world, n);
        }
        let lapsed = lease.until <= now && !self.lacks(Without::LapseOfLeases);
        if lapsed && !self.lacks(Without::LapseOfReservations) {
            return Self::leave(world, n);
        }
        lease.until = until;
        match worker.scheduled {
            true => drop(schedule_gate::renew(&mut world.domain, &worker.run, until)),
            false => world.domain.enter(now, &worker.run, until),
        }
        world.workers[n].until = until;
        true
    }

    fn open(&self, world: &mut World, n: usize) -> bool {
        let worker = &mut world.workers[n];
        let log = world.logs.entry(worker.run.clone()).or_default();
        if !self.lacks(Without::Opening) {
            log.revision += 1;
        }
        log.mark = worker.attempt;
        worker.chunk = if self.lacks(Without::Journal) { 0 } else { log.done };
        worker.revision = log.revision;
        worker.phase = Phase::Opened;
        true
    }

    fn reserve(&self, world: &mut World, n: usize) -> bool {
        if !self.owns(world, n) && !self.lacks(Without::AskingAfterOpening) {
            return Self::leave(world, n);
        }
        let worker = world.workers[n].clone();
        let lapsed = world.units[unit_of(&worker.run)].running.as_ref().is_some_and(|l| l.until <= world.now);
        if lapsed && !self.lacks(Without::AskingAfterOpening) {
            return Self::leave(world, n);
        }
        if worker.scheduled || !self.owns(world, n) {
            world.workers[n].phase = Phase::Writing;
            return true;
        }
        let (now, unit) = (world.now, unit_of(&worker.run));
        let until = now + crate::world::LEASE;
        let mut seen = world.domain.clone();
        seen.enter(now, &worker.run, until);
        if self.lacks(Without::Budget) {
            seen.limits.budget = u64::MAX;
        }
        let line = std::mem::take(&mut seen.line);
        if !self.lacks(Without::Line) {
            seen.line = line.clone();
        }
        world.past.asked.retain(|run| world.domain.line.iter().any(|place| place.run == *run && place.until > now));
        let records = self.records[unit];
        let request = budget::Request { run: &worker.run, records, until, wake: None };
        match budget::ask(now, &seen, &request) {
            Answer::TooLarge => false,
            Answer::Granted { mut state, .. } => {
                if world.past.asked.first().is_some_and(|first| *first != worker.run) {
                    world.past.broken.insert(Rule::InLine);
                }
                world.past.asked.retain(|run| *run != worker.run);
                if self.lacks(Without::Line) {
                    state.line = line;
                }
                state.limits = world.domain.limits;
                world.domain = *state;
                if let Some(lease) = &mut world.units[unit].running {
                    (lease.until, lease.writing) = (until, records);
                }
                let worker = &mut world.workers[n];
                (worker.until, worker.phase) = (until, Phase::Writing);
                true
            }
            Answer::Wait { state, until, .. } => {
                if !world.past.asked.contains(&worker.run) {
                    world.past.asked.push(worker.run.clone());
                }
                let Some(lease) = world.units[unit].running.clone() else { return false };
                let run = &worker.run;
                let (mut unit_after, domain, _) =
                    gate::park(now, &world.units[unit], &lease, (records, until), *state, run);
                unit_after.wait = None;
                if self.lacks(Without::LockOfTheParked) {
                    unit_after.running = None;
                }
                world.units[unit] = unit_after;
                world.domain = domain;
                Self::leave(world, n)
            }
        }
    }

    fn send(&self, world: &mut World, n: usize) -> bool {
        let worker = &mut world.workers[n];
        worker.phase = Phase::Sent;
        let (run, attempt, chunk, revision) = (worker.run.clone(), worker.attempt, worker.chunk, worker.revision);
        world.sent.insert(Message { run, attempt, chunk, revision })
    }

    fn arrive(&self, world: &mut World, message: &Message, answered: bool) -> bool {
        world.sent.remove(message);
        let log = world.logs.entry(message.run.clone()).or_default();
        let taken = log.revision == message.revision || self.lacks(Without::Fence);
        if taken {
            log.revision += 1;
            log.mark = message.attempt;
            log.done = message.chunk + 1;
            log.applied.resize(usize::from(self.chunks), 0);
            log.applied[usize::from(message.chunk)] += 1;
        }
        let revision = log.revision;
        if !answered {
            world.faults_left -= 1;
            return true;
        }
        let waits = |w: &Worker| w.phase == Phase::Sent && w.run == message.run && w.revision == message.revision;
        let Some(n) = world.workers.iter().position(|w| waits(w) && w.attempt == message.attempt) else { return true };
        if !taken {
            return Self::leave(world, n);
        }
        let worker = &mut world.workers[n];
        (worker.phase, worker.chunk, worker.revision) = (Phase::Writing, message.chunk + 1, revision);
        true
    }

    fn settle(&self, world: &mut World, n: usize) -> bool {
        let worker = &mut world.workers[n];
        let log = world.logs.entry(worker.run.clone()).or_default();
        if log.mark != worker.attempt {
            return Self::leave(world, n);
        }
        (worker.phase, worker.chunk, worker.revision) = (Phase::Writing, log.done, log.revision);
        true
    }

    fn end(&self, world: &mut World, n: usize) -> bool {
        if !self.owns(world, n) && !self.lacks(Without::OwnershipAtTheEnd) {
            return Self::leave(world, n);
        }
        let worker = world.workers.remove(n);
        world.units[unit_of(&worker.run)].running = None;
        world.domain.leave(world.now, &worker.run);
        world.past.asked.retain(|run| *run != worker.run);
        if worker.scheduled {
            world.past.schedule_ended = Some(world.now);
        }
        let end = world.past.ends.entry(worker.run).or_insert((0, true));
        *end = (end.0 + 1, true);
        true
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
