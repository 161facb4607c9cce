//! Fiscal years (年度) and closing days. A fiscal year begins with April unless another month is given, and is named after the
//! calendar year in which it begins.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::calendar::{day_of, days_in_month, ymd};
use super::{Call, Function, Return, date_kind, function, number_kind};

/// The month in which Japanese fiscal years begin.
const APRIL: i64 = 4;

pub(super) static FUNCTIONS: &[Function] = &[
    function("FISCALYEAR", 1, Some(2), |call| number(call, |fiscal| fiscal.year))
        .kind(number_kind)
        .takes("date: date, [first_month: number]")
        .about(
            "日付の年度。2番目は年度が始まる月(既定は4月)。空白は空白。",
            "The fiscal year of a date, named after the year in which it begins. The second argument is its first month (April if left out). Blank stays blank.",
        )
        .examples(&[
            ("FISCALYEAR(DATE(2026,3,31))", "2025"),
            ("FISCALYEAR(DATE(2026,4,1))", "2026"),
            ("FISCALYEAR(DATE(2026,9,30),10)", "2025"),
            ("FISCALYEAR(\"\")", ""),
            ("FISCALYEAR(TODAY(),13)", "#NUM!"),
        ]),
    function("FISCALHALF", 1, Some(2), |call| number(call, |fiscal| fiscal.month / 6 + 1))
        .kind(number_kind)
        .takes("date: date, [first_month: number]")
        .about("日付が年度の上期(1)か下期(2)か。空白は空白。", "The half of the fiscal year: 1 or 2. Blank stays blank.")
        .examples(&[("FISCALHALF(DATE(2026,9,30))", "1"), ("FISCALHALF(DATE(2026,10,1))", "2"), ("FISCALHALF(\"\")", ""), ("FISCALHALF(TODAY(),0)", "#NUM!")]),
    function("FISCALQUARTER", 1, Some(2), |call| number(call, |fiscal| fiscal.month / 3 + 1))
        .kind(number_kind)
        .takes("date: date, [first_month: number]")
        .about("日付の年度の中での四半期(1〜4)。空白は空白。", "The quarter of the fiscal year, 1 to 4. Blank stays blank.")
        .examples(&[
            ("FISCALQUARTER(DATE(2026,4,1))", "1"),
            ("FISCALQUARTER(DATE(2026,3,31))", "4"),
            ("FISCALQUARTER(DATE(2026,3,31),1)", "1"),
            ("FISCALQUARTER(\"\")", ""),
            ("FISCALQUARTER(\"x\")", "#VALUE!"),
        ]),
    function("FISCALMONTH", 1, Some(2), |call| number(call, |fiscal| fiscal.month + 1))
        .kind(number_kind)
        .takes("date: date, [first_month: number]")
        .about("日付が年度の何か月目か(1〜12)。空白は空白。", "The month of the fiscal year, 1 to 12. Blank stays blank.")
        .examples(&[("FISCALMONTH(DATE(2026,4,1))", "1"), ("FISCALMONTH(DATE(2026,3,31))", "12"), ("FISCALMONTH(\"\")", ""), ("FISCALMONTH(TODAY(),-1)", "#NUM!")]),
    function("FYSTART", 1, Some(2), |call| boundary(call, |fiscal| day_of(fiscal.year, fiscal.first, 1)))
        .kind(date_kind)
        .takes("date: date, [first_month: number]")
        .about("日付を含む年度の初日。空白は空白。", "The first day of the date's fiscal year. Blank stays blank.")
        .examples(&[("FYSTART(TODAY())", "2025-04-01"), ("FYSTART(TODAY(),1)", "2026-01-01"), ("FYSTART(\"\")", ""), ("FYSTART(TODAY(),13)", "#NUM!")]),
    function("FYEND", 1, Some(2), |call| boundary(call, |fiscal| day_of(fiscal.year, fiscal.first + 12, 0)))
        .kind(date_kind)
        .takes("date: date, [first_month: number]")
        .about("日付を含む年度の末日。空白は空白。", "The last day of the date's fiscal year. Blank stays blank.")
        .examples(&[("FYEND(TODAY())", "2026-03-31"), ("FYEND(TODAY(),1)", "2026-12-31"), ("FYEND(\"\")", ""), ("FYEND(TODAY(),13)", "#NUM!")]),
    function("CLOSINGDATE", 2, Some(3), closing_date)
        .kind(date_kind)
        .takes("date: date, day: number, [months: number]")
        .about(
            "日付が入る締め日。2番目は締め日(1〜31、31は月末)、3番目はさらに先の月数(支払月など)。その日がない月は月末。空白は空白。",
            "The closing day that a date falls under: day of the month (1 to 31; 31 is the last day), and months later (for due dates) as third argument. The last of the month where there is no such day. Blank stays blank.",
        )
        .examples(&[
            ("CLOSINGDATE(DATE(2026,1,15),20)", "2026-01-20"),
            ("CLOSINGDATE(DATE(2026,1,21),20)", "2026-02-20"),
            ("CLOSINGDATE(DATE(2026,1,31),31,1)", "2026-02-28"),
            ("CLOSINGDATE(\"\",20)", ""),
            ("CLOSINGDATE(TODAY(),32)", "#NUM!"),
        ]),
];

/// A date inside a fiscal year.
struct Fiscal {
    /// The calendar year in which the fiscal year begins.
    year: i64,
    /// The month of the calendar in which it begins, 1 to 12.
    first: i64,
    /// Months since its beginning, 0 to 11.
    month: i64,
}

fn fiscal(call: &Call<'_>) -> Result<Option<Fiscal>, ErrorValue> {
    let (day, first) = (call.day(0)?, call.whole_or(1, APRIL)?);
    if !(1..=12).contains(&first) {
        return Err(ErrorValue::Num);
    }
    Ok(day.map(|day| {
        let (year, month, _) = ymd(day);
        Fiscal { year: year - i64::from(month < first), first, month: (month - first).rem_euclid(12) }
    }))
}

fn number(call: &Call<'_>, part: fn(&Fiscal) -> i64) -> Return {
    Ok(fiscal(call)?.map_or(Value::Blank, |fiscal| Value::Number(Decimal::from(part(&fiscal)))))
}

fn boundary(call: &Call<'_>, day: fn(&Fiscal) -> Result<i32, ErrorValue>) -> Return {
    fiscal(call)?.map_or(Ok(Value::Blank), |fiscal| day(&fiscal).map(Value::Date))
}

fn closing_date(call: &Call<'_>) -> Return {
    let (day, closing, later) = (call.day(0)?, call.whole(1)?, call.whole_or(2, 0)?);
    if !(1..=31).contains(&closing) || later.unsigned_abs() > 120_000 {
        return Err(ErrorValue::Num);
    }
    let Some(day) = day else { return Ok(Value::Blank) };
    let (year, month, of_month) = ymd(day);
    let passed = of_month > closing.min(days_in_month(year, month));
    let months = year * 12 + month - 1 + i64::from(passed) + later;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    day_of(year, month, closing.min(days_in_month(year, month))).map(Value::Date)
}
