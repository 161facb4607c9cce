//! The same world in fewer words: what no step, no decision and no rule can tell apart becomes one state. So the exploration goes
//! deeper with as many states. Each change says why nothing is lost by it.

use std::collections::BTreeSet;

use model::clock::Timestamp;
use model::ids::RunId;

use crate::rules::Without;
use crate::scene::Scene;
use crate::world::{Log, Phase, World, unit_of};

impl World {
    /// Brings the world into its canonical form.
    pub fn canonical(&mut self, scene: &Scene) {
        self.forget_what_is_refused(scene);
        self.forget_lapsed_times();
        if !scene.times_out() {
            // Nobody's deadline comes before the last instant, so nobody asks how long schedules have held it back.
            self.domain.held.clear();
            self.past.open = 0;
        }
        let runs: Vec<RunId> = self.runs().collect();
        for run in &runs {
            self.number(run);
        }
        self.workers.sort();
        self.sent.sort();
    }

    /// A chunk that was sent under an older revision is refused for ever, since revisions only grow. Where nobody waits for its
    /// answer or will, because it sends the same once more, its arrival changes nothing.
    fn forget_what_is_refused(&mut self, scene: &Scene) {
        if !scene.fenced || scene.lacks(Without::Fence) {
            return;
        }
        let (logs, workers) = (&self.logs, &self.workers);
        self.sent.retain(|message| {
            let waits = workers.iter().any(|w| w.may_have_sent(message));
            waits || logs.get(&message.run).is_some_and(|log| log.revision == message.revision)
        });
    }

    /// A lease that has lapsed has lapsed, whenever that was: what has an end is only ever compared with now.
    fn forget_lapsed_times(&mut self) {
        let now = self.now;
        let forget = |at: &mut Timestamp| {
            if *at <= now {
                *at = Timestamp(0);
            }
        };
        for lease in self.units.iter_mut().filter_map(|unit| unit.running.as_mut()) {
            forget(&mut lease.until);
            lease.parked.iter_mut().for_each(|parked| forget(&mut parked.wake));
        }
        self.domain.readers.values_mut().for_each(forget);
        self.domain.writing.values_mut().for_each(|reservation| forget(&mut reservation.until));
        self.domain.line.iter_mut().for_each(|place| forget(&mut place.until));
        self.domain.schedules.iter_mut().filter_map(|s| s.lease.as_mut()).for_each(forget);
        self.workers.iter_mut().for_each(|worker| forget(&mut worker.until));
    }

    /// Owners and revisions of a run are only ever compared with each other, and a new one is larger than all: they are
    /// numbered anew, in their order. A name that no worker and no chunk bears is nobody's.
    fn number(&mut self, run: &RunId) {
        let workers = self.workers.iter().filter(|w| w.run == *run);
        let sent = self.sent.iter().filter(|m| m.run == *run);
        let owners: BTreeSet<String> =
            workers.clone().map(|w| &w.owner).chain(sent.clone().map(|m| &m.owner)).cloned().collect();
        let known = workers.filter(|w| w.phase != Phase::Taken).map(|w| w.revision).chain(sent.map(|m| m.revision));
        let revisions: BTreeSet<u8> = known.chain(self.logs.get(run).map(|log| log.revision)).collect();
        let owner = |name: &mut String| {
            *name = owners.iter().position(|known| known == name).map(name_of).unwrap_or_default();
        };
        let revision = |known: &mut u8| {
            let at = revisions.iter().position(|other| other == known);
            *known = at.and_then(|at| u8::try_from(at).ok()).unwrap_or_default();
        };
        if let Some(log) = self.logs.get_mut(run) {
            owner(&mut log.opened);
            revision(&mut log.revision);
            if owners.is_empty() && self.past.ends.contains_key(run) {
                // Nobody has anything more to do with it, but to write how it ended, whatever its revision.
                let Log { applied, records, closed, .. } = std::mem::take(log);
                *log = Log { applied, records, closed, ..Log::default() };
            }
        }
        let lease = self.units[unit_of(run)].running.as_mut();
        lease.into_iter().filter(|lease| lease.seq == run.seq).for_each(|lease| owner(&mut lease.owner));
        for worker in self.workers.iter_mut().filter(|w| w.run == *run) {
            owner(&mut worker.owner);
            if worker.phase != Phase::Taken {
                revision(&mut worker.revision);
            }
        }
        for message in self.sent.iter_mut().filter(|m| m.run == *run) {
            owner(&mut message.owner);
            revision(&mut message.revision);
        }
    }
}

/// The name of a run's owner, by its number.
pub fn name_of(number: usize) -> String {
    format!("{number:03}")
}
