//! Half and full width, kana, and lengths in bytes as Japanese systems count them.

use model::value::Value;
use unicode_normalization::UnicodeNormalization;

use super::super::ErrorValue;
use super::super::width::{is_half, to_full, to_half, to_hiragana, to_katakana};
use super::text::{count, count_value, position};
use super::{Call, Function, Return, function, number_kind, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("ASC", 1, Some(1), |call| Ok(Value::text(to_half(&call.text(0)?))))
        .kind(text_kind)
        .takes("text: text")
        .about(
            "全角の英数字、記号、カタカナを半角にします。濁点は2文字になります。ひらがなと漢字はそのまま。",
            "Full-width letters, digits, signs and katakana in half width; ガ becomes two characters. Hiragana and kanji stay.",
        )
        .examples(&[("ASC(\"ＡＢＣ－１２３\")", "ABC-123"), ("ASC(\"ガイド　ブック\")", "ｶﾞｲﾄﾞ ﾌﾞｯｸ"), ("ASC(\"\")", ""), ("ASC(1/0)", "#DIV/0!")]),
    function("JIS", 1, Some(1), |call| Ok(Value::text(to_full(&call.text(0)?))))
        .aliases(&["DBCS"])
        .kind(text_kind)
        .takes("text: text")
        .about(
            "半角の英数字、記号、カタカナを全角にします。濁点は前の文字と一つになります。",
            "Half-width letters, digits, signs and katakana in full width; marks of voice join their kana.",
        )
        .examples(&[("JIS(\"ABC-123\")", "ＡＢＣ－１２３"), ("DBCS(\"ｶﾞｲﾄﾞ\")", "ガイド"), ("JIS(\"\")", ""), ("JIS(1/0)", "#DIV/0!")]),
    function("HIRAGANA", 1, Some(1), |call| Ok(Value::text(to_hiragana(&call.text(0)?))))
        .kind(text_kind)
        .takes("text: text")
        .about("カタカナ(半角も)をひらがなにします。", "Katakana of either width as hiragana.")
        .examples(&[("HIRAGANA(\"スイロ\")", "すいろ"), ("HIRAGANA(\"ｶﾞｯｺｳ\")", "がっこう"), ("HIRAGANA(\"\")", ""), ("HIRAGANA(1/0)", "#DIV/0!")]),
    function("KATAKANA", 1, Some(1), |call| Ok(Value::text(to_katakana(&call.text(0)?))))
        .kind(text_kind)
        .takes("text: text")
        .about("ひらがなと半角カタカナを全角カタカナにします。", "Hiragana and half-width katakana as full-width katakana.")
        .examples(&[("KATAKANA(\"すいろ\")", "スイロ"), ("KATAKANA(\"ﾊﾟﾝ\")", "パン"), ("KATAKANA(\"\")", ""), ("KATAKANA(1/0)", "#DIV/0!")]),
    function("NORMALIZE", 1, Some(1), |call| Ok(Value::text(call.text(0)?.nfkc().collect::<String>())))
        .kind(text_kind)
        .takes("text: text")
        .about(
            "表記のゆれをそろえます(Unicode NFKC): 英数字は半角、カタカナは全角、①は1、㈱は(株)。照合のキーに向きます。",
            "One form for what looks alike (Unicode NFKC): letters and digits in half width, katakana in full width, ① as 1, ㈱ as (株). Good for keys.",
        )
        .examples(&[("NORMALIZE(\"ＡＢＣ㈱ｽｲﾛ①\")", "ABC(株)スイロ1"), ("NORMALIZE(\"か\u{3099}\")", "が"), ("NORMALIZE(\"\")", ""), ("NORMALIZE(1/0)", "#DIV/0!")]),
    function("LENB", 1, Some(1), |call| count_value(bytes(&call.text(0)?)))
        .kind(number_kind)
        .takes("text: text")
        .about(
            "バイト数。半角(英数字、半角カタカナ)は1、ほかは2。空白は0。",
            "The length in bytes: 1 for half width (ASCII, half-width katakana), 2 for all else. Blank has 0.",
        )
        .examples(&[("LENB(\"東京AB\")", "6"), ("LENB(\"ｶﾞ\")", "2"), ("LENB(\"\")", "0"), ("LENB(1/0)", "#DIV/0!")]),
    function("LEFTB", 1, Some(2), |call| {
        let (text, count) = (call.text(0)?, count(call, 1, 1)?);
        Ok(Value::text(cut(&text, 0, count)))
    })
    .kind(text_kind)
    .takes("text: text, [bytes: number]")
    .about(
        "先頭から指定したバイト数(既定は1)。半分になる全角文字は半角の空白になります。",
        "That many bytes from the start (1 if left out). A full-width character that is cut in two becomes a space.",
    )
    .examples(&[("LEFTB(\"東京都\",4)", "東京"), ("LEFTB(\"東京都\",3)", "東 "), ("LEFTB(\"\",2)", ""), ("LEFTB(\"a\",-1)", "#VALUE!")]),
    function("RIGHTB", 1, Some(2), |call| {
        let (text, count) = (call.text(0)?, count(call, 1, 1)?);
        Ok(Value::text(cut(&text, bytes(&text).saturating_sub(count), count)))
    })
    .kind(text_kind)
    .takes("text: text, [bytes: number]")
    .about(
        "末尾から指定したバイト数(既定は1)。半分になる全角文字は半角の空白になります。",
        "That many bytes from the end (1 if left out). A full-width character that is cut in two becomes a space.",
    )
    .examples(&[("RIGHTB(\"東京都\",4)", "京都"), ("RIGHTB(\"東京都\",3)", " 都"), ("RIGHTB(\"\",2)", ""), ("RIGHTB(\"a\",-1)", "#VALUE!")]),
    function("MIDB", 3, Some(3), |call| {
        let (text, start, count) = (call.text(0)?, position(call, 1)?, count(call, 2, 0)?);
        Ok(Value::text(cut(&text, start, count)))
    })
    .kind(text_kind)
    .takes("text: text, start: number, bytes: number")
    .about(
        "指定したバイト位置(1から)からのバイト数分。半分になる全角文字は半角の空白になります。",
        "That many bytes from a byte position (the first is 1). A full-width character that is cut in two becomes a space.",
    )
    .examples(&[("MIDB(\"東京都\",3,2)", "京"), ("MIDB(\"東京都\",2,3)", " 京"), ("MIDB(\"東京都\",2,0)", ""), ("MIDB(\"\",1,2)", ""), ("MIDB(\"a\",0,1)", "#VALUE!")]),
    function("FINDB", 2, Some(3), find_bytes)
        .kind(number_kind)
        .takes("wanted: text, text: text, [start: number]")
        .about(
            "文字列の位置をバイト数で。大文字と小文字を区別します。なければ #VALUE!。",
            "The position of a text in another, in bytes. Case counts. #VALUE! if it is not there.",
        )
        .examples(&[("FINDB(\"都\",\"東京都\")", "5"), ("FINDB(\"\",\"\")", "1"), ("FINDB(\"x\",\"東京都\")", "#VALUE!")]),
];

fn width(c: char) -> usize {
    if is_half(c) { 1 } else { 2 }
}

fn bytes(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// The bytes from `start` on, `count` of them; half characters are spaces.
fn cut(text: &str, start: usize, count: usize) -> String {
    let end = start.saturating_add(count);
    let mut out = String::new();
    let mut at = 0;
    for c in text.chars() {
        let (first, behind) = (at, at + width(c));
        at = behind;
        if first >= start && behind <= end {
            out.push(c);
        } else if count > 0 && first < end && behind > start {
            out.push(' ');
        }
    }
    out
}

fn find_bytes(call: &Call<'_>) -> Return {
    let (needle, text, skip) = (call.text(0)?, call.text(1)?, position(call, 2)?);
    let mut at = 0;
    let mut rest = text.as_str();
    loop {
        if at >= skip && rest.starts_with(&needle) {
            return count_value(at + 1);
        }
        let c = rest.chars().next().ok_or(ErrorValue::Value)?;
        at += width(c);
        rest = &rest[c.len_utf8()..];
    }
}
