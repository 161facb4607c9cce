//! Values to numbers, texts and truth values, by the rules at the head of `eval`.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::Value;

use super::ErrorValue;
use super::calendar::{self, DAY};

/// Seconds as a part of a day, to 20 decimals: the number that a time of day or an elapsed time is.
pub(super) fn part_of_day(seconds: Decimal) -> Result<Decimal, ErrorValue> {
    const PLACES: u32 = 20;
    Ok(seconds.div_to(Decimal::from(DAY), PLACES)?)
}

/// Days, maybe with a fraction, as whole seconds (half up).
pub(super) fn seconds_of(days: Decimal) -> Result<i64, ErrorValue> {
    let seconds = days.checked_mul(Decimal::from(DAY))?.round(0, model::decimal::arith::Rounding::HalfUp)?;
    seconds.to_i64().ok_or(ErrorValue::Num)
}

/// The value as a number: blank is 0, TRUE is 1, a text is read, a time of day is its part of the day. Days and instants are none.
pub(super) fn number(value: &Value) -> Result<Decimal, ErrorValue> {
    match value {
        Value::Number(n) => Ok(*n),
        Value::Blank => Ok(Decimal::ZERO),
        Value::Bool(b) => Ok(Decimal::from(i64::from(*b))),
        Value::Text(text) => text_number(text).ok_or(ErrorValue::Value),
        Value::Texts(texts) if texts.len() == 1 => text_number(&texts[0]).ok_or(ErrorValue::Value),
        Value::Time(seconds) => part_of_day(Decimal::from(i64::from(*seconds))),
        _ => Err(ErrorValue::Value),
    }
}

/// Reads a number as people write it: full-width digits and signs, spaces around, `1,234`, `¥500`, `50%`.
pub(super) fn text_number(text: &str) -> Option<Decimal> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.trim().chars() {
        plain.push(match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0)?,
            '−' => '-',
            '￥' | '¥' => '\\',
            other => other,
        });
    }
    // Books write a negative number in brackets.
    let plain = match plain.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) if inner.starts_with(['-', '+']) => return None,
        Some(inner) => format!("-{inner}"),
        None => plain,
    };
    let (sign, rest) = match plain.as_bytes().first()? {
        b'-' => ("-", &plain[1..]),
        b'+' => ("", &plain[1..]),
        _ => ("", plain.as_str()),
    };
    let rest = rest.strip_prefix(['\\', '$']).unwrap_or(rest);
    let (rest, percent) = rest.strip_suffix('%').map_or((rest, false), |rest| (rest, true));
    if rest.starts_with(['-', '+']) {
        return None;
    }
    let number: Decimal = format!("{sign}{}", without_groups(rest)?).parse().ok()?;
    if percent { number.checked_mul(Decimal::from_parts(1, 2).ok()?).ok() } else { Some(number) }
}

/// The digits without thousands separators; None where a separator stands in a wrong place.
fn without_groups(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let (whole, fraction) = text.split_at(text.find(['.', 'e', 'E']).unwrap_or(text.len()));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    ((1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3) && !fraction.contains(','))
        .then(|| Cow::Owned(format!("{}{fraction}", whole.replace(',', ""))))
}

/// The truth of a value, as IF sees it: blank and 0 are false; the texts TRUE and FALSE are read, other texts are none.
pub(super) fn truth(value: &Value) -> Result<bool, ErrorValue> {
    match value {
        Value::Bool(b) => Ok(*b),
        Value::Blank => Ok(false),
        Value::Number(n) => Ok(!n.is_zero()),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Value::Date(_) | Value::Time(_) | Value::Datetime(_) => Ok(true),
        _ => Err(ErrorValue::Value),
    }
}

/// The value as text; #VALUE! for table rows, which have no text.
pub(super) fn text<'a>(value: &'a Value, zone: &TimeZone) -> Result<Cow<'a, str>, ErrorValue> {
    text_form(value, zone).ok_or(ErrorValue::Value)
}

/// The text form of a value, as `&` and the text functions see it; `None` for table rows.
///
/// Blank is "", numbers are plain (`1234.5`), truth values `TRUE` and `FALSE`, dates `2026-01-31`, times `09:05`, instants
/// `2026-01-31 09:05` on the zone's clocks (with `:SS` where there are seconds); lists are joined with commas, users and the
/// like by code, files by name.
pub fn text_form<'a>(value: &'a Value, zone: &TimeZone) -> Option<Cow<'a, str>> {
    Some(match value {
        Value::Blank => Cow::Borrowed(""),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(true) => Cow::Borrowed("TRUE"),
        Value::Bool(false) => Cow::Borrowed("FALSE"),
        Value::Date(day) => {
            let mut out = String::new();
            write_date(&mut out, *day);
            Cow::Owned(out)
        }
        Value::Time(second) => {
            let mut out = String::new();
            write_time(&mut out, *second);
            Cow::Owned(out)
        }
        Value::Datetime(seconds) => {
            // Beyond the calendar there is no local form; such an instant cannot come from kintone.
            let (day, second) = calendar::local(*seconds, zone).ok()?;
            let mut out = String::new();
            write_date(&mut out, day);
            out.push(' ');
            write_time(&mut out, second);
            Cow::Owned(out)
        }
        Value::Texts(texts) => join(texts.iter().map(String::as_str)),
        Value::Entities(entities) => join(entities.iter().map(|e| e.code.as_str())),
        Value::Files(files) => join(files.iter().map(|f| f.name.as_str())),
        Value::Rows(_) => return None,
    })
}

fn join<'a>(mut parts: impl ExactSizeIterator<Item = &'a str>) -> Cow<'a, str> {
    if parts.len() == 1 {
        return Cow::Borrowed(parts.next().unwrap_or_default());
    }
    Cow::Owned(parts.collect::<Vec<_>>().join(","))
}

fn write_date(out: &mut String, day: i32) {
    let (year, month, of_month) = calendar::ymd(day);
    let _ = write!(out, "{year:04}-{month:02}-{of_month:02}");
}

fn write_time(out: &mut String, second: i32) {
    let _ = write!(out, "{:02}:{:02}", second / 3600, second / 60 % 60);
    if second % 60 != 0 {
        let _ = write!(out, ":{:02}", second % 60);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, number) in [
            ("12", "12"),
            (" 12 ", "12"),
            ("１２．５", "12.5"),
            ("－３", "-3"),
            ("1,234,567.5", "1234567.5"),
            ("１，２３４", "1234"),
            ("¥500", "500"),
            ("-￥1,000", "-1000"),
            ("50%", "0.5"),
            ("１２％", "0.12"),
            ("1e3", "1000"),
        ] {
            assert_eq!(text_number(text).map(|n| n.to_string()).as_deref(), Some(number), "{text}");
        }
        for text in ["", " ", "abc", "1,23", "12,34,567", "1234,567", ",123", "1.234,567", "--1", "1 2", "%", "¥", "十"]
        {
            assert_eq!(text_number(text), None, "{text}");
        }
    }
}
