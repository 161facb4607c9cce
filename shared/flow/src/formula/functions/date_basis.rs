//! Spans by the conventions of banks: years of 360 days, parts of a year.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::calendar::{day_of, days_in_month, ymd};
use super::{Call, Function, Return, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("DAYS360", 2, Some(3), days_360)
        .kind(number_kind)
        .takes("start: date, end: date, [european: truth]")
        .about(
            "1か月を30日、1年を360日とした日数。3番目が TRUE なら欧州方式。どちらかが空白なら空白。",
            "Days from start to end in years of twelve months of 30 days; by the European method if the third argument is TRUE. Blank if either is blank.",
        )
        .examples(&[
            ("DAYS360(\"2026-01-30\",\"2026-02-01\")", "1"),
            ("DAYS360(\"2026-01-01\",\"2026-12-31\")", "360"),
            ("DAYS360(\"2026-01-01\",\"2026-12-31\",TRUE)", "359"),
            ("DAYS360(\"\",TODAY())", ""),
            ("DAYS360(\"a\",TODAY())", "#VALUE!"),
        ]),
    function("YEARFRAC", 2, Some(3), year_fraction)
        .kind(number_kind)
        .takes("start: date, end: date, [basis: number]")
        .about(
            "二つの日付の間の年数。基準 0(既定): 30日/360日(米国)、1: 実日数/実日数、2: 実日数/360日、3: 実日数/365日、4: 30日/360日(欧州)。どちらが先でも正。どちらかが空白なら空白。",
            "The years between two dates. Basis 0 (default): 30/360 US, 1: actual/actual, 2: actual/360, 3: actual/365, 4: 30/360 European. Positive whichever comes first. Blank if either is blank.",
        )
        .examples(&[
            ("YEARFRAC(\"2026-01-01\",\"2026-07-01\")", "0.5"),
            ("YEARFRAC(\"2026-01-01\",\"2026-07-01\",1)", "0.4958904109589"),
            ("YEARFRAC(\"2026-07-01\",\"2026-01-01\",2)", "0.50277777777778"),
            ("YEARFRAC(\"2026-01-01\",\"2026-07-01\",3)", "0.4958904109589"),
            ("YEARFRAC(\"2026-01-31\",\"2026-03-31\",4)", "0.16666666666667"),
            ("YEARFRAC(\"\",TODAY())", ""),
            ("YEARFRAC(TODAY(),TODAY(),5)", "#NUM!"),
        ]),
];

type Date = (i64, i64, i64);

fn is_end_of_february((year, month, day): Date) -> bool {
    month == 2 && day == days_in_month(year, 2)
}

/// The difference of two dates in months of 30 days, their days of the month already set.
fn months_of_30(start: Date, end: Date) -> i64 {
    (end.0 - start.0) * 360 + (end.1 - start.1) * 30 + end.2 - start.2
}

/// The European method: a 31st counts as the 30th.
fn european(start: Date, end: Date) -> i64 {
    months_of_30((start.0, start.1, start.2.min(30)), (end.0, end.1, end.2.min(30)))
}

fn days_360(call: &Call<'_>) -> Return {
    let (start, end, by_europe) = (call.day(0)?, call.day(1)?, call.truth(2)?);
    let (Some(start), Some(end)) = (start, end) else { return Ok(Value::Blank) };
    let (mut start, mut end) = (ymd(start), ymd(end));
    if by_europe {
        return Ok(Value::Number(Decimal::from(european(start, end))));
    }
    // A start on the last day of its month is a 30th; so is an end on a 31st, unless the start is before the 30th.
    if start.2 == 31 || is_end_of_february(start) {
        start.2 = 30;
    }
    if end.2 == 31 && start.2 == 30 {
        end.2 = 30;
    }
    Ok(Value::Number(Decimal::from(months_of_30(start, end))))
}

/// 30/360 as YEARFRAC counts it: the ends of February are 30ths only together.
fn american(mut start: Date, mut end: Date) -> i64 {
    if is_end_of_february(start) {
        if is_end_of_february(end) {
            end.2 = 30;
        }
        start.2 = 30;
    }
    if end.2 == 31 && start.2 >= 30 {
        end.2 = 30;
    }
    start.2 = start.2.min(30);
    months_of_30(start, end)
}

fn year_fraction(call: &Call<'_>) -> Return {
    let (a, b, basis) = (call.day(0)?, call.day(1)?, call.whole_or(2, 0)?);
    if !(0..=4).contains(&basis) {
        return Err(ErrorValue::Num);
    }
    let (Some(a), Some(b)) = (a, b) else { return Ok(Value::Blank) };
    let (start, end) = (a.min(b), a.max(b));
    let days = i64::from(end) - i64::from(start);
    let (days, (over, years)) = match basis {
        0 => (american(ymd(start), ymd(end)), (360, 1)),
        1 => (days, length_of_years(ymd(start), ymd(end))?),
        2 => (days, (360, 1)),
        3 => (days, (365, 1)),
        _ => (european(ymd(start), ymd(end)), (360, 1)),
    };
    let days = Decimal::from(days).checked_mul(Decimal::from(years))?;
    Ok(Value::Number(days.checked_div(Decimal::from(over))?))
}

/// The days of so many years, whose mean is the length of a year between the dates. Up to a year apart, the year has 366 days
/// if a 29th of February lies between them (or, in one calendar year, if that has one); else all calendar years that are
/// touched count.
fn length_of_years(start: Date, end: Date) -> Result<(i64, i64), ErrorValue> {
    let is_leap = |year: i64| days_in_month(year, 2) == 29;
    if start.0 == end.0 {
        return Ok((365 + i64::from(is_leap(start.0)), 1));
    }
    if end.0 == start.0 + 1 && (end.1, end.2) <= (start.1, start.2) {
        let leap_day =
            (is_leap(start.0) && (start.1, start.2) <= (2, 29)) || (is_leap(end.0) && (end.1, end.2) >= (2, 29));
        return Ok((365 + i64::from(leap_day), 1));
    }
    let years = end.0 - start.0 + 1;
    // The new year behind the last year may be outside of the calendar.
    let last = i64::from(day_of(end.0, 12, 31)?) + 1;
    Ok((last - i64::from(day_of(start.0, 1, 1)?), years))
}
