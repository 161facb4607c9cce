//! Examples of the output budget, and its laws over random histories.

use super::*;
use crate::ids::UnitId;
use crate::limits::BUDGET;
use proptest::prelude::*;

const LEASE: Duration = Duration::from_secs(90);

fn run(n: u64) -> RunId {
    RunId { unit: UnitId(format!("u{n}")), seq: 1 }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1000)
}

/// Asks; answers the place in line, `None` where it may write, and applies the state after it.
fn asks(now: i64, state: &mut DomainState, n: u64, records: u64) -> Option<usize> {
    let wake = format!("wake {n}");
    let request = Request { run: &run(n), records, until: at(now) + LEASE, wake: Some(&wake) };
    match ask(at(now), state, &request) {
        Answer::Granted { state: after, .. } => {
            *state = *after;
            None
        }
        Answer::Wait { state: after, before, .. } => {
            *state = *after;
            Some(before)
        }
        Answer::TooLarge | Answer::GivenUp { .. } => panic!("refused"),
    }
}

#[test]
fn who_waits_too_long_leaves_the_line_and_those_behind_it_are_woken() {
    let mut state = DomainState::default();
    state.limits.budget_wait_ms = 60_000;
    assert_eq!(asks(0, &mut state, 1, 15_000), None);
    assert_eq!(asks(1, &mut state, 2, 18_000), Some(0));
    assert_eq!(asks(2, &mut state, 3, 10), Some(1));
    assert!(renew(at(50), &mut state, &run(1), true, at(140)));
    assert_eq!(asks(60, &mut state, 2, 18_000), Some(0), "a second before its end");
    let request = Request { run: &run(2), records: 18_000, until: at(151), wake: None };
    let Answer::GivenUp { state: after, since, woken } = ask(at(61), &state, &request) else { panic!("given up") };
    assert_eq!((since, woken), (at(1), vec!["wake 3".to_owned()]));
    assert_eq!(after.line.iter().map(|place| &place.run).collect::<Vec<_>>(), [&run(3)]);
    assert_eq!(asks(61, &mut state, 3, 10), Some(1), "as long as nobody has asked for it, it stands there");
}

#[test]
fn a_place_is_kept_while_its_worker_lives_and_no_longer() {
    let mut state = DomainState::default();
    assert_eq!(asks(0, &mut state, 1, 20_000), None);
    assert_eq!(asks(0, &mut state, 2, 500), Some(0));
    for now in (30..600).step_by(30) {
        assert!(renew(at(now), &mut state, &run(1), true, at(now) + LEASE));
        assert!(renew(at(now), &mut state, &run(2), false, at(now) + LEASE));
        assert!(!renew(at(now), &mut state, &run(2), true, at(now) + LEASE), "it holds no reservation");
        assert_eq!(asks(now, &mut state, 3, 1), Some(1), "nobody overtakes it, at {now}");
    }
    keep_place(at(600), &mut state, &run(2), at(610));
    assert_eq!(state.line[0].until, at(570) + LEASE, "never shorter");
    state.lapse(at(570) + LEASE);
    assert!(state.line.iter().all(|place| place.run != run(2)), "the dead lose it");
}

#[test]
fn who_writes_nothing_extends_no_reservation_and_who_takes_up_drops_it() {
    let mut state = DomainState::default();
    assert_eq!(asks(0, &mut state, 1, 20_000), None);
    assert_eq!(asks(0, &mut state, 2, 500), Some(0));
    assert!(renew(at(89), &mut state, &run(1), false, at(179)));
    assert_eq!((in_writing(at(89), &state), in_writing(at(90), &state)), (20_000, 0));
    take_up(at(40), &mut state, &run(1), at(130));
    take_up(at(40), &mut state, &run(2), at(1_000));
    assert_eq!((in_writing(at(40), &state), state.line[0].until), (0, at(1_000)), "a place is kept");
}

#[test]
fn the_third_unit_waits_to_write_until_one_of_two_has_finished() {
    let mut state = DomainState::default();
    assert_eq!(asks(0, &mut state, 1, 12_000), None);
    assert_eq!(asks(0, &mut state, 2, 8_000), None);
    assert_eq!(asks(1, &mut state, 3, 500), Some(0));
    assert_eq!(release(at(5), &mut state, &run(2)), ["wake 3"]);
    assert_eq!(asks(5, &mut state, 3, 500), None);
    assert_eq!(in_writing(at(5), &state), 12_500);
}

#[test]
fn a_large_write_is_not_overtaken() {
    let mut state = DomainState::default();
    assert_eq!(asks(0, &mut state, 1, 5_000), None);
    assert_eq!(asks(1, &mut state, 2, 18_000), Some(0));
    assert_eq!(asks(2, &mut state, 3, 10), Some(1), "it would fit, but came later");
    assert_eq!(release(at(3), &mut state, &run(1)), ["wake 2", "wake 3"], "both fit now");
    assert_eq!(asks(3, &mut state, 3, 10), Some(1), "woken first, and still behind");
    assert_eq!(asks(3, &mut state, 2, 18_000), None);
    assert_eq!(asks(3, &mut state, 3, 10), None);
}

#[test]
fn who_is_granted_wakes_the_next_that_fits() {
    let mut state = DomainState::default();
    asks(0, &mut state, 1, 15_000);
    asks(0, &mut state, 2, 10_000);
    asks(0, &mut state, 3, 10_000);
    asks(0, &mut state, 4, 1);
    let request = Request { run: &run(2), records: 10_000, until: at(180), wake: None };
    let Answer::Granted { woken, .. } = ask(at(90), &state, &request) else { panic!("the first has lapsed") };
    assert_eq!(woken, ["wake 3", "wake 4"][..1], "the fourth does not fit beside the third");
}

#[test]
fn the_dead_hold_nothing() {
    let mut state = DomainState::default();
    assert_eq!(asks(0, &mut state, 1, 20_000), None);
    assert_eq!(asks(1, &mut state, 2, 20_000), Some(0));
    assert_eq!(asks(16 + 119, &mut state, 3, 1), Some(1), "the second's place is kept beyond its waking");
    assert_eq!(asks(16 + 120, &mut state, 3, 1), None, "it never asked again, and the first's reservation lapsed");
}

#[test]
fn who_waits_comes_back_in_time_for_the_first_that_lapses() {
    let mut state = DomainState::default();
    asks(0, &mut state, 1, 20_000);
    let waits = |now, state: &DomainState| match ask(
        at(now),
        state,
        &Request { run: &run(2), records: 1, until: at(now), wake: None },
    ) {
        Answer::Wait { until, .. } => until,
        other => panic!("{other:?}"),
    };
    assert_eq!(waits(0, &state), at(15));
    assert_eq!(waits(80, &state), at(90), "when the first's reservation lapses");
    state.writing.insert(run(1), Reservation { records: 20_000, until: Timestamp(80_001) });
    assert_eq!(waits(80, &state), at(81), "not at once again and again");
}

#[test]
fn more_than_the_budget_fails_at_once() {
    let request = Request { run: &run(1), records: BUDGET + 1, until: at(90), wake: None };
    assert_eq!(ask(at(0), &DomainState::default(), &request), Answer::TooLarge);
}

#[test]
fn who_starts_over_does_not_hold_twice() {
    let mut state = DomainState::default();
    assert_eq!(asks(0, &mut state, 1, 15_000), None);
    assert_eq!(asks(1, &mut state, 1, 15_000), None);
    assert_eq!(in_writing(at(1), &state), 15_000);
}

#[test]
fn a_lapsed_reservation_is_not_renewed() {
    let mut state = DomainState::default();
    asks(0, &mut state, 1, 15_000);
    assert!(renew(at(89), &mut state, &run(1), true, at(179)));
    assert!(!renew(at(179), &mut state, &run(1), true, at(269)), "somebody else may be writing by now");
    assert!(!renew(at(179), &mut state, &run(2), true, at(269)), "it never held one");
}

proptest! {
    /// Whatever is asked, renewed, released and forgotten: the budget holds, and nobody who keeps asking starves.
    #[test]
    fn the_budget_holds_and_nobody_starves(
        steps in prop::collection::vec((0u64..6, 0u8..4, 1u64..20_001, 0i64..40), 1..200),
    ) {
        let mut state = DomainState::default();
        let mut now = 0;
        for (n, what, records, pause) in steps {
            now += pause;
            match what {
                0 => drop(release(at(now), &mut state, &run(n))),
                1 => drop(renew(at(now), &mut state, &run(n), true, at(now) + LEASE)),
                _ => drop(asks(now, &mut state, n, records)),
            }
            prop_assert!(in_writing(at(now), &state) <= BUDGET);
            prop_assert!(state.line.iter().all(|p| !state.writing.contains_key(&p.run)), "none asks while it holds");
        }
        // The first of the line keeps asking while the others are gone: it is served when the last of them has lapsed.
        if let Some(first) = state.line.front().cloned() {
            let end = now + 90;
            loop {
                let request = Request { run: &first.run, records: first.records, until: at(now) + LEASE, wake: None };
                match ask(at(now), &state, &request) {
                    Answer::Wait { state: after, .. } => state = *after,
                    Answer::Granted { .. } => break,
                    Answer::TooLarge | Answer::GivenUp { .. } => prop_assert!(false, "it was let into the line"),
                }
                prop_assert!(now <= end, "it starves");
                now += 10;
            }
        }
    }

    /// First come, first served: among those who keep asking, nobody is granted before one who came earlier.
    #[test]
    fn the_order_of_the_line_is_the_order_of_grants(wanted in prop::collection::vec(1u64..20_001, 2..12)) {
        let mut state = DomainState::default();
        let holder = 99;
        asks(0, &mut state, holder, BUDGET);
        for (n, records) in wanted.iter().enumerate() {
            asks(1, &mut state, n as u64, *records);
        }
        release(at(2), &mut state, &run(holder));
        let (mut granted, mut now) = (Vec::new(), 2);
        while granted.len() < wanted.len() {
            // The last asks first: being quick must not help.
            for n in (0..wanted.len()).rev().filter(|n| !granted.contains(n)).collect::<Vec<_>>() {
                if asks(now, &mut state, n as u64, wanted[n]).is_none() {
                    granted.push(n);
                }
            }
            now += 10;
            prop_assert!(now < 90 * 20);
        }
        prop_assert_eq!(granted, (0..wanted.len()).collect::<Vec<_>>());
    }
}
