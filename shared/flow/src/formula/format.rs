//! Excel's number formats, as TEXT uses them. `super::format_pattern` reads them, `super::format_date` has those of dates.
//!
//! Known: `0 # ? . , %`, up to four sections with `;`, `@`, `General` (`G/標準`), literals in quotes or behind `\`, and the
//! codes of dates and times (`super::format_date`). Scientific notation, fractions and conditions are not: #VALUE!.

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::Value;

use super::ErrorValue;
use super::convert::{number, text, text_number};
use super::format_date::{self, Moment};
use super::format_pattern::{Token, sections};
use super::operators::round_half_up;
use super::serial;

/// Formats a value. A text that reads as no number is given back as it is, as in Excel.
pub(super) fn format(value: &Value, pattern: &str, zone: &TimeZone) -> Result<String, ErrorValue> {
    let sections = sections(pattern)?;
    if let Value::Bool(_) = value {
        return Ok(text(value, zone)?.into_owned());
    }
    if sections.iter().take(1).any(|section| is_date(section)) {
        return match Moment::of(value, zone)? {
            Some(moment) => format_date::format(&sections[0], &moment),
            None if value.is_blank() => Ok(String::new()),
            None => Ok(text(value, zone)?.into_owned()),
        };
    }
    let value = match value {
        Value::Text(t) => match text_number(t) {
            Some(n) => n,
            None => return Ok(format_text(&sections, t)),
        },
        Value::Texts(_) | Value::Entities(_) | Value::Files(_) => {
            return Ok(format_text(&sections, &text(value, zone)?));
        }
        // A date or a time in a format of numbers is Excel's number of it.
        other => match serial::of(other, zone)? {
            Some(n) => n,
            None => number(other)?,
        },
    };
    format_number(&sections, value)
}

fn is_date(section: &[Token]) -> bool {
    section.iter().any(|t| matches!(t, Token::Date(..) | Token::Elapsed(..) | Token::HalfDay(..)))
}

/// Text by the section for texts: the fourth, or a single one with `@`.
fn format_text(sections: &[Vec<Token>], text: &str) -> String {
    let section = sections.get(3).or_else(|| sections.first().filter(|s| s.contains(&Token::Text)));
    let Some(section) = section else {
        return text.to_owned();
    };
    let mut out = String::new();
    for token in section {
        match token {
            Token::Literal(c) => out.push(*c),
            Token::Text => out.push_str(text),
            _ => {}
        }
    }
    out
}

fn format_number(sections: &[Vec<Token>], value: Decimal) -> Result<String, ErrorValue> {
    // One section: all numbers. Two: not negative, negative. Three: positive, negative, zero.
    let (section, sign) = match sections {
        [_, negative, ..] if value.is_negative() => (negative, ""),
        [_, _, zero, ..] if value.is_zero() => (zero, ""),
        [first, ..] => (first, if value.is_negative() { "-" } else { "" }),
        [] => return Err(ErrorValue::Value),
    };
    let layout = Layout::of(section);
    let scaled = value.abs().checked_mul(layout.factor()?)?;
    let rounded = round_half_up(scaled, i32::try_from(layout.decimals).map_err(|_| ErrorValue::Value)?)?;
    // A number that rounds to zero has no sign; one that is shown as it is keeps it.
    let whole = |token: &Token| matches!(token, Token::General | Token::Text);
    let sign = if rounded.is_zero() && !section.iter().any(whole) { "" } else { sign };
    Ok(format!("{sign}{}", layout.fill(section, value.abs(), rounded)))
}

/// What the placeholders of a section ask for.
struct Layout {
    /// Index of the point, or of the end of the whole part.
    point: usize,
    decimals: usize,
    grouped: bool,
    /// Commas behind the last placeholder in front of or behind the point: thousands that are cut off.
    thousands: u32,
    percents: u32,
}

impl Layout {
    fn of(section: &[Token]) -> Self {
        let is_digit = |t: &Token| matches!(t, Token::Digit(_));
        let point = section.iter().position(|t| *t == Token::Point).unwrap_or(section.len());
        let (whole, fraction) = section.split_at(point);
        let behind = |part: &[Token]| part.iter().rposition(is_digit).map_or(0, |at| at + 1);
        let commas = |part: &[Token]| part.iter().take_while(|t| **t == Token::Comma).count();
        let last = behind(whole);
        // In `0,.0` and in `0.0,` alike.
        let trailing = commas(&whole[last..]) + commas(&fraction[behind(fraction)..]);
        Self {
            point,
            decimals: fraction.iter().filter(|t| is_digit(t)).count(),
            grouped: whole[..last].contains(&Token::Comma),
            thousands: u32::try_from(trailing).unwrap_or(u32::MAX),
            percents: section.iter().map(|t| u32::from(*t == Token::Percent)).sum(),
        }
    }

    fn factor(&self) -> Result<Decimal, ErrorValue> {
        let exponent = i64::from(self.percents) * 2 - i64::from(self.thousands) * 3;
        Ok(Decimal::from(10).pow(exponent)?)
    }

    /// The section with its placeholders filled.
    fn fill(&self, section: &[Token], plain: Decimal, rounded: Decimal) -> String {
        let shown = rounded.to_string();
        let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
        let mut out = self.whole(&section[..self.point], whole.trim_start_matches('0'), plain);
        self.fraction(&section[self.point..], fraction, plain, &mut out);
        out
    }

    /// The part in front of the point, from right to left; the first placeholder takes all digits that are left.
    fn whole(&self, tokens: &[Token], digits: &str, plain: Decimal) -> String {
        let first = tokens.iter().position(|t| matches!(t, Token::Digit(_)));
        let mut digits = digits.chars().rev().peekable();
        let mut reversed = Vec::new();
        let mut placed = 0;
        let mut place = |c: char, reversed: &mut Vec<char>| {
            if self.grouped && placed > 0 && placed % 3 == 0 && c != ' ' {
                reversed.push(',');
            }
            placed += 1;
            reversed.push(c);
        };
        for (at, token) in tokens.iter().enumerate().rev() {
            match token {
                Token::Digit(kind) => {
                    match (digits.next(), kind) {
                        (Some(c), _) => place(c, &mut reversed),
                        (None, '0') => place('0', &mut reversed),
                        (None, '?') => place(' ', &mut reversed),
                        (None, _) => {}
                    }
                    if Some(at) == first {
                        digits.by_ref().for_each(|c| place(c, &mut reversed));
                    }
                }
                other => literal(other, plain, |text| reversed.extend(text.chars().rev())),
            }
        }
        reversed.into_iter().rev().collect()
    }

    /// The point and what is behind it. `#` shows no trailing zero, `?` shows a space for it.
    fn fraction(&self, tokens: &[Token], digits: &str, plain: Decimal, out: &mut String) {
        let mut digits = digits.chars();
        for token in tokens {
            match token {
                Token::Point => out.push('.'),
                Token::Digit(kind) => match (digits.next(), kind) {
                    (Some(c), _) => out.push(c),
                    (None, '0') => out.push('0'),
                    (None, '?') => out.push(' '),
                    (None, _) => {}
                },
                other => literal(other, plain, |text| out.push_str(text)),
            }
        }
    }
}

/// Tokens that are no placeholders.
fn literal(token: &Token, plain: Decimal, mut push: impl FnMut(&str)) {
    match token {
        Token::Literal(c) => push(c.encode_utf8(&mut [0; 4])),
        Token::Percent => push("%"),
        Token::General | Token::Text => push(&plain.to_string()),
        Token::Point => push("."),
        Token::Digit(_)
        | Token::Comma
        | Token::Date(..)
        | Token::Elapsed(..)
        | Token::FirstYear
        | Token::HalfDay(..) => {}
    }
}
