//! Whole numbers in other bases than ten.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::{Call, Function, Return, function, number_kind, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("BASE", 2, Some(3), |call| {
        let (number, radix, length) = (whole(call)?, radix(call)?, call.whole_or(2, 0)?);
        if number < 0 || !(0..=255).contains(&length) {
            return Err(ErrorValue::Num);
        }
        Ok(Value::text(digits(number.unsigned_abs(), radix, usize::try_from(length).map_err(|_| ErrorValue::Num)?)))
    })
    .kind(text_kind)
    .takes("number: number, radix: number, [digits: number]")
    .about(
        "0以上の整数を2〜36進数の文字列にします。3番目は最小の桁数。空白は0。",
        "A whole number from 0 as text in base 2 to 36, with at least so many digits. Blank is 0.",
    )
    .examples(&[("BASE(255,16)", "FF"), ("BASE(5,2,8)", "00000101"), ("BASE(\"\",2)", "0"), ("BASE(-1,2)", "#NUM!"), ("BASE(1,37)", "#NUM!")]),
    function("DECIMAL", 2, Some(2), |call| read(&call.text(0)?, radix(call)?))
        .kind(number_kind)
        .takes("text: text, radix: number")
        .about("2〜36進数の文字列を数値にします。空白は0。", "Text in base 2 to 36 to a number. Blank is 0.")
        .examples(&[("DECIMAL(\"FF\",16)", "255"), ("DECIMAL(\"zz\",36)", "1295"), ("DECIMAL(\"\",2)", "0"), ("DECIMAL(\"2\",2)", "#NUM!")]),
    function("DEC2BIN", 1, Some(2), |call| write_signed(call, 2))
        .kind(text_kind)
        .takes("number: number, [digits: number]")
        .about(
            "-512〜511 の整数を2進数にします。負の数は10桁の2の補数。2番目は桁数。空白は0。",
            "A whole number from -512 to 511 in base 2; a negative one as ten digits of two's complement. Digits second. Blank is 0.",
        )
        .examples(&[("DEC2BIN(9,4)", "1001"), ("DEC2BIN(-100)", "1110011100"), ("DEC2BIN(\"\")", "0"), ("DEC2BIN(512)", "#NUM!")]),
    function("DEC2OCT", 1, Some(2), |call| write_signed(call, 8))
        .kind(text_kind)
        .takes("number: number, [digits: number]")
        .about("整数(10桁まで)を8進数にします。負の数は10桁の8の補数。空白は0。", "A whole number in base 8; a negative one as ten digits of complement. Digits second. Blank is 0.")
        .examples(&[("DEC2OCT(58,3)", "072"), ("DEC2OCT(-100)", "7777777634"), ("DEC2OCT(\"\")", "0"), ("DEC2OCT(1E9)", "#NUM!")]),
    function("DEC2HEX", 1, Some(2), |call| write_signed(call, 16))
        .kind(text_kind)
        .takes("number: number, [digits: number]")
        .about("整数(10桁まで)を16進数にします。負の数は10桁の16の補数。空白は0。", "A whole number in base 16; a negative one as ten digits of complement. Digits second. Blank is 0.")
        .examples(&[("DEC2HEX(100,4)", "0064"), ("DEC2HEX(-54)", "FFFFFFFFCA"), ("DEC2HEX(\"\")", "0"), ("DEC2HEX(64,1)", "#NUM!")]),
    function("BIN2DEC", 1, Some(1), |call| read_signed(call, 2))
        .kind(number_kind)
        .takes("digits: text")
        .about("10桁までの2進数を数値にします。10桁で先頭が1なら負の数。空白は0。", "Up to ten digits of base 2 to a number; ten digits that begin with 1 are negative. Blank is 0.")
        .examples(&[("BIN2DEC(1100100)", "100"), ("BIN2DEC(\"1111111111\")", "-1"), ("BIN2DEC(\"\")", "0"), ("BIN2DEC(\"12\")", "#NUM!")]),
    function("OCT2DEC", 1, Some(1), |call| read_signed(call, 8))
        .kind(number_kind)
        .takes("digits: text")
        .about("10桁までの8進数を数値にします。10桁で先頭が4以上なら負の数。空白は0。", "Up to ten digits of base 8 to a number; ten digits that begin with 4 or more are negative. Blank is 0.")
        .examples(&[("OCT2DEC(54)", "44"), ("OCT2DEC(\"7777777533\")", "-165"), ("OCT2DEC(\"\")", "0"), ("OCT2DEC(\"8\")", "#NUM!")]),
    function("HEX2DEC", 1, Some(1), |call| read_signed(call, 16))
        .kind(number_kind)
        .takes("digits: text")
        .about("10桁までの16進数を数値にします。10桁で先頭が8以上なら負の数。空白は0。", "Up to ten digits of base 16 to a number; ten digits that begin with 8 or more are negative. Blank is 0.")
        .examples(&[("HEX2DEC(\"A5\")", "165"), ("HEX2DEC(\"FFFFFFFF5B\")", "-165"), ("HEX2DEC(\"\")", "0"), ("HEX2DEC(\"G\")", "#NUM!")]),
];

/// Digits of the two-way functions: Excel's limit.
const SIGNED_DIGITS: u32 = 10;

/// The first argument without its fraction.
fn whole(call: &Call<'_>) -> Result<i128, ErrorValue> {
    Ok(call.number(0)?.trunc().mantissa())
}

fn radix(call: &Call<'_>) -> Result<u32, ErrorValue> {
    u32::try_from(call.whole(1)?).ok().filter(|radix| (2..=36).contains(radix)).ok_or(ErrorValue::Num)
}

fn digits(mut number: u128, radix: u32, length: usize) -> String {
    let base = u128::from(radix);
    let mut reversed = Vec::new();
    while number > 0 || reversed.len() < length.max(1) {
        let digit = u32::try_from(number % base).ok().and_then(|digit| char::from_digit(digit, radix));
        reversed.extend(digit.map(|digit| digit.to_ascii_uppercase()));
        number /= base;
    }
    reversed.into_iter().rev().collect()
}

fn read(text: &str, radix: u32) -> Return {
    let mut number = 0i128;
    for c in text.trim().chars() {
        let digit = c.to_digit(radix).ok_or(ErrorValue::Num)?;
        number = number.checked_mul(i128::from(radix)).ok_or(ErrorValue::Num)?;
        number = number.checked_add(i128::from(digit)).ok_or(ErrorValue::Num)?;
    }
    Ok(Value::Number(Decimal::from_parts(number, 0)?))
}

/// How many numbers ten digits hold, the negative ones too.
fn span(radix: u32) -> i128 {
    i128::from(radix).pow(SIGNED_DIGITS)
}

fn write_signed(call: &Call<'_>, radix: u32) -> Return {
    let (number, length) = (whole(call)?, call.whole_or(1, 0)?);
    let half = span(radix) / 2;
    if !(-half..half).contains(&number) || !(0..=i64::from(SIGNED_DIGITS)).contains(&length) {
        return Err(ErrorValue::Num);
    }
    let shown = if number < 0 { number + span(radix) } else { number };
    let length = usize::try_from(length).map_err(|_| ErrorValue::Num)?;
    let text = digits(shown.unsigned_abs(), radix, length);
    if number >= 0 && length > 0 && text.len() > length { Err(ErrorValue::Num) } else { Ok(Value::text(text)) }
}

fn read_signed(call: &Call<'_>, radix: u32) -> Return {
    let text = call.text(0)?;
    if text.trim().chars().count() > 10 {
        return Err(ErrorValue::Num);
    }
    let Value::Number(number) = read(&text, radix)? else { return Err(ErrorValue::Value) };
    let span = Decimal::from_parts(span(radix), 0)?;
    let negative = number.checked_mul(Decimal::from(2))? >= span;
    Ok(Value::Number(if negative { number.checked_sub(span)? } else { number }))
}
