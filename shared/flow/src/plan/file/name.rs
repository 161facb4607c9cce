//! Names of files, with parameters (`%field%`) and dates (`{yyyyMMdd}`) that are filled in for each run.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::file_path::{FilePath, FilePathError};

use super::{DatePattern, PatternError};

/// A piece of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePart {
    /// Itself.
    Text(String),
    /// The value of a parameter.
    Parameter(String),
    /// When the run started, in the flow's zone.
    Date(DatePattern),
}

/// A name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// Its pieces.
    pub parts: Vec<NamePart>,
}

/// Why a text is no name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileNameError {
    /// A `%` without its partner. (`%%` is the sign itself.)
    OpenParameter,
    /// A `{` without `}`, or the reverse.
    OpenDate,
    /// Letters in braces that mean nothing.
    Pattern(PatternError),
    /// The path as a whole.
    Path(FilePathError),
}

impl FileName {
    /// Reads a name; the path is checked with harmless text in place of parameters.
    pub fn parse(text: &str) -> Result<Self, FileNameError> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            let special = match c {
                '%' => {
                    let (name, after) = rest.split_once('%').ok_or(FileNameError::OpenParameter)?;
                    rest = after;
                    if name.is_empty() {
                        plain.push('%');
                        continue;
                    }
                    NamePart::Parameter(name.to_owned())
                }
                '{' => {
                    let (pattern, after) = rest.split_once('}').ok_or(FileNameError::OpenDate)?;
                    rest = after;
                    NamePart::Date(DatePattern::parse(pattern).map_err(FileNameError::Pattern)?)
                }
                '}' => return Err(FileNameError::OpenDate),
                c => {
                    plain.push(c);
                    continue;
                }
            };
            if !plain.is_empty() {
                parts.push(NamePart::Text(std::mem::take(&mut plain)));
            }
            parts.push(special);
        }
        if !plain.is_empty() {
            parts.push(NamePart::Text(plain));
        }
        let name = Self { parts };
        name.with(Timestamp::UNIX_EPOCH, &TimeZone::UTC, |_| "x".to_owned()).map_err(FileNameError::Path)?;
        Ok(name)
    }

    /// The parameters in it.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|p| if let NamePart::Parameter(name) = p { Some(name.as_str()) } else { None })
    }

    /// The path at an instant. A parameter that is still open stands as it is written; [`crate::bind`] closes them.
    pub fn at(&self, now: Timestamp, zone: &TimeZone) -> Result<FilePath, FilePathError> {
        self.with(now, zone, |name| format!("%{name}%"))
    }

    fn with(&self, now: Timestamp, zone: &TimeZone, value: impl Fn(&str) -> String) -> Result<FilePath, FilePathError> {
        let there = zone.to_datetime(now);
        let text = self.parts.iter().map(|part| match part {
            NamePart::Text(text) => text.clone(),
            NamePart::Parameter(name) => value(name),
            NamePart::Date(pattern) => pattern.format(there),
        });
        FilePath::new(text.collect::<String>())
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                NamePart::Text(text) => f.write_str(&text.replace('%', "%%"))?,
                NamePart::Parameter(name) => write!(f, "%{name}%")?,
                NamePart::Date(pattern) => write!(f, "{{{pattern}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in() {
        let name = FileName::parse("受注/%部門%/在庫_{yyyyMMdd}_50%%.csv").unwrap();
        assert_eq!(name.to_string(), "受注/%部門%/在庫_{yyyyMMdd}_50%%.csv");
        assert_eq!(name.parameters().collect::<Vec<_>>(), ["部門"]);
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let late: Timestamp = "2026-11-21T15:30:00Z".parse().unwrap();
        assert_eq!(name.at(late, &tokyo).unwrap().as_str(), "受注/%部門%/在庫_20261122_50%.csv");
    }

    #[test]
    fn mistakes_are_found() {
        assert_eq!(FileName::parse("a%b.csv"), Err(FileNameError::OpenParameter));
        assert_eq!(FileName::parse("a{yyyy.csv"), Err(FileNameError::OpenDate));
        assert_eq!(FileName::parse("a}.csv"), Err(FileNameError::OpenDate));
        assert_eq!(FileName::parse("{YYYY}.csv"), Err(FileNameError::Pattern(PatternError("YYYY".into()))));
        assert_eq!(FileName::parse("../%a%.csv"), Err(FileNameError::Path(FilePathError::Dots)));
        assert_eq!(FileName::parse("{yyyy/MM}:.csv"), Err(FileNameError::Path(FilePathError::Character(':'))));
        assert_eq!(FileName::parse(""), Err(FileNameError::Path(FilePathError::Empty)));
    }
}
