//! What must hold after every history.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::clock::Timestamp;
use model::ids::RunId;
use model::limits::{BUDGET, STARTS, WINDOW};
use model::run::RunState;

use crate::world::{Doing, Event, History, Plan};

/// Checks a history.
pub fn check(history: &History, plan: &Plan, seed: u64) {
    for unit in &history.units {
        let empty = Vec::new();
        let events = history.events.get(unit).unwrap_or(&empty);
        let told = || format!("seed {seed}, unit {unit}: {events:#?}");
        let mut admitted = history.admitted.get(unit).cloned().unwrap_or_default();
        assert_eq!(admitted.len(), plan.requests, "every request is admitted; {}", told());
        let scheduled = &history.scheduled[unit];
        admitted.extend(scheduled);
        ends_once(events, &admitted, &told);
        exclusive(events, &told);
        counted(events, &told);
        ordered(events, scheduled, &told);
        if plan.patient {
            let ends = events.iter().filter_map(|(_, e)| match e {
                Event::Ended(seq, state) if !scheduled.contains(seq) => Some(*state),
                _ => None,
            });
            let odd = ends.filter(|s| *s != RunState::Succeeded && *s != RunState::Uncertain).count();
            assert_eq!(odd, 0, "nobody is given up who waits for hours; {}", told());
        }
    }
    let told = || format!("seed {seed}: {:#?}", history.doings);
    bounded(&history.doings, &told);
    apart(&history.doings, &told);
    let of_schedules = history.scheduled.values().map(Vec::len).sum::<usize>();
    assert_eq!(of_schedules > 0, plan.schedules > 0, "schedules fall due; {}", told());
}

/// How often a run was parked: a plan whose runs write must make them wait, or it says little.
pub fn parkings(history: &History) -> usize {
    history.doings.iter().filter(|(_, doing)| matches!(doing, Doing::Parks(_))).count()
}

/// What the realtime runs are writing never sums to more than the budget.
fn bounded(doings: &[(Timestamp, Doing)], told: &dyn Fn() -> String) {
    let mut writing: BTreeMap<&RunId, u64> = BTreeMap::new();
    for (at, doing) in doings {
        if let Doing::Writes(run, records) = doing {
            writing.insert(run, *records);
            let sum = writing.values().sum::<u64>();
            assert!(sum <= BUDGET, "{sum} records in writing at {at}; {}", told());
        }
    }
    assert!(writing.values().all(|records| *records == 0), "the history goes on; {}", told());
}

/// No realtime run works while a scheduled one does.
fn apart(doings: &[(Timestamp, Doing)], told: &dyn Fn() -> String) {
    let (mut realtime, mut scheduled) = (BTreeSet::new(), BTreeSet::new());
    for (at, doing) in doings {
        match doing {
            Doing::Works(run, true) => drop(scheduled.insert(run)),
            Doing::Works(run, false) => drop(realtime.insert(run)),
            Doing::Rests(run) => {
                scheduled.remove(run);
                realtime.remove(run);
            }
            Doing::Writes(..) | Doing::Parks(_) => {}
        }
        let both = !scheduled.is_empty() && !realtime.is_empty();
        assert!(!both, "at {at} {scheduled:?} beside {realtime:?}; {}", told());
        assert!(scheduled.len() <= 1, "at {at} {scheduled:?}; {}", told());
    }
}

/// Every request ends once.
fn ends_once(events: &[(Timestamp, Event)], admitted: &[u64], told: &dyn Fn() -> String) {
    let mut ends: BTreeMap<u64, usize> = admitted.iter().map(|seq| (*seq, 0)).collect();
    for (_, event) in events {
        if let Event::Ended(seq, _) = event {
            *ends.get_mut(seq).unwrap_or_else(|| panic!("run {seq} ended and was not admitted; {}", told())) += 1;
        }
    }
    assert!(ends.values().all(|n| *n == 1), "every request ends once: {ends:?}; {}", told());
}

/// No two runs of a unit at once: between a taking and its worker's leaving nobody else takes.
fn exclusive(events: &[(Timestamp, Event)], told: &dyn Fn() -> String) {
    let mut holder: Option<(u64, u32)> = None;
    for (at, event) in events {
        match event {
            Event::Taken(seq, attempt) => {
                assert_eq!(holder, None, "at {at} run {seq} is taken while another is running; {}", told());
                holder = Some((*seq, *attempt));
            }
            Event::Left(seq, attempt) if holder == Some((*seq, *attempt)) => holder = None,
            _ => {}
        }
    }
}

/// Never six starts in sixty seconds; taking up again is no start.
fn counted(events: &[(Timestamp, Event)], told: &dyn Fn() -> String) {
    let starts: Vec<Timestamp> =
        events.iter().filter(|(_, e)| matches!(e, Event::Taken(_, 1))).map(|(at, _)| *at).collect();
    for window in starts.windows(STARTS + 1) {
        let span = window[0].until(window[STARTS]);
        assert!(span >= WINDOW, "{} starts within {span:?} at {}; {}", STARTS + 1, window[0], told());
        assert!(span < Duration::from_secs(86_400), "the history goes on");
    }
}

/// Arrival order is kept, among requests and among what fell due.
fn ordered(events: &[(Timestamp, Event)], scheduled: &[u64], told: &dyn Fn() -> String) {
    for of_schedules in [false, true] {
        let starts = events.iter().filter_map(|(_, e)| match e {
            Event::Taken(seq, 1) if scheduled.contains(seq) == of_schedules => Some(*seq),
            _ => None,
        });
        let starts: Vec<u64> = starts.collect();
        assert!(starts.windows(2).all(|w| w[0] < w[1]), "arrival order: {starts:?}; {}", told());
    }
}
