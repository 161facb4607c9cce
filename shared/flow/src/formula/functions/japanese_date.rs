//! Dates with Japanese eras (和暦), both ways. TEXT knows the codes `ggge` too.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::{calendar, era};
use super::{Call, Function, Return, date_kind, function, number_kind, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("TOERA", 1, Some(2), to_era)
        .kind(text_kind)
        .takes("date: date, [form: number]")
        .about(
            "日付を和暦の文字列にします。1年は元年。2番目は形: 1(既定) 令和8年1月31日、2 令和08年01月31日、3 R8.1.31、4 R08.01.31。空白は空白。",
            "A date as text with its Japanese era; the first year is 元年. Form 1 (default) 令和8年1月31日, 2 令和08年01月31日, 3 R8.1.31, 4 R08.01.31. Blank stays blank.",
        )
        .examples(&[
            ("TOERA(DATE(2026,1,31))", "令和8年1月31日"),
            ("TOERA(DATE(2019,5,1))", "令和元年5月1日"),
            ("TOERA(DATE(2019,4,30),2)", "平成31年04月30日"),
            ("TOERA(DATE(1989,1,8),3)", "H1.1.8"),
            ("TOERA(DATE(1989,1,8),4)", "H01.01.08"),
            ("TOERA(\"\")", ""),
            ("TOERA(TODAY(),5)", "#NUM!"),
        ]),
    function("FROMERA", 1, Some(1), |call| match &*call.value(0)? {
        Value::Blank => Ok(Value::Blank),
        Value::Text(text) => era::parse(text).map(Value::Date).ok_or(ErrorValue::Value),
        _ => Err(ErrorValue::Value),
    })
    .kind(date_kind)
    .takes("text: text")
    .about(
        "和暦の文字列(令和8年1月31日、令和元年5月1日、R8.1.31)を日付にします。平成35年のような年も読みます。空白は空白。",
        "Text with a Japanese era (令和8年1月31日, 令和元年5月1日, R8.1.31) to a date. Years beyond the era's end, such as 平成35年, are read too. Blank stays blank.",
    )
    .examples(&[
        ("FROMERA(\"令和8年1月31日\")", "2026-01-31"),
        ("FROMERA(\"令和元年5月1日\")", "2019-05-01"),
        ("FROMERA(\"Ｓ64.1.7\")", "1989-01-07"),
        ("FROMERA(\"平成35年3月31日\")", "2023-03-31"),
        ("FROMERA(\"\")", ""),
        ("FROMERA(\"2026-01-31\")", "#VALUE!"),
    ]),
    function("ERA", 1, Some(2), |call| {
        let (day, form) = (call.day(0)?, call.whole_or(1, 1)?);
        let at = match form {
            1 => 2,
            2 => 1,
            3 => 0,
            _ => return Err(ErrorValue::Num),
        };
        with_era(day, |era, _| Value::text(era.forms[at]))
    })
    .kind(text_kind)
    .takes("date: date, [form: number]")
    .about(
        "日付の元号。2番目は形: 1(既定) 令和、2 令、3 R。空白は空白。",
        "The Japanese era of a date. Form 1 (default) 令和, 2 令, 3 R. Blank stays blank.",
    )
    .examples(&[("ERA(DATE(2019,4,30))", "平成"), ("ERA(TODAY(),3)", "R"), ("ERA(\"\")", ""), ("ERA(TODAY(),0)", "#NUM!")]),
    function("ERAYEAR", 1, Some(1), |call| with_era(call.day(0)?, |_, year| Value::Number(Decimal::from(year))))
        .kind(number_kind)
        .takes("date: date")
        .about("日付の和暦の年。空白は空白。", "The year of a date in its Japanese era. Blank stays blank.")
        .examples(&[("ERAYEAR(DATE(2026,1,31))", "8"), ("ERAYEAR(DATE(1989,1,7))", "64"), ("ERAYEAR(\"\")", ""), ("ERAYEAR(\"x\")", "#VALUE!")]),
    function("DATESTRING", 1, Some(1), |call| match call.day(0)? {
        Some(day) => written(day, 2, false).map(Value::text),
        None => Ok(Value::Blank),
    })
    .kind(text_kind)
    .takes("date: date")
    .about(
        "日付を Excel の DATESTRING と同じ和暦の文字列(令和08年01月31日)にします。1年も 01年。空白は空白。",
        "A date as Excel's DATESTRING writes it: 令和08年01月31日; the first year is 01. Blank stays blank.",
    )
    .examples(&[("DATESTRING(DATE(2026,1,31))", "令和08年01月31日"), ("DATESTRING(DATE(2019,5,1))", "令和01年05月01日"), ("DATESTRING(\"\")", ""), ("DATESTRING(\"x\")", "#VALUE!")]),
];

fn with_era(day: Option<i32>, make: impl Fn(&era::Era, i64) -> Value) -> Return {
    let Some(day) = day else { return Ok(Value::Blank) };
    let (era, year) = era::of_day(day).ok_or(ErrorValue::Value)?;
    Ok(make(era, year))
}

/// A day in one of the four forms; `first_year`: year 1 is 元.
fn written(day: i32, form: i64, first_year: bool) -> Result<String, ErrorValue> {
    let (era, year) = era::of_day(day).ok_or(ErrorValue::Value)?;
    let (_, month, day) = calendar::ymd(day);
    Ok(match form {
        1 | 2 if first_year && year == 1 => match form {
            1 => format!("{}元年{month}月{day}日", era.forms[2]),
            _ => format!("{}元年{month:02}月{day:02}日", era.forms[2]),
        },
        1 => format!("{}{year}年{month}月{day}日", era.forms[2]),
        2 => format!("{}{year:02}年{month:02}月{day:02}日", era.forms[2]),
        3 => format!("{}{year}.{month}.{day}", era.forms[0]),
        4 => format!("{}{year:02}.{month:02}.{day:02}", era.forms[0]),
        _ => return Err(ErrorValue::Num),
    })
}

fn to_era(call: &Call<'_>) -> Return {
    let (day, form) = (call.day(0)?, call.whole_or(1, 1)?);
    match day {
        Some(day) => written(day, form, true).map(Value::text),
        None => Ok(Value::Blank),
    }
}
