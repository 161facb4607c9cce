//! One value of a file as a value of a column.

use flow::plan::Format;
use jiff::tz::TimeZone;
use model::field::Kind;
use model::value::{Entity, Value};

use super::serial::{self, Moment};
use crate::report::Reason;
use crate::text::{date_of, days_of, instant_of, parse, seconds_of, time_text};

/// A value as a file holds it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw<'a> {
    /// Text.
    Text(&'a str),
    /// A number of a workbook.
    Number(f64),
    /// A number that a workbook shows as a date or a time.
    Serial {
        /// The number.
        value: f64,
        /// Whether the workbook counts from 1904.
        system_1904: bool,
    },
    /// A truth value.
    Bool(bool),
    /// An error value, such as `#N/A`.
    Error(&'static str),
}

impl Raw<'_> {
    /// True for what makes a row no blank row.
    pub(super) fn is_value(&self) -> bool {
        !matches!(self, Self::Text(""))
    }

    /// The text that a text column gets, and headers are.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => one_line_end(text),
            Self::Number(number) => number_text(*number),
            Self::Serial { value, system_1904 } => {
                serial::moment(*value, *system_1904).map_or_else(|| number_text(*value), moment_text)
            }
            Self::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
            Self::Error(error) => (*error).to_owned(),
        }
    }
}

fn number_text(number: f64) -> String {
    serial::decimal(number).map_or_else(|| number.to_string(), |d| d.to_string())
}

/// A date, a time, or both with a blank between.
fn moment_text(moment: Moment) -> String {
    let Some(date) = moment.days.and_then(date_of) else { return time_text(moment.seconds) };
    match moment.seconds {
        0 => date.to_string(),
        seconds => format!("{date} {}", time_text(seconds)),
    }
}

/// kintone breaks lines with LF; files of Windows and of old Macs do not.
fn one_line_end(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// The value of a column of this kind. An error says why it is none.
pub(super) fn value(raw: &Raw<'_>, kind: Kind, format: Option<&Format>, zone: &TimeZone) -> Result<Value, Reason> {
    if let Raw::Error(_) = raw {
        return Err(Reason::CellError);
    }
    if !raw.is_value() {
        return Ok(Value::Blank);
    }
    let simple = match kind {
        Kind::Text => Some(Value::text(raw.text())),
        Kind::Number => number(raw, format),
        Kind::Date => date(raw, format, zone),
        Kind::Time => time(raw, format, zone),
        Kind::Datetime => datetime(raw, format, zone),
        Kind::Texts => Some(list(raw).map_or(Value::Blank, Value::Texts)),
        Kind::Entities => Some(list(raw).map_or(Value::Blank, |codes| {
            Value::Entities(codes.into_iter().map(|code| Entity { code, name: String::new() }).collect())
        })),
        Kind::Bool | Kind::Files | Kind::Rows => None,
    };
    simple.ok_or(match kind {
        Kind::Number => Reason::NotANumber,
        Kind::Date => Reason::NotADate,
        Kind::Time => Reason::NotATime,
        Kind::Datetime => Reason::NotADatetime,
        _ => Reason::NotConvertible,
    })
}

/// The lines that are not blank; none where there is none.
fn list(raw: &Raw<'_>) -> Option<Vec<String>> {
    let lines: Vec<String> = raw.text().lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
    (!lines.is_empty()).then_some(lines)
}

fn number(raw: &Raw<'_>, format: Option<&Format>) -> Option<Value> {
    match raw {
        Raw::Text(text) if format == Some(&Format::Grouped) => {
            let text = text.trim();
            is_grouped(text).then(|| text.replace(',', "").parse().ok()).flatten().map(Value::Number)
        }
        Raw::Text(text) => text.trim().parse().ok().map(Value::Number),
        Raw::Number(number) => serial::decimal(*number).map(Value::Number),
        _ => None,
    }
}

/// Whether commas stand where groups of three digits meet, or there is none.
fn is_grouped(text: &str) -> bool {
    let whole = text.trim_start_matches(['+', '-']).split('.').next().unwrap_or_default();
    if text.split_once('.').is_some_and(|(_, decimals)| decimals.contains(',')) {
        return false;
    }
    let mut groups = whole.split(',');
    let first = groups.next().map_or(0, str::len);
    let rest: Vec<usize> = groups.map(str::len).collect();
    rest.is_empty() || ((1..=3).contains(&first) && rest.iter().all(|length| *length == 3))
}

/// The moment of a cell that a workbook shows as one, or of a number that a column declares to be one.
fn shown(raw: &Raw<'_>) -> Option<Moment> {
    match raw {
        Raw::Serial { value, system_1904 } => serial::moment(*value, *system_1904),
        Raw::Number(number) => serial::moment(*number, false),
        _ => None,
    }
}

/// A text in the column's own pattern. Digits alone, such as 20261121, may stand as a number too.
fn in_pattern(raw: &Raw<'_>, format: Option<&Format>) -> Option<Option<(i32, i32)>> {
    let Some(Format::Date(pattern)) = format else { return None };
    let text = match raw {
        Raw::Text(text) => text.trim().to_owned(),
        Raw::Number(number) => number_text(*number),
        _ => return None,
    };
    Some(pattern.read(&text).and_then(|at| Some((days_of(at.date())?, seconds_of(at.time())))))
}

fn date(raw: &Raw<'_>, format: Option<&Format>, zone: &TimeZone) -> Option<Value> {
    if let Some(read) = in_pattern(raw, format) {
        return read.map(|(days, _)| Value::Date(days));
    }
    match raw {
        Raw::Text(text) => parse(Kind::Date, text, zone),
        _ => shown(raw)?.days.map(Value::Date),
    }
}

fn time(raw: &Raw<'_>, format: Option<&Format>, zone: &TimeZone) -> Option<Value> {
    if let Some(read) = in_pattern(raw, format) {
        return read.map(|(_, seconds)| Value::Time(seconds));
    }
    match raw {
        Raw::Text(text) => parse(Kind::Time, text, zone),
        _ => shown(raw).map(|moment| Value::Time(moment.seconds)),
    }
}

fn datetime(raw: &Raw<'_>, format: Option<&Format>, zone: &TimeZone) -> Option<Value> {
    if let Some(read) = in_pattern(raw, format) {
        return read.and_then(|(days, seconds)| instant_of(days, seconds, zone)).map(Value::Datetime);
    }
    match raw {
        Raw::Text(text) => parse(Kind::Datetime, text, zone),
        _ => shown(raw)?.instant(zone).map(Value::Datetime),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flow::plan::file::DatePattern;

    fn read(raw: Raw<'_>, kind: Kind, format: Option<&str>) -> Result<String, Reason> {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let format = format.map(|f| match f {
            "#,##0" => Format::Grouped,
            pattern => Format::Date(DatePattern::parse(pattern).unwrap()),
        });
        value(&raw, kind, format.as_ref(), &zone).map(|v| crate::text::value_text(&v, &zone))
    }

    #[test]
    fn cells_become_what_their_column_says() {
        let serial = |value| Raw::Serial { value, system_1904: false };
        for (raw, kind, format, wanted) in [
            (Raw::Number(0.1 + 0.2), Kind::Number, None, "0.3"),
            (Raw::Text(" 1.50 "), Kind::Number, None, "1.5"),
            (Raw::Text("-1,234,567.5"), Kind::Number, Some("#,##0"), "-1234567.5"),
            (Raw::Text("1234567"), Kind::Number, Some("#,##0"), "1234567"),
            (serial(46_347.0), Kind::Date, None, "2026-11-21"),
            (Raw::Number(46_347.0), Kind::Date, None, "2026-11-21"),
            (Raw::Number(20_261_121.0), Kind::Date, Some("yyyyMMdd"), "2026-11-21"),
            (Raw::Text("20261121"), Kind::Date, Some("yyyyMMdd"), "2026-11-21"),
            (serial(0.5), Kind::Time, None, "12:00"),
            (serial(46_347.75), Kind::Time, None, "18:00"),
            (serial(46_347.375), Kind::Datetime, None, "2026-11-21T09:00:00+09:00"),
            (Raw::Text("2026/11/21 9:05"), Kind::Datetime, Some("yyyy/MM/dd H:mm"), "2026-11-21T09:05:00+09:00"),
            (serial(46_347.375), Kind::Text, None, "2026-11-21 09:00"),
            (serial(46_347.0), Kind::Text, None, "2026-11-21"),
            (Raw::Number(12_345.0), Kind::Text, None, "12345"),
            (Raw::Bool(true), Kind::Text, None, "TRUE"),
            (Raw::Text("a\r\nb\rc"), Kind::Text, None, "a\nb\nc"),
            (Raw::Text("x\r\n\n y "), Kind::Texts, None, "x\ny"),
            (Raw::Text("sato\nsuzuki"), Kind::Entities, None, "sato\nsuzuki"),
            (Raw::Text(""), Kind::Number, None, ""),
        ] {
            assert_eq!(read(raw.clone(), kind, format).as_deref(), Ok(wanted), "{raw:?}");
        }
    }

    #[test]
    fn what_does_not_convert_has_a_reason() {
        for (raw, kind, format, wanted) in [
            (Raw::Text("1,000"), Kind::Number, None, Reason::NotANumber),
            (Raw::Text("1,00"), Kind::Number, Some("#,##0"), Reason::NotANumber),
            (Raw::Text("1.000,5"), Kind::Number, Some("#,##0"), Reason::NotANumber),
            (Raw::Bool(true), Kind::Number, None, Reason::NotANumber),
            (Raw::Serial { value: 46_347.0, system_1904: false }, Kind::Number, None, Reason::NotANumber),
            (Raw::Serial { value: 0.5, system_1904: false }, Kind::Date, None, Reason::NotADate),
            (Raw::Number(20_261_121.0), Kind::Date, None, Reason::NotADate),
            (Raw::Text("2026/11/21"), Kind::Date, Some("yyyyMMdd"), Reason::NotADate),
            (Raw::Text("25:00"), Kind::Time, None, Reason::NotATime),
            (Raw::Bool(false), Kind::Datetime, None, Reason::NotADatetime),
            (Raw::Error("#N/A"), Kind::Text, None, Reason::CellError),
        ] {
            assert_eq!(read(raw.clone(), kind, format), Err(wanted), "{raw:?}");
        }
    }
}
