//! Excel's date and time formats: `yyyy/mm/dd`, `ggge年`, `aaa`, `hh:mm`, `[h]:mm` and the like.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use model::decimal::Decimal;
use model::value::Value;

use super::ErrorValue;
use super::calendar::{self, DAY};
use super::convert::{seconds_of, text_number};
use super::format_pattern::Token;
use super::{era, serial};

/// What a date format shows: a day, a time of day, or both; a bare number is a time that may pass a day.
pub(super) struct Moment {
    day: Option<i32>,
    /// Seconds of the day; of a number, all its seconds.
    seconds: i64,
    /// A number: it may pass a day, and is a date too where Excel shows one.
    number: bool,
}

impl Moment {
    /// The moment that a value is; None for blank and for text that is none.
    pub fn of(value: &Value, zone: &TimeZone) -> Result<Option<Self>, ErrorValue> {
        let at = |day, seconds: i32| Some(Self { day, seconds: i64::from(seconds), number: false });
        Ok(match value {
            Value::Date(day) => at(Some(*day), 0),
            Value::Time(second) => at(None, *second),
            Value::Datetime(instant) => {
                let (day, second) = calendar::local(*instant, zone)?;
                at(Some(day), second)
            }
            Value::Number(n) => Some(Self::duration(*n)?),
            Value::Text(text) => {
                if let Some(day) = calendar::parse_date(text) {
                    at(Some(day), 0)
                } else if let Some(second) = calendar::parse_time(text) {
                    at(None, second)
                } else if let Some(instant) = calendar::parse_instant(text, zone) {
                    return Self::of(&Value::Datetime(instant), zone);
                } else {
                    text_number(text).map(Self::duration).transpose()?
                }
            }
            _ => None,
        })
    }

    fn duration(days: Decimal) -> Result<Self, ErrorValue> {
        let seconds = seconds_of(days)?;
        if seconds < 0 {
            return Err(ErrorValue::Value);
        }
        let day = serial::to_day(Decimal::from(seconds.div_euclid(DAY))).ok();
        Ok(Self { day, seconds, number: true })
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const WEEKDAYS_JA: [char; 7] = ['月', '火', '水', '木', '金', '土', '日'];

/// Formats a moment by a section that has date codes.
pub(super) fn format(section: &[Token], moment: &Moment) -> Result<String, ErrorValue> {
    let first_year = section.contains(&Token::FirstYear);
    let half_day = section.iter().any(|t| matches!(t, Token::HalfDay(..)));
    let mut out = String::new();
    for (at, token) in section.iter().enumerate() {
        match token {
            Token::Date('h', count) => {
                let hour = moment.seconds / 3600 % 24;
                let hour = if half_day { (hour + 11) % 12 + 1 } else { hour };
                padded(&mut out, hour, *count);
            }
            Token::Date('s', count) => padded(&mut out, moment.seconds % 60, *count),
            Token::Date('m', count) if *count <= 2 && is_minute(section, at) => {
                padded(&mut out, moment.seconds / 60 % 60, *count);
            }
            Token::Date('e', _)
                if first_year && moment.day.and_then(era::of_day).is_some_and(|(_, year)| year == 1) =>
            {
                out.push('元');
            }
            Token::Date(letter, count) => date_code(&mut out, *letter, *count, moment.day.ok_or(ErrorValue::Value)?)?,
            Token::Elapsed(unit, count) => {
                // Of a day and time, Excel would count from 1900; nobody means that.
                if moment.day.is_some() && !moment.number {
                    return Err(ErrorValue::Value);
                }
                let divisor = match unit {
                    'h' => 3600,
                    'm' => 60,
                    _ => 1,
                };
                padded(&mut out, moment.seconds / divisor, *count);
            }
            Token::HalfDay(morning, afternoon) => {
                out.push_str(if moment.seconds % DAY < DAY / 2 { morning } else { afternoon });
            }
            Token::FirstYear => {}
            Token::Literal(c) => out.push(*c),
            Token::Point => out.push('.'),
            Token::Comma => out.push(','),
            Token::Percent => out.push('%'),
            // Fractions of a second do not exist: ss.00 shows zeros.
            Token::Digit(_) => out.push('0'),
            Token::Text | Token::General => return Err(ErrorValue::Value),
        }
    }
    Ok(out)
}

/// `m` is a minute behind an hour or in front of a second, else a month.
fn is_minute(section: &[Token], at: usize) -> bool {
    let code = |t: &&Token| matches!(t, Token::Date(..) | Token::Elapsed(..));
    let before = section[..at].iter().rev().find(code);
    let after = section[at + 1..].iter().find(code);
    matches!(before, Some(Token::Date('h', _) | Token::Elapsed('h', _)))
        || matches!(after, Some(Token::Date('s', _) | Token::Elapsed('s', _)))
}

fn padded(out: &mut String, number: i64, digits: usize) {
    // As many zeros as Excel shows for one or two letters; [hhh] may ask for more.
    let digits = digits.min(10);
    let _ = write!(out, "{number:0digits$}");
}

/// The codes of days: year, month, day, weekday, era.
fn date_code(out: &mut String, letter: char, count: usize, day: i32) -> Result<(), ErrorValue> {
    let (year, month, of_month) = calendar::ymd(day);
    let month_name = usize::try_from(month - 1).ok().and_then(|m| MONTHS.get(m)).copied().unwrap_or_default();
    let weekday = weekday_index(day);
    match (letter, count) {
        ('y', 1 | 2) => padded(out, year % 100, 2),
        ('y', _) => padded(out, year, 4),
        ('m', 1 | 2) => padded(out, month, count),
        ('m', 3) => out.push_str(&month_name[..3]),
        ('m', 5) => out.push_str(&month_name[..1]),
        ('m', _) => out.push_str(month_name),
        ('d', 1 | 2) => padded(out, of_month, count),
        ('d', 3) => out.push_str(&WEEKDAYS[weekday][..3]),
        ('d', _) => out.push_str(WEEKDAYS[weekday]),
        ('a', 3) => out.push(WEEKDAYS_JA[weekday]),
        ('a', 4) => {
            out.push(WEEKDAYS_JA[weekday]);
            out.push_str("曜日");
        }
        ('g' | 'e', _) => {
            let (era, year) = era::of_day(day).ok_or(ErrorValue::Value)?;
            match letter {
                'g' => out.push_str(era.forms[count.clamp(1, 3) - 1]),
                _ => padded(out, year, count),
            }
        }
        _ => return Err(ErrorValue::Value),
    }
    Ok(())
}

/// 0 for Monday to 6 for Sunday. Day 0 (1970-01-01) was a Thursday.
pub(super) fn weekday_index(day: i32) -> usize {
    usize::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or_default()
}
