//! Finding and replacing in texts. Positions count characters from 1.

use model::value::Value;

use super::super::ErrorValue;
use super::super::eval::LONGEST_TEXT;
use super::super::wildcards::{Wildcards, lower};
use super::text::{count, count_value, position};
use super::{Call, Function, Return, bool_kind, function, number_kind, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("FIND", 2, Some(3), find)
        .kind(number_kind)
        .takes("wanted: text, text: text, [start: number]")
        .about(
            "文字列の位置。大文字と小文字を区別します。なければ #VALUE!。",
            "The position of a text in another. Case counts. #VALUE! if it is not there.",
        )
        .examples(&[
            ("FIND(\"京\",\"東京都\")", "2"),
            ("FIND(\"A\",\"aA\")", "2"),
            ("FIND(\"a\",\"banana\",3)", "4"),
            ("FIND(\"x\",\"abc\")", "#VALUE!"),
            ("FIND(\"\",\"abc\")", "1"),
            ("FIND(\"a\",\"abc\",0)", "#VALUE!"),
        ]),
    function("SEARCH", 2, Some(3), search)
        .kind(number_kind)
        .takes("pattern: text, text: text, [start: number]")
        .about(
            "文字列の位置。大文字と小文字を区別しません。? は1文字、* は任意の文字列、~ は次の記号そのもの。なければ #VALUE!。",
            "The position of a text in another, whatever the case. ? is one character, * any, ~ takes the next sign as it is. #VALUE! if it is not there.",
        )
        .examples(&[
            ("SEARCH(\"B\",\"abc\")", "2"),
            ("SEARCH(\"b?d\",\"abcd\")", "2"),
            ("SEARCH(\"b*e\",\"abcde\")", "2"),
            ("SEARCH(\"~?\",\"ab?\")", "3"),
            ("SEARCH(\"b*x\",\"abc\")", "#VALUE!"),
            ("SEARCH(\"a\",\"banana\",3)", "4"), ("SEARCH(\"a\",\"\")", "#VALUE!"),
        ]),
    function("SUBSTITUTE", 3, Some(4), substitute)
        .kind(text_kind)
        .takes("text: text, old: text, new: text, [which: number]")
        .about(
            "文字列を置き換えます。4番目に何番目のものかを指定すると、それだけを置き換えます。",
            "Replaces a text by another: every one, or only the one of the number given last.",
        )
        .examples(&[
            ("SUBSTITUTE(\"03-1234-5678\",\"-\",\"\")", "0312345678"),
            ("SUBSTITUTE(\"a-b-c\",\"-\",\"/\",2)", "a-b/c"),
            ("SUBSTITUTE(\"abc\",\"\",\"x\")", "abc"),
            ("SUBSTITUTE(\"a\",\"a\",\"b\",0)", "#VALUE!"),
        ]),
    function("REPLACE", 4, Some(4), replace)
        .kind(text_kind)
        .takes("text: text, start: number, count: number, new: text")
        .about(
            "位置と文字数で指定した部分を置き換えます。",
            "Replaces a part, given by position and count of characters.",
        )
        .examples(&[
            ("REPLACE(\"東京都\",2,1,\"北\")", "東北都"),
            ("REPLACE(\"abc\",2,0,\"x\")", "axbc"),
            ("REPLACE(\"abc\",9,1,\"x\")", "abcx"), ("REPLACE(\"\",1,0,\"x\")", "x"), ("REPLACE(\"abc\",0,1,\"x\")", "#VALUE!"),
        ]),
    function("EXACT", 2, Some(2), |call| Ok(Value::Bool(call.text(0)? == call.text(1)?)))
        .kind(bool_kind)
        .takes("text: text, other: text")
        .about(
            "大文字と小文字も含めて同じ文字列なら TRUE。",
            "TRUE if the texts are the same, case too.",
        )
        .examples(&[("EXACT(\"a\",\"A\")", "FALSE"), ("EXACT(\"a\",\"a\")", "TRUE"), ("EXACT(\"\",\"\")", "TRUE"), ("EXACT(1/0,\"a\")", "#DIV/0!")]),
];

fn find(call: &Call<'_>) -> Return {
    let (needle, text, skip) = (call.text(0)?, call.text(1)?, position(call, 2)?);
    let from = byte_of(&text, skip).ok_or(ErrorValue::Value)?;
    let at = text[from..].find(&needle).ok_or(ErrorValue::Value)?;
    count_value(skip + text[from..from + at].chars().count() + 1)
}

/// The byte at which the character of this number begins; the end counts, what is behind it is None.
fn byte_of(text: &str, skip: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skip)
}

fn search(call: &Call<'_>) -> Return {
    let (pattern, text, skip) = (call.text(0)?, call.text(1)?, position(call, 2)?);
    let text: Vec<char> = text.chars().map(lower).collect();
    let rest = text.get(skip..).ok_or(ErrorValue::Value)?;
    let at = Wildcards::new(&pattern).find(rest).ok_or(ErrorValue::Value)?;
    count_value(skip + at + 1)
}

fn substitute(call: &Call<'_>) -> Return {
    let (text, old, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if call.len() < 4 {
        if old.is_empty() {
            return Ok(Value::text(text));
        }
        // Counted first: many short texts replaced by long ones could fill the memory.
        let grown = text.matches(&old).count().saturating_mul(new.len());
        return if grown > LONGEST_TEXT { Err(ErrorValue::Value) } else { Ok(Value::text(text.replace(&old, &new))) };
    }
    let which = usize::try_from(call.whole(3)?).ok().and_then(|n| n.checked_sub(1)).ok_or(ErrorValue::Value)?;
    if old.is_empty() {
        return Ok(Value::text(text));
    }
    let place = text.match_indices(&old).nth(which).map(|(at, _)| at);
    Ok(Value::text(match place {
        Some(at) => format!("{}{new}{}", &text[..at], &text[at + old.len()..]),
        None => text,
    }))
}

fn replace(call: &Call<'_>) -> Return {
    let (text, skip, count, new) = (call.text(0)?, position(call, 1)?, count(call, 2, 0)?, call.text(3)?);
    let start = byte_of(&text, skip).unwrap_or(text.len());
    let end = byte_of(&text[start..], count).map_or(text.len(), |at| start + at);
    Ok(Value::text(format!("{}{new}{}", &text[..start], &text[end..])))
}
