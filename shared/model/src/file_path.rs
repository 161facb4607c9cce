//! The path of a file in a unit's file store: what may be one, checked once, before anything is opened.

use std::fmt;

/// Longest path, in bytes. S3 takes keys of 1,024; the rest is for the prefix and for Suiro's own notes.
const LONGEST: usize = 600;
/// Longest name of a folder or file, in bytes: file systems take 255, and Suiro's notes add a suffix.
const LONGEST_NAME: usize = 200;
/// Names that begin so are Suiro's own: what it stages, and what it remembers of a file.
pub const OWN_FOLDER: &str = ".suiro";

/// A path below a unit's file store: names with `/` between, none of which leads out of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath(String);

/// Why a text is no path of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilePathError {
    /// Nothing, or nothing between two slashes.
    #[error("a name in it is empty")]
    Empty,
    /// `.` or `..`.
    #[error("it may not hold \".\" or \"..\" as a name")]
    Dots,
    /// A character that paths do not hold everywhere: `\`, `:`, `*`, `?`, `"`, `<`, `>`, `|`, control characters.
    #[error("it may not hold the character {0:?}")]
    Character(char),
    /// Begins or ends with a blank, or ends with a dot: some file systems drop those.
    #[error("a name in it begins or ends with a blank, or ends with a dot")]
    Edge,
    /// Too long.
    #[error("it is longer than {LONGEST} bytes, or a name in it than {LONGEST_NAME}")]
    Long,
    /// Begins with `.suiro`.
    #[error("names that begin with \"{OWN_FOLDER}\" are Suiro's own")]
    Own,
}

impl FilePathError {
    /// The reason in Japanese.
    pub fn ja(self) -> String {
        match self {
            Self::Empty => "空の名前があります".to_owned(),
            Self::Dots => "「.」や「..」という名前は使えません".to_owned(),
            Self::Character(c) => format!("文字 {c:?} は使えません"),
            Self::Edge => "名前の先頭と末尾の空白、末尾の「.」は使えません".to_owned(),
            Self::Long => format!("長すぎます（全体で{LONGEST}バイト、一つの名前は{LONGEST_NAME}バイトまで）"),
            Self::Own => format!("「{OWN_FOLDER}」で始まる名前は Suiro が使います"),
        }
    }
}

impl FilePath {
    /// Checks a text.
    pub fn new(text: impl Into<String>) -> Result<Self, FilePathError> {
        let text = text.into();
        if text.len() > LONGEST {
            return Err(FilePathError::Long);
        }
        for name in text.split('/') {
            check_name(name)?;
        }
        Ok(Self(text))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same file with this in front of its extension: `a/b.csv` and `-3` make `a/b-3.csv`.
    pub fn with_suffix(&self, suffix: &str) -> Result<Self, FilePathError> {
        let name = self.0.rfind('/').map_or(0, |slash| slash + 1);
        // A name that begins with its only dot has no extension.
        let dot = self.0[name..].rfind('.').filter(|dot| *dot > 0).map_or(self.0.len(), |dot| name + dot);
        Self::new(format!("{}{suffix}{}", &self.0[..dot], &self.0[dot..]))
    }
}

fn check_name(name: &str) -> Result<(), FilePathError> {
    let bad = |c: &char| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    match name {
        "" => return Err(FilePathError::Empty),
        "." | ".." => return Err(FilePathError::Dots),
        _ => {}
    }
    if let Some(c) = name.chars().find(bad) {
        return Err(FilePathError::Character(c));
    }
    if name.trim() != name || name.ends_with('.') {
        return Err(FilePathError::Edge);
    }
    if name.len() > LONGEST_NAME {
        return Err(FilePathError::Long);
    }
    if name.get(..OWN_FOLDER.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_FOLDER)) {
        return Err(FilePathError::Own);
    }
    Ok(())
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_its_store() {
        for (text, wanted) in [
            ("", FilePathError::Empty),
            ("/etc/passwd", FilePathError::Empty),
            ("a//b", FilePathError::Empty),
            ("a/", FilePathError::Empty),
            ("..", FilePathError::Dots),
            ("a/../../b", FilePathError::Dots),
            ("./a", FilePathError::Dots),
            ("a\\b", FilePathError::Character('\\')),
            ("C:/a", FilePathError::Character(':')),
            ("a\0b", FilePathError::Character('\0')),
            ("a\nb", FilePathError::Character('\n')),
            ("a /b", FilePathError::Edge),
            ("a.", FilePathError::Edge),
            ("...", FilePathError::Edge),
            (".suiro/staged", FilePathError::Own),
            ("a/.Suiro-x", FilePathError::Own),
        ] {
            assert_eq!(FilePath::new(text), Err(wanted), "{text:?}");
        }
        assert_eq!(FilePath::new("あ".repeat(67)), Err(FilePathError::Long), "201 bytes of one name");
        assert_eq!(FilePath::new("abc/".repeat(150) + "d"), Err(FilePathError::Long));
        for text in ["a.csv", "受注/2026 年/在庫.xlsx", ".hidden", "a..b", "50%"] {
            assert_eq!(FilePath::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_suffix_stands_in_front_of_the_extension() {
        for (path, wanted) in
            [("a/b.csv", "a/b-3.csv"), ("a.b/c", "a.b/c-3"), (".hidden", ".hidden-3"), ("x.tar.gz", "x.tar-3.gz")]
        {
            assert_eq!(FilePath::new(path).unwrap().with_suffix("-3").unwrap().as_str(), wanted);
        }
    }
}
