//! Sentences in the two languages that kintone's API answers in here, and the choice between them.

use std::borrow::Cow;

/// A language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// A sentence in Japanese and English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    ja: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Text {
    /// A fixed sentence.
    pub const fn fixed(ja: &'static str, en: &'static str) -> Self {
        Self { ja: Cow::Borrowed(ja), en: Cow::Borrowed(en) }
    }

    /// A sentence with something inserted.
    pub fn made(ja: String, en: String) -> Self {
        Self { ja: Cow::Owned(ja), en: Cow::Owned(en) }
    }

    /// The sentence in one language.
    pub fn tell(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }
}

/// The language that an `Accept-Language` header asks for; `None` for no header, `*` or nothing readable. A language
/// that is neither Japanese nor English gets English.
pub fn asked_language(header: Option<&str>) -> Option<Lang> {
    let first = header?.split(',').next()?.split(';').next()?.trim().to_ascii_lowercase();
    match first.as_str() {
        "" | "*" => None,
        ja if ja == "ja" || ja.starts_with("ja-") => Some(Lang::Ja),
        _ => Some(Lang::En),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_of_the_header_counts() {
        assert_eq!(asked_language(None), None);
        assert_eq!(asked_language(Some("*")), None);
        assert_eq!(asked_language(Some("ja")), Some(Lang::Ja));
        assert_eq!(asked_language(Some("ja-JP,en;q=0.8")), Some(Lang::Ja));
        assert_eq!(asked_language(Some("en-US,ja;q=0.5")), Some(Lang::En));
        assert_eq!(asked_language(Some("fr")), Some(Lang::En));
    }
}
