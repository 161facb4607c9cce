//! What each function takes: one line per function, so that the generator can call it.
//!
//! A line is `NAME result argument…`; `[x]` may be left out, `x...` stands once to four times, `=a|b~c` is `a` or `b`, and seldom `c`
//! (with ␠ for a space).
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
    /// Six numbers: a list or a column of the table
    Numbers,
    /// Six texts: a list or a column of the table
    Texts,
    /// A condition of COUNTIF and its kin on numbers
    NumberTest,
    /// A condition of COUNTIF and its kin on texts
    TextTest,
    /// A text without spaces and half-width kana: seldom another
    Solid,
    /// A year, seldom one below 1900
    Year,
    /// A place among six numbers, seldom beyond them
    Rank,
    /// A number that is seldom 0
    Divisor,
    /// One of the texts between bars, seldom one behind a tilde
    Choice(&'static str),
}

impl Slot {
    /// Whether an argument of any kind may stand here now and then. Formats and given texts are kept.
    pub fn may_be_wrong(self) -> bool {
        !matches!(
            self,
            Self::Choice(_)
                | Self::Places
                | Self::Format
                | Self::DateFormat
                | Self::TimeFormat
                | Self::Numbers
                | Self::Texts
        )
    }

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
            "numbers" => Self::Numbers,
            "texts" => Self::Texts,
            "numbertest" => Self::NumberTest,
            "texttest" => Self::TextTest,
            "solid" => Self::Solid,
            "year" => Self::Year,
            "rank" => Self::Rank,
            "divisor" => Self::Divisor,
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
        let mut words = line.split_ascii_whitespace();
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

/// One line per call.
const SHAPES: &str = include_str!("shapes.txt");

/// Functions that the generator does not call, with the reason.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    ("TODAY", "another value each day"),
    ("NOW", "another value each second"),
    (
        "LIST",
        "LibreOffice has no function for it; lists are written as inline arrays there and stand in other functions",
    ),
    ("TEXTSPLIT", "LibreOffice 7.4 has none"),
    ("XLOOKUP", "LibreOffice 7.4 has none"),
    ("MATCH", "it finds equal values only, where LibreOffice finds the nearest without a third argument"),
    ("CONTAINS", "Suiro's own"),
    ("CONTAINSANY", "Suiro's own"),
    ("UNION", "Suiro's own"),
    ("INTERSECT", "Suiro's own"),
    ("EXCEPT", "Suiro's own"),
    ("UNIQUE", "LibreOffice 7.4 has none"),
    ("SORT", "LibreOffice 7.4 has none"),
    ("CODES", "Suiro's own: users and their like"),
    ("NAMES", "Suiro's own: users and their like"),
    ("ROWS", "of a table as a whole, which is no range in LibreOffice"),
    ("ARRAYTOTEXT", "LibreOffice 7.4 has none"),
    ("RAND", "another value each time"),
    ("RANDBETWEEN", "another value each time"),
    ("YEN", "LibreOffice writes the full-width ￥; the digits are those of FIXED"),
    ("TEXTBEFORE", "LibreOffice 7.4 has none"),
    ("TEXTAFTER", "LibreOffice 7.4 has none"),
    ("REGEXTEST", "LibreOffice 7.4 has none"),
    ("REGEXEXTRACT", "LibreOffice 7.4 has none"),
    ("REGEXREPLACE", "LibreOffice 7.4 has none"),
    ("NUMBERSTRING", "LibreOffice reads it from no file of Excel"),
    ("DATESTRING", "LibreOffice has none"),
    ("FISCALYEAR", "Suiro's own"),
    ("FISCALHALF", "Suiro's own"),
    ("FISCALQUARTER", "Suiro's own"),
    ("FISCALMONTH", "Suiro's own"),
    ("FYSTART", "Suiro's own"),
    ("FYEND", "Suiro's own"),
    ("CLOSINGDATE", "Suiro's own"),
    ("ISWORKDAY", "Suiro's own"),
    ("TOERA", "Suiro's own; the same eras stand in formats of TEXT"),
    ("FROMERA", "Suiro's own"),
    ("ERA", "Suiro's own"),
    ("ERAYEAR", "Suiro's own"),
    ("HIRAGANA", "Suiro's own"),
    ("KATAKANA", "Suiro's own"),
    ("NORMALIZE", "Suiro's own"),
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
