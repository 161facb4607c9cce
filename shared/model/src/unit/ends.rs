//! Ends of runs whose log record is still to be written: they stand on the unit's list until somebody has written it.

use crate::catalogue;
use crate::clock::Timestamp;
use crate::limits::MOST_TO_LOG;
use crate::notice::{self, About};
use crate::unit::{UnitState, Waiting};

impl UnitState {
    /// A run has ended, and its log record is still to be written.
    pub fn note_unlogged(&mut self, seq: u64) {
        self.to_log.push(seq);
        let over = self.to_log.len().saturating_sub(MOST_TO_LOG);
        self.to_log.drain(..over); // weeks without a log app: the state must stay writable
    }

    /// The log record of an ended run is written.
    pub fn note_logged(&mut self, seq: u64) {
        self.to_log.retain(|s| *s != seq);
        self.late.retain(|s| *s != seq);
    }

    /// Takes a run out that waits: it ends as `cancelled`.
    pub fn take_back(&mut self, seq: u64) {
        self.waiting.retain(|w| w.seq != seq);
        self.scheduled.retain(|s| *s != seq);
        self.to_log.push(seq);
    }

    /// So many webhooks that could not start in time get their place in the order, and end at once.
    pub fn record_late(&mut self, now: Timestamp, count: usize) -> Vec<Waiting> {
        let late = (1..=count as u64).map(|n| Waiting { seq: self.last + n, since: now, deadline: now });
        let runs: Vec<Waiting> = late.collect();
        self.last += count as u64;
        self.refused += count as u64;
        self.to_log.extend(runs.iter().map(|w| w.seq));
        self.late.extend(runs.iter().map(|w| w.seq));
        for run in &runs {
            notice::note(now, &mut self.notices, About::TimedOut, Some(catalogue::TIMED_OUT), Some(run.seq));
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_unlogged_is_looked_at_until_it_is_logged() {
        let now = Timestamp(1_000);
        let mut state = UnitState::default();
        let late = state.record_late(now, 2);
        assert_eq!((late[0].seq, late[1].seq, state.last, state.refused), (1, 2, 2, 2));
        state.last = 3;
        state.waiting.push_back(Waiting { seq: 3, since: now, deadline: now });
        state.take_back(3);
        assert!(state.waiting.is_empty());
        state.note_unlogged(4);
        assert_eq!((state.to_log.as_slice(), state.late.as_slice()), (&[1, 2, 3, 4][..], &[1, 2][..]));
        state.notices.clear();
        for seq in [2, 3, 1] {
            assert!(state.due(now).is_some());
            state.note_logged(seq);
        }
        assert!(state.due(now).is_some(), "one is left");
        state.note_logged(4);
        assert_eq!((state.due(now), state.late.len()), (None, 0));
    }

    #[test]
    fn the_oldest_are_dropped_where_they_are_too_many() {
        let mut state = UnitState::default();
        for seq in 1..=MOST_TO_LOG as u64 + 1 {
            state.note_unlogged(seq);
        }
        assert_eq!((state.to_log.len(), state.to_log[0]), (MOST_TO_LOG, 2));
    }
}
