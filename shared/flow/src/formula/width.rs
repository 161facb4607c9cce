//! Half and full width, hiragana and katakana.

/// The half-width forms U+FF61 to U+FF9F in full width, in order.
const KANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";
const FIRST_HALF_KANA: u32 = 0xFF61;
/// Half-width marks of voiced (゛) and half-voiced (゜) kana.
const VOICED: char = 'ﾞ';
const HALF_VOICED: char = 'ﾟ';
/// Signs whose half-width partner is not at the usual distance: as Excel's ASC and JIS pair them.
const PAIRS: [(char, char); 5] = [('\u{3000}', ' '), ('’', '\''), ('”', '"'), ('‘', '`'), ('￥', '\\')];
/// From half-width to full-width ASCII.
const ASCII_DISTANCE: u32 = 0xFEE0;
/// From hiragana to katakana.
const KANA_DISTANCE: u32 = 0x60;

/// True for what a Shift_JIS text holds in one byte: ASCII and half-width katakana.
pub(super) fn is_half(c: char) -> bool {
    c.is_ascii() || ('｡'..='ﾟ').contains(&c)
}

fn full_kana(c: char) -> Option<char> {
    let at = u32::from(c).checked_sub(FIRST_HALF_KANA)?;
    KANA.chars().nth(usize::try_from(at).ok()?)
}

fn half_kana(c: char) -> Option<char> {
    let at = KANA.chars().position(|kana| kana == c)?;
    char::from_u32(FIRST_HALF_KANA + u32::try_from(at).ok()?)
}

/// The voiced form of a katakana: ガ of カ.
fn voiced(c: char) -> Option<char> {
    match c {
        'ウ' => Some('ヴ'),
        _ if "カキクケコサシスセソタチツテトハヒフヘホ".contains(c) => {
            char::from_u32(u32::from(c) + 1)
        }
        _ => None,
    }
}

/// The half-voiced form of a katakana: パ of ハ.
fn half_voiced(c: char) -> Option<char> {
    "ハヒフヘホ".contains(c).then(|| char::from_u32(u32::from(c) + 2)).flatten()
}

/// Half-width katakana in full width, marks of voice joined with their kana; other characters as `other` has them.
fn widen(text: &str, other: impl Fn(char) -> char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(kana) = full_kana(c) else {
            out.push(other(c));
            continue;
        };
        let joined = match chars.peek() {
            Some(&VOICED) => voiced(kana),
            Some(&HALF_VOICED) => half_voiced(kana),
            _ => None,
        };
        if joined.is_some() {
            chars.next();
        }
        out.push(joined.unwrap_or(kana));
    }
    out
}

/// All that has a full-width form, in it: ASCII signs and katakana.
pub(super) fn to_full(text: &str) -> String {
    widen(text, |c| match PAIRS.iter().find(|(_, half)| *half == c) {
        Some((full, _)) => *full,
        None if ('!'..='~').contains(&c) => char::from_u32(u32::from(c) + ASCII_DISTANCE).unwrap_or(c),
        None => c,
    })
}

/// All that has a half-width form, in it: ASCII signs and katakana; ガ becomes two characters. Hiragana and kanji have none.
pub(super) fn to_half(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let back = |distance: u32| u32::from(c).checked_sub(distance).and_then(char::from_u32);
        if let Some((_, half)) = PAIRS.iter().find(|(full, _)| *full == c) {
            out.push(*half);
        } else if ('！'..='～').contains(&c) {
            out.extend(back(ASCII_DISTANCE));
        } else if let Some(half) = half_kana(c) {
            out.push(half);
        } else if c == 'ヴ' {
            out.extend(['ｳ', VOICED]);
        } else if let Some(base) = back(1).filter(|base| voiced(*base) == Some(c)).and_then(half_kana) {
            out.extend([base, VOICED]);
        } else if let Some(base) = back(2).filter(|base| half_voiced(*base) == Some(c)).and_then(half_kana) {
            out.extend([base, HALF_VOICED]);
        } else {
            out.push(c);
        }
    }
    out
}

/// Katakana of either width as hiragana. ヵ and ヶ stay: in 一ヶ月 they are no sound.
pub(super) fn to_hiragana(text: &str) -> String {
    let lower = |c: char| match c {
        'ァ'..='ヴ' | 'ヽ' | 'ヾ' => char::from_u32(u32::from(c) - KANA_DISTANCE).unwrap_or(c),
        other => other,
    };
    widen(text, |c| c).chars().map(lower).collect()
}

/// Hiragana and half-width katakana as full-width katakana.
pub(super) fn to_katakana(text: &str) -> String {
    widen(text, |c| match c {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(u32::from(c) + KANA_DISTANCE).unwrap_or(c),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_width_sign_comes_back() {
        let half: String = (' '..='~').chain('｡'..='ﾟ').collect();
        assert_eq!(to_half(&to_full(&half)), half);
        assert!(to_full(&half).chars().all(|c| !is_half(c)), "{}", to_full(&half));
    }

    #[test]
    fn every_voiced_kana_comes_back() {
        let kana = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ";
        assert_eq!(to_full(&to_half(kana)), kana);
        assert_eq!(to_half(kana).chars().count(), 2 * kana.chars().count());
        assert_eq!(to_katakana(&to_hiragana(kana)), kana);
        assert_eq!(to_full("ｱﾞﾟ"), "ア゛゜");
    }
}
