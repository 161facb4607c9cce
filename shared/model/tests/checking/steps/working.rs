//! What a worker does with its run: renews, opens the log record, asks for room, sends chunks, settles, ends.

use model::budget::{self, Answer};
use model::gate;
use model::ids::RunId;
use model::schedule_gate;
use model::unit::{Lease, Parked};

use crate::rules::{Rule, Without};
use crate::world::{End, LEASE, Message, Phase, Scene, Worker, World, unit_of};

impl Scene {
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

    pub(super) fn renew(&self, world: &mut World, n: usize) -> bool {
        if !self.owns(world, n) {
            return Self::leave(world, n);
        }
        let (now, worker) = (world.now, world.workers[n].clone());
        let until = now + LEASE;
        let Some(lease) = &mut world.units[unit_of(&worker.run)].running else { return false };
        let holds = budget::renew(now, &mut world.domain, &worker.run, lease.writing > 0, until);
        if !holds && !self.lacks(Without::LapseOfReservations) {
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

    pub(super) fn open(&self, world: &mut World, n: usize) -> bool {
        let worker = &mut world.workers[n];
        let log = world.logs.entry(worker.run.clone()).or_default();
        if !self.lacks(Without::Opening) {
            log.revision += 1;
        }
        log.mark = worker.attempt;
        log.opened.clone_from(&worker.owner);
        worker.chunk = if self.lacks(Without::Journal) { 0 } else { log.done };
        worker.revision = log.revision;
        worker.phase = Phase::Opened;
        true
    }

    pub(super) fn reserve(&self, world: &mut World, n: usize) -> bool {
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
        let until = now + LEASE;
        let mut seen = world.domain.clone();
        seen.enter(now, &worker.run, until);
        if self.lacks(Without::Budget) {
            seen.limits.budget = u64::MAX;
        }
        let line = std::mem::take(&mut seen.line);
        if !self.lacks(Without::Line) {
            seen.line = line.clone();
        }
        // The dead lose their place; who lives keeps it, whether it is parked or stages what it wants to write.
        let stages = |w: &Worker, run: &RunId| w.run == *run && w.phase == Phase::Staging && w.alive(now);
        let (line_before, workers) = (&world.domain.line, &world.workers);
        world.past.asked.retain(|run| {
            let stands = line_before.iter().any(|place| place.run == *run && place.until > now);
            stands || workers.iter().any(|worker| stages(worker, run))
        });
        let records = self.records[unit];
        let request = budget::Request { run: &worker.run, records, until, wake: None };
        match budget::ask(now, &seen, &request) {
            // No scene lasts so long.
            Answer::TooLarge | Answer::GivenUp { .. } => false,
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
            Answer::Wait { state, until, before, given_up } => {
                if !world.past.asked.contains(&worker.run) {
                    world.past.asked.push(worker.run.clone());
                }
                let Some(lease) = world.units[unit].running.clone() else { return false };
                if worker.phase == Phase::Opened {
                    let until = now + LEASE;
                    if !self.lacks(Without::PlaceAtOnce) {
                        world.domain = *state;
                    }
                    world.units[unit].running = Some(Lease { until, ..lease });
                    let worker = &mut world.workers[n];
                    (worker.until, worker.phase) = (until, Phase::Staging);
                    return true;
                }
                let run = &worker.run;
                let parked = Parked { records, wake: until, before, given_up: Some(given_up) };
                let (mut unit_after, domain, _) = gate::park(now, &world.units[unit], &lease, parked, *state, run);
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

    pub(super) fn send(&self, world: &mut World, n: usize) -> bool {
        let worker = &mut world.workers[n];
        worker.phase = Phase::Sent;
        let (run, owner, attempt) = (worker.run.clone(), worker.owner.clone(), worker.attempt);
        world.sent.push(Message { run, owner, attempt, chunk: worker.chunk, revision: worker.revision });
        true
    }

    pub(super) fn arrive(&self, world: &mut World, message: &Message, answered: bool) -> bool {
        let Some(at) = world.sent.iter().position(|sent| sent == message) else { return false };
        world.sent.remove(at);
        let log = world.logs.entry(message.run.clone()).or_default();
        let taken = log.revision == message.revision || self.lacks(Without::Fence);
        if taken {
            log.revision += 1;
            log.mark = message.attempt;
            log.done = message.chunk + 1;
            log.applied.resize(usize::from(self.chunks), 0);
            log.applied[usize::from(message.chunk)] += 1;
            if log.opened != message.owner || world.past.ends.contains_key(&message.run) {
                world.past.broken.insert(Rule::Fenced);
            }
        }
        let revision = log.revision;
        if !answered {
            world.faults_left -= 1;
            return true;
        }
        let waits = |w: &Worker| w.phase == Phase::Sent && w.owner == message.owner && w.revision == message.revision;
        let Some(n) = world.workers.iter().position(|w| waits(w) && w.attempt == message.attempt) else { return true };
        if !taken {
            return Self::leave(world, n);
        }
        let worker = &mut world.workers[n];
        (worker.phase, worker.chunk, worker.revision) = (Phase::Writing, message.chunk + 1, revision);
        true
    }

    pub(super) fn settle(&self, world: &mut World, n: usize) -> bool {
        let worker = &mut world.workers[n];
        let log = world.logs.entry(worker.run.clone()).or_default();
        if log.mark != worker.attempt {
            return Self::leave(world, n);
        }
        (worker.phase, worker.chunk, worker.revision) = (Phase::Writing, log.done, log.revision);
        true
    }

    pub(super) fn end(&self, world: &mut World, n: usize, succeeded: bool) -> bool {
        let worker = &world.workers[n];
        let log = world.logs.entry(worker.run.clone()).or_default();
        if self.fenced && log.revision != worker.revision && !self.lacks(Without::Fence) {
            return Self::leave(world, n);
        }
        log.revision += 1;
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
        let end = world.past.ends.entry(worker.run).or_default();
        *end = End { times: end.times + 1, succeeded, told: Some(worker.chunk) };
        if !succeeded && !worker.to_end {
            world.faults_left -= 1;
        }
        true
    }
}
