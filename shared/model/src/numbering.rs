//! Auto-numbering: which numbers a run gets, as pure functions of (counter, what the run holds already, how many it needs).
//!
//! A counter counts in one period (of its [`Cycle`]); another period is another counter, so that a run that began before
//! midnight cannot set a new day's counter back. What a run takes it holds: the same run asking again (resumed, computed
//! anew after a conflict) gets the same numbers, and only what it needs beyond them is taken anew. Numbers that a run holds
//! and does not write (it failed, or needed fewer the second time) are gone: a gap, never a number twice.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How often a counter starts anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "every", rename_all = "snake_case")]
pub enum Cycle {
    /// Never.
    #[default]
    None,
    /// Every day.
    Daily,
    /// On the first of every month.
    Monthly,
    /// On January 1st.
    Yearly,
    /// On the first of this month, 1 to 12.
    FiscalYear {
        /// The month.
        first_month: u8,
    },
}

impl Cycle {
    /// The first day of the period that `today` lies in; `None` where the counter never starts anew.
    pub fn begin(self, today: Date) -> Option<Date> {
        let (year, month) = (today.year(), today.month());
        Some(match self {
            Self::None => return None,
            Self::Daily => today,
            Self::Monthly => jiff::civil::date(year, month, 1),
            Self::Yearly => jiff::civil::date(year, 1, 1),
            Self::FiscalYear { first_month } => {
                let first = i8::try_from(first_month).unwrap_or(1).clamp(1, 12);
                let before = month < first && year > Date::MIN.year();
                jiff::civil::date(year - i16::from(before), first, 1)
            }
        })
    }

    /// The period's name, part of its counter's key: its first day, or `all`.
    pub fn period(self, today: Date) -> String {
        self.begin(today).map_or_else(|| "all".to_owned(), |day| day.to_string())
    }
}

/// A number that an administrator registered for a domain: shared by all its flows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedNumber {
    /// The name that flows use.
    pub name: String,
    /// The first number of every period.
    pub start: u64,
    /// How often it starts anew.
    pub cycle: Cycle,
}

/// A counter in one period, as the store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Version of this form: 1.
    pub v: u8,
    /// The last number that was taken, by any run.
    pub last: u64,
}

impl Counter {
    /// A counter whose next number is one above this.
    pub fn behind(last: u64) -> Self {
        Self { v: 1, last }
    }
}

/// Numbers in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// The numbers that one output of a run holds of one counter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// In the order in which they were taken.
    pub ranges: Vec<Range>,
}

impl Held {
    /// How many.
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|r| r.count).sum()
    }

    /// The numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.ranges.iter().flat_map(|r| r.first..r.first.saturating_add(r.count))
    }
}

/// What is to be stored so that an output holds `wanted` numbers: the counter and what is held then. `None` where it
/// holds enough already. Counters end at `u64::MAX`; nobody lives to see it.
pub fn take(counter: Counter, held: &Held, wanted: u64) -> Option<(Counter, Held)> {
    let count = wanted.checked_sub(held.count()).filter(|more| *more > 0)?;
    let mut held = held.clone();
    let first = counter.last.saturating_add(1);
    match held.ranges.last_mut() {
        Some(last) if last.first.saturating_add(last.count) == first => last.count += count,
        _ => held.ranges.push(Range { first, count }),
    }
    Some((Counter { last: counter.last.saturating_add(count), ..counter }, held))
}

/// A number as text: at least so many digits, zeros in front; a longer number grows (99, then 100).
pub fn text(number: u64, digits: usize, prefix: &str, suffix: &str) -> String {
    format!("{prefix}{number:0digits$}{suffix}")
}

/// The number in a text that [`text`] made with this prefix and suffix.
pub fn read(text: &str, prefix: &str, suffix: &str) -> Option<u64> {
    let digits = text.strip_prefix(prefix)?.strip_suffix(suffix)?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn who_asks_again_gets_the_same_and_takes_only_what_is_missing() {
        let (counter, held) = take(Counter::behind(0), &Held::default(), 3).unwrap();
        assert_eq!((counter.last, held.numbers().collect::<Vec<_>>()), (3, vec![1, 2, 3]));
        assert_eq!(take(counter, &held, 3), None);
        assert_eq!(take(counter, &held, 2), None, "one of them will be a gap");
        let elsewhere = take(counter, &Held::default(), 2).unwrap().0;
        let (counter, held) = take(elsewhere, &held, 5).unwrap();
        assert_eq!((counter.last, held.numbers().collect::<Vec<_>>()), (7, vec![1, 2, 3, 6, 7]));
    }

    proptest! {
        #[test]
        fn no_number_is_given_twice(asks in prop::collection::vec((0usize..4, 0u64..9), 0..40)) {
            let (mut counter, mut held) = (Counter::behind(41), vec![Held::default(); 4]);
            for (who, wanted) in asks {
                let before: Vec<u64> = held[who].numbers().collect();
                if let Some((next, more)) = take(counter, &held[who], wanted) {
                    counter = next;
                    held[who] = more;
                }
                let now: Vec<u64> = held[who].numbers().collect();
                prop_assert!(now.starts_with(&before), "what is held stays");
                prop_assert!(now.len() as u64 >= wanted);
            }
            let mut all: Vec<u64> = held.iter().flat_map(|h| h.numbers().collect::<Vec<_>>()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (42..=counter.last).collect::<Vec<_>>(), "each once, and none is left out");
        }
    }
}
