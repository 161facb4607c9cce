//! Characters and their numbers, characters that are not seen, capitals of words.

use model::decimal::Decimal;
use model::value::Value;

use super::super::ErrorValue;
use super::super::width::is_half;
use super::{Call, Function, Return, function, number_kind, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("CHAR", 1, Some(1), |call| {
        let code = u32::try_from(call.whole(0)?).map_err(|_| ErrorValue::Value)?;
        let c = match code {
            1..=127 => char::from_u32(code),
            HALF_KANA_FIRST..=HALF_KANA_LAST => char::from_u32(code + HALF_KANA_DISTANCE),
            _ => None,
        };
        c.map(Value::text).ok_or(ErrorValue::Value)
    })
    .kind(text_kind)
    .takes("code: number")
    .about(
        "文字コードの文字。1〜127 は ASCII、161〜223 は半角カタカナ。ほかは #VALUE!(UNICHAR を使います)。改行は CHAR(10)。",
        "The character of a code: 1 to 127 ASCII, 161 to 223 half-width katakana. #VALUE! for others (use UNICHAR). A line end is CHAR(10).",
    )
    .examples(&[("CHAR(65)", "A"), ("CHAR(177)", "ｱ"), ("CHAR(\"\")", "#VALUE!"), ("CHAR(128)", "#VALUE!")]),
    function("CODE", 1, Some(1), |call| {
        let c = call.text(0)?.chars().next().filter(|c| is_half(*c)).ok_or(ErrorValue::Value)?;
        let code = u32::from(c);
        number(if c.is_ascii() { code } else { code - HALF_KANA_DISTANCE })
    })
    .kind(number_kind)
    .takes("text: text")
    .about(
        "先頭の文字の文字コード(ASCII と半角カタカナ)。ほかの文字と空白は #VALUE!(UNICODE を使います)。",
        "The code of the first character (ASCII and half-width katakana). #VALUE! for others (use UNICODE) and for blank.",
    )
    .examples(&[("CODE(\"A\")", "65"), ("CODE(\"ｱ\")", "177"), ("CODE(\"\")", "#VALUE!"), ("CODE(\"あ\")", "#VALUE!")]),
    function("UNICHAR", 1, Some(1), |call| {
        let code = u32::try_from(call.whole(0)?).ok().filter(|code| *code > 0).ok_or(ErrorValue::Value)?;
        char::from_u32(code).map(Value::text).ok_or(ErrorValue::Value)
    })
    .kind(text_kind)
    .takes("code: number")
    .about("Unicode の番号の文字。", "The character of a number of Unicode.")
    .examples(&[("UNICHAR(12354)", "あ"), ("UNICHAR(\"\")", "#VALUE!"), ("UNICHAR(55296)", "#VALUE!")]),
    function("UNICODE", 1, Some(1), |call| number(u32::from(call.text(0)?.chars().next().ok_or(ErrorValue::Value)?)))
        .kind(number_kind)
        .takes("text: text")
        .about("先頭の文字の Unicode の番号。空白は #VALUE!。", "Unicode's number of the first character. #VALUE! for blank.")
        .examples(&[("UNICODE(\"あ\")", "12354"), ("UNICODE(\"𠮷\")", "134071"), ("UNICODE(\"\")", "#VALUE!")]),
    function("CLEAN", 1, Some(1), |call| Ok(Value::text(call.text(0)?.replace(|c| c < ' ', ""))))
        .kind(text_kind)
        .takes("text: text")
        .about("改行やタブなどの制御文字(コード0〜31)を除きます。", "Without control characters (codes 0 to 31): line ends, tabs and the like.")
        .examples(&[("CLEAN(\"a\"&CHAR(10)&\"b\"&CHAR(9))", "ab"), ("CLEAN(\"\")", ""), ("CLEAN(1/0)", "#DIV/0!")]),
    function("PROPER", 1, Some(1), |call| Ok(Value::text(proper(&call.text(0)?))))
        .kind(text_kind)
        .takes("text: text")
        .about("英単語の先頭を大文字、ほかを小文字にします。", "Words with a capital first letter and small letters behind it.")
        .examples(&[("PROPER(\"tokyo STATION\")", "Tokyo Station"), ("PROPER(\"2-way street\")", "2-Way Street"), ("PROPER(\"\")", ""), ("PROPER(1/0)", "#DIV/0!")]),
    function("ENCODEURL", 1, Some(1), encode_url)
        .kind(text_kind)
        .takes("text: text")
        .about("URL に書ける形(UTF-8 のパーセント符号化)にします。", "The text as it can stand in a URL (UTF-8, percent-encoded).")
        .examples(&[("ENCODEURL(\"a b/東\")", "a%20b%2F%E6%9D%B1"), ("ENCODEURL(\"\")", ""), ("ENCODEURL(1/0)", "#DIV/0!")]),
];

/// Codes of half-width katakana in Shift_JIS, and the distance to Unicode's.
const HALF_KANA_FIRST: u32 = 161;
const HALF_KANA_LAST: u32 = 223;
const HALF_KANA_DISTANCE: u32 = 0xFF61 - HALF_KANA_FIRST;

fn number(code: u32) -> Return {
    Ok(Value::Number(Decimal::from(i64::from(code))))
}

fn proper(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    out
}

fn encode_url(call: &Call<'_>) -> Return {
    let mut out = String::new();
    for byte in call.text(0)?.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(Value::text(out))
}
