//! `like` as kintone means it: a search for words in a full-text index, not for a part of the text.
//!
//! Letters and digits of alphabets count as whole words; Japanese is found by any two characters in a row, and a single
//! character only where it stands alone. Case and width are one; signs divide and are dropped.

use unicode_normalization::UnicodeNormalization;

/// As many keywords as one search takes; further ones are left out.
const MAX_KEYWORDS: usize = 10;

/// What a `like` looks for: every keyword, each a run of adjoining pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    keywords: Vec<Vec<Piece>>,
}

/// A stretch of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Found whole or not at all.
    Word(String),
    /// Found by its parts.
    Japanese(String),
}

impl Pattern {
    /// Prepares a search.
    pub fn new(text: &str) -> Pattern {
        let keywords = text.split(char::is_whitespace).map(pieces).filter(|keyword| !keyword.is_empty());
        Pattern { keywords: keywords.take(MAX_KEYWORDS).collect() }
    }

    /// Whether `text` holds every keyword. A search without a keyword finds nothing.
    pub fn is_found_in(&self, text: &str) -> bool {
        if self.keywords.is_empty() || text.is_empty() {
            return false;
        }
        let text = pieces(text);
        self.keywords.iter().all(|keyword| text.windows(keyword.len()).any(|window| adjoin(keyword, window)))
    }
}

/// Whether the keyword's pieces follow one another in this part of the text.
fn adjoin(keyword: &[Piece], window: &[Piece]) -> bool {
    let last = keyword.len() - 1;
    keyword.iter().zip(window).enumerate().all(|(at, pair)| match pair {
        (Piece::Word(word), Piece::Word(found)) => word == found,
        (Piece::Japanese(part), Piece::Japanese(found)) => match (at == 0, at == last) {
            (true, true) if part.chars().nth(1).is_none() => part == found,
            (true, true) => found.contains(part.as_str()),
            (true, false) => found.ends_with(part.as_str()),
            (false, true) => found.starts_with(part.as_str()),
            (false, false) => part == found,
        },
        _ => false,
    })
}

/// Folds case and width, and cuts into pieces; signs only divide.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut open = false;
    for c in text.nfkc().flat_map(char::to_lowercase) {
        let japanese = is_japanese(c);
        if !japanese && !c.is_alphanumeric() && c != '_' {
            open = false;
            continue;
        }
        match pieces.last_mut() {
            Some(Piece::Word(word)) if open && !japanese => word.push(c),
            Some(Piece::Japanese(part)) if open && japanese => part.push(c),
            _ if japanese => pieces.push(Piece::Japanese(c.into())),
            _ => pieces.push(Piece::Word(c.into())),
        }
        open = true;
    }
    pieces
}

/// Kana, kanji and the marks that belong to them; after folding, half-width kana are among the full ones.
fn is_japanese(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}'         // 々 〆 〇
        | '\u{3041}'..='\u{309F}'       // hiragana
        | '\u{30A1}'..='\u{30FA}'       // katakana
        | '\u{30FC}'..='\u{30FF}'       // long vowel and repetition marks
        | '\u{31F0}'..='\u{31FF}'       // small katakana
        | '\u{3400}'..='\u{4DBF}'       // kanji
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}')
}

/// The words of rich text: tags divide, the common entities become their characters.
pub(super) fn visible_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        text.push(' ');
        rest = rest[at..].find('>').map_or("", |end| &rest[at + end + 1..]);
    }
    text.push_str(rest);
    let text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}
