//! What stands in front of or behind a separator.

use model::value::Value;

use super::super::ErrorValue;
use super::super::wildcards::lower;
use super::{Call, Function, Return, function, text_kind};

pub(super) static FUNCTIONS: &[Function] = &[
    function("TEXTBEFORE", 2, Some(6), |call| part(call, true))
        .kind(text_kind)
        .takes("text: text, separator: list, [which: number], [any_case: truth], [end_counts: truth], [otherwise: text]")
        .about(
            "区切りより前の部分。3番目は何番目の区切りか(負なら後ろから)、4番目が 1 なら大文字と小文字を区別せず、5番目が 1 なら末尾も区切りとみなし、6番目はないときの値(省略時は #N/A)。",
            "What stands in front of a separator. Then: which one (negative from the end), 1 to disregard case, 1 to take the end as a separator, and the value where there is none (#N/A if left out).",
        )
        .examples(&[
            ("TEXTBEFORE(\"山田 太郎\",\" \")", "山田"),
            ("TEXTBEFORE(\"a-b-c\",\"-\",-1)", "a-b"),
            ("TEXTBEFORE(\"abc\",\"-\",1,0,1)", "abc"),
            ("TEXTBEFORE(\"abc\",\"-\",1,0,0,\"なし\")", "なし"),
            ("TEXTBEFORE(\"abc\",\"-\")", "#N/A"),
            ("TEXTBEFORE(\"\",\"-\")", "#N/A"),
            ("TEXTBEFORE(\"a-b\",\"-\",0)", "#VALUE!"),
        ]),
    function("TEXTAFTER", 2, Some(6), |call| part(call, false))
        .kind(text_kind)
        .takes("text: text, separator: list, [which: number], [any_case: truth], [end_counts: truth], [otherwise: text]")
        .about(
            "区切りより後の部分。引数は TEXTBEFORE と同じ。",
            "What stands behind a separator. Arguments as for TEXTBEFORE.",
        )
        .examples(&[
            ("TEXTAFTER(\"山田 太郎\",\" \")", "太郎"),
            ("TEXTAFTER(\"a-b-c\",\"-\",2)", "c"),
            ("TEXTAFTER(\"aXbxc\",\"x\",1,1)", "bxc"),
            ("TEXTAFTER(\"user@example.com\",LIST(\"@\",\"＠\"))", "example.com"),
            ("TEXTAFTER(\"abc\",\"-\")", "#N/A"),
            ("TEXTAFTER(\"\",\"-\")", "#N/A"),
        ]),
];

fn part(call: &Call<'_>, before: bool) -> Return {
    let text: Vec<char> = call.text(0)?.chars().collect();
    let which = call.whole_or(2, 1)?;
    let (any_case, end_counts) = (call.truth(3)?, call.truth(4)?);
    if which == 0 {
        return Err(ErrorValue::Value);
    }
    let mut places = separators(call, &text, any_case)?;
    if end_counts {
        if which > 0 {
            places.push((text.len(), text.len()));
        } else {
            places.insert(0, (0, 0));
        }
    }
    let nth = usize::try_from(which.unsigned_abs() - 1).map_err(|_| ErrorValue::Num)?;
    let place = if which > 0 { places.get(nth) } else { places.iter().rev().nth(nth) };
    match place {
        Some((start, _)) if before => Ok(Value::text(text[..*start].iter().collect::<String>())),
        Some((_, end)) => Ok(Value::text(text[*end..].iter().collect::<String>())),
        None if call.has(5) => call.text(5).map(Value::text),
        None => Err(ErrorValue::Na),
    }
}

/// Where separators begin and end, from the first to the last; at one place the longest counts. Blank is one at either end.
fn separators(call: &Call<'_>, text: &[char], any_case: bool) -> Result<Vec<(usize, usize)>, ErrorValue> {
    let fold = |c: char| if any_case { lower(c) } else { c };
    let mut wanted: Vec<Vec<char>> =
        call.texts(1..2)?.iter().map(|separator| separator.chars().map(fold).collect()).collect();
    if wanted.is_empty() {
        return Ok(if call.whole_or(2, 1)? > 0 { vec![(0, 0)] } else { vec![(text.len(), text.len())] });
    }
    wanted.sort_by_key(|separator| std::cmp::Reverse(separator.len()));
    let text: Vec<char> = text.iter().copied().map(fold).collect();
    let mut places = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match wanted.iter().find(|separator| text[at..].starts_with(separator)) {
            Some(separator) => {
                places.push((at, at + separator.len()));
                at += separator.len();
            }
            None => at += 1,
        }
    }
    Ok(places)
}
