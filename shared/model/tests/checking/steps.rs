//! What can happen: each step is one transaction of the store, one message to kintone or its answer, or time.

mod taking;
mod working;

use model::domain::Scheduled;
use model::ids::RunId;
use model::limits::SCHEDULED_WAIT;
use model::schedule::ScheduleId;
use model::schedule_gate;

use crate::world::{Message, Phase, Scene, WINDOW, World, id};

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
    /// A worker asks for room to write: the first time it takes its place in line, the second time it is parked.
    Reserve(usize),
    /// A worker sends its next chunk, whatever the time.
    Send(usize),
    /// A chunk reaches kintone; the answer arrives, or is lost.
    Arrive { message: Message, answered: bool },
    /// A worker that waits for an answer reads the log record.
    Settle(usize),
    /// A worker ends its run, closing the log record first.
    End { worker: usize, succeeded: bool },
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
                Phase::Opened if worker.to_end => Step::End { worker: n, succeeded: worker.chunk == self.chunks },
                Phase::Opened | Phase::Staging => Step::Reserve(n),
                Phase::Writing if worker.chunk < self.chunks => Step::Send(n),
                Phase::Writing => Step::End { worker: n, succeeded: true },
                Phase::Sent => Step::Settle(n),
            });
            if world.faults_left > 0 {
                if worker.phase == Phase::Writing {
                    steps.push(Step::End { worker: n, succeeded: false });
                }
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
            Step::End { worker, succeeded } => self.end(&mut world, worker, succeeded),
            Step::Die(n) => {
                world.workers.remove(n);
                world.faults_left -= 1;
                true
            }
        };
        world.workers.sort();
        world.sent.sort();
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
}
