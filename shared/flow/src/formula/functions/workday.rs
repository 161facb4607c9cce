//! Business days. Holidays are those of the call, or else those of the flow.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::workdays::Workdays;
use super::call::day_of;
use super::{Call, Function, Return, bool_kind, date_kind, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("NETWORKDAYS", 2, None, |call| between(call, SATURDAY_SUNDAY, 2))
        .kind(number_kind)
        .takes("start: date, end: date, [holidays: list, …]")
        .about(
            "開始日から終了日まで(両端を含む)の土日と休日を除いた日数。終了日が前なら負。休日は3番目以降に日付、リスト、「,」や改行で区切った文字列で指定し、省略するとフローの休日。どちらかの日付が空白なら空白。",
            "Days from start to end, both included, without Saturdays, Sundays and holidays; negative if the end is earlier. Holidays stand behind (dates, lists, texts separated by commas or line ends); without any, the flow's. Blank if either date is blank.",
        )
        .examples(&[
            ("NETWORKDAYS(\"2026-01-01\",\"2026-01-31\")", "22"),
            ("NETWORKDAYS(\"2026-01-01\",\"2026-01-31\",\"2026-01-01,2026-01-02,2026-01-12\")", "19"),
            ("NETWORKDAYS(\"2026-01-09\",\"2026-01-05\")", "-5"),
            ("NETWORKDAYS(\"\",TODAY())", ""),
            ("NETWORKDAYS(\"2026-01-01\",\"2026-01-31\",\"元日\")", "#VALUE!"),
        ]),
    function("NETWORKDAYS.INTL", 2, None, |call| between(call, weekend(call)?, 3))
        .kind(number_kind)
        .takes("start: date, end: date, [weekend: any], [holidays: list, …]")
        .about(
            "NETWORKDAYS と同じですが、3番目で週の休みを指定します。1(既定): 土日、2〜7: 日月〜金土、11〜17: 日曜だけ〜土曜だけ、または月曜から並べた7文字(1が休み)。",
            "As NETWORKDAYS, with the days off in a week as third argument: 1 (default) Saturday and Sunday, 2 to 7 Sunday and Monday to Friday and Saturday, 11 to 17 Sunday alone to Saturday alone, or seven signs from Monday on (1 is off).",
        )
        .examples(&[
            ("NETWORKDAYS.INTL(\"2026-01-01\",\"2026-01-31\",11)", "27"),
            ("NETWORKDAYS.INTL(\"2026-01-01\",\"2026-01-31\",\"0000011\",DATE(2026,1,1))", "21"),
            ("NETWORKDAYS.INTL(\"\",TODAY(),1)", ""),
            ("NETWORKDAYS.INTL(\"2026-01-01\",\"2026-01-31\",8)", "#NUM!"),
            ("NETWORKDAYS.INTL(\"2026-01-01\",\"2026-01-31\",\"1111111\")", "0"),
        ]),
    function("WORKDAY", 2, None, |call| after(call, SATURDAY_SUNDAY, 2))
        .kind(date_kind)
        .takes("start: date, days: number, [holidays: list, …]")
        .about(
            "土日と休日を除いて数えた、指定した日数だけ後(負なら前)の日付。0ならその日。休日の指定は NETWORKDAYS と同じ。日付が空白なら空白。",
            "The date that many business days later (earlier if negative); the same date for 0. Holidays as for NETWORKDAYS. Blank if the date is blank.",
        )
        .examples(&[
            ("WORKDAY(\"2026-01-30\",1)", "2026-02-02"),
            ("WORKDAY(\"2026-01-09\",1,DATE(2026,1,12))", "2026-01-13"),
            ("WORKDAY(\"2026-02-02\",-1)", "2026-01-30"),
            ("WORKDAY(\"\",1)", ""),
            ("WORKDAY(\"9999-12-31\",1)", "#NUM!"),
        ]),
    function("WORKDAY.INTL", 2, None, |call| after(call, weekend(call)?, 3))
        .kind(date_kind)
        .takes("start: date, days: number, [weekend: any], [holidays: list, …]")
        .about(
            "WORKDAY と同じですが、3番目で週の休みを NETWORKDAYS.INTL のように指定します。すべて休みなら #VALUE!。",
            "As WORKDAY, with the days off in a week as third argument, as for NETWORKDAYS.INTL. #VALUE! if all are off.",
        )
        .examples(&[
            ("WORKDAY.INTL(\"2026-01-30\",1,11)", "2026-01-31"),
            ("WORKDAY.INTL(\"2026-01-30\",2,\"0000001\",\"2026-01-31\")", "2026-02-03"),
            ("WORKDAY.INTL(\"\",1,1)", ""),
            ("WORKDAY.INTL(TODAY(),1,\"1111111\")", "#VALUE!"),
        ]),
    function("ISWORKDAY", 1, None, |call| {
        let Some(day) = call.day(0)? else { return Ok(Value::Bool(false)) };
        let holidays = holidays(call, 1)?;
        let worked = Workdays::new(SATURDAY_SUNDAY, &holidays).is_some_and(|days| days.between(day, day) == 1);
        Ok(Value::Bool(worked))
    })
    .kind(bool_kind)
    .takes("date: date, [holidays: list, …]")
    .about(
        "土日でも休日でもなければ TRUE。休日の指定は NETWORKDAYS と同じ(2番目以降)。空白は FALSE。",
        "TRUE for a day that is neither Saturday, Sunday nor a holiday. Holidays as for NETWORKDAYS, from the second argument on. FALSE for blank.",
    )
    .examples(&[
        ("ISWORKDAY(\"2026-01-30\")", "TRUE"),
        ("ISWORKDAY(TODAY())", "FALSE"),
        ("ISWORKDAY(\"2026-01-12\",\"2026/1/12\")", "FALSE"),
        ("ISWORKDAY(\"\")", "FALSE"),
        ("ISWORKDAY(\"x\")", "#VALUE!"),
    ]),
];

/// The usual weekend, Monday first.
const SATURDAY_SUNDAY: [bool; 7] = [false, false, false, false, false, true, true];

/// The days off in a week of the third argument, Monday first.
fn weekend(call: &Call<'_>) -> Result<[bool; 7], ErrorValue> {
    let value = call.value(2)?;
    if let Value::Text(text) = &*value
        && text.len() == 7
        && text.bytes().all(|b| b == b'0' || b == b'1')
    {
        let mut off = [false; 7];
        for (off, sign) in off.iter_mut().zip(text.bytes()) {
            *off = sign == b'1';
        }
        return Ok(off);
    }
    let number = if value.is_blank() { 1 } else { call.whole(2)? };
    // From Monday = 0: 1 is Saturday and Sunday, 2 Sunday and Monday; 11 is Sunday, 12 Monday.
    let is_off = |weekday: i64| match number {
        1..=7 => weekday == (number + 4) % 7 || weekday == (number + 5) % 7,
        _ => weekday == (number + 2) % 7,
    };
    if !matches!(number, 1..=7 | 11..=17) {
        return Err(ErrorValue::Num);
    }
    let mut off = [false; 7];
    for (off, weekday) in off.iter_mut().zip(0..) {
        *off = is_off(weekday);
    }
    Ok(off)
}

/// The days in the arguments from `first` on; the flow's holidays where there is no such argument.
fn holidays<'a>(call: &Call<'a>, first: usize) -> Result<Cow<'a, BTreeSet<i32>>, ErrorValue> {
    if !call.has(first) {
        return Ok(Cow::Borrowed(call.scope.ctx.holidays));
    }
    let mut days = BTreeSet::new();
    for at in first..call.len() {
        call.each(at, &mut |value| {
            let Value::Text(text) = value else {
                days.extend(day_of(value, call.zone())?);
                return Ok(());
            };
            for part in text.split([',', '，', '、', ';', '\n', '\r', '\t']).filter(|part| !part.trim().is_empty()) {
                days.extend(day_of(&Value::text(part), call.zone())?);
            }
            Ok(())
        })?;
    }
    Ok(Cow::Owned(days))
}

fn between(call: &Call<'_>, weekend: [bool; 7], first_holiday: usize) -> Return {
    let (start, end) = (call.day(0)?, call.day(1)?);
    let holidays = holidays(call, first_holiday)?;
    let (Some(start), Some(end)) = (start, end) else { return Ok(Value::Blank) };
    // A week without any day of work has none.
    let count = Workdays::new(weekend, &holidays)
        .map_or(0, |days| if start <= end { days.between(start, end) } else { -days.between(end, start) });
    Ok(Value::Number(Decimal::from(count)))
}

fn after(call: &Call<'_>, weekend: [bool; 7], first_holiday: usize) -> Return {
    let (day, count) = (call.day(0)?, call.whole(1)?);
    let holidays = holidays(call, first_holiday)?;
    let Some(day) = day else { return Ok(Value::Blank) };
    let days = Workdays::new(weekend, &holidays).ok_or(ErrorValue::Value)?;
    days.after(day, count).map(Value::Date)
}
