//! What can happen: each step is one transaction of the store, one message to kintone or its answer, or time.

mod taking;
mod telling;
mod working;

use model::domain::Scheduled;
use model::ids::RunId;
use model::limits::SCHEDULED_WAIT;
use model::schedule::ScheduleId;
use model::schedule_gate;

use crate::rules::Without;
use crate::scene::{Scene, WINDOW};
use crate::world::{Message, Phase, Worker, World, id};

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An idle worker looks at a unit. That it is not told what it has been given is the same as that it dies at once.
    Look(usize),
    /// An idle worker looks at the domain's scheduled runs.
    Turn,
    /// The schedule falls due.
    FallDue,
    /// A worker renews its lease.
    Renew(usize),
    /// A worker opens its run's log record, whatever the time. Without a log app it begins, or learns that it cannot.
    Open(usize),
    /// A worker asks for room to write: the first time it takes its place in line, the second time it is parked.
    Reserve(usize),
    /// A worker sends its next chunk, whatever the time.
    Send(usize),
    /// A chunk reaches kintone; the answer arrives, or is lost.
    Arrive { message: Message, answered: bool },
    /// A worker that waits for an answer reads the log record. Without a log app it cannot know.
    Settle(usize),
    /// A worker ends its run, closing the log record first.
    End(usize, How),
    /// A worker leaves its run to the next one, because something does not answer. Without a log app only.
    Leave(usize),
    /// A worker is gone.
    Die(usize),
    /// Somebody takes the last request of a unit back.
    Cancel(usize),
    /// A webhook for a unit comes too late.
    Late(usize),
    /// An idle worker writes the log record of a run on its unit's list.
    Record(RunId),
    /// It notes that it has done so; else it has died in between.
    Note(RunId),
    /// Time passes, to the next instant at which it matters.
    Pass,
}

/// How a worker ends its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As well as it can: what is to be written is written, or it tells what was.
    Done,
    /// A flow fails.
    Failed,
    /// The log app does not take the end.
    Unlogged,
    /// A flow fails, and the log app does not take the end.
    FailedUnlogged,
    /// It dies when it has closed the log record.
    Died,
}

impl Scene {
    /// What can happen in this world.
    pub fn steps(&self, world: &World) -> Vec<Step> {
        let mut steps = vec![Step::Pass];
        if world.workers.len() < self.workers {
            steps.extend((0..world.units.len()).map(Step::Look));
            steps.push(Step::Turn);
            for (unit, state) in world.units.iter().enumerate() {
                for seq in &state.to_log {
                    let run = RunId { unit: id(unit), seq: *seq };
                    let closed = world.logs.get(&run).is_some_and(|log| log.closed);
                    steps.push(Step::Record(run.clone()));
                    if closed || !self.fenced || self.lacks(Without::RecordBeforeTheNote) {
                        steps.push(Step::Note(run));
                    }
                }
            }
        }
        if world.due_left > 0 {
            steps.push(Step::FallDue);
        }
        if world.turned_away_left > 0 {
            steps.extend((0..world.units.len()).flat_map(|unit| [Step::Cancel(unit), Step::Late(unit)]));
        }
        for (n, worker) in world.workers.iter().enumerate() {
            self.steps_of(world, n, worker, &mut steps);
        }
        for message in &world.sent {
            steps.push(Step::Arrive { message: message.clone(), answered: true });
            // An answer that nobody waits for is lost in any case.
            if world.faults_left > 0 && world.workers.iter().any(|w| w.waits_for(message)) {
                steps.push(Step::Arrive { message: message.clone(), answered: false });
            }
        }
        steps
    }

    fn steps_of(&self, world: &World, n: usize, worker: &Worker, steps: &mut Vec<Step>) {
        steps.push(Step::Renew(n));
        let next = match worker.phase {
            Phase::Taken => Step::Open(n),
            Phase::Opened if worker.to_end => Step::End(n, How::Done),
            Phase::Opened | Phase::Staging => Step::Reserve(n),
            Phase::Writing if worker.chunk < self.chunks => Step::Send(n),
            Phase::Writing | Phase::Lost => Step::End(n, How::Done),
            Phase::Sent => Step::Settle(n),
        };
        let ends = matches!(next, Step::End(..));
        steps.push(next);
        if world.faults_left == 0 {
            return;
        }
        steps.push(Step::Die(n));
        if worker.phase == Phase::Writing {
            steps.push(Step::End(n, How::Failed));
            // Nor does it say so while a chunk may still be on its way that is not fenced off by that.
            let under_way = world.sent.iter().any(|message| message.run == worker.run);
            steps.extend((self.fenced && !under_way).then_some(Step::End(n, How::FailedUnlogged)));
        }
        if ends && self.fenced {
            steps.extend([Step::End(n, How::Unlogged), Step::End(n, How::Died)]);
        }
        if !self.fenced && !matches!(worker.phase, Phase::Sent | Phase::Lost) {
            steps.push(Step::Leave(n));
        }
    }

    /// The world after a step, in its canonical form; `None` where nothing changes.
    pub fn after(&self, before: &World, step: Step) -> Option<World> {
        let mut world = self.plainly_after(before, step)?;
        world.canonical(self);
        (world != *before).then_some(world)
    }

    /// The same as it comes.
    pub fn plainly_after(&self, before: &World, step: Step) -> Option<World> {
        let mut world = before.clone();
        let changed = match step {
            Step::Pass => self.pass(&mut world),
            Step::Look(unit) => self.look(&mut world, unit),
            Step::Turn => self.turn(&mut world),
            Step::FallDue => self.fall_due(&mut world),
            Step::Renew(n) => self.renew(&mut world, n),
            Step::Open(n) => self.open(&mut world, n),
            Step::Reserve(n) => self.reserve(&mut world, n),
            Step::Send(n) => self.send(&mut world, n),
            Step::Arrive { message, answered } => self.arrive(&mut world, &message, answered),
            Step::Settle(n) => self.settle(&mut world, n),
            Step::End(n, how) => self.end(&mut world, n, how),
            Step::Leave(n) => self.hand_over(&mut world, n),
            Step::Die(n) => {
                world.workers.remove(n);
                world.faults_left -= 1;
                true
            }
            Step::Cancel(unit) => self.cancel(&mut world, unit),
            Step::Late(unit) => self.late(&mut world, unit),
            Step::Record(run) => self.record(&mut world, &run),
            Step::Note(run) => self.note(&mut world, &run),
        };
        (changed && world != *before).then_some(world)
    }

    fn pass(&self, world: &mut World) -> bool {
        let Some(next) = world.next_instant(self.horizon) else { return false };
        if world.domain.schedules.is_empty() {
            world.past.open += world.now.until(next).as_millis() as u64;
        }
        world.now = next;
        world.past.starts.retain(|(_, at)| *at + WINDOW > next);
        // The dead lose their place in line; who lives keeps it, whether it is parked or stages what it wants to write.
        let stages = |w: &Worker, run: &RunId| w.run == *run && w.phase == Phase::Staging && w.alive(next);
        let (line, workers) = (&world.domain.line, &world.workers);
        world.past.asked.retain(|run| {
            let stands = line.iter().any(|place| place.run == *run && place.until > next);
            stands || workers.iter().any(|worker| stages(worker, run))
        });
        true
    }

    fn fall_due(&self, world: &mut World) -> bool {
        let state = &mut world.units[0];
        state.last += 1;
        state.scheduled.push(state.last);
        let run = RunId { unit: id(0), seq: state.last };
        let (due, deadline) = (world.now, world.now + SCHEDULED_WAIT);
        let schedule = ScheduleId("s".into());
        let entry = Scheduled { run, schedule, due, deadline, lease: None, wait: None, rests: None };
        schedule_gate::enter(world.now, &mut world.domain, entry);
        world.due_left -= 1;
        true
    }
}
