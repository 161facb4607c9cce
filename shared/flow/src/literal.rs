//! The text form of simple values: kintone's own (`2026-03-01`, `15:31`, `2026-04-23T06:31:00Z`, plain decimals).

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use model::field::Kind;
use model::value::Value;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Reads kintone's text form of a kind. Blank text is a blank of every kind; `None` where the text is no such value.
///
/// Lists are read with `;` between their items; files and table rows have no text form.
pub fn parse(kind: Kind, text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Blank);
    }
    let items = || text.split(';').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    Some(match kind {
        Kind::Text => Value::text(text),
        Kind::Number => Value::Number(text.parse().ok()?),
        Kind::Bool => match text {
            "TRUE" => Value::Bool(true),
            "FALSE" => Value::Bool(false),
            _ => return None,
        },
        Kind::Date => Value::Date(days(parse_date(text)?)?),
        Kind::Time => Value::Time(parse_time(text)?),
        Kind::Datetime => Value::Datetime(parse_instant(text)?),
        Kind::Texts => Value::Texts(items().collect()),
        Kind::Entities => {
            Value::Entities(items().map(|code| model::value::Entity { code, name: String::new() }).collect())
        }
        Kind::Files | Kind::Rows => return None,
    })
}

fn days(date: Date) -> Option<i32> {
    i32::try_from(date.duration_since(EPOCH).as_hours() / 24).ok()
}

/// `2026-03-01` and no other spelling: kintone refuses those that a calendar could guess at (`20260301`, `-002026-03-01`).
fn parse_date(text: &str) -> Option<Date> {
    let form = |(at, b): (usize, u8)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() };
    (text.len() == 10 && text.bytes().enumerate().all(form)).then(|| text.parse().ok()).flatten()
}

/// An instant with its day as [`parse_date`] reads it, `T`, and an offset or `Z`.
fn parse_instant(text: &str) -> Option<i64> {
    parse_date(text.get(..10)?)?;
    text.get(10..)?.strip_prefix('T')?;
    Some(text.parse::<Timestamp>().ok()?.as_second())
}

/// `15:31` or `15:31:05`.
fn parse_time(text: &str) -> Option<i32> {
    let form = |(at, b): (usize, u8)| if at % 3 == 2 { b == b':' } else { b.is_ascii_digit() };
    if !matches!(text.len(), 5 | 8) || !text.bytes().enumerate().all(form) {
        return None;
    }
    let time: Time = text.parse().ok()?;
    Some(i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()))
}

/// kintone's text form of a simple value; blank is "". `None` for lists, files and table rows, and for days out of range.
pub fn print(value: &Value) -> Option<String> {
    Some(match value {
        Value::Blank => String::new(),
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Date(days) => EPOCH.checked_add(SignedDuration::from_hours(i64::from(*days) * 24)).ok()?.to_string(),
        Value::Time(seconds) => {
            let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            if s == 0 { format!("{h:02}:{m:02}") } else { format!("{h:02}:{m:02}:{s:02}") }
        }
        Value::Datetime(seconds) => Timestamp::from_second(*seconds).ok()?.to_string(),
        Value::Texts(_) | Value::Entities(_) | Value::Files(_) | Value::Rows(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms_go_both_ways() {
        for (kind, text) in [
            (Kind::Number, "-12.5"),
            (Kind::Date, "2026-03-01"),
            (Kind::Date, "1969-12-31"),
            (Kind::Date, "0001-01-01"),
            (Kind::Time, "15:31"),
            (Kind::Datetime, "2026-04-23T06:31:00Z"),
            (Kind::Bool, "TRUE"),
            (Kind::Text, "あ"),
            (Kind::Text, ""),
        ] {
            assert_eq!(parse(kind, text).as_ref().and_then(print).as_deref(), Some(text), "{kind:?}");
        }
        assert_eq!(parse(Kind::Date, "1970-01-02"), Some(Value::Date(1)));
        assert_eq!(parse(Kind::Datetime, "1970-01-01T09:00:05+09:00"), Some(Value::Datetime(5)));
    }

    #[test]
    fn what_is_no_value_of_the_kind_is_none() {
        for (kind, text) in [
            (Kind::Number, "1,0"),
            (Kind::Date, "2026-02-30"),
            (Kind::Date, "20260101"),
            (Kind::Date, "-000001-01-01"),
            (Kind::Date, "2026-1-1"),
            (Kind::Date, "2026/01/01"),
            (Kind::Date, "2026-01-01T10:00"),
            (Kind::Date, "２０２６-01-01"),
            (Kind::Time, "1531"),
            (Kind::Time, "T15:31"),
            (Kind::Time, "15:31:00.5"),
            (Kind::Datetime, "20260101T000000Z"),
            (Kind::Datetime, "2026-01-01 00:00:00Z"),
            (Kind::Time, "25:00"),
            (Kind::Datetime, "2026-01-01"),
            (Kind::Rows, "x"),
        ] {
            assert_eq!(parse(kind, text), None, "{text}");
        }
    }
}
