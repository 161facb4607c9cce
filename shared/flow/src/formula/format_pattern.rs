//! Reading of Excel's number and date formats: a pattern as sections of tokens.

use super::ErrorValue;

/// A part of a format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Literal(char),
    /// `0`, `#` or `?`
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `@`: the text itself
    Text,
    General,
    /// A date code letter (lower case) and how often it stands there
    Date(char, usize),
    /// `[h]`, `[m]`, `[s]`: hours beyond a day, and so on
    Elapsed(char, usize),
    /// The first year of an era is 元
    FirstYear,
    /// `AM/PM`, `A/P`, `午前/午後`
    HalfDay(&'static str, &'static str),
}

/// Splits a pattern into sections of tokens.
pub(super) fn sections(pattern: &str) -> Result<Vec<Vec<Token>>, ErrorValue> {
    let mut sections = vec![Vec::new()];
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let section = sections.last_mut().ok_or(ErrorValue::Value)?;
        let after = &rest[c.len_utf8()..];
        rest = match c {
            ';' => {
                sections.push(Vec::new());
                after
            }
            '"' => {
                let end = after.find('"').ok_or(ErrorValue::Value)?;
                section.extend(after[..end].chars().map(Token::Literal));
                &after[end + 1..]
            }
            // `\x` and `!x` are x; `_x` is a space as wide as x; `*x` fills a cell, of which there is none.
            '\\' | '!' | '_' | '*' => {
                let next = after.chars().next().ok_or(ErrorValue::Value)?;
                match c {
                    '_' => section.push(Token::Literal(' ')),
                    '*' => {}
                    _ => section.push(Token::Literal(next)),
                }
                &after[next.len_utf8()..]
            }
            '[' => {
                let end = after.find(']').ok_or(ErrorValue::Value)?;
                bracketed(&after[..end], section)?;
                &after[end + 1..]
            }
            _ => token(rest, c, section)?,
        };
    }
    if sections.len() > 4 { Err(ErrorValue::Value) } else { Ok(sections) }
}

/// Names of colours, which a text does not have.
const COLOURS: [&str; 16] = [
    "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow", "黒", "青", "水", "緑", "紫", "赤", "白",
    "黄",
];

/// What stands in brackets: `[h]` and the like; `[赤]`, which changes nothing; `[$¥-411]`, a sign of money and a language, of
/// which the sign is shown; in `[$-ja-JP-x-gannen]` the language asks for 元 as the first year of an era.
fn bracketed(inner: &str, section: &mut Vec<Token>) -> Result<(), ErrorValue> {
    let lower = inner.to_lowercase();
    if let Some(money) = inner.strip_prefix('$') {
        let (sign, _) = money.split_once('-').unwrap_or((money, ""));
        section.extend(sign.chars().map(Token::Literal));
        if lower.ends_with("-x-gannen") {
            section.push(Token::FirstYear);
        }
    } else if !COLOURS.contains(&lower.as_str()) {
        section.push(elapsed(inner)?);
    }
    Ok(())
}

/// `[h]`, `[mm]` and the like.
fn elapsed(inner: &str) -> Result<Token, ErrorValue> {
    let lower = inner.to_ascii_lowercase();
    let letter = lower.chars().next().filter(|c| "hms".contains(*c)).ok_or(ErrorValue::Value)?;
    if lower.chars().all(|c| c == letter) { Ok(Token::Elapsed(letter, lower.len())) } else { Err(ErrorValue::Value) }
}

/// Words of several letters, before single letters are looked at.
const WORDS: [(&str, Token); 5] = [
    ("general", Token::General),
    ("g/標準", Token::General),
    ("am/pm", Token::HalfDay("AM", "PM")),
    ("a/p", Token::HalfDay("A", "P")),
    ("午前/午後", Token::HalfDay("午前", "午後")),
];

/// Takes the token at the start of `rest`, which begins with `c`, and returns what is behind it.
fn token<'a>(rest: &'a str, c: char, section: &mut Vec<Token>) -> Result<&'a str, ErrorValue> {
    for (word, token) in WORDS {
        if rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            section.push(token);
            return Ok(&rest[word.len()..]);
        }
    }
    let lower = c.to_ascii_lowercase();
    if "ymdhsage".contains(lower) {
        let count = rest.chars().take_while(|c| c.to_ascii_lowercase() == lower).count();
        // 0.00E+00
        if lower == 'e' && rest[count..].starts_with(['+', '-']) {
            return Err(ErrorValue::Value);
        }
        section.push(Token::Date(lower, count));
        return Ok(&rest[count..]);
    }
    // Fractions (`# ?/?`, `0/8`): without them the digits on both sides would be filled with digits of one number.
    let digit_next =
        rest[c.len_utf8()..].trim_start().starts_with(['#', '?', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    if c == '/' && digit_next && matches!(section.last(), Some(Token::Digit(_))) {
        return Err(ErrorValue::Value);
    }
    section.push(match c {
        '0' | '#' | '?' => Token::Digit(c),
        '.' => Token::Point,
        ',' => Token::Comma,
        '%' => Token::Percent,
        '@' => Token::Text,
        _ if c.is_ascii_alphabetic() => return Err(ErrorValue::Value),
        other => Token::Literal(other),
    });
    Ok(&rest[c.len_utf8()..])
}
