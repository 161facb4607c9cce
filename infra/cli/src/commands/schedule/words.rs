//! Schedules in words: patterns and times, for people.

use jiff::Zoned;
use model::clock::Timestamp;
use model::schedule::{Day, Overlap, Pattern};
use model::value::Value;

fn zoned(at: Timestamp, zone: &str) -> Option<Zoned> {
    jiff::Timestamp::from_millisecond(at.0).ok()?.in_tz(zone).ok()
}

/// `2026-11-23 02:30 (Mon)` in a schedule's clock.
pub fn local_time(at: Timestamp, zone: &str) -> String {
    zoned(at, zone).map_or_else(|| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M (%a) %:z").to_string())
}

/// `2026-11-23T02:30:00+09:00`, for scripts.
pub fn offset_time(at: Timestamp, zone: &str) -> String {
    zoned(at, zone).map_or_else(|| at.to_string(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn day(day: Day) -> (&'static str, &'static str) {
    match day {
        Day::Monday => ("月", "Mon"),
        Day::Tuesday => ("火", "Tue"),
        Day::Wednesday => ("水", "Wed"),
        Day::Thursday => ("木", "Thu"),
        Day::Friday => ("金", "Fri"),
        Day::Saturday => ("土", "Sat"),
        Day::Sunday => ("日", "Sun"),
    }
}

/// When a pattern falls due.
pub fn when(pattern: &Pattern) -> String {
    let time = |at: &jiff::civil::Time| at.strftime("%H:%M").to_string();
    match pattern {
        Pattern::Hourly { minute } => format!("毎時{minute}分 / hourly at minute {minute}"),
        Pattern::Daily { at } => format!("毎日 / daily {}", time(at)),
        Pattern::Weekly { days, at } => {
            let (ja, en): (Vec<_>, Vec<_>) = days.iter().map(|d| day(*d)).unzip();
            format!("毎週{} / weekly {} {}", ja.concat(), en.join(","), time(at))
        }
        Pattern::Monthly { day, at } => format!("毎月{day}日 / monthly on day {day} {}", time(at)),
        Pattern::LastDay { at } => format!("月末 / last day of the month {}", time(at)),
        Pattern::BusinessDays { at, holidays } => {
            let off = match holidays.len() {
                0 => String::new(),
                days => format!(" (休日 / holidays: {days})"),
            };
            format!("営業日 / business days {}{off}", time(at))
        }
        Pattern::Cron { expression } => format!("cron \"{expression}\""),
    }
}

/// What happens where a schedule overlaps with itself.
pub fn overlap(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Skip => "前の実行が終わっていなければ見送る / skip while the run before has not ended",
        Overlap::Queue => "前の実行の後に並ぶ / queue behind the run before",
    }
}

/// A parameter's value.
pub fn value(value: &Value) -> String {
    match flow::literal::print(value) {
        Some(text) if !text.is_empty() => text,
        _ => "(空 / blank)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_schedules_clock() {
        let at = Timestamp(1_800_000_000_000); // 2027-01-15T08:00:00Z
        assert_eq!(local_time(at, "Asia/Tokyo"), "2027-01-15 17:00 (Fri) +09:00");
        assert_eq!(offset_time(at, "America/New_York"), "2027-01-15T03:00:00-05:00");
        assert_eq!(local_time(at, "Nowhere/Town"), at.to_string(), "a zone that is gone hides no time");
    }
}
