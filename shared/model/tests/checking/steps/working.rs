//! What a worker does with its run: renews, opens the log record, asks for room, sends chunks, settles, ends.

use model::budget::{self, Answer};
use model::gate;
use model::limits::AGAIN;
use model::run::RunState;
use model::schedule_gate;
use model::unit::{Awaits, Lease, Parked};

use crate::rules::{Rule, Without};
use crate::scene::{LEASE, Scene};
use crate::steps::How;
use crate::world::{End, Message, Phase, Worker, World, unit_of};

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
        let owns = self.owns(world, n);
        let worker = &mut world.workers[n];
        if !self.fenced {
            let noted = world.noted.contains(&worker.run);
            let knows = worker.untouched || noted || self.lacks(Without::Uncertainty);
            worker.phase = if knows { Phase::Opened } else { Phase::Lost };
            return true;
        }
        let log = world.logs.entry(worker.run.clone()).or_default();
        // The first attempt only adds the record; a later one that finds an end there asks whether the run is still its own.
        let first = worker.attempt == 1 && !self.lacks(Without::GrowingAttempts);
        let late = if first { log.records > 0 } else { log.closed && !owns };
        if late && !self.lacks(Without::EndInTheRecord) {
            return Self::leave(world, n);
        }
        if !self.lacks(Without::Opening) {
            log.revision += 1;
        }
        log.mark = worker.attempt;
        log.opened.clone_from(&worker.owner);
        (log.records, log.closed) = (1, false);
        worker.half = log.done > 0;
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
                if !self.lacks(Without::EndOfTheNote) {
                    world.noted.remove(&worker.run);
                }
                if !self.fenced && !worker.untouched {
                    // It has waited for room, and what told that nothing of it was sent is gone, now that it may write.
                    world.past.unknown.insert(worker.run.clone());
                }
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
                    if !self.fenced {
                        world.noted.insert(worker.run.clone());
                    }
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
        if !self.fenced {
            worker.sent = true;
            world.past.unknown.insert(worker.run.clone());
        }
        let (run, owner, attempt) = (worker.run.clone(), worker.owner.clone(), worker.attempt);
        world.sent.push(Message { run, owner, attempt, chunk: worker.chunk, revision: worker.revision });
        true
    }

    pub(super) fn arrive(&self, world: &mut World, message: &Message, answered: bool) -> bool {
        let Some(at) = world.sent.iter().position(|sent| sent == message) else { return false };
        world.sent.remove(at);
        let log = world.logs.entry(message.run.clone()).or_default();
        let taken = !self.fenced || log.revision == message.revision || self.lacks(Without::Fence);
        if taken {
            if self.fenced {
                log.revision += 1;
                log.mark = message.attempt;
                log.done = message.chunk + 1;
            }
            log.applied.resize(usize::from(self.chunks), 0);
            log.applied[usize::from(message.chunk)] += 1;
            if self.fenced && (log.opened != message.owner || world.past.ends.contains_key(&message.run)) {
                world.past.broken.insert(Rule::Fenced);
            }
        }
        let revision = log.revision;
        if !answered {
            world.faults_left -= 1;
            return true;
        }
        let Some(n) = world.workers.iter().position(|w| w.waits_for(message)) else { return true };
        if !taken {
            return Self::leave(world, n);
        }
        let worker = &mut world.workers[n];
        (worker.phase, worker.chunk, worker.revision) = (Phase::Writing, message.chunk + 1, revision);
        true
    }

    pub(super) fn settle(&self, world: &mut World, n: usize) -> bool {
        let worker = &mut world.workers[n];
        if !self.fenced {
            worker.phase = Phase::Lost;
            return true;
        }
        let log = world.logs.entry(worker.run.clone()).or_default();
        if log.mark != worker.attempt {
            return Self::leave(world, n);
        }
        world.past.settled |= log.done > worker.chunk;
        (worker.phase, worker.chunk, worker.revision) = (Phase::Writing, log.done, log.revision);
        true
    }

    /// The worker closes the log record, then ends the run.
    pub(super) fn end(&self, world: &mut World, n: usize, how: How) -> bool {
        let worker = &world.workers[n];
        let unlogged = matches!(how, How::Unlogged | How::FailedUnlogged);
        if self.fenced {
            let log = world.logs.entry(worker.run.clone()).or_default();
            if log.revision != worker.revision && !self.lacks(Without::Fence) {
                return Self::leave(world, n);
            }
            if !unlogged {
                log.revision += 1;
                log.closed = true;
            }
        }
        world.faults_left -= u8::from(how != How::Done);
        if how == How::Died || (!self.owns(world, n) && !self.lacks(Without::OwnershipAtTheEnd)) {
            return Self::leave(world, n);
        }
        let worker = world.workers.remove(n);
        let state = &mut world.units[unit_of(&worker.run)];
        state.running = None;
        if unlogged && !self.lacks(Without::ListOfTheUnclosed) {
            state.note_unlogged(worker.run.seq);
        }
        world.domain.leave(world.now, &worker.run);
        world.past.asked.retain(|run| *run != worker.run);
        if worker.scheduled {
            world.past.schedule_ended = Some(world.now);
        }
        self.judge_end(world, worker, how);
        true
    }

    fn judge_end(&self, world: &mut World, worker: Worker, how: How) {
        let whole = worker.chunk == self.chunks;
        let state = match how {
            _ if worker.phase == Phase::Lost => RunState::Uncertain,
            How::Failed | How::FailedUnlogged => RunState::Failed,
            _ if worker.to_end && !whole => RunState::Failed,
            _ => RunState::Succeeded,
        };
        let told = (state != RunState::Uncertain).then_some(worker.chunk);
        if told.is_none() && (self.fenced || !world.past.unknown.contains(&worker.run)) {
            world.past.broken.insert(Rule::Unknown);
        }
        let times = world.past.ends.get(&worker.run).map_or(0, |end| end.times) + 1;
        // What a worker says of a failure is made with a code: there is no other way to make it.
        let coded = state != RunState::Succeeded;
        let (scheduled, resumed, half) = (worker.scheduled, worker.attempt > 1, worker.half);
        let end = End { times, state, coded, told, scheduled, resumed, half };
        world.past.ends.insert(worker.run, end);
    }

    /// The worker leaves its run in good health, and says whether anything was sent.
    pub(super) fn hand_over(&self, world: &mut World, n: usize) -> bool {
        let (now, worker) = (world.now, world.workers[n].clone());
        world.faults_left -= 1;
        if self.owns(world, n)
            && let Some(lease) = world.units[unit_of(&worker.run)].running.as_mut().filter(|lease| lease.until > now)
        {
            let untouched = worker.untouched && (!worker.sent || self.lacks(Without::OwnWord));
            let awaits = Awaits { untouched, ..Awaits::again(lease.awaits.as_ref(), (now, now + AGAIN), "", None) };
            (lease.until, lease.handed_over, lease.awaits) = (awaits.next, true, Some(awaits));
            let until = now + AGAIN + LEASE;
            match worker.scheduled {
                true => drop(schedule_gate::renew(&mut world.domain, &worker.run, now + AGAIN)),
                false => world.domain.enter(now, &worker.run, until),
            }
        }
        Self::leave(world, n)
    }
}
