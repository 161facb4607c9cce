//! The functions of the query language: their arguments, and the days that they stand for.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::error::QueryError;

/// A function call with its arguments understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `NOW()`: the minute in which the query is asked.
    Now,
    /// A function that stands for a day or for several days.
    Days(Days),
    /// `LOGINUSER()`: who asks.
    LoginUser,
    /// `PRIMARY_ORGANIZATION()`: the first organization of who asks.
    PrimaryOrganization,
}

/// A day or a run of days, seen from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// So many units from today; `TODAY()` is 0 days.
    FromToday(i64, Unit),
    /// A week (0 is this one), whole or one day of it.
    Week(i8, Option<Weekday>),
    /// A month (0 is this one), whole or one day of it.
    Month(i8, Option<MonthDay>),
    /// A year (0 is this one).
    Year(i8),
}

/// A unit of `FROM_TODAY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months; a day that the month lacks becomes its last.
    Months,
    /// Years.
    Years,
}

/// A day of a month function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthDay {
    /// 1 to 31.
    Nth(i8),
    /// `LAST`
    Last,
}

/// An argument as it was written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Argument<'a> {
    Word(&'a str),
    Number(&'a str),
}

/// Days from `start` (included) to `end` (excluded).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub start: Date,
    pub end: Date,
}

/// Understands a call. An unknown name is a syntax error.
pub(super) fn resolve(name: &str, arguments: &[Argument<'_>]) -> Result<Function, QueryError> {
    let none = |function: Function| if arguments.is_empty() { Ok(function) } else { Err(QueryError::arguments()) };
    let day = |offset| none(Function::Days(Days::FromToday(offset, Unit::Days)));
    let week = |offset| Ok(Function::Days(Days::Week(offset, optional(arguments, weekday)?)));
    let month = |offset| Ok(Function::Days(Days::Month(offset, optional(arguments, month_day)?)));
    let year = |offset| none(Function::Days(Days::Year(offset)));
    match name {
        "NOW" => none(Function::Now),
        "TODAY" => day(0),
        "YESTERDAY" => day(-1),
        "TOMORROW" => day(1),
        "FROM_TODAY" => from_today(arguments).map(Function::Days),
        "THIS_WEEK" => week(0),
        "LAST_WEEK" => week(-1),
        "NEXT_WEEK" => week(1),
        "THIS_MONTH" => month(0),
        "LAST_MONTH" => month(-1),
        "NEXT_MONTH" => month(1),
        "THIS_YEAR" => year(0),
        "LAST_YEAR" => year(-1),
        "NEXT_YEAR" => year(1),
        "LOGINUSER" => none(Function::LoginUser),
        "PRIMARY_ORGANIZATION" => none(Function::PrimaryOrganization),
        _ => Err(QueryError::syntax()),
    }
}

fn optional<T>(
    arguments: &[Argument<'_>],
    read: fn(Argument<'_>) -> Result<T, QueryError>,
) -> Result<Option<T>, QueryError> {
    match arguments {
        [] => Ok(None),
        [only] => read(*only).map(Some),
        _ => Err(QueryError::arguments()),
    }
}

fn from_today(arguments: &[Argument<'_>]) -> Result<Days, QueryError> {
    let [Argument::Number(count), unit] = arguments else { return Err(QueryError::arguments()) };
    let count = count.parse().map_err(|_| QueryError::arguments())?;
    let unit = match unit {
        Argument::Word("DAYS") => Unit::Days,
        Argument::Word("WEEKS") => Unit::Weeks,
        Argument::Word("MONTHS") => Unit::Months,
        Argument::Word("YEARS") => Unit::Years,
        _ => return Err(QueryError::unit()),
    };
    if span(count, unit).is_none() {
        return Err(QueryError::arguments());
    }
    Ok(Days::FromToday(count, unit))
}

fn weekday(argument: Argument<'_>) -> Result<Weekday, QueryError> {
    match argument {
        Argument::Word("SUNDAY") => Ok(Weekday::Sunday),
        Argument::Word("MONDAY") => Ok(Weekday::Monday),
        Argument::Word("TUESDAY") => Ok(Weekday::Tuesday),
        Argument::Word("WEDNESDAY") => Ok(Weekday::Wednesday),
        Argument::Word("THURSDAY") => Ok(Weekday::Thursday),
        Argument::Word("FRIDAY") => Ok(Weekday::Friday),
        Argument::Word("SATURDAY") => Ok(Weekday::Saturday),
        _ => Err(QueryError::arguments()),
    }
}

fn month_day(argument: Argument<'_>) -> Result<MonthDay, QueryError> {
    match argument {
        Argument::Word("LAST") => Ok(MonthDay::Last),
        Argument::Word(text) => Err(QueryError::month_day(text)),
        Argument::Number(text) => match text.parse() {
            Ok(day @ 1..=31) => Ok(MonthDay::Nth(day)),
            _ => Err(QueryError::month_day(text)),
        },
    }
}

/// The span, unless it is beyond the calendar.
fn span(count: i64, unit: Unit) -> Option<Span> {
    let span = Span::new();
    match unit {
        Unit::Days => span.try_days(count),
        Unit::Weeks => span.try_weeks(count),
        Unit::Months => span.try_months(count),
        Unit::Years => span.try_years(count),
    }
    .ok()
}

impl Days {
    /// The days meant, where `today` is the date in the asking user's time zone. Ends of the calendar are not passed.
    pub(super) fn period(self, today: Date) -> Period {
        match self {
            Days::FromToday(count, unit) => Period::day(match span(count, unit) {
                Some(span) => today.saturating_add(span),
                None => today,
            }),
            Days::Week(offset, day) => {
                let back = i64::from(today.weekday().to_sunday_zero_offset());
                let sunday = today.saturating_sub(back.days()).saturating_add(i64::from(offset).weeks());
                match day {
                    Some(day) => Period::day(sunday.saturating_add(i64::from(day.to_sunday_zero_offset()).days())),
                    None => Period { start: sunday, end: sunday.saturating_add(1.week()) },
                }
            }
            Days::Month(offset, day) => {
                let first = today.first_of_month().saturating_add(i64::from(offset).months());
                match day {
                    Some(MonthDay::Nth(day)) if day > first.days_in_month() => {
                        Period::day(first.saturating_add(1.month()))
                    }
                    Some(MonthDay::Nth(day)) => Period::day(first.saturating_add(i64::from(day - 1).days())),
                    Some(MonthDay::Last) => Period::day(first.last_of_month()),
                    None => Period { start: first, end: first.saturating_add(1.month()) },
                }
            }
            Days::Year(offset) => {
                let first = today.first_of_year().saturating_add(i64::from(offset).years());
                Period { start: first, end: first.saturating_add(1.year()) }
            }
        }
    }
}

impl Period {
    /// One day.
    pub fn day(start: Date) -> Self {
        Period { start, end: start.saturating_add(1.day()) }
    }
}
