//! Regular expressions, as Excel's functions of them. Matching takes time in proportion to the text, whatever the pattern; in
//! return there are no look-around and no back references in patterns. `\d` and `\w` know all scripts (`\d` fits `５`).

use model::field::Kind;
use model::value::Value;
use regex::{Captures, Regex};

use super::super::ErrorValue;
use super::super::eval::LONGEST_TEXT;
use super::super::patterns::{Broken, compiled};
use super::call::list;
use super::{Call, Flaw, Function, Known, Return, Static, bool_kind, function, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("REGEXTEST", 2, Some(3), |call| {
        let pattern = pattern(call, 1, 2)?;
        Ok(Value::Bool(pattern.is_match(&call.text(0)?)))
    })
    .aliases(&["REGEXMATCH"])
    .kind(bool_kind)
    .verify(verify)
    .takes("text: text, pattern: text, [any_case: truth]")
    .about(
        "正規表現に合う部分があれば TRUE。全体を調べるには ^ と $ を使います。3番目が 1 なら大文字と小文字を区別しません。空白は空の文字列。",
        "TRUE if a part of the text fits the regular expression; write ^ and $ for the whole. Case is disregarded if the third argument is 1. Blank is an empty text.",
    )
    .examples(&[
        ("REGEXMATCH(\"123-4567\",\"^\\d{3}-\\d{4}$\")", "TRUE"),
        ("REGEXTEST(\"Abc\",\"^a\")", "FALSE"),
        ("REGEXTEST(\"Abc\",\"^a\",1)", "TRUE"),
        ("REGEXTEST(\"漢字かな\",\"^\\p{Han}+\\p{Hiragana}+$\")", "TRUE"),
        ("REGEXTEST(\"\",\"^$\")", "TRUE"),
        ("REGEXTEST(\"a\",\"(\"&\"\")", "#VALUE!"),
    ]),
    function("REGEXEXTRACT", 2, Some(4), extract)
        .kind(|args| match mode(args) {
            Some(0) => Static::Is(Kind::Text),
            Some(1 | 2) => Static::Is(Kind::Texts),
            _ => Static::Unknown,
        })
        .verify(verify)
        .takes("text: text, pattern: text, [mode: number], [any_case: truth]")
        .about(
            "正規表現に合う最初の部分。3番目が 1 なら合う部分すべてのリスト、2 なら最初に合った部分の ( ) の中身のリスト。4番目が 1 なら大文字と小文字を区別しません。なければ #N/A。",
            "The first part that fits the regular expression. As third argument 1 gives the list of all such parts, 2 the list of the groups in ( ) of the first. Case is disregarded if the fourth is 1. #N/A if nothing fits.",
        )
        .examples(&[
            ("REGEXEXTRACT(\"請求番号 A-102 です\",\"[A-Z]-\\d+\")", "A-102"),
            ("REGEXEXTRACT(\"3個と15個\",\"\\d+\",1)", "3,15"),
            ("REGEXEXTRACT(\"2026-01-31\",\"(\\d+)-(\\d+)\",2)", "2026,01"),
            ("REGEXEXTRACT(\"\",\"a\")", "#N/A"),
            ("REGEXEXTRACT(\"abc\",\"a\",3)", "#VALUE!"),
        ]),
    function("REGEXREPLACE", 3, Some(5), replace)
        .kind(text_kind)
        .verify(verify)
        .takes("text: text, pattern: text, new: text, [which: number], [any_case: truth]")
        .about(
            "正規表現に合う部分を置き換えます。置き換え後の文字列では $1 や ${名前} が ( ) の中身、$0 が合った部分全体、$$ が $。4番目は何番目だけを置き換えるか(0: すべて、負: 後ろから)、5番目が 1 なら大文字と小文字を区別しません。",
            "Replaces what fits the regular expression. In the new text $1 or ${name} is a group in ( ), $0 the whole part, $$ a $. Fourth: which one (0 all, negative from the end). Case is disregarded if the fifth is 1.",
        )
        .examples(&[
            ("REGEXREPLACE(\"03-1234-5678\",\"\\D\",\"\")", "0312345678"),
            ("REGEXREPLACE(\"2026-01-31\",\"(\\d+)-(\\d+)-(\\d+)\",\"$1年$2月\")", "2026年01月"),
            ("REGEXREPLACE(\"a1b2\",\"\\d\",\"#\",-1)", "a1b#"),
            ("REGEXREPLACE(\"\",\"a\",\"b\")", ""),
            ("REGEXREPLACE(\"a\",\"[\"&\"\",\"b\")", "#VALUE!"),
        ]),
];

/// A pattern that is written out must be one.
fn verify(args: &Known<'_>) -> Option<Flaw> {
    let Some(Value::Text(pattern)) = args.constant(1) else { return None };
    let (ja, en) = match compiled(pattern, false).err()? {
        Broken::TooLarge => ("正規表現が大きすぎます。".to_owned(), "The regular expression is too large.".to_owned()),
        Broken::Syntax(reason) => {
            (format!("正規表現として読めません({reason})。"), format!("This is no regular expression: {reason}."))
        }
    };
    Some(Flaw { argument: 1, ja, en })
}

fn pattern(call: &Call<'_>, at: usize, any_case: usize) -> Result<Regex, ErrorValue> {
    compiled(&call.text(at)?, call.truth(any_case)?).map_err(|_| ErrorValue::Value)
}

/// What REGEXEXTRACT gives, where it is written out.
fn mode(args: &Known<'_>) -> Option<i64> {
    if args.len() < 3 {
        return Some(0);
    }
    match args.constant(2)? {
        Value::Number(n) => n.trunc().to_i64(),
        Value::Blank => Some(0),
        _ => None,
    }
}

fn extract(call: &Call<'_>) -> Return {
    let (text, pattern, mode) = (call.text(0)?, pattern(call, 1, 3)?, call.whole_or(2, 0)?);
    let found = match mode {
        0 => return pattern.find(&text).map(|found| Value::text(found.as_str())).ok_or(ErrorValue::Na),
        1 => pattern.find_iter(&text).map(|found| found.as_str().to_owned()).collect(),
        2 => pattern.captures(&text).map(|found| groups(&found)).unwrap_or_default(),
        _ => return Err(ErrorValue::Value),
    };
    let found: Vec<String> = found;
    if found.is_empty() { Err(ErrorValue::Na) } else { Ok(list(found.into_iter().filter(|f| !f.is_empty()).collect())) }
}

fn groups(found: &Captures<'_>) -> Vec<String> {
    found.iter().skip(1).map(|group| group.map_or(String::new(), |group| group.as_str().to_owned())).collect()
}

fn replace(call: &Call<'_>) -> Return {
    let (text, pattern, new) = (call.text(0)?, pattern(call, 1, 4)?, call.text(2)?);
    let which = call.whole_or(3, 0)?;
    let all: Vec<Captures<'_>> = pattern.captures_iter(&text).collect();
    let count = i64::try_from(all.len()).map_err(|_| ErrorValue::Num)?;
    // Counted from 0; None for all.
    let only = match which {
        0 => None,
        1.. => Some(which - 1),
        _ => Some(count + which),
    };
    let mut out = String::new();
    let mut end = 0;
    for (found, number) in all.iter().zip(0..) {
        let Some(whole) = found.get(0) else { continue };
        if only.is_some_and(|only| only != number) {
            continue;
        }
        out.push_str(&text[end..whole.start()]);
        expand(&new, found, &mut out);
        end = whole.end();
        if out.len() > LONGEST_TEXT {
            return Err(ErrorValue::Value);
        }
    }
    out.push_str(&text[end..]);
    Ok(Value::text(out))
}

/// Writes the new text with `$1`, `${name}`, `$0` and `$$` filled in. A group has at most two digits, so that `$1年` and `$10`
/// mean what they look like; a `$` before anything else is a `$`.
fn expand(new: &str, found: &Captures<'_>, out: &mut String) {
    let mut rest = new;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            out.push('$');
            rest = behind;
            continue;
        }
        let named = rest.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let (group, behind) = match named {
            Some((name, behind)) => {
                (name.parse().map_or_else(|_| found.name(name), |number: usize| found.get(number)), behind)
            }
            None if digits > 0 => (rest[..digits].parse().ok().and_then(|n: usize| found.get(n)), &rest[digits..]),
            None => {
                out.push('$');
                continue;
            }
        };
        out.push_str(group.map_or("", |group| group.as_str()));
        rest = behind;
    }
    out.push_str(rest);
}
