//! Whether the rules hold in a state of the world.

use model::ids::RunId;
use model::run::RunState;
use model::unit::UnitState;

use crate::rules::{Rule, Without};
use crate::scene::{Scene, WINDOW};
use crate::world::{End, Log, World, unit_of};

impl World {
    /// Whether a rule holds.
    pub fn holds(&self, rule: Rule, scene: &Scene) -> bool {
        !self.past.broken.contains(&rule)
            && match rule {
                Rule::Exclusive => self.alive().all(|a| self.alive().filter(|b| a.run.unit == b.run.unit).count() == 1),
                Rule::Counted => (0..self.units.len()).all(|unit| self.starts_of(unit) <= scene.starts),
                Rule::Bounded => {
                    let writing = self.workers.iter().filter(|w| !w.scheduled && w.writes(self.now));
                    writing.map(|w| scene.records[unit_of(&w.run)]).sum::<u64>() <= scene.budget
                }
                Rule::Apart => !(self.alive().any(|w| w.scheduled) && self.alive().any(|w| !w.scheduled)),
                Rule::Kept => self.runs().all(|run| self.kept(&run)),
                Rule::EndsOnce => self.past.ends.values().all(|end| end.times == 1),
                Rule::Told => {
                    self.past.ends.iter().all(|(run, end)| end.told.is_none_or(|told| self.applied(run) == told))
                }
                Rule::Once => self.once(scene),
                Rule::Logged => !scene.fenced || self.past.ends.keys().all(|run| self.logged(run, scene)),
                Rule::Coded => self
                    .past
                    .ends
                    .values()
                    .all(|end| end.coded == !matches!(end.state, RunState::Succeeded | RunState::Cancelled)),
                // Judged at each step.
                Rule::InLine | Rule::DueFirst | Rule::Interlude | Rule::HeldIsFree | Rule::Fenced | Rule::Unknown => {
                    true
                }
            }
    }

    fn starts_of(&self, unit: usize) -> usize {
        self.past.starts.iter().filter(|(run, at)| unit_of(run) == unit && *at + WINDOW > self.now).count()
    }

    fn kept(&self, run: &RunId) -> bool {
        let state = &self.units[unit_of(run)];
        let waits = state.waiting.iter().filter(|w| w.seq == run.seq).count();
        let runs = usize::from(state.running.as_ref().is_some_and(|lease| lease.seq == run.seq));
        let due = state.scheduled.iter().filter(|seq| **seq == run.seq).count();
        let entered = self.domain.schedules.iter().any(|s| s.run == *run);
        if self.past.ends.contains_key(run) {
            return waits + runs + due == 0 && !entered;
        }
        let looked_after = if entered { self.domain.due() } else { state.due(self.now) };
        waits + runs + due == 1 && (due == 0 || entered) && looked_after.is_some()
    }

    /// The log record of an ended run says how it ended, or the run stands on its unit's list and the sweep will look.
    fn logged(&self, run: &RunId, scene: &Scene) -> bool {
        let (log, state) = (self.logs.get(run), &self.units[unit_of(run)]);
        let one = log.is_none_or(|log| log.records <= 1);
        let seen = match scene.lacks(Without::DueOfTheList) {
            true => &UnitState { to_log: Vec::new(), ..state.clone() },
            false => state,
        };
        let listed = state.to_log.contains(&run.seq) && seen.due(self.now).is_some();
        one && (listed || log.is_some_and(|log| log.closed))
    }

    /// How many chunks of a run have taken effect.
    fn applied(&self, run: &RunId) -> u8 {
        let log = self.logs.get(run).map(|log| log.applied.iter().filter(|times| **times > 0).count());
        log.and_then(|chunks| u8::try_from(chunks).ok()).unwrap_or(0)
    }

    fn once(&self, scene: &Scene) -> bool {
        let whole = |run: &RunId, log: &Log| match self.past.ends.get(run) {
            Some(End { state: RunState::Succeeded, .. }) => {
                log.applied.len() == usize::from(scene.chunks) && log.applied.iter().all(|n| *n == 1)
            }
            _ => log.applied.iter().all(|n| *n <= 1),
        };
        self.logs.iter().all(|(run, log)| whole(run, log))
    }
}
