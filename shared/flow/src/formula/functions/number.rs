//! Numbers: remainders, powers, roots, logarithms. Exact but for roots, fractional powers and logarithms, which state their
//! decimals; see the head of `eval` for how blanks and texts count.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::operators::power;
use super::{Function, Return, function, number_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("ABS", 1, Some(1), |call| Ok(Value::Number(call.number(0)?.abs())))
        .kind(number_kind)
        .takes("number: number")
        .about("絶対値。空白は0。", "Without sign. Blank is 0.")
        .examples(&[("ABS(-2.5)", "2.5"), ("ABS(\"\")", "0"), ("ABS(\"a\")", "#VALUE!")]),
    function("MOD", 2, Some(2), |call| Ok(Value::Number(call.number(0)?.modulo(call.number(1)?)?)))
        .kind(number_kind)
        .takes("number: number, divisor: number")
        .about("割り算の余り。符号は割る数と同じ。", "The remainder of a division, with the sign of the divisor.")
        .examples(&[
            ("MOD(7,3)", "1"),
            ("MOD(-7,3)", "2"),
            ("MOD(7,-3)", "-2"),
            ("MOD(1,0.1)", "0"),
            ("MOD(1,0)", "#DIV/0!"),
            ("MOD(\"\",3)", "0"),
        ]),
    function("QUOTIENT", 2, Some(2), |call| Ok(Value::Number(call.number(0)?.quotient(call.number(1)?)?)))
        .kind(number_kind)
        .takes("number: number, divisor: number")
        .about("割り算の商の整数部。", "The whole part of a quotient.")
        .examples(&[
            ("QUOTIENT(7,3)", "2"),
            ("QUOTIENT(-7,3)", "-2"),
            ("QUOTIENT(1,0)", "#DIV/0!"),
            ("QUOTIENT(\"\",3)", "0"),
        ]),
    function("POWER", 2, Some(2), |call| power(call.number(0)?, call.number(1)?).map(Value::Number))
        .kind(number_kind)
        .takes("base: number, exponent: number")
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
            ("POWER(\"\",2)", "0"),
        ]),
    function("SQRT", 1, Some(1), |call| call.number(0)?.sqrt().map(Value::Number).ok_or(ErrorValue::Num))
        .kind(number_kind)
        .takes("number: number")
        .about("平方根(小数第20位まで)。負の数は #NUM!。", "The square root, to 20 decimals. #NUM! below zero.")
        .examples(&[
            ("SQRT(2)", "1.4142135623730950488"),
            ("SQRT(6.25)", "2.5"),
            ("SQRT(-1)", "#NUM!"),
            ("SQRT(\"\")", "0"),
        ]),
    function("SIGN", 1, Some(1), |call| Ok(Value::Number(Decimal::from(i64::from(call.number(0)?.signum())))))
        .kind(number_kind)
        .takes("number: number")
        .about("符号: 1、0、-1。", "The sign: 1, 0 or -1.")
        .examples(&[
            ("SIGN(-3)", "-1"),
            ("SIGN(0)", "0"),
            ("SIGN(0.1)", "1"),
            ("SIGN(\"\")", "0"),
            ("SIGN(\"a\")", "#VALUE!"),
        ]),
    function("EXP", 1, Some(1), |call| call.number(0)?.exp().map(Value::Number).ok_or(ErrorValue::Num))
        .kind(number_kind)
        .takes("exponent: number")
        .about(
            "自然対数の底 e のべき乗(28桁、小数第20位まで)。空白は0なので1。",
            "e to a power, to 28 digits and at most 20 decimals. Blank is 0 and yields 1.",
        )
        .examples(&[
            ("EXP(1)", "2.71828182845904523536"),
            ("EXP(-2)", "0.13533528323661269189"),
            ("EXP(\"\")", "1"),
            ("EXP(100)", "#NUM!"),
        ]),
    function("LN", 1, Some(1), |call| call.number(0)?.ln().map(Value::Number).ok_or(ErrorValue::Num))
        .kind(number_kind)
        .takes("number: number")
        .about(
            "自然対数(小数第20位まで)。0以下と空白は #NUM!。",
            "The natural logarithm, to 20 decimals. #NUM! for 0, below it, and blank.",
        )
        .examples(&[("LN(2)", "0.69314718055994530942"), ("LN(1)", "0"), ("LN(\"\")", "#NUM!"), ("LN(-1)", "#NUM!")]),
    function("LOG", 1, Some(2), |call| {
        let (number, base) = (call.number(0)?, if call.has(1) { call.number(1)? } else { Decimal::from(10) });
        logarithm(number, base)
    })
    .kind(number_kind)
    .takes("number: number, [base: number]")
    .about(
        "対数(底の既定は10、小数第20位まで)。0以下は #NUM!、底が1なら #DIV/0!。",
        "A logarithm (to base 10 if left out), to 20 decimals. #NUM! for 0 and below, #DIV/0! for base 1.",
    )
    .examples(&[
        ("LOG(8,2)", "3"),
        ("LOG(1000)", "3"),
        ("LOG(2)", "0.30102999566398119521"),
        ("LOG(\"\")", "#NUM!"),
        ("LOG(5,1)", "#DIV/0!"),
    ]),
    function("LOG10", 1, Some(1), |call| logarithm(call.number(0)?, Decimal::from(10)))
        .kind(number_kind)
        .takes("number: number")
        .about(
            "常用対数(小数第20位まで)。0以下と空白は #NUM!。",
            "The logarithm to base 10, to 20 decimals. #NUM! for 0, below it, and blank.",
        )
        .examples(&[("LOG10(0.001)", "-3"), ("LOG10(\"\")", "#NUM!"), ("LOG10(\"a\")", "#VALUE!")]),
    function("PI", 0, Some(0), |_| "3.14159265358979323846".parse().map(Value::Number).map_err(ErrorValue::from))
        .kind(number_kind)
        .about("円周率(小数第20位まで)。", "π, to 20 decimals.")
        .examples(&[("PI()", "3.14159265358979323846")]),
];

fn logarithm(number: Decimal, base: Decimal) -> Return {
    let no_logarithm = if number.signum() > 0 && base == Decimal::ONE { ErrorValue::Div0 } else { ErrorValue::Num };
    number.log(base).map(Value::Number).ok_or(no_logarithm)
}
