//! Patterns of dates and times: `yyyy/MM/dd`, `yyyyMMdd_HHmm`. For names of files, and for cells that hold dates as text.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};

/// One piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Year,
    Month { two: bool },
    Day { two: bool },
    Hour { two: bool },
    Minute { two: bool },
    Second { two: bool },
    Other(char),
}

/// A pattern of `yyyy`, `M`, `MM`, `d`, `dd`, `H`, `HH`, `m`, `mm`, `s`, `ss` and characters that are no ASCII letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatePattern {
    text: String,
    pieces: Vec<Piece>,
}

/// Letters that mean nothing in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" means nothing in a pattern of dates; write yyyy, MM, dd, HH, mm, ss")]
pub struct PatternError(pub String);

impl DatePattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(first) = rest.chars().next() {
            if !first.is_ascii_alphabetic() {
                pieces.push(Piece::Other(first));
                rest = &rest[first.len_utf8()..];
                continue;
            }
            let letters = rest.chars().take_while(|c| *c == first).count();
            let (word, after) = rest.split_at(letters);
            let two = letters == 2;
            pieces.push(match (first, letters) {
                ('y', 4) => Piece::Year,
                ('M', 1 | 2) => Piece::Month { two },
                ('d', 1 | 2) => Piece::Day { two },
                ('H', 1 | 2) => Piece::Hour { two },
                ('m', 1 | 2) => Piece::Minute { two },
                ('s', 1 | 2) => Piece::Second { two },
                _ => return Err(PatternError(word.to_owned())),
            });
            rest = after;
        }
        Ok(Self { text: text.to_owned(), pieces })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True where it tells a whole day: year, month and day.
    pub fn has_date(&self) -> bool {
        let has = |wanted: fn(&Piece) -> bool| self.pieces.iter().any(wanted);
        has(|p| matches!(p, Piece::Year))
            && has(|p| matches!(p, Piece::Month { .. }))
            && has(|p| matches!(p, Piece::Day { .. }))
    }

    /// True where it tells an hour.
    pub fn has_time(&self) -> bool {
        self.pieces.iter().any(|p| matches!(p, Piece::Hour { .. }))
    }

    /// A date and time in this pattern.
    pub fn format(&self, at: DateTime) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            let (number, two) = match *piece {
                Piece::Year => {
                    out += &format!("{:04}", at.year());
                    continue;
                }
                Piece::Other(c) => {
                    out.push(c);
                    continue;
                }
                Piece::Month { two } => (at.month(), two),
                Piece::Day { two } => (at.day(), two),
                Piece::Hour { two } => (at.hour(), two),
                Piece::Minute { two } => (at.minute(), two),
                Piece::Second { two } => (at.second(), two),
            };
            out += &if two { format!("{number:02}") } else { number.to_string() };
        }
        out
    }

    /// The date and time of a text in this pattern; what the pattern does not tell is the first of January 1970, 00:00:00.
    /// `None` where the text is not in it.
    pub fn read(&self, text: &str) -> Option<DateTime> {
        let (mut year, mut month, mut day, mut hour, mut minute, mut second) = (1970i16, 1i8, 1i8, 0i8, 0i8, 0i8);
        let mut rest = text;
        for piece in &self.pieces {
            match *piece {
                Piece::Year => year = digits(&mut rest, 4, 4)?,
                Piece::Month { two } => month = digits(&mut rest, least(two), 2)?,
                Piece::Day { two } => day = digits(&mut rest, least(two), 2)?,
                Piece::Hour { two } => hour = digits(&mut rest, least(two), 2)?,
                Piece::Minute { two } => minute = digits(&mut rest, least(two), 2)?,
                Piece::Second { two } => second = digits(&mut rest, least(two), 2)?,
                Piece::Other(c) => rest = rest.strip_prefix(c)?,
            }
        }
        let date = Date::new(year, month, day).ok()?;
        let time = Time::new(hour, minute, second, 0).ok()?;
        rest.is_empty().then(|| DateTime::from_parts(date, time))
    }
}

fn least(two: bool) -> usize {
    if two { 2 } else { 1 }
}

/// A number of so many ASCII digits at the start of the text, which is cut off.
fn digits<T: std::str::FromStr>(rest: &mut &str, least: usize, most: usize) -> Option<T> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(count);
    *rest = after;
    if count >= least { number.parse().ok() } else { None }
}

impl fmt::Display for DatePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_go_both_ways() {
        let at = jiff::civil::datetime(2026, 3, 1, 9, 5, 7, 0);
        for (pattern, text) in [
            ("yyyyMMdd", "20260301"),
            ("yyyy/M/d", "2026/3/1"),
            ("yyyy年MM月dd日 H:mm:ss", "2026年03月01日 9:05:07"),
            ("yyyy-MM-ddHHmm", "2026-03-010905"),
        ] {
            let parsed = DatePattern::parse(pattern).unwrap();
            assert_eq!(parsed.format(at), text);
            assert_eq!(parsed.read(text).map(|found| found.date()), Some(at.date()), "{pattern}");
            assert_eq!(parsed.to_string(), pattern);
        }
        let short = DatePattern::parse("yyyy/M/d").unwrap();
        assert_eq!(short.read("2026/03/01").map(|d| d.date()), Some(at.date()), "one digit or two");
        assert_eq!((short.has_date(), short.has_time()), (true, false));
    }

    #[test]
    fn what_is_not_in_the_pattern_is_none() {
        let pattern = DatePattern::parse("yyyyMMdd").unwrap();
        for text in ["", "2026030", "202603011", "2026-03-01", "20260230", "２０２６0301", "あ"] {
            assert_eq!(pattern.read(text), None, "{text}");
        }
    }

    #[test]
    fn unknown_letters_are_named() {
        for (text, word) in [("YYYY", "YYYY"), ("yy", "yy"), ("yyyyMMM", "MMM"), ("dd T", "T")] {
            assert_eq!(DatePattern::parse(text), Err(PatternError(word.into())));
        }
    }
}
