//! Counting of business days: weekends by weekday, and days off besides.

use std::collections::BTreeSet;

use super::ErrorValue;
use super::calendar::valid_day;

/// Which days are worked.
pub(super) struct Workdays<'a> {
    /// Days off by weekday, Monday first.
    weekend: [bool; 7],
    holidays: &'a BTreeSet<i32>,
}

/// The weekday of a day: 0 for Monday. Day 0 (1970-01-01) was a Thursday.
fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default()
}

impl<'a> Workdays<'a> {
    /// None where every weekday is off.
    pub fn new(weekend: [bool; 7], holidays: &'a BTreeSet<i32>) -> Option<Self> {
        weekend.contains(&false).then_some(Self { weekend, holidays })
    }

    /// How many days from `first` to `last`, both included, are worked; 0 where `last` is earlier.
    pub fn between(&self, first: i32, last: i32) -> i64 {
        if last < first {
            return 0;
        }
        let (start, end) = (i64::from(first), i64::from(last));
        let worked_days = self.weekend.iter().filter(|off| !**off).count();
        let weeks = (end - start + 1) / 7;
        let rest = (start + weeks * 7..=end).filter(|day| !self.weekend[weekday(*day)]).count();
        let off = self.holidays.range(first..=last).filter(|day| !self.weekend[weekday(i64::from(**day))]).count();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        weeks * count(worked_days) + count(rest) - count(off)
    }

    /// The day that many worked days after `day` (before it, if negative). `day` itself where the count is 0, worked or not.
    /// #NUM! where it would be outside of the calendar.
    pub fn after(&self, day: i32, count: i64) -> Result<i32, ErrorValue> {
        if count == 0 {
            return Ok(day);
        }
        let wanted = i64::try_from(count.unsigned_abs()).map_err(|_| ErrorValue::Num)?;
        // Of every seven days one is worked at least, save for holidays: with those the result is inside these bounds.
        let steps = i64::try_from(self.holidays.len()).ok().and_then(|off| wanted.checked_add(off));
        let reach = steps.and_then(|steps| steps.checked_mul(7)).map(|reach| reach.saturating_add(7));
        let reach = reach.unwrap_or(i64::MAX).min(4_000_000);
        let worked = |distance: i64| {
            let other = i64::from(day) + distance * count.signum();
            let other = i32::try_from(other).unwrap_or(if count > 0 { i32::MAX } else { i32::MIN });
            if count > 0 { self.between(day + 1, other) } else { self.between(other, day - 1) }
        };
        // The smallest distance that holds as many worked days as wanted.
        let (mut low, mut high) = (1, reach);
        while low < high {
            let middle = low + (high - low) / 2;
            if worked(middle) >= wanted {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if worked(low) < wanted {
            return Err(ErrorValue::Num);
        }
        valid_day(i64::from(day) + low * count.signum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counting_and_stepping_agree_with_a_walk_day_by_day(
            day in 20_000i32..21_000,
            count in -120i64..120,
            off in prop::collection::btree_set(19_500i32..21_500, 0..40),
            weekend in any::<[bool; 7]>(),
        ) {
            let Some(days) = Workdays::new(weekend, &off) else { return Ok(()) };
            let worked = |day: i32| !weekend[weekday(i64::from(day))] && !off.contains(&day);
            let (mut at, mut left) = (day, count.abs());
            while left > 0 {
                at += i32::try_from(count.signum()).unwrap();
                left -= i64::from(worked(at));
            }
            prop_assert_eq!(days.after(day, count), Ok(at));
            let walked = (day.min(at)..=day.max(at)).filter(|d| worked(*d)).count();
            prop_assert_eq!(days.between(day.min(at), day.max(at)), i64::try_from(walked).unwrap());
        }
    }

    #[test]
    fn what_is_outside_of_the_calendar_is_no_day() {
        let none = BTreeSet::new();
        let days = Workdays::new([false, false, false, false, false, true, true], &none).unwrap();
        for count in [i64::MAX, i64::MIN, i64::MIN + 1, 3_000_000, -3_000_000] {
            assert_eq!(days.after(20_000, count), Err(ErrorValue::Num), "{count}");
        }
        assert!(Workdays::new([true; 7], &none).is_none());
    }
}
