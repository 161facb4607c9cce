//! What must hold after every history.

use std::collections::BTreeMap;
use std::time::Duration;

use model::clock::Timestamp;
use model::limits::{STARTS, WINDOW};
use model::run::RunState;

use crate::world::{Event, History, Plan};

/// Checks a history.
pub fn check(history: &History, plan: &Plan, seed: u64) {
    for unit in &history.units {
        let empty = Vec::new();
        let events = history.events.get(unit).unwrap_or(&empty);
        let told = || format!("seed {seed}, unit {unit}: {events:#?}");
        let admitted = history.admitted.get(unit).cloned().unwrap_or_default();
        assert_eq!(admitted.len(), plan.requests, "every request is admitted; {}", told());
        ends_once(events, &admitted, &told);
        exclusive(events, &told);
        counted(events, &told);
        ordered(events, &told);
        if plan.patient {
            let ends =
                events.iter().filter_map(|(_, e)| if let Event::Ended(_, state) = e { Some(*state) } else { None });
            let odd = ends.filter(|s| *s != RunState::Succeeded && *s != RunState::Uncertain).count();
            assert_eq!(odd, 0, "nobody is given up who waits for hours; {}", told());
        }
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

/// Arrival order is kept.
fn ordered(events: &[(Timestamp, Event)], told: &dyn Fn() -> String) {
    let starts = events.iter().filter_map(|(_, e)| if let Event::Taken(seq, 1) = e { Some(*seq) } else { None });
    let starts: Vec<u64> = starts.collect();
    assert!(starts.windows(2).all(|w| w[0] < w[1]), "arrival order: {starts:?}; {}", told());
}
