//! Texts: joining, cutting, changing, and formats of numbers and dates. Positions count characters, not bytes.

use jiff::tz::TimeZone;
use model::value::Value;

use super::super::ErrorValue;
use super::super::convert::{self, text_number};
use super::super::{calendar, era, format, serial};
use super::{Call, Function, Return, function, number_kind, text_kind};

/// Longest text that REPT makes, in characters: Excel's limit of a cell.
const LONGEST: usize = 32_767;

pub(super) static FUNCTIONS: &[Function] = &[
    function("CONCAT", 1, None, concat)
        .aliases(&["CONCATENATE"])
        .kind(text_kind)
        .takes("value: text, …")
        .about("つなげた文字列。空白は空の文字列。", "The texts joined. Blank is an empty text.")
        .examples(&[
            ("CONCAT(\"東京都\",\"\",13)", "東京都13"),
            ("CONCATENATE(\"a\",DATE(2026,1,5))", "a2026-01-05"),
            ("CONCAT(\"\",\"\")", ""),
            ("CONCAT(\"a\",1/0)", "#DIV/0!"),
        ]),
    function("TEXTJOIN", 3, None, textjoin)
        .kind(text_kind)
        .takes("separator: text, skip_blanks: truth, value: list, …")
        .about(
            "区切り文字を挟んでつなげた文字列。2番目が TRUE なら空白を飛ばします。リストとテーブルの列は要素ごとにつなげます。",
            "The texts joined with a separator. Blanks are skipped if the second argument is TRUE. Lists and columns of tables give one part per element.",
        )
        .examples(&[
            ("TEXTJOIN(\"・\",TRUE,\"春\",\"\",\"秋\")", "春・秋"),
            ("TEXTJOIN(\",\",FALSE,1,\"\",2)", "1,,2"),
            ("TEXTJOIN(\"\",TRUE,\"\")", ""),
            ("TEXTJOIN(\"/\",TRUE,LIST(1,2),3)", "1/2/3"), ("TEXTJOIN(\"/\",TRUE,1/0)", "#DIV/0!"),
        ]),
    function("LEFT", 1, Some(2), |call| {
        let (text, count) = (call.text(0)?, count(call, 1, 1)?);
        Ok(Value::text(text.chars().take(count).collect::<String>()))
    })
    .kind(text_kind)
    .takes("text: text, [count: number]")
    .about("先頭から指定した文字数(既定は1)。", "That many characters from the start (1 if left out).")
    .examples(&[("LEFT(\"東京都\",2)", "東京"), ("LEFT(\"abc\")", "a"), ("LEFT(\"abc\",9)", "abc"), ("LEFT(\"abc\",0)", ""), ("LEFT(\"abc\",-1)", "#VALUE!"), ("LEFT(\"\",2)", "")]),
    function("RIGHT", 1, Some(2), |call| {
        let (text, count) = (call.text(0)?, count(call, 1, 1)?);
        let skip = text.chars().count().saturating_sub(count);
        Ok(Value::text(text.chars().skip(skip).collect::<String>()))
    })
    .kind(text_kind)
    .takes("text: text, [count: number]")
    .about("末尾から指定した文字数(既定は1)。", "That many characters from the end (1 if left out).")
    .examples(&[("RIGHT(\"東京都\",2)", "京都"), ("RIGHT(12345,3)", "345"), ("RIGHT(\"abc\",9)", "abc"), ("RIGHT(\"\",2)", ""), ("RIGHT(\"abc\",-1)", "#VALUE!")]),
    function("MID", 3, Some(3), |call| {
        let (text, start, count) = (call.text(0)?, position(call, 1)?, count(call, 2, 0)?);
        Ok(Value::text(text.chars().skip(start).take(count).collect::<String>()))
    })
    .kind(text_kind)
    .takes("text: text, start: number, count: number")
    .about("指定した位置(1から)からの文字数分。", "That many characters from a position (the first is 1).")
    .examples(&[("MID(\"2026年度\",5,2)", "年度"), ("MID(\"abc\",9,1)", ""), ("MID(\"abc\",0,1)", "#VALUE!"), ("MID(\"\",1,2)", "")]),
    function("LEN", 1, Some(1), |call| count_value(call.text(0)?.chars().count()))
        .kind(number_kind)
        .takes("text: text")
        .about("文字数。空白は0。", "How many characters. Blank has 0.")
        .examples(&[("LEN(\"東京都\")", "3"), ("LEN(\"\")", "0"), ("LEN(12.50)", "4"), ("LEN(\"𠮷野\")", "2"), ("LEN(1/0)", "#DIV/0!")]),
    function("TRIM", 1, Some(1), |call| Ok(Value::text(trim(&call.text(0)?))))
        .kind(text_kind)
        .takes("text: text")
        .about(
            "前後の空白を除き、途中の連続した空白を一つにします。全角空白も対象です。",
            "Without spaces around, and single spaces inside. Full-width spaces count as spaces.",
        )
        .examples(&[("TRIM(\"  a   b \")", "a b"), ("TRIM(\"　山田　　太郎　\")", "山田　太郎"), ("TRIM(\"  \")", ""), ("TRIM(\"\")", ""), ("TRIM(1/0)", "#DIV/0!")]),
    function("UPPER", 1, Some(1), |call| Ok(Value::text(call.text(0)?.to_uppercase())))
        .kind(text_kind)
        .takes("text: text")
        .about("大文字にします。", "In capitals.")
        .examples(&[("UPPER(\"abcａ\")", "ABCＡ"), ("UPPER(\"\")", ""), ("UPPER(1/0)", "#DIV/0!")]),
    function("LOWER", 1, Some(1), |call| Ok(Value::text(call.text(0)?.to_lowercase())))
        .kind(text_kind)
        .takes("text: text")
        .about("小文字にします。", "In small letters.")
        .examples(&[("LOWER(\"ABC\")", "abc"), ("LOWER(\"\")", ""), ("LOWER(1/0)", "#DIV/0!")]),
    function("REPT", 2, Some(2), rept)
        .kind(text_kind)
        .takes("text: text, times: number")
        .about("文字列を指定した回数くり返します。32,767文字まで。", "The text, repeated. At most 32,767 characters.")
        .examples(&[("REPT(\"＊\",3)", "＊＊＊"), ("REPT(\"a\",0)", ""), ("REPT(\"ab\",20000)", "#VALUE!"), ("REPT(\"a\",-1)", "#VALUE!"), ("REPT(\"\",3)", "")]),
    function("TEXT", 2, Some(2), |call| {
        let (value, pattern) = (call.value(0)?, call.text(1)?);
        format::format(&value, &pattern, call.zone()).map(Value::text)
    })
    .kind(text_kind)
    .takes("value: any, format: text")
    .about(
        "数値や日付を表示形式に従って文字列にします。数値形式では空白は0、日付形式では空白。",
        "A number or date as text in a format. Blank is 0 in a number format and stays blank in a date format.",
    )
    .examples(&[
        ("TEXT(1234.5,\"#,##0\")", "1,235"),
        ("TEXT(1234.5,\"0.00\")", "1234.50"),
        ("TEXT(5,\"000\")", "005"),
        ("TEXT(0.256,\"0.0%\")", "25.6%"),
        ("TEXT(-1234,\"#,##0円;▲#,##0円\")", "▲1,234円"),
        ("TEXT(DATE(2026,1,5),\"yyyy/mm/dd\")", "2026/01/05"),
        ("TEXT(DATE(2026,1,5),\"yyyy-mm\")", "2026-01"),
        ("TEXT(DATE(2026,1,5),\"m月d日(aaa)\")", "1月5日(月)"),
        ("TEXT(DATE(2026,1,5),\"ggge年m月d日\")", "令和8年1月5日"),
        ("TEXT(NOW(),\"hh:mm\")", "15:04"),
        ("TEXT(\"\",\"yyyy/mm/dd\")", ""),
        ("TEXT(\"\",\"0\")", "0"),
        ("TEXT(1,\"0.00E+00\")", "#VALUE!"),
        ("TEXT(1.5,\"# ?/?\")", "#VALUE!"),
        ("TEXT(1.5,\"0/8\")", "#VALUE!"),
    ]),
    function("VALUE", 1, Some(1), |call| value(&*call.value(0)?, call.zone()))
        .kind(number_kind)
        .takes("value: any")
        .about(
            "文字列を数値にします。全角数字、桁区切り、¥、%、(123)（-123 のこと）も読みます。Excel が今年の日付と読む 1/2 は読みません。日付や時刻は、文字列でも、Excel の番号になります。空白は0。",
            "Text to a number. Reads full-width digits, thousands separators, ¥, % and (123) for -123, but not 1/2, which Excel reads as a day of the current year. Dates and times, as texts too, become Excel's number of them. Blank is 0.",
        )
        .examples(&[
            ("VALUE(\"1,234\")", "1234"),
            ("VALUE(\"￥１，２３４\")", "1234"),
            ("VALUE(\"50%\")", "0.5"),
            ("VALUE(\"2026/1/31\")", "46053"),
            ("VALUE(TODAY())", "46053"),
            ("VALUE(\"18:00\")", "0.75"),
            ("VALUE(\"(1,234)\")", "-1234"),
            ("VALUE(\"1/2\")", "#VALUE!"),
            ("VALUE(\"\")", "0"),
            ("VALUE(\"一\")", "#VALUE!"),
        ]),
];

fn value(value: &Value, zone: &TimeZone) -> Return {
    if let Some(serial) = serial::of(value, zone)? {
        return Ok(Value::Number(serial));
    }
    let Value::Text(text) = value else { return convert::number(value).map(Value::Number) };
    if let Some(number) = text_number(text) {
        return Ok(Value::Number(number));
    }
    let moment = calendar::parse_time(text)
        .map(Value::Time)
        .or_else(|| calendar::parse_date(text).or_else(|| era::parse(text)).map(Value::Date))
        .or_else(|| calendar::parse_instant(text, zone).map(Value::Datetime));
    let serial = serial::of(&moment.ok_or(ErrorValue::Value)?, zone)?;
    serial.map(Value::Number).ok_or(ErrorValue::Value)
}

/// An argument as a count of characters.
pub(super) fn count(call: &Call<'_>, at: usize, default: i64) -> Result<usize, ErrorValue> {
    usize::try_from(call.whole_or(at, default)?).map_err(|_| ErrorValue::Value)
}

/// An argument as a position, from 1 for the first character; as a count of characters before it.
pub(super) fn position(call: &Call<'_>, at: usize) -> Result<usize, ErrorValue> {
    let before = call.whole_or(at, 1)?.checked_sub(1).ok_or(ErrorValue::Value)?;
    usize::try_from(before).map_err(|_| ErrorValue::Value)
}

/// A count as a number.
pub(super) fn count_value(count: usize) -> Return {
    i64::try_from(count).map(|n| Value::Number(n.into())).map_err(|_| ErrorValue::Num)
}

fn concat(call: &Call<'_>) -> Return {
    let mut out = String::new();
    for at in 0..call.len() {
        out.push_str(&convert::text(&*call.value(at)?, call.zone())?);
    }
    Ok(Value::text(out))
}

fn textjoin(call: &Call<'_>) -> Return {
    let (separator, skip) = (call.text(0)?, call.truth(1)?);
    let mut out = String::new();
    let mut first = true;
    let mut add = |part: &str| {
        if part.is_empty() && skip {
            return;
        }
        if !std::mem::replace(&mut first, false) {
            out.push_str(&separator);
        }
        out.push_str(part);
    };
    for at in 2..call.len() {
        call.each(at, &mut |value| {
            add(&convert::text(value, call.zone())?);
            Ok(())
        })?;
    }
    Ok(Value::text(out))
}

/// Runs of spaces become their first one.
fn trim(text: &str) -> String {
    let is_space = |c: char| c == ' ' || c == '\u{3000}';
    let mut out = String::with_capacity(text.len());
    let mut gap = None;
    for c in text.trim_matches(is_space).chars() {
        if is_space(c) {
            gap = gap.or(Some(c));
        } else {
            out.extend(gap.take());
            out.push(c);
        }
    }
    out
}

fn rept(call: &Call<'_>) -> Return {
    let (text, times) = (call.text(0)?, count(call, 1, 0)?);
    let length = text.chars().count().checked_mul(times).ok_or(ErrorValue::Value)?;
    if length > LONGEST { Err(ErrorValue::Value) } else { Ok(Value::text(text.repeat(times))) }
}
