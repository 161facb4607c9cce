//! Rounding to decimals and to multiples. All exact.

use model::decimal::Decimal;
use model::decimal::arith::Rounding;
use model::value::Value;

use super::super::ErrorValue;
use super::{Call, Function, Return, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("ROUND", 2, Some(2), |call| round(call, Rounding::HalfUp))
        .kind(number_kind)
        .takes("number: number, decimals: number")
        .about(
            "四捨五入。桁数が負なら整数部を丸めます。",
            "Rounded to that many decimals, a half away from zero. Negative decimals round in front of the point.",
        )
        .examples(&[
            ("ROUND(2.345,2)", "2.35"),
            ("ROUND(-2.5,0)", "-3"),
            ("ROUND(1250,-2)", "1300"),
            ("ROUND(1.005,2)", "1.01"), ("ROUND(\"\",2)", "0"), ("ROUND(\"a\",2)", "#VALUE!"),
        ]),
    function("ROUNDUP", 2, Some(2), |call| round(call, Rounding::Up))
        .kind(number_kind)
        .takes("number: number, decimals: number")
        .about("切り上げ(0から遠い方へ)。", "Rounded away from zero.")
        .examples(&[("ROUNDUP(2.301,2)", "2.31"), ("ROUNDUP(-2.1,0)", "-3"), ("ROUNDUP(1201,-2)", "1300"), ("ROUNDUP(\"\",2)", "0"), ("ROUNDUP(\"a\",2)", "#VALUE!")]),
    function("ROUNDDOWN", 2, Some(2), |call| round(call, Rounding::Down))
        .kind(number_kind)
        .takes("number: number, decimals: number")
        .about("切り捨て(0に近い方へ)。", "Rounded towards zero.")
        .examples(&[("ROUNDDOWN(2.399,2)", "2.39"), ("ROUNDDOWN(-2.9,0)", "-2"), ("ROUNDDOWN(1299,-2)", "1200"), ("ROUNDDOWN(\"\",2)", "0"), ("ROUNDDOWN(\"a\",2)", "#VALUE!")]),
    function("CEILING", 2, Some(2), |call| multiple(call, true))
        .kind(number_kind)
        .takes("number: number, step: number")
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
            ("CEILING(7,0)", "0"), ("CEILING(\"\",5)", "0"),
        ]),
    function("FLOOR", 2, Some(2), |call| multiple(call, false))
        .kind(number_kind)
        .takes("number: number, step: number")
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
            ("FLOOR(7,0)", "#DIV/0!"), ("FLOOR(\"\",5)", "0"),
        ]),
    function("INT", 1, Some(1), |call| Ok(Value::Number(call.number(0)?.floor())))
        .kind(number_kind)
        .takes("number: number")
        .about("その数を超えない最大の整数。", "The largest whole number that is not above it.")
        .examples(&[("INT(2.9)", "2"), ("INT(-2.1)", "-3"), ("INT(\"\")", "0"), ("INT(\"a\")", "#VALUE!")]),
    function("TRUNC", 1, Some(2), |call| {
        let (number, places) = (call.number(0)?, places(call, 1)?);
        Ok(Value::Number(number.round(places, Rounding::Down)?))
    })
    .kind(number_kind)
    .takes("number: number, [decimals: number]")
    .about("桁を切り捨てます(既定は整数に)。", "Cut to that many decimals (none if left out).")
    .examples(&[("TRUNC(-2.9)", "-2"), ("TRUNC(2.399,2)", "2.39"), ("TRUNC(\"\")", "0"), ("TRUNC(\"a\")", "#VALUE!")]),
    function("CEILING.MATH", 1, Some(3), |call| multiple_of_size(call, true))
        .kind(number_kind)
        .takes("number: number, [step: number], [away: truth]")
        .about(
            "基準値(既定は1、符号は無視)の倍数に、大きい方へ切り上げます。負の数は3番目が0でなければ0から遠い方へ。空白は0。",
            "Up to a multiple of the second number (1 if left out; its sign is disregarded). A negative number goes away from zero if the third is not 0. Blank is 0.",
        )
        .examples(&[
            ("CEILING.MATH(24.3,5)", "25"),
            ("CEILING.MATH(-8.1,2)", "-8"),
            ("CEILING.MATH(-5.5,2,1)", "-6"),
            ("CEILING.MATH(1.2)", "2"),
            ("CEILING.MATH(\"\")", "0"),
            ("CEILING.MATH(\"a\")", "#VALUE!"),
        ]),
    function("FLOOR.MATH", 1, Some(3), |call| multiple_of_size(call, false))
        .kind(number_kind)
        .takes("number: number, [step: number], [towards: truth]")
        .about(
            "基準値(既定は1、符号は無視)の倍数に、小さい方へ切り下げます。負の数は3番目が0でなければ0に近い方へ。空白は0。",
            "Down to a multiple of the second number (1 if left out; its sign is disregarded). A negative number goes towards zero if the third is not 0. Blank is 0.",
        )
        .examples(&[
            ("FLOOR.MATH(24.3,5)", "20"),
            ("FLOOR.MATH(-8.1,2)", "-10"),
            ("FLOOR.MATH(-5.5,2,-1)", "-4"),
            ("FLOOR.MATH(6,0)", "0"),
            ("FLOOR.MATH(\"\")", "0"),
            ("FLOOR.MATH(\"a\")", "#VALUE!"),
        ]),
    function("MROUND", 2, Some(2), |call| {
        let (number, step) = (call.number(0)?, call.number(1)?);
        if number.is_zero() || step.is_zero() {
            return Ok(Value::Number(Decimal::ZERO));
        }
        if number.is_negative() != step.is_negative() {
            return Err(ErrorValue::Num);
        }
        // A half goes away from zero: half a step more, then down to a multiple.
        let (number, step) = (number.abs(), step.abs());
        let rest = number.modulo(step)?;
        let below = number.checked_sub(rest)?;
        let nearest = if rest.checked_add(rest)? >= step { below.checked_add(step)? } else { below };
        Ok(Value::Number(if call.number(0)?.is_negative() { -nearest } else { nearest }))
    })
    .kind(number_kind)
    .takes("number: number, step: number")
    .about(
        "基準値の最も近い倍数。ちょうど中間は0から遠い方。符号が違えば #NUM!。空白は0。",
        "The nearest multiple of the second number, a half away from zero. #NUM! if their signs differ. Blank is 0.",
    )
    .examples(&[("MROUND(10,3)", "9"), ("MROUND(7.5,5)", "10"), ("MROUND(-1.3,-0.2)", "-1.4"), ("MROUND(\"\",5)", "0"), ("MROUND(5,-2)", "#NUM!")]),
    function("EVEN", 1, Some(1), |call| away_to(call.number(0)?, 0))
        .kind(number_kind)
        .takes("number: number")
        .about("0から遠い方の偶数に丸めます。空白は0。", "Away from zero to an even number. Blank is 0.")
        .examples(&[("EVEN(1.5)", "2"), ("EVEN(-3)", "-4"), ("EVEN(\"\")", "0"), ("EVEN(\"a\")", "#VALUE!")]),
    function("ODD", 1, Some(1), |call| away_to(call.number(0)?, 1))
        .kind(number_kind)
        .takes("number: number")
        .about("0から遠い方の奇数に丸めます。空白は0なので 1。", "Away from zero to an odd number. Blank is 0 and becomes 1.")
        .examples(&[("ODD(1.5)", "3"), ("ODD(-2)", "-3"), ("ODD(\"\")", "1"), ("ODD(\"a\")", "#VALUE!")]),
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

/// Up or down to a multiple of the size of the second argument; the third turns the way of negative numbers round.
fn multiple_of_size(call: &Call<'_>, up: bool) -> Return {
    let number = call.number(0)?;
    let step = if call.has(1) { call.number(1)?.abs() } else { Decimal::ONE };
    if number.is_zero() || step.is_zero() {
        return Ok(Value::Number(Decimal::ZERO));
    }
    let up = up != (number.is_negative() && call.truth(2)?);
    let rest = number.modulo(step)?;
    let below = number.checked_sub(rest)?;
    Ok(Value::Number(if up && !rest.is_zero() { below.checked_add(step)? } else { below }))
}

/// Away from zero to the next whole number that leaves `rest` when divided by 2.
fn away_to(number: Decimal, rest: i64) -> Return {
    let size = number.abs().ceil();
    let fits = size.modulo(Decimal::from(2))? == Decimal::from(rest);
    let size = if fits { size } else { size.checked_add(Decimal::ONE)? };
    Ok(Value::Number(if number.is_negative() { -size } else { size }))
}
