//! The decisions about refused calls.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp(1_800_000_000_000);

fn late(calls: u64) -> Counts {
    Counts::of(Cause::Late, calls)
}

#[test]
fn a_tally_is_noted_at_first_then_once_a_second_and_at_once_where_it_is_a_flood() {
    let mut tally = Tally::default();
    assert!(!tally.due(START), "nothing is held");
    tally.count(Cause::Late, 1);
    assert!(tally.due(START), "the first");
    assert_eq!(tally.take(START), late(1));
    tally.count(Cause::TooMany, HELD_BACK - 1);
    assert!(!tally.due(START) && !tally.due(START + Duration::from_millis(999)));
    assert!(tally.due(START + FLUSH_EVERY));
    tally.count(Cause::Content, 1);
    assert!(tally.due(START), "a part of a flood, and nobody knows");
    tally.flood = true;
    assert!(!tally.due(START) && tally.due(START + FLUSH_EVERY), "known: once a second");
    assert!(!tally.idle(START + FLUSH_EVERY));
    assert_eq!(tally.take(START + FLUSH_EVERY).sum(), HELD_BACK);
    assert!(tally.idle(START + FLUSH_EVERY * 2));
}

#[test]
fn a_flood_begins_with_one_refusal_too_many_in_a_window() {
    let first = note(START, &Refusals::default(), &late(FLOOD_AFTER), None);
    assert_eq!(first.begins, None);
    let next = note(START + Duration::from_millis(59_999), &first.refusals, &late(1), None);
    assert_eq!(next.begins, Some((START, late(FLOOD_AFTER + 1))));
    let later = note(START + FLOOD_WINDOW, &first.refusals, &late(1), None);
    assert_eq!(later.begins, None, "another window");
    assert_eq!(later.refusals.window, Some((START + FLOOD_WINDOW, late(1))));
    assert_eq!(later.refusals.total, late(FLOOD_AFTER + 1), "the total forgets nothing");
}

/// Who is not let in at all must not cost honest webhooks their records.
#[test]
fn only_calls_that_were_let_in_make_a_crowd() {
    let outsiders = note(START, &Refusals::default(), &Counts::of(Cause::Address, FLOOD_AFTER + 1), None);
    assert!(outsiders.begins.is_some() && outsiders.crowds.is_none());
    let flood = |counts| Flood { seq: 7, first: START, last: START, counts, runs: vec![], told: None, over: false };
    let mut refusals = Refusals { flood: outsiders.begins.map(|(_, counts)| flood(counts)), ..outsiders.refusals };
    let until = Some(START + FLOOD_QUIET + CROWD_STEP);
    for (more, crowds) in [(FLOOD_AFTER, None), (1, until), (1, None)] {
        let noted = note(START, &refusals, &late(more), None);
        assert_eq!((noted.begins, noted.crowds), (None, crowds), "once, when there are more than a hundred");
        refusals = noted.refusals;
    }
    let at_once = note(START, &Refusals::default(), &late(FLOOD_AFTER + 1), None);
    assert_eq!((at_once.begins.is_some(), at_once.crowds), (true, until));
}

/// How long a crowd lasts says when one of its calls came last, and the state is seldom written for it.
#[test]
fn a_crowd_is_kept_by_its_own_calls_alone() {
    let second = Duration::from_secs(1);
    let begun = note(START, &Refusals::default(), &late(FLOOD_AFTER + 1), None);
    let (first, counts) = begun.begins.expect("a flood");
    let flood = Flood { seq: 7, first, last: START, counts, runs: vec![], told: None, over: false };
    let mut refusals = Refusals { flood: Some(flood), ..begun.refusals };
    let mut until = begun.crowds.expect("a crowd");
    let mut moved = 0;
    for n in 1..=300 {
        let now = START + second * n;
        let noted = note(now, &refusals, &late(1), None);
        if let Some(next) = noted.crowds {
            (until, moved) = (next, moved + 1);
        }
        assert!(until >= now + FLOOD_QUIET && until <= now + FLOOD_QUIET + CROWD_STEP);
        refusals = noted.refusals;
    }
    assert!(moved <= 10, "{moved} writes in five minutes");
    // A drip of whatever else keeps the flood going, and moves nothing.
    let mut now = START + second * 300;
    for cause in [Cause::Dead, Cause::Content, Cause::Duplicate] {
        now = now + second * 50;
        let noted = note(now, &refusals, &Counts::of(cause, 1), None);
        assert_eq!((noted.crowds, noted.refusals.flood.as_ref().map(|f| f.last)), (None, Some(now)), "{cause:?}");
        refusals = noted.refusals;
    }
    assert!(until <= now, "it has ebbed");
    // Late ones that come one by one are no crowd, however long the flood goes on.
    for _ in 0..2 * FLOOD_AFTER {
        now = now + second;
        let noted = note(now, &refusals, &late(1), None);
        assert_eq!(noted.crowds, None);
        refusals = noted.refusals;
    }
    let again = note(now, &refusals, &late(FLOOD_AFTER), None);
    assert_eq!(again.crowds, Some(now + FLOOD_QUIET + CROWD_STEP), "too many at once are one again");
}

#[test]
fn a_flood_grows_until_it_has_been_quiet() {
    let counts = late(1);
    let flood = Flood { seq: 7, first: START, last: START, counts, runs: Vec::new(), told: None, over: false };
    let before = Refusals { flood: Some(flood.clone()), ..Refusals::default() };
    let at = START + Duration::from_secs(30);
    let after = note(at, &before, &Counts::of(Cause::Address, 5), None);
    let grown = after.refusals.flood.expect("still there");
    assert_eq!((after.begins, grown.last, grown.counts.sum(), grown.first), (None, at, 6, START));
    assert!(!grown.ebbed(at + Duration::from_secs(59)) && grown.ebbed(at + FLOOD_QUIET));
    assert!(flood.to_tell(START), "at once");
    let told = Flood { told: Some(START), ..grown };
    assert!(!told.to_tell(START + Duration::from_secs(59)) && told.to_tell(START + FLOOD_TOLD_EVERY));
    let message = Flood { runs: vec![3, 4], ..told }.message();
    for part in ["6件", "6 refused calls", "許可外のアドレス 5", "addresses not allowed 5", "3~4", "継続中 / going on"]
    {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_unit_is_switched_off_by_those_that_were_let_in_alone() {
    let after = DisableAfter { refusals: 10, minutes: 2 };
    let minute = Duration::from_secs(60);
    let decide = |at, before: &Refusals, more: Counts| note(at, before, &more, Some(&after));
    let strangers = [Cause::Address, Cause::Token, Cause::Signature, Cause::Content, Cause::Disabled, Cause::Duplicate];
    for cause in strangers {
        assert_eq!(decide(START, &Refusals::default(), Counts::of(cause, 50)).disables, None, "{cause:?}");
    }
    let nine = decide(START, &Refusals::default(), late(9));
    assert_eq!(nine.disables, None);
    let ten = decide(START + minute, &nine.refusals, Counts::of(Cause::TooMany, 1));
    assert_eq!(ten.disables, Some(10));
    assert!(ten.refusals.minutes.is_empty(), "counting starts anew");
    assert_eq!(decide(START + minute * 2, &nine.refusals, late(1)).disables, None, "nine are too long ago");
    assert_eq!(note(START, &nine.refusals, &late(99), None).disables, None, "off unless it is asked for");
}

proptest! {
    /// However calls are spread over notes, none is lost from the total, and a flood tells all that came since it began.
    #[test]
    fn nothing_is_lost_by_noting(calls in prop::collection::vec((0u64..90, 0u64..200, 0usize..8), 1..60)) {
        let causes = [Cause::Late, Cause::TooMany, Cause::Disabled, Cause::Duplicate, Cause::Address, Cause::Token,
            Cause::Signature, Cause::Content];
        let (mut refusals, mut now, mut all, mut since) = (Refusals::default(), START, 0, None::<u64>);
        for (seconds, n, cause) in calls {
            now = now + Duration::from_secs(seconds);
            let noted = note(now, &refusals, &Counts::of(causes[cause], n), None);
            refusals = noted.refusals;
            all += n;
            since = since.map(|s| s + n);
            if let Some((first, counts)) = noted.begins {
                since = Some(counts.sum());
                refusals.flood = Some(Flood { seq: 1, first, last: now, counts, runs: Vec::new(), told: None, over: false });
            }
            prop_assert_eq!(refusals.total.sum(), all);
            prop_assert_eq!(refusals.flood.as_ref().map(|f| f.counts.sum()), since);
            prop_assert!(refusals.minutes.len() as u64 <= MAX_DISABLE_MINUTES);
        }
    }
}
