//! Numbers: rounding, remainders, powers and roots. All exact; see the head of `eval` for how blanks and texts count.

use model::decimal::Decimal;
use model::decimal::arith::Rounding;
use model::value::Value;

use super::super::ErrorValue;
use super::super::operators::power;
use super::{Call, Function, Return, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("ABS", 1, Some(1), |call| Ok(Value::Number(call.number(0)?.abs())))
        .kind(number_kind)
        .about("絶対値。空白は0。", "Without sign. Blank is 0.")
        .examples(&[("ABS(-2.5)", "2.5"), ("ABS(\"\")", "0"), ("ABS(\"a\")", "#VALUE!")]),
    function("ROUND", 2, Some(2), |call| round(call, Rounding::HalfUp))
        .kind(number_kind)
        .about(
            "四捨五入。桁数が負なら整数部を丸めます。",
            "Rounded to that many decimals, a half away from zero. Negative decimals round in front of the point.",
        )
        .examples(&[
            ("ROUND(2.345,2)", "2.35"),
            ("ROUND(-2.5,0)", "-3"),
            ("ROUND(1250,-2)", "1300"),
            ("ROUND(1.005,2)", "1.01"),
        ]),
    function("ROUNDUP", 2, Some(2), |call| round(call, Rounding::Up))
        .kind(number_kind)
        .about("切り上げ(0から遠い方へ)。", "Rounded away from zero.")
        .examples(&[("ROUNDUP(2.301,2)", "2.31"), ("ROUNDUP(-2.1,0)", "-3"), ("ROUNDUP(1201,-2)", "1300")]),
    function("ROUNDDOWN", 2, Some(2), |call| round(call, Rounding::Down))
        .kind(number_kind)
        .about("切り捨て(0に近い方へ)。", "Rounded towards zero.")
        .examples(&[("ROUNDDOWN(2.399,2)", "2.39"), ("ROUNDDOWN(-2.9,0)", "-2"), ("ROUNDDOWN(1299,-2)", "1200")]),
    function("CEILING", 2, Some(2), |call| multiple(call, true))
        .kind(number_kind)
        .about(
            "基準値の倍数に切り上げます。正の数に負の基準値は #NUM!。",
            "Up to a multiple of the second number. #NUM! for a positive number with a negative one.",
        )
        .examples(&[
            ("CEILING(21,5)", "25"),
            ("CEILING(1.01,0.1)", "1.1"),
            ("CEILING(-7,5)", "-5"),
            ("CEILING(-7,-5)", "-10"),
            ("CEILING(7,-5)", "#NUM!"),
            ("CEILING(7,0)", "0"),
        ]),
    function("FLOOR", 2, Some(2), |call| multiple(call, false))
        .kind(number_kind)
        .about(
            "基準値の倍数に切り下げます。正の数に負の基準値は #NUM!、基準値0は #DIV/0!。",
            "Down to a multiple of the second number. #NUM! for a positive number with a negative one, #DIV/0! for 0.",
        )
        .examples(&[
            ("FLOOR(24,5)", "20"),
            ("FLOOR(1.19,0.1)", "1.1"),
            ("FLOOR(-7,5)", "-10"),
            ("FLOOR(-7,-5)", "-5"),
            ("FLOOR(7,-5)", "#NUM!"),
            ("FLOOR(7,0)", "#DIV/0!"),
        ]),
    function("INT", 1, Some(1), |call| Ok(Value::Number(call.number(0)?.floor())))
        .kind(number_kind)
        .about("その数を超えない最大の整数。", "The largest whole number that is not above it.")
        .examples(&[("INT(2.9)", "2"), ("INT(-2.1)", "-3"), ("INT(\"\")", "0")]),
    function("TRUNC", 1, Some(2), |call| {
        let (number, places) = (call.number(0)?, places(call, 1)?);
        Ok(Value::Number(number.round(places, Rounding::Down)?))
    })
    .kind(number_kind)
    .about("桁を切り捨てます(既定は整数に)。", "Cut to that many decimals (none if left out).")
    .examples(&[("TRUNC(-2.9)", "-2"), ("TRUNC(2.399,2)", "2.39")]),
    function("MOD", 2, Some(2), |call| Ok(Value::Number(call.number(0)?.modulo(call.number(1)?)?)))
        .kind(number_kind)
        .about("割り算の余り。符号は割る数と同じ。", "The remainder of a division, with the sign of the divisor.")
        .examples(&[
            ("MOD(7,3)", "1"),
            ("MOD(-7,3)", "2"),
            ("MOD(7,-3)", "-2"),
            ("MOD(1,0.1)", "0"),
            ("MOD(1,0)", "#DIV/0!"),
        ]),
    function("QUOTIENT", 2, Some(2), |call| Ok(Value::Number(call.number(0)?.quotient(call.number(1)?)?)))
        .kind(number_kind)
        .about("割り算の商の整数部。", "The whole part of a quotient.")
        .examples(&[("QUOTIENT(7,3)", "2"), ("QUOTIENT(-7,3)", "-2"), ("QUOTIENT(1,0)", "#DIV/0!")]),
    function("POWER", 2, Some(2), |call| power(call.number(0)?, call.number(1)?).map(Value::Number))
        .kind(number_kind)
        .about(
            "べき乗。指数が整数なら正確、それ以外は小数第20位まで。",
            "A power. Exact for a whole exponent, else to 20 decimals.",
        )
        .examples(&[
            ("POWER(1.05,3)", "1.157625"),
            ("POWER(2,-2)", "0.25"),
            ("POWER(9,0.5)", "3"),
            ("POWER(0,0)", "#NUM!"),
            ("POWER(0,-1)", "#DIV/0!"),
            ("POWER(-8,0.5)", "#NUM!"),
        ]),
    function("SQRT", 1, Some(1), |call| call.number(0)?.sqrt().map(Value::Number).ok_or(ErrorValue::Num))
        .kind(number_kind)
        .about("平方根(小数第20位まで)。負の数は #NUM!。", "The square root, to 20 decimals. #NUM! below zero.")
        .examples(&[("SQRT(2)", "1.4142135623730950488"), ("SQRT(6.25)", "2.5"), ("SQRT(-1)", "#NUM!")]),
    function("SIGN", 1, Some(1), |call| Ok(Value::Number(Decimal::from(i64::from(call.number(0)?.signum())))))
        .kind(number_kind)
        .about("符号: 1、0、-1。", "The sign: 1, 0 or -1.")
        .examples(&[("SIGN(-3)", "-1"), ("SIGN(0)", "0"), ("SIGN(0.1)", "1")]),
];

/// An argument as a count of decimals. Beyond 38 in either direction nothing changes any more.
fn places(call: &Call<'_>, at: usize) -> Result<i32, ErrorValue> {
    Ok(i32::try_from(call.whole_or(at, 0)?.clamp(-100, 100)).unwrap_or_default())
}

fn round(call: &Call<'_>, mode: Rounding) -> Return {
    let (number, places) = (call.number(0)?, places(call, 1)?);
    Ok(Value::Number(number.round(places, mode)?))
}

/// The next multiple of the second argument above or below the first. With a negative step (and number) the steps go away from
/// zero, so "up" is further from zero, as in Excel.
fn multiple(call: &Call<'_>, up: bool) -> Return {
    let (number, step) = (call.number(0)?, call.number(1)?);
    if number.is_zero() || (up && step.is_zero()) {
        return Ok(Value::Number(Decimal::ZERO));
    }
    if step.is_negative() && !number.is_negative() {
        return Err(ErrorValue::Num);
    }
    let rest = number.modulo(step)?;
    let below = number.checked_sub(rest)?;
    Ok(Value::Number(if up && !rest.is_zero() { below.checked_add(step)? } else { below }))
}
