//! When schedules fall due: examples with calendars in hand, daylight saving, and laws over random instants.

use proptest::prelude::*;

use super::*;

fn schedule(zone: &str, pattern: serde_json::Value) -> Schedule {
    let pattern = serde_json::from_value(pattern).expect("a pattern");
    Schedule { time_zone: zone.into(), ..Schedule::new(&UnitId("u".into()), pattern) }
}

fn instant(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond())
}

/// The first `count` instants after `from`, in local time.
fn due(zone: &str, pattern: serde_json::Value, from: &str, count: usize) -> Vec<String> {
    let schedule = schedule(zone, pattern);
    let mut at = instant(from);
    schedule.check(at).expect("a schedule");
    let local = |at: Timestamp| {
        let zoned = jiff::Timestamp::from_millisecond(at.0).expect("in range").in_tz(zone).expect("a zone");
        zoned.strftime("%m-%d %H:%M%:z").to_string()
    };
    let next = |at: &mut Timestamp| {
        *at = schedule.next_after(*at).expect("readable").expect("some time");
        local(*at)
    };
    (0..count).map(|_| next(&mut at)).collect()
}

const TOKYO: &str = "Asia/Tokyo";
const BERLIN: &str = "Europe/Berlin";

#[test]
fn patterns_fall_due_as_a_calendar_says() {
    let at = "09:30";
    // 2026-01-30 is a Friday.
    let from = "2026-01-30T00:29:59Z"; // 09:29:59 in Tokyo
    let tokyo = |pattern, count| due(TOKYO, pattern, from, count);
    let hourly = tokyo(serde_json::json!({ "every": "hourly", "minute": 30 }), 2);
    assert_eq!(hourly, ["01-30 09:30+09:00", "01-30 10:30+09:00"]);
    let daily = tokyo(serde_json::json!({ "every": "daily", "at": at }), 2);
    assert_eq!(daily, ["01-30 09:30+09:00", "01-31 09:30+09:00"]);
    let weekly = tokyo(serde_json::json!({ "every": "weekly", "days": ["monday", "friday"], "at": at }), 3);
    assert_eq!(weekly, ["01-30 09:30+09:00", "02-02 09:30+09:00", "02-06 09:30+09:00"]);
    let monthly = tokyo(serde_json::json!({ "every": "monthly", "day": 31, "at": at }), 3);
    assert_eq!(monthly, ["01-31 09:30+09:00", "02-28 09:30+09:00", "03-31 09:30+09:00"], "no month is left out");
    let last = tokyo(serde_json::json!({ "every": "last_day", "at": at }), 2);
    assert_eq!(last, ["01-31 09:30+09:00", "02-28 09:30+09:00"]);
    let holidays = ["2026-02-02", "2026-02-03"];
    let business = tokyo(serde_json::json!({ "every": "business_days", "at": at, "holidays": holidays }), 3);
    assert_eq!(business, ["01-30 09:30+09:00", "02-04 09:30+09:00", "02-05 09:30+09:00"]);
    let cron = tokyo(serde_json::json!({ "every": "cron", "expression": "*/20 9 * * MON-FRI" }), 3);
    assert_eq!(cron, ["01-30 09:40+09:00", "02-02 09:00+09:00", "02-02 09:20+09:00"]);
}

#[test]
fn the_instant_itself_is_not_after_itself() {
    let daily = serde_json::json!({ "every": "daily", "at": "09:30" });
    assert_eq!(due(TOKYO, daily, "2026-01-30T00:30:00Z", 1), ["01-31 09:30+09:00"]);
    let hourly = serde_json::json!({ "every": "hourly", "minute": 30 });
    assert_eq!(due(TOKYO, hourly, "2026-01-30T00:30:00Z", 1), ["01-30 10:30+09:00"]);
}

#[test]
fn a_time_that_is_left_out_is_moved_behind_the_gap() {
    // Berlin, 2026-03-29: 02:00 becomes 03:00.
    let from = "2026-03-28T12:00:00Z";
    let daily = serde_json::json!({ "every": "daily", "at": "02:30" });
    assert_eq!(due(BERLIN, daily, from, 2), ["03-29 03:30+02:00", "03-30 02:30+02:00"]);
    let cron = serde_json::json!({ "every": "cron", "expression": "30 2 * * *" });
    assert_eq!(due(BERLIN, cron, from, 2), ["03-29 03:30+02:00", "03-30 02:30+02:00"]);
    let both = serde_json::json!({ "every": "cron", "expression": "*/30 2-3 * * *" });
    let night = due(BERLIN, both, from, 3);
    assert_eq!(night, ["03-29 03:00+02:00", "03-29 03:30+02:00", "03-30 02:00+02:00"], "each instant once");
    let hourly = serde_json::json!({ "every": "hourly", "minute": 30 });
    let night = due(BERLIN, hourly, "2026-03-29T00:00:00Z", 2);
    assert_eq!(night, ["03-29 01:30+01:00", "03-29 03:30+02:00"], "an hour apart, all the same");
}

#[test]
fn a_time_that_happens_twice_counts_once_and_an_hour_that_happens_twice_counts_twice() {
    // Berlin, 2026-10-25: 03:00 becomes 02:00.
    let from = "2026-10-24T12:00:00Z";
    let daily = serde_json::json!({ "every": "daily", "at": "02:30" });
    assert_eq!(due(BERLIN, daily, from, 2), ["10-25 02:30+02:00", "10-26 02:30+01:00"]);
    let cron = serde_json::json!({ "every": "cron", "expression": "30 2 * * *" });
    assert_eq!(due(BERLIN, cron, from, 2), ["10-25 02:30+02:00", "10-26 02:30+01:00"]);
    let half_hours = serde_json::json!({ "every": "cron", "expression": "*/30 1-2 * * *" });
    let night = due(BERLIN, half_hours, "2026-10-24T22:30:00Z", 5);
    let first = ["10-25 01:00+02:00", "10-25 01:30+02:00", "10-25 02:00+02:00", "10-25 02:30+02:00"];
    assert_eq!(night, [&first[..], &["10-26 01:00+01:00"]].concat());
    let every_hour = serde_json::json!({ "every": "cron", "expression": "30 * * * *" });
    let night = due(BERLIN, every_hour, "2026-10-25T00:00:00Z", 2);
    assert_eq!(night, ["10-25 02:30+02:00", "10-25 02:30+01:00"], "it follows the hours");
    let hourly = serde_json::json!({ "every": "hourly", "minute": 30 });
    let night = due(BERLIN, hourly, "2026-10-25T00:00:00Z", 2);
    assert_eq!(night, ["10-25 02:30+02:00", "10-25 02:30+01:00"]);
    // Lord Howe shifts by half an hour: 02:00 becomes 01:30 on 2026-04-05.
    let hourly = serde_json::json!({ "every": "hourly", "minute": 45 });
    let night = due("Australia/Lord_Howe", hourly, "2026-04-04T14:00:00Z", 3);
    assert_eq!(night, ["04-05 01:45+11:00", "04-05 01:45+10:30", "04-05 02:45+10:30"]);
}

#[test]
fn what_cannot_be_is_said() {
    let now = instant("2026-01-01T00:00:00Z");
    let refused = |pattern| schedule(TOKYO, pattern).check(now).expect_err("refused");
    let number = |error| matches!(error, ScheduleError::Pattern(_));
    assert!(number(refused(serde_json::json!({ "every": "hourly", "minute": 60 }))));
    assert!(number(refused(serde_json::json!({ "every": "monthly", "day": 0, "at": "01:00" }))));
    assert!(number(refused(serde_json::json!({ "every": "monthly", "day": 32, "at": "01:00" }))));
    assert!(number(refused(serde_json::json!({ "every": "weekly", "days": [], "at": "01:00" }))));
    assert!(number(refused(serde_json::json!({ "every": "daily", "at": "01:00:01" }))));
    for expression in ["", "* * * *", "61 * * * *", "0 0 0 * * *", "a b c d e", "0 0 1 1 1 2030"] {
        let pattern = serde_json::json!({ "every": "cron", "expression": expression });
        assert!(matches!(refused(pattern), ScheduleError::Cron(..)), "{expression}");
    }
    let never = serde_json::json!({ "every": "cron", "expression": "0 0 30 2 *" });
    assert_eq!(refused(never), ScheduleError::Never);
    let nowhere = schedule("Asia/Edo", serde_json::json!({ "every": "daily", "at": "01:00" }));
    assert_eq!(nowhere.check(now), Err(ScheduleError::TimeZone("Asia/Edo".into())));
    let holidays: Vec<String> =
        (0..400).map(|n| (jiff::civil::date(2026, 1, 1) + jiff::Span::new().days(n)).to_string()).collect();
    let closed = serde_json::json!({ "every": "business_days", "at": "01:00", "holidays": holidays });
    assert_eq!(refused(closed), ScheduleError::Never);
}

#[test]
fn the_ends_of_time_are_no_panic() {
    let daily = schedule(TOKYO, serde_json::json!({ "every": "daily", "at": "01:00" }));
    for at in [i64::MIN, i64::MAX, 253_402_207_200_000] {
        assert_eq!(daily.next_after(Timestamp(at)), Ok(None), "{at}");
    }
}

proptest! {
    /// Every pattern, in any zone, from any instant of sixty years: the next instant is later, is a whole minute, and nothing
    /// that it would show lies between.
    #[test]
    fn the_next_is_later_and_none_is_passed_over(
        from in 0i64..60 * 366 * 86_400,
        back in 1i64..4 * 86_400,
        which in 0usize..7,
        zone in prop::sample::select(vec![TOKYO, BERLIN, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    ) {
        let patterns = [
            serde_json::json!({ "every": "hourly", "minute": 15 }),
            serde_json::json!({ "every": "daily", "at": "02:30" }),
            serde_json::json!({ "every": "weekly", "days": ["sunday", "tuesday"], "at": "02:15" }),
            serde_json::json!({ "every": "monthly", "day": 30, "at": "00:00" }),
            serde_json::json!({ "every": "last_day", "at": "23:59" }),
            serde_json::json!({ "every": "business_days", "at": "01:45" }),
            serde_json::json!({ "every": "cron", "expression": "15 2 * * *" }),
        ];
        let schedule = schedule(zone, patterns[which].clone());
        let from = Timestamp(from * 1000);
        let next = schedule.next_after(from).expect("readable").expect("some time");
        prop_assert!(next > from && next.0 % 60_000 == 0);
        // Asked from a moment before, the answer is the same instant or one before it that is not after `from`.
        let earlier = schedule.next_after(Timestamp(from.0 - back * 1000)).expect("readable").expect("some time");
        prop_assert!(earlier == next || earlier <= from, "{earlier} is passed over from {from}: {next}");
        prop_assert!(earlier <= next);
    }
}
