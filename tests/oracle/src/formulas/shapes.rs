//! What each function takes: one line per function, so that the generator can call it.
//!
//! A line is `NAME result argument…`; `[x]` may be left out, `x...` stands once to four times, `=a|b` is one of these texts.
//! `NAME=STORED` gives the name in an Excel file where that is another. A function may have several lines.
//! A function of Suiro's table that has no line must be in [`EXCEPTIONS`], with the reason.

/// What an argument is, or what a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Any number
    Number,
    /// A number above zero
    Positive,
    /// A small whole number, also negative
    Whole,
    /// A count of characters and the like: 0 or more, seldom less
    Count,
    /// A place in a text: 1 or more, seldom less
    Position,
    /// Decimals to round to, also negative
    Places,
    /// Any text
    Text,
    /// A short text that may occur in another
    Needle,
    /// A text that reads as a number
    NumberText,
    /// A date
    Date,
    /// A text that reads as a date
    DateText,
    /// A time of day
    Time,
    /// A text that reads as a time
    TimeText,
    /// A date and time
    Moment,
    /// A truth value or a comparison
    Truth,
    /// A number or a text. A truth value is none of them: LibreOffice has no kind for it, and shows it as a number in a text
    Any,
    /// A number, a text, a truth value, a blank or an error
    Anything,
    /// A format of numbers
    Format,
    /// A format of dates
    DateFormat,
    /// A format of times
    TimeFormat,
    /// One of the texts between bars
    Choice(&'static str),
}

impl Slot {
    fn parse(word: &'static str) -> Option<Self> {
        Some(match word {
            "number" => Self::Number,
            "positive" => Self::Positive,
            "whole" => Self::Whole,
            "count" => Self::Count,
            "position" => Self::Position,
            "places" => Self::Places,
            "text" => Self::Text,
            "needle" => Self::Needle,
            "numbertext" => Self::NumberText,
            "date" => Self::Date,
            "datetext" => Self::DateText,
            "time" => Self::Time,
            "timetext" => Self::TimeText,
            "moment" => Self::Moment,
            "truth" => Self::Truth,
            "any" => Self::Any,
            "anything" => Self::Anything,
            "format" => Self::Format,
            "dateformat" => Self::DateFormat,
            "timeformat" => Self::TimeFormat,
            _ => Self::Choice(word.strip_prefix('=')?),
        })
    }
}

/// An argument of a shape.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// What it is.
    pub slot: Slot,
    /// It may be left out, with all that follow.
    pub optional: bool,
    /// It may be repeated.
    pub many: bool,
}

/// One way to call a function.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its name in Suiro.
    pub name: &'static str,
    /// Its name in an Excel file: newer functions have a prefix there.
    pub stored: &'static str,
    /// What it gives.
    pub gives: Slot,
    /// What it takes.
    pub args: Vec<Arg>,
}

impl Shape {
    fn parse(line: &'static str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let stored = words.next()?;
        let (name, stored) = stored.split_once('=').unwrap_or((stored.trim_start_matches("_xlfn."), stored));
        let gives = Slot::parse(words.next()?)?;
        let args = words.map(argument).collect::<Option<_>>()?;
        Some(Self { name, stored, gives, args })
    }
}

fn argument(word: &'static str) -> Option<Arg> {
    let inner = word.strip_prefix('[').and_then(|w| w.strip_suffix(']'));
    let (word, optional) = inner.map_or((word, false), |inner| (inner, true));
    let repeated = word.strip_suffix("...");
    let (word, many) = repeated.map_or((word, false), |one| (one, true));
    Some(Arg { slot: Slot::parse(word)?, optional, many })
}

/// All shapes.
pub fn all() -> Vec<Shape> {
    SHAPES.lines().filter(|line| !line.trim().is_empty()).filter_map(Shape::parse).collect()
}

const SHAPES: &str = r#"
IF          any     truth any any
IF          truth   truth truth truth
IF          truth   truth truth
IF          number  truth number number
_xlfn.IFS   any     truth any truth any
_xlfn.IFS   any     truth any =TRUE any
_xlfn.SWITCH any    whole =1 any =2 any
_xlfn.SWITCH any    needle ="a" any ="東" any any
AND         truth   truth...
OR          truth   truth...
_xlfn.XOR   truth   truth...
NOT         truth   truth
NOT         truth   number
TRUE        truth
FALSE       truth
IFERROR     any     anything any
IFERROR     number  number number
_xlfn.IFNA  any     anything any
ISBLANK     truth   anything
ISNUMBER    truth   anything
ISTEXT      truth   anything
ISLOGICAL   truth   anything
ISLOGICAL   truth   truth
ISERROR     truth   anything
ISNA        truth   anything
NA          any
DATE        date    =2026|2025|2024|2023|2000|1999|1987|1950|2100|2030|2048|126 whole whole
TIME        time    =9|12|23|0|24|30|8 =0|30|59|90|1|600 =0|15|59|61|7200
TIME        time    =9|12|23|B1|-1 =30|-30|B2|100 =0|-5|30|B3
DATEVALUE   date    datetext
TIMEVALUE   time    timetext
YEAR        number  date
YEAR        number  datetext
MONTH       number  date
MONTH       number  moment
DAY         number  date
DAY         number  datetext
HOUR        number  time
HOUR        number  moment
MINUTE      number  time
MINUTE      number  moment
SECOND      number  time
SECOND      number  timetext
WEEKDAY     number  date [=1|2|3|11|12|13|14|15|16|17|4|0]
EDATE       date    date whole
EDATE       date    datetext whole
EOMONTH     date    date whole
_xlfn.DAYS  number  date date
DATEDIF     number  date date ="Y"|"M"|"D"|"YM"|"MD"|"YD"
WEEKNUM     number  date [=1|2|11|12|13|14|15|16|17|21|3]
_xlfn.ISOWEEKNUM number date
_xlfn.CONCAT text   any...
CONCATENATE text    any...
_xlfn.TEXTJOIN text needle =TRUE|FALSE any any...
LEFT        text    text [count]
RIGHT       text    text [count]
MID         text    text position count
LEN         number  any
TRIM        text    text
UPPER       text    text
LOWER       text    text
REPT        text    needle count
TEXT        text    number format
TEXT        text    date dateformat
TEXT        text    moment dateformat
TEXT        text    time timeformat
VALUE       number  numbertext
FIND        number  needle text [position]
SEARCH      number  needle text [position]
SEARCH      number  ="?b"|"a*"|"b?n"|"*"|"~*"|"n*a"|"都"|"?" text
SUBSTITUTE  text    text needle needle [=1|2|3]
REPLACE     text    text position count needle
EXACT       truth   text text
ABS         number  number
ROUND       number  number places
ROUNDUP     number  number places
ROUNDDOWN   number  number places
CEILING     number  number =5|0.1|10|0.5|0.25|3|100|1
CEILING     number  number =-5|-0.5|-10|-3|-0.25|-100|0
FLOOR       number  number =5|0.1|10|0.5|0.25|3|100|1
FLOOR       number  number =-5|-0.5|-10|-3|-0.25|-100|0
INT         number  number
TRUNC       number  number [places]
MOD         number  number number
QUOTIENT    number  number number
POWER       number  number =2|3|0|-1|-2|5|10
POWER       number  positive =0.5|1.5|0.25|-0.5|0.3
SQRT        number  positive
SQRT        number  number
SIGN        number  number
SUM         number  number...
PRODUCT     number  number...
AVERAGE     number  number...
MIN         number  number...
MAX         number  number...
MEDIAN      number  number...
COUNT       number  anything...
COUNTA      number  anything...
"#;

/// Functions that the generator does not call, with the reason.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    ("TODAY", "another value each day"),
    ("NOW", "another value each second"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use flow::formula::functions;

    #[test]
    fn every_line_is_read_and_names_a_function() {
        let lines: Vec<&str> = SHAPES.lines().filter(|line| !line.trim().is_empty()).collect();
        for line in &lines {
            assert!(Shape::parse(line).is_some(), "{line}");
        }
        for shape in all() {
            assert!(functions::find(shape.name).is_some(), "{}", shape.name);
        }
    }

    #[test]
    fn every_function_is_generated_or_an_exception() {
        let shapes = all();
        let generated = |name: &str| shapes.iter().any(|shape| shape.name == name);
        let excepted = |name: &str| EXCEPTIONS.iter().any(|(exception, _)| *exception == name);
        let missing: Vec<&str> = functions::all().map(|f| f.name).filter(|n| !generated(n) && !excepted(n)).collect();
        assert!(missing.is_empty(), "neither shape nor exception: {missing:?}");
        let both: Vec<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).filter(|name| generated(name)).collect();
        assert!(both.is_empty(), "shape and exception: {both:?}");
        let unknown: Vec<&str> =
            EXCEPTIONS.iter().map(|(name, _)| *name).filter(|name| functions::find(name).is_none()).collect();
        assert!(unknown.is_empty(), "exceptions that are no functions: {unknown:?}");
    }
}
