//! Functions over any number of values. Blanks are skipped.

use std::borrow::Cow;

use model::decimal::Decimal;
use model::decimal::arith::Sum;
use model::field::Kind;
use model::value::Value;

use super::super::ErrorValue;
use super::super::compare::compare;
use super::super::convert::number;
use super::{Call, Function, Return, Static, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("SUM", 1, None, |call| {
        let mut sum = Sum::new();
        numbers(call, |n| sum.add(n))?;
        Ok(Value::Number(sum.finish()?))
    })
    .kind(number_kind)
    .about(
        "合計。空白は飛ばします。数値に見える文字列は数値、それ以外の文字列は #VALUE!。",
        "The sum. Blanks are skipped, text that reads as a number is one, other text is #VALUE!.",
    )
    .examples(&[("SUM(0.1,0.2,\"\")", "0.3"), ("SUM(\"１２\",3)", "15"), ("SUM(\"\")", "0"), ("SUM(1,\"a\")", "#VALUE!")]),
    function("PRODUCT", 1, None, |call| {
        let mut product = Ok(Decimal::ONE);
        let count = numbers(call, |n| product = product.and_then(|p| p.checked_mul(n)))?;
        Ok(Value::Number(if count == 0 { Decimal::ZERO } else { product? }))
    })
    .kind(number_kind)
    .about("積。空白は飛ばします。すべて空白なら0。", "The product. Blanks are skipped; of blanks alone it is 0.")
    .examples(&[("PRODUCT(2,\"\",3.5)", "7"), ("PRODUCT(\"\")", "0")]),
    function("AVERAGE", 1, None, |call| {
        let mut sum = Sum::new();
        let count = numbers(call, |n| sum.add(n))?;
        Ok(Value::Number(sum.finish()?.checked_div(Decimal::from(count))?))
    })
    .kind(number_kind)
    .about("平均。空白は飛ばします。すべて空白なら #DIV/0!。", "The mean. Blanks are skipped; of blanks alone it is #DIV/0!.")
    .examples(&[("AVERAGE(1,2,2)", "1.66666666666667"), ("AVERAGE(1,\"\",3)", "2"), ("AVERAGE(\"\")", "#DIV/0!")]),
    function("MIN", 1, None, |call| extreme(call, std::cmp::Ordering::Less))
        .kind(extreme_kind)
        .about(
            "最小の値。日付や時刻にも使えます。空白は飛ばし、すべて空白なら空白。",
            "The smallest value, also of dates and times. Blanks are skipped; of blanks alone it is blank.",
        )
        .examples(&[("MIN(3,\"\",1.5)", "1.5"), ("MIN(DATE(2026,2,1),TODAY())", "2026-01-31"), ("MIN(\"\")", ""), ("MIN(1,TODAY())", "#VALUE!")]),
    function("MAX", 1, None, |call| extreme(call, std::cmp::Ordering::Greater))
        .kind(extreme_kind)
        .about(
            "最大の値。日付や時刻にも使えます。空白は飛ばし、すべて空白なら空白。",
            "The largest value, also of dates and times. Blanks are skipped; of blanks alone it is blank.",
        )
        .examples(&[("MAX(3,\"\",1.5)", "3"), ("MAX(-1,\"\")", "-1"), ("MAX(DATE(2026,2,1),TODAY())", "2026-02-01"), ("MAX(\"10\",9)", "10"), ("MAX(\"a\",9)", "#VALUE!")]),
    function("MEDIAN", 1, None, median)
        .kind(number_kind)
        .about(
            "中央値。偶数個なら中央の二つの平均。空白は飛ばします。すべて空白なら #NUM!。",
            "The middle value, or the mean of the two in the middle. Blanks are skipped; of blanks alone it is #NUM!.",
        )
        .examples(&[("MEDIAN(5,1,3)", "3"), ("MEDIAN(4,1,\"\",2,3)", "2.5"), ("MEDIAN(\"\")", "#NUM!")]),
    function("COUNT", 1, None, |call| {
        count(call, |value| {
            matches!(value, Ok(v) if matches!(**v, Value::Number(_) | Value::Date(_) | Value::Time(_) | Value::Datetime(_)))
        })
    })
    .kind(number_kind)
    .about(
        "数値、日付、時刻の個数。文字列、空白、エラーは数えません。",
        "How many numbers, dates and times. Texts, blanks and errors do not count.",
    )
    .examples(&[("COUNT(1,\"\",\"a\",TODAY(),1/0)", "2")]),
    function("COUNTA", 1, None, |call| count(call, |value| !matches!(value, Ok(v) if v.is_blank())))
        .kind(number_kind)
        .about("空白でないものの個数。エラーも数えます。", "How many are not blank. Errors count.")
        .examples(&[("COUNTA(1,\"\",\"a\",1/0)", "3"), ("COUNTA(\"\")", "0")]),
];

/// Hands every value that is not blank on as a number, and tells how many there were.
fn numbers(call: &Call<'_>, mut each: impl FnMut(Decimal)) -> Result<i64, ErrorValue> {
    let mut count = 0;
    for at in 0..call.len() {
        let value = call.value(at)?;
        if !value.is_blank() {
            each(number(&value)?);
            count += 1;
        }
    }
    Ok(count)
}

fn count(call: &Call<'_>, counts: impl Fn(&Result<Cow<'_, Value>, ErrorValue>) -> bool) -> Return {
    let found = (0..call.len()).filter(|at| counts(&call.value(*at))).count();
    super::text::count_value(found)
}

/// A value for MIN and MAX: dates and times stay what they are, all else is a number.
fn comparable(value: &Value) -> Return {
    Ok(match value {
        Value::Date(_) | Value::Time(_) | Value::Datetime(_) => value.clone(),
        other => Value::Number(number(other)?),
    })
}

/// Values that have a common order: numbers; times; dates and instants.
fn same_order(a: &Value, b: &Value) -> bool {
    let order = |value: &Value| match value {
        Value::Date(_) | Value::Datetime(_) => 2,
        Value::Time(_) => 1,
        _ => 0,
    };
    order(a) == order(b)
}

fn extreme(call: &Call<'_>, wanted: std::cmp::Ordering) -> Return {
    let mut best = Value::Blank;
    for at in 0..call.len() {
        let value = call.value(at)?;
        if value.is_blank() {
            continue;
        }
        let value = comparable(&value)?;
        if best.is_blank() {
            best = value;
        } else if !same_order(&value, &best) {
            return Err(ErrorValue::Value);
        } else if compare(&value, &best, call.zone())? == wanted {
            best = value;
        }
    }
    Ok(best)
}

/// Texts and truth values become numbers in MIN and MAX.
fn extreme_kind(args: &[Static]) -> Static {
    Static::common(args.iter().map(|arg| match arg {
        Static::Is(Kind::Text | Kind::Bool) => Static::Is(Kind::Number),
        other => *other,
    }))
}

fn median(call: &Call<'_>) -> Return {
    let mut all = Vec::with_capacity(call.len());
    numbers(call, |n| all.push(n))?;
    all.sort_unstable();
    let middle = all.len() / 2;
    let upper = *all.get(middle).ok_or(ErrorValue::Num)?;
    if all.len() % 2 == 1 {
        return Ok(Value::Number(upper));
    }
    let lower = *all.get(middle - 1).ok_or(ErrorValue::Num)?;
    Ok(Value::Number(lower.checked_add(upper)?.checked_div(Decimal::from(2))?))
}
