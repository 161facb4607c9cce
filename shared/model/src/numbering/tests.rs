//! Numbers: periods, texts around them, and that none is given twice.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

#[test]
fn periods_begin_where_people_say() {
    let day = date(2026, 3, 31);
    for (cycle, period) in [
        (Cycle::None, "all"),
        (Cycle::Daily, "2026-03-31"),
        (Cycle::Monthly, "2026-03-01"),
        (Cycle::Yearly, "2026-01-01"),
        (Cycle::FiscalYear { first_month: 4 }, "2025-04-01"),
        (Cycle::FiscalYear { first_month: 3 }, "2026-03-01"),
        (Cycle::FiscalYear { first_month: 1 }, "2026-01-01"),
    ] {
        assert_eq!(cycle.period(day), period, "{cycle:?}");
    }
    assert_eq!(Cycle::FiscalYear { first_month: 4 }.period(date(2026, 4, 1)), "2026-04-01");
}

#[test]
fn numbers_have_at_least_their_digits_and_grow() {
    assert_eq!(text(99, 2, "A-", ""), "A-99");
    assert_eq!(text(100, 2, "A-", ""), "A-100");
    assert_eq!(text(7, 3, "", "号"), "007号");
    assert_eq!(read("A-099", "A-", ""), Some(99));
    for (other, prefix) in [("B-099", "A-"), ("A-", "A-"), ("A-9x", "A-"), ("A-+9", "A-"), ("A", "AA")] {
        assert_eq!(read(other, prefix, ""), None, "{other}");
    }
    assert_eq!(read("99999999999999999999999", "", ""), None, "larger than any counter");
}

fn need(wanted: u64) -> Need {
    Need { wanted, ..Need::default() }
}

fn with(prefix: &str, wanted: u64, largest: u64) -> Need {
    Need { wanted, around: BTreeSet::from([Around::new(prefix, "")]), largest }
}

fn numbers(held: &Held) -> Vec<u64> {
    held.numbers().collect()
}

#[test]
fn who_asks_again_gets_the_same_and_takes_only_what_is_missing() {
    let (counter, held) = take(&Counter::behind(0), &Held::default(), &need(3)).unwrap();
    assert_eq!((counter.last, numbers(&held)), (3, vec![1, 2, 3]));
    assert_eq!(take(&counter, &held, &need(3)), None);
    assert_eq!(take(&counter, &held, &need(2)), None, "one of them will be a gap");
    let elsewhere = take(&counter, &Held::default(), &need(2)).unwrap().0;
    let (counter, held) = take(&elsewhere, &held, &need(5)).unwrap();
    assert_eq!((counter.last, numbers(&held)), (7, vec![1, 2, 3, 6, 7]));
}

#[test]
fn texts_that_are_new_raise_the_counter_once() {
    let none = Held::default();
    let (counter, held) = take(&Counter::behind(0), &none, &with("A-", 1, 2)).unwrap();
    assert_eq!((counter.last, numbers(&held)), (3, vec![3]));
    assert!(!counter.lacks(&with("A-", 1, 0).around) && counter.lacks(&with("B-", 1, 0).around));
    let (counter, held) = take(&counter, &none, &with("B-", 1, 5)).unwrap();
    assert_eq!(numbers(&held), [6], "the app held B-005");
    let (counter, held) = take(&counter, &none, &with("C-", 1, 4)).unwrap();
    assert_eq!(numbers(&held), [7], "a counter never goes back");
    assert!(!counter.lacks(&[with("A-", 1, 0), with("B-", 1, 0)].into_iter().flat_map(|n| n.around).collect()));
}

#[test]
fn what_was_taken_for_other_texts_is_not_given_with_these() {
    let (counter, held) = take(&Counter::behind(0), &Held::default(), &with("A-", 2, 0)).unwrap();
    // Computed anew after a conflict, the record has another prefix, with which the app may hold both numbers.
    let (counter, held) = take(&counter, &held, &with("B-", 2, 9)).unwrap();
    assert_eq!((counter.last, numbers(&held)), (11, vec![10, 11]));
    assert_eq!(take(&counter, &held, &with("B-", 2, 0)), None, "and asked again it is the same");
}

#[test]
fn texts_that_were_not_used_for_longest_are_forgotten() {
    let mut counter = Counter::behind(0);
    let next = |counter: &Counter, prefix: &str| take(counter, &Held::default(), &with(prefix, 1, 0)).unwrap().0;
    for n in 0..TEXTS_KEPT {
        counter = next(&counter, &n.to_string());
    }
    counter = next(&counter, "0");
    counter = next(&counter, "new");
    assert_eq!(counter.around.len(), TEXTS_KEPT);
    let lacks = |prefix: &str| counter.lacks(&with(prefix, 1, 0).around);
    assert!(lacks("1") && !lacks("0") && !lacks("2") && !lacks("new"));
}

#[test]
fn a_run_remembers_many_texts_as_one() {
    let around: BTreeSet<Around> = (0..1_000).map(|n| Around::new(&n.to_string(), "")).collect();
    let many = Need { wanted: 1_000, around: around.clone(), largest: 0 };
    let (counter, held) = take(&Counter::behind(0), &Held::default(), &many).unwrap();
    assert_eq!((held.around.len(), held.count()), (1, 1_000));
    assert_eq!(take(&counter, &held, &many), None);
    let fewer = Need { around: around.into_iter().skip(1).collect(), ..many };
    assert_eq!(take(&counter, &held, &fewer).unwrap().1.numbers().next(), Some(1_001));
}

#[test]
fn a_text_belongs_to_its_side() {
    let all = [("ab", ""), ("a", "b"), ("", "ab"), ("", "")].map(|(prefix, suffix)| Around::new(prefix, suffix));
    assert_eq!(BTreeSet::from(all).len(), 4);
}

proptest! {
    #[test]
    fn no_number_is_given_twice(asks in prop::collection::vec((0usize..4, 0u64..9, 0u8..3), 0..40)) {
        let (mut counter, mut held) = (Counter::behind(41), vec![Held::default(); 4]);
        let mut all = BTreeSet::new();
        for (who, wanted, text) in asks {
            let before = numbers(&held[who]);
            let asked = with(&text.to_string(), wanted, 0);
            let kept = asked.around.is_subset(&held[who].around);
            let Some((next, more)) = take(&counter, &held[who], &asked) else {
                prop_assert!(wanted == 0 || kept && before.len() as u64 >= wanted);
                continue;
            };
            prop_assert!(next.last > counter.last);
            counter = next;
            held[who] = more;
            let now = numbers(&held[who]);
            prop_assert!(!kept || now.starts_with(&before), "what is held stays");
            prop_assert!(now.len() as u64 >= wanted);
            for number in now.iter().skip(if kept { before.len() } else { 0 }) {
                prop_assert!(all.insert(*number), "{number} twice");
            }
        }
        prop_assert_eq!(all.into_iter().collect::<Vec<_>>(), (42..=counter.last).collect::<Vec<_>>(), "none is left out");
    }
}
