//! What is wrong with a flow: one problem, its place and its remedy, in Japanese and English; and the list of them.

use std::fmt;

/// One sentence or title in both languages of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Japanese.
    pub ja: &'static str,
    /// English.
    pub en: &'static str,
}

/// Shorthand for [`Words`] in tables.
pub const fn words(ja: &'static str, en: &'static str) -> Words {
    Words { ja, en }
}

/// A place in the text of a document; both count from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One problem of a document: where it is, what it is and what to do, for the person who wrote the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The step, where it belongs to one.
    pub step: Option<String>,
    /// The setting (or field) of the step.
    pub setting: Option<String>,
    /// Stable code, for tests and scripts.
    pub code: &'static str,
    /// Japanese sentence.
    pub ja: String,
    /// English sentence.
    pub en: String,
    /// Lines that show the place, such as a formula with a caret; the same in both languages.
    pub picture: Option<String>,
    /// Where in the document.
    pub position: Option<Position>,
}

impl Problem {
    /// A problem without a place; the `in_step`, `in_setting` and `at` methods add it.
    pub fn new(code: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { step: None, setting: None, code, ja: ja.into(), en: en.into(), picture: None, position: None }
    }

    /// Names the step.
    #[must_use]
    pub fn in_step(mut self, step: impl Into<String>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// Names the step; where the problem is one of a step inside it, `outer/inner`.
    #[must_use]
    pub fn around(mut self, outer: &str) -> Self {
        self.step = Some(match self.step {
            Some(inner) => format!("{outer}/{inner}"),
            None => outer.to_owned(),
        });
        self
    }

    /// Names the setting.
    #[must_use]
    pub fn in_setting(mut self, setting: impl Into<String>) -> Self {
        self.setting = Some(setting.into());
        self
    }

    /// Gives the position.
    #[must_use]
    pub fn at(mut self, position: impl Into<Option<Position>>) -> Self {
        self.position = position.into();
        self
    }

    /// Adds lines that show the place.
    #[must_use]
    pub fn with_picture(mut self, picture: impl Into<String>) -> Self {
        self.picture = Some(picture.into());
        self
    }

    /// The problem as lines for a terminal: place, step, sentence, picture.
    pub fn render(&self, japanese: bool) -> String {
        let mut out = String::new();
        if let Some(position) = self.position {
            out.push_str(&format!("{position}: "));
        }
        match (&self.step, &self.setting) {
            (Some(step), Some(setting)) => out.push_str(&format!("[{step} / {setting}] ")),
            (Some(step), None) => out.push_str(&format!("[{step}] ")),
            (None, Some(setting)) => out.push_str(&format!("[{setting}] ")),
            (None, None) => {}
        }
        out.push_str(if japanese { &self.ja } else { &self.en });
        out.push_str(&format!(" ({})", self.code));
        for line in self.picture.iter().flat_map(|p| p.lines()) {
            out.push_str("\n    ");
            out.push_str(line.trim_end());
        }
        out
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problem {}

/// The name of `names` that was probably meant, if one is near enough.
///
/// Case and width are ignored first; then at most a third of the characters may differ.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |t: &str| {
        use unicode_normalization::UnicodeNormalization as _;
        t.nfkc().collect::<String>().to_lowercase()
    };
    let folded = fold(wrong);
    let allowed = (folded.chars().count() / 3).max(1);
    names
        .into_iter()
        .map(|name| {
            let other = fold(name);
            let contained =
                !folded.is_empty() && (other.contains(&folded) || folded.contains(&other)) && !other.is_empty();
            let distance = strsim::osa_distance(&folded, &other);
            // Half of a Japanese name is often all that was typed, so a part counts as near.
            (if contained { distance.min(allowed) } else { distance }, name)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// ` もしかして「X」ですか。` and ` Did you mean "X"?`, or what can be chosen where nothing is near.
pub fn proposal<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> (String, String) {
    if let Some(name) = nearest(wrong, names.clone()) {
        return (format!("もしかして「{name}」ですか。"), format!(" Did you mean \"{name}\"?"));
    }
    const SHOWN: usize = 12; // more does not help a reader
    let all: Vec<&str> = names.into_iter().collect();
    if all.is_empty() {
        return (String::new(), String::new());
    }
    let more = all.len() > SHOWN;
    let shown = &all[..all.len().min(SHOWN)];
    (
        format!("使えるもの: {}{}。", shown.join("、"), if more { "、…" } else { "" }),
        format!(" Known: {}{}.", shown.join(", "), if more { ", …" } else { "" }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_ignores_case_and_width_and_knows_its_limits() {
        let names = ["受注番号", "商品コード", "Amount", "在庫数"];
        assert_eq!(nearest("amount", names), Some("Amount"));
        assert_eq!(nearest("商品ｺｰﾄﾞ", names), Some("商品コード"));
        assert_eq!(nearest("商品", names), Some("商品コード"));
        assert_eq!(nearest("在個数", names), Some("在庫数"));
        assert_eq!(nearest("まったく別のもの", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn a_problem_is_printed_with_its_place() {
        let p =
            Problem::new("x", "だめ。", "No.").in_step("受注").in_setting("app").at(Position { line: 3, column: 9 });
        assert_eq!(p.to_string(), "3:9: [受注 / app] No. (x)");
        assert_eq!(p.with_picture("a+\n  ^ ").render(true), "3:9: [受注 / app] だめ。 (x)\n    a+\n      ^");
    }
}
