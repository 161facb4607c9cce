//! Tokens with an opening and a closing sign: texts, names in brackets or quotes, parameters.

use super::{Lexer, TokenKind};

impl Lexer<'_> {
    /// `%` behind an operand is a percent sign; elsewhere it opens a parameter.
    pub(super) fn percent(&mut self) {
        let start = self.at;
        let behind_operand = matches!(
            self.tokens.last().map(|t| &t.kind),
            Some(
                TokenKind::Number(_)
                    | TokenKind::Text(_)
                    | TokenKind::Word(_)
                    | TokenKind::Quoted(_)
                    | TokenKind::Parameter(_)
                    | TokenKind::Error(_)
                    | TokenKind::Percent
                    | TokenKind::Close
            )
        );
        self.bump();
        if behind_operand {
            return self.push(start, TokenKind::Percent);
        }
        let body = self.at;
        while let Some(c) = self.raw() {
            if c == '%' || c == '％' {
                let name = self.source[body..self.at].to_owned();
                self.bump();
                if name.is_empty() {
                    break;
                }
                return self.push(start, TokenKind::Parameter(name));
            }
            if c == '\n' {
                break;
            }
            self.bump();
        }
        self.problem(
            start..self.at,
            "formula_parameter",
            "パラメーターは %フィールドコード% の形で書いてください。",
            "Write a parameter as %field code%.",
        );
    }

    /// A text in double quotes; the quote itself is written twice. A text opened by a typographic quote is closed by one.
    pub(super) fn text(&mut self) {
        let start = self.at;
        let open = self.raw().unwrap_or('"');
        let closes = |c: char| match open {
            '“' | '”' => c == '“' || c == '”',
            _ => c == open,
        };
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.raw() {
            self.bump();
            if !closes(c) {
                text.push(c);
                continue;
            }
            if self.raw().is_some_and(closes) {
                text.push(c);
                self.bump();
                continue;
            }
            let kind = match parameter_name(&text) {
                Some(name) => TokenKind::Parameter(name.to_owned()),
                None => TokenKind::Text(text),
            };
            return self.push(start, kind);
        }
        self.problem(
            start..self.source.len(),
            "formula_unclosed_text",
            "文字列が \" で閉じられていません。",
            "The text is not closed with \".",
        );
    }

    /// A name in brackets or single quotes; the closing sign itself is written twice.
    pub(super) fn quoted(&mut self, open: char, close: char) {
        let start = self.at;
        // A full-width opening sign is closed by its full-width partner.
        let close =
            if self.raw() == Some(open) { close } else { char::from_u32(u32::from(close) + 0xFEE0).unwrap_or(close) };
        self.bump();
        let mut name = String::new();
        while let Some(c) = self.raw() {
            self.bump();
            if c == close {
                if self.raw() != Some(close) {
                    if name.is_empty() {
                        return self.problem(
                            start..self.at,
                            "formula_empty_name",
                            "名前が空です。",
                            "The name is empty.",
                        );
                    }
                    return self.push(start, TokenKind::Quoted(name));
                }
                self.bump();
            }
            name.push(c);
        }
        let (ja, en) =
            (format!("名前が {close} で閉じられていません。"), format!("The name is not closed with {close}."));
        self.problem(start..self.source.len(), "formula_unclosed_name", ja, en);
    }
}

/// The name in a text that is nothing but `%name%`, as krewData writes parameters; any other text is text.
fn parameter_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix('%')?.strip_suffix('%')?;
    (!name.is_empty() && !name.contains('%')).then_some(name)
}
