//! Bytes to text and back.

use std::borrow::Cow;

use encoding_rs::{EUC_JP, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flow::plan::file::Encoding;

use super::problem::FileProblem;

/// What encoding_rs calls it. Latin-1 and Shift_JIS are those of Windows, as in browsers.
fn inner(encoding: Encoding) -> &'static encoding_rs::Encoding {
    match encoding {
        Encoding::Utf8 => UTF_8,
        Encoding::Utf16Le => UTF_16LE,
        Encoding::Utf16Be => UTF_16BE,
        Encoding::ShiftJis => SHIFT_JIS,
        Encoding::EucJp => EUC_JP,
        Encoding::Latin1 => WINDOWS_1252,
        Encoding::Gbk => GBK,
    }
}

/// A decoded file.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    /// Its text, without a byte order mark; what cannot be decoded is U+FFFD.
    pub text: Cow<'a, str>,
    /// Whether something could not be decoded.
    pub errors: bool,
}

/// The text of bytes. A byte order mark of another encoding is an error, and so is a NUL.
pub(super) fn decode(bytes: &[u8], encoding: Encoding) -> Result<Decoded<'_>, FileProblem> {
    let expected = inner(encoding);
    let rest = match encoding_rs::Encoding::for_bom(bytes) {
        Some((found, length)) if found == expected => &bytes[length..],
        Some((found, _)) => return Err(FileProblem::OtherEncoding { found: found.name() }),
        None => bytes,
    };
    let (text, errors) = expected.decode_without_bom_handling(rest);
    if text.contains('\0') {
        return Err(FileProblem::Nul);
    }
    Ok(Decoded { text, errors })
}

/// The bytes of a byte order mark.
pub(super) fn mark(encoding: Encoding) -> &'static [u8] {
    match encoding {
        Encoding::Utf8 => b"\xEF\xBB\xBF",
        Encoding::Utf16Le => b"\xFF\xFE",
        Encoding::Utf16Be => b"\xFE\xFF",
        _ => b"",
    }
}

/// Characters that Unicode has twice, and the encodings of Japanese once: a Mac writes the left ones, Windows the right
/// ones, and both mean the same sign.
const TWINS: [(char, char); 7] = [
    ('\u{301C}', '\u{FF5E}'), // wave dash, full-width tilde
    ('\u{2016}', '\u{2225}'), // double line, parallel to
    ('\u{2212}', '\u{FF0D}'), // minus, full-width hyphen
    ('\u{00A2}', '\u{FFE0}'), // cent
    ('\u{00A3}', '\u{FFE1}'), // pound
    ('\u{00AC}', '\u{FFE2}'), // not
    ('\u{00A6}', '\u{FFE4}'), // broken bar
];

/// Writes text in one encoding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoder {
    encoding: Encoding,
}

impl Encoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self { encoding }
    }

    /// The name of the encoding.
    pub(super) fn name(self) -> &'static str {
        self.encoding.name()
    }

    /// The text with only characters that the encoding has; each other one is handed to `instead`, which yields what to
    /// write or ends the writing.
    pub(super) fn fit<'a, E>(
        self,
        text: &'a str,
        mut instead: impl FnMut(char) -> Result<char, E>,
    ) -> Result<Cow<'a, str>, E> {
        if self.encoding.is_unicode() || text.is_ascii() || self.has(text) {
            return Ok(Cow::Borrowed(text));
        }
        let mut fitting = String::with_capacity(text.len());
        let mut bytes = [0; 4];
        for c in text.chars() {
            let twin = TWINS.iter().find(|(left, _)| *left == c).map(|(_, right)| *right);
            fitting.push(if self.has(c.encode_utf8(&mut bytes)) {
                c
            } else if let Some(twin) = twin.filter(|t| self.has(t.encode_utf8(&mut [0; 4]))) {
                twin
            } else {
                instead(c)?
            });
        }
        Ok(Cow::Owned(fitting))
    }

    fn has(self, text: &str) -> bool {
        // The yen sign and the overline would become a backslash and a tilde, which are other characters.
        let stays =
            !matches!(self.encoding, Encoding::ShiftJis | Encoding::EucJp) || !text.contains(['\u{A5}', '\u{203E}']);
        stays && !inner(self.encoding).encode(text).2
    }

    /// The bytes of text that fits.
    pub(super) fn encode(self, text: Vec<u8>) -> Vec<u8> {
        let units = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            String::from_utf8_lossy(&text).encode_utf16().flat_map(bytes).collect()
        };
        match self.encoding {
            Encoding::Utf8 => text,
            Encoding::Utf16Le => units(u16::to_le_bytes),
            Encoding::Utf16Be => units(u16::to_be_bytes),
            other => inner(other).encode(&String::from_utf8_lossy(&text)).0.into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_dropped_or_tell_of_another_encoding() {
        assert_eq!(decode(b"\xEF\xBB\xBFa", Encoding::Utf8).unwrap().text, "a");
        assert_eq!(decode(b"\xFF\xFEa\0", Encoding::Utf16Le).unwrap().text, "a");
        assert_eq!(decode(b"a\0", Encoding::Utf16Le).unwrap().text, "a");
        assert_eq!(
            decode(b"\xFF\xFEa\0", Encoding::Utf8).unwrap_err(),
            FileProblem::OtherEncoding { found: "UTF-16LE" }
        );
        assert_eq!(decode(b"a\0b\0", Encoding::Utf8).unwrap_err(), FileProblem::Nul);
        let broken = decode(b"a\x82", Encoding::ShiftJis).unwrap();
        assert_eq!((broken.text.as_ref(), broken.errors), ("a\u{FFFD}", true));
    }

    #[test]
    fn what_an_encoding_lacks_is_asked_for() {
        let sjis = Encoder::new(Encoding::ShiftJis);
        let fit = |text: &str| sjis.fit(text, |c| if c == '𠮷' { Ok('?') } else { Err(c) }).map(Cow::into_owned);
        assert_eq!(fit("①髙﨑㈱ｱ～").as_deref(), Ok("①髙﨑㈱ｱ～"));
        assert_eq!(fit("𠮷野〜").as_deref(), Ok("?野～"), "one replaced, one written as its twin");
        assert_eq!(fit("¥100"), Err('¥'), "not turned into a backslash");
        assert_eq!(fit("😀"), Err('😀'));
        assert_eq!(Encoder::new(Encoding::Utf16Be).encode("あ".into()), [0x30, 0x42]);
    }
}
