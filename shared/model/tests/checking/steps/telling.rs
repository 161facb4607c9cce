//! Runs that end without a worker that could write their log record, and who writes it then.

use model::ids::RunId;
use model::run::{Ending, RunState};
use model::unit::UnitState;

use crate::rules::Without;
use crate::scene::Scene;
use crate::world::{End, World, id, unit_of};

impl Scene {
    /// The transaction that ends a run without running it (again). Nobody says what it wrote.
    pub(super) fn end_unrun(&self, world: &mut World, state: UnitState, run: &RunId, ending: &Ending) -> bool {
        let scheduled = world.domain.schedules.iter().any(|s| s.run == *run);
        let unit = unit_of(run);
        let listed = world.units[unit].to_log.clone();
        world.units[unit] = UnitState { wait: None, ..state };
        if self.lacks(Without::ListOfTheUnlogged) {
            world.units[unit].to_log = listed;
        }
        world.domain.leave(world.now, run);
        self.ended(world, run, ending, scheduled)
    }

    fn ended(&self, world: &mut World, run: &RunId, ending: &Ending, scheduled: bool) -> bool {
        let coded = ending.code.is_some() && !self.lacks(Without::Codes);
        let times = world.past.ends.get(run).map_or(0, |end| end.times) + 1;
        let end = End { times, state: ending.state, coded, told: None, scheduled, resumed: false, half: false };
        world.past.ends.insert(run.clone(), end);
        true
    }

    /// Somebody takes the last request back that waits.
    pub(super) fn cancel(&self, world: &mut World, unit: usize) -> bool {
        let Some(seq) = world.units[unit].waiting.back().map(|w| w.seq) else { return false };
        world.units[unit].take_back(seq);
        world.turned_away_left -= 1;
        let ending = Ending { state: RunState::Cancelled, code: None, ..Ending::timed_out() };
        self.ended(world, &RunId { unit: id(unit), seq }, &ending, false)
    }

    /// A webhook comes that could not start in time: it is recorded as one that has ended.
    pub(super) fn late(&self, world: &mut World, unit: usize) -> bool {
        let runs = world.units[unit].record_late(world.now, 1);
        world.units[unit].notices.clear();
        world.turned_away_left -= 1;
        for run in runs {
            self.ended(world, &RunId { unit: id(unit), seq: run.seq }, &Ending::timed_out(), false);
        }
        true
    }

    /// A worker writes the log record of an ended run, whoever has written what before: kintone finds it by its run.
    pub(super) fn record(&self, world: &mut World, run: &RunId) -> bool {
        if self.lacks(Without::RecordBeforeTheNote) {
            world.units[unit_of(run)].note_logged(run.seq);
            return true;
        }
        if !self.fenced {
            return false;
        }
        let log = world.logs.entry(run.clone()).or_default();
        log.records += u8::from(log.records == 0 || self.lacks(Without::KeyOfTheRecord));
        log.revision += 1;
        log.closed = true;
        true
    }

    /// It notes that the record is written.
    pub(super) fn note(&self, world: &mut World, run: &RunId) -> bool {
        world.units[unit_of(run)].note_logged(run.seq);
        true
    }
}
