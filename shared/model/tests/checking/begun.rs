//! Worlds that have begun: steps by names, so that a way into the middle can be written down. No state is made up: each of the
//! steps must be possible where it is taken.

use crate::scene::Scene;
use crate::steps::{How, Step};
use crate::world::{World, unit_of};

/// A step by its name. The number is the unit's, whose newest worker takes it.
#[derive(Clone, Copy, Debug)]
pub enum Do {
    /// A worker looks at the unit.
    Look(usize),
    /// A worker looks at the scheduled runs.
    Turn,
    /// The schedule falls due.
    FallDue,
    /// Opens the log record.
    Open(usize),
    /// Asks for room.
    Reserve(usize),
    /// Sends a chunk.
    Send(usize),
    /// A chunk arrives, and so does its answer.
    Arrive(usize),
    /// Ends the run, as well as it can.
    End(usize),
    /// Is gone.
    Die(usize),
}

impl Scene {
    /// The world in which the exploration begins.
    pub fn begun(&self) -> World {
        let mut world = self.begin();
        for doing in self.begun {
            let step = step(&world, *doing).unwrap_or_else(|| panic!("nobody can {doing:?} in {world:#?}"));
            assert!(self.steps(&world).contains(&step), "{step:?} cannot happen in {world:#?}");
            world = self.after(&world, step).unwrap_or_else(|| panic!("{doing:?} changes nothing"));
        }
        world
    }
}

fn step(world: &World, doing: Do) -> Option<Step> {
    let of = |unit: usize| {
        let own = world.workers.iter().enumerate().filter(|(_, worker)| unit_of(&worker.run) == unit);
        own.max_by_key(|(_, worker)| worker.attempt).map(|(n, _)| n)
    };
    Some(match doing {
        Do::Look(unit) => Step::Look(unit),
        Do::Turn => Step::Turn,
        Do::FallDue => Step::FallDue,
        Do::Open(unit) => Step::Open(of(unit)?),
        Do::Reserve(unit) => Step::Reserve(of(unit)?),
        Do::Send(unit) => Step::Send(of(unit)?),
        Do::Arrive(unit) => {
            let message = world.sent.iter().find(|message| unit_of(&message.run) == unit)?.clone();
            Step::Arrive { message, answered: true }
        }
        Do::End(unit) => Step::End(of(unit)?, How::Done),
        Do::Die(unit) => Step::Die(of(unit)?),
    })
}
