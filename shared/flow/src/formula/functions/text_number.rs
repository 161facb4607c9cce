//! Numbers as texts and back: fixed decimals, yen, other notations, kanji.

use model::decimal::Decimal;
use model::decimal::arith::Rounding;
use model::value::Value;

use super::super::ErrorValue;
use super::{Call, Function, Return, function, number_kind, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("FIXED", 1, Some(3), |call| {
        let plain = call.truth(2)?;
        Ok(Value::text(fixed(call.number(0)?, call.whole_or(1, 2)?, !plain, "")?))
    })
    .kind(text_kind)
    .takes("number: number, [decimals: number], [plain: truth]")
    .about(
        "四捨五入して桁区切りのある文字列にします。2番目は小数の桁数(既定は2)、3番目が TRUE なら桁区切りなし。空白は0。",
        "A number as text, rounded, with thousands separators. Decimals second (2 if left out); without separators if the third argument is TRUE. Blank is 0.",
    )
    .examples(&[("FIXED(1234.567,1)", "1,234.6"), ("FIXED(1234.5,0,TRUE)", "1235"), ("FIXED(-1234.5,-2)", "-1,200"), ("FIXED(\"\")", "0.00"), ("FIXED(\"a\")", "#VALUE!")]),
    function("YEN", 1, Some(2), |call| Ok(Value::text(fixed(call.number(0)?, call.whole_or(1, 0)?, true, "¥")?)))
        .kind(text_kind)
        .takes("number: number, [decimals: number]")
        .about(
            "四捨五入して ¥ と桁区切りのある文字列にします。2番目は小数の桁数(既定は0)。空白は0。",
            "A number as text with ¥ and thousands separators, rounded. Decimals second (0 if left out). Blank is 0.",
        )
        .examples(&[("YEN(1234.5)", "¥1,235"), ("YEN(-1234.567,2)", "-¥1,234.57"), ("YEN(\"\")", "¥0"), ("YEN(\"a\")", "#VALUE!")]),
    function("NUMBERVALUE", 1, Some(3), number_value)
        .kind(number_kind)
        .takes("text: text, [point: text], [group: text]")
        .about(
            "小数点と桁区切りの文字を指定して、文字列を数値にします(既定は . と ,)。空白は0。",
            "Text to a number, with the signs for the decimal point and for thousands (. and , if left out). Blank is 0.",
        )
        .examples(&[
            ("NUMBERVALUE(\"1.234,5\",\",\",\".\")", "1234.5"),
            ("NUMBERVALUE(\" 1 000 \")", "1000"),
            ("NUMBERVALUE(\"3.5%%\")", "0.00035"),
            ("NUMBERVALUE(\"\")", "0"),
            ("NUMBERVALUE(\"1.2.3\")", "#VALUE!"),
        ]),
    function("NUMBERSTRING", 2, Some(2), number_string)
        .kind(text_kind)
        .takes("number: number, form: number")
        .about(
            "整数を漢数字にします。形式 1: 千二百三十四、2: 壱阡弐百参拾四、3: 一二三四。小数は切り捨て、負の数は #NUM!。空白は0。",
            "A whole number in kanji. Form 1: 千二百三十四, 2: 壱阡弐百参拾四, 3: 一二三四. Fractions are cut off, #NUM! below zero. Blank is 0.",
        )
        .examples(&[
            ("NUMBERSTRING(1234567890,1)", "十二億三千四百五十六万七千八百九十"),
            ("NUMBERSTRING(1234,2)", "壱阡弐百参拾四"),
            ("NUMBERSTRING(2026,3)", "二〇二六"),
            ("NUMBERSTRING(\"\",1)", "〇"),
            ("NUMBERSTRING(1,4)", "#NUM!"),
        ]),
];

/// Most decimals that Excel allows in a text.
const MOST_DECIMALS: i64 = 127;

/// A number rounded half up, with all its decimals; `sign` stands behind the minus.
fn fixed(number: Decimal, decimals: i64, grouped: bool, sign: &str) -> Result<String, ErrorValue> {
    if decimals > MOST_DECIMALS {
        return Err(ErrorValue::Value);
    }
    let rounded = number.round(i32::try_from(decimals.max(-100)).map_err(|_| ErrorValue::Value)?, Rounding::HalfUp)?;
    let shown = rounded.abs().to_string();
    let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
    let mut out = String::from(if rounded.is_negative() { "-" } else { "" });
    out.push_str(sign);
    for (at, digit) in whole.chars().enumerate() {
        if grouped && at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Ok(decimals @ 1..) = usize::try_from(decimals) {
        out.push_str(&format!(".{fraction:0<decimals$}"));
    }
    Ok(out)
}

fn number_value(call: &Call<'_>) -> Return {
    let sign = |at: usize, default: char| -> Result<char, ErrorValue> {
        if call.has(at) { call.text(at)?.chars().next().ok_or(ErrorValue::Value) } else { Ok(default) }
    };
    let (text, point, group) = (call.text(0)?, sign(1, '.')?, sign(2, ',')?);
    if point == group {
        return Err(ErrorValue::Value);
    }
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = text.trim_end_matches('%');
    let percents = i64::try_from(text.len() - digits.len()).map_err(|_| ErrorValue::Value)?;
    if digits.is_empty() {
        return if percents == 0 { Ok(Value::Number(Decimal::ZERO)) } else { Err(ErrorValue::Value) };
    }
    let (whole, fraction) = match digits.split_once(point) {
        Some((whole, fraction)) => (whole.replace(group, ""), format!(".{fraction}")),
        None => (digits.replace(group, ""), String::new()),
    };
    let number: Decimal = format!("{whole}{fraction}").parse()?;
    Ok(Value::Number(number.checked_mul(Decimal::from(100).pow(-percents)?)?))
}

/// Signs of a way to write numbers in kanji.
struct Kanji {
    digits: [char; 10],
    /// Ten, hundred, thousand.
    tens: [char; 3],
    /// Ten thousand and its powers; 38 digits reach the ninth.
    powers: [&'static str; 10],
    /// A one in front of ten, hundred and thousand is written.
    ones: bool,
}

const POWERS: [&str; 10] = ["", "万", "億", "兆", "京", "垓", "𥝱", "穣", "溝", "澗"];

const PLAIN: Kanji = Kanji {
    digits: ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'],
    tens: ['十', '百', '千'],
    powers: POWERS,
    ones: false,
};

/// As in contracts, where a stroke must not change a number.
const FORMAL: Kanji = Kanji {
    digits: ['〇', '壱', '弐', '参', '四', '伍', '六', '七', '八', '九'],
    tens: ['拾', '百', '阡'],
    powers: ["", "萬", "億", "兆", "京", "垓", "𥝱", "穣", "溝", "澗"],
    ones: true,
};

fn number_string(call: &Call<'_>) -> Return {
    let (number, form) = (call.number(0)?.trunc(), call.whole(1)?);
    if number.is_negative() {
        return Err(ErrorValue::Num);
    }
    let digits: Vec<usize> = number.to_string().chars().filter_map(|c| usize::try_from(c.to_digit(10)?).ok()).collect();
    Ok(Value::text(match form {
        1 => spelled(&digits, &PLAIN),
        2 => spelled(&digits, &FORMAL),
        3 => digits.iter().map(|digit| PLAIN.digits[*digit]).collect(),
        _ => return Err(ErrorValue::Num),
    }))
}

fn spelled(digits: &[usize], kanji: &Kanji) -> String {
    if digits == [0] {
        return kanji.digits[0].to_string();
    }
    let mut out = String::new();
    let mut group_has_digits = false;
    for (at, &digit) in digits.iter().enumerate() {
        let place = digits.len() - 1 - at;
        let in_group = place % 4;
        if digit > 0 {
            group_has_digits = true;
            if digit > 1 || in_group == 0 || kanji.ones {
                out.push(kanji.digits[digit]);
            }
            if in_group > 0 {
                out.push(kanji.tens[in_group - 1]);
            }
        }
        if in_group == 0 {
            if group_has_digits {
                out.push_str(kanji.powers.get(place / 4).copied().unwrap_or_default());
            }
            group_has_digits = false;
        }
    }
    out
}
