//! Dates and times: making them, and taking their parts. The clocks are those of the flow's time zone.

use model::decimal::Decimal;
use model::field::Kind;
use model::value::Value;

use super::super::ErrorValue;
use super::super::calendar::{self, DAY};
use super::super::convert::seconds_of;
use super::super::format_date::weekday_index;
use super::{Call, Function, Return, Static, date_kind, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("TODAY", 0, Some(0), |call| call.scope.ctx.today().map(Value::Date))
        .kind(date_kind)
        .about("実行を開始した日。", "The day on which the run started.")
        .examples(&[("TODAY()", "2026-01-31"), ("TODAY()+1", "2026-02-01")]),
    function("NOW", 0, Some(0), |call| Ok(Value::Datetime(call.scope.ctx.now)))
        .kind(|_| Static::Is(Kind::Datetime))
        .about("実行を開始した日時。", "The date and time at which the run started.")
        .examples(&[("NOW()", "2026-01-31 15:04:05"), ("NOW()+1/24", "2026-01-31 16:04:05")]),
    function("DATE", 3, Some(3), date)
        .kind(date_kind)
        .takes("year: number, month: number, day: number")
        .about(
            "年、月、日から日付を作ります。月と日は範囲を超えると繰り上がります。1900より小さい年には1900を足します。",
            "A date of year, month and day. Months and days beyond the range carry over. 1900 is added to years below 1900.",
        )
        .examples(&[
            ("DATE(2026,1,31)", "2026-01-31"),
            ("DATE(2026,13,1)", "2027-01-01"),
            ("DATE(2026,3,0)", "2026-02-28"),
            ("DATE(126,1,1)", "2026-01-01"),
            ("DATE(10000,1,1)", "#NUM!"), ("DATE(\"\",1,1)", "1900-01-01"),
        ]),
    function("TIME", 3, Some(3), time)
        .kind(|_| Static::Is(Kind::Time))
        .takes("hour: number, minute: number, second: number")
        .about(
            "時、分、秒から時刻を作ります。24時間を超えると一周します。",
            "A time of hour, minute and second. It goes round after 24 hours.",
        )
        .examples(&[("TIME(9,5,0)", "09:05"), ("TIME(23,90,30)", "00:30:30"), ("TIME(-1,0,0)", "#NUM!"), ("TIME(9,\"\",\"\")", "09:00")]),
    function("DATEVALUE", 1, Some(1), |call| Ok(call.day(0)?.map_or(Value::Blank, Value::Date)))
        .kind(date_kind)
        .takes("date: date")
        .about(
            "文字列(2026-01-31、2026/1/31、2026年1月31日、令和8年1月31日)を日付にします。数値は Excel の日付の番号。空白は空白。",
            "Text (2026-01-31, 2026/1/31, 2026年1月31日, 令和8年1月31日) to a date. A number is Excel's number of a date. Blank stays blank.",
        )
        .examples(&[
            ("DATEVALUE(\"2026/1/31\")", "2026-01-31"),
            ("DATEVALUE(\"2026年1月31日\")", "2026-01-31"),
            ("DATEVALUE(\"R8.1.31\")", "2026-01-31"),
            ("DATEVALUE(46053)", "2026-01-31"),
            ("DATEVALUE(\"2026-02-30\")", "#VALUE!"),
            ("DATEVALUE(\"\")", ""),
        ]),
    function("TIMEVALUE", 1, Some(1), |call| {
        Ok(match second_of_day(call)? {
            Some(second) => Value::Time(i32::try_from(second).map_err(|_| ErrorValue::Num)?),
            None => Value::Blank,
        })
    })
    .kind(|_| Static::Is(Kind::Time))
    .takes("time: time")
    .about("文字列(9:05、9時5分)を時刻にします。空白は空白。", "Text (9:05, 9時5分) to a time. Blank stays blank.")
    .examples(&[("TIMEVALUE(\"9:05\")", "09:05"), ("TIMEVALUE(\"９時５分\")", "09:05"), ("TIMEVALUE(\"9:05 PM\")", "21:05"), ("TIMEVALUE(\"25:00\")", "#VALUE!"), ("TIMEVALUE(\"\")", "")]),
    function("YEAR", 1, Some(1), |call| date_part(call, |(year, _, _)| year))
        .kind(number_kind)
        .takes("date: date")
        .about("日付の年。空白は空白。", "The year of a date. Blank stays blank.")
        .examples(&[("YEAR(DATE(2026,1,31))", "2026"), ("YEAR(\"2026-01-31\")", "2026"), ("YEAR(\"\")", ""), ("YEAR(46053)", "2026"), ("YEAR(0)", "#NUM!"), ("YEAR(\"昭和64年1月7日\")", "1989")]),
    function("MONTH", 1, Some(1), |call| date_part(call, |(_, month, _)| month))
        .kind(number_kind)
        .takes("date: date")
        .about("日付の月。空白は空白。", "The month of a date. Blank stays blank.")
        .examples(&[("MONTH(DATE(2026,1,31))", "1"), ("MONTH(\"2025-12-31T15:00:00Z\")", "1"), ("MONTH(\"\")", ""), ("MONTH(\"1月\")", "#VALUE!")]),
    function("DAY", 1, Some(1), |call| date_part(call, |(_, _, day)| day))
        .kind(number_kind)
        .takes("date: date")
        .about("日付の日。空白は空白。", "The day of the month. Blank stays blank.")
        .examples(&[("DAY(DATE(2026,1,31))", "31"), ("DAY(\"\")", ""), ("DAY(\"31日\")", "#VALUE!")]),
    function("HOUR", 1, Some(1), |call| time_part(call, |second| second / 3600))
        .kind(number_kind)
        .takes("time: time")
        .about("時刻や日時の時。空白は空白。", "The hour of a time or of a date and time. Blank stays blank.")
        .examples(&[("HOUR(\"9:05\")", "9"), ("HOUR(NOW())", "15"), ("HOUR(0.75)", "18"), ("HOUR(\"\")", ""), ("HOUR(\"9時\")", "#VALUE!")]),
    function("MINUTE", 1, Some(1), |call| time_part(call, |second| second / 60 % 60))
        .kind(number_kind)
        .takes("time: time")
        .about("時刻や日時の分。空白は空白。", "The minute of a time or of a date and time. Blank stays blank.")
        .examples(&[("MINUTE(TIME(9,5,0))", "5"), ("MINUTE(NOW())", "4"), ("MINUTE(\"\")", ""), ("MINUTE(\"a\")", "#VALUE!")]),
    function("SECOND", 1, Some(1), |call| time_part(call, |second| second % 60))
        .kind(number_kind)
        .takes("time: time")
        .about("時刻や日時の秒。空白は空白。", "The second of a time or of a date and time. Blank stays blank.")
        .examples(&[("SECOND(NOW())", "5"), ("SECOND(TODAY())", "0"), ("SECOND(\"\")", ""), ("SECOND(\"a\")", "#VALUE!")]),
    function("WEEKDAY", 1, Some(2), weekday)
        .kind(number_kind)
        .takes("date: date, [type: number]")
        .about(
            "曜日の番号。種類 1(既定): 日曜が1。2: 月曜が1。3: 月曜が0。11〜17: 月曜〜日曜が1。空白は空白。",
            "The number of the weekday. Type 1 (default): Sunday is 1; 2: Monday is 1; 3: Monday is 0; 11 to 17: Monday to Sunday is 1. Blank stays blank.",
        )
        .examples(&[
            ("WEEKDAY(DATE(2026,1,31))", "7"),
            ("WEEKDAY(DATE(2026,1,31),2)", "6"),
            ("WEEKDAY(DATE(2026,1,31),3)", "5"),
            ("WEEKDAY(DATE(2026,1,31),16)", "1"),
            ("WEEKDAY(DATE(2026,1,31),4)", "#NUM!"), ("WEEKDAY(\"\")", ""),
        ]),
];

fn date(call: &Call<'_>) -> Return {
    let year = call.whole(0)?;
    // Excel counts small years from 1900, so that DATE(108,1,1) is in 2008.
    let year = if (0..1900).contains(&year) { year + 1900 } else { year };
    calendar::day_of(year, call.whole(1)?, call.whole(2)?).map(Value::Date)
}

fn time(call: &Call<'_>) -> Return {
    const MOST: u64 = 32_767; // Excel's limit of each argument
    let (hour, minute, second) = (call.whole(0)?, call.whole(1)?, call.whole(2)?);
    if [hour, minute, second].iter().any(|n| n.unsigned_abs() > MOST) {
        return Err(ErrorValue::Num);
    }
    let seconds = hour * 3600 + minute * 60 + second;
    if seconds < 0 {
        return Err(ErrorValue::Num);
    }
    i32::try_from(seconds % DAY).map(Value::Time).map_err(|_| ErrorValue::Num)
}

/// A part of a day; blank of blank.
pub(super) fn date_part(call: &Call<'_>, part: fn((i64, i64, i64)) -> i64) -> Return {
    Ok(match call.day(0)? {
        Some(day) => Value::Number(Decimal::from(part(calendar::ymd(day)))),
        None => Value::Blank,
    })
}

/// Seconds since midnight of a time, an instant, a text that reads as either, or the fraction of a number. None for blank.
fn second_of_day(call: &Call<'_>) -> Result<Option<i64>, ErrorValue> {
    let zone = call.zone();
    Ok(Some(match &*call.value(0)? {
        Value::Blank => return Ok(None),
        Value::Time(second) => i64::from(*second),
        Value::Date(_) => 0,
        Value::Datetime(instant) => i64::from(calendar::local(*instant, zone)?.1),
        Value::Number(n) if n.is_negative() => return Err(ErrorValue::Num),
        Value::Number(n) => seconds_of(n.checked_sub(n.trunc())?)? % DAY,
        Value::Text(text) => match calendar::parse_time(text) {
            Some(second) => i64::from(second),
            None => {
                let instant = calendar::parse_instant(text, zone).ok_or(ErrorValue::Value)?;
                i64::from(calendar::local(instant, zone)?.1)
            }
        },
        _ => return Err(ErrorValue::Value),
    }))
}

fn time_part(call: &Call<'_>, part: fn(i64) -> i64) -> Return {
    Ok(second_of_day(call)?.map_or(Value::Blank, |second| Value::Number(Decimal::from(part(second)))))
}

fn weekday(call: &Call<'_>) -> Return {
    let day = call.day(0)?;
    let kind = call.whole_or(1, 1)?;
    // The weekday that counts as the first, from Monday = 0, and its number.
    let (start, first) = match kind {
        1 | 17 => (6, 1),
        2 | 11 => (0, 1),
        3 => (0, 0),
        12..=16 => (kind - 11, 1),
        _ => return Err(ErrorValue::Num),
    };
    let Some(day) = day else { return Ok(Value::Blank) };
    let index = i64::try_from(weekday_index(day)).map_err(|_| ErrorValue::Num)?;
    Ok(Value::Number(Decimal::from((index - start).rem_euclid(7) + first)))
}
