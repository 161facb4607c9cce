//! Dates and distances: months later, end of month, days and months between, weeks.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::calendar::{self, day_of, days_in_month, ymd};
use super::super::format_date::weekday_index;
use super::{Call, Function, Return, date_kind, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("EDATE", 2, Some(2), |call| months_later(call, false))
        .kind(date_kind)
        .takes("date: date, months: number")
        .about(
            "指定した月数だけ後(負なら前)の日付。その日がなければ月末。空白は空白。",
            "The date that many months later (earlier if negative); the last of the month where there is no such day. Blank stays blank.",
        )
        .examples(&[
            ("EDATE(DATE(2026,1,31),1)", "2026-02-28"),
            ("EDATE(\"2026-03-15\",-1)", "2026-02-15"),
            ("EDATE(\"\",1)", ""),
            ("EDATE(DATE(9999,12,1),1)", "#NUM!"),
        ]),
    function("EOMONTH", 2, Some(2), |call| months_later(call, true))
        .kind(date_kind)
        .takes("date: date, months: number")
        .about(
            "指定した月数だけ後の月の末日。空白は空白。",
            "The last day of the month that many months later. Blank stays blank.",
        )
        .examples(&[("EOMONTH(DATE(2026,1,5),0)", "2026-01-31"), ("EOMONTH(DATE(2024,1,31),1)", "2024-02-29"), ("EOMONTH(\"\",0)", ""), ("EOMONTH(\"a\",0)", "#VALUE!")]),
    function("DAYS", 2, Some(2), days)
        .kind(number_kind)
        .takes("end: date, start: date")
        .about(
            "開始日(2番目)から終了日(1番目)までの日数。どちらかが空白なら空白。",
            "Days from the start (second) to the end (first). Blank if either is blank.",
        )
        .examples(&[("DAYS(\"2026-03-01\",\"2026-02-01\")", "28"), ("DAYS(\"2026-01-01\",\"2026-01-31\")", "-30"), ("DAYS(\"\",TODAY())", ""), ("DAYS(\"a\",TODAY())", "#VALUE!")]),
    function("DATEDIF", 3, Some(3), datedif)
        .kind(number_kind)
        .takes("start: date, end: date, unit: text")
        .about(
            "開始日から終了日までの期間。単位は Y(満年数)、M(満月数)、D(日数)、YM(年を除いた月数)、YD(年を除いた日数)、MD(月を除いた日数)。開始日が後なら #NUM!。どちらかが空白なら空白。",
            "The time from start to end in Y (whole years), M (whole months), D (days), YM (months beyond years), YD (days beyond years) or MD (days beyond months). #NUM! if the start is later. Blank if either is blank.",
        )
        .examples(&[
            ("DATEDIF(\"2000-02-29\",\"2026-02-28\",\"Y\")", "25"),
            ("DATEDIF(\"2000-02-29\",\"2026-03-01\",\"y\")", "26"),
            ("DATEDIF(\"2025-11-30\",\"2026-01-31\",\"M\")", "2"),
            ("DATEDIF(\"2026-01-01\",\"2026-01-31\",\"D\")", "30"),
            ("DATEDIF(\"2024-11-15\",\"2026-01-31\",\"YM\")", "2"),
            ("DATEDIF(\"2024-11-15\",\"2026-01-31\",\"YD\")", "77"),
            ("DATEDIF(\"2025-12-31\",\"2026-03-01\",\"MD\")", "1"),
            ("DATEDIF(\"2026-02-01\",\"2026-01-31\",\"D\")", "#NUM!"),
            ("DATEDIF(\"2026-01-01\",\"2026-01-31\",\"W\")", "#NUM!"), ("DATEDIF(\"\",TODAY(),\"D\")", ""),
        ]),
    function("WEEKNUM", 1, Some(2), weeknum)
        .kind(number_kind)
        .takes("date: date, [type: number]")
        .about(
            "年の何週目か。種類 1(既定): 週は日曜から。2、11〜17: 月曜〜日曜から。21: ISO。空白は空白。",
            "The week of the year. Type 1 (default): weeks begin on Sunday; 2, 11 to 17: on Monday to Sunday; 21: ISO. Blank stays blank.",
        )
        .examples(&[
            ("WEEKNUM(\"2026-01-03\")", "1"),
            ("WEEKNUM(\"2026-01-04\")", "2"),
            ("WEEKNUM(\"2026-01-04\",2)", "1"),
            ("WEEKNUM(\"2027-01-01\",21)", "53"),
            ("WEEKNUM(\"2026-01-04\",3)", "#NUM!"), ("WEEKNUM(\"\")", ""),
        ]),
    function("ISOWEEKNUM", 1, Some(1), |call| match call.day(0)? {
        Some(day) => iso_week(day),
        None => Ok(Value::Blank),
    })
    .kind(number_kind)
    .takes("date: date")
    .about("ISO の週番号。空白は空白。", "The ISO week number. Blank stays blank.")
    .examples(&[("ISOWEEKNUM(\"2026-01-01\")", "1"), ("ISOWEEKNUM(\"2024-12-30\")", "1"), ("ISOWEEKNUM(\"2027-01-03\")", "53"), ("ISOWEEKNUM(\"\")", ""), ("ISOWEEKNUM(\"a\")", "#VALUE!")]),
];

fn whole(n: i64) -> Value {
    Value::Number(Decimal::from(n))
}

fn months_later(call: &Call<'_>, last_day: bool) -> Return {
    let (Some(day), months) = (call.day(0)?, call.whole(1)?) else {
        return Ok(Value::Blank);
    };
    let (year, month, of_month) = ymd(day);
    let index = (year * 12 + month - 1).checked_add(months).ok_or(ErrorValue::Num)?;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    let last = days_in_month(year, month);
    day_of(year, month, if last_day { last } else { of_month.min(last) }).map(Value::Date)
}

fn days(call: &Call<'_>) -> Return {
    match (call.day(0)?, call.day(1)?) {
        (Some(end), Some(start)) => Ok(whole(i64::from(end) - i64::from(start))),
        _ => Ok(Value::Blank),
    }
}

fn datedif(call: &Call<'_>) -> Return {
    let (start, end, unit) = (call.day(0)?, call.day(1)?, call.text(2)?);
    let (Some(start), Some(end)) = (start, end) else {
        return Ok(Value::Blank);
    };
    if start > end {
        return Err(ErrorValue::Num);
    }
    let ((y1, m1, d1), (y2, m2, d2)) = (ymd(start), ymd(end));
    let months = (y2 - y1) * 12 + (m2 - m1) - i64::from(d2 < d1);
    // The start's day in a given month, or that month's last day.
    let anniversary = |year: i64, month: i64| {
        let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
        day_of(year, month, d1.min(days_in_month(year, month)))
    };
    let since = |from: i32| i64::from(end) - i64::from(from);
    Ok(whole(match unit.to_ascii_uppercase().as_str() {
        "Y" => months.div_euclid(12),
        "M" => months,
        "D" => since(start),
        "YM" => months.rem_euclid(12),
        "YD" => since(anniversary(y2 - i64::from((m2, d2) < (m1, d1)), m1)?),
        "MD" => since(anniversary(y2, m2 - i64::from(d2 < d1))?),
        _ => return Err(ErrorValue::Num),
    }))
}

fn weeknum(call: &Call<'_>) -> Return {
    let (day, kind) = (call.day(0)?, call.whole_or(1, 1)?);
    let start = match kind {
        1 | 17 => 6,
        2 | 11 => 0,
        12..=16 => kind - 11,
        21 => 0,
        _ => return Err(ErrorValue::Num),
    };
    let Some(day) = day else { return Ok(Value::Blank) };
    if kind == 21 {
        return iso_week(day);
    }
    let new_year = day_of(ymd(day).0, 1, 1)?;
    let before = (index(new_year)? - start).rem_euclid(7);
    Ok(whole((i64::from(day) - i64::from(new_year) + before) / 7 + 1))
}

fn index(day: i32) -> Result<i64, ErrorValue> {
    i64::try_from(weekday_index(day)).map_err(|_| ErrorValue::Num)
}

/// A week belongs to the year of its Thursday.
fn iso_week(day: i32) -> Return {
    let thursday = i64::from(day) - index(day)? + 3;
    let year = ymd(i32::try_from(thursday).map_err(|_| ErrorValue::Num)?).0;
    // 1899-12-28 is the Thursday of the first valid days, and has no valid new year before it: count from 1900 then.
    let new_year = calendar::day_of(year.max(1900), 1, 1)?;
    Ok(whole((thursday - i64::from(new_year)).div_euclid(7) + 1))
}
