//! Auto-numbering: which numbers a run gets, as pure functions of (counter, what the run holds already, how many it needs).
//!
//! A counter counts in one period (of its [`Cycle`]); another period is another counter, so that a run that began before
//! midnight cannot set a new day's counter back. What a run takes it holds: the same run asking again (resumed, computed
//! anew after a conflict) gets the same numbers, and only what it needs beyond them is taken anew. Numbers that a run holds
//! and does not write (it failed, or needed fewer the second time) are gone: a gap, never a number twice.
//!
//! A number by app has texts around it, and with each pair of texts the app may hold numbers of its own already. So a
//! counter remembers for which texts it was raised above what the app held; for others the app is looked at first.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

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

/// Texts that a counter remembers: with more, those that were not used for longest are looked at again. Bounds an item
/// that every numbering run reads and writes (3 KB), and is more than the customers or months that prefixes are made of.
pub const TEXTS_KEPT: usize = 100;

/// A prefix and a suffix, as counters and runs remember them: a digest, since a text of a record has no bound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Around(String);

impl Around {
    /// The pair.
    pub fn new(prefix: &str, suffix: &str) -> Self {
        let mut digest = sha2::Sha256::new();
        // The length keeps apart which text ends where.
        digest.update(prefix.len().to_be_bytes());
        digest.update(prefix);
        digest.update(suffix);
        Self::short(digest)
    }

    /// What a run remembers of the texts of one counter: themselves, or one digest of too many for an item.
    fn kept(all: &BTreeSet<Self>) -> BTreeSet<Self> {
        if all.len() <= TEXTS_KEPT {
            return all.clone();
        }
        let mut digest = sha2::Sha256::new();
        all.iter().for_each(|pair| digest.update(&pair.0));
        BTreeSet::from([Self::short(digest)])
    }

    /// 96 bits: two of a counter's texts are taken for one less often than a disk reads a wrong number.
    fn short(digest: sha2::Sha256) -> Self {
        Self(digest.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect())
    }
}

/// A counter in one period, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Version of this form: 1.
    pub v: u8,
    /// The last number that was taken, by any run.
    pub last: u64,
    /// The texts with which the app holds no number above `last` that a run did not give; last used last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub around: Vec<Around>,
}

impl Counter {
    /// A counter whose next number is one above this.
    pub fn behind(last: u64) -> Self {
        Self { v: 1, last, around: Vec::new() }
    }

    /// Whether the app must be looked at before numbers with these texts are given.
    pub fn lacks(&self, around: &BTreeSet<Around>) -> bool {
        around.iter().any(|pair| !self.around.contains(pair))
    }

    /// The app was looked at: with these texts it holds nothing above this number.
    fn raise(&mut self, largest: u64, around: &BTreeSet<Around>) {
        self.last = self.last.max(largest);
        self.around.retain(|pair| !around.contains(pair));
        self.around.extend(around.iter().cloned());
        let forgotten = self.around.len().saturating_sub(TEXTS_KEPT);
        self.around.drain(..forgotten);
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
    /// The texts that they were taken for.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub around: BTreeSet<Around>,
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

/// What an output of a run needs of a counter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// How many numbers it needs in all.
    pub wanted: u64,
    /// The texts that will stand around them; none for a number of the domain.
    pub around: BTreeSet<Around>,
    /// The largest number that the app holds with these texts; 0 where the counter knows them all.
    pub largest: u64,
}

/// What is to be stored so that an output holds what it needs: the counter and what is held then. `None` where it holds
/// enough already. Numbers that were taken for other texts are left as a gap: the app may hold them with these.
/// Counters end at `u64::MAX`; nobody lives to see it.
pub fn take(counter: &Counter, held: &Held, need: &Need) -> Option<(Counter, Held)> {
    let around = Around::kept(&need.around);
    let mut held = if around.is_subset(&held.around) { held.clone() } else { Held::default() };
    let count = need.wanted.checked_sub(held.count()).filter(|more| *more > 0)?;
    let mut counter = counter.clone();
    counter.raise(need.largest, &need.around);
    let first = counter.last.saturating_add(1);
    match held.ranges.last_mut() {
        Some(last) if last.first.saturating_add(last.count) == first => last.count += count,
        _ => held.ranges.push(Range { first, count }),
    }
    held.around.extend(around);
    counter.last = counter.last.saturating_add(count);
    Some((counter, held))
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
mod tests;
