//! Reference 3.4: functions, in the caller's time zone. Today is Wednesday, 2026-04-15 in Tokyo.

use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::super::Context;
use super::super::functions::Period;
use super::super::{Condition, Days, Function, Operand, parse};
use super::{context, record, selects, selects_for};

/// The first and the last day that a call stands for, seen from a day.
fn days(call: &str, today: jiff::civil::Date) -> (String, String) {
    let condition = parse(&format!("f = {call}"), true).unwrap_or_else(|error| panic!("{call}: {error}")).condition;
    let Some(Condition::Test(test)) = condition else { panic!("{call}") };
    let Operand::Call(Function::Days(days)) = test.operands[0] else { panic!("{call}") };
    let Period { start, end } = Days::period(days, today);
    (start.to_string(), end.yesterday().unwrap().to_string())
}

#[test]
fn what_each_function_stands_for() {
    for (call, first, last) in [
        ("TODAY()", "2026-04-15", "2026-04-15"),
        ("YESTERDAY()", "2026-04-14", "2026-04-14"),
        ("TOMORROW()", "2026-04-16", "2026-04-16"),
        ("FROM_TODAY(5, DAYS)", "2026-04-20", "2026-04-20"),
        ("FROM_TODAY(-15, DAYS)", "2026-03-31", "2026-03-31"),
        ("FROM_TODAY(2, WEEKS)", "2026-04-29", "2026-04-29"),
        ("FROM_TODAY(-2, MONTHS)", "2026-02-15", "2026-02-15"),
        ("FROM_TODAY(1, YEARS)", "2027-04-15", "2027-04-15"),
        ("THIS_WEEK()", "2026-04-12", "2026-04-18"),
        ("THIS_WEEK(SUNDAY)", "2026-04-12", "2026-04-12"),
        ("THIS_WEEK(MONDAY)", "2026-04-13", "2026-04-13"),
        ("THIS_WEEK(TUESDAY)", "2026-04-14", "2026-04-14"),
        ("THIS_WEEK(WEDNESDAY)", "2026-04-15", "2026-04-15"),
        ("THIS_WEEK(THURSDAY)", "2026-04-16", "2026-04-16"),
        ("THIS_WEEK(FRIDAY)", "2026-04-17", "2026-04-17"),
        ("THIS_WEEK(SATURDAY)", "2026-04-18", "2026-04-18"),
        ("LAST_WEEK()", "2026-04-05", "2026-04-11"),
        ("LAST_WEEK(FRIDAY)", "2026-04-10", "2026-04-10"),
        ("NEXT_WEEK()", "2026-04-19", "2026-04-25"),
        ("NEXT_WEEK(MONDAY)", "2026-04-20", "2026-04-20"),
        ("THIS_MONTH()", "2026-04-01", "2026-04-30"),
        ("THIS_MONTH(10)", "2026-04-10", "2026-04-10"),
        ("THIS_MONTH(LAST)", "2026-04-30", "2026-04-30"),
        ("THIS_MONTH(31)", "2026-05-01", "2026-05-01"),
        ("LAST_MONTH()", "2026-03-01", "2026-03-31"),
        ("LAST_MONTH(31)", "2026-03-31", "2026-03-31"),
        ("NEXT_MONTH()", "2026-05-01", "2026-05-31"),
        ("NEXT_MONTH(LAST)", "2026-05-31", "2026-05-31"),
        ("THIS_YEAR()", "2026-01-01", "2026-12-31"),
        ("LAST_YEAR()", "2025-01-01", "2025-12-31"),
        ("NEXT_YEAR()", "2027-01-01", "2027-12-31"),
    ] {
        assert_eq!(days(call, date(2026, 4, 15)), (first.into(), last.into()), "{call}");
    }
}

#[test]
fn edges_of_weeks_months_and_years() {
    for (call, today, first, last) in [
        ("THIS_WEEK()", date(2026, 4, 12), "2026-04-12", "2026-04-18"),
        ("THIS_WEEK()", date(2026, 4, 18), "2026-04-12", "2026-04-18"),
        ("FROM_TODAY(1, MONTHS)", date(2026, 1, 31), "2026-02-28", "2026-02-28"),
        ("FROM_TODAY(1, YEARS)", date(2024, 2, 29), "2025-02-28", "2025-02-28"),
        ("LAST_MONTH()", date(2026, 1, 31), "2025-12-01", "2025-12-31"),
        ("NEXT_MONTH()", date(2026, 1, 31), "2026-02-01", "2026-02-28"),
        ("NEXT_MONTH(30)", date(2026, 1, 31), "2026-03-01", "2026-03-01"),
        ("NEXT_MONTH(LAST)", date(2024, 1, 31), "2024-02-29", "2024-02-29"),
    ] {
        assert_eq!(days(call, today), (first.into(), last.into()), "{call} on {today}");
    }
}

#[test]
fn ends_of_the_calendar_do_not_break_a_query() {
    let mut far = Context::new(jiff::Timestamp::MAX, TimeZone::UTC);
    let held = record(1, json!({"日付": "2026-04-15", "日時": "2026-04-15T00:00:00Z"}));
    for call in ["TOMORROW()", "NEXT_YEAR()", "FROM_TODAY(9000, YEARS)", "NEXT_MONTH(LAST)", "NEXT_WEEK()", "NOW()"] {
        assert!(selects_for(&far, &format!("日時 < {call}"), &held), "{call}");
    }
    far.now = jiff::Timestamp::MIN;
    for call in ["YESTERDAY()", "LAST_YEAR()", "FROM_TODAY(-9000, YEARS)", "LAST_WEEK()", "LAST_MONTH()"] {
        assert!(selects_for(&far, &format!("日時 > {call} and 日付 > {call}"), &held), "{call}");
    }
}

#[test]
fn a_date_field_beside_a_function() {
    for (test, value, expected) in [
        ("日付 = TODAY()", "2026-04-15", true),
        ("日付 = TODAY()", "2026-04-14", false),
        ("日付 = THIS_WEEK()", "2026-04-12", true),
        ("日付 = THIS_WEEK()", "2026-04-19", false),
        ("日付 != THIS_MONTH()", "2026-04-30", false),
        ("日付 != THIS_MONTH()", "2026-05-01", true),
        ("日付 < THIS_MONTH()", "2026-03-31", true),
        ("日付 < THIS_MONTH()", "2026-04-01", false),
        ("日付 > THIS_MONTH()", "2026-04-30", false),
        ("日付 > THIS_MONTH()", "2026-05-01", true),
        ("日付 <= THIS_YEAR()", "2026-12-31", true),
        ("日付 >= THIS_YEAR()", "2026-01-01", true),
        ("日付 >= LAST_MONTH(15) and 日付 < TODAY()", "2026-03-15", true),
    ] {
        assert_eq!(selects(test, json!({"日付": value})), expected, "{test} for {value}");
    }
}

#[test]
fn an_instant_beside_a_function_means_the_callers_day() {
    // The day in Tokyo begins at 15:00 UTC of the day before.
    for (test, value, expected) in [
        ("= TODAY()", "2026-04-14T15:00:00Z", true),
        ("= TODAY()", "2026-04-15T14:59:00Z", true),
        ("= TODAY()", "2026-04-14T14:59:00Z", false),
        ("= TODAY()", "2026-04-15T15:00:00Z", false),
        ("!= TODAY()", "2026-04-15T15:00:00Z", true),
        ("= THIS_MONTH()", "2026-03-31T15:00:00Z", true),
        ("= THIS_MONTH()", "2026-04-30T15:00:00Z", false),
        ("< TODAY()", "2026-04-14T14:59:00Z", true),
        ("< TODAY()", "2026-04-14T15:00:00Z", false),
        (">= TODAY()", "2026-04-14T15:00:00Z", true),
        ("> TODAY()", "2026-04-15T14:59:00Z", false),
        ("> TODAY()", "2026-04-15T15:00:00Z", true),
    ] {
        for field in ["日時", "作成日時", "更新日時"] {
            let text = format!("{field} {test}");
            assert_eq!(selects(&text, json!({field: value})), expected, "{text} for {value}");
        }
    }
}

#[test]
fn the_zone_moves_the_day_but_not_now() {
    let held = record(1, json!({"日時": "2026-04-14T23:30:00Z", "日付": "2026-04-14"}));
    let mut utc = context();
    utc.zone = TimeZone::UTC;
    for (test, tokyo, london) in [
        ("日付 = TODAY()", false, true),
        ("日付 = YESTERDAY()", true, false),
        ("日時 = TODAY()", true, true),
        ("日時 = NOW()", true, true),
        ("日時 < NOW()", false, false),
        ("日時 <= NOW()", true, true),
    ] {
        assert_eq!(selects_for(&context(), test, &held), tokyo, "{test} in Tokyo");
        assert_eq!(selects_for(&utc, test, &held), london, "{test} in UTC");
    }
}

#[test]
fn a_day_of_23_hours_is_a_day() {
    let mut york = Context::new("2026-03-08T12:00:00Z".parse().unwrap(), TimeZone::get("America/New_York").unwrap());
    york.login = None;
    for (value, expected) in [
        ("2026-03-08T04:59:00Z", false),
        ("2026-03-08T05:00:00Z", true),
        ("2026-03-09T03:59:00Z", true),
        ("2026-03-09T04:00:00Z", false),
    ] {
        assert_eq!(selects_for(&york, "日時 = TODAY()", &record(1, json!({"日時": value}))), expected, "{value}");
    }
}

#[test]
fn wrong_arguments() {
    for (call, code) in [
        ("THIS_MONTH(0)", "GAIA_IQ23"),
        ("THIS_MONTH(32)", "GAIA_IQ23"),
        ("LAST_MONTH(-1)", "GAIA_IQ23"),
        ("NEXT_MONTH(1.5)", "GAIA_IQ23"),
        ("THIS_MONTH(FIRST)", "GAIA_IQ23"),
        ("FROM_TODAY(1, HOURS)", "GAIA_IQ25"),
        ("FROM_TODAY(1, days)", "GAIA_IQ25"),
        ("FROM_TODAY(1, 1)", "GAIA_IQ25"),
        ("FROM_TODAY()", "GAIA_IL08"),
        ("FROM_TODAY(1)", "GAIA_IL08"),
        ("FROM_TODAY(1, DAYS, 2)", "GAIA_IL08"),
        ("FROM_TODAY(DAYS, 1)", "GAIA_IL08"),
        ("FROM_TODAY(1.5, DAYS)", "GAIA_IL08"),
        ("FROM_TODAY(99999999999999999999, DAYS)", "GAIA_IL08"),
        ("FROM_TODAY(99999999999, DAYS)", "GAIA_IL08"),
        ("TODAY(1)", "GAIA_IL08"),
        ("NOW(1)", "GAIA_IL08"),
        ("THIS_YEAR(1)", "GAIA_IL08"),
        ("THIS_WEEK(SUNDAY, MONDAY)", "GAIA_IL08"),
        ("THIS_WEEK(NODAY)", "GAIA_IL08"),
        ("THIS_MONTH(1, 2)", "GAIA_IL08"),
    ] {
        let error = parse(&format!("日付 = {call}"), true).expect_err(call);
        assert_eq!((error.status, error.code), (400, code), "{call}");
    }
    assert_eq!(parse("ユーザー in (LOGINUSER(1))", true).unwrap_err().code, "GAIA_IL08");
    let day = parse("日付 = THIS_MONTH(32)", true).unwrap_err();
    assert_eq!(day.ja, "指定した日にち（32）は無効です。1から31までの整数で指定します。");
    let unit = parse("日付 = FROM_TODAY(1, HOURS)", true).unwrap_err();
    assert_eq!(unit.ja, "FROM_TODAY()の第2引数には、「DAYS」「WEEKS」「MONTHS」「YEARS」のいずれかを指定します。");
}
